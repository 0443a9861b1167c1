"""What every call of a process shares: the loaded models, the stores, and the configuration in force."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from voice_agent.core.escalation import QueueState, Rule
from voice_agent.core.policy import Policy
from voice_agent.ports import (
    AnswerWriter,
    CallbackStore,
    CallStore,
    HumanQueue,
    IntentRecognizer,
    KnowledgeBase,
    OutcomeStore,
    Redactor,
    Roster,
    SpeechToText,
    TextToSpeech,
    VoiceDetector,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    detector: Callable[[], VoiceDetector]
    """Makes one for each call."""
    recognizer: SpeechToText
    redactor: Redactor
    intents: IntentRecognizer
    knowledge: KnowledgeBase
    writer: Callable[[], AnswerWriter]
    """Makes one for each call: what a call may spend on language models is counted in it."""
    voice: TextToSpeech
    queue: HumanQueue
    queues: Callable[[], tuple[QueueState, ...]] | None = None
    """How they are now; None where nobody looks."""
    roster: Roster
    store: CallStore
    callbacks: CallbackStore
    outcomes: OutcomeStore
    policy: Policy
    rules: tuple[Rule, ...]
    generation: int = 0
    """Of the policy and the rules (`settings.generations`); 0 where nobody counts."""
    purposes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """What a caller's own data may be shown for, and of which kinds; nothing else is kept, and nothing beyond the call."""
    journals: Path
    """Directory of the journals, one file a call."""
    monotonic: Callable[[], float]
    """Seconds, for spans."""
    wall: Callable[[], float]
    """UNIX seconds, for records."""
