"""One question, answered as a call would answer it."""

from collections.abc import Mapping, Sequence
from typing import Any

from voice_agent.app import Mind
from voice_agent.core.escalation import Facts, Rule, decide
from voice_agent.core.policy import Policy
from voice_agent.core.replies import is_speakable
from voice_agent.core.words import Citation, RedactedText
from voice_agent.ports import AnswerSentence, Finding
from voice_agent.session.inbox import closing


async def answer_question(mind: Mind, policy: Policy, rules: Sequence[Rule], question: str) -> Mapping[str, Any]:
    """What the agent would do and say.

    Raises:
        PortError: a part of it failed; a call would say that something went wrong.
    """
    text = (await mind.redactor.redact(question)).text
    intent = await mind.intents.recognize(text)
    found = await mind.knowledge.find(text)
    facts = Facts(
        asks_for_person=intent.asks_for_person,
        topic=intent.topic,
        frustration=intent.frustration,
        answer_confidence=found.confidence,
    )
    decision = decide(rules, facts)
    if decision.rule:
        return _result("escalate", decision.rule.say, found, reason=f"{decision.rule.reason} {decision.explain}")
    if not found.passages or found.confidence < policy.answer_confidence:
        if found.clarify:
            return _result("clarify", found.clarify, found)
        return _result("abstain", policy.abstain[0], found)
    sentences = await _write(mind, text, found)
    if not sentences:
        return _result("abstain", policy.abstain[0], found, reason="No sentence of the documents could be made into an answer.")
    citations = tuple(dict.fromkeys(citation for sentence in sentences for citation in sentence.citations))
    return _result("answer", " ".join(sentence.text for sentence in sentences), found, citations=citations)


async def _write(mind: Mind, question: RedactedText, found: Finding) -> list[AnswerSentence]:
    async with closing(mind.writer.write(question, found.passages, ())) as sentences:
        return [sentence async for sentence in sentences if is_speakable(sentence.text)]


def _result(action: str, answer: str, found: Finding, *, reason: str = "", citations: tuple[Citation, ...] = ()) -> Mapping[str, Any]:
    return {
        "action": action,
        "answer": answer,
        "citations": [{"source": citation.source, "passage": citation.passage} for citation in citations],
        "confidence": round(found.confidence, 4),
        "reason": reason or found.reason,
    }
