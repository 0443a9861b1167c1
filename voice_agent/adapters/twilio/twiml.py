"""What Twilio shall do next with a leg, as TwiML (https://www.twilio.com/docs/voice/twiml).

Each caller waits in a queue of their own, esc-<CallSid>: a shared queue would give an agent whoever came first. The brief
is spoken on the agent's own leg before they are joined; `<Queue url>` would play it to the caller.
"""

import re
from dataclasses import dataclass

from twilio.twiml.voice_response import VoiceResponse

from voice_agent.core.words import Seconds

LONGEST_HEADLINE = 300
"""Characters, about 20 s of speech. The TwiML of a call that we place may have 4000."""

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PLACEHOLDER = re.compile(r"<([A-Z_]+)(?:_\d+)?>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Urls:
    """Where Twilio finds us: absolute, and public."""

    stream: str
    """wss; query strings are dropped by the carrier."""
    after_stream: str
    wait: str
    queue_left: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What callers and agents hear from the carrier itself, when the assistant's voice is not on the line."""

    sorry: str = "I'm sorry, I can't go on with this call myself. Please stay on the line, I'm getting a person for you."
    wait: str = "Thank you for waiting. Someone will be with you as soon as they are free."
    position: str = "You are number {position} in the line."
    goodbye: str = "Thank you for calling. Goodbye."
    offer: str = "A caller is waiting for you. {headline}"
    press: str = "Press 1 to take the call, or any other key to decline."
    declined: str = "All right. The caller keeps waiting for somebody else."
    left: str = "The caller has left. Goodbye."


WAIT_PAUSE: Seconds = 20
RETRY_PAUSE: Seconds = 5
ANSWER_WITHIN: Seconds = 10


def queue_name(call_sid: str) -> str:
    return f"esc-{call_sid}"


def answer(urls: Urls, script: Script, *, call_sid: str, token: str) -> str:
    """Connect the caller to the media stream; should that not even begin, to a person."""
    response = VoiceResponse()
    stream = response.connect(action=urls.after_stream, method="POST").stream(url=urls.stream)
    stream.parameter(name="token", value=token)
    return _enqueue(response, urls, call_sid, say=script.sorry)


def enqueue(urls: Urls, *, call_sid: str, say: str = "", after: Seconds = 0) -> str:
    """Let the caller wait for a person, told why with `say`, `after` a pause."""
    response = VoiceResponse()
    if after:
        response.pause(length=round(after))
    return _enqueue(response, urls, call_sid, say=say)


def _enqueue(response: VoiceResponse, urls: Urls, call_sid: str, *, say: str) -> str:
    if say:
        response.say(say)
    response.enqueue(queue_name(call_sid), action=urls.queue_left, method="POST", wait_url=urls.wait, wait_url_method="POST")
    return _xml(response)


def wait(script: Script, *, position: int | None) -> str:
    """For the caller in the queue. Twilio asks again when it has played this: a loop with fresh words each time."""
    response = VoiceResponse()
    response.say(script.wait)
    if position is not None:
        response.say(script.position.format(position=position))
    response.pause(length=WAIT_PAUSE)
    return _xml(response)


def goodbye(script: Script) -> str:
    response = VoiceResponse()
    response.say(script.goodbye)
    response.hangup()
    return _xml(response)


def hang_up() -> str:
    response = VoiceResponse()
    response.hangup()
    return _xml(response)


def whisper(script: Script, *, answer_url: str, headline: str) -> str:
    """For the person's own leg, before they hear the caller: what it is about, and a key to take it.

    Twilio posts the key to `answer_url`; that there was none, too.
    """
    response = VoiceResponse()
    gather = response.gather(
        input="dtmf",
        num_digits=1,
        timeout=ANSWER_WITHIN,
        action=answer_url,
        method="POST",
        action_on_empty_result=True,
    )
    gather.say(script.offer.format(headline=_spoken(headline)))
    gather.say(script.press)
    return _xml(response)


def join(*, call_sid: str) -> str:
    """Join the person to the caller who waits in the queue of this call."""
    response = VoiceResponse()
    response.dial().queue(queue_name(call_sid))
    return _xml(response)


def say_and_hang_up(text: str) -> str:
    response = VoiceResponse()
    response.say(text)
    response.hangup()
    return _xml(response)


def _spoken(headline: str) -> str:
    plain = _PLACEHOLDER.sub(lambda found: found[1].lower().replace("_", " "), headline)
    return _NOT_XML.sub(" ", plain)[:LONGEST_HEADLINE]


def _xml(response: VoiceResponse) -> str:
    return str(response)
