from pathlib import Path

import pytest

from tests.models.shop import Index


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    """An empty package index, the only one that pip can see."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.delenv("VOICE_AGENT_MODELS", raising=False)
    return Index(folder=folder)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"
