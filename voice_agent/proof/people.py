"""People who do not exist, what identifies them, and how they would say it."""

from dataclasses import dataclass
from random import Random
from typing import Literal

from voice_agent.proof import spoken

Kind = Literal["NAME", "PHONE", "EMAIL", "CARD", "ADDRESS", "NATIONAL_ID", "DATE_OF_BIRTH", "ACCOUNT"]


def _listed(words: str) -> tuple[str, ...]:
    return tuple(words.split())


_FIRST = _listed(
    "Anna Maria James Robert Linda Patricia Michael Barbara Elizabeth Jennifer Susan Jessica Karen Nancy Daniel Matthew Anthony Steven "
    "Kimberly Donna Michelle Carol Amanda Melissa Deborah Stephanie Rebecca Laura Sharon Cynthia Kathleen Angela Brenda Pamela Nicole "
    "Samantha Katherine Emma Christine Catherine Kevin Brian George Timothy Ronald Edward Jason Jeffrey Ryan Jacob Gary Nicholas Eric "
    "Jonathan Stephen Larry Justin Scott Brandon Benjamin Samuel Gregory Priya Mei Fatima Omar Carlos Lucia Kenji Olga Pierre Ingrid"
)
_LAST = _listed(
    "Keller Nguyen Patel Rodriguez Okafor Johansson Kowalski Hernandez Fitzgerald Yamamoto Petrov Haddad Brennan Castillo Donovan Eriksen "
    "Fischer Gallagher Hoffman Ibrahim Jankowski Kaplan Lindqvist Mahoney Navarro Oconnell Pappas Quigley Rosenberg Sandoval Takahashi "
    "Underhill Vasquez Whitaker Xiong Yilmaz Zimmerman Abernathy Blackwood Cunningham Delgado Espinoza Ferguson Goldberg Hutchinson "
    "Ingram Jefferson Kensington Lombardi McAllister Novak Ortega Pemberton Ramirez Schneider Thornton Upchurch Villanueva Winslow Zhang"
)
_STREET_NAMES = _listed("Juniper Magnolia Sycamore Wilmington Thornbury Larkspur Brookhaven Chesterfield Dogwood Fairmount Hickory Kensico")
_STREET_ENDS = ("Lane", "Street", "Avenue", "Drive", "Road", "Court")
_TOWNS = ("Portland", "Denver", "Austin", "Columbus", "Tucson", "Omaha", "Raleigh", "Boise")
_DOMAINS = ("gmail.com", "yahoo.com", "outlook.com", "hotmail.com", "icloud.com")
_MONTHS = _listed("January February March April May June July August September October November December")


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """One piece of personal data, and the sentence that gives it away."""

    kind: Kind
    value: str
    """As it would be written."""
    said: str
    """The whole sentence, as a recogniser would write it."""
    phrases: tuple[tuple[str, ...], ...]
    """Word sequences that give it away, in the form of `spoken.searchable`."""
    digits: str = ""
    """A number that gives it away, also in part; empty where the figures alone tell nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    canaries: tuple[Canary, ...]

    def one(self, kind: Kind) -> Canary:
        return next(each for each in self.canaries if each.kind == kind)


def make_people(count: int, random: Random) -> list[Person]:
    return [_person(random) for _ in range(count)]


def _person(random: Random) -> Person:
    first, last = random.choice(_FIRST), random.choice(_LAST)
    makers = (_phone, _card, _national_id, _account, _birth, _address)
    return Person(canaries=(_name(first, last, random), _email(first, last, random), *(make(random) for make in makers)))


def _name(first: str, last: str, random: Random) -> Canary:
    said = random.choice(
        (
            f"My name is {first} {last}.",
            f"Hi, this is {first} {last} calling.",
            f"Yes, it's {first} {last}, that's {spoken.spelt(last, random)}.",
            f"I ordered it under the name {first} {last}.",
            f"My last name is {last}, {spoken.explained(last)}.",
        )
    )
    phrases = (tuple(spoken.searchable(last)), tuple(spoken.searchable(spoken.spelt(last, random))))
    return Canary(kind="NAME", value=f"{first} {last}", said=said, phrases=phrases)


def _email(first: str, last: str, random: Random) -> Canary:
    number, domain = str(random.randint(10, 99)), random.choice(_DOMAINS)
    user, host = f"{first}.{last}{number}".lower(), domain.partition(".")[0]
    aloud = f"{first} dot {last} {spoken.pairs(number)} at {host} dot com".lower()
    said = random.choice(
        (
            f"My email is {user}@{domain}.",
            f"My email address is {aloud}.",
            f"You can write to me at {aloud}.",
            f"Send it to {user}@{domain}.",
        )
    )
    phrases = (tuple(spoken.searchable(user)), tuple(spoken.searchable(aloud.partition(" at ")[0])))
    return Canary(kind="EMAIL", value=f"{user}@{domain}", said=said, phrases=phrases)


def _phone(random: Random) -> Canary:
    digits = f"{random.randint(201, 989)}{random.randint(200, 999)}{random.randint(0, 9999):04d}"
    asked = random.choice(("You can reach me at {}.", "My phone number is {}.", "Please call me back on {}.", "My number is {}."))
    return _of_digits("PHONE", digits, (3, 3, 4), asked, random)


def _card(random: Random) -> Canary:
    digits = random.choice(("4", "51", "55")) + "".join(random.choices("0123456789", k=15))
    digits = digits[:15]
    digits += _luhn(digits)
    asked = random.choice(("My card number is {}.", "I paid with the card {}.", "The number on the card is {}."))
    return _of_digits("CARD", digits, (4, 4, 4, 4), asked, random)


def _national_id(random: Random) -> Canary:
    digits = f"{random.randint(101, 665)}{random.randint(10, 99)}{random.randint(1000, 9999)}"
    asked = random.choice(("My social security number is {}.", "My social is {}."))
    return _of_digits("NATIONAL_ID", digits, (3, 2, 4), asked, random)


def _account(random: Random) -> Canary:
    digits = str(random.randint(10**8, 10**10 - 1))
    asked = random.choice(("My account number is {}.", "It's about my account, number {}.", "My customer number is {}."))
    return _of_digits("ACCOUNT", digits, (3, 3, 4), asked, random)


def _of_digits(kind: Kind, digits: str, groups: tuple[int, ...], asked: str, random: Random) -> Canary:
    zero = random.choice(("zero", "oh"))
    form = random.choice(
        (
            digits,
            spoken.figures(digits, groups, " "),
            spoken.figures(digits, groups, "-"),
            spoken.words(digits, groups, zero),
            spoken.doubled(digits, groups, zero),
            spoken.pairs(digits),
        )
    )
    return Canary(kind=kind, value=digits, said=asked.format(form), phrases=(), digits=digits)


PAUSE = " … "
"""Between what is said in one turn and in the next."""


def in_halves(person: Person) -> Canary:
    """A number of fourteen figures, made of the person's own, said in two turns."""
    digits = (person.one("ACCOUNT").digits + person.one("NATIONAL_ID").digits)[:14]
    said = f"My account number is {digits[:7]}{PAUSE}and then {' '.join(digits[7:])}."
    return Canary(kind="ACCOUNT", value=digits, said=said, phrases=(), digits=digits)


def _luhn(digits: str) -> str:
    """The last figure of a card number (ISO/IEC 7812-1)."""
    doubled = (int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)


def _birth(random: Random) -> Canary:
    year, month, day = random.randint(1935, 2005), random.randint(1, 12), random.randint(1, 28)
    name, short = _MONTHS[month - 1], f"{year}"
    forms = (
        f"{name} {day}, {year}",
        f"{name} {day}{_ending(day)} {spoken.pairs(short)}",
        f"{day} {name} {year}",
        f"{month:02d}/{day:02d}/{year}",
    )
    said = random.choice(("I was born on {}.", "My date of birth is {}.", "My birthday is {}.")).format(random.choice(forms))
    phrases = tuple(tuple(spoken.searchable(form)) for form in (*forms, f"{name} {day}", f"{day} {name}", f"{year}-{month:02d}-{day:02d}"))
    return Canary(kind="DATE_OF_BIRTH", value=f"{year}-{month:02d}-{day:02d}", said=said, phrases=phrases)


def _ending(day: int) -> str:
    return "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _address(random: Random) -> Canary:
    number, town = random.randint(101, 9899), random.choice(_TOWNS)
    street = f"{random.choice(_STREET_NAMES)} {random.choice(_STREET_ENDS)}"
    asked = random.choice(("I live at {}.", "My address is {}.", "Please ship it to {}."))
    form = random.choice((f"{number} {street}", f"{number} {street}, {town}", f"{spoken.pairs(str(number))} {street} in {town}"))
    return Canary(kind="ADDRESS", value=f"{number} {street}, {town}", said=asked.format(form), phrases=(tuple(spoken.searchable(street)),))
