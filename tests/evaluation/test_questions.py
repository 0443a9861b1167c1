"""The file of questions: what is read, and how mistakes are told."""

from collections import Counter
from pathlib import Path

import pytest

from voice_agent.errors import InputError
from voice_agent.evaluation.questions import Question, check_sources, read_questions

DATA = Path(__file__).parents[1] / "data"


def written(folder: Path, text: str) -> Path:
    file = folder / "q.yaml"
    file.write_text(text)
    return file


def complaint(folder: Path, text: str) -> str:
    with pytest.raises(InputError) as error:
        read_questions(written(folder, text))
    return str(error.value).removeprefix(f"{folder / 'q.yaml'}:")


def test_a_question_is_read_with_what_its_answer_must_and_must_not_hold(tmp_path: Path) -> None:
    text = "- {question: 'How long?', source: [a, b], must_say: [30 days, [mail, e-mail]], must_not_say: [60 days], half: tune, id: x}\n"
    (question,) = read_questions(written(tmp_path, text))

    assert (question.id, question.line, question.kind, question.sources) == ("x", 1, "answerable", frozenset({"a", "b"}))
    assert question.missing("It takes 30 Days by E-Mail.") == []
    assert question.missing("It takes thirty days.") == ['"30 days"', '"mail" or "e-mail"']
    assert question.forbidden("At most 60 days.") == ['"60 days"']


def test_a_question_without_a_name_is_called_by_its_line(tmp_path: Path) -> None:
    _, second = read_questions(written(tmp_path, "- {question: a, kind: unanswerable}\n- question: b\n  source: x\n"))
    assert (second.id, second.line) == ("line 2", 2)


def test_one_half_leaves_the_other_unread(tmp_path: Path) -> None:
    file = written(
        tmp_path, "- {question: a, source: x, half: tune}\n- {question: b, source: x, half: held_out}\n- {question: c, source: x}\n"
    )

    assert [q.text for q in read_questions(file, "held_out")] == ["b"]
    assert [q.text for q in read_questions(file)] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("question: a\n", "1: must be a list of questions. Begin each with `- question: …`."),
        ("- question: a\n  b: 'c\n", "3: is not valid YAML here (found unexpected end of stream). Put quotes around"),
        ("- question: a\n  source: x\n- kind: unanswerable\n", '3: has no "question"; add it: the caller\'s words'),
        ("- question: a\n  sorce: x\n", '2: sorce: is not known here; did you mean "source"?'),
        ("- question: a\n  kind: hard\n", '2: kind: "hard" is not possible; give answerable, unanswerable or underspecified.'),
        ("- question: a\n\n  must_say: 30\n", "3: must_say: 30 is not possible; give a list of texts in quotes"),
        (
            "- question: a\n  must_say: ['(']\n",
            '1: "(" is not a regular expression (missing ), unterminated subpattern at position 0). Put \\',
        ),
        ("- question: a\n", "1: an answerable question needs `source`, `must_say`, or both"),
        ("- question: a\n  kind: unanswerable\n  source: x\n", "1: `source` and `must_say` are for answerable questions"),
        ("- 5\n", "1: must be lines of the form `key: value`"),
        ("- {question: '', source: x}\n", '1: question: "" is not possible; give the caller\'s words'),
        ("[]\n", " has no question. Begin each with `- question: …`."),
    ],
)
def test_a_mistake_is_told_with_its_line_and_how_to_mend_it(tmp_path: Path, text: str, told: str) -> None:
    assert complaint(tmp_path, text).startswith(told)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    assert complaint(tmp_path, "- {question: a, kind: b}\n- {question: c}\n- {question: d, kind: e, half: f}\n").count("q.yaml:") == 3


def test_a_file_that_is_not_there_is_told_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.yaml: cannot be read \(No such file or directory\)"):
        read_questions(tmp_path / "none.yaml")


def test_a_source_that_no_document_has_is_told_with_the_one_that_was_meant(tmp_path: Path) -> None:
    file = written(tmp_path, "- {question: a, source: refunds}\n- {question: b, source: [waranty, refunds]}\n")

    with pytest.raises(InputError) as error:
        check_sources(file, read_questions(file), ["refunds", "warranty"])
    assert str(error.value) == f'{file}:2: source: there is no document "waranty"; did you mean "warranty"?'


def test_the_sample_questions_are_enough_of_every_kind_and_half_of_them_held_out() -> None:
    questions = read_questions(DATA / "questions.yaml")

    def count(some: list[Question]) -> Counter[str]:
        return Counter(question.kind for question in some)

    assert len(questions) >= 150
    assert len({question.text for question in questions}) == len({question.id for question in questions}) == len(questions)
    assert count(questions)["unanswerable"] >= 50
    assert count(questions)["underspecified"] >= 20
    assert sum(question.speech for question in questions) >= 30
    held_out, tune = ([question for question in questions if question.half == half] for half in ("held_out", "tune"))
    assert count(held_out) == count(tune)
    assert len(held_out) + len(tune) == len(questions)
