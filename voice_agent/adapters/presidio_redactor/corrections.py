"""Numbers the caller takes back: "four oh two, no sorry, four one two five five five …", "number nine instead of nineteen Hobart Place"."""

from collections.abc import Sequence

from voice_agent.adapters.presidio_redactor.runs import Run
from voice_agent.adapters.presidio_redactor.words import KEPT, Found, Word, found, listed

_TURNS = listed("no sorry mean not instead actually wait correction rather scratch")
_BETWEEN = _TURNS | listed("i of it's is oh uh um at the number that and so but , . - – — …")
_MOST_BETWEEN = 7
_AGAIN = listed("to or and but it's now is , as my zip code postcode the")
_MOST_AGAIN = 6


def find_corrections(words: Sequence[Word], runs: Sequence[Run], known: Sequence[Found]) -> list[Found]:
    """Digits beside a personal number with a word of correction between them are of its kind."""
    results = []
    for run in runs:
        if not run.digits or any(f.start < words[run.last].end and words[run.first].start < f.end for f in known):
            continue
        for other in known:
            if other.type not in {KEPT, "NAME", "EMAIL"} and (_corrects(words, run, other) or _again(words, run, other)):
                results.append(_with(words, run, other))
                break
    return results


def _with(words: Sequence[Word], run: Run, other: Found) -> Found:
    """Of an address both may count; of a number that was taken back only the whole makes sense."""
    first = run.first - (run.first > 0 and words[run.first - 1].low == "number")
    own = found(other.type, words, first, run.last, other.weight)
    if other.type == "ADDRESS":
        return own
    return Found(type=own.type, start=min(own.start, other.start), end=max(own.end, other.end), weight=own.weight)


def _again(words: Sequence[Word], run: Run, other: Found) -> bool:
    """Another postcode beside one: "from 60601 to 60607"."""
    between = [w.low for w in words[: run.first] if w.start >= other.end]
    return (
        other.type == "POSTCODE"
        and len(run.code) == 5
        and words[run.first].start >= other.end
        and len(between) <= _MOST_AGAIN
        and all(low in _AGAIN for low in between)
    )


def _corrects(words: Sequence[Word], run: Run, other: Found) -> bool:
    begin, end = words[run.first].start, words[run.last].end
    if end <= other.start:
        between = [w.low for w in words[run.last + 1 :] if w.end <= other.start]
    else:
        between = [w.low for w in words[: run.first] if w.start >= other.end and w.end <= begin]
    return len(between) <= _MOST_BETWEEN and all(low in _BETWEEN for low in between) and any(low in _TURNS for low in between)
