"""The redactor of personal data: presidio-analyzer with a spaCy model, and recognisers for what callers say."""

from voice_agent.adapters.presidio_redactor.company import company_words
from voice_agent.adapters.presidio_redactor.redactor import ENTITIES, PresidioRedactor

__all__ = ["ENTITIES", "PresidioRedactor", "company_words"]
