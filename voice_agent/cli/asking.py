"""One question, answered as a call would answer it."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from voice_agent.app import Mind
from voice_agent.core.escalation import Facts, Rule, decide
from voice_agent.core.policy import Policy
from voice_agent.core.replies import is_speakable
from voice_agent.core.words import Citation, RedactedText
from voice_agent.ports import AnswerSentence, Finding
from voice_agent.session.inbox import closing


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the agent would do and say."""

    action: Literal["answer", "clarify", "abstain", "escalate"]
    text: str
    found: Finding
    reason: str
    sentences: tuple[AnswerSentence, ...] = ()
    """Of an answer."""
    seconds: float
    """Search and answer, without redaction and without recognizing what the caller wants."""

    @property
    def citations(self) -> tuple[Citation, ...]:
        return tuple(dict.fromkeys(citation for sentence in self.sentences for citation in sentence.citations))


async def reply_to(mind: Mind, policy: Policy, rules: Sequence[Rule], question: str) -> Reply:
    """Redact, understand, search, and answer or not.

    Raises:
        PortError: a part of it failed; a call would say that something went wrong.
    """
    text = (await mind.redactor.redact(question)).text
    intent = await mind.intents.recognize(text)
    began = time.perf_counter()
    found = await mind.knowledge.find(text)

    def reply(action: Literal["clarify", "abstain", "escalate"], said: str, reason: str = "") -> Reply:
        return Reply(action=action, text=said, found=found, reason=reason or found.reason, seconds=time.perf_counter() - began)

    facts = Facts(
        asks_for_person=intent.asks_for_person,
        topic=intent.topic,
        frustration=intent.frustration,
        language_not_spoken=intent.language_not_spoken,
        answer_confidence=found.confidence,
    )
    decision = decide(rules, facts)
    if decision.rule:
        return reply("escalate", decision.rule.say, f"{decision.rule.reason} {decision.explain}")
    if not found.passages or found.confidence < policy.answer_confidence:
        return reply("clarify", found.clarify) if found.clarify else reply("abstain", policy.abstain[0])
    sentences = await _write(mind, text, found)
    if not sentences:
        return reply("abstain", policy.abstain[0], "No sentence of the documents could be made into an answer.")
    return Reply(
        action="answer",
        text=" ".join(sentence.text for sentence in sentences),
        found=found,
        reason=found.reason,
        sentences=tuple(sentences),
        seconds=time.perf_counter() - began,
    )


async def answer_question(mind: Mind, policy: Policy, rules: Sequence[Rule], question: str) -> Mapping[str, Any]:
    """The reply as a line of JSON."""
    reply = await reply_to(mind, policy, rules, question)
    return {
        "action": reply.action,
        "answer": reply.text,
        "citations": [{"source": citation.source, "passage": citation.passage} for citation in reply.citations],
        "confidence": round(reply.found.confidence, 4),
        "reason": reply.reason,
    }


async def _write(mind: Mind, question: RedactedText, found: Finding) -> list[AnswerSentence]:
    async with closing(mind.writer().write(question, found.passages, ())) as sentences:
        return [sentence async for sentence in sentences if is_speakable(sentence.text) and not sentence.more]
