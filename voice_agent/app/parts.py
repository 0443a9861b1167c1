"""Each part of the assistant made alone, from the settings. Libraries are imported with the part that needs them: some take seconds."""

import asyncio
import hashlib
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from voice_agent.errors import ConfigError, InputError
from voice_agent.models import ModelStore, default_cache, lock_of
from voice_agent.ports import AccountStore, AnswerChecker, AuditLog, CallbackStore, CallStore, IntentRecognizer, TextToSpeech, VoiceDetector
from voice_agent.settings import Settings

if TYPE_CHECKING:
    from voice_agent.adapters.hibari_tts import HibariSpeaker
    from voice_agent.adapters.onnx_embedder import OnnxEmbedder
    from voice_agent.adapters.piper_tts import PiperSpeaker
    from voice_agent.adapters.presidio_redactor import PresidioRedactor
    from voice_agent.adapters.sql.database import Database
    from voice_agent.adapters.whisper_stt import WhisperRecognizer
    from voice_agent.app.keeping import Keeping
    from voice_agent.app.past_calls import PastCalls
    from voice_agent.knowledge.folder import DocumentFolder
    from voice_agent.knowledge.library import Library
    from voice_agent.session.standing import StandingVoice


def model_names(settings: Settings) -> dict[str, str]:
    """The models that serving takes, each with the key of the configuration that names it."""
    names = {
        settings.speech.recognizer.model: "speech.yaml: recognizer.model",
        settings.knowledge.embedder: "knowledge.yaml: embedder",
        settings.privacy.spacy_model: "privacy.yaml: spacy_model",
    }
    if settings.speech.voice.engine == "piper":
        names[settings.speech.voice.model] = "speech.yaml: voice.model"
    if settings.speech.detector.engine == "silero":
        names["silero-vad"] = "speech.yaml: detector.engine"
    return names


def model_store(settings: Settings) -> ModelStore:
    return ModelStore(lock_of(settings.config_dir), default_cache())


def recognizer(settings: Settings) -> "WhisperRecognizer":
    from voice_agent.adapters.whisper_stt import WhisperRecognizer

    chosen = settings.speech.recognizer
    path = _model(settings, chosen.model)
    return WhisperRecognizer(path, workers=chosen.workers, waiting=chosen.waiting, beam=chosen.beam, language=chosen.language)


def voice(settings: Settings) -> "PiperSpeaker | HibariSpeaker":
    chosen = settings.speech.voice
    if chosen.engine == "hibari":
        from voice_agent.adapters.hibari_tts import HibariSpeaker

        return HibariSpeaker(workers=chosen.workers, waiting=chosen.waiting)
    from voice_agent.adapters.piper_tts import PiperSpeaker

    return PiperSpeaker(_model(settings, chosen.model), workers=chosen.workers, waiting=chosen.waiting)


def standing_voice(settings: Settings, voice: TextToSpeech) -> "StandingVoice":
    """The voice, with the sentences of the configuration kept ready."""
    from voice_agent.session.standing import StandingVoice

    chosen = settings.speech.voice
    name = chosen.engine if chosen.engine == "hibari" else f"{chosen.engine} {chosen.model}"
    return StandingVoice(voice, folder=settings.data_dir / "voice", name=name)


def detector(settings: Settings) -> Callable[[], VoiceDetector]:
    """Makes a detector for each call."""
    chosen = settings.speech.detector
    if chosen.engine == "silero":
        from voice_agent.adapters.silero_vad import SileroModel, SileroVoiceDetector

        network = SileroModel(_model(settings, "silero-vad") / "silero_vad.onnx")
        return partial(SileroVoiceDetector, network, mode=chosen.mode, floor=chosen.floor_dbfs)
    from voice_agent.adapters.webrtc_vad import WebrtcVoiceDetector

    return partial(WebrtcVoiceDetector, mode=chosen.mode, floor=chosen.floor_dbfs)


def redactor(settings: Settings) -> "PresidioRedactor":
    """Leaves what the documents and the configuration call the company's own."""
    from voice_agent.adapters.presidio_redactor import PresidioRedactor, company_words
    from voice_agent.knowledge.documents import plain_text

    if settings.speech.recognizer.language not in settings.privacy.languages:
        said = f"{settings.config_dir}/speech.yaml: recognizer.language: {settings.speech.recognizer.language!r}"
        known = " or ".join(settings.privacy.languages)
        raise ConfigError(f"{said}: personal data can be taken out of English only. Set it to {known}.", code="config")
    documents = [plain_text(document) for document in document_folder(settings).read().documents]
    own = (settings.knowledge.company, *settings.privacy.keep)
    path = _model(settings, settings.privacy.spacy_model)
    return PresidioRedactor(path, entities=settings.privacy.removed, strict=settings.privacy.strict, keep=company_words(documents, own))


def embedder(settings: Settings) -> "OnnxEmbedder":
    from voice_agent.adapters.onnx_embedder import OnnxEmbedder

    return OnnxEmbedder(_model(settings, settings.knowledge.embedder))


async def intents(settings: Settings, embedder: "OnnxEmbedder") -> IntentRecognizer:
    from voice_agent.knowledge.intents import EmbeddingIntents, IntentPhrases

    said = settings.escalation
    phrases = IntentPhrases(asks=said.asks, asks_not=said.asks_not, topics=said.topics, ordinary=said.ordinary)
    return await EmbeddingIntents.build(embedder, phrases, settings.data_dir / "phrases.npz")


def document_folder(settings: Settings) -> "DocumentFolder":
    from voice_agent.knowledge.folder import DocumentFolder

    folder, home = _documents_of(settings)
    return DocumentFolder(folder, home / "words" / "documents")


@asynccontextmanager
async def open_library(settings: Settings, embedder: "OnnxEmbedder") -> AsyncGenerator["Library", None]:
    """The knowledge base of the configured folder, not yet in step with it. Each folder has an index of its own."""
    from voice_agent.adapters.chroma_index import ChromaIndex
    from voice_agent.knowledge.library import Library

    folder, home = _documents_of(settings)
    index = await asyncio.to_thread(ChromaIndex, home / "index", embedder.name)
    try:
        yield Library(index, embedder, folder, home / "words")
    finally:
        index.close()


def _documents_of(settings: Settings) -> tuple[Path, Path]:
    """The folder of documents, and where what was made of them is kept."""
    folder = settings.knowledge.folder.resolve()
    return folder, settings.data_dir / "knowledge" / f"{folder.name}-{hashlib.sha256(bytes(folder)).hexdigest()[:8]}"


def checker() -> AnswerChecker:
    from voice_agent.knowledge.support import SupportChecker

    return SupportChecker()


def accounts(database: "Database") -> tuple[AccountStore, AuditLog]:
    from voice_agent.adapters.sql.accounts import SqlAccounts, SqlAuditLog

    return SqlAccounts(database), SqlAuditLog(database)


def call_store(database: "Database") -> CallStore:
    from voice_agent.adapters.sql.call_store import SqlCallStore

    return SqlCallStore(database)


def callbacks(settings: Settings, database: "Database") -> CallbackStore:
    from voice_agent.adapters.sql.callback_store import SqlCallbackStore
    from voice_agent.adapters.sql.sealed import Seal, secret_of

    return SqlCallbackStore(database, Seal(secret_of(settings.data_dir / "callback.key", settings.secrets.callback_key)))


def past_calls(settings: Settings, database: "Database") -> "PastCalls":
    from voice_agent.adapters.sql.human_queue import SqlHumanQueue
    from voice_agent.adapters.sql.outcome_store import SqlOutcomeStore
    from voice_agent.app.past_calls import PastCalls

    return PastCalls(outcomes=SqlOutcomeStore(database), queue=SqlHumanQueue(database), journals=settings.data_dir / "journals")


def keeping(settings: Settings, database: "Database") -> "Keeping":
    from voice_agent.adapters.sql.records import SqlRecords
    from voice_agent.app.keeping import Keeping

    _, audit = accounts(database)
    return Keeping(
        journals=settings.data_dir / "journals",
        records=SqlRecords(database),
        calls=call_store(database),
        callbacks=callbacks(settings, database),
        audit=audit,
        periods=settings.privacy.retain,
        wall=time.time,
    )


def database(settings: Settings) -> "Database":
    from voice_agent.adapters.sql.database import open_database

    return open_database(f"sqlite:///{settings.data_dir / 'calls.db'}")


def _model(settings: Settings, name: str) -> Path:
    """The folder of a model that the configuration names."""
    try:
        return model_store(settings).path(name)
    except InputError as error:
        raise ConfigError(f"{settings.config_dir}/{model_names(settings)[name]}: {error}", code="config") from None
