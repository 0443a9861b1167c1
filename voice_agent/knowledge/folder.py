"""A folder of documents, and what is in force of each: the file as it is, or as it was before an edit broke it.

What was understood of a document is kept on disk, so that an unchanged one is not understood again (a long PDF takes seconds), and
a broken edit leaves the version before it in force, in every process and over restarts.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from voice_agent.errors import InputError, PortError
from voice_agent.knowledge.about import WITHHELD
from voice_agent.knowledge.documents import Document, RawDocument, document_paths, fetch_document, make_passages, read_document


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """What a folder holds."""

    documents: tuple[Document, ...]
    """In force, for callers."""
    for_agents: tuple[Document, ...]
    """In force, never for callers."""
    problems: tuple[InputError, ...]
    """Files that are not in force as they are, or not all of them."""


class DocumentFolder:
    """Reads a folder. Several may share one place for what they keep."""

    def __init__(self, folder: Path, kept: Path) -> None:
        """`kept`: the folder where what was understood is kept; it belongs to this folder of documents alone."""
        self._folder = folder
        self._kept = kept
        self._known: dict[str, Document] = {}

    def read(self) -> Folder:
        """What is in the folder now.

        Raises:
            InputError: the folder is not there.
            PortError: what was understood cannot be kept.
        """
        found: dict[str, Document] = {}
        problems: list[InputError] = []
        there: dict[str, Document | None] = {}
        for path in document_paths(self._folder):
            relative = path.relative_to(self._folder).as_posix()
            document, wrong = self._in_force(path, relative)
            there[relative] = document
            problems += [each for each in (wrong, document and document.warning) if each]
            if document and (other := found.get(document.source)):
                message = f"{path}: has the source {document.source!r} of {other.path}. Give each document a source of its own."
                problems.append(InputError(message, code="bad-document"))
            elif document:
                found[document.source] = document
        self._known = {relative: document for relative, document in there.items() if document}
        self._forget_all_but({self._place(relative).name for relative in self._known})
        return Folder(
            documents=tuple(document for document in found.values() if document.audience == "public"),
            for_agents=tuple(document for document in found.values() if document.audience == "agents"),
            problems=tuple(problems),
        )

    def _in_force(self, path: Path, relative: str) -> tuple[Document | None, InputError | None]:
        before = self._known.get(relative) or self._recalled(path, relative)
        try:
            raw = fetch_document(path, self._folder)
            if before and before.digest == raw.digest:
                return before, None
            document = read_document(raw)
        except InputError as error:
            return None if error.code == WITHHELD else before, error
        self._keep(raw, document)
        return document, None

    # ------------------------------------------------------------ files

    def _place(self, relative: str) -> Path:
        return self._kept / f"{hashlib.sha256(relative.encode()).hexdigest()[:32]}.json"

    def _recalled(self, path: Path, relative: str) -> Document | None:
        try:
            kept = json.loads(self._place(relative).read_bytes())
            return _document(path, kept)
        except (OSError, ValueError, KeyError, TypeError):
            return None  # never read, or damaged: then it is read anew

    def _keep(self, raw: RawDocument, document: Document) -> None:
        place = self._place(raw.relative)
        fresh = place.with_suffix(f".{secrets.token_hex(4)}.part")
        content = {
            "digest": document.digest,
            "source": document.source,
            "title": document.title,
            "updated": document.updated.isoformat(),
            "audience": document.audience,
            "passages": [[passage.heading, passage.text, passage.asked] for passage in document.passages],
            "left_out": document.left_out,
            "astray": document.astray,
        }
        # A crash leaves the old file or the new one, never half of one.
        try:
            self._kept.mkdir(parents=True, exist_ok=True)
            fresh.write_text(json.dumps(content), "utf-8")
            fresh.replace(place)
        except OSError as error:
            raise PortError(f"{place}: cannot be written ({error.strerror}).", code="shelf-broken") from error

    def _forget_all_but(self, names: set[str]) -> None:
        for path in self._kept.glob("*.json"):
            if path.name not in names:
                path.unlink(missing_ok=True)


def _document(path: Path, kept: Mapping[str, Any]) -> Document:
    return Document(
        path=path,
        source=kept["source"],
        title=kept["title"],
        updated=date.fromisoformat(kept["updated"]),
        audience=kept["audience"],
        digest=kept["digest"],
        passages=make_passages(kept["source"], kept["title"], kept["digest"], kept["passages"]),
        left_out=tuple(kept["left_out"]),
        astray=tuple(kept["astray"]),
    )
