"""The conversation as the caller experienced it: what they said, and what they heard."""

from collections.abc import Iterable
from dataclasses import replace

from voice_agent.core.attempts import ASKED_BACK
from voice_agent.core.brief import Brief, make_brief
from voice_agent.core.commands import NoteLine
from voice_agent.core.escalation import Rule
from voice_agent.core.events import AnswerDelta
from voice_agent.core.playout import Speech
from voice_agent.core.replies import same_words
from voice_agent.core.words import Citation, Line, RedactedText, Seconds


class Conversation:
    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._outcomes: dict[int, str] = {}
        self.more: tuple[AnswerDelta, ...] = ()
        """Detail that we have just offered."""
        self.replied_to: tuple[AnswerDelta, ...] = ()
        """Detail that we had offered when the caller spoke last."""
        self.kept = True
        """What is said may be kept, in a brief for example."""
        self.frustration = 0.0
        """The strongest so far, 0 to 1."""
        self.calls_before: int | None = None
        """Of this caller; None when their number is not known."""
        self._part = False
        """The last line is the beginning of a sentence that was cut off."""
        self._retold = False
        """That beginning is being said again: the next line of the agent comes in its place."""

    def caller_said(self, text: RedactedText, at: Seconds, *, revised: bool) -> NoteLine:
        """`revised`: in place of the line that `take_back` took."""
        self.replied_to, self.more = self.more, ()
        self.lines.append(Line(speaker="caller", text=text, at=at))
        return NoteLine(line=self.lines[-1], revised=revised)

    def take_back(self) -> None:
        """The caller was not finished: their last line will come again, longer."""
        self.lines.pop()
        self.more = self.replied_to

    def caller_heard(self, speeches: Iterable[Speech], at: Seconds) -> list[NoteLine]:
        notes = []
        for speech in speeches:
            self.lines.append(Line(speaker="agent", text=speech.text, at=at, citations=speech.citations))
            notes.append(NoteLine(line=self.lines[-1], revised=self._retold))
            self._retold = False
        return notes

    def interrupted(self, heard: RedactedText, citations: tuple[Citation, ...], at: Seconds) -> list[NoteLine]:
        """The agent was cut off behind `heard`, the beginning of a sentence; empty when that had not begun."""
        self._part = bool(heard)
        if heard:
            self.lines.append(Line(speaker="agent", text=heard, at=at, interrupted=True, citations=citations))
            return [NoteLine(line=self.lines[-1], revised=self._retold)]
        if not self.lines or self.lines[-1].speaker != "agent":
            return []
        self.lines[-1] = replace(self.lines[-1], interrupted=True)
        return [NoteLine(line=self.lines[-1], revised=True)]

    def not_interrupted(self) -> None:
        """It was nothing, and the sentence is said again from its beginning."""
        if self._part:
            self.lines.pop()
            self._retold = True
        elif self.lines and self.lines[-1].speaker == "agent":
            self.lines[-1] = replace(self.lines[-1], interrupted=False)

    def said_before(self, text: RedactedText) -> bool:
        return any(same_words(text, line.text) for line in self.lines if line.speaker == "caller")

    @property
    def unclear(self) -> tuple[RedactedText, RedactedText] | None:
        """What the caller had asked before their last line, and what we have asked them back; None when we have not.

        Behind several such questions it is all that the caller said since the first.
        """
        asked: list[str] = []
        ours = RedactedText("")
        for index in range(len(self.lines) - 2, -1, -1):
            if self.lines[index].speaker == "caller":
                if self._outcomes.get(index) != ASKED_BACK:
                    break
                asked.insert(0, self.lines[index].text)
            elif not asked:
                ours = self.lines[index].text
        return (RedactedText(" ".join(asked)), ours) if asked else None

    def outcome(self, outcome: str) -> None:
        """What came of the caller's last line."""
        for index in range(len(self.lines) - 1, -1, -1):
            if self.lines[index].speaker == "caller":
                self._outcomes[index] = outcome
                return

    def brief(self, rule: Rule, explanation: str) -> Brief:
        return make_brief(
            lines=self.lines if self.kept else (),
            outcomes=self._outcomes,
            rule=rule,
            explanation=explanation,
            frustration=self.frustration,
            calls_before=self.calls_before,
        )
