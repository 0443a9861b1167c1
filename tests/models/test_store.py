import os
from pathlib import Path

import pytest

from tests.models.shop import lock_of_one, sha256
from voice_agent.errors import ConfigError, InputError, ModelFileError
from voice_agent.models import ModelStore, default_cache, lock_of
from voice_agent.models.lock import ModelsLock

RIGHT, WRONG = b"right bytes", b"wrong bytes"


@pytest.fixture
def lock(tmp_path: Path) -> ModelsLock:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "voice.onnx").write_bytes(RIGHT)
    return lock_of_one({"voice.onnx": RIGHT}, {"local": str(folder)})


@pytest.fixture
def store(lock: ModelsLock, cache: Path) -> ModelStore:
    store = ModelStore(lock, cache)
    store.fetch(["voice"])
    return store


def test_a_missing_model_is_an_error_that_names_the_file_and_the_command_that_mends_it(lock: ModelsLock, cache: Path) -> None:
    with pytest.raises(ModelFileError) as error:
        ModelStore(lock, cache).path("voice")

    assert "voice.onnx is missing" in str(error.value)
    assert str(cache / "voice") in str(error.value)
    assert "scripts/voice-agent models fetch voice" in str(error.value)
    assert error.value.code == "model_missing"


def test_a_file_that_was_changed_is_refused_with_both_hashes(store: ModelStore) -> None:
    (store.path("voice") / "voice.onnx").write_bytes(WRONG)

    with pytest.raises(ModelFileError) as error:
        store.path("voice")

    assert f"voice.onnx has a wrong hash (expected {sha256(RIGHT)}, found {sha256(WRONG)})" in str(error.value)
    assert error.value.code == "model_damaged"


def test_a_fetch_mends_a_changed_file(store: ModelStore) -> None:
    file = store.path("voice") / "voice.onnx"
    file.write_bytes(WRONG)

    store.fetch(["voice"])

    assert file.read_bytes() == RIGHT
    assert store.list()[0].state == "ready"


def test_the_second_look_at_a_file_does_not_read_it_but_verify_always_does(store: ModelStore) -> None:
    file = store.path("voice") / "voice.onnx"
    before = file.stat()
    file.write_bytes(WRONG)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert store.path("voice") == file.parent
    assert [str(each) for each in store.verify()[0].wrong] == [
        f"voice.onnx has a wrong hash (expected {sha256(RIGHT)}, found {sha256(WRONG)})"
    ]
    with pytest.raises(ModelFileError):  # what verify found is not forgotten
        store.path("voice")


def test_a_file_touched_but_right_is_still_right(store: ModelStore) -> None:
    file = store.path("voice") / "voice.onnx"
    os.utime(file, ns=(1, 1))

    assert store.path("voice") == file.parent


def test_another_lock_does_not_trust_what_was_checked_for_this_one(store: ModelStore, cache: Path) -> None:
    store.path("voice")

    with pytest.raises(ModelFileError, match="wrong hash"):
        ModelStore(lock_of_one({"voice.onnx": WRONG}, {"local": "x"}), cache).path("voice")


def test_a_broken_stamp_costs_a_reading_and_nothing_else(store: ModelStore, cache: Path) -> None:
    (cache / ".stamps" / "voice.json").write_text("[1, 2")

    assert store.path("voice") == cache / "voice"


def test_a_folder_where_a_file_should_be_is_a_missing_file(store: ModelStore) -> None:
    file = store.path("voice") / "voice.onnx"
    file.unlink()
    file.mkdir()

    assert store.list()[0].state == "missing"


def test_verify_without_names_passes_over_optional_models_that_are_not_there(lock: ModelsLock, cache: Path) -> None:
    voice = lock.models["voice"]
    both = ModelsLock(models={"voice": voice, "extra": voice.model_copy(update={"default": False})})

    assert [report.name for report in ModelStore(both, cache).verify()] == ["voice"]
    assert [report.name for report in ModelStore(both, cache).verify(["extra"])] == ["extra"]
    assert [report.name for report in ModelStore(both, cache).list()] == ["voice", "extra"]


def test_a_fetch_without_names_gets_the_default_models_only(lock: ModelsLock, cache: Path) -> None:
    voice = lock.models["voice"]
    both = ModelsLock(models={"voice": voice, "extra": voice.model_copy(update={"default": False})})
    store = ModelStore(both, cache)

    store.fetch()

    assert [(report.name, report.state) for report in store.list()] == [("voice", "ready"), ("extra", "missing")]


def test_an_unknown_model_has_no_path(store: ModelStore) -> None:
    with pytest.raises(InputError, match="no model is called 'nope'"):
        store.path("nope")


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"VOICE_AGENT_CACHE": "/a", "XDG_CACHE_HOME": "/b", "HOME": "/c"}, "/a/models"),
        ({"VOICE_AGENT_CACHE": "", "XDG_CACHE_HOME": "/b", "HOME": "/c"}, "/b/voice_agent/models"),
        ({"VOICE_AGENT_CACHE": "", "XDG_CACHE_HOME": "", "HOME": "/c"}, "/c/.cache/voice_agent/models"),
    ],
)
def test_the_cache_is_where_the_environment_says(variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert default_cache() == Path(expected)


def test_a_configuration_folder_without_a_lock_uses_the_shipped_one(tmp_path: Path) -> None:
    assert lock_of(tmp_path) == lock_of()

    (tmp_path / "models.lock.yaml").write_text("models: 3")
    with pytest.raises(ConfigError, match="models: Input should be a valid dictionary"):
        lock_of(tmp_path)
