"""The few things we ask of Twilio's REST API: ring a person's phone, stop ringing it, give a reserved person back to TaskRouter."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TypeVar

from twilio.base.exceptions import TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from voice_agent.core.words import Seconds
from voice_agent.errors import PortError
from voice_agent.pool import WorkerPool

log = logging.getLogger(__name__)
T = TypeVar("T")

_NOT_IN_PROGRESS = 21220
"""https://www.twilio.com/docs/api/errors/21220: the call is over, so it cannot be changed."""

_FIRST_PAUSE: Seconds = 0.5
"""Before a second try; doubled for each further one."""


class _Again(Exception):  # noqa: N818  a signal between two methods of this file
    """The request did not succeed and may be made again, if that is safe."""

    def __init__(self, reason: str, *, ambiguous: bool) -> None:
        super().__init__(reason)
        self.ambiguous = ambiguous
        """It may have been carried out, although no answer said so."""


class TwilioRest:
    """Requests with a timeout of our own, on a few threads of their own, repeated only where that is safe.

    A request that Twilio refused to look at (429) is made again. One whose fate is unknown (5xx, a timeout, a broken
    connection) is made again when it changes something, because doing that twice is doing it once; never when it places
    a call, because two phones would ring.
    """

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        *,
        base_url: str | None = None,
        timeout: Seconds = 5.0,
        tries: int = 3,
        sleep: Callable[[Seconds], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`base_url`: another server than Twilio's. `timeout`: for each try."""
        # Its own logger writes every URL and header at INFO.
        quiet = logging.getLogger(f"{__name__}.http")
        quiet.setLevel(logging.WARNING)
        self._http = TwilioHttpClient(timeout=timeout, logger=quiet)
        self._client = Client(account_sid, auth_token, http_client=self._http)
        if base_url is not None:
            self._client.api.base_url = self._client.taskrouter.base_url = base_url
        self._timeout = timeout
        self._tries = tries
        self._sleep = sleep
        self._pool = WorkerPool("twilio-rest", workers=4, waiting=32)

    async def dial_person(self, to: str, from_: str, *, twiml: str, status_url: str, ring_for: Seconds = 30) -> str:
        """Call a person's phone and play `twiml` when they answer. Returns the new call's sid.

        `to` and `from_` in E.164; `from_` is a number of the account. Twilio posts to `status_url` when that call is
        over, also when nobody answered within `ring_for`.

        Raises:
            PortError: code "carrier-refused" (the request is wrong, or the account may not), "carrier-busy" (retry
                later), "carrier-unsure" (the phone may ring all the same).
        """

        def place() -> str:
            sid: str = self._client.calls.create(to=to, from_=from_, twiml=twiml, status_callback=status_url, timeout=round(ring_for)).sid
            return sid

        return await self._request("placing a call", place, repeatable=False)

    async def stop_ringing(self, call_sid: str) -> None:
        """End a call that nobody has answered; one that somebody has goes on.

        Raises:
            PortError: code "caller-gone", when it is over already: final; otherwise as above.
        """
        await self._request("ending a call", lambda: self._client.calls(call_sid).update(status="canceled"), repeatable=True)

    async def reject_reservation(self, workspace: str, task: str, reservation: str, *, activity: str | None = None) -> None:
        """TaskRouter finds somebody else for the task. `activity`: the sid of what the worker does from now on, such as being away.

        Raises:
            PortError: code "caller-gone", when the task or the reservation is over: final; otherwise as above.
        """

        def reject() -> None:
            found = self._client.taskrouter.v1.workspaces(workspace).tasks(task).reservations(reservation)
            if activity is None:
                found.update(reservation_status="rejected")
            else:
                found.update(reservation_status="rejected", worker_activity_sid=activity)

        await self._request("rejecting a reservation", reject, repeatable=True)

    def close(self) -> None:
        self._pool.close()
        session = self._http.session
        if session is not None:
            session.close()

    async def _request(self, doing: str, job: Callable[[], T], *, repeatable: bool) -> T:
        tried = 0
        while True:
            try:
                return await self._try(doing, job, repeatable=repeatable)
            except _Again as again:
                tried += 1
                log.warning("%s: %s", doing, again)
                if again.ambiguous and not repeatable:
                    raise PortError(f"{doing}: {again}; it may have happened all the same", code="carrier-unsure") from None
                if tried == self._tries:
                    raise PortError(f"{doing}: {again}, {tried} times", code="carrier-busy", retry=True) from None
            await self._sleep(_FIRST_PAUSE * 2 ** (tried - 1))

    async def _try(self, doing: str, job: Callable[[], T], *, repeatable: bool) -> T:
        try:
            async with asyncio.timeout(self._timeout):
                return await self._pool.run(job)
        except TimeoutError:
            raise _Again(f"no answer within {self._timeout:g} s", ambiguous=True) from None
        except (OSError, ValueError) as error:  # a broken connection, or an answer that is no JSON
            raise _Again(type(error).__name__, ambiguous=True) from None
        except (TwilioRestException, TwilioServiceException) as error:
            # Its message may hold a phone number; the code says as much, at twilio.com/docs/api/errors.
            said = f"Twilio answered {error.status} (error {error.code})"
            if error.status == HTTPStatus.TOO_MANY_REQUESTS:
                raise _Again(said, ambiguous=False) from None
            if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise _Again(said, ambiguous=True) from None
            if repeatable and (error.status == HTTPStatus.NOT_FOUND or error.code == _NOT_IN_PROGRESS):
                raise PortError(f"{doing}: {said}: it is over", code="caller-gone") from None
            raise PortError(f"{doing}: {said}", code="carrier-refused") from None
