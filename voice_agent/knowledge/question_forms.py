"""What a question asks for, told from its form: an amount, a time, yes or no, somebody's name, the caller's own record."""

import re
from dataclasses import dataclass

from voice_agent.knowledge.lexical import words

VAGUE = frozenset(
    """
    much many long often soon fast big day days week weeks month months year years hour hours minute minutes time today ago happen happens
    say says said actually someone somewhere anyone everything else bit lot people person way able best first last next new old good bad
    right wrong wanna want wants wanted really want
    """.split()  # noqa: SIM905 - a word list is read as words
)
"""Words that name nothing a document could be about."""
GENERIC = VAGUE | frozenset(
    """
    enough make makes made making look looks looking take takes taking took put puts putting give gives gave giving find use uses used using
    try trying tried work works working mean means meant keep keeps come comes coming came see seen show shows showing think thought believe
    like love hate sure possible allowed fine nice lovely great stuff kind sort type place problem question help issue matter reason point
    part piece side end start idea case later early late ever never always sometimes usually maybe perhaps probably instead already yet only
    even still though one ones two both each every another other others same different own such most least less more let lets leave send
    sent bring brings set sets turn turned turns stay stays call called calls speak speaks talk ask asks hear heard told couldnt wouldnt
    shouldnt arent wasnt werent havent hasnt hadnt now tonight tomorrow yesterday back away around along together near nearby inside outside
    between within without name short small little large high low full half whole theres theyre youve id
    """.split()  # noqa: SIM905
)
"""Words that say little of what is asked, so that it says little when no document has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    asked: re.Pattern[str]
    """In the words of the question, in lower case and without punctuation."""
    answered: re.Pattern[str]
    """What an answer holds one of, in lower case."""


_TIMES = (
    r"second|minute|hour|day|week|month|year|noon|midnight|night|monday|tuesday|wednesday|thursday|friday|saturday|sunday|"
    r"january|february|march|april|june|july|august|september|october|november|december|christmas|thanksgiving"
)
_PRICE = (
    r"\bhow much (?:is|are|was|were|does|do|did|would|will|for|to|if|extra|more|cheaper|off|can)\b|\bhow much$|\bhow expensive\b"
    r"|\b(?:what|whats)\b.*\b(?:cost|costs|price|charge|charges|fee|set me back|pay)\b|\b(?:price|cost|costs|fee) (?:of|for|to)\b"
)
_SIZE = r"\bhow (?:wide|tall|high|deep|big|large|heavy|loud|noisy|hot|cold|warm|far)\b|\bweighs?\b|\btemperature\b|\bwatts\b"
_PEOPLE = (
    r"\b(?:employees?|technicians?|drivers?|crew|installers?|carrier|person|adult|teams?|customers?|students?|teachers?|members?|"
    r"owners?|line|support|managers?|desk|people)\b"
)
_FORMS = tuple(
    _Form(asked=re.compile(asked), answered=re.compile(answered))
    for asked, answered in (
        (_PRICE, r"\$|\bpercent\b|\bfree\b|\bfees?\b|\bno (?:cost|charge|interest)\b|\bcosts? the same\b"),
        (_SIZE, r"\d"),
        (r"\bhow often\b|\bhow many times\b", rf"\b(?:every|once|twice|times?|each|daily|weekly|monthly)\b|{_TIMES}"),
        (
            r"\b(?:how (?:long|soon|fast|quick|quickly|old)|when|what time|which (?:day|weekday|month))\b",
            rf"\b(?:am|pm|may|24|immediately|always|never|any time|lifetime|when|until|once|before|after)\b|{_TIMES}|\d",
        ),
        (r"\bhow (?:many|much)\b", r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|no|only|half|several|unlimited)\b"),
        (r"\b(?:phone|telephone|what|which) number\b|\bnumber (?:do|should|can) i\b", r"\d{3}-\d{4}|\bnumber\b"),
        (r"\bemail address\b", r"@|\bemail address\b"),
        (r"^(?:who|whose)\b", _PEOPLE),
    )
)
_YES_NO = re.compile(r"(can|could|do|does|did|is|are|am|was|will|would|has|have|should|may)\b")
_FIGURE = re.compile(
    r"\b(how (much|many|long|soon|fast|quick|quickly|often|loud|heavy|wide|tall|high|deep|big|large|far|hot|warm)|when|price|cost|charge)\b"
    r"|\bwhat (size|temperature|time)\b"
)
_WHO = re.compile(r"^(who|whose)\b")
_QUESTION = re.compile(r"(what|whats|which|how|where|when|why|who|can|could|do|does|did|is|are|am|was|will|would|may|should|has|have)\b")
_RECORD = re.compile(
    r"^(has|did|was|were|have) (my|the|i)\b|\bis my (order|parcel|package|refund|payment|technician)\b"
    r"|\b(did|have) i (buy|order|spend|paid|pay)\b|\bdo i have (on|in|left)\b|\b(for|about) me$"
    r"|\b(whats|what is|which is) (the (balance|status) of )?my\b|\bmy (last|order total)\b|\bright now$|\bread me\b"
)


def lacks(question: str, answer: str) -> bool:
    """The question asks for an amount, a time or the like, and the answer holds none."""
    heard = " ".join(words(question))
    form = next((form for form in _FORMS if form.asked.search(heard)), None)
    return form is not None and not form.answered.search(answer.lower())


def asks_yes_or_no(question: str) -> bool:
    return _YES_NO.match(" ".join(words(question))) is not None


def asks_figure(question: str) -> bool:
    return _FIGURE.search(" ".join(words(question))) is not None


def asks_who(question: str) -> bool:
    return _WHO.search(" ".join(words(question))) is not None


def tells(question: str) -> bool:
    """It is no question by its form, but tells of a trouble or a wish: "my grinder just hums"."""
    return _QUESTION.match(" ".join(words(question))) is None


def asks_record(question: str) -> bool:
    """For what only the caller's own record could tell: "What's the balance of my gift card?"."""
    return _RECORD.search(" ".join(words(question))) is not None
