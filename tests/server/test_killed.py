"""`kill -9` in the middle of a sentence, and a process that comes after: nobody on the line is lost.

How long it was from the crash until the caller was in a person's queue is written down by
`pytest tests/server/test_killed.py -o junit_family=legacy --junitxml FILE`.
"""

import asyncio
import json
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


async def test_a_caller_of_twilios_is_queued_for_a_person_by_whichever_process_is_asked_next(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    arguments = ("--data", str(tmp_path), "--twilio")
    async with process(*arguments) as other, process(*arguments) as first:
        async with carrier(first) as line, line.call("CA7") as call:
            await call.send(media(b"\xff" * 160))
            await hears(call)
            first.kill()
            await call.wait_closed()
        killed = time.monotonic()
        async with carrier(other) as line:
            say, enqueue = await line.asks("/twilio/after-stream", CallSid="CA7")
            handover = await waiting(tmp_path)
            record_property("seconds_from_crash_to_queue", time.monotonic() - killed)

            assert (say.tag, enqueue.tag, enqueue.text) == ("Say", "Enqueue", "esc-CA7")
            assert (handover.carrier_call, handover.brief.rule) == ("CA7", "assistant unavailable")
            [words, *_] = await line.asks("/twilio/wait", CallSid="CA7")
            assert words.text
