"""From made-up people to the report: call, collect every sink, search."""

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from voice_agent.proof.calls import Seen, open_line
from voice_agent.proof.llm import RecordingServer
from voice_agent.proof.people import make_people
from voice_agent.proof.search import Find, Search, Sink, file_sink, keys_of, text_sink
from voice_agent.server.house import House


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    name: str
    parts: int
    """Files, pages or prompts."""
    size: int
    """Bytes."""
    finds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    seed: int
    identities: int
    day: str
    calls: dict[str, int]
    """By path."""
    utterances: int
    keys: int
    said: dict[str, int]
    """Pieces of personal data given away, by kind."""
    examples: tuple[str, ...]
    model: dict[str, int]
    """Requests to the language model, by what became of them."""
    sinks: tuple[Searched, ...]
    finds: tuple[Find, ...]
    passed_over: tuple[str, ...]
    trouble: tuple[str, ...]

    @property
    def leaked(self) -> int:
        """Pieces of personal data that were found anywhere."""
        return len({find.value for find in self.finds})

    @property
    def holds(self) -> bool:
        return not self.finds and not self.trouble


async def prove(
    house: House,
    recording: RecordingServer,
    *,
    seed: int,
    identities: int,
    day: str,
    folder: Path,
    known: Sequence[Path],
    progress: Callable[[str, int, int], None],
) -> Proof:
    """`folder`: of all that the server writes, its log too; `known`: files that were there before."""
    before = [*(file_sink("known", path) for path in known), *_files(folder)]
    people = make_people(identities, Random(seed))  # noqa: S311  a seed makes it the same again
    async with open_line(house, progress) as line:
        seen = await line.take_all(people)
    gc.collect()  # errors of tasks that nobody awaited are logged now
    sinks = [*_files(folder), *(text_sink(f"pages: {name}", text) for name, text in seen.pages)]
    sinks += [text_sink("prompts and requests to the language model", text) for text in recording.received]
    search = Search([*seen.said, *seen.typed], before)
    finds = {(find.sink, find.value): find for sink in sinks for find in search.finds(sink)}
    return Proof(
        seed=seed,
        identities=identities,
        day=day,
        calls=dict(sorted(seen.ends.items())),
        utterances=len(seen.said),
        keys=sum(len(canary.digits) for _, canary in seen.typed),
        said=dict(sorted(Counter(canary.kind for _, canary in (*seen.said, *seen.typed)).items())),
        examples=tuple(canary.said for canary in people[0].canaries),
        model=dict(recording.answers),
        sinks=tuple(_summed(sinks, list(finds.values()))),
        finds=tuple(finds.values()),
        passed_over=tuple(sorted(set(search.passed_over))),
        trouble=(*seen.trouble, *_gaps(seen, sinks, recording)),
    )


def _files(folder: Path) -> Iterator[Sink]:
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        place = path.relative_to(folder)
        if place.parts[0] == "journals":
            yield file_sink("journals", path)
            yield text_sink("keys in the journals", keys_of(path))
        elif path.suffix == ".log":
            yield file_sink("the log, at level debug, with tracebacks", path)
        elif place.parts[0] == "knowledge":
            yield file_sink("index of the documents", path)
        else:
            yield file_sink(f"database: {place}" if place.name.startswith("calls.db") else f"file: {place}", path)


def _summed(sinks: Sequence[Sink], finds: Sequence[Find]) -> Iterator[Searched]:
    for name in dict.fromkeys(sink.name for sink in sinks):
        ours = [sink for sink in sinks if sink.name == name]
        yield Searched(name=name, parts=len(ours), size=sum(sink.size for sink in ours), finds=sum(find.sink == name for find in finds))


def _gaps(seen: Seen, sinks: Sequence[Sink], recording: RecordingServer) -> Iterator[str]:
    """Searching nothing finds nothing."""
    names = {sink.name for sink in sinks if sink.size}
    for wanted in ("journals", "database: calls.db", "the log, at level debug, with tracebacks", "index of the documents"):
        if wanted not in names:
            yield f"nothing was written to: {wanted}"
    if not recording.received:
        yield "the language model was never asked"
    if not any("<PHONE_" in text for text in recording.received):
        yield "no placeholder reached the language model: were callers heard at all?"
    if not any(name == "captions" and "<" in text for name, text in seen.pages):
        yield "no captions were served"
