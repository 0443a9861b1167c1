"""The composition root: the only place that knows every concrete class.

`parts` makes each one alone, for the doors of the command line; `house` opens them together and closes them. What is named
here is imported when it is asked for: a door that only reads the database does not wait for what serving takes.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from voice_agent.app.house import Mind, Progress, no_progress, open_house, open_mind, open_understanding
    from voice_agent.app.parts import checker, detector, model_names, model_store, open_library, recognizer, redactor
    from voice_agent.app.writing import unset_variables

__all__ = [
    "Mind",
    "Progress",
    "checker",
    "detector",
    "model_names",
    "model_store",
    "no_progress",
    "open_house",
    "open_library",
    "open_mind",
    "open_understanding",
    "recognizer",
    "redactor",
    "unset_variables",
]
_OF_THE_HOUSE = frozenset(("Mind", "Progress", "no_progress", "open_house", "open_mind", "open_understanding"))


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "house" if name in _OF_THE_HOUSE else "writing" if name == "unset_variables" else "parts"
    return getattr(import_module(f"{__name__}.{module}"), name)
