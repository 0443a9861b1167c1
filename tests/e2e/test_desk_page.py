"""The desk in one browser, the caller's phone page in another: the handover as the two people live it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenPage, Serve, hears, silence, tone, write_wav
from tests.fakes.house import PASSWORD

CALLER, PERSON = 700, 1100
"""Hz, by which the two are told apart."""


@pytest.fixture(scope="module")
def caller_voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Beeps, each of which the recogniser takes for a sentence, after the greeting."""
    return write_wav(tmp_path_factory.mktemp("sound") / "caller.wav", silence(3), *[tone(CALLER, 0.7), silence(1.3)] * 30)


@pytest.fixture(scope="module")
def person_voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_wav(tmp_path_factory.mktemp("sound") / "person.wav", *[tone(PERSON, 0.7), silence(1.3)] * 30)


def call(page: Page) -> None:
    page.get_by_role("button", name="Start the call").click()


def press_zero(page: Page) -> None:
    """The quickest way to a person."""
    call(page)
    expect(page.get_by_role("log")).to_contain_text("assistant", timeout=15_000)
    page.keyboard.press("0")


def signed_in(page: Page, name: str = "Maya") -> Page:
    """The desk led to the sign-in page, and leads back."""
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Waiting")).to_be_visible()
    return page


def available(page: Page) -> Page:
    page.get_by_role("button", name="Available").click()
    expect(page.locator("#duty strong")).to_have_text("Available")
    return page


def take(desk: Page) -> None:
    """By hand, from the list."""
    desk.get_by_role("button", name="Take this call").click(timeout=20_000)


def test_a_call_rings_for_whoever_is_available_is_accepted_by_a_key_both_hear_each_other_and_the_wrap_up_is_kept(
    serve: Serve, open_page: OpenPage, caller_voice: Path, person_voice: Path
) -> None:
    url = serve("--ring-for", "60", "--says", "My kettle leaks, my account is 4111 1111 1111 1111, get me a person.")
    desk = available(signed_in(open_page(f"{url}/desk", microphone=person_voice)))
    expect(desk.get_by_text("Nobody is waiting")).to_be_visible()
    phone = open_page(f"{url}/phone", microphone=caller_voice)
    call(phone)

    card = desk.locator("#incoming")
    expect(card).to_be_visible(timeout=20_000)
    expect(card).to_have_role("region")
    expect(card).to_have_accessible_name(re.compile("My kettle leaks"))
    expect(card).to_contain_text("The caller asked for a person.")
    expect(card).to_contain_text(re.compile(r"Waiting\s+0:\d\d"))
    expect(card).to_be_focused()
    expect(desk.get_by_role("alert").filter(has_text="Incoming call: My kettle leaks")).to_be_attached()
    seconds = int(desk.get_by_role("timer").inner_text())
    assert 0 < seconds <= 60
    desk.wait_for_function("seconds => Number(document.querySelector('[role=timer]').innerText) < seconds", arg=seconds)
    desk.wait_for_function("() => document.title.includes('Incoming call')")
    expect(desk.get_by_role("status").filter(has_text="1 caller waiting")).to_be_attached()
    desk.keyboard.press("a")

    expect(phone.locator("#status")).to_have_text("Connected to Maya", timeout=15_000)
    expect(card).to_have_count(0)
    expect(desk.locator("#line")).to_have_text("With the caller")
    expect(desk.locator("#duty strong")).to_have_text("On a call")
    expect(desk.locator("#headline")).to_contain_text("My kettle leaks")
    expect(desk.locator("#headline .hidden-data")).to_have_text("account")
    expect(desk.get_by_label("Say first")).to_have_value(
        re.compile(r"Hello, thanks for holding\..*My kettle leaks, my account is \[account\]")
    )
    expect(desk.locator("#talk .turn.caller")).to_contain_text("My kettle leaks")
    hears(desk, CALLER)
    hears(phone, PERSON)

    desk.get_by_role("button", name="Hang up").click()
    expect(desk.locator("#line")).to_have_text("The call has ended")
    expect(phone.locator("#status")).to_have_text("Call ended", timeout=15_000)
    expect(desk.locator("#duty strong")).to_have_text("Wrapping up")
    desk.get_by_label("Solved").check()
    desk.get_by_role("group", name="Was the brief useful?").get_by_label("Yes").check()
    desk.get_by_label("Notes").fill("A new gasket is on its way.")
    desk.get_by_role("button", name="Save").click()
    expect(desk.get_by_text("No call open")).to_be_visible()
    expect(desk.locator("#duty strong")).to_have_text("Available")
    expect(desk.get_by_text("Nobody is waiting")).to_be_visible()


def test_muted_the_person_is_not_heard(serve: Serve, open_page: OpenPage, caller_voice: Path, tmp_path: Path) -> None:
    url = serve()
    desk = signed_in(open_page(f"{url}/desk", microphone=write_wav(tmp_path / "on.wav", tone(PERSON, 60))))
    phone = open_page(f"{url}/phone", microphone=caller_voice)
    press_zero(phone)
    take(desk)
    hears(phone, PERSON)

    desk.get_by_role("button", name="Mute").click()
    phone.wait_for_function("() => window.pitch() === 0", polling=50, timeout=5_000)
    desk.get_by_role("button", name="Unmute").click()
    hears(phone, PERSON)


def test_the_caller_hanging_up_ends_the_call_on_the_desk(serve: Serve, open_page: OpenPage, caller_voice: Path, person_voice: Path) -> None:
    url = serve()
    desk = signed_in(open_page(f"{url}/desk", microphone=person_voice))
    phone = open_page(f"{url}/phone", microphone=caller_voice)
    press_zero(phone)
    take(desk)
    hears(desk, CALLER)

    phone.get_by_role("button", name="Hang up").click()
    expect(desk.locator("#line")).to_have_text("The call has ended", timeout=10_000)
    expect(desk.get_by_role("heading", name="How did it go?")).to_be_focused()
    desk.get_by_role("button", name="Skip").click()
    expect(desk.get_by_text("No call open")).to_be_visible()


def test_a_call_that_nobody_answers_says_why_one_is_away_and_rings_again_after_a_click(
    serve: Serve, open_page: OpenPage, tmp_path: Path
) -> None:
    url = serve("--ring-for", "2")
    desk = available(signed_in(open_page(f"{url}/desk")))
    phone = open_page(f"{url}/phone", microphone=write_wav(tmp_path / "quiet.wav", silence(60)))
    press_zero(phone)
    card = desk.locator("#incoming")
    expect(card).to_be_visible(timeout=20_000)
    expect(card).to_have_count(0, timeout=10_000)
    expect(desk.locator("#duty")).to_contain_text("You were set away because a call rang here and nobody answered it.")

    desk.get_by_role("button", name="I am back").click()
    expect(card).to_be_visible()
    desk.keyboard.press("d")
    expect(card).to_have_count(0)
    expect(desk.locator("#duty strong")).to_have_text("Available")
    expect(desk.get_by_role("button", name="Take this call")).to_be_visible()


def test_two_agents_see_one_caller_and_one_of_them_takes_the_call(
    serve: Serve, open_page: OpenPage, caller_voice: Path, person_voice: Path
) -> None:
    url = serve()
    maya = signed_in(open_page(f"{url}/desk", microphone=person_voice))
    daniel = signed_in(open_page(f"{url}/desk", microphone=person_voice), "Daniel")
    phone = open_page(f"{url}/phone", microphone=caller_voice)
    press_zero(phone)
    expect(daniel.get_by_role("button", name="Take this call")).to_be_visible(timeout=20_000)
    take(maya)

    expect(daniel.get_by_text("With Maya")).to_be_visible()
    expect(daniel.get_by_role("button", name="Take this call")).to_have_count(0)
    daniel.get_by_role("button", name="Open brief").click()
    expect(daniel.locator("#line")).to_have_text("Taken by Maya")
    expect(daniel.get_by_role("button", name="Hang up")).to_have_count(0)
    daniel.get_by_role("button", name="Close").click()
    expect(daniel.get_by_text("No call open")).to_be_visible()


def test_nobody_takes_a_call_without_a_microphone(serve: Serve, open_page: OpenPage, caller_voice: Path) -> None:
    url = serve()
    desk = signed_in(open_page(f"{url}/desk", allow_microphone=False))
    phone = open_page(f"{url}/phone", microphone=caller_voice)
    press_zero(phone)
    take(desk)
    expect(desk.locator("#notice")).to_contain_text("may not use your microphone")
    expect(desk.get_by_role("button", name="Take this call")).to_be_visible()
    expect(phone.locator("#status")).to_have_text("Getting you a person")


def test_somebody_signs_in_with_a_second_try_stays_signed_in_and_signs_out(serve: Serve, open_page: OpenPage) -> None:
    desk = open_page(f"{serve()}/desk")
    desk.get_by_label("Name").fill("Maya")
    desk.get_by_label("Password").fill("a wrong guess")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("alert")).to_contain_text("do not belong together")
    desk.get_by_label("Password").fill(PASSWORD)
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("Nobody is waiting")).to_be_visible()
    desk.reload()
    expect(desk.locator(".me")).to_contain_text("Maya")

    desk.get_by_role("button", name="Sign out").click()
    expect(desk.get_by_role("heading", name="Sign in")).to_be_visible()
    desk.go_back()
    desk.reload()
    expect(desk.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_lost_server_is_shown(serve: Serve, open_page: OpenPage) -> None:
    url = serve()
    desk = signed_in(open_page(f"{url}/desk"))
    expect(desk.locator("#link")).to_have_text("Live")
    serve.kill(url)
    expect(desk.locator("#link")).to_have_text("Reconnecting…", timeout=10_000)


def test_on_a_small_phone_the_desk_needs_no_sideways_scrolling(
    serve: Serve, open_page: OpenPage, caller_voice: Path, person_voice: Path
) -> None:
    url = serve("--ring-for", "60")
    small = {"width": 360, "height": 740}
    desk = available(signed_in(open_page(f"{url}/desk", microphone=person_voice, viewport=small, color_scheme="dark")))
    phone = open_page(f"{url}/phone", microphone=caller_voice)
    press_zero(phone)
    accept, hang_up = (desk.get_by_role("button", name=name) for name in ("Accept", "Hang up"))
    expect(accept).to_be_in_viewport(ratio=1, timeout=20_000)
    ringing = desk.evaluate("() => document.documentElement.scrollWidth")
    accept.click()
    expect(desk.locator("#line")).to_have_text("With the caller", timeout=15_000)
    expect(hang_up).to_be_in_viewport(ratio=1)
    talking = desk.evaluate("() => document.documentElement.scrollWidth")
    hang_up.click()
    expect(desk.get_by_role("heading", name="How did it go?")).to_be_in_viewport(ratio=1)
    wrapping_up = desk.evaluate("() => document.documentElement.scrollWidth")

    assert (ringing, talking, wrapping_up) == (360, 360, 360)
