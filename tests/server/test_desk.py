"""The desk's routes: who waits, who takes them, and the audio between the two."""

import asyncio
from dataclasses import replace

import pytest

from tests.fakes.house import Stage
from tests.server.agent import CALLER, PERSON_SAYS, at_the_desk, only_call, talk_until_heard, token_in
from tests.server.conftest import Server, Serving
from tests.server.peer import Captions
from tests.server.waiting import ON_THE_PHONE, handover
from voice_agent.core.words import CallId
from voice_agent.errors import PortError
from voice_agent.ports import Handover


async def test_a_waiting_caller_appears_by_themselves_is_accepted_and_both_hear_each_other(server: Server) -> None:
    async with at_the_desk(server) as desk, server.calling() as caller:
        await desk.sees("Nobody is waiting")
        await caller.press("0")
        await desk.sees("The caller pressed 0.")
        call = await only_call(server)

        panel = (await desk.post(call, "accept")).text
        assert "Say first" in panel
        await desk.sees("With you")

        async with desk.talking(call, panel) as person:
            await asyncio.gather(talk_until_heard(caller, CALLER, person), talk_until_heard(person, PERSON_SAYS, caller))
            await desk.post(call, "complete")
            await person.closed()
        assert await caller.closed() == 1000
        await desk.sees("Nobody is waiting")
    [record] = server.stage.store.records.values()
    assert record.disposition == "transferred"


async def test_a_tab_that_is_closed_in_a_talk_puts_the_caller_back_before_others(server: Server) -> None:
    async with at_the_desk(server) as desk, server.calling() as caller:
        await caller.press("0")
        await desk.sees("Take this call")
        call = await only_call(server)
        panel = (await desk.post(call, "accept")).text
        async with desk.talking(call, panel) as person:
            await talk_until_heard(caller, CALLER, person)
        assert "Urgent" in await desk.sees("Take this call")
        await caller.hang_up()
        await desk.sees("Nobody is waiting")


async def test_the_list_is_escaped_and_shows_what_the_agent_decides_by(server: Server) -> None:
    await server.stage.queue.offer(handover())
    async with at_the_desk(server) as desk:
        shown = await desk.sees("kettle")

    assert "&amp; &lt;b&gt;smokes" in shown
    assert ">card</span>" in shown
    for fact in ("High", "Support", "Upset", "Something may be dangerous.", "safety", "Telephone", "data-waited="):
        assert fact in shown


async def test_urgent_callers_stand_first(server: Server) -> None:
    await server.stage.queue.offer(handover(CallId("second-second"), priority=3, said="Second in line it is"))
    await server.stage.queue.offer(handover(CallId("first-first"), priority=1, said="First in line it is"))
    async with at_the_desk(server) as desk:
        shown = await desk.sees("Second in line")

    assert shown.index("First in line") < shown.index("Second in line")


async def test_the_brief_shows_everything_a_person_needs(server: Server) -> None:
    await server.stage.queue.offer(handover())
    async with at_the_desk(server) as desk:
        panel = (await desk.post(ON_THE_PHONE, "accept")).text

    for part in ("Say first", "What was tried", "Not in the documents", "Why a person", "Upset", "Card left out"):
        assert part in panel
    assert "Rule &#39;safety&#39; matched" in panel
    assert "<b>smokes" not in panel


async def test_two_agents_cannot_take_one_call(server: Server) -> None:
    await server.stage.queue.offer(handover())
    async with at_the_desk(server) as maya, at_the_desk(server, "Daniel") as daniel:
        assert (await maya.post(ON_THE_PHONE, "accept")).status_code == 200
        late = await daniel.post(ON_THE_PHONE, "accept")

    assert late.status_code == 409
    assert "Somebody else" in late.text
    assert late.headers["hx-retarget"] == "#notice"


async def test_a_call_that_is_gone_says_so(server: Server) -> None:
    async with at_the_desk(server) as desk:
        assert "no longer waits" in (await desk.post("0123456789", "accept")).text
        assert (await server.http.get("/desk/calls/0123456789")).status_code == 409


async def test_a_caller_of_the_phone_page_who_is_gone_is_taken_off_the_list(server: Server) -> None:
    await server.stage.queue.offer(handover(carrier="phone"))
    async with at_the_desk(server) as desk:
        await desk.sees("kettle")
        assert "hung up" in (await desk.post(ON_THE_PHONE, "accept")).text
        await desk.sees("Nobody is waiting")


async def test_an_agent_is_offered_the_calls_of_their_queues_and_a_supervisor_all(server: Server) -> None:
    await server.stage.queue.offer(handover(CallId("claims-call"), queue="claims", said="My claim is old"))
    await server.stage.queue.offer(handover(said="My kettle leaks"))
    async with at_the_desk(server, "Daniel") as daniel, at_the_desk(server) as maya:
        assert "My claim is old" in await maya.sees("My kettle leaks")
        assert "My claim is old" not in await daniel.sees("My kettle leaks")

        for verb in ("accept", "decline", "complete"):
            assert (await daniel.post("claims-call", verb)).status_code == 409
        assert (await daniel.get("claims-call")).status_code == 409
        assert (await daniel.get("claims-call/captions")).status_code == 404
    assert {each.state for each in await server.stage.queue.waiting()} == {"waiting"}


async def test_who_looked_at_a_call_and_took_it_stands_in_the_audit_log(server: Server) -> None:
    await server.stage.queue.offer(handover())
    async with at_the_desk(server) as maya, at_the_desk(server, "Daniel") as daniel:
        await maya.post(ON_THE_PHONE, "accept")
        await daniel.get(ON_THE_PHONE)
        await maya.post(ON_THE_PHONE, "complete")

    assert [(deed.who, deed.what, deed.about) for deed in server.stage.audit.deeds] == [
        ("Maya", "took a call", ON_THE_PHONE),
        ("Daniel", "read a brief", ON_THE_PHONE),
        ("Maya", "completed a call", ON_THE_PHONE),
    ]


async def test_for_a_caller_on_the_telephone_the_agents_phone_rings_once(serving: Serving, stage: Stage) -> None:
    async with serving(replace(stage, rung=[])) as server, at_the_desk(server) as desk:
        await server.stage.queue.offer(handover())
        panel = (await desk.post(ON_THE_PHONE, "accept")).text
        assert "Your phone rings" in panel
        assert "data-token" not in panel
        await desk.post(ON_THE_PHONE, "accept")

        assert [rung.call for rung in server.stage.rung or []] == [ON_THE_PHONE]


async def test_without_a_phone_to_ring_the_agent_is_told_how_to_get_one(server: Server) -> None:
    await server.stage.queue.offer(handover())
    async with at_the_desk(server) as desk:
        panel = (await desk.post(ON_THE_PHONE, "accept")).text

    assert "esc-CA1" in panel
    assert "AGENT_PHONE_NUMBER" in panel


async def test_a_phone_that_cannot_be_rung_is_said_to_be_so(server: Server) -> None:
    class Broken(list[Handover]):
        def append(self, handover: Handover) -> None:
            raise PortError("Twilio answers 500", code="carrier-unsure")

    server.stage.rung = Broken()
    async with at_the_desk(server) as desk:
        await server.stage.queue.offer(handover())
        object.__setattr__(server.house, "ring", server.stage._ring)
        refused = await desk.post(ON_THE_PHONE, "accept")

    assert refused.status_code == 409
    assert "carrier-unsure" in refused.text


async def test_an_accepted_call_can_go_back_to_the_queue_or_be_done_with(server: Server) -> None:
    await server.stage.queue.offer(handover())
    async with at_the_desk(server) as desk:
        await desk.post(ON_THE_PHONE, "accept")
        assert "No call open" in (await desk.post(ON_THE_PHONE, "decline")).text
        assert (await server.stage.queue.waiting())[0].state == "waiting"
        await desk.post(ON_THE_PHONE, "accept")
        await server.stage.queue.joined(ON_THE_PHONE, "Maya")
        assert (await desk.post(ON_THE_PHONE, "complete")).status_code == 204
        assert await server.stage.queue.waiting() == []


async def test_somebody_elses_call_can_be_read_but_not_ended(server: Server) -> None:
    await server.stage.queue.offer(handover())
    async with at_the_desk(server) as maya, at_the_desk(server, "Daniel") as daniel:
        await maya.post(ON_THE_PHONE, "accept")
        theirs = (await daniel.get(ON_THE_PHONE)).text
        mine = (await maya.get(ON_THE_PHONE)).text
        assert (await daniel.post(ON_THE_PHONE, "complete")).status_code == 409

    assert "/complete" not in theirs
    assert "/decline" not in theirs
    assert "Taken by Maya" in theirs
    assert "/complete" in mine


async def test_what_was_said_can_be_read_after_the_call_has_left_for_the_telephone(server: Server) -> None:
    await server.stage.queue.offer(handover())
    captions = Captions()

    await captions.read(server.http, f"/desk/calls/{ON_THE_PHONE}/captions")

    assert [line["text"] for line in captions.of("said")] == ["Hello.", "My kettle <CARD> leaks & <b>smokes</b>"]


async def test_the_live_conversation_is_on_the_desk(server: Server) -> None:
    async with server.calling() as caller:
        await caller.press("0")
        while not await server.stage.queue.waiting():
            await caller.hears()
        call = await only_call(server)
        captions = Captions()
        async with asyncio.TaskGroup() as group:
            group.create_task(captions.read(server.http, f"/desk/calls/{call}/captions"))
            await captions.until_said("Hello, this is the assistant.")
            await caller.hang_up()


async def test_the_audio_is_only_for_whoever_accepted_and_only_once(server: Server) -> None:
    async with at_the_desk(server) as desk, server.calling() as caller:
        await caller.press("0")
        await desk.sees("The caller pressed 0.")
        call = await only_call(server)
        async with server.dial(f"/desk/audio/{call}", call) as nobody:
            await nobody.start("made-up")
            assert await nobody.closed() == 1008

        panel = (await desk.post(call, "accept")).text
        async with desk.talking(call, panel) as person:
            await talk_until_heard(caller, CALLER, person)
            async with server.dial(f"/desk/audio/{call}", call) as again:
                await again.start(token_in(panel))
                assert await again.closed() == 1008
            second = (await desk.post(call, "accept")).text
            async with desk.talking(call, second) as intruder:
                assert await intruder.closed() == 1008
            await talk_until_heard(caller, CALLER, person)


async def test_the_audio_of_a_caller_who_has_hung_up_closes(server: Server) -> None:
    async with at_the_desk(server) as desk:
        async with server.calling() as caller:
            await caller.press("0")
            await desk.sees("The caller pressed 0.")
            call = await only_call(server)
            panel = (await desk.post(call, "accept")).text
            await caller.hang_up()
            await caller.closed()
            await desk.sees("Nobody is waiting")
        async with desk.talking(call, panel) as person:
            assert await person.closed() == 1008


async def test_a_caller_who_leaves_before_the_person_is_there_does_not_stay_on_the_list(server: Server) -> None:
    async with at_the_desk(server) as desk:
        booked = await server.book()
        captions = Captions()
        async with asyncio.TaskGroup() as group, server.dial(booked["media"], booked["call"]) as caller:
            group.create_task(captions.read(server.http, booked["captions"]))
            await caller.start(booked["token"])
            await captions.until_said("How can I help")
            await caller.press("0")
            await desk.sees("The caller pressed 0.")
            await desk.post(booked["call"], "accept")
            await captions.until_said("You are through now.")
            await caller.hang_up()
            await caller.closed()
        await desk.sees("Nobody is waiting")


async def test_audio_that_is_no_media_stream_is_refused(server: Server) -> None:
    async with server.dial("/desk/audio/0123456789") as nobody:
        await nobody.socket.send("not json")
        assert await nobody.closed() == 1007


async def test_a_brief_that_cannot_be_read_is_a_notice(server: Server) -> None:
    server.stage.queue.broken = PortError("the database is locked", code="locked")
    assert (await server.http.get(f"/desk/calls/{ON_THE_PHONE}")).status_code == 409
    server.stage.queue.broken = None


@pytest.mark.parametrize("verb", ["accept", "decline", "complete"])
async def test_a_queue_that_fails_is_a_notice_and_a_line_in_the_log(server: Server, verb: str, caplog: pytest.LogCaptureFixture) -> None:
    server.stage.queue.broken = PortError("the database is locked", code="locked")

    answer = await server.http.post(f"/desk/calls/{ON_THE_PHONE}/{verb}", data={"agent": "Maya"})

    assert answer.status_code == 409
    assert "locked" in answer.text
    assert "locked" in caplog.text
    server.stage.queue.broken = None


async def test_a_queue_that_cannot_be_read_is_said_to_be_so_on_the_page(server: Server) -> None:
    server.stage.queue.broken = PortError("the database is locked", code="locked")
    async with at_the_desk(server) as desk:
        await desk.sees("cannot be read just now")
    server.stage.queue.broken = None


async def test_a_store_that_cannot_check_the_token_admits_nobody(server: Server) -> None:
    server.stage.store.broken = PortError("the disk is full", code="disk-full")
    async with server.dial(f"/desk/audio/{ON_THE_PHONE}") as person:
        await person.start("any")
        assert await person.closed() == 1008
    server.stage.store.broken = None


async def test_the_person_on_the_call_can_look_at_a_number_to_call_back_and_nobody_else(serving: Serving, stage: Stage) -> None:
    async with (
        serving(replace(stage, says=("Call me on 312 555 0199, please.",))) as server,
        at_the_desk(server) as desk,
        at_the_desk(server, "Daniel") as daniel,
    ):
        booked, captions = await server.book(), Captions()
        async with asyncio.TaskGroup() as group, server.dial(booked["media"], booked["call"]) as caller:
            group.create_task(captions.read(server.http, booked["captions"]))
            await caller.start(booked["token"])
            await captions.until_said("How can I help")
            await caller.say(0x20, 50)
            await caller.say(0xFF, 100)
            await captions.until_said("<ACCOUNT_1>")
            await caller.press("0")
            await desk.sees("The caller pressed 0.")
            panel = (await desk.post(booked["call"], "accept")).text
            shown = await desk.post(booked["call"], "reveal", placeholder="<ACCOUNT_1>")
            refused = await daniel.post(booked["call"], "reveal", placeholder="<ACCOUNT_1>")
            never_said = await desk.post(booked["call"], "reveal", placeholder="<ACCOUNT_2>")
            await caller.hang_up()
            await caller.closed()

    assert "312" not in panel
    assert "Show account 1 to call back" in panel
    assert "3125550199" in shown.text
    assert (refused.status_code, never_said.status_code) == (409, 409)
    assert [(deed.who, deed.what) for deed in stage.audit.deeds].count(("Maya", "looked at <ACCOUNT_1> for a callback")) == 1
    written = journal_of(stage)
    assert '"type":"OriginalShown"' in written
    assert '"person":"Maya"' in written
    assert "3125550199" not in written
    assert "312 555" not in written


def journal_of(stage: Stage) -> str:
    (journal,) = stage.journals.rglob("*.jsonl")
    return journal.read_text()
