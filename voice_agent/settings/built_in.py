"""What holds where escalation.yaml says nothing: the least that a caller can count on."""

from voice_agent.core.escalation import Condition, Operator, Rule, Value
from voice_agent.core.words import RedactedText

ASKS = (
    "let me talk to a person",
    "I want to speak to a human",
    "can I talk to someone please",
    "connect me to an agent",
    "get me a representative",
    "operator",
    "put me through to somebody",
)
ASKS_NOT = (
    "I spoke to an agent yesterday",
    "the manager told me to call",
    "are you a real person",
)
ORDINARY = (
    "yes",
    "no",
    "okay",
    "thank you",
    "hello",
    "where is my order",
    "how does it work",
    "what does it cost",
    "when are you open",
)


def built_in_rules(queue: str) -> tuple[Rule, ...]:
    """The least that a caller can count on, when the file has no rules."""

    def rule(name: str, fact: str, operator: Operator, value: Value, reason: str, say: str) -> Rule:
        when = (Condition(fact=fact, operator=operator, value=value),)
        return Rule(name=name, when=when, then="transfer", queue=queue, priority=3, reason=RedactedText(reason), say=RedactedText(say))

    sorry = "I'm sorry, I can't help you with that. I'm connecting you to a colleague."
    return (
        rule("pressed-zero", "key", "is", "0", "The caller pressed zero for a person.", "I'm connecting you to a colleague now."),
        rule("asked-for-person", "asks_for_person", "is", True, "The caller asked for a person.", "I'm connecting you to a colleague now."),
        rule("other-language", "language_not_spoken", "is", True, "The caller speaks another language.", sorry),
        rule("three-unanswered", "unanswered_in_row", "at_least", 3, "Three questions in a row could not be answered.", sorry),
        rule("frustrated", "frustration", "at_least", 0.7, "The caller sounds frustrated.", sorry),
        rule("repeated-failure", "failures_in_row", "at_least", 2, "The assistant had technical trouble twice in a row.", sorry),
        rule("silent-caller", "silences_in_row", "at_least", 3, "The caller could not be heard three times in a row.", sorry),
        rule("not-understood", "no_match_in_row", "at_least", 3, "The caller was not understood three times in a row.", sorry),
        rule(
            "cut-off",
            "cut_off",
            "is",
            True,
            "The call broke off by our fault.",
            "I'm sorry, we were cut off. I'm connecting you to a colleague now.",
        ),
        rule("shutting-down", "shutting_down", "is", True, "The assistant is being restarted.", "I'm connecting you to a colleague now."),
    )
