"""Requests to Twilio, against Prism, which checks each one with Twilio's own description of its API."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fakes.twilio_api import Asked, FakeTwilio, serving
from voice_agent.adapters.twilio.rest import TwilioRest
from voice_agent.errors import PortError

ACCOUNT = "AC" + "0a" * 16
CALL = "CA" + "1b" * 16
WORKSPACE, TASK, RESERVATION, AWAY = "WS" + "1b" * 16, "WT" + "2c" * 16, "WR" + "3d" * 16, "WA" + "4e" * 16
PERSON, COMPANY = "+15005550006", "+15005550001"


@pytest.fixture
def twilio(prism: str) -> FakeTwilio:
    return FakeTwilio(prism)


@pytest.fixture
def base_url(twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving(twilio) as url:
        yield url


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def rest(base_url: str, pauses: list[float]) -> Iterator[TwilioRest]:
    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    rest = TwilioRest(ACCOUNT, "auth token", base_url=base_url, timeout=5, sleep=sleep)
    yield rest
    rest.close()


async def dial(rest: TwilioRest) -> str:
    return await rest.dial_person(
        PERSON, COMPANY, twiml="<Response/>", status_url="https://voice.example.com/twilio/agent-answered?call=CA1"
    )


async def reject(rest: TwilioRest) -> None:
    await rest.reject_reservation(WORKSPACE, TASK, RESERVATION)


def error(status: int, code: int, message: str = "Number +15005550006 is unverified") -> tuple[int, Any]:
    return status, {"status": status, "code": code, "message": message, "more_info": f"https://www.twilio.com/docs/errors/{code}"}


async def test_a_person_is_dialled_as_the_description_of_the_api_asks(rest: TwilioRest, twilio: FakeTwilio) -> None:
    sid = await dial(rest)

    assert twilio.wrong == []
    assert sid == "CA" + "a" * 32
    assert twilio.asked == [
        Asked(
            f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json",
            {
                "To": PERSON,
                "From": COMPANY,
                "Twiml": "<Response/>",
                "StatusCallback": "https://voice.example.com/twilio/agent-answered?call=CA1",
                "Timeout": "30",
            },
            "Basic " + b64encode(f"{ACCOUNT}:auth token".encode()).decode(),
        )
    ]


async def test_a_phone_stops_ringing_as_the_description_of_the_api_asks(rest: TwilioRest, twilio: FakeTwilio) -> None:
    await rest.stop_ringing(CALL)

    assert twilio.wrong == []
    assert [(a.path, a.fields) for a in twilio.asked] == [(f"/2010-04-01/Accounts/{ACCOUNT}/Calls/{CALL}.json", {"Status": "canceled"})]


@pytest.mark.parametrize(("activity", "told"), [(None, {}), (AWAY, {"WorkerActivitySid": AWAY})])
async def test_a_reservation_is_rejected_as_the_description_of_the_api_asks(
    rest: TwilioRest, twilio: FakeTwilio, activity: str | None, told: dict[str, str]
) -> None:
    await rest.reject_reservation(WORKSPACE, TASK, RESERVATION, activity=activity)

    assert twilio.wrong == []
    assert [(a.path, a.fields) for a in twilio.asked] == [
        (f"/v1/Workspaces/{WORKSPACE}/Tasks/{TASK}/Reservations/{RESERVATION}", {"ReservationStatus": "rejected", **told})
    ]


@pytest.mark.parametrize("answer", [error(404, 20404), error(400, 21220), error(409, 21220)])
async def test_what_is_over_at_twilio_is_final(rest: TwilioRest, twilio: FakeTwilio, answer: tuple[int, Any]) -> None:
    twilio.answers = [answer]

    with pytest.raises(PortError) as gone:
        await reject(rest)

    assert (gone.value.code, gone.value.retry) == ("caller-gone", False)
    assert len(twilio.asked) == 1


async def test_what_twilio_did_not_look_at_is_asked_again_after_growing_pauses(
    rest: TwilioRest, twilio: FakeTwilio, pauses: list[float]
) -> None:
    twilio.answers = [error(429, 20429), error(429, 20429)]

    assert await dial(rest)
    assert len(twilio.asked) == 3
    assert pauses == [0.5, 1.0]


async def test_a_twilio_that_stays_busy_is_given_up_on(rest: TwilioRest, twilio: FakeTwilio, pauses: list[float]) -> None:
    twilio.answers = [error(429, 20429)] * 9

    with pytest.raises(PortError) as busy:
        await dial(rest)

    assert (busy.value.code, busy.value.retry) == ("carrier-busy", True)
    assert (len(twilio.asked), pauses) == (3, [0.5, 1.0])


@pytest.mark.parametrize("answer", [error(500, 20500), error(503, 20503), (502, b"<html>Bad gateway"), (0, None), (200, b"no json")])
async def test_a_phone_that_may_ring_already_is_not_dialled_again(rest: TwilioRest, twilio: FakeTwilio, answer: tuple[int, Any]) -> None:
    twilio.answers = [answer]

    with pytest.raises(PortError) as unsure:
        await dial(rest)

    assert (unsure.value.code, unsure.value.retry) == ("carrier-unsure", False)
    assert len(twilio.asked) == 1


@pytest.mark.parametrize("answer", [error(500, 20500), error(503, 20503), (502, b"<html>Bad gateway"), (0, None), (200, b"no json")])
async def test_a_rejection_is_asked_again_when_its_fate_is_unknown(rest: TwilioRest, twilio: FakeTwilio, answer: tuple[int, Any]) -> None:
    twilio.answers = [answer]

    await reject(rest)

    assert len(twilio.asked) == 2


@pytest.mark.parametrize("dialling", [True, False])
async def test_a_twilio_that_never_answers_is_not_waited_for(base_url: str, twilio: FakeTwilio, dialling: bool) -> None:
    rest = TwilioRest(ACCOUNT, "auth token", base_url=base_url, timeout=0.05, tries=1)
    twilio.answers = [(-1, None)]
    try:
        with pytest.raises(PortError) as failure:
            await (dial(rest) if dialling else reject(rest))
    finally:
        rest.close()

    assert failure.value.code == ("carrier-unsure" if dialling else "carrier-busy")


async def test_a_refusal_is_final_and_names_twilios_code_but_no_phone_number(
    rest: TwilioRest, twilio: FakeTwilio, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="voice_agent")
    twilio.answers = [error(400, 21219)]

    with pytest.raises(PortError) as refusal:
        await dial(rest)

    assert (refusal.value.code, refusal.value.retry) == ("carrier-refused", False)
    assert "21219" in str(refusal.value)
    assert len(twilio.asked) == 1
    assert "500555" not in str(refusal.value) + caplog.text


async def test_twilios_newer_form_of_an_error_means_the_same(rest: TwilioRest, twilio: FakeTwilio) -> None:
    problem = {"type": "https://www.twilio.com/docs/api/errors/21220", "title": "Not in progress", "status": 400, "code": 21220}
    twilio.answers = [(429, {**problem, "status": 429, "code": 20429}), (400, problem)]

    with pytest.raises(PortError) as gone:
        await reject(rest)

    assert gone.value.code == "caller-gone"
    assert len(twilio.asked) == 2


async def test_nothing_of_a_request_is_logged(rest: TwilioRest, twilio: FakeTwilio, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="voice_agent")
    twilio.answers = [error(429, 20429)]
    await dial(rest)

    assert caplog.messages == ["placing a call: Twilio answered 429 (error 20429)"]


async def test_a_request_that_does_not_fit_the_description_is_refused(base_url: str, twilio: FakeTwilio) -> None:
    rest = TwilioRest(ACCOUNT, "auth token", base_url=base_url)
    try:
        with pytest.raises(PortError) as refusal:
            await rest.reject_reservation("a workspace", TASK, RESERVATION)
    finally:
        rest.close()

    assert refusal.value.code == "carrier-refused"
    assert twilio.wrong
