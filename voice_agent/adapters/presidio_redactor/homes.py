"""Addresses without a word for a street: "I live at 27 Ashgrove", "ship it to 1821 Sheridan", "apartment 1204", "in Tucson 85701"."""

import re
from collections.abc import Collection, Sequence

from voice_agent.adapters.presidio_redactor.places import PREFIXES, STREETS, head_of, tail_of
from voice_agent.adapters.presidio_redactor.runs import Run
from voice_agent.adapters.presidio_redactor.words import Found, Word, found, listed

_ANNOUNCED = re.compile(
    r"\b(?:(?:live|lives|living|reside|resides|staying|based) (?:at|on|in)|moved (?:to|from)"
    r"|(?:address|house|home|place|street) (?:is|at|on file|was)|address line (?:one|two|1|2)(?: is)?|address|have me (?:at|on)"
    r"|(?:ship|shipped|send|sent|mail|mailed|deliver|delivered|drop|dropped|come|go|goes|went|bring) (?:\w+ ){0,3}(?:to|at)"
    r"|(?:drop|leave|left|have) (?:it|them|me) at|(?:i'm|i am|we're|we are|she's|he's) at"
    r"|gave you|calling from|(?:change|changed) (?:it|that) (?:from|to))$"
)
"""Ends where an address may begin."""
_ANNOUNCES_IN = 6
"""Words."""
_WELL = listed("um uh so well now actually that's it's is yes")
_ENDED = listed(
    """
    i i'm it it's is was did do does can could would will you your we they he she and but or so because please thanks thank not no
    for the a an to at on in from by with before after until till if when where which what who there here that this than per each
    days day weeks week months month years year hours hour minutes minute dollars cents percent times am pm o'clock miles mile
    steps degrees inches feet watts ounces cups pounds people pieces items boxes points more less of or old new stores store
    tomorrow today tonight monday tuesday wednesday thursday friday saturday sunday january february april may june july
    august september october november december euros bucks kilos phone calls call number numbers euro
    """
)
"""No part of a street's name."""
_MOST_NAME = 3
_LONGEST_NUMBER = 5
_DWELLINGS = listed("apartment apt flat")
_IN = listed("in to at near around")
_GOES = listed("delivery deliver delivering ship shipping shipment send")
_UNSURE = 0.58
"""Less than an amount: "I paid in 12000 points"."""
_GLUE = listed("of the")
_GERMAN = re.compile(r"\w{3,}(?:straße|strasse|weg|platz|gasse|allee)")
_COMPOUND = re.compile(r"[a-z]{3,}(?:grove|gate|crest|wood|field|fields|side|view|dale|hurst|croft|way|ridge|bank)")

_PLAIN = listed(
    "halfway anyway highway gateway subway railway driveway doorway hallway runway freeway inside outside beside upside underside"
)


def find_homes(words: Sequence[Word], runs: Sequence[Run], kept: Collection[str]) -> list[Found]:
    lows = [word.low for word in words]
    results: list[Found] = []
    for run in runs:
        if not run.digits:
            continue
        result = _named(words, lows, run, runs, kept) or _dwelling(words, run) or _behind(words, run) or _postcode(words, run, kept)
        if result is not None:
            results.append(result)
    return results


def _named(words: Sequence[Word], lows: Sequence[str], run: Run, runs: Sequence[Run], kept: Collection[str]) -> Found | None:
    """A house number and a name, where an address is announced; or a name that is a street's by its form."""
    if len(run.code) > _LONGEST_NUMBER + (run.scaled) * 3 or run.letters > 1:
        return None
    last = _name_end(words, run.last + 1, kept)
    if last is None:
        return None
    if len(run.code) == 1 and not words[run.last + 1].is_capital:
        return None  # "deliver to 2 addresses"
    compound = _COMPOUND.fullmatch(words[run.last + 1].low) is not None and words[run.last + 1].low not in _PLAIN
    if not compound and not _announced(lows, run.first):
        return None
    starts, ends = {each.first: each for each in runs if each.digits}, {each.last: each for each in runs if each.digits}
    return found("ADDRESS", words, head_of(words, run.first, ends), tail_of(words, last, starts), 0.8)


_PLAIN = listed(
    "halfway anyway highway gateway subway railway driveway doorway hallway runway freeway inside outside beside upside underside"
)


def _announced(lows: Sequence[str], first: int) -> bool:
    at = first
    while at > 0 and (lows[at - 1] in _WELL or lows[at - 1] in {",", ":"}):
        at -= 1
    return any(_ANNOUNCED.search(" ".join(lows[max(0, end - _ANNOUNCES_IN) : end])) for end in {at, first})


def _name_end(words: Sequence[Word], at: int, kept: Collection[str]) -> int | None:
    last, names = None, 0
    while at < len(words) and words[at].is_letters and names < _MOST_NAME:
        low = words[at].low
        if names and low in _GLUE and at + 1 < len(words):
            at += 1
            continue
        if low in _ENDED or (low.removesuffix("'s") in kept and low not in STREETS) or len(low) < 3:
            break
        last, names, at = at, names + 1, at + 1
    return last


def _dwelling(words: Sequence[Word], run: Run) -> Found | None:
    """A flat by itself: "I'm in apartment 1204"."""
    at = run.first - 1
    while at >= 0 and (words[at].text == "#" or words[at].low == "number"):
        at -= 1
    behind = words[run.last + 1].low if run.last + 1 < len(words) else ""
    if at < 0 or words[at].low not in _DWELLINGS or len(run.code) > _LONGEST_NUMBER or behind in {"percent", "%", "dollars", "rate", "fee"}:
        return None
    return found("ADDRESS", words, at, run.last, 0.8)


def _behind(words: Sequence[Word], run: Run) -> Found | None:
    """A number behind its street: "Karlstraße 14", "Via Garibaldi 8"."""
    if len(run.code) > _LONGEST_NUMBER or run.letters > 1:
        return None
    at = run.first - 1
    if at >= 0 and _GERMAN.fullmatch(words[at].low):
        return found("ADDRESS", words, at, run.last, 0.8)
    first = next((i for i in range(at - 1, max(-1, at - _MOST_NAME - 1), -1) if words[i].low in PREFIXES), None)
    if first is None or not all(w.is_letters for w in words[first : run.first]):
        return None
    return found("ADDRESS", words, first, run.last, 0.8)


def _postcode(words: Sequence[Word], run: Run, kept: Collection[str]) -> Found | None:
    """Five figures behind "in", or behind "in" and a town."""
    if len(run.code) != 5 or run.letters or run.scaled:
        return None
    at = run.first - 1
    if at >= 0 and words[at].low in _IN:
        goes = any(word.low in _GOES for word in words[max(0, at - 3) : at])  # "delivery" alone announces another number
        return found("POSTCODE", words, run.first, run.last, 0.92 if goes else _UNSURE)
    if at >= 0 and words[at].text == ",":
        at -= 1
    town = at
    while town >= 0 and at - town < 2 and words[town].is_letters and words[town].is_capital and words[town].low not in kept:
        town -= 1
    if town >= 0 and town < at and words[town].low in _IN:
        return found("POSTCODE", words, run.first, run.last, _UNSURE)
    return None
