from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.session.stage import ScriptedBrain, Stage
from tests.session.virtual_time import VirtualTimeLoop


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> Mapping[str, Callable[[], VirtualTimeLoop]]:
    """Every async test of this directory runs in virtual time."""
    return {"virtual-time": VirtualTimeLoop}


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(journals=tmp_path / "journals")


@pytest.fixture
def brain() -> ScriptedBrain:
    return ScriptedBrain()
