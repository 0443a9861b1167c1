"""What has gone well and badly so far in a call: the counters behind the escalation facts."""

from dataclasses import asdict, dataclass, replace

from voice_agent.core.commands import Disposition
from voice_agent.core.escalation import FACT_NAMES, Facts


@dataclass(slots=True, kw_only=True)
class Tally:
    unanswered_in_row: int = 0
    unanswered_total: int = 0
    low_confidence_in_row: int = 0
    failures_in_row: int = 0
    silences_in_row: int = 0
    no_match_in_row: int = 0
    repeats_in_row: int = 0
    answered_total: int = 0

    def spoke(self, *, repeated: bool) -> None:
        """The caller said something with words in it."""
        self.silences_in_row = 0
        self.no_match_in_row = 0
        self.repeats_in_row = self.repeats_in_row + 1 if repeated else 0

    def answered(self, *, sure: bool) -> None:
        self.answered_total += 1
        self.unanswered_in_row = 0
        self.failures_in_row = 0
        self.low_confidence_in_row = 0 if sure else self.low_confidence_in_row + 1

    def unanswered(self) -> None:
        self.unanswered_in_row += 1
        self.unanswered_total += 1
        self.failures_in_row = 0

    def failed(self) -> None:
        self.failures_in_row += 1

    def silent(self) -> None:
        self.silences_in_row += 1

    def no_match(self) -> None:
        self.no_match_in_row += 1

    def offer_declined(self) -> None:
        """The caller wants to go on with the assistant: what led to the offer is forgiven."""
        self.unanswered_in_row = 0
        self.low_confidence_in_row = 0

    def added_to(self, facts: Facts) -> Facts:
        """The facts with every counter in them."""
        return replace(facts, **{name: count for name, count in asdict(self).items() if name in FACT_NAMES})

    @property
    def disposition(self) -> Disposition:
        """How a call that ends now, without a person, has ended."""
        if self.failures_in_row:
            return "failed"
        without_answer = self.unanswered_in_row or (self.silences_in_row and not self.answered_total)
        return "abandoned" if without_answer else "contained"
