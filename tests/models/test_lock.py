import re
from pathlib import Path

import pytest

from tests.models.shop import sha256
from voice_agent.errors import ConfigError
from voice_agent.models import load_lock
from voice_agent.models.lock import HubSource, LocalSource, PackageSource, places

SHIPPED = Path("config/models.lock.yaml")
GOOD = f"""\
models:
  voice:
    purpose: speaks
    license: MIT
    files:
      voice.onnx: {{sha256: {sha256(b"x")}, size: 1}}
    sources:
      - local: voice
"""


def load(tmp_path: Path, text: str) -> None:
    (tmp_path / "models.lock.yaml").write_text(text, "utf-8")
    load_lock(tmp_path / "models.lock.yaml")


def test_the_shipped_lock_gives_every_model_a_licence_and_every_file_a_hash() -> None:
    lock = load_lock(SHIPPED)

    assert set(lock.default_names) == {"whisper-base", "minilm", "piper-joe", "spacy-en-md", "silero-vad"}
    assert {"whisper-tiny.en"} < set(lock.models)
    for model in lock.models.values():
        assert model.license
        assert all(re.fullmatch("[0-9a-f]{64}", file.sha256) for file in model.files.values())


def test_the_shipped_lock_asks_a_local_folder_first_then_the_hub_then_the_package_index() -> None:
    order = [LocalSource, HubSource, PackageSource]
    for model in load_lock(SHIPPED).models.values():
        kinds = [order.index(type(source)) for source in model.sources]
        assert kinds == sorted(kinds)
        assert kinds[0] == 0
        assert kinds[-1] == 2


def test_every_file_of_the_shipped_lock_can_come_from_the_package_index() -> None:
    for model in load_lock(SHIPPED).models.values():
        packages = [source for source in model.sources if isinstance(source, PackageSource)]
        assert all(any(places(source, path) for source in packages) for path in model.files)


def test_the_voice_s_research_licence_is_not_hidden() -> None:
    assert "research licence" in load_lock(SHIPPED).models["piper-joe"].notes


@pytest.mark.parametrize(
    ("wrong", "instead_of", "line", "said"),
    [
        ("    licence: MIT", "    license: MIT", 4, "models.voice.licence: Extra inputs are not permitted"),
        ("sha256: abc", f"sha256: {sha256(b'x')}", 6, "models.voice.files.voice.onnx.sha256: String should match pattern"),
        ("size: 0", "size: 1", 6, "models.voice.files.voice.onnx.size: Input should be greater than 0"),
        ("      ../voice.onnx", "      voice.onnx", 6, "must be a plain relative path"),
        ("- url: somewhere", "- local: voice", 8, "a source is one of local, hub or packages"),
        ("- hub: nobody", "- local: voice", 8, "hub: String should match pattern"),
        ("- {local: voice, files: {else: there}}", "- local: voice", 2, "offers 'else', which is not among the model's files"),
        ("- {local: voice, files: {}}", "- local: voice", 2, "no source offers 'voice.onnx'"),
    ],
)
def test_a_mistake_in_the_lock_is_named_with_file_line_and_key(tmp_path: Path, wrong: str, instead_of: str, line: int, said: str) -> None:
    load(tmp_path, GOOD)
    assert instead_of in GOOD

    with pytest.raises(ConfigError) as error:
        load(tmp_path, GOOD.replace(instead_of, wrong))

    assert f"models.lock.yaml:{line}: " in str(error.value)
    assert said in str(error.value)


def test_a_lock_that_is_not_yaml_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"not YAML: .*line 2"):
        load(tmp_path, "models:\n  voice: {")


def test_a_lock_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml: .*No such file"):
        load_lock(tmp_path / "nowhere.yaml")
