"""What Twilio is told to do with a leg, element by element."""

import json
import xml.etree.ElementTree as ET

import pytest

from voice_agent.adapters.twilio import twiml
from voice_agent.adapters.twilio.twiml import LONGEST_HEADLINE, Script, Task, Told, Urls

URLS = Urls(
    stream="wss://voice.example.com/twilio/media",
    after_stream="https://voice.example.com/twilio/after-stream",
    wait="https://voice.example.com/twilio/wait",
    wait_key="https://voice.example.com/twilio/wait-key",
    hold="https://voice.example.com/twilio/hold.wav",
    queue_left="https://voice.example.com/twilio/queue-left",
)
SCRIPT = Script()
ANSWER_URL = "https://voice.example.com/twilio/agent-answered?call=CA1&person=ab"


def verbs(text: str) -> list[ET.Element]:
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>')
    root = ET.fromstring(text)  # noqa: S314  our own text
    assert root.tag == "Response"
    return list(root)


def tags(text: str) -> list[str]:
    return [verb.tag for verb in verbs(text)]


def spoken(text: str) -> str:
    return " ".join(say.text or "" for say in ET.fromstring(text).iter("Say"))  # noqa: S314


def check_enqueue(verb: ET.Element) -> None:
    assert verb.tag == "Enqueue"
    assert verb.text == "esc-CA1"
    assert verb.attrib == {"action": URLS.queue_left, "method": "POST", "waitUrl": URLS.wait, "waitUrlMethod": "POST"}


def test_an_answered_call_is_connected_to_the_stream_with_its_token() -> None:
    connect, *_ = verbs(twiml.answer(URLS, SCRIPT, call_sid="CA1", token="t-0ken"))

    assert (connect.tag, connect.attrib) == ("Connect", {"action": URLS.after_stream, "method": "POST"})
    (stream,) = connect
    assert (stream.tag, stream.attrib) == ("Stream", {"url": URLS.stream})
    assert [(p.tag, p.attrib) for p in stream] == [("Parameter", {"name": "token", "value": "t-0ken"})]


def test_behind_the_stream_an_apology_and_the_callers_own_queue_lead_to_a_person() -> None:
    _, say, enqueue = verbs(twiml.answer(URLS, SCRIPT, call_sid="CA1", token="t"))

    assert (say.tag, say.text) == ("Say", SCRIPT.sorry)
    check_enqueue(enqueue)


def test_a_caller_who_was_told_already_is_enqueued_without_a_word() -> None:
    (enqueue,) = verbs(twiml.enqueue(URLS, call_sid="CA1"))

    check_enqueue(enqueue)


def test_a_caller_who_was_not_told_hears_why_first() -> None:
    pause, say, enqueue = verbs(twiml.enqueue(URLS, call_sid="CA1", say="Sorry & goodbye <not>", after=5))

    assert (pause.tag, pause.attrib) == ("Pause", {"length": "5"})
    assert say.text == "Sorry & goodbye <not>"
    check_enqueue(enqueue)


def test_a_caller_for_taskrouter_waits_as_a_task_that_says_what_it_is_about() -> None:
    task = Task(workflow="WW1", attributes={"queue": "claims", "headline": 'Wants "it" & more'}, priority=8)
    (enqueue,) = verbs(twiml.enqueue(URLS, call_sid="CA1", task=task))

    leads = {"action": URLS.queue_left, "method": "POST", "waitUrl": URLS.wait, "waitUrlMethod": "POST"}
    assert (enqueue.tag, enqueue.text, enqueue.attrib) == ("Enqueue", None, {**leads, "workflowSid": "WW1"})
    (described,) = enqueue
    assert (described.tag, described.attrib) == ("Task", {"priority": "8"})
    assert json.loads(described.text or "") == {"queue": "claims", "headline": 'Wants "it" & more'}


@pytest.mark.parametrize(
    ("told", "heard"),
    [
        (Told(position=2), f"{SCRIPT.wait} You are number 2 in the line."),
        (Told(position=2, wait=20), f"{SCRIPT.wait} You are number 2 in the line. It should take less than a minute."),
        (Told(position=2, wait=140), f"{SCRIPT.wait} You are number 2 in the line. It should take about two minutes."),
        (Told(position=1, wait=140, busy=True), f"{SCRIPT.busy} You are number 1 in the line."),
        (Told(position=1, wait=140, closed=True, callback=True), f"{SCRIPT.closed} {SCRIPT.offer_callback}"),
        (Told(position=1, callback=True), f"{SCRIPT.wait} You are number 1 in the line. {SCRIPT.offer_callback}"),
        (Told(), ""),
        (Told(callback=True), ""),
    ],
)
def test_who_waits_is_told_what_is_known_and_nothing_else(told: Told, heard: str) -> None:
    assert spoken(twiml.wait(URLS, SCRIPT, told)) == heard


def test_who_waits_hears_the_hold_sound_and_only_once_when_somebody_is_being_fetched() -> None:
    *_, longer = verbs(twiml.wait(URLS, SCRIPT, Told(position=1)))
    (short,) = verbs(twiml.wait(URLS, SCRIPT, Told()))

    assert (longer.tag, longer.text, longer.attrib) == ("Play", URLS.hold, {"loop": "2"})
    assert (short.tag, short.text, short.attrib) == ("Play", URLS.hold, {"loop": "1"})


def test_a_key_for_a_call_back_is_heard_from_the_first_word_to_the_end_of_the_sound() -> None:
    (gather,) = verbs(twiml.wait(URLS, SCRIPT, Told(position=1, callback=True), sorry=SCRIPT.no_callback))

    assert gather.attrib == {"action": URLS.wait_key, "input": "dtmf", "method": "POST", "numDigits": "1", "timeout": "1"}
    assert [verb.tag for verb in gather] == ["Say", "Say", "Say", "Say", "Play"]
    assert gather[0].text == SCRIPT.no_callback


def test_who_will_be_called_back_hears_the_end_of_their_number_and_no_more_of_it() -> None:
    text = twiml.called_back(SCRIPT, number="15005550009")

    assert tags(text) == ["Say", "Hangup"]
    assert "ends in 0 9." in spoken(text)
    assert "500555" not in text


def test_goodbye_is_said_before_hanging_up() -> None:
    assert tags(twiml.goodbye(SCRIPT)) == ["Say", "Hangup"]
    assert tags(twiml.hang_up()) == ["Hangup"]


def test_the_brief_is_spoken_on_the_persons_own_leg_and_a_key_is_asked_for() -> None:
    text = twiml.whisper(SCRIPT, answer_url=ANSWER_URL, headline="Wants a refund.")
    (gather,) = verbs(text)

    assert gather.tag == "Gather"
    assert gather.attrib == {
        "action": ANSWER_URL,
        "actionOnEmptyResult": "true",
        "input": "dtmf",
        "method": "POST",
        "numDigits": "1",
        "timeout": "10",
    }
    assert spoken(text) == "A caller is waiting for you. Wants a refund. Press 1 to take the call, or any other key to decline."


@pytest.mark.parametrize(
    ("headline", "heard"),
    [
        ("Charged twice on <CARD_2>, says <NAME>", "Charged twice on card, says name"),
        ("A & B < C\x00\x08\ufffe", "A & B < C   "),
        ("{headline} {0}", "{headline} {0}"),
    ],
)
def test_a_headline_is_made_speakable(headline: str, heard: str) -> None:
    assert heard in spoken(twiml.whisper(SCRIPT, answer_url=ANSWER_URL, headline=headline))


def test_a_long_headline_is_cut_so_that_the_document_stays_below_4000_characters() -> None:
    text = twiml.whisper(SCRIPT, answer_url=ANSWER_URL, headline="&" * 10_000)

    assert spoken(text).count("&") == LONGEST_HEADLINE
    assert len(text) < 4000


def test_the_person_is_joined_to_this_callers_queue_and_nothing_is_played_to_the_caller() -> None:
    (dial,) = verbs(twiml.join(call_sid="CA1"))

    (queue,) = dial
    assert (dial.tag, dial.attrib, queue.tag, queue.attrib, queue.text) == ("Dial", {}, "Queue", {}, "esc-CA1")


def test_a_person_whom_taskrouter_reserved_is_joined_to_the_caller_of_that_reservation() -> None:
    (dial,) = verbs(twiml.join(call_sid="CA1", reservation="WR1"))

    (queue,) = dial
    assert (dial.attrib, queue.tag, queue.attrib, queue.text) == ({}, "Queue", {"reservationSid": "WR1"}, None)
