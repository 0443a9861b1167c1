"""What a route answers, for the description of the API at /openapi.json."""

from http import HTTPStatus
from typing import Any, TypedDict

from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from starlette.responses import Response

_TYPES: dict[type[Response], str] = {HTMLResponse: "text/html", JSONResponse: "application/json", PlainTextResponse: "text/plain"}
_BY_THE_DOORKEEPER = (401, 403)
"""Nobody is signed in; another host or site. Told in plain text."""


class Described(TypedDict):
    response_class: type[Response]
    responses: dict[int | str, dict[str, Any]]


def described(kind: type[Response], *statuses: int) -> Described:
    """For `add_api_route`: an answer of this kind, and its refusals, of the same kind; a 303 leads elsewhere, without content."""
    responses: dict[int | str, dict[str, Any]] = {}
    for status in sorted({*statuses, *_BY_THE_DOORKEEPER}):
        types = {_TYPES[kind]} if status in statuses else set()
        types |= {"text/plain"} if status in _BY_THE_DOORKEEPER else set()
        responses[status] = {"description": HTTPStatus(status).phrase}
        if status != HTTPStatus.SEE_OTHER:
            responses[status]["content"] = {name: {} for name in sorted(types)}
    return {"response_class": kind, "responses": responses}
