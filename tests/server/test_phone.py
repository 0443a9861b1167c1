"""The phone page's routes, as a page or the command line's caller uses them."""

import asyncio
from dataclasses import replace

import pytest

from tests.fakes.house import Stage
from tests.server.conftest import Server, Serving
from tests.server.peer import Captions
from voice_agent.errors import PortError
from voice_agent.server import calls, streams

SPEECH = 0x20
QUIET = 0xFF


async def test_a_caller_is_answered_heard_and_answered_again_with_captions_of_it_all(serving: Serving, stage: Stage) -> None:
    async with serving(replace(stage, says=("When do you open? My account is 4111 1111 1111 1111",))) as server:
        booked = await server.book()
        captions = Captions()
        async with asyncio.TaskGroup() as group, server.dial(booked["media"], booked["call"]) as caller:
            group.create_task(captions.read(server.http, booked["captions"]))
            await caller.start(booked["token"])
            await captions.until_said("How can I help")
            await caller.say(SPEECH, 50)
            await caller.say(QUIET, 60)
            await captions.until_said("nine")
            await caller.hang_up()
            await caller.closed()

    said = captions.of("said")
    assert [line["speaker"] for line in said] == ["agent", "agent", "caller", "agent"]
    assert said[2]["text"] == "When do you open? My account is <ACCOUNT_1>"
    [citation] = said[3]["citations"]
    assert citation == {
        "source": "kb/hours.md",
        "title": "Stores and hours",
        "heading": "Stores > Weekdays",
        "updated": "2026-05-19",
        "passage": "Our stores open at nine on weekdays.",
    }
    assert {"thinking", "speaking", "listening", "ended"} <= {caption["state"] for caption in captions.of("state")}
    assert captions.all[-1] == ("end", {})


async def test_the_report_tells_what_was_said_and_how_long_each_stage_took(server: Server) -> None:
    async with server.calling() as caller:
        await caller.press("0")
        await caller.hang_up()
        assert await caller.closed() == 1000
    [record] = server.stage.store.records.values()

    answer = await server.http.get(f"/phone/calls/{record.call}/report")

    report = answer.json()
    assert report["call"] == record.call
    assert report["disposition"] == "abandoned"
    assert report["handover"]["rule"] == "key_zero"


async def test_only_a_call_that_broke_off_just_now_can_be_gone_on_with(server: Server) -> None:
    async with server.calling() as caller:
        [record] = server.stage.store.records.values()
        going_on = await server.http.post(f"/phone/calls/{record.call}/again")
        await caller.hang_up()
        await caller.closed()
    over = await server.http.post(f"/phone/calls/{record.call}/again")
    unknown = await server.http.post("/phone/calls/never-was-one/again")

    assert [answer.status_code for answer in (going_on, over, unknown)] == [404, 404, 404]


async def test_a_token_admits_one_stream_only(server: Server) -> None:
    booked = await server.book()
    async with server.dial(booked["media"], booked["call"]) as first:
        await first.start(booked["token"])
        await first.hears()
        async with server.dial(booked["media"], booked["call"]) as second:
            await second.start(booked["token"])
            assert await second.closed() == 1008
        await first.hears()


@pytest.mark.parametrize("token", [None, "", "made-up"])
async def test_a_stream_without_a_token_that_holds_is_refused(server: Server, token: str | None) -> None:
    booked = await server.book()
    async with server.dial(booked["media"], booked["call"]) as caller:
        await caller.start(token)
        assert await caller.closed() == 1008
    assert len(server.house.calls) == 0


async def test_another_calls_token_does_not_hold(server: Server) -> None:
    mine, theirs = await server.book(), await server.book()
    async with server.dial("/phone/media", mine["call"]) as caller:
        await caller.start(theirs["token"])
        assert await caller.closed() == 1008


async def test_when_all_lines_are_busy_a_caller_is_told_before_they_connect(serving: Serving, stage: Stage) -> None:
    async with serving(replace(stage, max_calls=1)) as server, server.calling() as caller:
        busy = await server.http.post("/phone/calls")
        assert busy.status_code == 503
        assert busy.json()["detail"] == "All lines are busy. Please try again in a moment."
        assert "retry-after" in busy.headers

        await caller.hang_up()
        await caller.closed()
        async with asyncio.timeout(10):
            while (await server.http.post("/phone/calls")).status_code != 200:
                pass


async def test_a_store_that_fails_is_a_sentence_for_the_caller_and_a_line_in_the_log(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.stage.store.broken = PortError("the disk is full", code="disk-full")

    answer = await server.http.post("/phone/calls")

    assert answer.status_code == 503
    assert "disk" not in answer.text
    assert "disk-full" in caplog.text
    server.stage.store.broken = None


async def test_a_store_that_fails_later_refuses_the_stream(server: Server) -> None:
    booked = await server.book()
    server.stage.store.broken = PortError("the disk is full", code="disk-full")
    async with server.dial(booked["media"], booked["call"]) as caller:
        await caller.start(booked["token"])
        assert await caller.closed() == 1008
    server.stage.store.broken = None


async def test_a_caller_who_connects_when_the_server_is_already_draining_is_told_it_goes_away(server: Server) -> None:
    booked = await server.book()
    server.house.calls.draining = True
    async with server.dial(booked["media"], booked["call"]) as caller:
        await caller.start(booked["token"])
        assert await caller.closed() == 1001


async def test_a_bug_before_a_call_begins_is_our_fault_and_nobody_elses(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    async with server.calling() as neighbour:
        booked = await server.book()
        monkeypatch.setattr(calls, "Call", lambda **_: 1 / 0)
        async with server.dial(booked["media"], booked["call"]) as caller:
            await caller.start(booked["token"])
            assert await caller.closed() == 1011
        await neighbour.press("0")
        await neighbour.hears()


async def test_captions_that_are_silent_stay_open(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BEAT", 0.01)
    booked = await server.book()
    async with server.http.stream("GET", booked["captions"]) as answer:
        async for line in answer.aiter_lines():
            if line == ": still here":
                break


@pytest.mark.parametrize("path", ["captions", "report"])
@pytest.mark.parametrize("call", ["0123456789abcdef", "..%2F..%2Fetc", "a*b*c*d*e*", "x" * 300])
async def test_of_a_call_that_nobody_made_nothing_is_told(server: Server, call: str, path: str) -> None:
    answer = await server.http.get(f"/phone/calls/{call}/{path}")

    assert answer.status_code in (404, 422)


async def test_a_journal_that_cannot_be_read_is_said_to_be_so(server: Server) -> None:
    day = server.stage.journals / "2026-01-01"
    day.mkdir(parents=True)
    (day / "0123456789abcdef.jsonl").write_text("no journal\n")

    answer = await server.http.get("/phone/calls/0123456789abcdef/report")

    assert answer.status_code == 500
    assert "journal" in answer.json()["detail"]


async def test_a_message_of_a_megabyte_is_cut_off_and_another_call_goes_on(server: Server) -> None:
    async with server.calling() as neighbour, server.calling() as caller:
        await caller.socket.send("x" * 1_000_000)
        assert await caller.closed() == 1009
        await neighbour.press("0")
        await neighbour.hears()


async def test_fifty_sockets_that_say_nothing_are_closed_and_a_call_goes_on_meanwhile(server: Server) -> None:
    loop = asyncio.get_running_loop()
    async with server.calling() as caller, asyncio.TaskGroup() as group:

        async def silent() -> tuple[int | None, float]:
            async with server.dial("/phone/media") as nobody:
                return await nobody.closed(), loop.time()

        began = loop.time()
        sockets = [group.create_task(silent()) for _ in range(50)]
        await caller.press("0")
        await caller.hears()
        answered = loop.time() - began

        ends = [await socket for socket in sockets]
    assert {code for code, _ in ends} == {1008}
    assert answered < 2.0, "the call waited for the silent ones"
    assert max(at for _, at in ends) - began < 8.0
