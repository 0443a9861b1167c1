"""A call back that the caller wants: their number is asked for, confirmed by its last digits, and stored.

    typing ──enough digits, and # or a pause──▶ confirming ──yes──▶ storing ──stored──▶ PROMISED
     ▲  └── too few ──▶ once more, then a person     │ no             └── fails ──▶ a person
     └──────────────── once more, then a person ◀────┘            the caller changes the subject: LEFT

     │ a number is said        ▲                  (while confirming, too)
     ▼                         │ enough digits, read back whole
    taking ── too few, or it is not kept ──▶ once more, on the keypad

The number itself is never here: the session holds what is typed, asks the vault for what is said in place of a placeholder, fills in
`LAST_DIGITS` and `WHOLE_NUMBER` as it speaks, and stores the number.
Answers with moves, like a handover.
"""

import re
from dataclasses import replace

from voice_agent.core.commands import Command, GatherDigits, StopGathering, StoreCallback, TakeNumber
from voice_agent.core.conversation import Conversation
from voice_agent.core.escalation import Rule
from voice_agent.core.events import CallbackFailed, CallbackStored, DigitGiven, Event, KeyPressed, NumberTaken
from voice_agent.core.handover import End, Farewell, Instead, Move, Say
from voice_agent.core.keypad import Keypad, Typed
from voice_agent.core.policy import Policy
from voice_agent.core.replies import Meaning, is_spelling
from voice_agent.core.words import RedactedText

LAST_DIGITS = "<LAST_DIGITS>"
"""In a sentence of ours: the last two digits of the number, which only the session can say."""
WHOLE_NUMBER = "<NUMBER>"
"""In the same way, all of them."""
_SAID = re.compile(r"<PHONE(?:_\d+)?>")


class Callback:
    def __init__(self, *, policy: Policy, rule: Rule, explain: str) -> None:
        self._policy = policy
        self.rule = rule
        self._explain = explain
        self._state = "typing"
        self._keypad = Keypad(policy)
        self._asked_again = self._said = False

    @property
    def gathering(self) -> bool:
        return self._state == "typing"

    def _astray(self) -> Move:
        """The caller's number could not be taken: a person is needed now."""
        rule = replace(self.rule, then="transfer", say=self._policy.handing_over)
        return Instead(rule, f"{self._explain} No number to call back on could be taken.")

    def leave(self) -> list[Command]:
        return [StopGathering()] if self.gathering else []

    def begin(self) -> list[Move]:
        gather = GatherDigits(queue=self.rule.queue, rule=self.rule.name)
        return [gather, Say(self.rule.say), Say(self._policy.callback_number)]

    def handle(self, event: Event) -> list[Move]:
        """A key, or what became of the storing. What the state does not expect changes nothing."""
        match event:
            case KeyPressed() | DigitGiven() if self.gathering:
                return self._typed(self._keypad.handle(event))
            case NumberTaken() if self._state == "taking":
                return self._taken(event.digits)
            case CallbackStored() if self._state == "storing":
                return [Farewell(self._policy.callback_stored, "callback")]
            case CallbackFailed() if self._state == "storing":
                return [self._astray()]
        return []

    def late(self) -> list[Move]:
        """Nothing has been typed or said for too long."""
        if self.gathering:
            return self._typed(self._keypad.paused())
        if self._state == "confirming" and not self._asked_again:
            self._asked_again = True
            return self._confirm()
        return self._again() if self._state == "taking" else [self._astray()]

    def spoken(self, text: RedactedText, meaning: Meaning, talk: Conversation) -> list[Move]:  # noqa: PLR0911 - a table of states
        """The caller says something."""
        if self._state in ("storing", "taking"):
            return []
        if number := _SAID.findall(text):
            return self._take(number[-1])
        if self._state == "confirming" and meaning is Meaning.ACCEPTED:
            self._state = "storing"
            return [StoreCallback(queue=self.rule.queue, priority=self.rule.priority, brief=talk.brief(self.rule, self._explain))]
        if self._state == "confirming" and meaning is Meaning.DECLINED:
            return self._again()
        if self.gathering and is_spelling(text):
            return self._again()  # it was not understood as a phone number
        if self.gathering and meaning in (Meaning.ACCEPTED, Meaning.COURTESY, Meaning.OPENING):
            return [Say(self._policy.callback_number)]
        return [End.LEFT]

    def _take(self, placeholder: str) -> list[Move]:
        left = self.leave()
        self._state = "taking"
        return [*left, TakeNumber(placeholder=placeholder)]

    def _taken(self, digits: int) -> list[Move]:
        if not self._policy.least_digits <= digits <= self._policy.most_digits:
            return self._again()
        self._state, self._said = "confirming", True
        return self._confirm()

    def _typed(self, typed: Typed) -> list[Move]:
        match typed:
            case Typed.COMPLETE:
                self._state, self._said = "confirming", False
                return [StopGathering(), *self._confirm()]
            case Typed.TOO_FEW:
                return self._again()
        return [GatherDigits()] if typed is Typed.ANEW else []

    def _confirm(self) -> list[Move]:
        policy = self._policy
        said, typed = policy.callback_spoken.replace("{number}", WHOLE_NUMBER), policy.callback_confirm.replace("{ending}", LAST_DIGITS)
        return [Say(RedactedText(said if self._said else typed))]

    def _again(self) -> list[Move]:
        if self._asked_again:
            return [self._astray()]
        self._asked_again, self._state, self._keypad = True, "typing", Keypad(self._policy)
        return [GatherDigits(), Say(self._policy.callback_again)]
