"""From the assistant to a person, and every way in which that can fail."""

from collections.abc import Callable

import pytest

from tests.world import RULES, World, rule
from voice_agent.core import commands as do
from voice_agent.core import events as ev
from voice_agent.core.policy import Policy
from voice_agent.core.words import Line, RedactedText, TurnId

QUIET = 12.0


def accepted(now: float) -> ev.Event:
    return ev.HandoverAccepted(at=now, agent="Alex")


def offers(world: World) -> list[do.OfferHandover]:
    return [command for command in world.commands if isinstance(command, do.OfferHandover)]


def test_a_caller_who_asks_for_a_person_waits_is_connected_and_hung_up_after_the_person(make_world: Callable[..., World]) -> None:
    world = make_world(person_takes_after=15.0)
    world.caller_says("I want to return a kettle that leaks", at=QUIET)
    world.agent_will_answer("You have thirty days.")
    world.caller_says("Let me talk to a person", at=19.0)
    world.happens(lambda now: ev.PersonLeft(at=now, joined=True), at=60.0)
    world.run(until=80)

    (offer,) = offers(world)
    assert offer.queue == "support"
    assert offer.brief.rule == "asked"
    assert offer.brief.headline == "I want to return a kettle that leaks"
    assert world.heard[-4:] == [
        "Connecting you (asked).",
        world.policy.waiting[0].replace("{position}", "1"),
        world.policy.connected,
        world.policy.person_left,
    ]
    assert len(world.asked_for(do.ConnectPerson)) == 1
    assert world.commands[-2:] == [do.HangUp(), do.CloseCall(disposition="transferred")]


def test_on_a_leg_that_cannot_bridge_the_announcement_is_heard_and_then_the_leg_is_released(make_world: Callable[..., World]) -> None:
    world = make_world(can_bridge=False)
    world.caller_says("Let me talk to a person", at=QUIET)
    world.run(until=30)

    assert world.heard[-1] == "Connecting you (asked)."
    assert world.commands[-2:] == [do.ReleaseLeg(), do.CloseCall(disposition="transferred")]
    released = next(event for event, commands in world.log if do.ReleaseLeg() in commands)
    assert isinstance(released, ev.SpeechPlayed)


def test_a_leg_is_released_to_the_carriers_next_step_even_if_nothing_could_be_stored(make_world: Callable[..., World]) -> None:
    world = make_world(can_bridge=False, broken={"queue": "fails"})
    world.caller_says("Let me talk to a person", at=QUIET)
    world.run(until=30)

    assert len(offers(world)) == 2
    assert world.asked_for(do.ReleaseLeg)


@pytest.mark.parametrize("how", ["fails", "hangs"])
def test_a_caller_on_the_page_whose_handover_cannot_be_stored_gets_the_assistant_back(make_world: Callable[..., World], how: str) -> None:
    world = make_world(broken={"queue": how})
    world.caller_says("Let me talk to a person", at=QUIET)
    world.run(until=32)
    assert len(offers(world)) == 2
    assert world.policy.declined in world.heard

    world.broken.clear()
    world.agent_will_answer("We open at nine.")
    world.caller_says("When do you open?", at=33)
    world.run(until=37)
    assert world.heard[-1] == "We open at nine."


def test_key_zero_reaches_a_person_at_any_moment_even_over_the_agents_voice(world: World) -> None:
    world.agent_will_answer("We open at nine on every working day of the week in every town.")
    world.caller_says("When do you open?", at=QUIET)
    world.press("0", at=15.0)
    world.run(until=20)

    assert world.stops == [15.0]
    assert offers(world)[0].brief.rule == "key-zero"


def test_key_zero_during_the_notice_lets_the_notice_finish(world: World) -> None:
    world.press("0", at=1.0)
    world.run(until=15)

    assert world.stops == []
    assert world.heard[:3] == [*world.policy.opening, "Connecting you (key-zero)."]


def test_key_zero_while_we_think_abandons_the_answer(make_world: Callable[..., World]) -> None:
    world = make_world(think_takes=3.0)
    world.agent_will_answer("We open at nine.")
    world.caller_says("When do you open?", at=QUIET)
    world.press("0", at=15.0)
    world.run(until=25)

    assert world.asked_for(do.AbandonTurn)
    assert "We open at nine." not in [text for _, text in world.said]


def test_stray_keys_do_no_harm(world: World) -> None:
    for at, key in ((1.0, "5"), (13.0, "#"), (14.0, "*")):
        world.press(key, at=at)
    world.run(until=15)

    assert offers(world) == []
    assert len(world.said) == 3


def test_a_second_wish_for_a_person_makes_no_second_transfer(world: World) -> None:
    world.caller_says("Let me talk to a person", at=QUIET)
    world.press("0", at=15.0)
    world.caller_says("I said a person", at=18.0)
    world.happens(lambda now: ev.ShutdownRequested(at=now), at=20.0)
    world.run(until=30)

    assert len(offers(world)) == 1


def test_talking_over_the_handover_does_not_undo_it(world: World) -> None:
    end = world.caller_says("Let me talk to a person", at=QUIET)
    world.caller_says("and hurry up will you please", at=end + 1.6)
    world.run(until=30)

    assert "Connecting you (asked)." in world.heard
    assert world.heard[-1] == world.policy.waiting[0].replace("{position}", "1"), "cut off, and said again"
    assert len(offers(world)) == 1
    assert not world.asked_for(do.WithdrawHandover)


def test_a_voice_heard_while_the_handover_is_decided_is_dropped(world: World) -> None:
    world.caller_says("hello is there anybody", at=13.0, seconds=2.0)
    world.press("0", at=14.0)
    world.run(until=25)

    assert len(offers(world)) == 1
    assert not world.asked_for(do.Transcribe)


def test_no_idle_timer_fires_while_the_caller_waits_and_comfort_is_spoken_instead(world: World) -> None:
    world.caller_says("Let me talk to a person", at=QUIET)
    world.run(until=100)

    spoken = [text for _, text in world.said]
    assert not set(spoken) & set(world.policy.reprompts)
    assert spoken.count(world.policy.waiting[1].replace("{position}", "1")) >= 2


def test_a_caller_who_hangs_up_while_the_persons_phone_rings_withdraws_the_handover(world: World) -> None:
    world.caller_says("Let me talk to a person", at=QUIET)
    world.hang_up(at=25.0)
    world.run(until=30)

    assert world.commands[-2:] == [do.WithdrawHandover(), do.CloseCall(disposition="abandoned")]


def test_a_caller_who_hangs_up_on_the_person_was_transferred(make_world: Callable[..., World]) -> None:
    world = make_world(person_takes_after=8.0)
    world.caller_says("Let me talk to a person", at=QUIET)
    world.hang_up(at=60.0)
    world.run(until=61)

    assert world.commands[-1] == do.CloseCall(disposition="transferred")


def test_a_person_whose_line_never_comes_up_loses_nobody(make_world: Callable[..., World]) -> None:
    world = make_world(person_takes_after=8.0)
    world.caller_says("Let me talk to a person", at=QUIET)
    world.happens(lambda now: ev.PersonLeft(at=now, joined=False), at=45.0)
    world.run(until=75)

    assert len(offers(world)) == 2
    assert len(world.asked_for(do.ConnectPerson)) == 2


def test_an_accept_before_the_announcement_is_over_cuts_the_wait_short(make_world: Callable[..., World]) -> None:
    world = make_world(person_takes_after=0.02)
    world.caller_says("Let me talk to a person", at=QUIET)
    world.run(until=25)

    assert world.heard[-1] == world.policy.connected
    assert len(world.asked_for(do.ConnectPerson)) == 1


def test_a_bridge_ends_after_the_longest_time(make_world: Callable[..., World]) -> None:
    world = make_world(person_takes_after=1.0, policy=Policy(longest_bridge=30.0))
    world.caller_says("Let me talk to a person", at=QUIET)
    world.run(until=90)

    assert world.commands[-1] == do.CloseCall(disposition="transferred")


def test_a_topic_is_routed_to_its_queue_at_once(world: World) -> None:
    world.topics["complain"] = "complaint"
    world.caller_says("I want to complain about your driver", at=QUIET)
    world.run(until=20)

    assert offers(world)[0].queue == "claims"
    assert "topic = 'complaint'" in offers(world)[0].brief.explanation


def test_two_unanswered_questions_lead_to_an_offer_and_yes_to_a_person(world: World) -> None:
    world.agent_knows_nothing(2)
    world.caller_says("Do you sell pianos?", at=QUIET)
    world.caller_says("Or maybe a violin?", at=24)
    world.run(until=31)
    assert world.heard[-2:] == [world.policy.abstain[0], "Shall I get a person (two-unanswered)?"]
    world.caller_says("yes please", at=32)
    world.run(until=40)

    (offer,) = offers(world)
    assert offer.brief.rule == "two-unanswered"
    assert [attempt.outcome for attempt in offer.brief.tried][:2] == ["not in the documents", "not in the documents"]


def test_an_offer_declined_is_not_made_again_at_once(world: World) -> None:
    world.agent_knows_nothing(2)
    world.caller_says("Do you sell pianos?", at=QUIET)
    world.caller_says("Or maybe a violin?", at=24)
    world.caller_says("no thanks", at=32)
    world.agent_will_answer("We open at nine.")
    world.caller_says("When do you open?", at=38)
    world.run(until=45)

    assert offers(world) == []
    assert world.heard[-2:] == [world.policy.offer_declined, "We open at nine."]


def test_an_offer_passed_over_with_a_question_is_not_made_again_before_the_next_failure(world: World) -> None:
    world.agent_knows_nothing(2)
    world.caller_says("Do you sell pianos?", at=QUIET)
    world.caller_says("Or maybe a violin?", at=24)
    world.agent_will_answer("We open at nine.")
    world.caller_says("When do you open?", at=32)
    world.run(until=38)

    assert world.heard[-1] == "We open at nine."


def test_three_unanswered_questions_in_a_row_lead_to_a_person(world: World) -> None:
    world.agent_knows_nothing(3)
    for at, question in ((QUIET, "Do you sell pianos?"), (24, "Or maybe a violin?"), (32, "What about drums?")):
        world.caller_says(question, at=at)
    world.run(until=40)

    assert offers(world)[0].brief.rule == "three-unanswered"


def test_a_person_offered_by_the_abstention_itself_comes_at_yes(world: World) -> None:
    world.agent_knows_nothing()
    world.caller_says("Do you sell pianos?", at=QUIET)
    world.caller_says("yes please", at=24)
    world.run(until=30)

    assert len(offers(world)) == 1


def test_without_rules_the_same_non_answer_is_never_given_twice_and_a_person_comes_in_the_end(make_world: Callable[..., World]) -> None:
    world = make_world(rules=())
    world.agent_knows_nothing(4)
    for at, question in ((QUIET, "Do you sell pianos?"), (26, "Or maybe a violin?"), (40, "What about drums?"), (54, "And flutes?")):
        world.caller_says(question, at=at)
    world.run(until=64)

    assert [text for text in world.heard if text in world.policy.abstain] == list(world.policy.abstain)
    assert offers(world)[0].queue == world.policy.fallback_queue


def test_two_unsure_answers_are_followed_by_an_offer(world: World) -> None:
    world.agent_will_answer("Perhaps at nine.", confidence=0.55)
    world.caller_says("When do you open?", at=QUIET)
    world.agent_will_answer("Perhaps at six.", confidence=0.55)
    world.caller_says("When do you close?", at=18)
    world.run(until=28)

    assert world.heard[-2:] == ["Perhaps at six.", "Shall I get a person (unsure)?"]


def test_a_furious_caller_is_transferred_and_the_brief_says_so(world: World) -> None:
    world.caller_says("This is ridiculous", at=QUIET)
    world.run(until=20)

    assert offers(world)[0].brief.mood == "upset"


@pytest.mark.parametrize("job", ["transcribe", "understand", "retrieve", "generate"])
@pytest.mark.parametrize("how", ["fails", "hangs"])
def test_work_that_fails_or_hangs_is_admitted_once_and_then_leads_to_a_person(make_world: Callable[..., World], job: str, how: str) -> None:
    world = make_world(broken={job: how})
    world.agent_will_answer()
    world.agent_will_answer()
    world.caller_says("When do you open?", at=QUIET)
    world.caller_says("Hello when do you open?", at=45)
    world.run(until=75)

    assert world.policy.failure[0] in world.heard
    assert offers(world)[0].brief.rule == "broken"


def test_an_answer_that_breaks_off_is_kept_as_far_as_it_came(make_world: Callable[..., World]) -> None:
    world = make_world(broken={"generate": "breaks off"})
    world.agent_will_answer("We open at nine.")
    world.caller_says("When do you open?", at=QUIET)
    world.run(until=18)

    assert world.heard[-1] == "We open at nine."
    assert offers(world) == []


def test_an_answer_whose_end_never_comes_is_taken_as_ended(make_world: Callable[..., World]) -> None:
    world = make_world(broken={"generate": "hangs"})
    world.agent_will_answer("We open at nine.")
    world.caller_says("When do you open?", at=QUIET)
    world.run(until=50)

    assert world.policy.reprompts[0] in world.heard


@pytest.mark.parametrize("how", ["fails", "hangs"])
def test_a_voice_that_never_sounds_leads_to_a_person(make_world: Callable[..., World], how: str) -> None:
    world = make_world(broken={"voice": how}, can_bridge=False)
    world.run(until=80)

    assert world.asked_for(do.ReleaseLeg)


def test_a_silent_caller_is_asked_twice_in_different_words_and_then_given_a_person(world: World) -> None:
    world.run(until=60)

    assert world.heard[3:5] == list(world.policy.reprompts[:2])
    assert offers(world)[0].brief.rule == "silent"


def test_noise_does_not_defer_the_reprompt(world: World) -> None:
    world.run(until=11)
    quiet_since = next(e.at for e, _ in world.log if isinstance(e, ev.SpeechPlayed) and e.speech == 3)
    for n in range(8):
        world.caller_makes_noise(at=11 + n, seconds=0.1)
    world.run(until=25)

    reprompted = next(at for at, text in world.said if text == world.policy.reprompts[0])
    assert reprompted == pytest.approx(quiet_since + world.policy.no_input_after, abs=0.8)


def test_sounds_without_words_are_asked_about_and_then_lead_to_a_person(world: World) -> None:
    for at in (12, 22, 34):
        world.caller_makes_noise(at=at, seconds=1.0)
    world.run(until=45)

    assert world.heard[3:5] == list(world.policy.no_match[:2])
    assert offers(world)[0].brief.rule == "no-match"


def test_a_transcript_nobody_should_trust_is_asked_about(world: World) -> None:
    world.hears["mumble"] = ev.Transcribed(at=0, turn=TurnId(0), text=RedactedText("Umbrella."), no_speech=0.1, confidence=0.1)
    world.caller_says("mumble", at=QUIET, seconds=1.0)
    world.run(until=18)

    assert world.heard[-1] == world.policy.no_match[0]
    assert world.lines("caller") == []


def test_a_caller_without_audio_in_mid_sentence_is_answered_all_the_same(world: World) -> None:
    world.agent_will_answer("We open at nine.")
    world.caller_says("When do you open?", at=QUIET, seconds=1.0)
    world.run(until=13.0)
    world.broken["audio"] = "hangs"
    world.run(until=20)

    assert world.heard[-1] == "We open at nine."


def test_a_shutdown_hands_the_call_to_a_person(make_world: Callable[..., World]) -> None:
    world = make_world(rules=(*RULES, rule("leaving", shutting_down=True)), can_bridge=False)
    world.happens(lambda now: ev.ShutdownRequested(at=now), at=QUIET)
    world.run(until=20)

    assert offers(world)[0].brief.rule == "leaving"
    assert world.commands[-1] == do.CloseCall(disposition="transferred")


def test_a_caller_who_was_cut_off_by_our_fault_goes_to_a_person_who_reads_what_was_said(make_world: Callable[..., World]) -> None:
    before = (
        Line(speaker="caller", text=RedactedText("My washing machine leaks."), at=9.0),
        Line(speaker="agent", text=RedactedText("One mom"), at=11.0, interrupted=True),
    )
    world = make_world(rules=(*RULES, rule("cut", cut_off=True)), before=before)
    world.run(until=20)

    [offer] = offers(world)
    assert (offer.brief.rule, offer.brief.headline) == ("cut", "My washing machine leaks.")
    assert offer.brief.transcript == before
    assert world.heard[0] == "Connecting you (cut)."
    assert not set(world.policy.opening) & set(world.heard), "they have heard the notice before"


def test_a_caller_who_was_cut_off_before_anything_was_said_goes_to_a_person_without_any_rule(make_world: Callable[..., World]) -> None:
    world = make_world(rules=(), before=())
    world.run(until=20)

    assert offers(world)[0].brief.rule == "built-in"


def test_a_very_long_call_goes_to_a_person(make_world: Callable[..., World]) -> None:
    world = make_world(policy=Policy(longest_call=20.0))
    world.run(until=30)

    assert offers(world)[0].brief.rule == "built-in"


def test_the_end_of_a_call_is_judged_by_what_came_of_it(make_world: Callable[..., World]) -> None:
    answered, unanswered, failed = make_world(), make_world(), make_world(broken={"retrieve": "fails"})
    answered.agent_will_answer("We open at nine.")
    unanswered.agent_knows_nothing()
    for world in (answered, unanswered, failed):
        world.caller_says("When do you open?", at=QUIET)
        world.hang_up(at=24)
        world.run(until=25)

    assert [w.commands[-1] for w in (answered, unanswered, failed)] == [
        do.CloseCall(disposition="contained"),
        do.CloseCall(disposition="abandoned"),
        do.CloseCall(disposition="failed"),
    ]


def test_a_caller_who_hangs_up_during_the_goodbye_keeps_its_disposition(world: World) -> None:
    end = world.caller_says("goodbye", at=QUIET)
    world.hang_up(at=end + 1.8)
    world.run(until=20)

    assert world.commands[-1] == do.CloseCall(disposition="contained")


def test_nothing_is_done_after_the_end(world: World) -> None:
    world.hang_up(at=5.0)
    world.run(until=6)

    assert world.call.next_deadline is None
    assert world.call.handle(ev.KeyPressed(at=7.0, key="0")) == []


def test_a_tick_that_comes_early_changes_nothing(world: World) -> None:
    world.happens(lambda now: ev.Tick(at=now), at=0.5)
    world.happens(lambda now: ev.Tick(at=now), at=11.9)
    world.run(until=13)

    assert world.heard == [*world.policy.opening, world.policy.greeting]
    assert len(world.said) == 3


def test_an_offer_made_by_a_key_while_the_caller_speaks_loses_nothing_they_say(make_world: Callable[..., World]) -> None:
    world = make_world(rules=(rule("five", then="offer", key="5"),))
    world.agent_will_answer("We open at nine.")
    world.caller_says("Tell me when you open in Chicago please", at=QUIET)
    world.press("5", at=QUIET + 1)
    world.run(until=22)

    assert "Shall I get a person (five)?" in world.heard
    assert world.lines("caller") == ["Tell me when you open in Chicago please"]
    assert "We open at nine." in world.heard


def test_a_broken_voice_leads_to_a_person_even_if_the_rules_would_only_offer_one(make_world: Callable[..., World]) -> None:
    world = make_world(rules=(rule("f", then="offer", failures_in_row__at_least=1),), broken={"voice": "fails"}, can_bridge=False)
    world.run(until=30)

    assert offers(world)[0].brief.rule == "built-in"
    assert world.asked_for(do.ReleaseLeg)
