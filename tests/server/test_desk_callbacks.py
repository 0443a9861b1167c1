"""The desk's list of callers who are to be called back, from the keys they press to the number that is erased."""

import asyncio
from dataclasses import replace

from tests.fakes.house import QUICK, ZERO, Stage
from tests.server.agent import at_the_desk
from tests.server.conftest import Serving
from tests.server.peer import Captions
from tests.server.test_desk import journal_of
from voice_agent.core.escalation import Condition
from voice_agent.core.words import RedactedText

CALL_BACK = replace(
    ZERO, name="call_back", when=(Condition(fact="key", operator="is", value="5"),), then="callback", say=RedactedText("Sure.")
)
BRISK = replace(QUICK, callback_number=RedactedText("Type it."), callback_confirm=RedactedText("Ends in {ending}?"))
NUMBER = "3125550142"


async def test_a_caller_types_their_number_and_the_desk_shows_it_on_a_click_until_it_is_done(serving: Serving, stage: Stage) -> None:
    async with (
        serving(replace(stage, says=("Yes.",), rules=(CALL_BACK, ZERO), policy=BRISK)) as server,
        at_the_desk(server) as desk,
    ):
        booked, captions = await server.book(), Captions()
        call = booked["call"]
        async with asyncio.TaskGroup() as group, server.dial(booked["media"], call) as caller:
            group.create_task(captions.read(server.http, booked["captions"]))
            await caller.start(booked["token"])
            await captions.until_said("How can I help")
            await caller.press("5")
            await captions.until_said("Type it.")
            for key in NUMBER + "#":
                await caller.press(key)
            await captions.until_said("Ends in")
            await caller.say(0x20, 50)
            await caller.say(0xFF, 150)
            listed = await desk.sees("Call back")
            await caller.closed()
        shown = await desk.act(f"callbacks/{call}/number")
        done = await desk.act(f"callbacks/{call}/done")
        late = await desk.act(f"callbacks/{call}/number")

    assert "The caller pressed 0." in listed
    assert NUMBER not in listed
    assert NUMBER in shown.text
    assert (done.text, late.status_code) == ("", 409)
    assert [(deed.who, deed.what) for deed in stage.audit.deeds] == [("Maya", "looked at a number to call back"), ("Maya", "called back")]
    written = journal_of(stage)
    assert written.count('"type":"DigitGiven"') == len(NUMBER)
    assert '"disposition":"callback"' in written
    assert NUMBER not in written
    assert '"key":"3"' not in written
    assert "4 2" not in written
