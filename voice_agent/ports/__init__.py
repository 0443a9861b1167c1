"""What the call needs from the world, each as a Protocol. Fakes and real adapters pass one contract suite (tests/ports).

Every method may raise PortError and nothing else by intent. Async methods may be cancelled at any await.
CPU-bound work runs off the event loop inside the adapter, on its own bounded threads.
"""

from voice_agent.ports.access import Account, AccountStore, AuditLog, Deed, Role
from voice_agent.ports.people import CallRecord, CallState, CallStore, Handover, HandoverState, HumanQueue, QueueChange
from voice_agent.ports.speech import Carrier, Digit, Inbound, MarkReturned, Media, SpeechToText, TextToSpeech, Transcript, VoiceDetector
from voice_agent.ports.text import (
    AnswerChecker,
    AnswerSentence,
    AnswerWriter,
    Embedder,
    Entity,
    Finding,
    IndexedPassage,
    Intent,
    IntentRecognizer,
    KnowledgeBase,
    LanguageModel,
    Message,
    PassageIndex,
    Reading,
    Redaction,
    Redactor,
    SentenceVerdict,
    Vectors,
    Verdict,
)

__all__ = [
    "Account",
    "AccountStore",
    "AnswerChecker",
    "AnswerSentence",
    "AnswerWriter",
    "AuditLog",
    "CallRecord",
    "CallState",
    "CallStore",
    "Carrier",
    "Deed",
    "Digit",
    "Embedder",
    "Entity",
    "Finding",
    "Handover",
    "HandoverState",
    "HumanQueue",
    "Inbound",
    "IndexedPassage",
    "Intent",
    "IntentRecognizer",
    "KnowledgeBase",
    "LanguageModel",
    "MarkReturned",
    "Media",
    "Message",
    "PassageIndex",
    "QueueChange",
    "Reading",
    "Redaction",
    "Redactor",
    "Role",
    "SentenceVerdict",
    "SpeechToText",
    "TextToSpeech",
    "Transcript",
    "Vectors",
    "Verdict",
    "VoiceDetector",
]
