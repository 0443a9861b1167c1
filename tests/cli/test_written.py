"""What a conversation that is written down shows of a call."""

from voice_agent.cli.written import Rulebook, Shown
from voice_agent.core.escalation import Condition, Rule
from voice_agent.core.policy import Policy
from voice_agent.core.words import Line, RedactedText, Speaker
from voice_agent.ports import Intent

T = RedactedText
POLICY = Policy()
OFFER = Rule(
    name="two-unanswered",
    when=(Condition(fact="unanswered_in_row", operator="at_least", value=2),),
    then="offer",
    queue="support",
    priority=3,
    reason=T("Two in a row."),
    say=T("Would you like a colleague?"),
)
PERSON = Rule(
    name="person",
    when=(Condition(fact="asks_for_person", operator="is", value=True),),
    then="transfer",
    queue="claims",
    priority=2,
    reason=T("The caller asked."),
    say=T("I'm connecting you."),
)
BOOK = Rulebook(POLICY, (PERSON, OFFER))


def read(*turns: str) -> tuple[list[Line], Shown]:
    """Turns as "caller: words"; one that names a person asks for one."""
    lines = []
    for turn in turns:
        speaker, _, text = turn.partition(": ")
        lines.append(Line(speaker=_speaker(speaker), text=T(text)))
    intents = {
        index: Intent(asks_for_person="person" in line.text, topic=None, frustration=0.8 if "!" in line.text else 0.0)
        for index, line in enumerate(lines)
        if line.speaker == "caller"
    }
    return lines, BOOK.read(lines, intents)


def _speaker(name: str) -> Speaker:
    return {"caller": "caller", "agent": "agent", "person": "person"}[name]  # type: ignore[return-value]


def test_the_policys_sentences_are_counted_for_what_they_mean() -> None:
    _, shown = read(
        "agent: " + POLICY.greeting,
        "caller: where is it",
        "agent: " + POLICY.abstain[0],
        "caller: what does it cost",
        "agent: " + POLICY.abstain[1].upper(),
        "agent: " + POLICY.reprompts[0],
        "caller: and the colour",
    )
    assert (shown.facts.unanswered_in_row, shown.facts.unanswered_total) == (2, 2)
    assert shown.decision.rule == OFFER
    assert shown.outcomes == {1: "not in the documents", 3: "not in the documents"}


def test_an_answer_ends_a_row_and_a_filler_is_no_answer() -> None:
    _, shown = read(
        "caller: where is it",
        "agent: " + POLICY.abstain[0],
        "caller: what does it cost",
        "agent: " + POLICY.fillers[0],
        "agent: It costs ten dollars.",
        "caller: thank you",
    )
    assert (shown.facts.unanswered_in_row, shown.facts.unanswered_total) == (0, 1)
    assert shown.outcomes == {0: "not in the documents", 2: "answered"}


def test_failures_and_missed_words_are_counted() -> None:
    _, shown = read("caller: where is it", "agent: " + POLICY.failure[0], "agent: " + POLICY.no_match[0], "agent: " + POLICY.reprompts[0])
    assert (shown.facts.failures_in_row, shown.facts.no_match_in_row, shown.facts.silences_in_row) == (1, 1, 1)
    assert shown.outcomes == {0: "failed"}


def test_saying_the_same_again_is_a_repetition() -> None:
    _, shown = read("caller: where is my parcel now", "agent: It is on its way.", "caller: where is my parcel now please")
    assert shown.facts.repeats_in_row == 1


def test_a_yes_to_an_offer_is_a_transfer_by_the_rule_that_offered() -> None:
    _, shown = read("caller: where is it", "agent: " + OFFER.say, "caller: yes please")
    assert (shown.decision.decision, shown.decision.rule) == ("transfer", OFFER)
    assert "accepted the offer of rule 'two-unanswered'" in shown.decision.explain


def test_a_yes_to_a_person_where_the_documents_had_nothing_is_a_transfer_too() -> None:
    _, shown = read("caller: where is it", "agent: " + POLICY.abstain[0], "caller: yes")
    assert shown.decision.decision == "transfer"
    assert shown.decision.rule is not None
    assert shown.decision.rule.queue == POLICY.fallback_queue


def test_a_no_to_an_offer_goes_on() -> None:
    _, shown = read("caller: where is it", "agent: " + OFFER.say, "caller: no thank you")
    assert (shown.decision.decision, shown.decision.rule) == ("continue", None)
    assert "declined" in shown.decision.explain


def test_a_yes_to_nothing_is_no_transfer() -> None:
    _, shown = read("agent: It costs ten dollars.", "caller: yes")
    assert shown.decision.decision == "continue"


def test_an_empty_conversation_shows_nothing() -> None:
    lines, shown = read()
    assert shown.decision.decision == "continue"
    assert BOOK.brief(lines, shown).queue == POLICY.fallback_queue


def test_the_brief_tells_who_asked_for_what_and_by_which_rule() -> None:
    lines, shown = read("caller: where is my parcel!", "agent: It is on its way.", "caller: get me a person")
    brief = BOOK.brief(lines, shown)
    assert (brief.headline, brief.queue, brief.rule, brief.mood) == ("where is my parcel!", "claims", "person", "upset")
    assert [attempt.outcome for attempt in brief.tried] == ["answered", "asked for a person"]


def test_a_brief_without_a_rule_says_so() -> None:
    lines, shown = read("caller: where is my parcel")
    brief = BOOK.brief(lines, shown)
    assert (brief.queue, brief.rule, brief.reason) == ("support", "built-in", "No rule asks for a person.")


def test_whoever_is_offered_a_person_may_ask_for_a_call_back() -> None:
    _, shown = read(
        "caller: where is it",
        "agent: " + POLICY.abstain[0],
        "caller: what does it cost",
        "agent: " + OFFER.say,
        "caller: call me back please",
    )
    assert (shown.decision.decision, shown.decision.rule) == ("callback", OFFER)


def test_saying_the_same_again_makes_words_more_upset_than_they_are_and_the_mood_worse() -> None:
    _, shown = read("caller: where is it", "agent: In Boston.", "caller: where is it", "agent: In Boston.", "caller: where is it")

    assert (shown.facts.repeats_in_row, shown.facts.frustration, shown.facts.sentiment_trend) == (2, 0.4, -0.3)
    assert shown.frustration == 0.4
