"""Twilio's routes.

    POST /twilio/voice ─▶ <Connect><Stream> ─▶ websocket /twilio/media ─▶ POST /twilio/after-stream ─▶ <Enqueue> or <Hangup>
                     └─ no room, or something failed ─▶ <Enqueue> ─▶ POST /twilio/wait … ─▶ POST /twilio/queue-left
                                                                     └─ key 1 ─▶ POST /twilio/wait-key ─▶ a call back
    the person's leg:  <Gather> ─▶ POST /twilio/agent-answered ─▶ <Dial><Queue>   (or, by TaskRouter, as twilio_tasks.py says)

Whatever fails on the way, the answer is one that leads the caller to a person.
"""

import io
import wave

from fastapi import APIRouter, WebSocket
from starlette.responses import PlainTextResponse, Response

from voice_agent.audio.comfort import comfort_sound
from voice_agent.server.twilio_gate import JSON, Door, TaskRouter, TwilioGate
from voice_agent.server.twilio_people import CARRIER
from voice_agent.server.twilio_phones import AGENT_ANSWERED, PersonsLeg, Phones, person_of
from voice_agent.server.twilio_tasks import TASK_ANSWERED, TASK_ASSIGNED, TASK_EVENT, TASK_KEY, Tasks, call_of_event, call_of_task
from voice_agent.server.twilio_webhooks import HOLD, MEDIA, Webhooks

__all__ = ["CARRIER", "Phones", "TaskRouter", "TwilioGate", "person_of", "routes"]


def routes(gate: TwilioGate) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    if gate.missing:
        return _closed(router, f"Twilio is not set up here. Missing in the environment: {', '.join(gate.missing)}\n")
    door = Door(gate)
    webhooks, leg = Webhooks(gate, door), PersonsLeg(gate)
    for path, answer, otherwise in (
        ("/twilio/voice", webhooks.voice, webhooks.to_person),
        ("/twilio/after-stream", webhooks.after_stream, webhooks.to_person),
        ("/twilio/wait", webhooks.wait, webhooks.just_wait),
        ("/twilio/wait-key", webhooks.wait_key, webhooks.no_callback),
        ("/twilio/queue-left", webhooks.queue_left, webhooks.after_queue),
        (AGENT_ANSWERED, leg.answered, leg.join_or_end),
    ):
        router.add_api_route(path, door.signed(path, answer, otherwise), methods=["POST"])
    router.add_api_websocket_route(MEDIA, webhooks.media)
    router.add_api_route(HOLD, _hold, methods=["GET"])
    if gate.router is not None:
        _add_tasks(router, door, Tasks(gate, gate.router))
    return router


def _hold() -> Response:
    """Not signed: Twilio fetches a sound once and keeps it, and there is nothing in it to keep from anybody."""
    sound, made = comfort_sound(), io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sound.rate)
        file.writeframes(sound.samples.tobytes())
    return Response(made.getvalue(), media_type="audio/wav", headers={"Cache-Control": "public, max-age=86400"})


def _add_tasks(router: APIRouter, door: Door, tasks: Tasks) -> None:
    router.add_api_route(TASK_ANSWERED, door.signed(TASK_ANSWERED, tasks.answered, tasks.whisper), methods=["GET", "POST"])
    router.add_api_route(TASK_KEY, door.signed(TASK_KEY, tasks.key, tasks.join_or_end), methods=["POST"])
    assigned = door.signed(TASK_ASSIGNED, tasks.assigned, tasks.call_worker, kind=JSON, call_of=call_of_task)
    router.add_api_route(TASK_ASSIGNED, assigned, methods=["POST"])
    event = door.signed(TASK_EVENT, tasks.event, tasks.nothing, kind=JSON, call_of=call_of_event)
    router.add_api_route(TASK_EVENT, event, methods=["POST"])


def _closed(router: APIRouter, reason: str) -> APIRouter:
    async def post() -> Response:
        return PlainTextResponse(reason, 503)

    async def media(websocket: WebSocket) -> None:
        await websocket.send_denial_response(PlainTextResponse(reason, 503))

    router.add_api_route("/twilio/{webhook}", post, methods=["POST"])
    router.add_api_websocket_route(MEDIA, media)
    return router
