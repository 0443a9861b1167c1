"""Real browsers with a pretended microphone, real server processes."""

import contextlib
import socket
import subprocess
import sys
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]
ALLOW_MICROPHONE = "--use-fake-ui-for-media-stream"

LISTEN_IN = """
(() => {
  // Everything that goes to the loudspeaker passes an analyser too.
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (target, ...rest) {
    if (target instanceof AudioDestinationNode && this instanceof AudioWorkletNode) {
      if (window.ear?.context !== this.context) window.ear = new AnalyserNode(this.context, { fftSize: 4096, smoothingTimeConstant: 0 });
      connect.call(this, window.ear);
    }
    return connect.call(this, target, ...rest);
  };
  window.pitch = () => {
    if (!window.ear) return 0;
    const bins = new Float32Array(window.ear.frequencyBinCount);
    window.ear.getFloatFrequencyData(bins);
    const loudest = bins.indexOf(Math.max(...bins));
    return bins[loudest] < -60 ? 0 : Math.round((loudest * window.ear.context.sampleRate) / window.ear.fftSize);
  };
})();
"""
"""`window.pitch()`: the strongest frequency now at the loudspeaker, in Hz; 0 for silence."""

WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


def tone(hertz: float, seconds: float, *, rate: int = 48_000) -> NDArray[np.int16]:
    at = np.arange(round(seconds * rate)) / rate
    return (12_000 * np.sin(2 * np.pi * hertz * at)).astype(np.int16)


def silence(seconds: float, *, rate: int = 48_000) -> NDArray[np.int16]:
    return np.zeros(round(seconds * rate), np.int16)


def write_wav(path: Path, *parts: NDArray[np.int16]) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(np.concatenate(parts).tobytes())
    return path


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """For one module: while it runs, its loop occupies the thread, and no async test can."""
    with sync_playwright() as started:
        yield started


Launch = Callable[..., Browser]


@pytest.fixture
def launch(playwright: Playwright) -> Iterator[Launch]:
    """`launch(microphone=FILE)`: a browser whose microphone plays the file over and over; without one, it beeps."""
    with contextlib.ExitStack() as open_browsers:

        def start(*, microphone: Path | None = None, allow_microphone: bool = True) -> Browser:
            flags = [*FLAGS]
            if allow_microphone:
                flags.append(ALLOW_MICROPHONE)
            if microphone:
                flags.append(f"--use-file-for-fake-audio-capture={microphone}")
            return open_browsers.enter_context(contextlib.closing(playwright.chromium.launch(executable_path=CHROMIUM, args=flags)))

        yield start


class Serve:
    """`serve("--says", TEXT, …)`: starts a server process without models (tests/fakes/serve.py); its address."""

    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen[str]] = {}

    def __call__(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "tests.fakes.serve", *arguments]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        self._running[url] = process
        assert url.startswith("http"), "the server did not start; its log is above"
        return url

    def kill(self, url: str) -> None:
        """As a crash would."""
        process = self._running.pop(url)
        process.kill()
        process.communicate()

    def kill_all(self) -> None:
        for url in list(self._running):
            self.kill(url)


@pytest.fixture
def serve() -> Iterator[Serve]:
    serve = Serve()
    yield serve
    serve.kill_all()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(launch: Launch) -> Iterator[OpenPage]:
    """`open_page(URL, microphone=FILE)`: the page in a browser of its own, with an ear at its loudspeaker.

    What the page complains of (a script's error, something its policy blocked) fails the test.
    """
    complaints: list[str] = []

    def start(url: str, *, microphone: Path | None = None, allow_microphone: bool = True, **context: Any) -> Page:
        browser = launch(microphone=microphone, allow_microphone=allow_microphone)
        page = browser.new_context(**{"viewport": WIDE, **context}).new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if "Content Security Policy" in message.text else None)
        page.add_init_script(LISTEN_IN)
        page.goto(url)
        return page

    yield start
    assert complaints == []


def hears(page: Page, hertz: float, *, within: float = 20.0) -> None:
    """Until the page's loudspeaker plays a tone of this frequency."""
    page.wait_for_function("hertz => Math.abs(window.pitch() - hertz) < 25", arg=hertz, polling=50, timeout=within * 1000)
