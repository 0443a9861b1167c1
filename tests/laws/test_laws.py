"""The laws of DESIGN.md that a machine can check, over the whole tree."""

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "voice_agent"
FILES = sorted(PACKAGE.rglob("*.py"))
TREES = {path: ast.parse(path.read_text()) for path in FILES}

MAY_MAKE_REDACTED_TEXT = (
    "core/",  # standing phrases, and joins of what is redacted already
    "adapters/presidio_redactor/",
    "adapters/chroma_index.py",  # reads back the company's own passages
    "knowledge/",  # the company's own documents, and sentences checked against them
    "settings",  # the operator's own sentences
    "session/vault.py",  # puts numbered placeholders where the redactor found personal data
    "session/journal.py",  # reads back what was redacted when it was written
)
FILE_LINES = 300
CALL_LINES = 400
"""core/call.py alone."""
FUNCTION_LINES = 40
BANNED = ("Frame", "Manager", "Handler", "Processor", "Helper", "Utils", "Context")


def name(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Without its signature and docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def calls(tree: ast.AST, function: str) -> list[int]:
    """The lines that call a function of this name."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call.lineno for call in found if function in (getattr(call.func, "id", None), getattr(call.func, "attr", None))]


def test_the_core_imports_nothing_but_the_standard_library_and_itself_and_none_of_its_clocks_or_dice() -> None:
    impure = {"time", "datetime", "random", "secrets", "os", "socket", "asyncio", "threading", "logging", "pathlib", "uuid", "io"}
    for path in (PACKAGE / "core").rglob("*.py"):
        for node in ast.walk(TREES[path]):
            if not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            for module in [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]:
                top = module.split(".")[0]
                assert module.startswith("voice_agent.core") or (top in sys.stdlib_module_names and top not in impure), (
                    f"{name(path)}:{node.lineno} imports {module}"
                )


def test_redacted_text_is_made_only_where_text_is_known_to_be_free_of_personal_data() -> None:
    made = [
        f"{name(path)}:{line}"
        for path, tree in TREES.items()
        if not name(path).startswith(MAY_MAKE_REDACTED_TEXT)
        for line in calls(tree, "RedactedText")
    ]
    assert made == []


def test_no_task_is_left_without_an_owner() -> None:
    bare = [
        f"{name(path)}:{node.lineno}"
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"create_task", "ensure_future"}
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"asyncio", "loop"}
    ]
    assert bare == []


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_file_is_short_enough_to_be_read_at_once(path: Path) -> None:
    limit = CALL_LINES if name(path) == "core/call.py" else FILE_LINES
    assert len(path.read_text().splitlines()) <= limit


def test_functions_are_short() -> None:
    long = [
        f"{name(path)}:{node.lineno} {node.name}"
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and body_lines(node) >= FUNCTION_LINES
    ]
    # The tables of events are long and flat: a line or two for each.
    assert [entry for entry in long if " _react" not in entry] == []


def test_no_class_has_a_name_that_could_mean_anything() -> None:
    vague = [
        f"{name(path)}:{node.lineno} {node.name}"
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and any(re.search(rf"{word}(?![a-z])", node.name) for word in BANNED)
    ]
    assert vague == []


def test_inheritance_is_one_level_deep() -> None:
    classes = {node.name: node for tree in TREES.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    deep = [
        child.name
        for child in classes.values()
        for base in child.bases
        if isinstance(base, ast.Name) and base.id in classes
        for grand in classes[base.id].bases
        if isinstance(grand, ast.Name) and grand.id in classes
    ]
    assert deep == []
