"""A call's captions as server-sent events, for both pages and the command line's caller.

* `state`: {"state": "listening" | "thinking" | "speaking" | "waiting" | "bridged" | "ended", "position", "agent"}
* `saying`: {"text"}: the agent begins a sentence; whether the caller hears it out, `said` tells
* `said`: {"speaker": "caller" | "agent" | "person", "text", "at", "interrupted", "revised", "citations": [{"source", "title", "heading",
  "updated", "passage"}]}
* `end`: {}: the call is over; nothing follows
"""

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import asdict

from voice_agent.core.words import Line
from voice_agent.server.streams import json_event
from voice_agent.session.captions import Caption, Captions, Said, Saying, StateChanged


async def caption_events(captions: Captions) -> AsyncGenerator[bytes, None]:
    """From the call's beginning until its end."""
    async with aclosing(captions.subscribe()) as shown:
        async for caption in shown:
            yield _event(caption)
    yield json_event("end", {})


async def transcript_events(lines: Iterable[Line]) -> AsyncGenerator[bytes, None]:
    """What was said, of a call that is no longer here."""
    for line in lines:
        yield _event(Said(line=line, revised=False))
    yield json_event("end", {})


def _event(caption: Caption) -> bytes:
    match caption:
        case Saying():
            return json_event("saying", {"text": caption.text})
        case Said():
            return json_event("said", {**asdict(caption.line), "revised": caption.revised})
        case StateChanged():
            return json_event("state", {"state": caption.state, "position": caption.position, "agent": caption.agent})
