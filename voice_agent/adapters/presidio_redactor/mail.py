"""E-mail addresses, written or spoken: "john dot smith at gmail dot com", "j.smith at gmail.com", "j s m i t h at …"."""

from collections.abc import Collection, Sequence

from voice_agent.adapters.presidio_redactor.runs import DIGITS, TEENS, TENS
from voice_agent.adapters.presidio_redactor.words import Found, Word, found, listed, touches

_ENDINGS = listed(
    """
    com net org edu gov io co info biz us uk de fr es it ca au eu me tv app dev ai example email mail online shop ch at nl be ie
    in
    """
)
_JOINS = listed(". _ - + dot period point underscore dash hyphen minus plus")
_STOPS = listed(
    """
    is it's its to email e-mail mail address me at the my a an and or for on of with you your can use just so yes yeah no okay ok
    um uh that's that was i i'm from send write contact reach here like by old new under spelled as look looked looking shop
    shopped shopping order ordered ordering bought buy site website online saw found find see seen page back her his their our
    work home be called it named says are am was were gmail
    """
)
_PROVIDERS = listed("gmail yahoo hotmail outlook icloud aol protonmail proton live msn comcast verizon gmx")
_MOST_WORDS = 5


def find_mail(words: Sequence[Word], kept: Collection[str]) -> list[Found]:
    results = []
    for i, word in enumerate(words):
        if word.low in {"at", "@"} or (word.text == "@"):
            end = _domain_end(words, i + 1)
            start = _local_start(words, i) if end else None
            if end is None or start is None:
                continue
            # An address of the company's own is not the caller's.
            if domain_key(words[i + 1 : end + 1]) not in kept:
                results.append(found("EMAIL", words, start, end, 0.95))
    return results


def domain_key(words: Sequence[Word]) -> str:
    """A domain in one form, however it was said: "@gmail.com"."""
    return "@" + "".join("." if w.low in {"dot", "point"} else w.low for w in words)


def company_domains(words: Sequence[Word]) -> set[str]:
    """The domains of the addresses in a text, but for those where anybody can have an address."""
    found_at = [(i + 1, _domain_end(words, i + 1)) for i, word in enumerate(words) if word.text == "@"]
    return {domain_key(words[first : last + 1]) for first, last in found_at if last is not None and words[first].low not in _PROVIDERS}


def _domain_end(words: Sequence[Word], first: int) -> int | None:
    """Index of the last word of a domain that begins here: labels joined by dots, the last a known ending."""
    at, dotted = first, None
    while at < len(words) and (words[at].is_letters or words[at].is_digits):
        if words[at].low in {"the", "a"} and at == first:
            return None
        nxt = at + 1
        if nxt + 1 < len(words) and words[nxt].low in {"dot", ".", "point", "-", "dash"}:
            spoken = words[nxt].low in {"dot", "point", "dash"}
            if (spoken or touches(words, nxt)) and (words[nxt + 1].is_letters or words[nxt + 1].is_digits):
                at = nxt + 1
                if words[nxt].low in {"dot", ".", "point"} and words[at].low in _ENDINGS:
                    dotted = at
                continue
        if dotted == at:
            return at
        # A domain of several words, or one that is spelled: "at smith family dot com".
        if at - first < 3 and nxt < len(words) and words[nxt].is_letters and dotted is None:
            at = nxt
            continue
        break
    if dotted is None and first < len(words) and words[first].low in _PROVIDERS:
        return first
    return dotted


def _local_start(words: Sequence[Word], at_sign: int) -> int | None:
    """Index of the first word of the part before "at"; None when nothing there can be one."""
    i = at_sign - 1
    written = i >= 0 and words[at_sign].is_mark and touches(words, i)
    if i < 0 or words[i].is_mark or (words[i].low in _STOPS and len(words[i].low) > 1 and not written):
        return None
    first, plain = i, 1
    while first > 0:
        before = words[first - 1]
        if before.low in _JOINS and first > 1 and not words[first - 2].is_mark and _joins(words, first - 1):
            first -= 2
        elif (_is_part(before) or _is_initial(words, first - 1)) and plain < _MOST_WORDS:
            plain += 0 if len(before.low) == 1 or before.low in DIGITS else 1
            first -= 1
        elif before.text in {",", "-"} and first > 1 and len(words[first - 2].low) == 1 and words[first - 2].is_letters:
            first -= 1
        else:
            break
    return first


def _is_initial(words: Sequence[Word], i: int) -> bool:
    """An "i" or "a" that opens the address: "at i solberg at"."""
    return words[i].low in {"i", "a"} and i > 0 and words[i - 1].low in {"at", "is", "it's", "address", "email", ",", ":"}


def _joins(words: Sequence[Word], i: int) -> bool:
    """A written mark joins only without spaces; a spoken one always."""
    return words[i].is_letters or (touches(words, i - 1) and touches(words, i))


def _is_part(word: Word) -> bool:
    if word.is_mark:
        return False
    if word.is_digits or word.low in DIGITS or word.low in TEENS or word.low in TENS:
        return True
    return word.low not in _STOPS or (len(word.low) == 1 and word.low not in {"a", "i"})
