import pytest

from voice_agent.core.wishes import Wish, spoken_wait, wish_of


@pytest.mark.parametrize(
    ("wish", "texts"),
    [
        (
            Wish.CALL_BACK,
            [
                "Call me back.",
                "call me back please",
                "Could you call me back later?",
                "I'd like a callback.",
                "I'd like to be called back",
                "Can you have someone call me?",
                "just ring me back",
                "Phone me tomorrow",
                "call back",
                "One.",
                "press 1",
                "Never mind, call me back.",
                "no call me back",
            ],
        ),
        (
            Wish.WAIT,
            [
                "I'll wait.",
                "I'll just hold",
                "No, I will wait",
                "no I'd rather wait",
                "I can wait",
                "keep trying please",
                "Never mind, I'll wait.",
                "Don't call me back.",
                "no callback, I'm happy to hold",
            ],
        ),
        (
            Wish.SHORTER,
            ["I can't wait that long", "I don't want to wait", "this is taking forever", "I'm not going to hold", "That's too long."],
        ),
        (
            Wish.ASSISTANT,
            [
                "Never mind.",
                "nevermind",
                "Forget it",
                "Can I ask you something else?",
                "I have another question",
                "could I ask a quick question",
                "go back to the assistant",
                "cancel that",
                "I don't need a person any more",
                "Actually I changed my mind",
            ],
        ),
        (Wish.NEWS, ["Hello?", "hello, hello", "How long will it take?", "are you still there", "Is anybody there?", "What's my place?"]),
        (
            None,
            [
                "",
                "My order number is <ACCOUNT_1>.",
                "Darling would you turn the oven off",
                "hello mum yes it's me",
                "Thank you.",
                "The one in the kitchen",
                "Goodbye, see you later",
                "I called you yesterday",
                "there is nothing there",
            ],
        ),
    ],
)
def test_what_callers_say_while_they_wait_is_understood_or_passed_over(wish: Wish | None, texts: list[str]) -> None:
    assert {text: wish_of(text) for text in texts} == dict.fromkeys(texts, wish)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "less than a minute"),
        (44.0, "less than a minute"),
        (45.0, "about one minute"),
        (100.0, "about two minutes"),
        (590.0, "about ten minutes"),
        (700.0, "about ten minutes"),
        (1400.0, "about twenty-five minutes"),
        (4000.0, "more than an hour"),
    ],
)
def test_a_wait_is_told_no_more_exactly_than_it_is_known(seconds: float, words: str) -> None:
    assert spoken_wait(seconds) == words
