"""An ordinary call, and the ways in which speaking in turns goes wrong."""

from collections.abc import Callable

import pytest

from tests.world import World
from voice_agent.core import commands as do
from voice_agent.core import events as ev
from voice_agent.core.policy import Policy
from voice_agent.core.words import RedactedText, TurnId

QUIET = 12.0
"""When the notice and the greeting have been heard, in a world as it comes."""


def test_the_notice_and_the_greeting_are_spoken_first_and_in_order(world: World) -> None:
    world.run(until=QUIET)

    assert world.heard == [*world.policy.opening, world.policy.greeting]
    assert world.lines("agent") == world.heard


def test_a_question_is_transcribed_understood_searched_and_answered_with_its_source(world: World) -> None:
    world.agent_will_answer("We open at nine.")
    end = world.caller_says("When do you open?", at=QUIET)
    world.run(until=QUIET + 5)

    assert world.lines("caller") == ["When do you open?"]
    assert world.last("agent").text == "We open at nine."
    assert world.last("agent").citations[0].source == "hours"
    (transcribe,) = world.asked_for(do.Transcribe)
    assert isinstance(transcribe, do.Transcribe)
    assert transcribe.begin == pytest.approx(QUIET - world.policy.lead_in, abs=0.05)
    assert transcribe.end == pytest.approx(end + world.policy.first_pause, abs=0.05)


def test_an_interrupted_agent_falls_silent_and_remembers_only_what_was_heard(world: World) -> None:
    world.agent_will_answer("We open at nine.", "On Sundays, though, we are closed all day, and on holidays too.")
    world.caller_says("When do you open?", at=QUIET)
    world.caller_makes_noise(at=16.0, seconds=0.5)  # during the second sentence
    world.run(until=16.6)

    assert world.stops == [pytest.approx(16.0 + world.policy.barge_in_speech, abs=0.05)]
    assert [line.text for line in world.call.history[-2:]] == ["We open at nine.", "On Sundays,"]
    assert [line.interrupted for line in world.call.history[-2:]] == [False, True]


def test_what_was_cut_off_by_mere_noise_is_said_again(world: World) -> None:
    second = "On Sundays, though, we are closed all day, and on holidays too."
    world.agent_will_answer("We open at nine.", second)
    world.caller_says("When do you open?", at=QUIET)
    world.caller_makes_noise(at=16.0, seconds=0.5)
    world.run(until=25)

    assert world.heard[-2:] == ["We open at nine.", second]
    assert world.lines("agent")[-2:] == ["We open at nine.", second]
    assert not any(line.interrupted for line in world.call.history)
    (retold,) = [c for c in world.asked_for(do.NoteLine) if isinstance(c, do.NoteLine) and c.line.text == second]
    assert retold.revised, "in place of the part that had been noted"


def test_a_backchannel_long_enough_to_stop_the_agent_does_not_take_the_floor(world: World) -> None:
    second = "On Sundays, though, we are closed all day, and on holidays too."
    world.agent_will_answer("We open at nine.", second)
    world.caller_says("When do you open?", at=QUIET)
    world.caller_says("uh-huh okay", at=16.0, seconds=0.5)
    world.run(until=25)

    assert world.heard[-1] == second
    assert world.lines("caller") == ["When do you open?"]


def test_somebody_beside_the_caller_does_not_stop_the_agent(world: World) -> None:
    world.agent_will_answer("We open at nine on every working day of the week in every town.")
    world.caller_says("When do you open?", at=QUIET)
    world.somebody_else_says(at=15.0, seconds=1.0)
    world.run(until=19)

    assert world.stops == []
    assert world.heard[-1].startswith("We open at nine")


def test_a_short_yes_over_the_end_of_an_offer_counts(world: World) -> None:
    world.agent_knows_nothing(2)
    world.caller_says("Do you sell pianos?", at=QUIET)
    world.caller_says("Or maybe a violin?", at=24)
    world.run(until=27)
    assert world.said[-1][1] == "Shall I get a person (two-unanswered)?"
    world.caller_says("yes", at=27.9, seconds=0.2)
    world.run(until=28.2)
    assert "Shall I get a person (two-unanswered)?" not in world.heard, "it is still being said"
    world.run(until=32)

    assert world.asked_for(do.OfferHandover)


def test_an_answer_that_takes_its_time_is_preceded_by_one_filler(make_world: Callable[..., World]) -> None:
    world = make_world(sentence_takes=3.0)
    world.agent_will_answer("We open at nine.")
    world.caller_says("When do you open?", at=QUIET)
    world.run(until=22)

    assert len([text for text in world.heard if text in world.policy.fillers]) == 1
    assert world.heard[-1] == "We open at nine."


def test_no_filler_comes_before_a_transfer_however_slow_the_understanding(make_world: Callable[..., World]) -> None:
    world = make_world(think_takes=3.0)
    world.caller_says("Let me talk to a person", at=QUIET)
    world.run(until=25)

    assert not set(world.policy.fillers) & {text for _, text in world.said}
    assert world.asked_for(do.OfferHandover)


def test_two_slow_answers_in_a_row_have_different_fillers(make_world: Callable[..., World]) -> None:
    world = make_world(sentence_takes=3.0)
    world.agent_will_answer("We open at nine.")
    world.caller_says("When do you open?", at=QUIET)
    world.agent_will_answer("At six.")
    world.caller_says("And when do you close?", at=22)
    world.run(until=33)

    fillers = [text for text in world.heard if text in world.policy.fillers]
    assert len(fillers) == 2
    assert fillers[0] != fillers[1]


def test_a_caller_who_goes_on_over_a_filler_is_answered_once_and_wholly(make_world: Callable[..., World]) -> None:
    world = make_world(sentence_takes=4.0)
    world.agent_will_answer("Never said.")
    world.agent_will_answer("Machines, thirty days.")
    world.caller_says("How long do I have to return", at=QUIET)
    world.caller_says("a coffee machine", at=16.4)
    world.run(until=30)

    assert world.lines("caller") == ["How long do I have to return a coffee machine"]
    assert world.heard[-1] == "Machines, thirty days."
    assert "Never said." not in world.heard


def test_marks_returned_by_a_clear_are_not_read_as_heard(world: World) -> None:
    world.agent_will_answer("One long sentence about our opening hours in every city.", "And another one.")
    world.caller_says("When do you open?", at=QUIET)
    world.caller_says("No wait I meant returns", at=15.5)
    world.run(until=18)

    assert len(world.stops) == 1
    played = [event for event, _ in world.log if isinstance(event, ev.SpeechPlayed)]
    assert len(played) == 5, "the notice, the greeting, and both cleared sentences came back"
    assert not any("opening hours" in text or "another" in text for text in world.lines("agent"))


def test_a_clear_is_sent_when_synthesis_is_over_but_the_carrier_still_plays(world: World) -> None:
    world.agent_will_answer("We open at nine on every working day of the week in every town.")
    world.caller_says("When do you open?", at=QUIET)
    world.run(until=15.0)
    sent = [event for event, _ in world.log if isinstance(event, ev.SpeechSent)]
    assert len(sent) == 4, "all audio is with the carrier"
    world.caller_says("Stop please stop", at=15.1)
    world.run(until=16)

    assert len(world.stops) == 1


def test_the_agent_can_be_heard_after_a_barge_in_that_came_before_its_first_audio(make_world: Callable[..., World]) -> None:
    world = make_world(voice_takes=1.5)
    world.run(until=20)
    world.agent_will_answer("We open at nine.")
    world.caller_says("When do you open?", at=20)
    world.agent_will_answer("You can return it within thirty days.")
    world.caller_says("And how do returns work?", at=22.6)  # the answer is asked for, and not yet to be heard
    world.run(until=32)

    assert "We open at nine." not in world.heard
    assert world.heard[-1] == "You can return it within thirty days."


def test_sentences_of_an_old_turn_are_never_spoken_later(make_world: Callable[..., World]) -> None:
    world = make_world(sentence_takes=1.0)
    world.agent_will_answer("First old sentence.", "Second old sentence.", "Third old sentence.")
    world.caller_says("When do you open?", at=QUIET)
    world.agent_will_answer("A new answer.")
    world.caller_says("No tell me about returns", at=16.0)  # while the old answer still comes in
    world.run(until=22)

    asked = [text for _, text in world.said]
    assert "Third old sentence." not in asked
    assert asked[-1] == "A new answer."


def test_a_cough_does_not_stop_the_agent(world: World) -> None:
    world.agent_will_answer("We open at nine on every working day of the week.")
    world.caller_says("When do you open?", at=QUIET)
    world.caller_makes_noise(at=15.0, seconds=0.12)  # of which the detector takes so much for speech
    world.run(until=20)

    assert world.stops == []
    assert len(world.asked_for(do.Transcribe)) == 1


def test_noise_does_not_wipe_the_notice_or_the_greeting(world: World) -> None:
    world.caller_makes_noise(at=0.5, seconds=4.0)
    world.hears[""] = ev.Transcribed(at=0, turn=TurnId(0), text=RedactedText(""), no_speech=0.9, confidence=0.1)
    world.run(until=25)

    assert world.stops == []
    assert world.heard[:2] == list(world.policy.opening)


def test_a_question_asked_over_the_notice_is_answered_after_it_without_the_greeting(world: World) -> None:
    world.agent_will_answer("We open at nine.")
    world.caller_says("When do you open?", at=1.0)
    world.run(until=15)

    assert world.stops == []
    assert world.heard == [*world.policy.opening, "We open at nine."]


def test_a_short_yes_is_heard(world: World) -> None:
    world.agent_knows_nothing()
    world.caller_says("Do you sell pianos?", at=QUIET)
    world.run(until=24)
    assert world.heard[-1] == world.policy.abstain[0]
    world.caller_says("yes", at=25, seconds=0.18)
    world.run(until=28)

    assert world.lines("caller")[-1] == "yes"
    assert world.asked_for(do.OfferHandover)


def test_a_caller_who_talks_on_while_we_think_is_answered_once(make_world: Callable[..., World]) -> None:
    world = make_world(think_takes=2.0)
    world.agent_will_answer("Machines, thirty days.")
    world.caller_says("How long do I have to return", at=QUIET)
    world.caller_says("a coffee machine", at=15.5)  # after the pause, while we search
    world.run(until=28)

    assert world.lines("caller") == ["How long do I have to return a coffee machine"]
    assert [text for _, text in world.said].count("Machines, thirty days.") == 1
    notes = [c for c in world.asked_for(do.NoteLine) if isinstance(c, do.NoteLine) and c.line.speaker == "caller"]
    assert [note.revised for note in notes] == [False, True]


def test_a_blip_of_noise_while_we_think_changes_nothing(make_world: Callable[..., World]) -> None:
    world = make_world(think_takes=2.0)
    world.agent_will_answer("We open at nine.")
    world.caller_says("When do you open?", at=QUIET)
    world.caller_makes_noise(at=14.5, seconds=0.1)
    world.run(until=20)

    assert len(world.asked_for(do.Transcribe)) == 1
    assert world.heard[-1] == "We open at nine."


def test_a_spelled_number_is_not_cut_at_its_pauses(world: World) -> None:
    world.agent_will_answer("Thank you, that order is on its way.")
    world.caller_says("my order is 4 5", at=QUIET)
    world.caller_says("6 7", at=14.4)  # 1.2 s later
    world.caller_says("8 9", at=16.2)
    world.run(until=25)

    assert world.lines("caller") == ["my order is 4 5 6 7 8 9"]


def test_an_open_sentence_is_answered_when_nothing_more_comes(world: World) -> None:
    world.agent_will_answer("Which number?")
    end = world.caller_says("my order number is", at=QUIET)
    world.run(until=20)

    assert world.lines("caller") == ["my order number is"]
    spoken = next(at for at, text in world.said if text == "Which number?")
    assert spoken - end >= world.policy.open_pause


def test_an_open_sentence_is_answered_even_if_the_line_goes_dead_silent(world: World) -> None:
    world.caller_says("my order number is", at=QUIET)
    world.agent_will_answer("Which number?")
    world.run(until=QUIET + 2.3)
    world.broken["audio"] = "hangs"
    world.run(until=22)

    assert world.lines("caller") == ["my order number is"]


def test_speech_longer_than_the_recogniser_hears_is_taken_in_pieces_and_answered_as_one(make_world: Callable[..., World]) -> None:
    world = make_world(policy=Policy(longest_utterance=5.0))
    world.agent_will_answer("I see.")
    for part, at in (("one", 12.0), ("two", 14.0), ("three", 16.0), ("four", 18.0), ("five", 20.0)):
        world.caller_says(part, at=at, seconds=2.0)
    world.run(until=30)

    assert len(world.asked_for(do.Transcribe)) == 3
    assert [word for word in ("one", "two", "three", "four", "five") if word not in world.lines("caller")[0]] == []
    assert [text for _, text in world.said].count("I see.") == 1


def test_a_long_speech_that_ends_with_a_piece_is_answered(make_world: Callable[..., World]) -> None:
    world = make_world(policy=Policy(longest_utterance=5.0))
    world.agent_will_answer("I see.")
    world.caller_says("all of it", at=12.0, seconds=4.72)
    world.run(until=25)

    assert world.lines("caller") == ["all of it"]
    assert world.heard[-1] == "I see."


def test_a_lost_piece_does_not_lose_the_others(make_world: Callable[..., World]) -> None:
    world = make_world(policy=Policy(longest_utterance=5.0))
    world.agent_will_answer("I see.")
    world.caller_says("first part", at=12.0, seconds=4.0)
    world.broken["transcribe"] = "fails"
    world.caller_says("second part", at=16.0, seconds=2.0)
    world.run(until=16.9)
    del world.broken["transcribe"]
    world.run(until=25)

    assert world.lines("caller") == ["second part"]


def test_silence_transcribed_as_thank_you_is_not_taken_for_words(world: World) -> None:
    world.hears[""] = ev.Transcribed(at=0, turn=TurnId(0), text=RedactedText("Thank you."), no_speech=0.5, confidence=0.6)
    world.caller_makes_noise(at=QUIET, seconds=0.3)
    world.run(until=16)

    assert len(world.asked_for(do.Transcribe)) == 1
    assert world.lines("caller") == []


def test_real_thanks_are_returned_and_not_searched(world: World) -> None:
    world.caller_says("Thank you very much", at=QUIET)
    world.run(until=20)

    assert world.heard[-1] == world.policy.courtesy
    assert not world.asked_for(do.Retrieve)


def test_an_answer_with_nothing_to_pronounce_is_a_failure_that_is_admitted(world: World) -> None:
    world.agent_will_answer("…", "—")
    world.caller_says("When do you open?", at=QUIET)
    world.run(until=20)

    assert world.heard[-1] == world.policy.failure[0]


def test_a_model_that_answers_with_no_sentence_is_a_failure_that_is_admitted(world: World) -> None:
    world.agent_will_answer()
    world.caller_says("When do you open?", at=QUIET)
    world.run(until=20)

    assert world.heard[-1] == world.policy.failure[0]


def test_an_unclear_question_is_asked_back(world: World) -> None:
    world.agent_will_answer(confidence=0.3, clarify="Do you mean standard or express delivery?")
    world.caller_says("How long does it take?", at=QUIET)
    world.run(until=20)

    assert world.heard[-1] == "Do you mean standard or express delivery?"


def test_a_second_question_is_answered_with_the_first_in_its_history(world: World) -> None:
    world.agent_will_answer("We open at nine.")
    world.caller_says("When do you open?", at=QUIET)
    world.agent_will_answer("At six.")
    world.caller_says("And when do you close?", at=18)
    world.run(until=25)

    second = world.asked_for(do.Generate)[1]
    assert isinstance(second, do.Generate)
    assert [line.text for line in second.history][-2:] == ["When do you open?", "We open at nine."]


def test_a_lost_mark_of_audio_that_was_sent_counts_as_heard_once_its_time_has_passed(make_world: Callable[..., World]) -> None:
    world = make_world(marks=False)
    world.run(until=40)

    assert world.lines("agent")[:2] == list(world.policy.opening)


def test_a_goodbye_is_heard_before_the_call_is_hung_up(world: World) -> None:
    world.caller_says("No that's all goodbye", at=QUIET)
    world.run(until=25)

    assert world.heard[-1] == world.policy.goodbye
    played = next(at for at, event in ((e.at, e) for e, _ in world.log) if isinstance(event, ev.SpeechPlayed) and event.speech == 4)
    hung_up = next(e.at for e, commands in world.log if any(isinstance(c, do.HangUp) for c in commands))
    assert hung_up == played
    assert world.commands[-1] == do.CloseCall(disposition="contained")


def test_a_goodbye_whose_mark_is_lost_still_ends_the_call(make_world: Callable[..., World]) -> None:
    world = make_world(marks=False)
    world.caller_says("goodbye", at=35)
    world.run(until=60)

    assert world.call.ended


def test_talking_over_the_goodbye_does_not_undo_it(world: World) -> None:
    end = world.caller_says("No that's all goodbye", at=QUIET)
    world.caller_says("thanks again for all your help", at=end + 1.5)
    world.run(until=25)

    assert world.stops == []
    assert world.call.ended
