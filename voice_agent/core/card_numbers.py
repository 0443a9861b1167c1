"""Whether the caller reads out a card number, or is about to: from then on, listening for text stops.

Nobody needs the number here: this line takes no payments. What is not transcribed can neither leak nor be kept.
"""

import re

from voice_agent.core.words import Seconds

LONGEST_DEAF: Seconds = 60.0
"""However long the caller goes on: a television beside them must not end the conversation."""
GO_ON = "#"
"""The key that makes us listen again at once."""
_READ = re.compile(r"(?P<before>.{0,40})<card(_\d+)?>")
_NOT_THE_NUMBER = re.compile(r"\b(end(s|ing|ed)?|last (four|4|digits)|expir\w*|(valid|good) (until|thru|through))\b")
"""In front of a placeholder: some digits that tell cards apart, or a date, as callers give them with a complaint."""
_AHEAD = re.compile(
    r"\bcard (number|details|info|information)( is| are|'s)?$"
    r"|\b(card|visa|mastercard|amex) (number )?(is|'s)$"
    r"|\b(here|here's|here is|here are|give you|read (you|out)|tell you|take( down)?|got|have) (my|the|a) (\w+ )?card (number|details)\b"
    r"|\bpay (for \w+ )?(now |it )?(by|with) (a |my )?(\w+ )?card (now|here|with you|over the phone|on the phone|by phone)\b"
    r"|\bpay (now|here|over the phone|on the phone|by phone) (by|with) (a |my )?(\w+ )?card\b"
)


def reads_card(text: str) -> bool:
    """`text` is redacted: a number that was read out is a placeholder."""
    plain = " ".join(re.findall(r"[a-z0-9<>_']+", text.lower().replace("’", "'")))
    if any(not _NOT_THE_NUMBER.search(read["before"]) for read in _READ.finditer(plain)):
        return True
    return bool(_AHEAD.search(plain))
