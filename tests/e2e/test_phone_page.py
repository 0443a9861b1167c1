"""The phone page in a real browser, over a real server without models: the sound path, the captions, the keypad, the mishaps."""

import json
import re
import time
from base64 import b64decode
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, WebSocket, expect

from tests.e2e.conftest import NARROW, OpenPage, Serve, free_port, hears, silence, tone, write_wav
from voice_agent.audio import mulaw

VOICE = 600
"""Hz, the voice of the server without models (tests/fakes/house.py)."""


@dataclass
class Tap:
    """What goes over the page's media socket, and when."""

    sent: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    received: list[tuple[float, dict[str, Any]]] = field(default_factory=list)

    def on(self, page: Page) -> "Tap":
        page.on("websocket", self._listen)
        return self

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda text: self.sent.append((time.monotonic(), json.loads(text))))
        socket.on("framereceived", lambda text: self.received.append((time.monotonic(), json.loads(text))))

    def when(self, messages: list[tuple[float, dict[str, Any]]], event: str) -> list[float]:
        return [at for at, message in messages if message["event"] == event]

    def audio(self, since: float = 0.0) -> bytes:
        """What the microphone sent."""
        media = [message["media"]["payload"] for at, message in self.sent if message["event"] == "media" and at >= since]
        return b"".join(b64decode(payload) for payload in media)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_wav(tmp_path_factory.mktemp("sound") / "quiet.wav", silence(60))


@pytest.fixture(scope="module")
def asks_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Silence through the greeting, then something that the recogniser takes for a sentence."""
    return write_wav(tmp_path_factory.mktemp("sound") / "asks.wav", silence(4), tone(440, 1), silence(60))


def call(page: Page) -> None:
    page.get_by_role("button", name="Start the call").click()


def status(page: Page) -> Any:
    return page.get_by_role("heading", level=1)


def test_both_sides_of_a_call_appear_as_text_with_the_documents_behind_the_answer(
    serve: Serve, open_page: OpenPage, asks_once: Path
) -> None:
    url = serve("--says", "How can I return this? My account is 4111 1111 1111 1111")
    page = open_page(f"{url}/phone", microphone=asks_once)
    call(page)

    talk = page.get_by_role("log")
    expect(talk.locator(".turn.agent").first).to_contain_text("Hello, this is the assistant. How can I help?", timeout=15_000)
    expect(talk.locator(".turn.caller")).to_contain_text("How can I return this? My account is account", timeout=15_000)
    expect(talk.locator(".hidden-data")).to_have_text("account")
    answer = talk.locator(".turn.agent").nth(1)
    expect(answer).to_contain_text("thirty days of delivery. The label is in your account", timeout=20_000)
    expect(answer.locator(".now")).to_have_count(0, timeout=20_000)
    expect(answer.locator("summary")).to_have_text(["Returns and exchanges", "How to return"])
    short = answer.locator(".bubble").evaluate("bubble => { bubble.textContent = 'Yes.'; return bubble.offsetWidth; }")
    answer.locator("summary").first.click()
    expect(answer.locator("blockquote").first).to_be_visible()
    assert answer.locator(".bubble").evaluate("bubble => bubble.offsetWidth") == short
    expect(answer.locator("cite").first).to_have_text("kb/returns.md")

    page.get_by_role("button", name="Hang up").click()
    expect(status(page)).to_have_text("Call ended")
    expect(page.get_by_text(re.compile(r"It lasted 0:\d\d"))).to_be_visible()


def test_the_microphone_arrives_at_8_khz_with_its_pitch_and_without_a_gap(serve: Serve, open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(f"{serve()}/phone", microphone=write_wav(tmp_path / "tone.wav", tone(700, 60)))
    tap = Tap().on(page)
    call(page)
    expect(page.get_by_role("log")).to_contain_text("assistant", timeout=15_000)
    page.get_by_role("button", name="Hang up").click()

    numbers = [message["media"] for _, message in tap.sent if message["event"] == "media"]
    assert [int(media["chunk"]) for media in numbers] == list(range(1, len(numbers) + 1))
    assert [int(media["timestamp"]) for media in numbers] == [20 * i for i in range(len(numbers))]
    heard = mulaw.decode(tap.audio())[-8000:]
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    assert abs(int(spectrum.argmax()) * 8000 / len(heard) - 700) < 5
    assert [message["event"] for _, message in tap.sent[:2]] == ["connected", "start"]
    assert tap.sent[-1][1]["event"] == "stop"


def test_a_mark_goes_back_when_the_sound_before_it_has_been_played(serve: Serve, open_page: OpenPage, quiet: Path) -> None:
    page = open_page(f"{serve()}/phone", microphone=quiet)
    tap = Tap().on(page)
    call(page)
    hears(page, VOICE)
    expect(page.get_by_role("log").locator(".line:not(.now)")).to_have_count(1, timeout=10_000)

    greeting = len("Hello, this is the assistant.") * 0.05
    [mark, *_] = tap.when(tap.sent, "mark")
    [begin, *_] = tap.when(tap.received, "media")
    assert greeting - 0.1 < mark - begin < greeting + 0.6
    assert tap.when(tap.received, "mark")[0] < mark - 0.2, "the mark came long before it was reached"


def test_an_interruption_silences_the_loudspeaker_at_once_and_gives_back_the_marks(
    serve: Serve, open_page: OpenPage, tmp_path: Path
) -> None:
    microphone = write_wav(tmp_path / "interrupts.wav", silence(4), tone(440, 0.6), silence(2.5), tone(440, 1.5), silence(60))
    page = open_page(f"{serve('--says', 'How can I return this?', '--says', 'When do you open?')}/phone", microphone=microphone)
    tap = Tap().on(page)
    call(page)
    expect(page.get_by_role("log")).to_contain_text("thirty days", timeout=20_000)
    hears(page, VOICE)
    page.wait_for_function("() => window.pitch() === 0", polling=20, timeout=10_000)
    silent = time.monotonic()

    [cleared, *_] = tap.when(tap.received, "clear")
    sent_since = [message for at, message in tap.sent if cleared <= at <= cleared + 0.5]
    assert silent - cleared < 0.5, "more than a second of speech was waiting to be played"
    assert any(message["event"] == "mark" for message in sent_since)
    expect(page.get_by_role("log").locator(".interrupted")).to_have_count(1, timeout=10_000)


@pytest.mark.parametrize("how", ["mouse", "keyboard"])
def test_the_keypad_asks_for_a_person_by_mouse_and_by_keyboard(serve: Serve, open_page: OpenPage, quiet: Path, how: str) -> None:
    page = open_page(f"{serve()}/phone", microphone=quiet)
    tap = Tap().on(page)
    call(page)
    expect(page.get_by_role("log")).to_contain_text("How can I help?", timeout=15_000)
    if how == "mouse":
        page.get_by_role("button", name="Keypad").click()
        page.get_by_role("button", name="0", exact=False).and_(page.locator("[data-key='0']")).click()
    else:
        page.keyboard.press("0")

    expect(status(page)).to_have_text("Getting you a person", timeout=10_000)
    expect(page.get_by_text("You are next in line.")).to_be_visible(timeout=10_000)
    assert [message["dtmf"]["digit"] for _, message in tap.sent if message["event"] == "dtmf"] == ["0"]


def test_muted_the_line_carries_silence_and_keeps_its_clock(serve: Serve, open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(f"{serve()}/phone", microphone=write_wav(tmp_path / "tone.wav", tone(700, 60)))
    tap = Tap().on(page)
    call(page)
    expect(page.get_by_role("log")).to_contain_text("assistant", timeout=15_000)
    page.get_by_role("button", name="Mute").click()
    expect(page.get_by_role("button", name="Unmute")).to_have_attribute("aria-pressed", "true")
    muted = time.monotonic() + 0.2
    page.wait_for_timeout(800)

    audio = tap.audio(since=muted)
    assert len(audio) >= 160 * 20
    assert set(audio) == {0xFF}


def test_without_leave_to_use_the_microphone_the_page_says_what_to_do(serve: Serve, open_page: OpenPage) -> None:
    page = open_page(f"{serve()}/phone", allow_microphone=False)
    call(page)

    expect(page.get_by_role("alert")).to_contain_text("Allow it in the address bar")
    expect(page.get_by_role("button", name="Try again")).to_be_focused()


def test_when_all_lines_are_busy_the_page_says_so_and_calls_again_later(serve: Serve, open_page: OpenPage, quiet: Path) -> None:
    url = serve("--max-calls", "1")
    first, second = open_page(f"{url}/phone", microphone=quiet), open_page(f"{url}/phone", microphone=quiet)
    call(first)
    expect(first.get_by_role("log")).to_contain_text("assistant", timeout=15_000)
    call(second)
    expect(second.get_by_role("alert")).to_contain_text("All lines are busy")

    first.get_by_role("button", name="Hang up").click()
    second.get_by_role("button", name="Try again").click()
    expect(second.get_by_role("log")).to_contain_text("assistant", timeout=15_000)
    expect(second.get_by_role("alert")).to_be_hidden()


def test_when_the_server_dies_the_page_comes_back_to_a_person_by_itself(
    serve: Serve, open_page: OpenPage, quiet: Path, tmp_path: Path
) -> None:
    arguments = ("--data", str(tmp_path), "--port", str(free_port()))
    url = serve(*arguments)
    page = open_page(f"{url}/phone", microphone=quiet)
    call(page)
    expect(page.get_by_role("log")).to_contain_text("How can I help?", timeout=15_000)
    serve.kill(url)
    expect(status(page)).to_have_text("We were cut off", timeout=10_000)

    serve(*arguments)
    expect(page.get_by_text("You are next in line.")).to_be_visible(timeout=20_000)
    talk = page.get_by_role("log")
    expect(talk).to_contain_text("Hello, this is the assistant.")
    expect(talk).to_contain_text("I am getting you a colleague.")

    serve.kill(url)
    expect(status(page)).to_have_text("We were cut off", timeout=10_000)
    page.get_by_role("button", name="Hang up").click()
    expect(status(page)).to_have_text("Call ended")
    page.get_by_role("button", name="Call again").click()
    expect(page.get_by_role("alert")).to_contain_text("The server cannot be reached")


def test_on_a_phone_in_the_dark_nothing_is_cut_off(serve: Serve, open_page: OpenPage, quiet: Path) -> None:
    page = open_page(f"{serve()}/phone", microphone=quiet, viewport=NARROW, color_scheme="dark")
    call(page)
    expect(page.get_by_role("log")).to_contain_text("How can I help?", timeout=15_000)
    page.get_by_role("button", name="Keypad").click()

    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    for button in ("Mute", "Keypad", "Hang up"):
        expect(page.get_by_role("button", name=button)).to_be_in_viewport(ratio=1)
    expect(page.locator("[data-key='#']")).to_be_in_viewport(ratio=1)


def test_the_pages_mulaw_is_the_servers(serve: Serve, open_page: OpenPage) -> None:
    page = open_page(f"{serve()}/phone")
    script = """async () => {
        const { decode, encodeSample } = await import(document.getElementById("phone").dataset.sound + "/mulaw.js");
        const codes = Uint8Array.from({ length: 256 }, (_, code) => code);
        const encoded = [];
        for (let sample = -32768; sample < 32768; sample += 7) encoded.push(encodeSample(sample / 32767));
        return [Array.from(decode(codes), (sample) => Math.round(sample * 32768)), encoded];
    }"""
    decoded, encoded = page.evaluate(script)

    assert decoded == mulaw.decode(bytes(range(256))).tolist()
    ours = np.frombuffer(mulaw.encode(np.arange(-32768, 32768, 7, dtype=np.int16)), np.uint8)
    far = np.abs(mulaw.decode(bytes(encoded)).astype(int) - mulaw.decode(ours.tobytes()).astype(int))
    assert (far == 0).mean() > 0.99, "at a boundary between two codes the scale of 32767 may choose the other"


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000, 96_000])
def test_the_low_pass_keeps_speech_and_stops_what_would_fold_back(serve: Serve, open_page: OpenPage, rate: int) -> None:
    page = open_page(f"{serve()}/phone")
    script = """async (rate) => {
        const { Resampler } = await import(document.getElementById("phone").dataset.sound + "/resample.js");
        const level = (hertz) => {
            const resampler = new Resampler(rate, 8000);
            const out = [];
            for (let block = 0, n = 0; block < 400; block++) {
                out.push(...resampler.push(Float32Array.from({ length: 128 }, () => Math.sin((2 * Math.PI * hertz * n++) / rate))));
            }
            const steady = out.slice(out.length / 2);
            return 10 * Math.log10((2 * steady.reduce((sum, x) => sum + x * x, 0)) / steady.length);
        };
        return Object.fromEntries([300, 1000, 3300, 4700, 6000, 7500].map((hertz) => [hertz, level(hertz)]));
    }"""
    levels = {int(hertz): level for hertz, level in page.evaluate(script, rate).items()}

    assert all(abs(levels[hertz]) < 0.1 for hertz in (300, 1000, 3300))
    assert all(levels[hertz] < -65 for hertz in (4700, 6000, 7500))
