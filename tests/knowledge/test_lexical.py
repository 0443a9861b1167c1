"""A caller's words as a recogniser leaves them, put right with the words of the documents."""

import pytest

from voice_agent.knowledge.lexical import Lexicon, sound, spoken_numbers, words

TEXTS = [
    "Brewster 700. Error codes. Error E3 means the drip tray is missing. Firmware 2.4.1 is current.",
    "Warranty. The warranty lasts 2 years. A hopper filter is not covered. A manual in braille is free.",
    "Kettlewick app. Deliveries take 3 to 5 working days and cost $4.95 below $1,200.",
]
COMMON = set("the says how long many days firm wear my a threw box away weather three one is what".split())  # noqa: SIM905


@pytest.fixture
def lexicon() -> Lexicon:
    return Lexicon(TEXTS, {text.split(".")[0]: text for text in TEXTS})


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("seven hundred", "700"),
        ("a hundred and twenty dollars", "120 dollars"),
        ("a kettle", "a kettle"),
        ("one thousand two hundred", "1200"),
        ("two point four point one", "2.4.1"),
        ("forty four", "44"),
        ("four four seven one", "4 4 7 1"),
        ("a new one for one order", "a new one for one order"),
        ("error one", "error one"),
        ("e one", "e 1"),
        ("zero", "0"),
        ("and hundred and", "and hundred and"),
        ("", ""),
    ],
)
def test_spoken_numbers_become_digits(heard: str, written: str) -> None:
    assert " ".join(spoken_numbers(heard.split())) == written


def test_words_are_lower_case_without_punctuation_separators_and_placeholders() -> None:
    assert words("It’s $1,200, <NAME>: Wi-Fi 2.4.1 on the 700s!") == ["its", "1200", "wi", "fi", "2.4.1", "on", "the", "700"]


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("how long is the warrantee", "how long is the warranty"),
        ("a manual in brail", "a manual in braille"),
        ("my brooster seven hundred says e three", "my brewster 700 says e3"),
        ("the the kettle wick app", "the kettlewick app"),
        ("um what is the firm wear", "what is the firmware"),
        ("uh the hepper filter", "the hopper filter"),
    ],
)
def test_misheard_words_of_the_documents_are_put_right(lexicon: Lexicon, heard: str, meant: str) -> None:
    assert lexicon.corrected(heard, COMMON) == meant


@pytest.mark.parametrize("said", ["I threw the box away.", "How many days?", "What's the weather?", "Is the Brewster 700 OK?", "", "?"])
def test_words_that_may_be_meant_stay_as_they_are(lexicon: Lexicon, said: str) -> None:
    assert lexicon.corrected(said, COMMON) == said


@pytest.mark.parametrize(("one", "other"), [("braille", "brail"), ("warranty", "warrantee"), ("zephyr", "zefir"), ("quick", "kwik")])
def test_words_of_one_sound_share_a_key(one: str, other: str) -> None:
    assert sound(one) == sound(other)


def test_a_rare_word_weighs_more_than_a_frequent_one_and_a_strange_one_most(lexicon: Lexicon) -> None:
    assert lexicon.rarity("is") < lexicon.rarity("warranty") < lexicon.rarity("nespresso")


def test_a_word_is_known_in_any_form_or_by_its_meaning(lexicon: Lexicon) -> None:
    assert lexicon.holds("delivery")
    assert lexicon.holds("warranties")
    assert lexicon.holds("price")  # the documents say cost
    assert not lexicon.holds("nespresso")


def test_titles_and_documents_are_counted(lexicon: Lexicon) -> None:
    assert (lexicon.titles("warranty"), lexicon.documents("warranty")) == (1, 1)
    assert (lexicon.titles("days"), lexicon.documents("free")) == (0, 1)
