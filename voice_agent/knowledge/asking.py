"""Whether the form of a clause is that of asking for a person: wish + speak + person, and its look-alikes.

Example phrases carry the meaning and these patterns the form, which embeddings blur: "I spoke to a manager" and "may I
speak to a manager" are neighbours for an embedding and opposites for a caller.
"""

import re

_ONE = (
    "person|human|human being|agent|representative|rep|operator|manager|supervisor|colleague|advis[eo]r|associate|"
    "someone|somebody|boss|specialist|technician|staff member|member of staff|employee"
)
_ANY = (
    rf"(?:{_ONE}|persons|people|humans|some ?one|anyone|anybody|agents|representatives|managers|superior|colleagues|coworkers?|"
    "associates|assistants?|specialists|experts?|technicians|engineers?|staff|employees|clerks?|receptionist|consultants?|team|"
    "department|desk|customer (?:service|support|care|relations)|support|sales|billing|accounts|returns|repairs|complaints|claims|"
    "lady|gentleman|guy|woman|man|girl|whoever|human voice|soul)"
)
_ONE = f"(?:{_ONE})"
_A = "(?:an? |the |your |some |any |one of your )"
_REAL = "(?:real |live |actual |living |human |proper |different |other )"
_WISH = (
    "(?:want|wanna|would like|'d like|like|need|can i|could i|may i|can we|could we|let me|let us|prefer|rather|possible|allow me|"
    "gotta|have to|got to|hoping|trying|wish|demand|insist|able|chance|ask|how do i|how can i|where can i|mind if i|put me|going to)"
)
_SPEAK = (
    "(?:speak|talk|chat|speaking|talking|chatting|have a (?:quick |short )?(?:word|chat|conversation)|"
    "be (?:connected|transferred|put through|passed)|get (?:through|hold|to)|reach (?:an?|some|any)|discuss)"
)
_MOVE = (
    "(?:get|give|connect|transfer|put|pass|hand|switch|forward|patch|send|bring|route|redirect|escalate|direct|turn|hook|find|fetch|"
    "getting|giving|connecting|transferring|putting|passing|handing|switching|forwarding|sending|bringing|routing)"
)
_WHOM = "(?:me|us|my call|this call|the call|my (?:mother|wife|husband|father|mom|dad)|him|her|this|it)"
_ON = "(?:to |through|over|with|out|on|onto|off|up|back to )"
_OPENING = (
    "(?:no |yes |yeah |okay |just |hello |hi |please |sorry |um |uh |i said |i want |i need |want |need |give me |get me |is there )*"
)
_CLOSING = "(?:,? (?:please|now|right now|today|thanks|thank you|instead|not a (?:bot|robot|machine|computer)))*"

_ASKS = tuple(
    re.compile(pattern)
    for pattern in (
        # A wish to speak with somebody; what stands before "about" says with whom.
        rf"\b{_WISH}\b(?: [\w']+){{0,6}}? {_SPEAK}\b(?: (?!about|regarding)[\w']+){{0,5}}? {_ANY}\b",
        rf"^(?:just |please |yes |no )*{_SPEAK} (?:to|with) (?:\w+ ){{0,2}}?{_ANY}\b",
        rf"\b(?:needs|wants|wishes|feel better|sooner|easier) (?:to )?{_SPEAK} (?:to|with) (?:\w+ ){{0,2}}?{_ANY}\b",
        rf"\b{_SPEAK} (?:to|with) {_A}?{_REAL}{{1,3}}{_ANY}?",
        # Moving the call.
        rf"\b{_MOVE} {_WHOM} (?:\w+ )?(?:{_ON}|{_A}|{_REAL})(?: ?[\w']+){{0,5}}? ?{_ANY}\b",
        (
            r"\b(?:transfer|connect|escalate|forward|reroute|patch) (?:me|us|my call|this call)"
            r"(?: (?:please|now|already|over|somewhere|elsewhere|through))*(?:[.!?]|$)"
        ),
        r"\bput (?:me|us) through\b",
        r"\b(?:switch|pass|hand|send|put) (?:me|us) (?:over|on|along)(?: please| now| already)*$",
        rf"\b{_MOVE} {_A}{{1,2}}?{_REAL}{{0,2}}{_ONE}\b.{{0,12}}\b(?:on|here|for me|now|line|phone|please)\b",
        r"\b(?:get|put|bring|find|send) (?:me |us )?(?:someone|somebody|anyone) (?:real|else(?!')|human|on|who|in here|to help|there)\b",
        (
            r"\b(?:i|we) (?:want|need|would like|'d like|'ll) (?:to )?"
            r"(?:wait for|hold for|be transferred|be connected|be put through|escalate)\b"
        ),
        r"\b(?:not|tired of|sick of|hate|stop) (?:talking|speaking) to (?:an? |the |this |some )?(?:computer|machine|robot|bot)s?\b",
        # Is anybody there.
        rf"\b(?:is|isn't|are|aren't) there (?:[\w']+ ){{0,4}}?{_ANY}\b.{{0,25}}\b(?:talk|speak|help|listen|on the line)\b",
        rf"\bdo you have (?:any |some |an? )?{_REAL}+{_ANY}",
        (
            r"^(?:\w+ ){0,2}?(?:is )?(?:anybody|anyone|somebody|someone)"
            r"(?: there| home| here| around| real| human| listening| at all| please)+$"
        ),
        (
            rf"\bis {_A}{_REAL}?(?:\w+ )?{_ANY} (?:available|free|around|there|in)"
            r"(?: now| today| right now| please| to (?:talk|speak)\b.*)*$"
        ),
        (
            r"\bwho (?:else )?(?:can|could|do|may|should) i (?:have to )?(?:speak|talk) (?:to|with)"
            r"(?: here| around here| then| now| please| instead| in person)*$"
        ),
        rf"\b(?:i'll|i will|i can|i'd|let me) (?:\w+ )?(?:wait|hold|stay on the line|hang on) for {_A}?{_REAL}*{_ONE}\b",
        (
            rf"\b(?:can|could|may) i (?:please )?(?:have|get) {_A}?{_REAL}*{_ONE}"
            r"(?: please| now| on\b.*| to (?:talk|speak|help)\b.*| instead)*$"
        ),
        (
            r"\b(?:can|could|may|let|might) (?:i|me) (?:please )?(?:have|get) (?:the|your) "
            r"(?:\w+ ){0,2}(?:desk|department|team|people|folks)(?: please| now)*$"
        ),
        rf"\b(?:if i (?:don't|do not|can't|cannot)|unless i) (?:\w+ )?(?:get|speak|talk|have|reach)\b.{{0,20}}\b{_ONE}\b",
        # The way to one.
        rf"\b(?:which|what) (?:\w+ )?(?:number|button|key|option|digit|word)\b.{{0,30}}\b(?:for|to|get|gets|reach) {_A}?{_REAL}*{_ONE}$",
        rf"\bhow (?:many times|often) (?:do|must|should) i (?:have to )?(?:say|ask|repeat|tell)\b.*\b{_ONE}$",
        # The bare word, once or more, or wanting one.
        rf"^{_OPENING}(?:{_A}?{_REAL}*(?:{_ONE}|customer (?:service|support|care)|somebody real|someone real|human help){_CLOSING}[ ,]*)+$",
        (
            rf"\b(?:want|need|like|prefer|rather have|demand|require|asked for|asking for|said) (?:to have )?{_A}?{_REAL}*"
            r"(?:person|human|agent|representative|rep|operator|supervisor|manager|advisor)\b"
            r"(?! (?:discount|account|i know|told|would|will|could|can|should|has|had|is|was|must|might))"
        ),
        (
            rf"\b(?:can|could|may|would|will) {_A}?{_REAL}*{_ONE}(?: there| here| please)? (?:please )?"
            r"(?:take (?:this|my|the|over)|talk to me|speak (?:to|with) me|pick up|come on|help me in person|handle this|deal with)"
        ),
    )
)
_NOT = tuple(
    re.compile(pattern)
    for pattern in (
        (
            r"\b(?:don't|do not|didn't|wouldn't|needn't|not) (?:\w+ly |even )?"
            r"(?:want|need|have|wish|like|care) (?:to )?(?:an? |the |any |your )?"
            r"(?:speak|talk|be transferred|be connected|be put|person|human|agent|transfer|connect|put|pass|get|someone|somebody|anyone|"
            r"anybody|representative|manager|supervisor|colleague|operator)\b"
            r"(?! (?:to|with) (?:an? |the |this |some )?(?:\w+ )?(?:robots?|bots?|machines?|computers?|recordings?|ai)\b)"
        ),
        (
            r"\b(?:no need|not necessary|(?<!if i )don't|(?<!if i )do not|rather not|before you|before i|without) (?:to |be )?"
            r"(?:transferr?|connect|put|pass|get|send|forward|escalate|talk|speak)(?:ed|ing)?"
            r"(?: (?:me|us|my|anyone|anybody|someone|somebody|through|to (?:any|some)(?:one|body)|an?|the|your)\b|$)"
        ),
        rf"\bneedn't (?:get|call|bring|fetch|connect|transfer|put|find) (?:me )?{_A}?{_ANY}",
        r"\b(?:don't mind|don't care) (?:that|if|whether)\b",
        # What would be, and what never was.
        r"(?<!what )\bif i (?:ever |really )?(?:want|wanted|need|needed)\b",
        rf"\b(?:never|didn't|did not) (?:say|said|ask|asked|mean|meant|request|requested)\b.*\b{_ANY}$",
        # What is to be talked about, and how.
        rf"\b(?:speak|talk|chat) (?:something )?(?:about|over|regarding)\b(?!.* (?:to|with) {_A}?{_REAL}*{_ANY}\b)",
        r"\b(?:speak|talk) (?:up|(?:a (?:bit|little) |more )?(?:louder|slower|slowly))\b",
        rf"\b(?:no|without an?) (?:{_ONE}|agents|people) (?:is |are )?(?:needed|necessary|required|please|thanks)\b",
        # What somebody did or said.
        r"\b(?:spoke|talked|chatted|told|had a chat|have spoken|been talking|i've spoken|was speaking) (?:to|with|by)\b",
        (
            rf"\b(?:your|the|an?|my|that|this) (?:\w+ )?(?:{_ONE}|agents|representatives|lady|guy|driver) (?:\w+ ){{0,2}}?"
            r"(?:said|told|promised|mentioned|gave|called|was|were|says|helped|wants|has|had|did|assured|explained)\b"
        ),
        # Asking what one is talking to.
        (
            r"\b(?:am i|are you|is this) (?:\w+ ){0,3}?(?:robot|bot|machine|person|human|recording|real|computer)\b"
            r"(?!.*\b(?:want|need|get me|let me|transfer|connect|give me)\b)"
        ),
        r"\b(?:you|it|this|that) (?:\w+ )?(?:sound|sounds|seem|seems|feel|feels|talk like|speak like)\b",
        r"\b(?:send|ship|mail|bring) (?:it|them|the \w+) ",
        rf"\bthan (?:talk|speak)(?:ing)? (?:to|with) {_A}?{_REAL}*{_ONE}$",
        # A question about something else, unless about the way to a person.
        (
            r"^(?:so |and |but |okay |um |uh )?"
            r"(?:what|when|which|why|how (?:many(?! times)|much|long|often|old|big|far|do your)|does|"
            r"do (?:i|your|the|they)|did|has|have|should)\b"
            r"(?!.*\b(?:speak|talk|talking|speaking|transferred|connected|"
            r"(?:gets?|gets? me|gets? to|gets? me to|reach|for|have to say|have to ask for) (?:an? |the )?(?:real |live |actual )?"
            r"(?:person|human|agent|representative|operator))\b)"
        ),
    )
)


_SURE = re.compile(
    r"(?:^|, |\bcan you |\bcould you |\bwould you )(?:please |just |now |so |then |okay ){0,2}"
    r"(?:get|put|connect|transfer|pass|hand|switch) me (?:back |over |through |on ){0,2}(?:to|with) "
    r"|\b(?:can|could|may) i (?:please |just )?(?:speak|talk) (?:to|with) (?:the|that|your|her|him)\b"
)
"""The call is to be moved now: it asks whatever it says of the person meant, as in "get me back to the agent who said so"."""
_PIECE = re.compile(r", (?:so |and |but |then |please )*")
_NEVER = re.compile(r"\b(?:don't|not|never|before (?:you|i|we))\b")


def asks_by_form(clause: str) -> int:
    """1 when the clause has the form of asking for a person, -1 when it has that of a look-alike, 0 when it has neither."""
    whole = clause.lower().replace("’", "'").strip(" .,!?")
    form = _form(whole)
    # "He told me to ask for her, so put me through": what is asked for behind a report, or in place of something refused.
    return 1 if form < 0 and any(_form(piece) > 0 for piece in _PIECE.split(whole)[1:]) else form


def _form(low: str) -> int:
    if any(p.search(low) for p in _NOT) and (_NEVER.search(low) or not _SURE.search(low)):
        return -1
    return 1 if any(p.search(low) for p in _ASKS) else 0
