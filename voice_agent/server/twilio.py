"""Twilio's routes.

    POST /twilio/voice ─▶ <Connect><Stream> ─▶ websocket /twilio/media ─▶ POST /twilio/after-stream ─▶ <Enqueue> or <Hangup>
                     └─ no room, or something failed ─▶ <Enqueue> ─▶ POST /twilio/wait … ─▶ POST /twilio/queue-left
    the person's leg:  <Gather> ─▶ POST /twilio/agent-answered ─▶ <Dial><Queue>

Whatever fails on the way, the answer is one that leads the caller to a person.
"""

from fastapi import APIRouter, WebSocket
from starlette.responses import PlainTextResponse, Response

from voice_agent.adapters.twilio import twiml
from voice_agent.adapters.twilio.rest import TwilioRest
from voice_agent.errors import PortError
from voice_agent.ports import Handover
from voice_agent.server.twilio_webhooks import AGENT_ANSWERED, MEDIA, TwilioGate, Webhooks, person_of

__all__ = ["TwilioGate", "ring_person", "routes"]


def routes(gate: TwilioGate) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    if gate.missing:
        return _closed(router, f"Twilio is not set up here. Missing in the environment: {', '.join(gate.missing)}\n")
    webhooks = Webhooks(gate)
    for path, answer, otherwise in (
        ("/twilio/voice", webhooks.voice, webhooks.to_person),
        ("/twilio/after-stream", webhooks.after_stream, webhooks.to_person),
        ("/twilio/wait", webhooks.wait, webhooks.just_wait),
        ("/twilio/queue-left", webhooks.queue_left, webhooks.after_queue),
        (AGENT_ANSWERED, webhooks.agent_answered, webhooks.join_or_end),
    ):
        router.add_api_route(path, webhooks.signed(path, answer, otherwise), methods=["POST"])
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


async def ring_person(gate: TwilioGate, rest: TwilioRest, handover: Handover, to: str, from_: str) -> None:
    """Call the phone of the person who accepted a handover, tell them the brief, and join them to the caller.

    Whoever cannot be rung, does not answer, or declines, gives the call back to the queue.

    Raises:
        PortError: as TwilioRest.dial_person; the call is back in the queue then.
    """
    url = gate.url(AGENT_ANSWERED, call=handover.carrier_call, person=person_of(handover.agent))
    text = twiml.whisper(gate.script, answer_url=url, headline=handover.brief.headline)
    try:
        await rest.dial_person(to, from_, twiml=text, status_url=url)
    except PortError:
        await gate.queue.decline(handover.call, handover.agent)
        raise
