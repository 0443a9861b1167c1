"""Twilio's routes.

    POST /twilio/voice ─▶ <Connect><Stream> ─▶ websocket /twilio/media ─▶ POST /twilio/after-stream ─▶ <Enqueue> or <Hangup>
                     └─ no room, or something failed ─▶ <Enqueue> ─▶ POST /twilio/wait … ─▶ POST /twilio/queue-left
                                                                     └─ key 1 ─▶ POST /twilio/wait-key ─▶ a call back
    the person's leg:  <Gather> ─▶ POST /twilio/agent-answered ─▶ <Dial><Queue>

Whatever fails on the way, the answer is one that leads the caller to a person.
"""

from fastapi import APIRouter, WebSocket
from starlette.responses import PlainTextResponse, Response

from voice_agent.server.twilio_gate import Door, TwilioGate
from voice_agent.server.twilio_phones import AGENT_ANSWERED, PersonsLeg, Phones
from voice_agent.server.twilio_webhooks import MEDIA, Webhooks

__all__ = ["Phones", "TwilioGate", "routes"]


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
    return router


def _closed(router: APIRouter, reason: str) -> APIRouter:
    async def post() -> Response:
        return PlainTextResponse(reason, 503)

    async def media(websocket: WebSocket) -> None:
        await websocket.send_denial_response(PlainTextResponse(reason, 503))

    router.add_api_route("/twilio/{webhook}", post, methods=["POST"])
    router.add_api_websocket_route(MEDIA, media)
    return router
