"""The generations of the policy: every pair of escalation.yaml and policy.yaml that has been in force, numbered from 1.

    var/generations/7/escalation.yaml, policy.yaml

The files in the folder of configuration are what an admin edits; the generation of the greatest number is what new calls get. Nothing is
ever changed in a generation, so a journal that names one can always be explained.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from voice_agent.errors import InputError

FILES = ("escalation.yaml", "policy.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    number: int
    since: float
    """When it came into force, UNIX seconds."""
    folder: Path

    @property
    def content(self) -> tuple[bytes, ...]:
        return tuple((self.folder / name).read_bytes() for name in FILES)


class Generations:
    def __init__(self, folder: Path) -> None:
        """`folder` need not be there yet."""
        self._folder = folder

    def all(self) -> list[Generation]:
        """Oldest first."""
        numbers = sorted(int(each.name) for each in self._folder.iterdir() if each.name.isdigit()) if self._folder.is_dir() else []
        return [self._at(number) for number in numbers]

    def newest_is(self, files: tuple[Path, ...]) -> bool:
        """Whether these files say what the newest generation says."""
        return [each.content for each in self.all()][-1:] == [_content(files)]

    def find(self, number: int) -> Generation:
        """InputError when there is no such generation."""
        if not (self._folder / str(number)).is_dir():
            known = ", ".join(str(each.number) for each in self.all()) or "none yet"
            raise InputError(f"there is no generation {number}; there are: {known}.", code="no-generation")
        return self._at(number)

    def publish(self, files: tuple[Path, ...], now: float) -> Generation:
        """These files, in the order of FILES, as the next generation; the newest one when nothing in them has changed.

        The content must have been checked. Two processes that publish at once make one generation.
        """
        content = _content(files)
        while True:
            earlier = self.all()
            newest = earlier[-1] if earlier else None
            if newest is not None and newest.content == content:
                return newest
            number = 1 if newest is None else newest.number + 1
            part = self._folder / f"part-{os.getpid()}"
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            for name, text in zip(FILES, content, strict=True):
                (part / name).write_bytes(text)
            os.utime(part, (now, now))
            try:
                part.rename(self._folder / str(number))  # fails where somebody else was quicker
            except OSError:
                shutil.rmtree(part)
                continue
            return self._at(number)

    def restore(self, number: int, files: tuple[Path, ...]) -> list[Path]:
        """Put a generation's files in place of `files`. What stood there is kept beside them, unless it is a generation's; those copies.

        Raises:
            InputError: there is no such generation.
        """
        wanted = self.find(number)
        known = {text for generation in self.all() for text in generation.content}
        kept = []
        for file, text in zip(files, wanted.content, strict=True):
            if file.exists() and file.read_bytes() not in known:
                aside = file.with_name(f"{file.name}.before-rollback")
                file.replace(aside)
                kept.append(aside)
            part = file.with_name(f".{file.name}.{os.getpid()}")
            part.write_bytes(text)
            part.replace(file)
        return kept

    def _at(self, number: int) -> Generation:
        folder = self._folder / str(number)
        return Generation(number=number, since=folder.stat().st_mtime, folder=folder)


def _content(files: tuple[Path, ...]) -> tuple[bytes, ...]:
    return tuple(file.read_bytes() for file in files)
