"""Twilio's REST API, as far as we use it: a server that checks each request with Twilio's own description."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

DESCRIPTION = json.loads((Path(__file__).parents[1] / "data" / "twilio" / "calls.json").read_text(encoding="utf-8"))


@dataclass
class Asked:
    operation: str
    path: dict[str, str]
    fields: dict[str, str]
    authorization: str | None


@dataclass
class FakeTwilio:
    """Answers by the description: 201 or 200 with its example, 400 to what does not fit it, or what `answers` says."""

    answers: list[tuple[int, Any]] = field(default_factory=list)
    """For the next requests, oldest first: a status and a body. Status 0: break the connection. -1: never answer."""
    asked: list[Asked] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """What did not fit the description."""
    released: threading.Event = field(default_factory=threading.Event)

    def answer(self, method: str, path: str, body: str, authorization: str | None) -> tuple[int, Any]:
        for template, operations in DESCRIPTION["paths"].items():
            found = re.fullmatch(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template)), path)
            if found and method.lower() in operations:
                return self._operation(operations[method.lower()], found.groupdict(), dict(parse_qsl(body)), authorization)
        self.wrong.append(f"{method} {path} is not in the description")
        return 404, {"code": 20404, "status": 404, "message": "not found"}

    def _operation(
        self, operation: dict[str, Any], path: dict[str, str], fields: dict[str, str], authorization: str | None
    ) -> tuple[int, Any]:
        self.asked.append(Asked(operation["operationId"], path, fields, authorization))
        schema = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
        self.wrong += [f"{name} is missing" for name in schema.get("required", []) if name not in fields]
        for name, value in fields.items():
            self._check(name, value, schema["properties"].get(name))
        for parameter in operation["parameters"]:
            self._check(parameter["name"], path[parameter["name"]], parameter["schema"])
        if self.wrong:
            return 400, {"code": 20001, "status": 400, "message": "; ".join(self.wrong)}
        if self.answers:
            return self.answers.pop(0)
        ((status, response),) = operation["responses"].items()
        return int(status), response["content"]["application/json"]["examples"]["first"]["value"]

    def _check(self, name: str, value: str, schema: dict[str, Any] | None) -> None:
        if schema is None:
            self.wrong.append(f"{name} is not in the description")
            return
        if "$ref" in schema:
            schema = DESCRIPTION["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        fits = (
            re.search(schema.get("pattern", ""), value)
            and value in schema.get("enum", [value])
            and (schema["type"] != "integer" or value.isdecimal())
            and (schema.get("format") != "uri" or re.match(r"https?://[^_/]+/", value))
            and (schema.get("format") != "twiml" or len(value) <= 4000)
        )
        if not fits:
            self.wrong.append(f"{name} does not fit {schema}")


@contextmanager
def serving(twilio: FakeTwilio) -> Iterator[str]:
    """Its URL."""

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, answer = twilio.answer("POST", self.path, body, self.headers["Authorization"])
            if status < 0:
                twilio.released.wait(10)
            if status <= 0:
                self.close_connection = True
                return
            content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class's name for it
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        twilio.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
