"""The numbers that scripts/tune-answers found: how much each likeness and each feature counts."""

import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def tuned() -> dict[str, Any]:
    """Those in force, from `answering.json`."""
    found: dict[str, Any] = json.loads(Path(__file__).with_name("answering.json").read_text())
    return found
