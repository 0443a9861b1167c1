"""A file's data as a section, its mistakes in words an admin can act on."""

import re
from typing import Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from voice_agent.settings.mistakes import ConfigFile, Place, known, shown

S = TypeVar("S", bound=BaseModel)
_SECRET = re.compile(r"(api|auth|account)_?(key|token|sid)$|secret|passw", re.IGNORECASE)


def validate(file: ConfigFile, section: type[S]) -> S:
    """The section. What is wrong in it is noted in the file, and the defaults of those keys stand in."""
    try:
        return section.model_validate(file.data)
    except ValidationError as error:
        mistakes = error.errors(include_url=False)
        for each in mistakes:
            _note(file, section, each)
        wrong = {each["loc"][0] for each in mistakes}
        return section.model_validate({key: value for key, value in file.data.items() if key not in wrong})


def _note(file: ConfigFile, section: type[BaseModel], error: ErrorDetails) -> None:
    is_key = error["loc"][-1:] == ("[key]",)
    place = error["loc"][:-1] if is_key else error["loc"]
    if error["type"] == "invalid_key" or (is_key and not isinstance(error["input"], str)):
        return  # the file has noted keys that are no text already
    owner, field = _find(section, place)
    if error["type"] == "extra_forbidden":
        file.note(place, unknown_key(str(place[-1]), tuple(_fields(owner))))
    elif is_key and (choices := _choices(field)):
        file.note(place, f"is not known; {known(str(error['input']), choices, 'known ones')}")
    elif is_key:
        file.note(place, "is not possible as a name; write it with letters, digits, hyphens and underscores.")
    elif error["type"] == "missing":
        file.note(place[:-1], f'has no "{place[-1]}"; add it: {_description(field)}.')
    elif place[-1:] == ("key_variable",):  # somebody may have put the key itself there
        file.note(place, f"this is not possible; give {_description(field)}.")
    else:
        file.note(place, f"{shown(error['input'])} is not possible; give {_description(field)}.")


def unknown_key(key: str, keys: tuple[str, ...]) -> str:
    """What to say about a key that is none."""
    if _SECRET.search(key):
        return "is not a key of this file. Secrets are read from the environment only; `scripts/voice-agent doctor` names the variables."
    return f"is not a key of this file; {known(key, keys, 'known keys')}"


def _find(section: type[BaseModel], place: Place) -> tuple[type[BaseModel], FieldInfo | None]:
    """The innermost section on the way to `place`, and the last field on it."""
    owner, field = section, None
    for part in place:
        if part in _fields(owner):
            field = _fields(owner)[str(part)]
            owner = _section_in(field.annotation) or owner
    return owner, field


def _section_in(annotation: object) -> type[BaseModel] | None:
    """The section that a field holds, directly or as the elements of a list or mapping."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := _section_in(each))), None)


def _fields(section: type[BaseModel]) -> dict[str, FieldInfo]:
    """By the keys that the file uses."""
    return {field.alias or name: field for name, field in section.model_fields.items()}


def _choices(field: FieldInfo | None) -> tuple[str, ...]:
    """The only keys that a field made of a mapping takes; none when any will do."""
    arguments = get_args(field.annotation) if field else ()
    return get_args(arguments[0]) if arguments and get_origin(arguments[0]) is Literal else ()


def _description(field: FieldInfo | None) -> str:
    return (field.description if field else None) or "another value"
