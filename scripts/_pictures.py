"""Take the pictures of README.md: one real call on the phone page of a running server, and its transfer on the desk.

Two browsers, two pretended microphones: a caller who asks twice and then needs a person, and the person. Nothing on the server is
pretended, so start it with a data_dir of its own, lest a real queue is in the picture.
"""

import argparse
import os
import tempfile
from contextlib import closing
from pathlib import Path

import numpy as np
from hibari import SAMPLE_RATE, Hibari
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.e2e.conftest import ALLOW_MICROPHONE, CHROMIUM, FLAGS, silence, write_wav
from voice_agent.audio.pcm import Pcm
from voice_agent.audio.resample import resample

CALLER = (
    (10, "How much is express delivery?"),
    (8, "What time does the Seattle store close on Sunday?"),
    (15, "My name is Anna Keller. I have cleaned my coffee machine twice, and it still shows the error."),
    (90, ""),
)
"""Seconds of silence, then a sentence."""
PERSON = ((2, "Hello Anna, this is Dana. How can I help you?"), (90, ""))
SIZE = {"width": 1280, "height": 800}
PATIENCE = 60_000
"""Milliseconds, for each thing that is waited for."""


def microphone(path: Path, voice: Hibari, script: tuple[tuple[float, str], ...]) -> Path:
    parts = [part for pause, text in script for part in (silence(pause), spoken(voice, text))]
    return write_wav(path, *parts)


def spoken(voice: Hibari, text: str) -> NDArray[np.int16]:
    if not text:
        return silence(0)
    samples = np.clip(1.8 * np.concatenate(list(voice.stream(text, seed=1))), -1, 1)
    return resample(Pcm(samples=(32767 * samples).astype(np.int16), rate=SAMPLE_RATE), 48_000).samples


def browser(playwright: Playwright, heard: Path) -> Browser:
    flags = [*FLAGS, ALLOW_MICROPHONE, f"--use-file-for-fake-audio-capture={heard}"]
    return playwright.chromium.launch(executable_path=CHROMIUM, args=flags)


def page_of(opened: Browser, url: str) -> Page:
    page = opened.new_page(viewport=SIZE, device_scale_factor=1.25)
    page.set_default_timeout(PATIENCE)
    page.goto(url)
    return page


def take(page: Page, to: Path, name: str) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(400)  # colours fade
        page.screenshot(path=to / f"{name}-{scheme}.png")


def main() -> None:
    parser = argparse.ArgumentParser(description="Take the pictures of README.md from a running server.")
    parser.add_argument("--url", default="http://127.0.0.1:8080", help="the server")
    parser.add_argument("--to", type=Path, default=Path("docs"), help="the folder of the pictures")
    parser.add_argument(
        "--name", default="Dana", help="of an account of the desk; its password is in the environment variable DESK_PASSWORD"
    )
    chosen = parser.parse_args()
    chosen.to.mkdir(exist_ok=True)
    voice = Hibari()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        caller = microphone(Path(folder) / "caller.wav", voice, CALLER)
        person = microphone(Path(folder) / "person.wav", voice, PERSON)
        with closing(browser(playwright, caller)) as theirs, closing(browser(playwright, person)) as ours:
            phone, desk = page_of(theirs, f"{chosen.url}/phone"), page_of(ours, f"{chosen.url}/desk")
            desk.fill("[name=name]", chosen.name)
            desk.fill("[name=password]", os.environ["DESK_PASSWORD"])
            desk.click("button[type=submit]")
            desk.click("#go-available")
            phone.click("#call")
            phone.locator("#talk details").nth(1).wait_for()
            phone.wait_for_selector("#phone[data-state=listening]")
            phone.locator("#talk details summary").last.click()
            take(phone, chosen.to, "phone")
            phone.wait_for_selector("#phone[data-state=waiting]")
            phone.wait_for_timeout(12_000)  # for what the caller is told
            desk.click("#accept")
            phone.wait_for_selector("#phone[data-state=bridged]")
            desk.wait_for_timeout(6_000)  # for what the person says
            take(desk, chosen.to, "desk")
            desk.click("#hangup")
            desk.click("[name=skip]")


if __name__ == "__main__":
    main()
