import asyncio

import pytest

from tests.fakes.telephone import Telephone
from tests.session.live import CALL, live
from tests.session.stage import BYE, OFFER, ScriptedBrain, Stage, T, speak, transcribe
from tests.session.virtual_time import now
from voice_agent.core import commands as do
from voice_agent.core import events as ev
from voice_agent.core.words import Line, SpeechId
from voice_agent.session.captions import KEPT, Caption, Captions, Said, Saying, StateChanged

KEY = ev.KeyPressed


def saying(number: int) -> Saying:
    return Saying(speech=SpeechId(number), text=T(f"sentence {number}"))


async def everything(captions: Captions) -> list[Caption]:
    return [caption async for caption in captions.subscribe()]


async def test_those_who_come_late_see_what_was_before_and_what_comes() -> None:
    captions = Captions()
    captions.show(saying(1))
    reading = asyncio.create_task(everything(captions))
    await asyncio.sleep(1)
    captions.show(saying(2))
    await asyncio.sleep(1)
    captions.close()

    assert await reading == [saying(1), saying(2)]
    assert await everything(captions) == [saying(1), saying(2)], "even when the call is over"


async def test_every_reader_sees_everything() -> None:
    captions = Captions()
    readers = [asyncio.create_task(everything(captions)) for _ in range(3)]
    for number in range(10):
        await asyncio.sleep(0.1)
        captions.show(saying(number))
    captions.close()

    assert await asyncio.gather(*readers) == [[saying(n) for n in range(10)]] * 3


async def test_a_reader_who_falls_behind_misses_the_oldest_and_holds_nobody_up() -> None:
    captions = Captions()
    slow = captions.subscribe()
    captions.show(saying(0))
    assert await anext(slow) == saying(0)
    for number in range(1, KEPT + 100):
        captions.show(saying(number))
    captions.close()

    assert [caption async for caption in slow] == [saying(n) for n in range(100, KEPT + 100)]


def states(captions: list[Caption]) -> list[str]:
    return [caption.state for caption in captions if isinstance(caption, StateChanged)]


async def test_a_sentence_is_shown_when_it_begins_to_be_heard_and_not_before(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(ev.CallStarted, speak(1, "A"), speak(2, "B"))
    async with live(stage, brain) as call:
        shown: list[tuple[float, SpeechId]] = []

        async def watch() -> None:
            async for caption in call.captions.subscribe():
                shown.extend([(round(now(), 1), caption.speech)] if isinstance(caption, Saying) else [])

        watching = asyncio.create_task(watch())
        await call.until(3)
        call.phone.hangs_up()
        await call.running
        await watching

    assert shown == [(0.1, 1), (0.2, 2)]


async def test_lines_are_shown_as_the_call_notes_them(stage: Stage, brain: ScriptedBrain) -> None:
    line = Line(speaker="caller", text=T("Hello"), at=1.0)
    brain.on(KEY, do.NoteLine(line=line), do.NoteLine(line=line, revised=True), BYE)
    async with live(stage, brain) as call:
        call.phone.presses("1")
        await call.running

    said = [caption for caption in await everything(call.captions) if isinstance(caption, Said)]
    assert said == [Said(line=line, revised=False), Said(line=line, revised=True)]


async def test_the_state_of_the_call_is_shown_when_it_changes(stage: Stage, brain: ScriptedBrain) -> None:
    leg = Telephone(monotonic=now)
    brain.on(ev.CallStarted, speak(1, "A"))
    brain.on(KEY, transcribe())
    brain.on(KEY, OFFER)
    brain.on(ev.HandoverAccepted, do.ConnectPerson())
    async with live(stage, brain) as call:
        await call.until(2)
        call.phone.presses("1")
        await call.until(3)
        call.phone.presses("2")
        await call.until(4)
        await stage.queue.accept(CALL, "Alex")
        await call.until(4.5)
        joined = asyncio.create_task(call.session.join_person(leg))
        await call.until(5)
        await stage.queue.complete(CALL)
        await joined
        await call.until(6)
        call.phone.hangs_up()
        await call.running

    seen = await everything(call.captions)
    assert states(seen) == [
        "speaking",
        "listening",
        "thinking",
        "listening",
        "waiting",
        "waiting",
        "waiting",
        "bridged",
        "listening",
        "ended",
    ]
    waiting = [(c.position, c.agent) for c in seen if isinstance(c, StateChanged) and c.state in ("waiting", "bridged")]
    assert waiting == [(0, ""), (1, ""), (0, "Alex"), (0, "Alex")]
    assert seen[-2:] == [StateChanged(state=state, position=0, agent="") for state in ("listening", "ended")]


async def test_a_call_that_breaks_ends_its_captions(stage: Stage, brain: ScriptedBrain) -> None:
    brain.breaks_on(KEY, "bug")
    async with live(stage, brain) as call:
        watching = asyncio.create_task(everything(call.captions))
        await call.until(1)
        call.phone.presses("1")
        await watching


@pytest.mark.parametrize("readers", [0, 5])
async def test_readers_who_go_away_are_forgotten(stage: Stage, brain: ScriptedBrain, readers: int) -> None:
    async with live(stage, brain) as call:
        watching = [asyncio.create_task(everything(call.captions)) for _ in range(readers)]
        await call.until(1)
        for reader in watching:
            reader.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
        call.phone.hangs_up()
        await call.running
