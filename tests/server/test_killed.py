"""`kill -9` in the middle of a sentence, a full disk, a locked database, no room: nobody on the line is lost.

How long it was from the crash until the caller was in a person's queue is written down by
`pytest tests/server/test_killed.py -o junit_family=legacy --junitxml FILE`.
"""

import asyncio
import json
import resource
import sqlite3
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import httpx
from websockets.asyncio.client import ClientConnection

from tests.fakes.twilio_line import Line, media
from tests.server.peer import Captions, Peer, dialled
from tests.server.test_run import process, url_of
from voice_agent.adapters.sql.database import open_database
from voice_agent.adapters.sql.human_queue import SqlHumanQueue
from voice_agent.ports import Handover

SPEECH, QUIET = 0x20, 0xFF


async def waiting(data: Path) -> Handover:
    """The one who waits for a person, read from the disk as any process would."""
    database = open_database(f"sqlite:///{data / 'calls.db'}")
    try:
        queue = SqlHumanQueue(database)
        while True:
            found = [each for each in await queue.waiting() if each.state == "waiting"]
            if found:
                return found[0]
            await asyncio.sleep(0.02)
    finally:
        database.close()


@asynccontextmanager
async def asking_when_you_open(http: httpx.AsyncClient, url: str) -> AsyncGenerator[tuple[Peer, str], None]:
    """A caller on the phone page who is in the middle of hearing the answer."""
    booked = (await http.post("/phone/calls")).json()
    captions = Captions()
    reading = asyncio.create_task(captions.read(http, booked["captions"]))
    async with dialled(url, booked["media"], booked["call"]) as caller:
        await caller.start(booked["token"])
        await captions.until_said("How can I help")
        await caller.say(SPEECH, 50)
        await caller.say(QUIET, 60)
        await captions.until_said("When do you open")
        yield caller, booked["call"]
    await asyncio.gather(reading, return_exceptions=True)


async def test_a_caller_on_the_phone_page_comes_back_to_a_person_who_reads_what_had_been_said(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    says = ("--data", str(tmp_path), "--says", "When do you open?")
    async with (
        process(*says) as first,
        httpx.AsyncClient(base_url=await url_of(first)) as http,
        asking_when_you_open(http, str(http.base_url)) as (caller, call),
    ):
        first.kill()
        assert await caller.closed() in (1006, None)
    killed = time.monotonic()
    async with process(*says) as second, httpx.AsyncClient(base_url=await url_of(second)) as http:
        back = (await http.post(f"/phone/calls/{call}/again")).raise_for_status().json()
        async with dialled(str(http.base_url), back["media"], back["call"]) as caller:
            await caller.start(back["token"])
            handover = await waiting(tmp_path)
            record_property("seconds_from_crash_to_queue", time.monotonic() - killed)
            assert handover.call == back["call"] != call
            assert handover.brief.headline == "When do you open?"
            await caller.hears()


@asynccontextmanager
async def carrier(running: Any) -> AsyncGenerator[Line, None]:
    url = await url_of(running)
    async with httpx.AsyncClient(trust_env=False, timeout=20) as http:
        yield Line(port=int(url.rpartition(":")[2]), http=http, server=cast("Any", None))


async def hears(call: ClientConnection) -> None:
    while json.loads(await call.recv())["event"] != "media":
        pass


async def asks(call: ClientConnection) -> None:
    """Until the answer begins."""
    for _ in range(2):
        await returns_mark(call)  # the notice, and the greeting
    for value, packets in ((SPEECH, 50), (QUIET, 60)):
        for _ in range(packets):
            await call.send(media(bytes([value]) * 160))
    await hears(call)


async def returns_mark(call: ClientConnection) -> None:
    while (message := json.loads(await call.recv()))["event"] != "mark":
        pass
    await call.send(json.dumps({"event": "mark", "streamSid": "MZ", "mark": message["mark"]}))


async def test_a_caller_of_twilios_is_queued_for_a_person_by_whichever_process_is_asked_next(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    arguments = ("--data", str(tmp_path), "--twilio", "--says", "When do you open?")
    async with process(*arguments) as other, process(*arguments) as first:
        async with carrier(first) as line, line.call("CA7") as call:
            await asks(call)
            first.kill()
            await call.wait_closed()
        killed = time.monotonic()
        async with carrier(other) as line:
            say, enqueue = await line.asks("/twilio/after-stream", CallSid="CA7")
            handover = await waiting(tmp_path)
            record_property("seconds_from_crash_to_queue", time.monotonic() - killed)

            assert (say.tag, enqueue.tag, enqueue.text) == ("Say", "Enqueue", "esc-CA7")
            assert (handover.carrier_call, handover.brief.rule) == ("CA7", "assistant unavailable")
            assert handover.brief.headline == "When do you open?"
            [gather, *_] = await line.asks("/twilio/wait", CallSid="CA7")
            assert gather.tag == "Gather", "they may choose to be called back"


async def presses_zero(call: ClientConnection) -> None:
    """And is let go of, so that the carrier asks what comes next."""
    await call.send(json.dumps({"event": "dtmf", "streamSid": "MZ", "dtmf": {"track": "inbound_track", "digit": "0"}}))
    async for text in call:
        message = json.loads(text)
        if message["event"] == "mark":
            await call.send(json.dumps({"event": "mark", "streamSid": "MZ", "mark": message["mark"]}))


async def is_queued(line: Line, call_sid: str) -> None:
    *_, enqueue = await line.asks("/twilio/after-stream", CallSid=call_sid)
    assert (enqueue.tag, enqueue.text) == ("Enqueue", f"esc-{call_sid}")


async def test_a_caller_who_waits_for_a_person_still_waits_when_the_process_that_queued_them_is_killed(tmp_path: Path) -> None:
    arguments = ("--data", str(tmp_path), "--twilio")
    async with process(*arguments) as other, process(*arguments) as first:
        async with carrier(first) as line, line.call("CA7") as call:
            await hears(call)
            await presses_zero(call)
            await is_queued(line, "CA7")
            before = await waiting(tmp_path)
            first.kill()
            await first.wait()
        async with carrier(other) as line:
            await line.asks("/twilio/wait", CallSid="CA7")

        assert await waiting(tmp_path) == before
        assert before.brief.rule == "key_zero"


async def test_with_a_full_disk_a_caller_gets_a_person_all_the_same_and_is_on_the_desk_when_there_is_room_again(tmp_path: Path) -> None:
    async with process("--data", str(tmp_path), "--twilio") as running, carrier(running) as line:
        async with line.call("CA7") as call:
            await hears(call)
            _, most = resource.prlimit(running.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (0, most))  # every write fails from now on
            await presses_zero(call)
            await is_queued(line, "CA7")
        resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (most, most))
        await line.asks("/twilio/wait", CallSid="CA7")

        assert (await waiting(tmp_path)).carrier_call == "CA7"


async def test_with_a_locked_database_a_caller_gets_a_person_all_the_same_and_is_on_the_desk_when_it_is_free(tmp_path: Path) -> None:
    async with process("--data", str(tmp_path), "--twilio") as running, carrier(running) as line:
        async with line.call("CA7") as call:
            await hears(call)
            holder = sqlite3.connect(tmp_path / "calls.db", isolation_level=None)
            holder.execute("BEGIN IMMEDIATE")
            await presses_zero(call)
            await is_queued(line, "CA7")
        holder.execute("ROLLBACK")
        holder.close()
        await line.asks("/twilio/wait", CallSid="CA7")

        assert (await waiting(tmp_path)).carrier_call == "CA7"


async def test_when_no_line_is_free_a_caller_goes_to_a_person_at_once(tmp_path: Path) -> None:
    async with (
        process("--data", str(tmp_path), "--twilio", "--max-calls", "1") as running,
        carrier(running) as line,
        line.call("CA7") as call,
    ):
        await hears(call)
        say, enqueue = await line.asks("/twilio/voice", CallSid="CA8")

        assert (say.tag, enqueue.tag, enqueue.text) == ("Say", "Enqueue", "esc-CA8")
        assert (await waiting(tmp_path)).carrier_call == "CA8"
