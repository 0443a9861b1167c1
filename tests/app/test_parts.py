"""The composition root: what the configuration says is what is made."""

from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.accounts import MemoryAccounts, MemoryAuditLog
from tests.fakes.house import Stage
from tests.fakes.speech import FakeVoice
from voice_agent.adapters.hibari_tts import HibariSpeaker
from voice_agent.adapters.piper_tts import PiperSpeaker
from voice_agent.adapters.silero_vad import SileroVoiceDetector
from voice_agent.adapters.webrtc_vad import WebrtcVoiceDetector
from voice_agent.app import house, parts
from voice_agent.app.writing import answer_writer, language_models
from voice_agent.errors import ConfigError, InputError, ModelFileError
from voice_agent.knowledge.extractive import ExtractiveWriter
from voice_agent.knowledge.generated import GeneratedWriter
from voice_agent.models import ModelStore
from voice_agent.settings import Settings, load_settings


def configured(tmp_path: Path, **files: str) -> Settings:
    folder = tmp_path / "config"
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    return load_settings(folder, {"LLM_API_KEY": "key", "OWN_KEY": "own-key", "ANTHROPIC_API_KEY": "not-ours-to-read"})


async def test_answers_are_the_documents_own_unless_a_language_model_is_configured(tmp_path: Path, model_store: ModelStore) -> None:
    settings = configured(tmp_path)
    async with AsyncExitStack() as stack:
        embedder = parts.embedder(settings)
        stack.callback(embedder.close)
        library = await stack.enter_async_context(parts.open_library(settings, embedder))
        plain = await answer_writer(settings, library)
        assert isinstance(plain(), ExtractiveWriter)
        with_model = await answer_writer(configured(tmp_path, llm="model: openai/small\n"), library)
        assert isinstance(with_model(), GeneratedWriter)
        assert with_model() is not with_model(), "what a call may spend is counted for each call"


def test_each_language_model_gets_its_own_key_and_no_other(tmp_path: Path) -> None:
    settings = configured(
        tmp_path,
        llm="""
model: openai/small
fallbacks: [{model: anthropic/other}, {model: openai/own, api_base: "http://127.0.0.1:1/v1", key_variable: OWN_KEY}]
strong: {model: openai/large, key_variable: LLM_API_KEY}
""",
    )
    router = language_models(settings)
    assert router is not None
    assert [(each.model, each.api_key) for each in router.deployments] == [
        ("openai/small", "key"),
        ("anthropic/other", None),
        ("openai/own", "own-key"),
        ("openai/large", "key"),
    ]
    assert "key" not in repr(router.deployments).replace("key_variable", "")


@pytest.mark.parametrize(("engine", "kind"), [("webrtc", WebrtcVoiceDetector), ("silero", SileroVoiceDetector)])
def test_each_call_gets_a_detector_of_the_configured_kind(tmp_path: Path, engine: str, kind: type, model_store: ModelStore) -> None:
    model_store.path("silero-vad")
    make = parts.detector(configured(tmp_path, speech=f"detector: {{engine: {engine}}}\n"))
    assert isinstance(make(), kind)
    assert make() is not make()


@pytest.mark.parametrize(("engine", "kind"), [("piper", PiperSpeaker), ("hibari", HibariSpeaker)])
def test_the_voice_is_the_configured_engines(tmp_path: Path, engine: str, kind: type, model_store: ModelStore) -> None:
    model_store.path("piper-joe")
    voice = parts.voice(configured(tmp_path, speech=f"voice: {{engine: {engine}}}\n"))
    voice.close()
    assert isinstance(voice, kind)


def test_piper_needs_its_voice_to_be_fetched_and_hibari_brings_its_own(tmp_path: Path) -> None:
    piper, hibari = (configured(tmp_path, speech=f"voice: {{engine: {engine}}}\n") for engine in ("piper", "hibari"))
    assert set(parts.model_names(piper)) - set(parts.model_names(hibari)) == {"piper-joe"}


async def test_each_voice_makes_and_keeps_its_own_standing_sentences(tmp_path: Path) -> None:
    made = []
    for voice in ("engine: hibari", "engine: piper", "model: other", "engine: hibari"):
        settings = configured(tmp_path, speech=f"voice: {{{voice}}}\n")
        fake = FakeVoice()
        await parts.standing_voice(settings, fake).prepare(["One moment."], lambda *_: None)
        made.append(len(fake.asked))
    assert made == [1, 1, 1, 0]


async def test_the_redactor_leaves_the_companys_own_and_the_kinds_that_are_switched_off(tmp_path: Path, model_store: ModelStore) -> None:
    model_store.path("spacy-en-md")
    settings = configured(tmp_path, privacy='keep: ["555-010-7788", "help@acorn.example"]\nentities: {CARD: false}\n')
    redactor = parts.redactor(settings)
    try:
        redaction = await redactor.redact("call 555 010 7788, not 555 010 9911, or mail help@acorn.example; my card is 4111 1111 1111 1111")
    finally:
        redactor.close()
    assert redaction.text == "call 555 010 7788, not <PHONE>, or mail help@acorn.example; my card is 4111 1111 1111 1111"


def test_a_model_that_nobody_knows_is_traced_to_its_key(tmp_path: Path) -> None:
    settings = configured(tmp_path, speech="voice: {model: piper-jo}\n")
    with pytest.raises(ConfigError, match=r"speech\.yaml: voice\.model: .*'piper-jo'"):
        parts.voice(settings)


def test_a_model_that_is_not_there_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICE_AGENT_CACHE", str(tmp_path / "cache"))
    with pytest.raises(ModelFileError, match="models fetch whisper-base"):
        parts.recognizer(configured(tmp_path))


def test_a_redactor_without_documents_says_which_folder_is_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere: no such folder of documents"):
        parts.redactor(configured(tmp_path).with_options(kb=tmp_path / "nowhere"))


async def test_phones_are_rung_only_when_twilio_is_set_up_with_a_number_to_ring_from(tmp_path: Path) -> None:
    whole = {
        "TWILIO_ACCOUNT_SID": "AC1",
        "TWILIO_AUTH_TOKEN": "x",
        "PUBLIC_BASE_URL": "https://a.example.com",
        "TWILIO_PHONE_NUMBER": "+15550100",
    }
    equipment = Stage(journals=tmp_path).equipment()
    for missing in (None, *whole):
        env = {name: value for name, value in whole.items() if name != missing}
        async with AsyncExitStack() as stack:
            made = house.make_house(load_settings(None, env), equipment, MemoryAccounts(), MemoryAuditLog(), stack)
        assert (made.ring is None) == (missing is not None)
        assert bool(made.upkeep) == (missing is None)
        assert bool(made.twilio.missing) == (missing in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "PUBLIC_BASE_URL"))


def test_the_house_is_as_open_as_the_configuration_says(tmp_path: Path) -> None:
    settings = load_settings(None, {"SESSION_SECRET": "sesame" * 6})
    server = settings.server.model_copy(update={"max_calls": 0, "allowed_hosts": ("a.example.com",)})
    equipment = Stage(journals=tmp_path).equipment()
    made = house.make_house(replace(settings, server=server), equipment, MemoryAccounts(), MemoryAuditLog(), AsyncExitStack())
    assert made.access.sessions.key == "sesame" * 6
    assert "a.example.com" in made.access.allowed_hosts
    assert not made.access.demo
    assert not made.calls.accepting


def test_a_language_whose_personal_data_cannot_be_found_is_a_mistake_of_the_configuration(tmp_path: Path) -> None:
    settings = configured(tmp_path, speech="recognizer:\n  language: de\n")

    with pytest.raises(ConfigError, match=r"speech\.yaml: recognizer\.language: 'de'.*English only"):
        parts.redactor(settings)
