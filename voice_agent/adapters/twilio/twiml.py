"""What Twilio shall do next with a leg, as TwiML (https://www.twilio.com/docs/voice/twiml).

Each caller waits in a queue of their own, esc-<CallSid>: a shared queue would give an agent whoever came first. The brief
is spoken on the agent's own leg before they are joined; `<Queue url>` would play it to the caller.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from twilio.twiml.voice_response import VoiceResponse

from voice_agent.core.wishes import spoken_wait
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
    wait_key: str
    hold: str
    """A sound to wait by."""
    queue_left: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What callers and agents hear from the carrier itself, when the assistant's voice is not on the line."""

    sorry: str = "I'm sorry, I can't go on with this call myself. Please stay on the line, I'm getting a person for you."
    wait: str = "Thank you for waiting. Someone will be with you as soon as they are free."
    position: str = "You are number {position} in the line."
    time: str = "It should take {wait}."
    closed: str = "I'm sorry, nobody takes calls at this hour."
    busy: str = "I'm sorry, everybody is busy just now."
    offer_callback: str = "To be called back on the number you are calling from, press 1."
    called_back: str = "All right. Somebody will call you back on the number that ends in {digits}. Goodbye."
    no_callback: str = "I'm sorry, that did not work. Please stay on the line."
    goodbye: str = "Thank you for calling. Goodbye."
    offer: str = "A caller is waiting for you. {headline}"
    press: str = "Press 1 to take the call, or any other key to decline."
    declined: str = "All right. The caller keeps waiting for somebody else."
    left: str = "The caller has left. Goodbye."


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What TaskRouter is told of a caller: https://www.twilio.com/docs/taskrouter/twiml-queue-calls."""

    workflow: str
    """Its sid; the workflow finds the person."""
    attributes: Mapping[str, str | int]
    """Nothing personal: they are shown in Twilio's console, and its workflows decide by them."""
    priority: int
    """The higher, the sooner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a caller who waits can honestly be told."""

    position: int | None = None
    """1 for the next; None while somebody is being fetched."""
    wait: Seconds | None = None
    """How long it will take; None when nobody knows."""
    busy: bool = False
    """Everybody was asked, and nobody can take the call just now."""
    closed: bool = False
    """It is outside the hours of those who take such calls."""
    callback: bool = False
    """They can be called back on the number they are calling from."""


HOLD, HOLD_SHORT = 2, 1
"""How often the sound is played; the shorter, so that Twilio asks again soon, in case a person does not come after all."""
RETRY_PAUSE: Seconds = 5
ANSWER_WITHIN: Seconds = 10


def queue_name(call_sid: str) -> str:
    return f"esc-{call_sid}"


def answer(urls: Urls, script: Script, *, call_sid: str, token: str, task: Task | None = None) -> str:
    """Connect the caller to the media stream; should that not even begin, to a person."""
    response = VoiceResponse()
    stream = response.connect(action=urls.after_stream, method="POST").stream(url=urls.stream)
    stream.parameter(name="token", value=token)
    return _enqueue(response, urls, call_sid, say=script.sorry, task=task)


def enqueue(urls: Urls, *, call_sid: str, say: str = "", after: Seconds = 0, task: Task | None = None) -> str:
    """Let the caller wait for a person, told why with `say`, `after` a pause. `task`: TaskRouter finds the person."""
    response = VoiceResponse()
    if after:
        response.pause(length=round(after))
    return _enqueue(response, urls, call_sid, say=say, task=task)


def _enqueue(response: VoiceResponse, urls: Urls, call_sid: str, *, say: str, task: Task | None) -> str:
    if say:
        response.say(say)
    leads = {"action": urls.queue_left, "method": "POST", "wait_url": urls.wait, "wait_url_method": "POST"}
    if task is None:
        response.enqueue(queue_name(call_sid), **leads)
    else:
        response.enqueue(None, workflow_sid=task.workflow, **leads).task(json.dumps(task.attributes), priority=task.priority)
    return _xml(response)


def wait(urls: Urls, script: Script, told: Told, *, sorry: str = "") -> str:
    """For the caller in the queue. Twilio asks again when it has played this: a loop with fresh words each time.

    `sorry`: said first. A key is posted to `urls.wait_key`, also one pressed while this is being said.
    """
    response = VoiceResponse()
    leg = response
    if told.callback:
        leg = response.gather(input="dtmf", num_digits=1, timeout=1, action=urls.wait_key, method="POST")
    for sentence in _waiting(script, told, sorry):
        leg.say(sentence)
    leg.play(urls.hold, loop=HOLD_SHORT if told.position is None else HOLD)
    return _xml(response)


def _waiting(script: Script, told: Told, sorry: str) -> list[str]:
    said = [sorry] if sorry else []
    if told.position is None:
        return said
    if told.closed:
        said.append(script.closed)
    else:
        said += [script.busy if told.busy else script.wait, script.position.format(position=told.position)]
        if told.wait is not None and not told.busy:
            said.append(script.time.format(wait=spoken_wait(told.wait)))
    if told.callback:
        said.append(script.offer_callback)
    return said


def called_back(script: Script, *, number: str) -> str:
    """`number`: its last two digits are said, so that the caller knows which one it is."""
    return say_and_hang_up(script.called_back.format(digits=" ".join(number[-2:])))


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
    gather.say(script.offer.format(headline=spoken(headline)))
    gather.say(script.press)
    return _xml(response)


def join(*, call_sid: str, reservation: str = "") -> str:
    """Join the person to the caller who waits in the queue of this call, or whom TaskRouter has reserved for them."""
    response = VoiceResponse()
    if reservation:
        response.dial().queue(None, reservation_sid=reservation)
    else:
        response.dial().queue(queue_name(call_sid))
    return _xml(response)


def say_and_hang_up(text: str) -> str:
    response = VoiceResponse()
    response.say(text)
    response.hangup()
    return _xml(response)


def spoken(headline: str) -> str:
    """Without placeholders' brackets and what XML cannot hold, and no longer than anybody listens."""
    plain = _PLACEHOLDER.sub(lambda found: found[1].lower().replace("_", " "), headline)
    return _NOT_XML.sub(" ", plain)[:LONGEST_HEADLINE]


def _xml(response: VoiceResponse) -> str:
    return str(response)
