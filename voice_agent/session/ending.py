"""What a call comes to, noted while it lasts and stored when it ends."""

from collections.abc import Iterable

from voice_agent.core import commands as do
from voice_agent.core.events import Event, HandoverAccepted
from voice_agent.core.words import Seconds
from voice_agent.ports import Outcome
from voice_agent.session.records import Records
from voice_agent.session.ties import Ties


class Ending:
    def __init__(self, ties: Ties, *, records: Records) -> None:
        self._call = ties.call
        self._store = ties.equipment.outcomes
        self._wall = ties.equipment.wall
        self._records = records
        self._started = self._wall()
        self._decided: Seconds | None = None
        self._queue = self._rule = self._agent = ""
        self._offered: Seconds | None = None
        """Since when the caller waits, of the call's own time."""
        self._waited: Seconds | None = None
        """Before that."""

    def happened(self, event: Event, commands: Iterable[do.Command]) -> None:
        if isinstance(event, HandoverAccepted):
            self._agent = event.agent
        for command in commands:
            match command:
                case do.OfferHandover():
                    self._decide(event.at, command.queue, command.brief.rule)
                    self._offered = event.at if self._offered is None else self._offered
                case do.StoreCallback():
                    self._decide(event.at, command.queue, command.brief.rule)
                case do.GatherDigits() if command.rule:
                    self._decide(event.at, command.queue, command.rule)
                case do.ConnectPerson() | do.WithdrawHandover():
                    self._no_longer_waits(event.at)
                case do.ReleaseLeg():
                    self._offered = self._waited = None  # they wait at the carrier: how long, its webhooks will tell

    def finish(self, disposition: do.Disposition) -> None:
        ended = self._wall()
        self._no_longer_waits(ended - self._started)
        outcome = Outcome(
            call=self._call,
            started=self._started,
            ended=ended,
            disposition=disposition,
            queue=self._queue,
            rule=self._rule,
            agent=self._agent,
            time_to_escalation_s=self._decided,
            waiting_s=self._waited,
        )
        self._records.add("outcome", lambda: self._store.keep(outcome))

    def _decide(self, at: Seconds, queue: str, rule: str) -> None:
        self._decided = at if self._decided is None else self._decided
        self._queue, self._rule = queue, rule

    def _no_longer_waits(self, at: Seconds) -> None:
        if self._offered is not None:
            self._waited = (self._waited or 0.0) + at - self._offered
            self._offered = None
