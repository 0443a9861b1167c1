"""Short replies that mean the same in every conversation: yes, no, goodbye, nothing at all, and not finished yet.

English word lists, judged on whole short utterances only, so that "no I want to know about…" is a question.
"""

import re
from enum import Enum, auto

from voice_agent.core.card_numbers import reads_card
from voice_agent.core.openings import is_opening
from voice_agent.core.policy import Policy
from voice_agent.core.words import Seconds

_YES = {"yes", "yeah", "yep", "yup", "sure", "ok", "okay", "please", "definitely", "absolutely", "correct", "right", "alright"}
_NO = {"no", "nope", "nah", "not"}
_SOFT = {"please", "thanks", "thank", "you", "do", "that", "would", "be", "great", "good", "go", "ahead", "i", "that's"}
_SOFT |= {"it", "is", "now", "right", "fine", "of", "course", "uh", "um", "well", "oh", "just", "let's", "lovely", "ok"}
_COURTESY = {"thanks", "thank", "ok", "okay", "great", "right", "alright", "perfect", "good", "lovely", "cool", "see", "got", "cheers"}
_COURTESY |= {"wonderful", "nice"}
_SMALL = {"you", "all", "very", "much", "i", "it", "so", "oh", "well", "hello", "hi", "hey"}
"""Say nothing alone."""
_GOODBYE = re.compile(
    r"\b(good ?bye|bye|bye-bye)\b"
    r"|^(no,? |ok(ay)?,? |great,? )*(that'?s|that is|that will be|that'll be) (all|it|everything)\b"
    r"|\bnothing else\b|^no,? (thanks|thank you),? (that'?s|i'?m) (all|good|fine|it)\b|\bhave a (good|nice|great) (day|one)\b"
)
_INVENTIONS = {
    "thank you",
    "thanks",
    "thank you very much",
    "thanks for watching",
    "thank you for watching",
    "you",
    "bye",
    "so",
    "oh",
    "the",
    "i'm sorry",
    "please subscribe",
    "subtitles by the amara org community",
}
"""What Whisper writes for noise and silence (MODELS.md: "Thank you." or "you" on 3 to 6 of 10 noise clips)."""
_NUMBER_WORDS = {"zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "double", "triple"}
_BACKCHANNEL = {
    "uh",
    "huh",
    "mm",
    "mhm",
    "hmm",
    "hm",
    "um",
    "ah",
    "oh",
    "yeah",
    "yes",
    "yep",
    "ok",
    "okay",
    "right",
    "sure",
    "i",
    "see",
    "alright",
}
_HUMS = {"uh-huh", "mm-hmm", "mhm", "mm-hm"}
_WEIGHTY = {"no", "stop", "wait", "what", "hello", "sorry", "pardon", "help", "agent", "operator", "human", "person", "representative"}
_WEIGHTY |= {"repeat", "again", "louder", "slower", "cancel", "goodbye", "bye", "hold", "excuse", "listen", "nope", "quiet", "enough"}
LIGHT: Seconds = 0.6
"""Of voice: a single word shorter than this may be no more than a sound of listening."""
_ASKING = {"what", "when", "where", "who", "why", "how", "which", "can", "could", "do", "does", "is", "are", "will", "would"}
_REDACTED_NUMBERS = ("<account", "<card", "<phone", "<iban", "<national_id", "<postcode")
"""A number that is half read out comes as a placeholder."""
_OPEN_END = re.compile(
    r"\b(my|the|your) ((order|account|phone|card|customer|reference|serial|model) )?(number|name|code|address|email|e-mail) is$"
    r"|\b(and|or|but|because|so|the|a|an|my|is it|it's|um|uh|to|for|with|of|if|about)$"
)


def words_of(text: str) -> list[str]:
    """Lower-case words without punctuation."""
    return re.findall(r"[a-z0-9<>_]+(?:['’-][a-z0-9]+)*", text.lower().replace("’", "'"))


def is_yes(text: str) -> bool:
    words = words_of(text)
    return 0 < len(words) <= 6 and any(w in _YES for w in words) and all(w in _YES | _SOFT for w in words)


def is_no(text: str) -> bool:
    words = words_of(text)
    return 0 < len(words) <= 6 and words[0] in _NO and all(w in _NO | _SOFT for w in words[1:])


def is_courtesy(text: str) -> bool:
    """Thanks or an acknowledgement, and nothing else."""
    words = words_of(text)
    return len(words) <= 6 and any(w in _COURTESY for w in words) and all(w in _COURTESY | _SMALL for w in words)


def is_goodbye(text: str) -> bool:
    words = words_of(text)
    return len(words) <= 12 and bool(_GOODBYE.search(" ".join(words)))


def is_invention(text: str, voiced: float) -> bool:
    """A phrase Whisper makes up, from audio with hardly any voice in it (`voiced` seconds)."""
    return " ".join(words_of(text)) in _INVENTIONS and voiced < 0.35


def is_backchannel(text: str, voiced: Seconds) -> bool:
    """A sign of listening, not a wish to speak: "uh-huh", "okay", or a word that short (`voiced`) and without weight.

    Whisper writes "mm-hmm" in many ways, "Mama." among them; so one short word counts unless it is known to mean something.
    """
    words = [part for word in words_of(text) for part in word.split("-")]
    if len(words) == 1 and voiced < LIGHT and words[0] not in _WEIGHTY:
        return True
    return 0 < len(words) <= 4 and all(word in _BACKCHANNEL for word in words)


class Meaning(Enum):
    """Of what the caller said, as far as it needs no understanding."""

    LISTENING = auto()
    """No wish to speak."""
    ACCEPTED = auto()
    DECLINED = auto()
    GOODBYE = auto()
    COURTESY = auto()
    OPENING = auto()
    """They want to say something, and have not yet."""
    CARD = auto()
    """They read out a card number, or are about to."""
    REQUEST = auto()


def meaning_of(text: str, *, offered: bool, over: Seconds | None) -> Meaning:
    """`offered`: a yes or no is waited for. `over`: for how long this was voiced, when it was said over our own words."""
    if reads_card(text):
        return Meaning.CARD
    if offered and (is_yes(text) or (over is None and " ".join(words_of(text)) in _HUMS)):
        return Meaning.ACCEPTED
    if offered and is_no(text):
        return Meaning.DECLINED
    if (offered or over is not None) and is_backchannel(text, LIGHT if over is None else over):
        return Meaning.LISTENING
    if is_goodbye(text):
        return Meaning.GOODBYE
    other = Meaning.OPENING if is_opening(text) else Meaning.REQUEST
    return Meaning.COURTESY if is_courtesy(text) else other


def is_spelling(text: str) -> bool:
    """A number or a name is being read out, digit by digit or letter by letter."""
    words = words_of(text)
    if text.rstrip().endswith("?"):
        return False
    if words and words[-1].startswith(_REDACTED_NUMBERS):
        return True
    spelled = [w for w in words[-3:] if w in _NUMBER_WORDS or w.replace("-", "").isdigit() or (len(w) == 1 and w not in "ai")]
    return len(spelled) >= min(2, max(1, len(words)))


def is_open(text: str) -> bool:
    """A sentence that stops in the middle."""
    return not text.rstrip().endswith("?") and bool(_OPEN_END.search(" ".join(words_of(text))))


def is_question(text: str) -> bool:
    """A complete question."""
    words = words_of(text)
    return text.rstrip().endswith("?") or (len(words) >= 5 and words[0] in _ASKING)


def pause_after(text: str, policy: Policy) -> Seconds:
    """How long a silence ends a turn of these words."""
    if is_spelling(text):
        return policy.digits_pause
    if is_open(text):
        return policy.open_pause
    if is_yes(text) or is_no(text) or is_courtesy(text) or is_goodbye(text):
        return policy.reply_pause
    if is_opening(text):
        return policy.open_pause
    return policy.question_pause if is_question(text) else policy.end_pause


def same_words(one: str, other: str) -> bool:
    """The caller says again what they said before: four fifths of all words are shared."""
    a, b = set(words_of(one)), set(words_of(other))
    return len(a) > 2 and len(a & b) >= 0.8 * len(a | b)


def is_speakable(text: str) -> bool:
    """There is something to pronounce."""
    return any(character.isalnum() for character in text)
