"""Model files: what they are (the lock), where they come from (the sources), where they are kept (the store)."""

from pathlib import Path

from voice_agent.models.fetch import FetchProgress
from voice_agent.models.lock import ModelsLock, load_lock
from voice_agent.models.store import ModelReport, ModelStore, default_cache

LOCK_NAME = "models.lock.yaml"
SHIPPED_LOCK = Path(__file__).parents[2] / "config" / LOCK_NAME

__all__ = ["FetchProgress", "ModelReport", "ModelStore", "ModelsLock", "default_cache", "load_lock", "lock_of"]


def lock_of(config: Path | None = None) -> ModelsLock:
    """The lock of a configuration folder; the one shipped with this project where the folder holds none.

    Raises:
        ConfigError: the lock is not valid.
    """
    if config is not None and (config / LOCK_NAME).exists():
        return load_lock(config / LOCK_NAME)
    return load_lock(SHIPPED_LOCK)
