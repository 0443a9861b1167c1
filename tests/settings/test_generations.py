"""Generations of the policy."""

from pathlib import Path

import pytest

from voice_agent.errors import InputError
from voice_agent.settings.generations import FILES, Generations


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, ...]:
    return tuple(tmp_path / "config" / name for name in FILES)


@pytest.fixture
def generations(tmp_path: Path) -> Generations:
    return Generations(tmp_path / "var" / "generations")


def write(files: tuple[Path, ...], *texts: str) -> None:
    files[0].parent.mkdir(exist_ok=True)
    for file, text in zip(files, texts, strict=True):
        file.write_text(text)


def test_each_change_is_the_next_generation_and_the_older_ones_stay(generations: Generations, files: tuple[Path, ...]) -> None:
    write(files, "rules: []", "greeting: Hi.")
    assert generations.all() == []
    first = generations.publish(files, 1000.0)
    write(files, "rules: []", "greeting: Hello.")
    second = generations.publish(files, 2000.0)

    assert [first.number, second.number] == [1, 2]
    assert generations.all() == [first, second]
    assert (first.since, second.since) == (1000.0, 2000.0)
    assert first.content == (b"rules: []", b"greeting: Hi.")


def test_publishing_what_is_in_force_changes_nothing(generations: Generations, files: tuple[Path, ...]) -> None:
    write(files, "", "")
    assert generations.publish(files, 1.0) == generations.publish(files, 2.0)


def test_an_earlier_generation_can_be_put_back_and_then_is_the_newest(generations: Generations, files: tuple[Path, ...]) -> None:
    for greeting in ("Hi.", "Hello.", "Good day."):
        write(files, "", greeting)
        generations.publish(files, 1.0)

    assert generations.restore(1, files) == []

    assert files[1].read_text() == "Hi."
    assert generations.publish(files, 2.0).number == 4


def test_an_edit_that_never_was_in_force_is_kept_when_an_older_generation_is_put_back(
    generations: Generations, files: tuple[Path, ...]
) -> None:
    write(files, "", "Hi.")
    generations.publish(files, 1.0)
    write(files, "", "Half an ed")

    (kept,) = generations.restore(1, files)

    assert kept.read_text() == "Half an ed"
    assert files[1].read_text() == "Hi."


def test_a_generation_that_is_not_there_is_refused_and_those_there_are_named(generations: Generations, files: tuple[Path, ...]) -> None:
    write(files, "", "")
    generations.publish(files, 1.0)
    with pytest.raises(InputError, match="there is no generation 7; there are: 1"):
        generations.restore(7, files)
