import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.core.sentences import SentenceCutter, split_sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("It costs $4.95 today. Ok?", ["It costs $4.95 today.", "Ok?"]),
        ("We open at 9 a.m. on Monday.", ["We open at 9 a.m. on Monday."]),
        ("We open at 9 a.m. Bring a receipt.", ["We open at 9 a.m.", "Bring a receipt."]),
        ("Bring proof, e.g. a receipt, to Dr. Lee.", ["Bring proof, e.g. a receipt, to Dr. Lee."]),
        ("1. Unplug it.\n2. Wait.\n- Call us", ["Unplug it.", "Wait.", "Call us"]),
        ("Really?! Yes... it is", ["Really?!", "Yes...", "it is"]),
        ('He said "stop." Then he left.', ['He said "stop."', "Then he left."]),
        ("Call 312.555.0142 now. Bye.", ["Call 312.555.0142 now.", "Bye."]),
        ("Write to J. Smith at once.", ["Write to J. Smith at once."]),
        ("... \n\n - \n", []),
        ("", []),
    ],
)
def test_a_text_is_cut_where_its_sentences_end(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences


def test_a_sentence_comes_out_as_soon_as_the_next_one_begins() -> None:
    cutter = SentenceCutter()

    assert cutter.feed("We open at nine.") == []
    assert cutter.feed(" We") == ["We open at nine."]
    assert cutter.feed(" close at ten.") == []
    assert cutter.flush() == ["We close at ten."]
    assert cutter.flush() == []


def test_a_new_line_ends_a_sentence_without_a_full_stop() -> None:
    cutter = SentenceCutter()

    assert cutter.feed("- First step\n- Sec") == ["First step"]
    assert cutter.flush() == ["Sec"]


@given(st.lists(st.sampled_from(["We open at 9 a.m.", "It is $4.95.", "1. Go", "\n", " ", "e.g. this", "Yes!", "a", ". ", "Dr. Lee"])))
def test_the_sentences_do_not_depend_on_how_the_text_was_cut_into_pieces(pieces: list[str]) -> None:
    text = "".join(pieces)
    cutter = SentenceCutter()
    one_by_one = [sentence for character in text for sentence in cutter.feed(character)]

    assert one_by_one + cutter.flush() == split_sentences(text)


@given(st.text(alphabet="ab. !?\n19$,-\"'", max_size=60))
def test_no_letter_or_digit_is_lost_but_the_numbers_of_a_list(text: str) -> None:
    kept = "".join(split_sentences(text))

    assert [c for c in kept if c.isalpha()] == [c for c in text if c.isalpha()]
