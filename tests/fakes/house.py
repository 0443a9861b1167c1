"""A House without models: the real core, sessions and routes around a recogniser, documents and a voice that do what the test says."""

import asyncio
import re
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from argon2 import PasswordHasher
from starlette.responses import Response

from tests.fakes.accounts import MemoryAccounts, MemoryAuditLog
from tests.fakes.outcomes import MemoryOutcomeStore
from tests.fakes.speech import FakeDetector
from tests.fakes.stores import MemoryCallbackStore, MemoryCallStore, MemoryHumanQueue
from voice_agent.app.dispatching import Dispatching
from voice_agent.audio.pcm import Pcm
from voice_agent.core.escalation import Condition, Rule
from voice_agent.core.policy import Policy
from voice_agent.core.words import Line, Passage, RedactedText
from voice_agent.ports import Account, AnswerSentence, Entity, Finding, Handover, Intent, Redaction, Roster, Transcript
from voice_agent.server.calls import LiveCalls
from voice_agent.server.doorkeeper import LOCAL_HOSTS, Access
from voice_agent.server.house import House
from voice_agent.server.sessions import Sessions
from voice_agent.server.twilio import TwilioGate
from voice_agent.session.equipment import Equipment
from voice_agent.session.replay import broken_off

T = RedactedText

QUICK = Policy(
    notice=(T("Hello, this is the assistant."),),
    greeting=T("How can I help?"),
    waiting=(T("You are number {position} in the line."),),
    handing_over=T("I am getting you a colleague."),
    connected=T("You are through now."),
    end_pause=0.4,
    no_input_after=60.0,
    wait_notice_every=60.0,
)
"""Short sentences and pauses, so that a test need not wait for a polite one."""

PERSON = Rule(
    name="asked_for_person",
    when=(Condition(fact="asks_for_person", operator="is", value=True),),
    then="transfer",
    queue="support",
    priority=2,
    reason=T("The caller asked for a person."),
    say=T("Of course."),
)
ZERO = Rule(
    name="key_zero",
    when=(Condition(fact="key", operator="is", value="0"),),
    then="transfer",
    queue="support",
    priority=3,
    reason=T("The caller pressed 0."),
    say=T("Of course."),
)
LEAVING = Rule(
    name="shutting_down",
    when=(Condition(fact="shutting_down", operator="is", value=True),),
    then="transfer",
    queue="support",
    priority=1,
    reason=T("The service stops."),
    say=T("Of course."),
)


BASE = "https://voice.example.com"
AUTH_TOKEN = "the account's auth token"
PASSWORD = "correct horse battery"
_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
"""Quick, for tests."""
MAYA = Account(name="Maya", role="supervisor", queues=(), password=_HASH, changed=0.0)
DANIEL = Account(name="Daniel", role="agent", queues=("support",), password=_HASH, changed=0.0)


def _passage(source: str, title: str, text: str, heading: str = "", updated: str = "") -> Passage:
    return Passage(source=source, title=title, heading=heading, text=T(text), score=0.8, updated=updated)


RETURNS = _passage("kb/returns.md", "Returns and exchanges", "You can send anything back within thirty days of delivery.")
LABEL = _passage("kb/how-to-return.md", "How to return", "The label is in your account, under Orders.")
HOURS = _passage("kb/hours.md", "Stores and hours", "Our stores open at nine on weekdays.", "Stores > Weekdays", "2026-05-19")
PASSAGES = {"return": (RETURNS, LABEL), "open": (HOURS,)}
"""By a word of the question. The answer is the passages' own words."""


@dataclass(kw_only=True)
class Script:
    """What callers say, one utterance after the other; the last is said again and again."""

    says: deque[str]

    async def transcribe(self, audio: Pcm) -> Transcript:
        await asyncio.sleep(0.2)
        text = self.says.popleft() if len(self.says) > 1 else self.says[0]
        return Transcript(text=text, no_speech=0.02, confidence=0.9)


class Hums:
    """A voice: a tone of `hertz`, a twentieth of a second for each letter."""

    def __init__(self, hertz: float = 600.0) -> None:
        self.hertz = hertz

    async def speak(self, text: str) -> AsyncIterator[Pcm]:
        await asyncio.sleep(0.02)
        at = np.arange(round(len(text) * 0.05 * 8000)) / 8000
        yield Pcm(samples=(9000 * np.sin(2 * np.pi * self.hertz * at)).astype(np.int16), rate=8000)


class NumberRedactor:
    """Long numbers are accounts."""

    async def redact(self, text: str, *, after: str = "") -> Redaction:
        entities = tuple(Entity(type="ACCOUNT", start=m.start(), end=m.end()) for m in re.finditer(r"\d[\d ]{6,}\d", text))
        originals = tuple(text[e.start : e.end].replace(" ", "") for e in entities)
        return Redaction(text=T(re.sub(r"\d[\d ]{6,}\d", "<ACCOUNT>", text)), entities=entities, originals=originals)


class Intents:
    async def recognize(self, text: RedactedText) -> Intent:
        upset = 0.5 if "!" in text else 0.0
        return Intent(asks_for_person="person" in text, topic=None, frustration=upset)


class Documents:
    async def find(self, query: RedactedText) -> Finding:
        for word, passages in PASSAGES.items():
            if word in query.lower():
                return Finding(passages=passages, confidence=0.9, clarify=T(""), reason="scripted")
        return Finding(passages=(), confidence=0.1, clarify=T(""), reason="scripted")


class Writer:
    async def write(self, question: RedactedText, passages: Sequence[Passage], history: Sequence[Line]) -> AsyncIterator[AnswerSentence]:
        for passage in passages:
            yield AnswerSentence(text=passage.text, citations=(passage.cited(),))


@dataclass(kw_only=True)
class Stage:
    """What a test may change before, or look at behind, its house."""

    journals: Path
    says: Sequence[str] = ("I would like to talk to a person.",)
    policy: Policy = QUICK
    rules: tuple[Rule, ...] = (PERSON, ZERO, LEAVING)
    max_calls: int = 5
    demo: bool = True
    allowed_hosts: tuple[str, ...] = LOCAL_HOSTS
    accounts: MemoryAccounts = field(default_factory=lambda: MemoryAccounts(MAYA, DANIEL))
    audit: MemoryAuditLog = field(default_factory=MemoryAuditLog)
    first_link: str = ""
    company: str = "Maple & Reed"
    wall: Callable[[], float] = time.time
    queue: MemoryHumanQueue = field(default_factory=lambda: MemoryHumanQueue(time.time))
    store: MemoryCallStore = field(default_factory=MemoryCallStore)
    callbacks: MemoryCallbackStore = field(default_factory=MemoryCallbackStore)
    roster: Roster | None = None
    """The queue's own unless it is given."""
    outcomes: MemoryOutcomeStore = field(default_factory=MemoryOutcomeStore)
    rung: list[Handover] | None = None
    """The calls for which a person's phone was rung; None when no phone is set up."""
    twilio: bool = False
    """Its routes are open to whoever signs with `AUTH_TOKEN`, for `BASE`."""

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(accounts=self.accounts, wall=lambda: time.time())  # noqa: PLW0108  tests move the clock

    def cookie(self, account: Account = MAYA) -> dict[str, str]:
        """Of somebody who has signed in just now."""
        answer = Response()
        self.sessions.begin(account, answer, secure=False)
        (text,) = (value for name, value in answer.headers.items() if name == "set-cookie")
        name, _, value = text.partition(";")[0].partition("=")
        return {name: value}

    def equipment(self) -> Equipment:
        if isinstance(self.queue, MemoryHumanQueue):
            self.callbacks.tell = self.queue.tell
        return Equipment(
            detector=FakeDetector,
            recognizer=Script(says=deque(self.says)),
            redactor=NumberRedactor(),
            purposes={"callback": frozenset({"ACCOUNT"})},
            intents=Intents(),
            knowledge=Documents(),
            writer=Writer,
            voice=Hums(),
            queue=self.queue,
            roster=self.roster or self.queue.roster,
            store=self.store,
            callbacks=self.callbacks,
            outcomes=self.outcomes,
            policy=self.policy,
            rules=self.rules,
            journals=self.journals,
            monotonic=time.monotonic,
            wall=self.wall,
        )

    def house(self) -> House:
        equipment = self.equipment()
        calls = LiveCalls(equipment=equipment, max_calls=self.max_calls)
        return House(
            company=self.company,
            equipment=equipment,
            calls=calls,
            access=Access(sessions=self.sessions, allowed_hosts=self.allowed_hosts, demo=self.demo),
            accounts=self.accounts,
            audit=self.audit,
            twilio=self._gate(calls),
            ring=None if self.rung is None else self._ring,
            upkeep=(Dispatching(self.queue, ring_for=lambda: self.policy.ring_for).run,),
        )

    def _gate(self, calls: LiveCalls) -> TwilioGate:
        return TwilioGate(
            account_sid="AC1" if self.twilio else None,
            auth_token=AUTH_TOKEN if self.twilio else None,
            public_base_url=BASE if self.twilio else None,
            store=self.store,
            queue=self.queue,
            callbacks=self.callbacks,
            outcomes=self.outcomes,
            open_call=calls.answer_twilio,
            accepting=lambda: calls.accepting,
            recall=lambda call: broken_off(self.journals, call, since=0.0) or (),
            wall=time.time,
        )

    async def _ring(self, handover: Handover) -> None:
        if self.rung is not None:
            self.rung.append(handover)
