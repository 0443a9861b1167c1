"""How upset a caller's words are, 0 to 1.

Each sign below is an independent hint of the given strength; together they make 1 - Π(1 - strength), so two strong
signs pass the 0.7 at which the default rules hand a call over, and no number of mild ones does so quickly. Repetition
over turns and the voice are not words: `core/mood.py` adds them.
"""

import re

_SIGNS: tuple[tuple[float, str], ...] = (
    (0.75, r"\b(fuck\w*|bullshit|piece of (shit|crap|garbage|junk)|goddamn|assholes?|idiots?|morons?)\b"),
    (0.45, r"\b(shit|damn|crap|bloody|freaking|screw you|hell is wrong|what the hell)\b"),
    (0.7, r"\b(furious|livid|outraged?|outrageous|fed up|sick (and tired )?of|had enough|had it with|losing my (patience|mind))\b"),
    (0.65, r"\b(unacceptable|ridiculous|disgrace(ful)?|disgust(ed|ing)|appalling|pathetic|shambles|a joke|nightmare)\b"),
    (0.6, r"\b(worst|useless|incompetent|liars?|lying to me|scam(mers)?|rip ?off|waste of (my )?time|wasting my time)\b"),
    (0.5, r"\b(terrible|awful|horrible|angry|never (buy|buying|order|ordering|shop|shopping) .{0,20}again|treated like)\b"),
    (0.5, r"\b(nobody|no one|you people|none of you) (\w+ ){0,3}(help\w*|care\w*|listen\w*|call\w*|answer\w*|does anything)\b"),
    (0.5, r"\b(stop (asking|repeating|saying)|you('re| are) not (listening|helping|understanding)|you don't understand( me)?)\b"),
    (0.45, r"\b(for the (third|fourth|fifth|sixth|tenth|last) time|(third|fourth|fifth|tenth) time (i|i'm|i am|i've)|how many times)\b"),
    (0.4, r"\b(frustrat(ed|ing)|annoy(ed|ing)|upset|disappoint(ed|ing)|isn't helping|not helping|still (no|not|nothing)|doesn't help)\b"),
    (0.3, r"\b(i (already|just) (told|said|asked|explained)|again and again|over and over|for (hours|weeks|months) now)\b"),
    (0.2, r"\b(seriously|come on|right now|immediately|at once|this is stupid|stupid)\b"),
)
_COMPILED = tuple((strength, re.compile(pattern)) for strength, pattern in _SIGNS)
_SHOUTING = re.compile(r"!{2,}|\b[A-Z]{4,}\b(?:\W+[A-Z]{2,}\b)+")
_PLACEHOLDER = re.compile(r"<[A-Z][A-Z_]*\d*>")
"""What stands for personal data is no shouting."""
_CALM = re.compile(r"\b(not|isn't|wasn't|no longer|never) (\w+ )?(angry|upset|annoyed|frustrated|disappointed|terrible|awful)\b")


def frustration(text: str) -> float:
    """0 (calm) to 1 (furious), from the words alone."""
    text = _PLACEHOLDER.sub(" ", text)
    low = _CALM.sub(" ", text.lower().replace("’", "'"))
    calm = 1.0
    for strength, pattern in _COMPILED:
        if pattern.search(low):
            calm *= 1.0 - strength
    if _SHOUTING.search(text):
        calm *= 0.75
    return round(1.0 - calm, 3)
