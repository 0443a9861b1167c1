"""JSON lines in and out: what every door shares."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.cli.conftest import Feed, Results
from voice_agent.cli.lines import MOST_BYTES, Answer, AnswerLine, Request, TextLine, TurnsLine, reader, run_door
from voice_agent.errors import InputError, PortError


class Door:
    """Answers with the length of the text."""

    def __init__(self) -> None:
        self.opened = 0

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Answer[TextLine], None]:
        self.opened += 1

        async def answer(line: TextLine) -> Mapping[str, Any]:
            if line.text == "break":
                raise PortError("the part broke", code="broken", retry=True)
            return {"length": len(line.text)}

        yield answer

    def run(self) -> None:
        run_door(reader(TextLine), self.open)


def test_every_line_is_answered_in_order_and_blank_ones_are_passed_over(feed: Feed, results: Results) -> None:
    feed({"text": "a"}, "", "   ", {"text": "naïve ☎"}, {"text": ""})
    Door().run()
    assert results() == [{"length": 1}, {"length": 7}, {"length": 0}]


def test_nothing_is_loaded_for_no_input_or_for_a_first_line_that_is_wrong(feed: Feed) -> None:
    door = Door()
    feed("")
    door.run()
    feed("{")
    with pytest.raises(InputError, match=r"^stdin, line 1: is not JSON"):
        door.run()
    assert door.opened == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "is not JSON: Expecting property name"),
        ("NaN", "is not JSON: NaN is no JSON"),
        ("[" * 100_000, "is not JSON: "),
        (b"\xff\xfe", "is not UTF-8 text"),
        ("[]", 'a JSON object such as {"text": "…"} is wanted'),
        ('"hello"', 'a JSON object such as {"text": "…"} is wanted'),
        ("{}", '"text" is missing; the line looks like {"text": "…"}'),
        ({"txt": "a"}, '"text" is missing; the line looks like {"text": "…"}; "txt" is not a key of this door; did you mean "text"?'),
        ({"text": "a", "colour": 1}, '"colour" is not a key of this door; its keys are: text.'),
        ({"text": 7}, '"text" must be a text'),
        ({"text": None}, '"text" must be a text'),
        ({"text": "a" * 20_001}, '"text" is too long; at most 20000 are taken'),
        ('{"text": "\\ud800"}', '"text" must be valid Unicode text'),
        (b'{"text": "' + b"a" * MOST_BYTES + b'"}', f"is longer than {MOST_BYTES} bytes"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_wrong_line_is_named_by_its_number_and_the_answers_before_it_stay(feed: Feed, results: Results, line: object, said: str) -> None:
    feed({"text": "before"}, "", line, {"text": "behind"})
    with pytest.raises(InputError) as caught:
        Door().run()
    assert str(caught.value).startswith(f"stdin, line 3: {said}")
    assert results() == [{"length": 6}]


def test_a_part_that_fails_is_told_with_the_line_it_failed_on(feed: Feed, results: Results) -> None:
    feed({"text": "a"}, {"text": "break"})
    with pytest.raises(PortError, match=r"^stdin, line 2: the part broke$") as caught:
        Door().run()
    assert (caught.value.code, caught.value.retry) == ("broken", True)
    assert results() == [{"length": 1}]


@pytest.mark.parametrize(
    ("shape", "value", "said"),
    [
        (TurnsLine, {"turns": [{"speaker": "robot", "text": "a"}]}, "\"turns[0].speaker\" must be 'caller', 'agent' or 'person'"),
        (TurnsLine, {"turns": [{"speaker": "caller"}]}, '"turns[0].text" is missing; the line looks like {"turns": [{"speaker": "caller"'),
        (TurnsLine, {"turns": [{"speaker": "caller", "text": "", "at": 1}]}, '"turns[0].at" is not a key of this door; its keys'),
        (TurnsLine, {"turns": {}}, '"turns" must be a list'),
        (TurnsLine, {"turns": ["hello"]}, '"turns[0]" must be an object'),
        (AnswerLine, {"passages": [1], "answer": "a"}, '"passages[0]" must be a text'),
        (AnswerLine, {"passages": "a", "answer": "a"}, '"passages" must be a list'),
    ],
)  # fmt: skip
def test_what_is_wrong_inside_a_line_is_named_by_its_place(shape: type[Request], value: object, said: str) -> None:
    with pytest.raises(InputError) as caught:
        reader(shape)(value)
    assert str(caught.value).startswith(said)


def test_a_door_of_two_shapes_takes_the_one_whose_key_is_there() -> None:
    read: Callable[[object], TextLine | TurnsLine] = reader(TextLine, TurnsLine)
    assert isinstance(read({"text": "a"}), TextLine)
    assert isinstance(read({"turns": []}), TurnsLine)


def test_an_error_never_quotes_what_a_caller_said(feed: Feed) -> None:
    for line in ({"text": ["my card is 4111"]}, '{"text": "my card is 4111"', "my card is 4111"):
        feed(line)
        with pytest.raises(InputError) as caught:
            Door().run()
        assert "4111" not in str(caught.value)
