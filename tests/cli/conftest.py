import io
import json
from collections.abc import Callable
from typing import Any

import pytest

Feed = Callable[..., None]
Results = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def feed(monkeypatch: pytest.MonkeyPatch) -> Feed:
    """Gives stdin these lines: objects as JSON, texts and bytes as they are."""

    def give(*lines: object) -> None:
        written = [line if isinstance(line, bytes) else (line if isinstance(line, str) else json.dumps(line)).encode() for line in lines]
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"".join(line + b"\n" for line in written))))

    return give


@pytest.fixture
def results(capsys: pytest.CaptureFixture[str]) -> Results:
    """What has been written to stdout since the last time, parsed."""
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]
