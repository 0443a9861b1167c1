"""The asyncio shell of one live call: brings it what happens, and carries out what it asks for.

    leg ─▶ Ear ─┐                                  ┌─▶ Mouth ─▶ leg
                ├─▶ Inbox ─▶ Brain.handle ─commands─┼─▶ Jobs ─▶ models
    queue ──────┘         │                        └─▶ Transfer, Bridge ─▶ queue, store, person
                          └─▶ journal, captions

One task group owns every task of the call. Carrying out a command only ever starts or enqueues something; nothing between
an event and its commands waits. A bug ends this call and no other: the leg is closed, and the carrier's next step is a person.
"""

import asyncio
import logging
import traceback
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from voice_agent.core import commands as do
from voice_agent.core import events as ev
from voice_agent.core.words import Seconds
from voice_agent.errors import PortError, ProtocolError
from voice_agent.ports import Carrier, Digit, MarkReturned, Media
from voice_agent.session.brain import Brain
from voice_agent.session.bridge import Bridge
from voice_agent.session.captions import Captions, Said, Saying
from voice_agent.session.dialled import Dialled
from voice_agent.session.display import Display
from voice_agent.session.ear import Ear
from voice_agent.session.ending import Ending
from voice_agent.session.equipment import Equipment
from voice_agent.session.inbox import Inbox, MakeEvent, closing
from voice_agent.session.jobs import Jobs
from voice_agent.session.journal import Journal
from voice_agent.session.mouth import Mouth
from voice_agent.session.records import Records
from voice_agent.session.ties import Ties
from voice_agent.session.transfer import Transfer
from voice_agent.session.vault import Vault

_log = logging.getLogger(__name__)

CLOSE_WITHIN: Seconds = 5.0
"""For the goodbye of one websocket."""
RECORDS_WITHIN: Seconds = 10.0
"""For everything a call still has to store when it ends."""
MOST_TICKS = 100
"""At one moment: a deadline that does not move would freeze every call of the process."""


class _Over(Exception):  # noqa: N818
    """The call has ended as it should: leave the task group, and cancel what is still running in it."""


class Session:
    """One call, from CallStarted to CloseCall. It begins and finishes the call's record in the store; nobody else does."""

    def __init__(
        self,
        *,
        started: ev.CallStarted,
        carrier_call: str,
        carrier: Carrier,
        equipment: Equipment,
        brain: Brain,
        captions: Captions,
    ) -> None:
        """`started`: at 0; `carrier_call`: the carrier's id of the call."""
        self._started = started
        self._call = started.call
        self._carrier = carrier
        self._equipment = equipment
        self._brain = brain
        self._captions = captions
        self._inbox = Inbox()
        self._group: asyncio.TaskGroup | None = None
        self._broken = False
        self._disposition: do.Disposition | None = None
        self._begin = equipment.monotonic()
        ties = Ties(call=self._call, equipment=equipment, post=self.post, spawn=self._spawn)
        self._ear = Ear(equipment.detector(), speech_probability=equipment.policy.speech_probability)
        self._mouth = Mouth(ties, carrier=carrier, begun=lambda speech, text: captions.show(Saying(speech=speech, text=text)))
        self._vault = Vault(equipment.redactor, equipment.purposes)
        self._jobs = Jobs(ties, ear=self._ear, vault=self._vault, room=self._inbox.room)
        # An offer has a limit of its own, and tells the call when it is reached.
        self._records = Records(call=self._call, within=equipment.policy.queue_within + 1.0)
        self._dialled = Dialled(ties, self._records, self._vault)
        self._ending = Ending(ties, records=self._records)
        self._bridge = Bridge(ties, to_caller=self._mouth.relay, opened=self._joined, left=lambda who: self._transfer.left(who))  # noqa: PLW0108
        self._transfer = Transfer(
            ties, carrier=started.carrier, carrier_call=carrier_call, records=self._records, dismiss=self._bridge.dismiss
        )
        self._display = Display(captions, mouth=self._mouth, jobs=self._jobs, transfer=self._transfer, bridge=self._bridge)
        self._journal = Journal(self._call)
        self._carry_out = self._ways()

    def post(self, make: MakeEvent) -> None:
        """Tell the call what happened outside: an event class (or a `partial` of one) that lacks only its time. Never waits."""
        self._inbox.post(make)

    async def join_person(self, leg: Carrier) -> None:
        """Connect the audio of the person who took the call. Returns when it is over; the one who brought the leg closes it.

        Raises:
            RefusedError: the call is over, or somebody is on it already.
        """
        await self._bridge.join(leg)

    def reveal(self, placeholder: str, *, purpose: str, person: str) -> str:
        """What the caller said where `placeholder` stands, or a RefusedError. The journal tells who asked and for what."""
        original = self._vault.reveal(placeholder, purpose)
        self.post(partial(ev.OriginalShown, placeholder=placeholder, purpose=purpose, person=person))
        return original

    def _joined(self) -> None:
        self._transfer.joined()
        self._display.bridged()

    async def run(self) -> None:
        """Returns when the call is over and every task of it is done. Cancelled, it stores what it knows and leaves the leg open."""
        equipment = self._equipment
        self._journal.open(
            equipment.journals,
            policy=equipment.policy,
            rules=equipment.rules,
            generation=equipment.generation,
            wall=equipment.wall(),
        )
        try:
            async with asyncio.TaskGroup() as self._group:
                try:
                    await self._live()
                finally:
                    await self._leave()
                raise _Over  # noqa: TRY301
        except* _Over:
            pass
        except* Exception as bugs:  # noqa: BLE001
            # This call's misfortune, and not its neighbours'.
            self._report(bugs)
        finally:
            self._vault.close()
            self._dialled.close()
            self._journal.close()
            self._captions.close()

    # ------------------------------------------------------------ living

    async def _live(self) -> None:
        self._transfer.begin()
        try:
            self._tell(self._started)
            for part in (self._listen, self._speak, self._records.run):
                self._spawn(part())
            await self._follow()
        except Exception:
            self._broken = True
            raise

    async def _follow(self) -> None:
        ticks = 0
        while not self._brain.ended:
            deadline = self._brain.next_deadline
            at = self._now()
            if deadline is not None and at >= deadline:
                ticks += 1
                if ticks > MOST_TICKS:
                    raise RuntimeError(f"a deadline of the call did not move in {MOST_TICKS} ticks")
                self._tell(ev.Tick(at=at))
                continue
            ticks = 0
            make = await self._inbox.next(None if deadline is None else deadline - at)
            if make:
                self._tell(make(at=self._now()))

    def _now(self) -> Seconds:
        return self._equipment.monotonic() - self._begin

    def _tell(self, event: ev.Event) -> None:
        commands = self._brain.handle(event)
        self._journal.note(event, commands)
        self._ending.happened(event, commands)
        for command in commands:
            self._carry_out[type(command)](command)
        self._mouth.soothe(on=self._brain.on_hold)
        self._display.happened(event, ended=self._brain.ended)

    def _ways(self) -> dict[type[do.Command], Callable[[Any], None]]:
        """How each command is carried out."""
        return {
            do.Transcribe: self._jobs.transcribe,
            do.Understand: self._jobs.understand,
            do.Retrieve: self._jobs.retrieve,
            do.Generate: self._jobs.generate,
            do.AbandonTurn: lambda command: self._jobs.abandon(command.turn),
            do.Speak: lambda command: self._mouth.say(command.speech, command.text, aloud=self._dialled.aloud(command.text)),
            do.StopSpeaking: lambda _: self._mouth.stop(),
            do.OfferHandover: self._transfer.offer,
            do.WithdrawHandover: lambda _: self._transfer.withdraw(),
            do.ConnectPerson: lambda _: self._bridge.connect(),
            do.ReleaseLeg: lambda _: self._release(),
            do.GatherDigits: lambda _: self._dialled.gather(),
            do.StopGathering: lambda _: self._dialled.stop_gathering(),
            do.TakeNumber: self._dialled.take,
            do.StoreCallback: self._dialled.store,
            do.KeepRecord: lambda command: self._journal.keep(kept=command.kept, at=self._now()),
            do.HangUp: lambda _: self._hang_up(),
            do.NoteLine: lambda command: self._captions.show(Said(line=command.line, revised=command.revised)),
            do.CloseCall: self._over,
        }

    def _release(self) -> None:
        # In this order: the carrier asks what comes next as soon as the stream is closed.
        self._transfer.set_state("handed-over")
        self._records.add("release", self._carrier.close)

    def _hang_up(self) -> None:
        self._spawn(self._close(self._carrier))

    def _over(self, command: do.CloseCall) -> None:
        self._disposition = command.disposition

    # ------------------------------------------------------------ the leg

    async def _listen(self) -> None:
        try:
            async with closing(self._carrier.inbound()) as inbound:
                async for item in inbound:
                    match item:
                        case Media():
                            self._hear(item.payload)
                        case MarkReturned():
                            self._mouth.returned(item.name)
                        case Digit():
                            self.post(partial(self._dialled.pressed, key=item.key))
                    await self._inbox.room()
        except (PortError, ProtocolError) as error:
            _log.warning("call %s: the leg broke: %s", self._call, error.code)
        self.post(ev.CallerHungUp)

    def _hear(self, payload: bytes) -> None:
        if self._bridge.open:
            self._bridge.hear_caller(payload)
            return
        for begin, duration, probability, level in self._ear.take(payload):
            self.post(partial(ev.VoiceActivity, begin=begin, duration=duration, probability=probability, level=level))

    async def _speak(self) -> None:
        try:
            await self._mouth.run()
        except PortError as error:
            _log.info("call %s: the leg takes no audio: %s", self._call, error.code)
            self.post(ev.CallerHungUp)

    async def _close(self, leg: Carrier) -> None:
        try:
            async with asyncio.timeout(CLOSE_WITHIN):
                await leg.close()
        except PortError as error:
            _log.info("call %s: a leg could not be closed: %s", self._call, error.code)
        except TimeoutError:
            _log.warning("call %s: a leg did not close in %g s", self._call, CLOSE_WITHIN)

    # ------------------------------------------------------------ tasks and the end

    def _spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        if self._group is None:
            raise RuntimeError("the call has not begun")
        task = self._group.create_task(work)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and task.exception():
            self._broken = True

    def _report(self, bugs: BaseExceptionGroup[BaseException]) -> None:
        """Where and what kind; never a message, which may hold what a caller said."""
        for bug in bugs.exceptions:
            if isinstance(bug, BaseExceptionGroup):
                self._report(bug)
                continue
            places = " < ".join(f"{f.filename}:{f.lineno} {f.name}" for f in reversed(traceback.extract_tb(bug.__traceback__)))
            _log.error("call %s ended by a bug: %s at %s", self._call, type(bug).__name__, places)

    async def _leave(self) -> None:
        """Inside the task group, so that nobody waits for work that ignores being cancelled."""
        self._mouth.finish()
        if self._broken:
            await self._close(self._carrier)
        self._bridge.finish()
        if self._started.can_bridge and (self._disposition is None or self._transfer.waiting):
            self._transfer.withdraw()  # the caller is gone, and nothing but this process would ever say so
        self._transfer.finish(self._disposition or "failed")
        self._ending.finish(self._disposition or "failed")
        await self._records.finish(RECORDS_WITHIN)
        if self._disposition is not None:
            await self._close(self._carrier)
