"""A conversation that is written down: what it shows of a call, as far as the rules of escalation and the brief are concerned.

What the caller heard is only a line of text here, so a line counts as a failed search, a failure or a missed word when it
is one of the sentences that the policy, or a rule about such counts, has for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from voice_agent.core.attempts import ANSWERED, ASKED_FOR_PERSON
from voice_agent.core.brief import Brief, make_brief
from voice_agent.core.escalation import CONTINUE, Decision, Facts, Rule, decide
from voice_agent.core.judgement import Judgement
from voice_agent.core.mood import Mood
from voice_agent.core.policy import Policy
from voice_agent.core.replies import is_no, is_yes, same_words, words_of
from voice_agent.core.tally import Tally
from voice_agent.core.wishes import Wish, wish_of
from voice_agent.core.words import Line, Speaker
from voice_agent.ports import Intent, IntentRecognizer, Redactor

_UNKNOWN, _FAILED, _NO_MATCH, _SILENT, _NOTHING = "not in the documents", "failed", "not understood", "silent", ""
_NOT_ANSWERED = "not answered"
_COUNTED = {
    "unanswered_in_row": _UNKNOWN,
    "unanswered_total": _UNKNOWN,
    "failures_in_row": _FAILED,
    "no_match_in_row": _NO_MATCH,
    "silences_in_row": _SILENT,
}
"""What a rule's sentence means, by the fact that the rule waits for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a conversation shows."""

    facts: Facts
    """At its last caller's line."""
    decision: Decision
    outcomes: Mapping[int, str]
    """What came of each caller's line, by its index; see `make_brief`."""
    frustration: float
    """The strongest, 0 to 1."""


async def redact_lines(turns: Sequence[tuple[Speaker, str]], redactor: Redactor) -> list[Line]:
    """Each turn without personal data."""
    return [Line(speaker=speaker, text=(await redactor.redact(text)).text) for speaker, text in turns]


async def recognize_intents(lines: Sequence[Line], intents: IntentRecognizer) -> dict[int, Intent]:
    """What each caller's line asks for, by its index."""
    return {index: await intents.recognize(line.text) for index, line in enumerate(lines) if line.speaker == "caller"}


class Rulebook:
    """The policy and the rules in force."""

    def __init__(self, policy: Policy, rules: Sequence[Rule]) -> None:
        self._policy = policy
        self._rules = tuple(rules)
        self._meanings = _meanings(policy, self._rules)

    def read(self, lines: Sequence[Line], intents: Mapping[int, Intent]) -> Shown:
        """`intents` of each caller's line, by its index in `lines`."""
        tally, mood, outcomes, said = Tally(), Mood(), dict[int, str](), list[Line]()
        asked: int | None = None
        for index, line in enumerate(lines):
            if line.speaker == "caller":
                tally.spoke(repeated=any(same_words(line.text, other.text) for other in said))
                said.append(line)
                mood.note(intents[index].frustration, repeats=tally.repeats_in_row, level=None)
                asked = index
                if intents[index].asks_for_person:
                    outcomes[index] = ASKED_FOR_PERSON
            elif line.speaker == "agent":
                outcome = self._meanings.get(_plain(line.text), _NOTHING if asked is None else ANSWERED)
                _count(tally, outcome)
                if asked is not None and outcomes.get(asked, _NOT_ANSWERED) == _NOT_ANSWERED:
                    outcomes[asked] = outcome if outcome in (ANSWERED, _UNKNOWN, _FAILED) else _NOT_ANSWERED
                asked = asked if outcome == _NOTHING else None
        facts = mood.added_to(self._facts(lines, intents, tally))
        return Shown(
            facts=facts,
            decision=self._decide(lines, facts),
            outcomes=outcomes,
            frustration=mood.highest,
        )

    def brief(self, lines: Sequence[Line], shown: Shown) -> Brief:
        """What the person who takes the call would get."""
        rule = shown.decision.rule or Judgement(self._policy, self._rules).own_rule("No rule asks for a person.")
        return make_brief(
            lines=lines,
            outcomes=shown.outcomes,
            rule=rule,
            explanation=shown.decision.explain,
            frustration=shown.frustration,
        )

    @staticmethod
    def _facts(lines: Sequence[Line], intents: Mapping[int, Intent], tally: Tally) -> Facts:
        last = max(intents, default=None)
        if last is None:
            return tally.added_to(Facts())
        intent = intents[last]
        now = Facts(asks_for_person=intent.asks_for_person, topic=intent.topic, language_not_spoken=intent.language_not_spoken)
        return replace(tally.added_to(now), minutes_in_call=lines[last].at / 60)

    def _decide(self, lines: Sequence[Line], facts: Facts) -> Decision:
        """As a call would: an offer that was just made is answered before any rule is asked."""
        offer = self._offer_before_last(lines)
        if offer and wish_of(lines[-1].text) is Wish.CALL_BACK:
            return Decision(
                decision="callback", rule=offer, explain=f"Offered a person by rule {offer.name!r}, the caller asks for a call back."
            )
        if offer and is_yes(lines[-1].text):
            return Decision(decision="transfer", rule=offer, explain=f"The caller accepted the offer of rule {offer.name!r}.")
        if offer and is_no(lines[-1].text):
            return replace(CONTINUE, explain=f"The caller declined the offer of rule {offer.name!r}.")
        return decide(self._rules, facts)

    def _offer_before_last(self, lines: Sequence[Line]) -> Rule | None:
        if len(lines) < 2 or lines[-1].speaker != "caller" or lines[-2].speaker != "agent":
            return None
        said = _plain(lines[-2].text)
        for rule in self._rules:
            if rule.then == "offer" and _plain(rule.say) == said:
                return rule
        if said in {_plain(phrase) for phrase in self._policy.abstain}:
            return Judgement(self._policy, self._rules).own_rule("The caller accepted a person when the documents had no answer.")
        return None


def _meanings(policy: Policy, rules: Sequence[Rule]) -> dict[str, str]:
    """What the agent's standing sentences mean; empty for one that means nothing here."""
    found = {_plain(rule.say): next((_COUNTED[c.fact] for c in rule.when if c.fact in _COUNTED), _NOTHING) for rule in rules}
    quiet = (
        *policy.opening,
        policy.greeting,
        *policy.fillers,
        policy.courtesy,
        policy.handing_over,
        policy.offer_declined,
        *policy.waiting,
        policy.declined,
    )
    found |= {_plain(phrase): _NOTHING for phrase in quiet}
    for phrases, meaning in (
        (policy.abstain, _UNKNOWN),
        (policy.failure, _FAILED),
        (policy.no_match, _NO_MATCH),
        (policy.reprompts, _SILENT),
    ):
        found |= {_plain(phrase): meaning for phrase in phrases}
    return found


def _count(tally: Tally, outcome: str) -> None:
    if outcome == ANSWERED:
        tally.answered(sure=True)
    elif outcome == _UNKNOWN:
        tally.unanswered()
    elif outcome == _FAILED:
        tally.failed()
    elif outcome == _NO_MATCH:
        tally.no_match()
    elif outcome == _SILENT:
        tally.silent()


def _plain(text: str) -> str:
    return " ".join(words_of(text))
