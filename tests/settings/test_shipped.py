"""The configuration that comes with the project."""

import re
from pathlib import Path

import pytest
import yaml

from voice_agent.adapters.presidio_redactor import ENTITIES
from voice_agent.core.policy import Policy
from voice_agent.settings import SHIPPED, KnowledgeSettings, PrivacySettings, Settings, load_settings
from voice_agent.settings.policy import PolicyFile
from voice_agent.settings.sections import Section

FILES = ("server", "policy", "speech", "knowledge", "llm", "privacy")


def settings_with(tmp_path: Path, **files: str) -> Settings:
    folder = tmp_path / "config"
    folder.mkdir(exist_ok=True)
    for name in FILES:
        (folder / f"{name}.yaml").write_text(files.get(name, ""), "utf-8")
    return load_settings(folder, {})


def uncommented(name: str) -> str:
    text = (SHIPPED / f"{name}.yaml").read_text("utf-8")
    return re.sub(r"^#(?=[a-z]|  )", "", text, flags=re.MULTILINE)


def test_the_shipped_configuration_is_valid_and_has_rules_and_queues() -> None:
    settings = load_settings(None, {})

    assert {"support", "claims", "technical"} == set(settings.escalation.queues)
    assert len(settings.rules) > 10
    assert "let me talk to a person" in settings.escalation.asks
    assert settings.policy == Policy(company="Kettlewick")


@pytest.mark.parametrize("name", FILES)
def test_a_shipped_file_shows_every_key_with_the_default_it_has(name: str, tmp_path: Path) -> None:
    default = getattr(settings_with(tmp_path), name)
    shown = getattr(settings_with(tmp_path, **{name: uncommented(name)}), name)

    fields = type(shown).model_fields if isinstance(shown, Section) else PolicyFile.model_fields
    assert set(yaml.safe_load(uncommented(name))) == set(fields)
    if isinstance(shown, PrivacySettings):
        assert shown.removed == default.removed
    elif isinstance(shown, KnowledgeSettings):
        assert shown.model_copy(update={"folder": default.folder}) == default
        assert shown.folder.name == default.folder.name
    else:
        assert shown == default


def test_the_default_folders_lie_beside_the_configuration_and_the_documents_where_they_were_shipped(tmp_path: Path) -> None:
    settings = settings_with(tmp_path)

    assert settings.data_dir == tmp_path / "var"
    assert settings.knowledge.folder == SHIPPED.parent / "kb"


def test_the_kinds_of_personal_data_are_those_of_the_redactor() -> None:
    assert load_settings(None, {}).privacy.removed == ENTITIES
