"""Whether a caller speaks another language, by their words."""

from pathlib import Path

import pytest
import yaml

from voice_agent.knowledge.language import in_another_language

DATA = Path(__file__).parents[1] / "data"


@pytest.mark.parametrize(
    "text",
    [
        "Hola, necesito ayuda con mi pedido, por favor.",
        "¿Puedo hablar con una persona?",
        "Bonjour, je voudrais parler à quelqu'un.",
        "Ich möchte bitte mit jemandem sprechen, der Deutsch kann.",
        "Não falo inglês, quero falar com uma pessoa.",
        "Buongiorno, vorrei parlare con una persona.",
        "Dzień dobry, czy mogę rozmawiać po polsku? Nie mówię po angielsku.",
        "Здравствуйте, где мой заказ?",
        "你好 我要查询我的订单",
        "Sorry, I don't speak English.",
        "My mother doesn't understand much English.",
        "No English.",
        "Spanish, please.",
    ],
)
def test_another_language_is_told_from_the_words_or_from_what_they_say(text: str) -> None:
    assert in_another_language(text)


@pytest.mark.parametrize(
    "text",
    [
        "Hola.",
        "Where is my order?",
        "Can I make a crème brûlée in the oven?",
        "Do you deliver to Los Angeles or Las Vegas?",
        "Is the manual in English?",
        "Which languages does customer support speak?",
        "My name is <NAME_1> and I live at <ADDRESS_1>.",
        "",
    ],
)
def test_english_with_foreign_words_in_it_is_english(text: str) -> None:
    assert not in_another_language(text)


def test_no_english_question_of_the_projects_own_is_taken_for_another_language() -> None:
    questions = [row["question"] for row in yaml.safe_load((DATA / "questions.yaml").read_text())]
    questions += [row["text"] for row in yaml.safe_load((DATA / "tuning" / "asking.yaml").read_text())]

    assert [text for text in questions if in_another_language(text)] == []
