"""The parts of the core on their own, where a whole scene would say less."""

import pytest

from tests.world import RULES, rule
from voice_agent.core import events as ev
from voice_agent.core.agent_voice import AgentVoice
from voice_agent.core.brief import brief_of_lost_call, make_brief
from voice_agent.core.commands import OfferHandover
from voice_agent.core.conversation import Conversation
from voice_agent.core.escalation import Condition, Facts, Value, decide
from voice_agent.core.handover import Handover
from voice_agent.core.playout import Playout, Speech
from voice_agent.core.policy import Policy
from voice_agent.core.replies import is_backchannel, is_courtesy, is_goodbye, is_invention, is_no, is_yes, pause_after, same_words
from voice_agent.core.turn_taking import TurnTaking
from voice_agent.core.words import Citation, Line, Passage, RedactedText, SpeechId

T = RedactedText
POLICY = Policy()


@pytest.mark.parametrize(
    ("operator", "value", "found", "holds"),
    [
        ("is", True, True, True),
        ("is", "legal", "fraud", False),
        ("in", ("legal", "fraud"), "fraud", True),
        ("in", ("legal", "fraud"), None, False),
        ("at_least", 2, 2, True),
        ("at_least", 2, 1, False),
        ("at_most", 2, 2, True),
        ("at_most", 2, 3, False),
        ("below", 0.5, 0.4, True),
        ("below", 0.5, 0.5, False),
        ("below", 0.5, None, False),
    ],
)
def test_a_condition_holds_exactly_as_its_operator_says(operator: str, value: Value, found: Value, holds: bool) -> None:
    condition = Condition(fact="topic", operator=operator, value=value)  # type: ignore[arg-type]

    assert condition.holds(Facts(topic=found)) is holds  # type: ignore[arg-type]


def test_the_first_rule_that_matches_wins_and_explains_itself_with_every_fact() -> None:
    rules = (rule("both", topic="legal", unanswered_in_row__at_least=1), rule("legal", topic="legal"))

    decision = decide(rules, Facts(topic="legal", unanswered_in_row=2))

    assert decision.rule is rules[0]
    assert decision.explain == ("Rule 'both' matched: topic = 'legal' (is 'legal') and unanswered_in_row = 2 (is at least 1).")
    assert decide(rules, Facts(topic="legal")).rule is rules[1]
    assert decide(RULES, Facts()).decision == "continue"


@pytest.mark.parametrize(
    ("text", "yes", "no"),
    [
        ("Yes.", True, False),
        ("Yeah, please do that.", True, False),
        ("Okay", True, False),
        ("No, thank you.", False, True),
        ("Nope", False, True),
        ("No, I want to know about returns", False, False),
        ("Is that right for the kettle", False, False),
        ("", False, False),
    ],
)
def test_yes_and_no_are_read_from_whole_short_replies_only(text: str, yes: bool, no: bool) -> None:
    assert (is_yes(text), is_no(text)) == (yes, no)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Okay, bye!", True),
        ("No, that's all.", True),
        ("Nothing else, thanks.", True),
        ("Have a nice day.", True),
        ("Is that all I have to pay for delivery to Chicago or is there anything else on top", False),
        ("How do I buy a kettle?", False),
    ],
)
def test_a_goodbye_is_recognised(text: str, expected: bool) -> None:
    assert is_goodbye(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"), [("Okay, great, thank you.", True), ("Thanks for the kettle", False), ("Oh, well", False), ("", False)]
)
def test_thanks_alone_are_a_courtesy(text: str, expected: bool) -> None:
    assert is_courtesy(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("it's zero seven seven", "digits_pause"),
        ("2, 1, 5", "digits_pause"),
        ("S M I", "digits_pause"),
        ("7", "digits_pause"),
        ("my account is <ACCOUNT>", "digits_pause"),
        ("it's <PHONE_1>.", "digits_pause"),
        ("I'm <NAME>", "end_pause"),
        ("my number is", "open_pause"),
        ("I want to return it because", "open_pause"),
        ("I have a machine and a", "open_pause"),
        ("yes", "reply_pause"),
        ("No, thanks.", "reply_pause"),
        ("Okay, bye.", "reply_pause"),
        ("Wait, sorry.", "open_pause"),
        ("Sorry, one more thing.", "open_pause"),
        ("Hello?", "open_pause"),
        ("What is my number?", "question_pause"),
        ("is it four five?", "question_pause"),
        ("can I return a kettle to a store", "question_pause"),
        ("I bought the Brewster 300", "end_pause"),
        ("my kettle leaks", "end_pause"),
    ],
)
def test_how_long_a_pause_ends_the_turn_depends_on_the_words(text: str, expected: str) -> None:
    assert pause_after(text, POLICY) == getattr(POLICY, expected)


@pytest.mark.parametrize(
    ("text", "voiced", "expected"),
    [
        ("Uh-huh.", 0.8, True),
        ("Okay", 0.4, True),
        ("mm-hmm, right", 0.9, True),
        ("Mama.", 0.4, True),
        ("Mama.", 0.7, False),
        ("Stop.", 0.3, False),
        ("okay stop", 0.5, False),
        ("", 0.3, False),
    ],
)
def test_a_backchannel_is_a_sign_of_listening_and_nothing_else(text: str, voiced: float, expected: bool) -> None:
    assert is_backchannel(text, voiced) is expected


def test_an_invention_is_one_only_without_a_voice_behind_it() -> None:
    assert is_invention("Thank you.", voiced=0.2)
    assert not is_invention("Thank you.", voiced=0.6)
    assert not is_invention("Where is my order", voiced=0.2)


def test_the_same_question_in_nearly_the_same_words_is_a_repetition() -> None:
    assert same_words("Where is my order?", "where is my order")
    assert not same_words("Where is my order?", "Where is my kettle from")
    assert not same_words("yes", "yes")


def test_a_passage_is_cited_with_everything_a_reader_needs_to_judge_it() -> None:
    passage = Passage(source="hours", title="Hours", heading="Stores > Sunday", text=T("Closed."), score=0.8, updated="2026-05-19")
    assert passage.cited() == Citation(source="hours", title="Hours", passage=T("Closed."), heading="Stores > Sunday", updated="2026-05-19")


def test_a_brief_holds_what_was_tried_what_was_heard_and_what_is_open() -> None:
    source = Citation(source="hours", title="Hours", passage=T("We open at nine."))
    lines = [
        Line(speaker="caller", text=T("When do you open, I'm <NAME>")),
        Line(speaker="agent", text=T("We open at nine."), citations=(source,), interrupted=True),
        Line(speaker="caller", text=T("Do you sell pianos, my card is <CARD_1>")),
        Line(speaker="caller", text=T("get me someone")),
    ]
    brief = make_brief(
        lines=lines,
        outcomes={2: "not in the documents", 3: "asked for a person"},
        rule=RULES[1],
        explanation="Rule 'asked' matched.",
        frustration=0.5,
    )

    assert brief.headline == "Do you sell pianos, my card is <CARD_1>"
    assert [(a.outcome, a.heard) for a in brief.tried] == [
        ("interrupted", "We open at nine."),
        ("not in the documents", ""),
        ("asked for a person", ""),
    ]
    assert brief.open_question == brief.headline
    assert brief.redactions == ("NAME", "CARD")
    assert brief.citations == (source,)
    assert brief.mood == "impatient"
    assert brief.headline in brief.suggested_reply


def test_a_brief_of_a_call_in_which_nothing_was_said_claims_nothing() -> None:
    brief = make_brief(lines=[], outcomes={}, rule=RULES[0], explanation="", frustration=0.0)

    assert brief.headline == "The caller has not said what it is about."
    assert brief.tried == ()
    assert brief.mood == "calm"
    assert "kettle" not in brief.suggested_reply


def test_a_brief_of_a_bare_wish_says_that_wish() -> None:
    lines = [Line(speaker="caller", text=T("An agent please"))]
    brief = make_brief(lines=lines, outcomes={0: "asked for a person"}, rule=RULES[1], explanation="", frustration=0.9)

    assert brief.headline == "An agent please"
    assert brief.mood == "upset"
    assert brief.suggested_reply == "Hello, thanks for holding. How can I help you?"


def speech(number: int) -> Speech:
    return Speech(id=SpeechId(number), text=T("x"), interruptible=True, citations=())


def test_a_mark_proves_the_speeches_before_it_heard_as_well() -> None:
    playout = Playout(Policy())
    playout.add(speech(1), 0.0)
    playout.add(speech(2), 0.0)

    assert [s.id for s in playout.played(SpeechId(2), 3.0)] == [1, 2]
    assert playout.played(SpeechId(2), 3.1) == []


def test_a_failed_speech_behind_the_head_does_not_move_the_heads_deadline() -> None:
    playout = Playout(Policy(speech_start_within=10.0))
    playout.add(speech(1), 0.0)
    playout.add(speech(2), 0.0)

    assert playout.failed(SpeechId(2), 4.0)
    assert playout.deadline == 10.0
    assert not playout.failed(SpeechId(2), 4.0)


def test_the_length_of_an_unknown_speech_is_ignored() -> None:
    playout = Playout(Policy())
    playout.sent(SpeechId(9), 1.0)

    assert not playout.busy


def test_nothing_is_taken_when_no_utterance_is_open() -> None:
    with pytest.raises(ValueError, match="no utterance"):
        TurnTaking(Policy()).take()


def test_lines_of_the_agent_alone_have_no_outcome() -> None:
    talk = Conversation()
    talk.caller_heard([speech(1)], 1.0)
    talk.outcome("answered")

    assert talk.brief(RULES[0], "").tried == ()


def test_silencing_a_silent_agent_asks_for_nothing() -> None:
    voice = AgentVoice(Policy(), Conversation())

    assert voice.silence(0.0) == []
    assert voice.say(T("…"), 0.0) == []


def test_a_handover_ignores_what_its_state_does_not_expect(offer: Handover) -> None:
    assert offer.handle(ev.PersonLeft(at=0.1, joined=True)) == []
    assert offer.handle(ev.Tick(at=0.1)) == []
    assert offer.settle(0.1) == []


@pytest.fixture
def offer() -> Handover:
    talk = Conversation()
    command = OfferHandover(queue="q", priority=1, brief=talk.brief(RULES[0], ""))
    return Handover(policy=Policy(), can_bridge=True, offer=command, at=0.0)


def test_a_sentence_cut_off_before_it_began_marks_the_one_before_it_until_it_is_resumed() -> None:
    talk = Conversation()
    talk.caller_heard([speech(1)], 1.0)

    (note,) = talk.interrupted(T(""), (), 2.0)
    assert note.revised
    assert talk.lines[-1].interrupted
    talk.not_interrupted()
    assert not talk.lines[-1].interrupted


def test_words_are_heard_in_proportion_to_the_time_played_and_only_whole_ones() -> None:
    one = Speech(id=SpeechId(1), text=T("We open at nine on Sundays."), interruptible=True, citations=(), began=10.0, duration=2.0)

    assert one.heard_until(0.0, 10.1) == ""
    assert one.heard_until(0.0, 11.15) == "We open at"
    assert one.heard_until(10.5, 11.65) == "We open at", "it could not be heard before what was in front of it"
    assert one.heard_until(0.0, 30.0) == "We open at nine on"


def test_the_brief_of_a_lost_call_claims_nothing_about_what_was_said() -> None:
    brief = brief_of_lost_call("support")

    assert brief.queue == "support"
    assert brief.tried == ()
    assert brief.headline == "The caller has not said what it is about."


def test_a_long_wish_for_a_person_says_what_it_is_about() -> None:
    wish = T("My kettle still leaks although I have cleaned it twice. Can I talk to a person?")
    lines = [Line(speaker="caller", text=T("When do you open?")), Line(speaker="caller", text=wish)]
    brief = make_brief(lines=lines, outcomes={1: "asked for a person"}, rule=RULES[1], explanation="", frustration=0.0)

    assert brief.headline == wish
    assert "My kettle still leaks" in brief.suggested_reply


def test_a_conversation_in_which_the_agent_said_nothing_has_nothing_to_take_back() -> None:
    talk = Conversation()
    talk.not_interrupted()

    assert talk.interrupted(T(""), (), 1.0) == []
    assert talk.lines == []
