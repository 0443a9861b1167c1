"""What callers ask and the documents do not answer, as those who own the documents have written it down.

`not_answered.yaml` beside the documents is a list of questions. One that is nearer to any of them than to all that the documents say,
and are asked, is less likely to be answered by them. Nothing in the list is ever said.
"""

import asyncio
from pathlib import Path

import numpy as np
import yaml

from voice_agent.errors import InputError
from voice_agent.knowledge.about import problem
from voice_agent.knowledge.kept_vectors import kept_vectors
from voice_agent.knowledge.matching import Floats, cosine
from voice_agent.ports import Embedder, Vectors

NOT_ANSWERED = "not_answered.yaml"


class NotAnswered:
    """The list of one folder; empty before the first `read`, and where there is no file."""

    def __init__(self, folder: Path, embedder: Embedder, kept: Path) -> None:
        """`kept`: the file for the questions' vectors, of this folder and this embedder alone."""
        self._file = folder / NOT_ANSWERED
        self._embedder = embedder
        self._kept = kept
        self._vectors: Vectors = np.zeros((0, 0), np.float32)

    async def read(self) -> InputError | None:
        """Look at the file again. What is wrong with it is given back; what was read before then stays in force.

        Raises:
            PortError: the embedder failed.
        """
        try:
            questions = await asyncio.to_thread(_questions, self._file)
        except InputError as error:
            return error
        self._vectors = await kept_vectors(self._embedder, questions, self._kept)
        return None

    def nearness(self, vector: Floats) -> float:
        """Of a question to the nearest in the list, 0 to 1."""
        return max((cosine(own, vector) for own in self._vectors), default=0.0)


def _questions(file: Path) -> list[str]:
    try:
        text = file.read_text("utf-8-sig")
        node, values = yaml.compose(text, Loader=yaml.SafeLoader), yaml.safe_load(text)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise problem(file, 0, f"cannot be read ({error.strerror}). Check its permissions.") from None
    except UnicodeDecodeError:
        raise problem(file, 0, "is not UTF-8 text. Save it as UTF-8.") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise problem(file, mark.line + 1 if mark else 0, "is not valid YAML. Write one `- question` a line.") from None
    if node is None:
        return []
    if not isinstance(node, yaml.SequenceNode):
        raise problem(file, 1, "must be a list of questions. Begin each line with a hyphen.")
    for item, value in zip(node.value, values, strict=True):
        if not isinstance(value, str) or not value.strip():
            raise problem(file, item.start_mark.line + 1, "must be a question. Put quotes around one with a colon or # in it.")
    return list(dict.fromkeys(" ".join(value.split()) for value in values))
