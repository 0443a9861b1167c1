from pathlib import Path
from random import Random

import pytest

from voice_agent.proof import spoken
from voice_agent.proof.people import PAUSE, Canary, in_halves, make_people
from voice_agent.proof.search import Search, file_sink, keys_of, text_sink

CARD = Canary(kind="CARD", value="4111222233330445", said="", phrases=(), digits="4111222233330445")
NAME = Canary(kind="NAME", value="Anna Keller", said="", phrases=(("keller",), ("k", "e", "l", "l", "e", "r")))


@pytest.mark.parametrize(
    "text",
    [
        "4111222233330445",
        "4111 2222 3333 0445",
        "4111-2222-3333-0445",
        "four one one one, two two two two, three three three three, oh four four five",
        "four triple one double two double two triple three three zero double four five",
        "forty one eleven twenty two twenty two thirty three thirty three oh four forty five",
        "four 1 one 1 2222 thirty-three 33 0445",
        '{"text":"it is 4111 2222 3333 0445.","at":12.123456789}',
        "&#52;111222233330445",
    ],
)
def test_a_number_is_found_however_it_is_written_or_said(text: str) -> None:
    (find,) = Search([("answered", CARD)]).finds(text_sink("journals", text))
    assert (find.kind, find.sink, find.path, find.partly) == ("CARD", "journals", "answered", False)


def test_seven_figures_of_a_number_are_a_find_and_six_are_none() -> None:
    search = Search([("answered", CARD)])
    (find,) = search.finds(text_sink("log", "card ending 3330445"))
    assert find.partly
    assert search.finds(text_sink("log", "card ending 330445")) == []


@pytest.mark.parametrize("text", ["Mrs. KELLER called", "keller84 at gmail dot com", "K-E-L-L-E-R", "k, e, l, l, e, r"])
def test_a_surname_is_found_in_any_case_and_spelt(text: str) -> None:
    assert [find.value for find in Search([("answered", NAME)]).finds(text_sink("pages", text))] == ["Anna Keller"]


@pytest.mark.parametrize(
    "text",
    [
        "storyteller",
        "2026-11-21 16:07",
        '"at":41112222.33330445',
        "ab4111222233330445cdef",
        "<object at 0x7f4111222233>",
        "<CARD_1>, <NAME_1>",
    ],
)
def test_clocks_random_ids_placeholders_and_parts_of_words_are_no_finds(text: str) -> None:
    assert Search([("answered", CARD), ("answered", NAME)]).finds(text_sink("journals", text)) == []


def test_what_the_company_says_itself_is_passed_over_and_told() -> None:
    search = Search([("answered", NAME)], [text_sink("kb", "Our founder, Otto Keller, made kettles.")])
    assert search.passed_over == ["keller"]
    assert search.finds(text_sink("pages", "Otto Keller")) == []
    search = Search([("answered", CARD)], [text_sink("index", "bytes 41112222")])
    assert sorted(search.passed_over) == ["1112222", "4111222"]
    assert search.finds(text_sink("pages", "41112222")) == []
    assert len(search.finds(text_sink("pages", CARD.digits))) == 1


def test_bytes_of_a_file_are_searched_whatever_they_are(tmp_path: Path) -> None:
    file = tmp_path / "calls.db-wal"
    file.write_bytes(b"\xff\x00\x81Keller\x00\xfe4111222233330445\x00")
    assert {find.kind for find in Search([("answered", CARD), ("answered", NAME)]).finds(file_sink("database", file))} == {"NAME", "CARD"}


def test_keys_of_a_journal_are_read_as_one_number(tmp_path: Path) -> None:
    journal = tmp_path / "call.jsonl"
    lines = ['{"journal":1}', *(f'{{"event":{{"type":"KeyPressed","at":1.5,"key":"{key}"}},"commands":[]}}' for key in "4111")]
    journal.write_text("\n".join([*lines, '{"event":{"type":"Tick","at":2.0},"commands":[]}', ""]))
    assert keys_of(journal) == "4111"


def test_every_made_up_sentence_gives_its_data_away_to_the_search() -> None:
    people = make_people(300, Random(7))
    for canary in (canary for person in people for canary in person.canaries):
        found = Search([("answered", canary)]).finds(text_sink("log", f"heard: {canary.said} What now?"))
        assert [find.value for find in found] == [canary.value], canary.said


def test_the_same_seed_makes_the_same_people_and_another_seed_others() -> None:
    assert make_people(3, Random(5)) == make_people(3, Random(5)) != make_people(3, Random(6))


def test_made_up_cards_have_a_check_digit_that_holds() -> None:
    for person in make_people(50, Random(3)):
        digits = [int(digit) for digit in reversed(person.one("CARD").digits)]
        doubled = [digit if place % 2 == 0 else (digit * 2 - 9 if digit > 4 else digit * 2) for place, digit in enumerate(digits)]
        assert (len(digits), sum(doubled) % 10) == (16, 0)


def test_a_number_in_two_turns_gives_each_half_away() -> None:
    canary = in_halves(make_people(1, Random(3))[0])
    first, second = canary.said.split(PAUSE)
    for half in (first, second):
        (find,) = Search([("number in two turns", canary)]).finds(text_sink("log", half))
        assert find.partly


def test_a_name_is_spelt_with_a_word_for_each_letter() -> None:
    assert spoken.explained("Xu") == "X as in xray, U as in umbrella"


def test_numbers_said_in_any_way_come_back_as_figures() -> None:
    random = Random(11)
    for _ in range(200):
        digits = "".join(random.choices("0123456789", k=random.randint(4, 16)))
        ways = (
            spoken.words(digits, (4, 4), "oh"),
            spoken.doubled(digits, (3, 3), "zero"),
            spoken.pairs(digits),
            spoken.figures(digits, (2, 5), "-"),
        )
        assert [spoken.searchable(way) for way in ways] == [[digits]] * 4, digits
