"""Street addresses and written-out home addresses, and the postcode behind a state."""

from collections.abc import Collection, Sequence

from voice_agent.adapters.presidio_redactor.runs import Run
from voice_agent.adapters.presidio_redactor.words import Found, Word, found, listed

STREETS = listed(
    """
    street st avenue ave road rd lane ln drive dr boulevard blvd court ct way place pl terrace circle cir highway hwy parkway
    pkwy square close crescent gardens row trail alley mews grove hill walk path loop ridge heights plaza turnpike pike rise mount
    quay wharf view meadow meadows crossing bend run green common chase fields vale glen croft yard end parade promenade wynd
    pass point landing expressway freeway route causeway esplanade garden cove creek estate village broadway embankment strip hollow
    circus brae gate side vista trace spur knoll bluff hills downs park wood woods cottages villas mansions dene orchard brook hill's
    """
)
_LOOSE = listed(
    """
    way place close row square path hill walk court drive loop ridge heights circle st dr grove trail rise mount view
    meadow meadows crossing bend run green common chase fields vale glen croft yard end parade pass point landing route garden
    gardens cove creek estate village quay wharf alley plaza pike broadway strip hollow circus gate side vista trace spur hills park wood
    woods orchard brook
    """
)
"""Everyday words: they need a house number in front and a name between."""
_UNITS = listed("apartment apt unit suite ste floor flat room building number # apartment's lot house")
_STOREYS = listed("first second third fourth fifth sixth seventh eighth ninth tenth top ground")
_DIRECTIONS = listed("north south east west northeast northwest southeast southwest n s e w ne nw se sw")
_HOME = listed(
    """
    live lives living address reside resides moved home house deliver delivered ship shipped send sent mail it's its located corner
    we're i'm
    """
)
_BY_NUMBER = listed("highway hwy route road")
"""These may have a number for a name."""
PREFIXES = listed("rue calle camino via avenida paseo rua strada plaza")
_ORDINAL = listed("st nd rd th")
_SHORTENED = listed("jr sr st mt dr rev ft")
"""May have a dot behind them inside a street's name."""
"""Streets that begin with the word for one."""
_HOUSES = listed("house cottage rectory vicarage barn lodge farm farmhouse mill villa manor")
_SHOPS = listed("store shop branch showroom warehouse location outlet stores")
_NOT_STREET = listed(
    """
    the a an my your on at in is are and to of for from by it that this one first's minute minutes hour hours day days mile miles
    step next other right wrong only any no long short same half every each all by way which out minute's or but so i we dollars
    """
)
_STATES = listed(
    """
    alabama alaska arizona arkansas california colorado connecticut delaware florida georgia hawaii idaho illinois indiana iowa
    kansas kentucky louisiana maine maryland massachusetts michigan minnesota mississippi missouri montana nebraska nevada ohio
    oklahoma oregon pennsylvania tennessee texas utah vermont virginia washington wisconsin wyoming
    """
)
_TWO_WORDS = (
    ("new", "york"), ("new", "jersey"), ("new", "mexico"), ("new", "hampshire"), ("north", "carolina"), ("south", "carolina"),
    ("north", "dakota"), ("south", "dakota"), ("west", "virginia"), ("rhode", "island"),
)  # fmt: skip
_CODES = listed(
    """
    AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN
    TX UT VT VA WA WV WI WY DC
    """
)


_LONGEST_NAME = 5
"""Words and dots of a street's name: "Martin Luther King Jr."."""
_BEFORE_ID = listed("tax customer client member user national personal state login the my your a photo")
"""Here "ID" is not Idaho."""


def find_places(words: Sequence[Word], runs: Sequence[Run], kept: Collection[str]) -> list[Found]:
    ends = {run.last: run for run in runs if run.digits and (len(run.code) <= 6 or run.scaled)}
    starts = {run.first: run for run in runs if run.digits}
    results = [f for i in range(len(words)) if (f := _street(words, i, ends, starts, kept)) is not None]
    results += _boxes(words, starts)
    results += [
        found("ADDRESS", words, ends[i - 1].first, _prefixed_end(words, i), 0.9)
        for i, w in enumerate(words)
        if w.low in PREFIXES and i - 1 in ends
    ]
    results += _postcodes(words, starts)
    return results


def _street(words: Sequence[Word], i: int, ends: dict[int, Run], starts: dict[int, Run], kept: Collection[str]) -> Found | None:
    if words[i].low not in STREETS or i == 0:
        return None
    first = _name_start(words, i, ends)
    if first is None:
        first = _bare_start(words, i, starts, ends)
    if first is None:
        return None
    run = _house_number(words, first, ends)
    at_home = any(w.low in _HOME for w in words[max(0, first - 6) : first])
    tail = tail_of(words, i, starts)
    at = _past_marks(words, i + 1)
    numbered = at + 1 < len(words) and words[at].low in {"number", "house"} and at + 1 in starts
    start = head_of(words, run.first if run is not None else first, ends)
    numbered = numbered or start < (run.first if run is not None else first)
    named = first > 1 and words[first - 1].low == "is" and words[first - 2].low == "street"
    if run is None and not numbered and not named and (not at_home or words[i].low in _LOOSE):
        return None
    of_company = any(w.low in _SHOPS for w in words[max(0, first - 7) : first]) or _key(words, run, first, i) in kept
    if of_company and (run is None or not at_home):
        return None
    return found("ADDRESS", words, start, tail, 0.93)


def _house_number(words: Sequence[Word], first: int, ends: dict[int, Run]) -> Run | None:
    """In front of the street's name; a letter may be between: "seventy two a high street"."""
    if first - 1 in ends:
        return ends[first - 1]
    if first < 2 or words[first - 1].low not in {"a", "b", "c", "d"}:
        return None
    return ends.get(first - 3 if words[first - 2].text == "-" else first - 2)


def _bare_start(words: Sequence[Word], i: int, starts: dict[int, Run], ends: dict[int, Run]) -> int | None:
    """A street without a name of its own: "sixteen the green", "591 highway 9"."""
    if i > 1 and words[i - 1].low == "the" and (i - 2) in ends and (i + 1 == len(words) or words[i + 1].is_mark):
        return i - 1
    return i if words[i].low in _BY_NUMBER and (i - 1) in ends and (i + 1) in starts else None


def head_of(words: Sequence[Word], start: int, ends: dict[int, Run]) -> int:
    """The first word of an address, with a flat in front of the house number, or the name of the house in front of the street."""
    at = start - 1
    while at > 0 and (words[at].text == "," or words[at].low in {"at", "on"}):
        at -= 1
    if at >= 1 and words[at].low in _HOUSES:
        the = next((i for i in range(at - 1, max(-1, at - 4), -1) if words[i].low == "the"), None)
        return the if the is not None else at - 1 if _is_name(words[at - 1]) else start
    if at >= 0 and words[at].low in _UNITS:
        return at - 2 if at > 1 and words[at - 1].low == "floor" and words[at - 2].low in _STOREYS else at
    if at in ends and ends[at].first > 0 and words[ends[at].first - 1].low in _UNITS:
        return ends[at].first - 1
    return start


def _key(words: Sequence[Word], run: Run | None, first: int, street: int) -> str:
    """The address in one form, however it was said: "418 larkspur avenue"."""
    number = run.code if run is not None else ""
    return " ".join([number, *(w.low for w in words[first : street + 1])])


def street_keys(words: Sequence[Word], runs: Sequence[Run]) -> set[str]:
    """Of every address with a house number."""
    ends = {run.last: run for run in runs if run.digits and len(run.code) <= 6}
    keys: set[str] = set()
    for i, word in enumerate(words):
        first = _name_start(words, i, ends) if word.low in STREETS else None
        if first is not None and first - 1 in ends:
            keys.add(_key(words, ends[first - 1], first, i))
    return keys


def _name_start(words: Sequence[Word], street: int, ends: dict[int, Run]) -> int | None:
    """Index of the first word of the street's name, right behind the house number when there is one."""
    first = street
    while first > 0 and street - first < _LONGEST_NAME and (first - 1) not in ends:
        dotted = first > 1 and words[first - 1].text == "." and words[first - 2].low in _SHORTENED
        if not dotted and not _is_name(words[first - 1]):
            break
        first -= 2 if dotted else 1
    # A numbered street ("1200 42nd street", "12 fifth avenue"): its own number is its name.
    suffix = first == street - 1 and words[first].low in _ORDINAL
    if (suffix or first == street) and (first - 1) in ends:
        own = ends[first - 1].first
        own -= own > 0 and words[own - 1].low in _DIRECTIONS
        if (own - 1) in ends or not suffix:
            return own if (own - 1) in ends else None
    if first == street:
        return None
    return first


def _is_name(word: Word) -> bool:
    return (word.is_letters and word.low not in _NOT_STREET) or word.low in _DIRECTIONS


def tail_of(words: Sequence[Word], street: int, starts: dict[int, Run]) -> int:
    """The last word of an address, with the flat, the city and the state behind the street; the postcode is an entity of its own."""
    last = starts[street + 1].last if words[street].low in _BY_NUMBER and street + 1 in starts else street
    at = _past_marks(words, last + 1)
    if at < len(words) and words[at].low in _DIRECTIONS:
        last, at = at, _past_marks(words, at + 1)
    for _ in range(2):
        unit = _unit_end(words, at, starts)
        if unit is not None:
            last, at = unit, _past_marks(words, unit + 1)
    return _city_end(words, at, last)


def _past_marks(words: Sequence[Word], at: int) -> int:
    while at < len(words) and (words[at].text in {",", "."} or words[at].low in {"in", "and"}):
        at += 1
    return at


def _unit_end(words: Sequence[Word], at: int, starts: dict[int, Run]) -> int | None:
    if at >= len(words):
        return None
    if words[at].low not in _UNITS:
        floor = starts[at].last + 1 if at in starts else at
        floor += floor < len(words) and (words[floor].low in _ORDINAL or words[floor].low in _STOREYS)
        return floor if at < floor < len(words) and words[floor].low == "floor" else None
    behind = at + 1
    while behind < len(words) and words[behind].low in {"number", "#"}:
        behind += 1
    run = starts.get(behind)
    if run is not None:
        return run.last
    return behind if behind < len(words) and len(words[behind].low) == 1 and words[behind].is_letters else None


def _city_end(words: Sequence[Word], at: int, last: int) -> int:
    """Up to three words and a state, or capitalised words that end the sentence or stand before a number."""
    for count in range(4):
        state = _state_end(words, at + count)
        if state is not None:
            return state
        if at + count + 1 < len(words) and words[at + count].text == ",":
            after = _state_end(words, at + count + 1)
            if after is not None:
                return after
        if at + count >= len(words) or not words[at + count].is_letters or words[at + count].low in _NOT_STREET:
            break
    end = at
    while end < len(words) and end - at < 3 and words[end].is_letters and words[end].is_capital and words[end].low != "i":
        end += 1
    closed = end >= len(words) or words[end].is_mark or words[end].is_digits
    return end - 1 if end > at and closed and words[min(last + 1, len(words) - 1)].text in {",", "in"} else last


def _state_end(words: Sequence[Word], at: int) -> int | None:
    if at >= len(words):
        return None
    if at + 1 < len(words) and (words[at].low, words[at + 1].low) in _TWO_WORDS:
        return at + 1
    return at if words[at].low in _STATES or words[at].text in _CODES else None


def _prefixed_end(words: Sequence[Word], i: int) -> int:
    """Up to three words of a name behind "rue" or "camino"."""
    last = i
    while last + 1 < len(words) and last - i < 3 and words[last + 1].is_letters and words[last + 1].low not in _NOT_STREET:
        last += 1
    return last


def _boxes(words: Sequence[Word], starts: dict[int, Run]) -> list[Found]:
    results = []
    for i, word in enumerate(words):
        if word.low == "box" and i + 1 in starts and i > 0:
            first = i - 1
            while first > 0 and (words[first].text == "." or words[first].low in {"p", "o", "po"}):
                if words[first - 1].low not in {"p", "po", "o", "."}:
                    break
                first -= 1
            if words[first].low in {"p", "po"}:
                results.append(found("ADDRESS", words, first, starts[i + 1].last, 0.93))
    return results


def _postcodes(words: Sequence[Word], starts: dict[int, Run]) -> list[Found]:
    results = []
    for i in range(len(words)):
        state = _state_end(words, i)
        if state is None or (words[i].text == "ID" and i > 0 and words[i - 1].low in _BEFORE_ID):
            continue
        at = _past_marks(words, state + 1)
        run = starts.get(at)
        if run is not None and len(run.code) in {5, 9} and run.letters == 0:
            results.append(found("POSTCODE", words, run.first, run.last, 0.92))
    return results
