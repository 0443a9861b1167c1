"""The published description of the API holds, whatever is asked."""

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

from tests.fakes.house import Stage
from voice_agent.server.app import create_app

PATHS = [
    "GET /desk",
    "GET /desk/calls/{call}",
    "GET /healthz",
    "GET /login",
    "GET /phone",
    "GET /phone/calls/{call}/report",
    "GET /readyz",
    "GET /setup",
    "POST /desk/callbacks/{call}/done",
    "POST /desk/callbacks/{call}/number",
    "POST /desk/calls/{call}/accept",
    "POST /desk/calls/{call}/complete",
    "POST /desk/calls/{call}/decline",
    "POST /desk/calls/{call}/reveal",
    "POST /desk/calls/{call}/wrap-up",
    "POST /desk/duty",
    "POST /desk/here",
    "POST /login",
    "POST /logout",
    "POST /phone/calls",
    "POST /phone/calls/{call}/again",
    "POST /setup",
]


def described(folder: Path) -> tuple[schemathesis.BaseSchema, dict[str, str]]:
    stage = Stage(journals=folder, allowed_hosts=("testserver",), max_calls=10_000)
    headers = {"cookie": "; ".join(f"{name}={value}" for name, value in stage.cookie().items())}
    return schemathesis.openapi.from_asgi("/openapi.json", create_app(stage.house()), headers=headers), headers


@pytest.mark.parametrize("path", PATHS)
def test_nothing_that_can_be_asked_breaks_the_server_or_is_answered_otherwise_than_described(path: str, tmp_path: Path) -> None:
    schema, headers = described(tmp_path)
    method, _, where = path.partition(" ")

    @given(case=schema[where][method].as_strategy())
    @settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def ask(case: Any) -> None:
        case.call_and_validate(headers=headers)

    ask()


def test_every_route_but_streams_and_the_carriers_is_described(tmp_path: Path) -> None:
    schema, _ = described(tmp_path)
    found = {f"{method.upper()} {path}" for path, item in schema.raw_schema["paths"].items() for method in item}
    assert found == set(PATHS)
