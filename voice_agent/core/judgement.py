"""When the assistant should leave the call to a person: the rules, asked with the facts as the call goes on.

Rules are asked at four moments: when the caller's words are understood, with the facts of that turn; when something
came to nothing, with the counters as well; when a key is pressed; and when the assistant cannot go on. Counters speak
only when they change, so that an offer which was passed over is not made again before the next failure.
"""

from collections.abc import Sequence
from dataclasses import replace

from voice_agent.core.escalation import CONTINUE, Decision, Facts, QueueState, Rule, decide
from voice_agent.core.events import CallerRecognised, CallStarted, JobFailed, QueuesSeen, ShutdownRequested
from voice_agent.core.mood import Mood
from voice_agent.core.policy import Policy
from voice_agent.core.replies import Meaning
from voice_agent.core.tally import Tally
from voice_agent.core.turn import Turn
from voice_agent.core.wishes import Wish, wish_of
from voice_agent.core.words import RedactedText, Seconds

SILENT_SPEECHES = 3
"""This many speeches in a row that did not reach the caller mean that the voice is broken, whatever the rules say."""


class Judgement:
    def __init__(self, policy: Policy, rules: Sequence[Rule]) -> None:
        self._policy = policy
        self._rules = tuple(rules)
        self._known = Facts()
        """What holds for all of the call."""
        self._calls_before: int | None = None
        self._queues: dict[str, QueueState] = {}
        self._turned_away = 0
        self._said: set[RedactedText] = set()
        """Excuses, and offers that came with one."""
        self.tally = Tally()
        self.mood = Mood()

    def told(self, event: CallerRecognised | QueuesSeen) -> int | None:
        """How often the caller has called before, as far as that is known."""
        if isinstance(event, QueuesSeen):
            self._queues = {state.queue: state for state in event.queues}
        else:
            self._calls_before = event.calls_before
            known, week = event.calls_before > 0, event.calls_this_week
            self._known = replace(self._known, caller_known=known, calls_this_week=week, tier=event.tier)
        return self._calls_before

    def manned(self, rule: Rule) -> bool:
        """Somebody may be there to take a call of this rule's queue: as far as we know."""
        queue = self._queues.get(rule.queue, QueueState(queue=rule.queue))
        return queue.open and queue.staffed

    def taken_up(self, offer: Rule, text: RedactedText, meaning: Meaning) -> Decision | None:
        """What the caller says to an offer of a person: yes, or that they would rather be called back. None for anything else."""
        if wish_of(text) is Wish.CALL_BACK:
            return self.accepted(replace(offer, then="callback"))
        return self.accepted(offer) if meaning is Meaning.ACCEPTED else None

    def accepted(self, offer: Rule) -> Decision:
        """The caller says yes to it."""
        explain = f"The caller accepted the offer of rule {offer.name!r}."
        if offer.then == "callback":
            return Decision(decision="callback", rule=replace(offer, say=RedactedText("")), explain=explain)
        rule = replace(offer, then="transfer", say=self._policy.handing_over)
        return self._if_open(Decision(decision="transfer", rule=rule, explain=explain))

    def _decide(self, facts: Facts) -> Decision:
        return self._if_open(decide(self._rules, facts, self._queues))

    def _if_open(self, decision: Decision) -> Decision:
        """Whoever would be handed to a queue that takes no calls is told so, and offered to be called back."""
        rule = decision.rule
        queue = self._queues.get(rule.queue) if rule and rule.then != "callback" else None
        if rule is None or queue is None or queue.open:
            return decision
        phrases, why = (self._policy.full, "is full") if queue.business_hours else (self._policy.closed, "is closed at this hour")
        say = phrases[self._turned_away % len(phrases)]
        self._turned_away += 1
        return Decision(
            decision="offer", rule=replace(rule, then="callback", say=say), explain=f"{decision.explain} Queue {rule.queue!r} {why}."
        )

    def of_words(self, turn: Turn, at: Seconds) -> Decision:
        words = turn.understood.frustration if turn.understood else 0.0
        self.mood.note(words, repeats=self.tally.repeats_in_row, level=turn.level)
        return self._decide(replace(self._facts(turn, at), repeats_in_row=self.tally.repeats_in_row))

    def _facts(self, turn: Turn, at: Seconds) -> Facts:
        return self.mood.added_to(turn.facts(at, self._known)) if turn.understood else turn.facts(at, self._known)

    def of_key(self, key: str, at: Seconds) -> Decision:
        """Only rules that ask for a key: a stray one does no harm."""
        about_keys = [rule for rule in self._rules if any(condition.fact == "key" for condition in rule.when)]
        return self._if_open(decide(about_keys, replace(self._known, key=key, minutes_in_call=at / 60), self._queues))

    def of_outcome(self, turn: Turn, at: Seconds) -> Decision:
        """An offer that has been made already is not made again in the same words."""
        decision = self._decide(self.tally.added_to(self._facts(turn, at)))
        if decision.rule is None or decision.decision != "offer":
            return decision
        return decision if self._first_time(decision.rule.say) else CONTINUE

    def _first_time(self, words: RedactedText) -> bool:
        known = words in self._said
        self._said.add(words)
        return not known

    def of_answer(self, turn: Turn, at: Seconds) -> Decision:
        """All of an answer is on its way to the caller's ear."""
        sure = turn.found is None or turn.found.confidence >= self._policy.sure_confidence
        self.tally.answered(sure=sure)
        return CONTINUE if sure else self.of_outcome(turn, at)

    def of_excuse(self, phrases: Sequence[RedactedText], turn: Turn, at: Seconds) -> Decision | RedactedText:
        """Something came to nothing: a decision, else the first phrase not yet said in this call. No excuse is given twice."""
        decision = self.of_outcome(turn, at)
        if decision.rule:
            return decision
        unsaid = next(filter(self._first_time, phrases), None)
        return unsaid or self.of_dead_end("Everything else has been tried.", Facts())

    def of_silent_voice(self) -> Decision:
        """A speech did not reach the caller. A voice that fails again and again is no voice."""
        decision = decide(self._rules, Facts(failures_in_row=self.tally.failures_in_row), self._queues)
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

    def of_dead_end(self, why: str, facts: Facts) -> Decision:
        """The assistant can speak and listen, and knows nothing more to say."""
        return self._if_open(self.of_no_way_on(why, facts))

    def of_no_way_on(self, why: str, facts: Facts) -> Decision:
        """Always a transfer, even to a queue that is closed: by a rule if one matches."""
        decision = decide(self._rules, facts, self._queues)
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
