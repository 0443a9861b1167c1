"""The real models, verified and loaded once for all tests. A model that is not there fails the test, saying how to fetch it."""

from collections.abc import Iterator

import pytest

from voice_agent.adapters.hibari_tts import HibariSpeaker
from voice_agent.adapters.piper_tts import PiperSpeaker
from voice_agent.adapters.whisper_stt import WhisperRecognizer
from voice_agent.models import ModelStore, default_cache, lock_of


@pytest.fixture(scope="session")
def model_store() -> ModelStore:
    return ModelStore(lock_of(), default_cache())


@pytest.fixture(scope="session")
def whisper(model_store: ModelStore) -> Iterator[WhisperRecognizer]:
    recognizer = WhisperRecognizer(model_store.path("whisper-base"))
    yield recognizer
    recognizer.close()


@pytest.fixture(scope="session")
def piper(model_store: ModelStore) -> Iterator[PiperSpeaker]:
    speaker = PiperSpeaker(model_store.path("piper-joe"))
    yield speaker
    speaker.close()


@pytest.fixture(scope="session")
def hibari() -> Iterator[HibariSpeaker]:
    speaker = HibariSpeaker()
    yield speaker
    speaker.close()
