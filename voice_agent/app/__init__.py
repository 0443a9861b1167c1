"""The composition root: the only place that knows every concrete class.

`parts` makes each one alone, for the doors of the command line; `house` opens them together and closes them.
"""

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
