"""How people take the floor before they say what they want: "Wait, sorry.", "One more thing.", "No, I meant, …".

Alone it is an open sentence; before a question it is no part of it, and would lead a search astray.
"""

import re

from voice_agent.core.words import RedactedText

_ALWAYS = (
    "(?:i'm )?sorry(?! (?:to|about|for|that)\\b)|excuse me|pardon me|hang on(?: a (?:second|sec|minute|moment))?|"
    "by the way|actually|no wait|"
    "(?:just )?(?:one|a) (?:more|other|last|quick) (?:thing|question)|another (?:thing|question)|"
    "(?:i have|i've got) (?:a|another|one more) (?:quick )?question|can i ask(?: you)? (?:something|a question|one more thing)|"
    "what i meant (?:was|is)|i meant?(?! (?:to|it|that|the|a|an)\\b)|um+|uh+|erm?"
)
_BEFORE_A_PAUSE = (
    "no|wait|wait wait|wait a (?:second|minute|moment)|(?:just )?(?:one|a) (?:second|sec|moment)|let me (?:think|see)|hold on|well|"
    "hello|hi|hey|hi there|hello there|ok|okay|okay so|right|so|also|and|but|"
    "oh|ah|yes|yeah|look|listen|great|thanks|thank you|alright|all right|good (?:morning|afternoon|evening)"
)
_OPENINGS = re.compile(rf"(?:(?:{_ALWAYS})(?:\W+|$)(?:but\b\W*)?|(?:{_BEFORE_A_PAUSE})(?:\s*[,.!?;:…—–-]+\s*|\s*$))+", re.IGNORECASE)
"""The second group only where Whisper wrote a pause behind it: "Well, how long…" and not "Well water filters?"."""


def without_opening(text: RedactedText) -> RedactedText:
    """What is asked, when something is asked behind the opening; else the text as it is."""
    found = _OPENINGS.match(text.replace("’", "'"))
    rest = text[found.end() :] if found else text
    return RedactedText(rest[:1].upper() + rest[1:]) if any(character.isalnum() for character in rest) else text


def is_opening(text: str) -> bool:
    """Nothing but openings; "yes", "okay" and "thanks" are among them, and have a meaning alone."""
    return bool(_OPENINGS.fullmatch(text.strip().replace("’", "'")))
