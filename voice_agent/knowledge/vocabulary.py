"""Words of support answers: which carry nothing, which mean the same, which deny, and their stems."""

from functools import cache


def words(text: str) -> frozenset[str]:
    """Words written with spaces between them, as a set."""
    return frozenset(text.split())


STOPWORDS = words(
    """
    a an the this that these those there here it its they them their he she his her we our us you your yours i me my mine and or
    but so as of to in on at by for with from into onto than then is are was were be been being am do does did doing have has had
    having will would shall should can could may might must if when while which who whom whose what where how why also just very
    really quite please kindly sure okay ok yes yeah yep oh well hello hi thanks thank welcome glad happy help sorry course
    certainly absolutely definitely indeed thing things let know like want need want's some any such about per each every all
    both more most own too simply actually currently usually generally however because since though although whether get gets
    getting got go goes going make makes made take takes took lasts happen happens up out off over via yourself themselves itself
    one's following called exactly around between anything else today's right away question answer information according documents
    document policy kettlewick able once again still even mean means now already yet afterward afterwards later something anything someone
    anyone everything prefer probably maybe another other
    """
)
NEGATIONS = words("not no never cannot neither nor none nothing nobody without nowhere")
_MEANING_NOT = {
    "unavailable": "available",
    "unable": "can",
    "impossible": "possible",
    "excluded": "include",
    "excludes": "include",
    "exclude": "include",
    "closed": "open",
    "prohibited": "allow",
    "forbidden": "allow",
    "invalid": "valid",
    "ineligible": "eligible",
}
"""Words that deny another one: "closed" is "not open"."""

_IRREGULAR = {
    "paid": "pay", "sent": "send", "bought": "buy", "taken": "take", "kept": "keep", "held": "hold", "found": "find", "broken": "break",
    "broke": "break", "shown": "show", "given": "give", "gave": "give", "left": "leave", "went": "go", "sold": "sell", "worn": "wear",
    "chosen": "choose", "chose": "choose", "written": "write", "wrote": "write", "spent": "spend", "lost": "lose", "met": "meet",
    "built": "build",
    "brought": "bring", "told": "tell", "began": "begin", "begun": "begin", "people": "person", "children": "child", "won": "win",
}  # fmt: skip
_SAME = (
    "deliver ship dispatch",
    "parcel package shipment",
    "buy purchase",
    "price cost charge",
    "fee charge",
    "repair fix mend",
    "store shop branch",
    "begin start commence",
    "require need necessary",
    "photo picture image",
    "phone telephone",
    "mail post",
    "email e-mail",
    "broken faulty defective damage defect fault",
    "show display appear",
    "return give-back",
    "refund reimburse money-back",
    "receive arrive reach",
    "allow permit let",
    "cancel call-off",
    "change modify alter edit",
    "customer client caller",
    "machine appliance device product item unit",
    "weigh weight",
    "height high tall",
    "width wide",
    "depth deep",
    "length long last",
    "big large",
    "small little",
    "quick fast",
    "end finish close",
    "expire run-out",
    "contact reach call phone",
    "employee staff colleague",
    "receipt proof",
    "choose select pick",
    "hold fit contain capacity",
    "hold keep",
    "valid good",
    "free complimentary",
    "replace exchange swap",
    "home house",
    "empty",
    "clean wash rinse",
    "method way",
    "noise loud sound",
    "hot warm heat",
    "cover include",
    "find locate",
    "sign log",
    "offer provide have",
    "monthly month",
    "use",
    "pay",
    "use run consume power",
    "error code",
    "technician engineer",
    "refrigerator fridge",
    "vacuum hoover",
    "kitchen",
    "offer sell available",
    "answer reply respond",
)
_SAID_ALIKE = (
    "cheap low",
    "low drop reduce lower fall",
    "save less off",
    "usual normal regular ordinary",
    "room hold space capacity",
    "adjust change set",
    "combine add join mix merge",
    "mention include state",
    "bring carry take deliver",
    "click open press tap push",
    "effect affect",
    "work function operate",
    "blink flash",
    "new latest newest recent",
    "prove verify confirm check",
    "bonus extra additional",
    "give receive grant",
    "check see look inspect",
    "see appear",
    "ring call phone",
    "store keep save",
    "delete remove erase",
    "collect pickup pick fetch",
    "send ship post",
    "try test",
    "reason why",
    "explain tell inform notify",
    "company business firm",
    "past earlier previous",
    "warranty guarantee",
    "cycle program",
    "door doorway",
    "put add insert place",
    "member staff",
    "earn collect",
    "extend add",
    "transfer pass move",
    "clog block stuck",
    "late delay",
    "postpone move",
    "site website online",
    "gift present",
    "incorrect wrong",
    "lose expire",
    "type enter",
    "stock keep",
    "discard throw",
    "end cancel",
    "part piece",
    "request ask",
    "discount off",
    "distribute spread",
    "stop end",
    "handle treat",
    "washer washing",
    "hoover vacuum",
    "weak poor",
    "overheat hot",
    "arrange book",
    "let allow",
    "speak talk",
    "sell offer",
    "wait stand rest",
)

_OPPOSITES = (
    "hot warm hotter/cold cool colder", "full/empty", "free complimentary/paid chargeable", "left/right", "top/bottom", "inside/outside",
    "first/last", "new/used refurbished", "larger bigger/smaller", "higher/lower", "heavier/lighter", "earlier/later", "minimum/maximum",
    "min/max", "online/store stores", "required mandatory/optional", "accept accepts accepted/refuse refuses refused", "same/different",
    "above/below", "indoors/outdoors", "increase increases/decrease decreases reduce reduces", "always/never", "all/none", "front/back",
    "longer/shorter", "before/after", "switchon/switchoff",
)  # fmt: skip


@cache
def opposites(word: str) -> frozenset[str]:
    """Words, in lower case, that say the contrary of this one; "paid" is one of "free", and "pay" is not."""
    sides = [tuple(side.split() for side in pair.split("/")) for pair in _OPPOSITES]
    return frozenset(other for one, two in sides for this, that in ((one, two), (two, one)) if word in this for other in that)


LIGHT = words(
    """
    come came coming find found put give given gave bring try say says said tell tells see look looked check use used work works need mean
    want keep back together through way part ready anymore ever either total enough room way one along down says soon during mind
    whichever whatever become becomes many much past consider write mention time times lets stay stays run place day stand stands
    remember possible option people person self own around full forget remain remains arrange longer lot bit plan once simply call only
    big properly ahead choose display cycle
    """
)
"""Words of talking more than of fact: they weigh little where the passage does not have them."""

SAYING_NO = words(
    """
    weak missing miss lost lose late stop stops stopped avoid avoids older fail fails failed lack lacks empty blocked refuse refused
    leave excluded exclude excludes except instead dangerous hard
    """
)
"""Words that say no without a negation."""

DECISIVE = words(
    """
    same next today tomorrow immediately instantly always free daily weekly monthly yearly lifetime unlimited guaranteed
    worldwide internationally twice half double chargeable
    """
)
"""Small words that change what is promised: the passage must say them too."""


@cache
def stem(word: str) -> str:
    """A light stem: "deliveries", "delivered" and "delivery" become the same."""
    word = _IRREGULAR.get(word.removesuffix("'s"), word.removesuffix("'s"))
    for ending, instead in (("ations", ""), ("ation", ""), ("ements", ""), ("ement", ""), ("iest", "y"), ("ies", "y"), ("sses", "ss")):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word.removesuffix(ending) + instead
            break
    else:
        if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
            word = word[:-1]
    for endings in (("ing", "ed", "ly"), ("ery", "er", "able")):
        for ending in endings:
            if word.endswith(ending) and len(word) - len(ending) >= 3:
                word = word.removesuffix(ending)
                break
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word.rstrip("eyi") or word


def denied(word: str) -> str | None:
    """The word that this one denies ("closed" → "open"), if any."""
    return _MEANING_NOT.get(word)


@cache
def meanings(stemmed: str) -> frozenset[str]:
    """The stem itself and those that mean the same in support answers."""
    return frozenset({stemmed}).union(*(group for group in _GROUPS if stemmed in group))


@cache
def said_alike(stemmed: str) -> frozenset[str]:
    """With those that one may say for another in an answer; too loose to search with."""
    return meanings(stemmed).union(*(group for group in _LOOSE_GROUPS if stemmed in group))


_GROUPS = tuple(frozenset(stem(word) for word in group.split()) for group in _SAME)
_LOOSE_GROUPS = tuple(frozenset(stem(word) for word in group.split()) for group in _SAID_ALIKE)
