"""policy.yaml: what a right value is for each field of the Policy."""

import re
from dataclasses import MISSING, fields
from typing import Annotated, Any

from pydantic import ConfigDict, Field, Strict, StringConstraints, create_model

from voice_agent.core.policy import Policy
from voice_agent.settings.mistakes import ConfigFile
from voice_agent.settings.validate import validate

_SECONDS: dict[str, tuple[float, float]] = {
    "onset_speech": (0.02, 1),
    "onset_within": (0.02, 2),
    "lead_in": (0, 1),
    "first_pause": (0.1, 5),
    "reply_pause": (0.1, 5),
    "question_pause": (0.1, 5),
    "end_pause": (0.1, 5),
    "open_pause": (0.1, 10),
    "digits_pause": (0.1, 10),
    "longest_utterance": (5, 29),
    "barge_in_speech": (0.02, 3),
    "barge_in_within": (0.02, 5),
    "least_speech": (0, 2),
    "no_match_speech": (0, 5),
    "resume_speech": (0.02, 3),
    "media_gap": (0.5, 30),
    "card_pause": (2, 30),
    "keys_pause": (1, 30),
    "no_input_after": (0.5, 60),
    "transcribe_within": (1, 60),
    "think_within": (1, 120),
    "filler_after": (0.1, 60),
    "sentence_within": (1, 120),
    "speech_slack": (0.5, 30),
    "speech_start_within": (1, 60),
    "queue_within": (0.5, 60),
    "ring_for": (5, 120),
    "wait_notice_every": (1, 300),
    "wait_at_most": (1, 3600),
    "longest_bridge": (60, 86400),
    "longest_call": (60, 86400),
}
"""The smallest and the largest value of each."""
_DECIBELS: dict[str, tuple[float, float, str]] = {"least_level": (-96, 0, "dBFS"), "beside": (0, 96, "dB")}
_COUNTS = {"least_digits": (1, 15), "most_digits": (1, 30)}
_SHARES = ("speech_probability", "least_confidence", "most_no_speech", "answer_confidence", "sure_confidence")
_NOT_ABOVE = (
    ("onset_speech", "onset_within"),
    ("barge_in_speech", "barge_in_within"),
    ("resume_speech", "barge_in_within"),
    ("first_pause", "reply_pause"),
    ("reply_pause", "end_pause"),
    ("question_pause", "end_pause"),
    ("end_pause", "open_pause"),
    ("end_pause", "digits_pause"),
    ("least_digits", "most_digits"),
    ("answer_confidence", "sure_confidence"),
)
"""Speech inside a span cannot be longer than the span, and so on."""
_PLACEHOLDER = re.compile(r"[{}][^{}]*[{}]?")
_FILLED = {
    "waiting": "{position}",
    "waiting_time": "{wait}",
    "callback_confirm": "{ending}",
    "callback_spoken": "{number}",
    **dict.fromkeys(("notice", "notice_recorded", "notice_consent"), "{company}"),
}
"""What a sentence may leave to be filled in."""

_Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


def _field(name: str, default: Any) -> tuple[Any, Any]:  # noqa: PLR0911 - a kind of value each
    if name in _SECONDS:
        least, most = _SECONDS[name]
        limits = f"seconds, from {least:g} to {most:g} (default {default:g})"
        return Annotated[float, Strict()], Field(default, ge=least, le=most, description=limits, allow_inf_nan=False)
    if name in _DECIBELS:
        least, most, unit = _DECIBELS[name]
        limits = f"{unit}, from {least:g} to {most:g} (default {default:g})"
        return Annotated[float, Strict()], Field(default, ge=least, le=most, description=limits, allow_inf_nan=False)
    if name in _COUNTS:
        few, many = _COUNTS[name]
        return Annotated[int, Strict()], Field(default, ge=few, le=many, description=f"from {few} to {many} digits (default {default})")
    if name in _SHARES:
        return Annotated[float, Strict()], Field(default, ge=0, le=1, description=f"a number from 0 to 1 (default {default:g})")
    if name == "fillers":
        return tuple[_Sentence, ...], Field(default, description="a list of sentences, each in quotes; [] for none")
    if isinstance(default, tuple):
        return tuple[_Sentence, ...], Field(default, min_length=1, description="a list of sentences, at least one, each in quotes")
    return _Sentence, Field(default, description="a text in quotes")


ELSEWHERE = ("company", "recording")
"""Fields that other files have."""
_FIELDS: dict[str, Any] = {
    each.name: _field(each.name, each.default) for each in fields(Policy) if each.default is not MISSING and each.name not in ELSEWHERE
}

# Made from the Policy itself, so that the file has exactly its fields.
PolicyFile = create_model("PolicyFile", __config__=ConfigDict(extra="forbid", frozen=True), **_FIELDS)


def read_policy(file: ConfigFile) -> Policy:
    """The policy of the file; mistakes are noted in the file."""
    read = validate(file, PolicyFile)
    values = read.model_dump()
    wrong = file.data.keys() - read.model_fields_set
    for low, high in _NOT_ABOVE:
        if values[low] > values[high] and not {low, high} & wrong:
            place = low if low in file.data else high
            file.note((place,), f"{low} ({values[low]:g}) cannot be more than {high} ({values[high]:g}); change one of them.")
    _note_placeholders(file, values)
    return Policy(**values)


def _note_placeholders(file: ConfigFile, values: dict[str, Any]) -> None:
    allowed = " and ".join(f"{filled} in `{field}`" for field, filled in _FILLED.items())
    for name, value in values.items():
        for sentence in value if isinstance(value, tuple) else (value,):
            if isinstance(sentence, str) and any(found != _FILLED.get(name) for found in _PLACEHOLDER.findall(sentence)):
                file.note((name,), f"braces are only for {allowed}; write the sentence without them.")
