"""When the assistant should leave the call to a person: the rules, asked with the facts as the call goes on.

Rules are asked at four moments: when the caller's words are understood, with the facts of that turn; when something
came to nothing, with the counters as well; when a key is pressed; and when the assistant cannot go on. Counters speak
only when they change, so that an offer which was passed over is not made again before the next failure.
"""

from collections.abc import Sequence
from dataclasses import replace

from voice_agent.core.escalation import CONTINUE, Decision, Facts, Rule, decide
from voice_agent.core.events import CallerRecognised, CallStarted, JobFailed, ShutdownRequested
from voice_agent.core.mood import Mood
from voice_agent.core.policy import Policy
from voice_agent.core.tally import Tally
from voice_agent.core.turn import Turn
from voice_agent.core.words import RedactedText, Seconds

SILENT_SPEECHES = 3
"""This many speeches in a row that did not reach the caller mean that the voice is broken, whatever the rules say."""


class Judgement:
    def __init__(self, policy: Policy, rules: Sequence[Rule]) -> None:
        self._policy = policy
        self._rules = tuple(rules)
        self._known = Facts()
        """What holds for all of the call."""
        self.tally = Tally()
        self.mood = Mood()

    def recognised(self, caller: CallerRecognised) -> None:
        self._known = replace(self._known, caller_known=caller.calls_before > 0, calls_this_week=caller.calls_this_week)

    def of_words(self, turn: Turn, at: Seconds) -> Decision:
        words = turn.understood.frustration if turn.understood else 0.0
        self.mood.note(words, repeats=self.tally.repeats_in_row, level=turn.level)
        return decide(self._rules, replace(self._facts(turn, at), repeats_in_row=self.tally.repeats_in_row))

    def _facts(self, turn: Turn, at: Seconds) -> Facts:
        return self.mood.added_to(turn.facts(at, self._known)) if turn.understood else turn.facts(at, self._known)

    def of_key(self, key: str, at: Seconds) -> Decision:
        """Only rules that ask for a key: a stray one does no harm."""
        about_keys = [rule for rule in self._rules if any(condition.fact == "key" for condition in rule.when)]
        return decide(about_keys, replace(self._known, key=key, minutes_in_call=at / 60))

    def of_outcome(self, turn: Turn, at: Seconds) -> Decision:
        return decide(self._rules, self.tally.added_to(self._facts(turn, at)))

    def of_answer(self, turn: Turn, at: Seconds) -> Decision:
        """All of an answer is on its way to the caller's ear."""
        sure = turn.found is None or turn.found.confidence >= self._policy.sure_confidence
        self.tally.answered(sure=sure)
        return CONTINUE if sure else self.of_outcome(turn, at)

    def of_excuse(self, phrases: Sequence[RedactedText], count: int, turn: Turn, at: Seconds) -> Decision | RedactedText:
        """Something came to nothing for the `count`th time: a decision, else the next phrase; none is said twice."""
        decision = self.of_outcome(turn, at)
        if decision.rule:
            return decision
        return phrases[count - 1] if count <= len(phrases) else self.of_no_way_on("Everything else has been tried.", Facts())

    def of_silent_voice(self) -> Decision:
        """A speech did not reach the caller. A voice that fails again and again is no voice."""
        decision = decide(self._rules, Facts(failures_in_row=self.tally.failures_in_row))
        if decision.decision == "transfer":
            return decision
        # An offer would not be heard either.
        broken = self.tally.failures_in_row >= SILENT_SPEECHES
        return self.of_no_way_on("The assistant's voice does not work.", Facts()) if broken else CONTINUE

    def of_start(self, event: CallStarted) -> Decision:
        if event.before is None:
            return CONTINUE
        return self.of_no_way_on("The caller's call broke off in the middle, and they came back.", Facts(cut_off=True))

    def of_trouble(self, event: JobFailed | ShutdownRequested) -> Decision:
        if isinstance(event, ShutdownRequested):
            return self.of_no_way_on("The server is shutting down.", Facts(shutting_down=True))
        return self.of_no_way_on("What the caller said could not be cleared of personal data, and was dropped.", Facts())

    def of_no_way_on(self, why: str, facts: Facts) -> Decision:
        """Always a transfer: by a rule if one matches."""
        decision = decide(self._rules, facts)
        if decision.decision == "transfer":
            return decision
        return Decision(decision="transfer", rule=self.own_rule(why), explain=why)

    def own_rule(self, why: str) -> Rule:
        """For a handover that none of the operator's rules asks for."""
        return Rule(
            name="built-in",
            when=(),
            then="transfer",
            queue=self._policy.fallback_queue,
            priority=3,
            reason=RedactedText(why),
            say=self._policy.handing_over,
        )
