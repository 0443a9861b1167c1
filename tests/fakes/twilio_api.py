"""Twilio's REST API, as far as we use it: every request goes to Prism, which checks it with Twilio's own description, or meets a fault."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Asked:
    path: str
    fields: dict[str, str]
    authorization: str | None


@dataclass
class FakeTwilio:
    """Answers with the example of the description, with what is wrong with the request, or with what `answers` says."""

    prism: str
    """The URL of a server of Twilio's description."""
    answers: list[tuple[int, Any]] = field(default_factory=list)
    """For the next requests, oldest first: a status and a body. Status 0: break the connection. -1: never answer."""
    asked: list[Asked] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """What did not fit the description."""
    released: threading.Event = field(default_factory=threading.Event)

    def answer(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
        self.asked.append(Asked(path, dict(parse_qsl(body.decode())), headers.get("Authorization")))
        status, content = self._described(path, body, headers)
        if self.answers and status < 400:
            return self.answers.pop(0)
        return status, content

    def _described(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        connection = HTTPConnection(urlsplit(self.prism).netloc, timeout=30)
        try:
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        if response.status >= 400:
            said = json.loads(content)
            self.wrong += [each["message"] for each in said.get("validation", [])] or [said["detail"]]
        return response.status, content


@contextmanager
def serving(twilio: FakeTwilio) -> Iterator[str]:
    """Its URL."""

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = twilio.answer(self.path, body, dict(self.headers.items()))
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
