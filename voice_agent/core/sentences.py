"""Text that arrives in pieces → whole sentences that can be spoken one by one."""

import re

_ABBREVIATIONS = frozenset(
    [
        *("e.g", "i.e", "etc", "vs", "approx", "incl", "excl", "no", "nos", "dept", "est", "fig", "max", "min", "tel", "ext", "al"),
        *("mr", "mrs", "ms", "dr", "prof", "st", "ave", "blvd", "rd", "apt", "inc", "ltd", "corp", "co", "jr", "sr"),
        *("a.m", "p.m", "u.s", "u.k", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec"),
    ]
)
_MAY_END = frozenset(["a.m", "p.m", "etc", "u.s", "u.k", "inc", "ltd", "corp", "co"])
"""Abbreviations that end a sentence as well, when a new one visibly begins behind them."""
_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s|$)|\n+")
_LAST_WORD = re.compile(r"[\w.]+$")
_LIST_MARK = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)])\s+")
_ONLY_LIST_MARK = re.compile(r"(?:^|\n)\s*\d{1,2}$")
_BEGINS = re.compile(r"\s*[\"'“(\[]?[A-Z]")


class SentenceCutter:
    """Feed it pieces; it gives back each sentence as soon as it is known to be complete.

    An end is a full stop, question or exclamation mark with white space behind it, or the end of a line. Decimals
    ("$4.95"), abbreviations ("e.g.", "9 a.m."), initials and the numbers of a list are no ends. List marks are dropped.
    """

    def __init__(self) -> None:
        self._buffer = ""

    def feed(self, text: str) -> list[str]:
        """The sentences that this piece completed, in order; often none."""
        self._buffer += text
        return self._cut(final=False)

    def flush(self) -> list[str]:
        """What is left, when nothing more will come."""
        sentences = self._cut(final=True)
        rest, self._buffer = self._buffer, ""
        return sentences + _clean(rest)

    def _cut(self, *, final: bool) -> list[str]:
        sentences: list[str] = []
        begin = 0
        for match in _END.finditer(self._buffer):
            behind = self._buffer[match.end() :]
            if not final and not behind.strip():
                # What comes next decides: "9 a.m. on Monday", or another dot.
                break
            if _is_end(self._buffer[begin : match.start()], match.group(), behind):
                sentences += _clean(self._buffer[begin : match.end()])
                begin = match.end()
        self._buffer = self._buffer[begin:]
        return sentences


def split_sentences(text: str) -> list[str]:
    """The sentences of a whole text."""
    cutter = SentenceCutter()
    return cutter.feed(text) + cutter.flush()


def _is_end(before: str, mark: str, behind: str) -> bool:
    if mark[0] != ".":
        return True
    if _ONLY_LIST_MARK.search(before):
        return False
    word = _LAST_WORD.search(before)
    last = word.group().lower().strip(".") if word else ""
    initial = len(last) == 1 and last.isalpha() and last not in {"i", "a"} and _BEGINS.match(behind) is not None
    if not initial and last not in _ABBREVIATIONS:
        return True
    return last in _MAY_END and _BEGINS.match(behind) is not None


def _clean(piece: str) -> list[str]:
    sentence = " ".join(_LIST_MARK.sub("", piece).split())
    return [sentence] if any(c.isalnum() for c in sentence) else []
