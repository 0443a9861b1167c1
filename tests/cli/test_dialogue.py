"""The caller's side of a call, on the clock of its own audio."""

import numpy as np
import pytest

from voice_agent.audio import mulaw
from voice_agent.audio.comfort import comfort
from voice_agent.audio.packets import PACKET_BYTES, SILENCE
from voice_agent.cli.dialogue import Dialogue, Loudspeaker, is_voice


def tone(seconds: float) -> bytes:
    at = np.arange(round(seconds * 8000)) / 8000
    return mulaw.encode((8000 * np.sin(2 * np.pi * 440 * at)).astype(np.int16))


def quiet(seconds: float) -> bytes:
    return SILENCE * round(seconds * 8000)


def run(dialogue: Dialogue, seconds: float) -> bytes:
    """What is sent in the next `seconds`, or until the caller hangs up."""
    sent = b""
    for _ in range(round(seconds / 0.02)):
        packet = dialogue.next_packet()
        if packet is None:
            break
        sent += packet
    return sent


def begins_with_voice(audio: bytes) -> bool:
    return is_voice(audio[:PACKET_BYTES])


def test_the_first_recording_waits_for_the_agents_greeting_and_a_pause() -> None:
    dialogue = Dialogue([tone(1.0)])
    run(dialogue, 1.0)
    dialogue.hear(tone(2.0))

    before = run(dialogue, 2.8)
    behind = run(dialogue, 0.1)

    assert before == quiet(2.8)
    assert begins_with_voice(behind)


def test_each_recording_waits_for_the_reply_to_the_one_before_and_the_last_reply_ends_the_call() -> None:
    dialogue = Dialogue([tone(0.5), tone(0.5)])
    dialogue.hear(tone(0.2))
    run(dialogue, 3.0)
    assert len(dialogue.turns) == 1

    dialogue.hear(tone(0.4))
    run(dialogue, 3.0)
    assert len(dialogue.turns) == 2
    assert dialogue.unspoken == 0

    dialogue.hear(tone(0.4))
    run(dialogue, 0.4 + 0.8)
    assert dialogue.next_packet() is None


def test_a_reply_is_timed_from_the_last_voice_to_the_agents_first() -> None:
    dialogue = Dialogue([tone(0.5) + quiet(0.4)])
    dialogue.hear(tone(0.2))
    run(dialogue, 1.0 + 0.5)
    run(dialogue, 0.6)
    dialogue.hear(quiet(0.1) + tone(0.4))
    run(dialogue, 1.0)

    (turn,) = dialogue.turns
    assert turn.begin == pytest.approx(1.0, abs=0.03)
    assert turn.end == pytest.approx(1.5, abs=0.03)
    assert turn.reply == pytest.approx(0.7, abs=0.05)


def test_nothing_is_said_while_the_agent_thinks() -> None:
    dialogue = Dialogue([tone(0.5)], patience=60)
    dialogue.hear(tone(0.2))
    dialogue.thinking = True
    assert run(dialogue, 5.0) == quiet(5.0)
    dialogue.thinking = False
    assert begins_with_voice(run(dialogue, 0.1))


def test_patience_ends_and_the_next_recording_is_spoken_anyway() -> None:
    dialogue = Dialogue([tone(0.5)], patience=3.0)
    assert run(dialogue, 3.0) == quiet(3.0)
    assert begins_with_voice(run(dialogue, 0.1))
    run(dialogue, 4.0)
    assert dialogue.next_packet() is None
    assert dialogue.turns[0].reply is None


def test_everything_that_was_sent_is_kept_in_whole_packets() -> None:
    dialogue = Dialogue([tone(0.05)])
    dialogue.hear(tone(0.1))
    sent = run(dialogue, 1.2)
    assert dialogue.said == sent
    assert len(sent) % PACKET_BYTES == 0
    assert dialogue.now == pytest.approx(1.2)


def test_a_mark_is_reached_when_the_sound_before_it_has_been_played_and_once_only() -> None:
    speaker = Loudspeaker()
    speaker.play(0, tone(0.04))
    speaker.mark(0, "one")
    speaker.mark(0, "two")
    assert speaker.reached(160) == []
    assert speaker.reached(320) == ["one", "two"]
    assert speaker.reached(480) == []


def test_a_mark_with_nothing_before_it_is_reached_at_once() -> None:
    speaker = Loudspeaker()
    speaker.mark(1600, "now")
    assert speaker.reached(1600) == ["now"]


def test_a_clear_drops_what_is_not_yet_played_and_returns_every_mark() -> None:
    speaker = Loudspeaker()
    speaker.play(0, tone(1.0))
    speaker.mark(0, "one")
    speaker.clear(800)
    assert speaker.reached(800) == ["one"]
    assert len(speaker.played) == 800
    assert not speaker.busy(800)


def test_what_arrives_late_is_played_late_with_silence_before_it() -> None:
    speaker = Loudspeaker()
    speaker.play(1600, tone(0.02))
    assert bytes(speaker.played[:1600]) == SILENCE * 1600
    assert speaker.voiced(1760)


def test_the_sound_of_waiting_is_nobodys_voice_and_nothing_to_wait_for() -> None:
    speaker = Loudspeaker()
    speaker.play(0, comfort())
    assert not any(is_voice(comfort()[at : at + 160]) for at in range(0, len(comfort()), 160))
    assert not speaker.busy(0)

    speaker.play(0, b"\x20" * 160)
    assert speaker.busy(0)
