"""In what a sentence contradicts a stretch of a passage: numbers, names, limits, denials, and how they are combined.

Each finder returns what differs, in plain words, or an empty text.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from voice_agent.knowledge.clauses import VERBS
from voice_agent.knowledge.denials import denial_problem, deny_alike
from voice_agent.knowledge.normal_form import NormalForm, Term
from voice_agent.knowledge.vocabulary import DECISIVE, LIGHT, opposites, said_alike
from voice_agent.knowledge.windows import CALENDAR_KEYS, Window, means, nearest_form, number_in, same_fact


def contradiction(sentence: NormalForm, window: Window) -> str:
    """What differs first; empty when nothing does."""
    for find in (
        _number_problem,
        _name_problem,
        _limit_problem,
        denial_problem,
        _need_problem,
        opposite_problem,
        _counted_problem,
        _combination_problem,
        _substitution_problem,
    ):
        problem = find(sentence, window)
        if problem:
            return problem
    return ""


def _number_problem(sentence: NormalForm, window: Window) -> str:
    for term in sentence.terms:
        if term.kind == "number" and not number_in(term, window.terms) and not _unit_left_out(term, sentence, window):
            others = sorted({t.text for t in window.terms if t.kind == "number" and t.unit == term.unit})
            there = f"; the passage says {', '.join(others[:4])}" if others else ""
            unit = f" {term.unit}" if term.unit and term.unit not in term.text else ""
            return f'The number "{term.text}{unit}" is not in the passage{there}.'
    return ""


def _unit_left_out(term: Term, sentence: NormalForm, window: Window) -> bool:
    """The second of two that count the same: "ninety minutes for the one and forty-five for the other"."""
    units = {t.unit for t in sentence.terms if t.kind == "number" and t.unit}
    return not term.unit and any(t.kind == "number" and t.key == term.key and t.unit in units for t in window.terms)


def _name_problem(sentence: NormalForm, window: Window) -> str:
    said = {t.key for t in sentence.terms if t.kind == "name"}
    for term in sentence.terms:
        if term.kind != "name" or term.key in window.keys:
            continue
        rivals = sorted({t.text for t in window.terms if t.kind == "name" and t.key not in said})
        if term.key not in window.around:
            return f'The name "{term.text}" is not in the passage.'
        if rivals:
            return f'The passage says this of {", ".join(rivals[:3])}, not of "{term.text}".'
    return ""


def _limit_problem(sentence: NormalForm, window: Window) -> str:
    there = nearest_form(sentence, window).bounds
    if "allowance" in there:
        there |= {"at most"}
    if "at most" in there and "allowance" in sentence.bounds:
        there |= {"after"}  # "you have 60 minutes after placing it": within 60 minutes
    if "until" in there:
        there |= {"before"}
    problem = _number_limit_problem(sentence, window, there)
    if problem:
        return problem
    for limit in sorted(sentence.bounds - there - {term.limit for term in sentence.terms}):
        if limit in _AMOUNT_LIMITS or (there - sentence.bounds) & _OPPOSITES.get(limit, frozenset()):
            return f'The passage does not say "{limit}".'
    for term in sentence.terms:
        if term.kind == "word" and term.text.lower() in DECISIVE and term.key not in window.keys:
            return f'The passage does not say "{term.text}".'
    return ""


def opposite_problem(sentence: NormalForm, window: Window) -> str:
    """As "cold" where the nearest sentence says "hot" of the same thing, and does not say "cold" too; or the whole window."""
    for terms in (nearest_form(sentence, window).terms, window.terms):
        there = {t.text.lower(): t for t in terms}
        for term in sentence.terms:
            low = term.text.lower()
            if low in there or any(means(term, t) for t in terms):
                continue
            for other in opposites(low) & there.keys():
                if there[other].denied == term.denied and other not in {t.text.lower() for t in sentence.terms}:
                    return f'The passage says "{other}", not "{low}".'
    return ""


_AMOUNT_LIMITS = frozenset({"at least", "at most", "more than", "less than"})
_OPPOSITES = {
    name: frozenset(of) for name, of in (("before", ("after", "at most")), ("until", ("after",)), ("after", ("before", "until", "at most")))
}
_CONTRARY = {
    "at least": frozenset({"at most", "less than"}),
    "at most": frozenset({"at least", "more than", "after"}),
    "more than": frozenset({"at most", "less than"}),
    "less than": frozenset({"at least", "more than"}),
    "before": frozenset({"after"}),
    "until": frozenset({"after"}),
    "after": frozenset({"at most", "before", "until"}),
}
"""Of one number."""


def _number_limit_problem(sentence: NormalForm, window: Window, around: AbstractSet[str]) -> str:
    """Number by number: "within 5 days after" is not "after 5 days after". `around` are the limits of the nearest sentence."""
    nearest = nearest_form(sentence, window)
    for term in sentence.terms:
        if not term.limit:
            continue
        limits = ({t.limit for t in terms if t.kind == "number" and same_fact(term, t)} for terms in (nearest.terms, window.terms))
        there: set[str] = next(filter(None, limits), set())
        if there & {"until", "less than", "before"}:
            there = there | {"at most"}  # "up to 48 hours before"
        if "until" in there and "before" in sentence.bounds:
            there = there | {"at least"}
        missing = term.limit not in there | around
        amount = term.limit in _AMOUNT_LIMITS
        if (there and there <= _CONTRARY[term.limit]) or (missing and (amount or around & _OPPOSITES[term.limit])):
            return f'The passage does not say "{term.limit}".'
    return ""


def _need_problem(sentence: NormalForm, window: Window) -> str:
    nearest = nearest_form(sentence, window)
    if deny_alike(sentence, nearest) or "needless" not in sentence.bounds ^ nearest.bounds:
        return ""
    # "You do not need the box, but it must be packed" says of the box alone that it is not needed.
    of_what = "needed" in sentence.bounds and "needless" in nearest.bounds and _says_denied(sentence, nearest)
    opposite = of_what or "needed" in sentence.bounds ^ nearest.bounds
    return "The passage says the opposite about what is needed." if opposite else ""


def _says_denied(sentence: NormalForm, nearest: NormalForm) -> bool:
    return any(means(term, t) for t in nearest.terms if t.denied or t.doubtful for term in sentence.terms)


def _facts(terms: Sequence[Term]) -> list[Term]:
    return [t for t in terms if t.kind != "word" and (t.unit or t.text.lower() != "one")]


def _counted(terms: Sequence[Term]) -> list[tuple[Term, Term]]:
    """Each number or name with the word right behind it, through a list: both cities with "stores" in "Chicago and Boston stores"."""
    counted: list[tuple[Term, Term]] = []
    series: list[Term] = []
    for term in terms:
        if not term.beside:
            series = []
        if term.kind != "word":
            series.append(term)
        else:
            counted += [(fact, term) for fact in series if term.text.lower() not in VERBS]
            series = []
    return counted


def _counted_problem(sentence: NormalForm, window: Window) -> str:
    """Counting: "13 inches deep" is not "13 inches high", and "Saturday delivery" not "Tuesday delivery"."""
    there = _counted(window.terms)
    for fact, word in _counted(sentence.terms):
        rivals = [f for f, w in there if w.key in said_alike(word.key) and f.kind == fact.kind and f.unit == fact.unit]
        if rivals and not any(same_fact(f, t) for f in rivals for t in sentence.terms):
            return f'The passage says "{rivals[0].text} {word.text}", not "{fact.text} {word.text}".'
    return ""


def _combination_problem(sentence: NormalForm, window: Window) -> str:
    """Numbers and names must stand together as they do in the passage: Saturday's hours are not Monday's."""
    facts = _facts(sentence.terms)
    if len(facts) < 2 or _in_one_clause(facts, window) or _in_order(facts, window):
        return ""
    clauses = {t.clause for t in facts}
    if len(clauses) > 1 and all(_in_one_clause([t for t in facts if t.clause == c], window) for c in clauses):
        return ""
    return f"The passage does not put {' and '.join(f.text for f in facts[:4])} together like this."


def _in_one_clause(facts: Sequence[Term], window: Window) -> bool:
    there = _facts(window.terms)
    names = {t.key for t in there if t.kind == "name"}
    shared = _common_names(window)
    for clause in {t.clause for t in there}:
        inside = [t for t in there if t.clause == clause]
        if all(_taken(f, inside) or f.key in shared | (window.around - names) for f in facts):
            return True
    return False


def _taken(fact: Term, inside: list[Term]) -> bool:
    """Finds the fact and uses it up, so that "6 to 6" is not "4 to 6"."""
    for i, term in enumerate(inside):
        if same_fact(fact, term):
            del inside[i]
            return True
    return False


def _common_names(window: Window) -> frozenset[str]:
    """The subject of a sentence bears on each of its clauses: the first names of each, when they open the first clause."""
    common = {_first_names(form) for form in window.sentences}
    return common.pop() if len(common) == 1 else frozenset()


def _first_names(form: NormalForm) -> frozenset[str]:
    """One, or several in a list: "Alaska and Hawaii"; a day only in what it names, as in "Saturday delivery"."""
    found: list[str] = []
    if len(form.terms) > 1 and form.terms[0].key in CALENDAR_KEYS and form.terms[1].kind == "word" and form.terms[1].beside:
        return frozenset({form.terms[0].key})
    for term in form.terms:
        if term.kind == "name" and term.key not in CALENDAR_KEYS and (term.beside or not found):
            found.append(term.key)
        elif found:
            break
    return frozenset(found)


def _in_order(facts: Sequence[Term], window: Window) -> bool:
    """The facts follow each other in the passage with none of another kind of value left out between."""
    there = _facts(window.terms)
    for start in range(len(there)):
        at = start
        for fact in facts:
            while at < len(there) and not same_fact(fact, there[at]) and any(same_fact(f, there[at]) for f in facts):
                at += 1
            if at >= len(there) or not same_fact(fact, there[at]):
                break
            at += 1
        else:
            return True
    return False


def _substitution_problem(sentence: NormalForm, window: Window) -> str:
    """Another word of the passage stands where the nearest sentence has one of its own: between the same two words."""
    there = nearest_form(sentence, window).terms
    for i, term in enumerate(sentence.terms):
        if not _thing(term) or term.key not in window.elsewhere or any(means(term, t) for t in there):
            continue
        for own in _in_place_of(sentence.terms, i, there):
            if _thing(own) and not any(means(own, t) for t in sentence.terms):
                return f'The passage says "{own.text}", not "{term.text}".'
    return ""


def _thing(term: Term) -> bool:
    return term.kind == "word" and term.text.lower() not in LIGHT and term.text.lower() not in VERBS


def _in_place_of(terms: Sequence[Term], i: int, there: Sequence[Term]) -> list[Term]:
    """What stands there between the neighbours of the term at i; the first or the last, where it has none on that side."""

    def same(neighbour: int, other: int) -> bool:
        ours, theirs = 0 <= neighbour < len(terms), 0 <= other < len(there)
        return ours == theirs and (not ours or means(terms[neighbour], there[other]))

    return [own for j, own in enumerate(there) if same(i - 1, j - 1) and same(i + 1, j + 1)]
