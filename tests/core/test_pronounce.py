"""What a caller hears for what is written."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as some

from voice_agent.core.pronounce import speech_ready

MONEY = [
    ("Delivery costs $4.95.", "Delivery costs four dollars and ninety-five cents."),
    ("$1,499", "one thousand four hundred ninety-nine dollars"),
    ("$1", "one dollar"),
    ("$1.01", "one dollar and one cent"),
    ("$0.99", "ninety-nine cents"),
    ("$0", "zero dollars"),
    ("$5.00", "five dollars"),
    ("-$5", "minus five dollars"),
    ("$1.5 million", "one point five million dollars"),
    ("$10k and $5M", "ten thousand dollars and five million dollars"),
    ("$10–$20", "ten dollars to twenty dollars"),
    ("$10-20", "ten dollars to twenty dollars"),
    ("€5.50 or £3.01", "five euros and fifty cents or three pounds and one penny"),
    ("USD 20 and 20 USD", "twenty dollars and twenty dollars"),
    ("a $50 gift card", "a fifty dollar gift card"),
    ("$49/month", "forty-nine dollars per month"),
    ("99¢", "ninety-nine cents"),
    ("$2.5", "two point five dollars"),
]
NUMBERS = [
    ("10%", "ten percent"),
    ("5–10%", "five to ten percent"),
    ("9.9%", "nine point nine percent"),
    ("1,350 watts", "one thousand three hundred fifty watts"),
    ("10000 points", "ten thousand points"),
    ("1,000,000 customers and 2500000", "one million customers and two million five hundred thousand"),
    ("3-5 days, 100–200 points", "three to five days, one hundred to two hundred points"),
    ("a score of 3-1", "a score of three, one"),
    ("1st, 2nd, 3rd, 8th, 12th, 20th, 21st, 112th", "first, second, third, eighth, twelfth, twentieth, twenty-first, one hundred twelfth"),
    ("1/2 cup, 1 1/2 cups, 2½ hours, 3/4", "one half cup, one and a half cups, two and a half hours, three quarters"),
    ("9/10 or 7/6, 2 3/4", "nine out of ten or seven slash six, two and three quarters"),
    ("~10 minutes, <5, >= 3, ≤ 7", "about ten minutes, less than five, at least three, at most seven"),
    ("10+ years, -5 degrees", "ten or more years, minus five degrees"),
    ("1,234,567,890,123,456", "one two three four, five six seven eight, nine zero one two, three four five six"),
    ("room 101", "room one hundred one"),
    ("version 2.4.1", "version two point four point one"),
    ("a 2-year warranty and a 4-digit PIN", "a two year warranty and a four digit PIN"),
    ("item No. 5, #1", "item number five, number one"),
    ("I said no. 5 days.", "I said no. five days."),
    ("2x faster", "two times faster"),
    ("5k steps", "five thousand steps"),
    ("the Brewster 700", "the Brewster seven hundred"),
    ("٣ days", "three days"),
]
MEASURES = [
    ("350°F or 175 °C", "three hundred fifty degrees Fahrenheit or one hundred seventy-five degrees Celsius"),
    ("5 kg, 1 lb, 12 oz, 24 fl oz", "five kilograms, one pound, twelve ounces, twenty-four fluid ounces"),
    ("2.4 GHz, 5GB", "two point four gigahertz, five gigabytes"),
    ("120V, 560 kWh", "one hundred twenty volts, five hundred sixty kilowatt hours"),
    ("a 120-volt outlet", "a one hundred twenty volt outlet"),
    ("8,000 BTU", "eight thousand B T U"),
    ('10 x 12 × 8 in. and 12" wide', "ten by twelve by eight inches and twelve inches wide"),
    ("350 sq ft, 6 ft, 4 m²", "three hundred fifty square feet, six feet, four square meters"),
    ("It is 9 in.", "It is nine inches."),
    ("60 mph", "sixty miles per hour"),
    ("5'10\" tall, 120/240 V", "five feet ten tall, one hundred twenty or two hundred forty volts"),
    ("a 3:1 ratio", "a three to one ratio"),
]
TIMES = [
    ("9:00 AM–6:00 PM", "nine A M to six P M"),
    ("9 a.m. – 5:30 p.m.", "nine A M to five thirty P M."),
    ("We close at 5 p.m. Come early.", "We close at five P M. Come early."),
    ("until 5 p.m. Central Time", "until five P M Central Time"),
    ("9-5 pm", "nine to five P M"),
    ("9:00–17:00, 14:30, 0:15, 24:00", "nine to five P M, two thirty P M, twelve fifteen A M, twelve A M"),
    ("09:05", "nine oh five"),
    ("Mon–Fri 9–6, Sat 10-4, Sun: 12-5", "Monday to Friday nine to six, Saturday ten to four, Sunday twelve to five"),
    ("24/7", "twenty-four seven"),
    ("noon–5 pm, 9 am - noon", "noon to five P M, nine A M to noon"),
    ("25:00 and 13 pm", "twenty-five: zero zero and thirteen pm"),
]
DATES = [
    ("2026-03-01", "March first, twenty twenty-six"),
    ("3/1/2026 or 03/01/26", "March first, twenty twenty-six or March first, twenty twenty-six"),
    ("on 12/25", "on December twenty-fifth"),
    ("March 1, 2026; Mar. 1st; Sept 30", "March first, twenty twenty-six; March first; September thirtieth"),
    ("March 1–5", "March first to fifth"),
    ("Jan 5–Feb 3", "January fifth to February third"),
    ("the 1990s, the '80s, the 1910s", "the nineteen nineties, the eighties, the nineteen tens"),
    ("1 March 2026 and the 1st of March", "March first, twenty twenty-six and the first of March"),
    ("in 2026, since 1999, in 2005", "in twenty twenty-six, since nineteen ninety-nine, in two thousand five"),
    ("of 1905, in 1900, by 2012", "of nineteen oh five, in nineteen hundred, by twenty twelve"),
    ("2024–2026", "twenty twenty-four to twenty twenty-six"),
    ("May 2027 and 2026 points", "May twenty twenty-seven and two thousand twenty-six points"),
    ("March 45 and 45 March", "March forty-five and forty-five March"),
    ("2026-13-45", "two thousand twenty-six, thirteen, forty-five"),
]
CODES = [
    ("order BW-4029", "order B W, four zero two nine"),
    ("ORD90215", "O R D, nine zero two one five"),
    ("order BW 4029", "order B W, four zero two nine"),
    ("Error E4, F21, A4", "Error E four, F two one, A, four"),
    ("the C2 filter and SK24", "the C two filter and S K two four"),
    ("A1B2C3", "A, one, B, two, C, three"),
    ("Order number 4029", "Order number four zero two nine"),
    ("a card ending in 4242", "a card ending in four two four two"),
    ("ZIP code 60614, PIN 0000", "ZIP code six zero six one four, PIN zero zero zero zero"),
    ("case 90210, customer 48213", "case nine zero two one zero, customer four eight two one three"),
    ("if you order 300 pieces", "if you order three hundred pieces"),
    ("order 123456789", "order one two three, four five six, seven eight nine"),
    ("4242 4242 4242 4242", "four two four two, four two four two, four two four two, four two four two"),
    ("123-45-6789", "one two three, four five, six seven eight nine"),
    ("Call 911, not 711.", "Call nine one one, not seven one one."),
    ("a 4K TV in apartment 15A", "a four K T V in apartment fifteen A"),
    ("MP3, B2B, 3D", "M P three, B two B, three D"),
    ("abc1234", "A B C, one two three four"),
    ("FAQs, LED, USB-C, PIN, AT&T, PO box", "F A Q's, L E D, U S B C, PIN, A T and T, P O box"),
]
PHONES = [
    ("(312) 555-0142", "three one two, five five five, zero one four two"),
    ("312-555-0142", "three one two, five five five, zero one four two"),
    ("312.555.0142.", "three one two, five five five, zero one four two."),
    ("1-800-555-0199 ext. 12", "one, eight zero zero, five five five, zero one nine nine, extension one two"),
    ("+1 312 555 0142", "plus one, three one two, five five five, zero one four two"),
    ("555-0142", "five five five, zero one four two"),
    ("+44 20 7946 0958", "plus four four, two zero, seven nine four six, zero nine five eight"),
]
ADDRESSES = [
    ("Write to help@kettlewick.example.", "Write to help at kettlewick dot example."),
    ("j.doe_99@brightwell.co.uk", "J dot doe underscore nine nine at brightwell dot C O dot U K"),
    ("a-b+c@mail.example.com", "A dash B plus C at mail dot example dot com"),
    ("https://www.kettlewick.example/returns?x=1.", "W W W dot kettlewick dot example slash returns."),
    ("Go to kettlewick.example/recall.", "Go to kettlewick dot example slash recall."),
    ("http://kettlewick.com", "kettlewick dot com"),
    ("shop24.io", "shop two four dot I O"),
    ("418 Larkspur Avenue", "four eighteen Larkspur Avenue"),
    ("1260 Quarrystone Street, 905 Mockingbird Yard", "twelve sixty Quarrystone Street, nine oh five Mockingbird Yard"),
    ("500 Mill Lane, 077 Mill Lane", "five hundred Mill Lane, zero seven seven Mill Lane"),
    ("12 Elm St, Dr. Lee, St. Louis", "twelve Elm Street, Doctor Lee, Saint Louis"),
]
WORDS = [
    ("e.g. tea, i.e. leaves, etc. and vs. coffee", "for example, tea, that is, leaves, et cetera and versus coffee"),
    ("Mr. and Mrs. Lee, Ms. Roe", "Mister and Missus Lee, Miz Roe"),
    ("and/or his/her & yours", "and or his or her and yours"),
    ("w/o milk, w/ sugar", "without milk, with sugar"),
    ("Press OK. Use Wi-Fi on iOS.", "Press okay. Use wi-fi on i O S."),
    ("It’s “new” — see below… thanks", "It's new, see below, thanks"),
    ("(if unused) return it (within 30 days).", "if unused, return it, within thirty days."),
    ("Kettlewick™ 👍", "Kettlewick"),
    ("<CARD>, <DATE_OF_BIRTH>", "card, date of birth"),
    ("a = b @ c", "a equals b at c"),
]
MARKDOWN = [
    ("**Bold**, _it_, `code`, ~~old~~", "Bold, it, code, old"),
    ("[our page](https://x.example/y) [1]", "our page"),
    ("# Returns\n\n- Keep the box\n- Print the label\n1. Send it", "Returns. Keep the box. Print the label. Send it."),
    ("| size | price |\n|---|---|\n| small | $5 |", "size, price. small, five dollars."),
    ("One paragraph\n\nAnother", "One paragraph. Another"),
    ("> quoted<br>line <b>here</b>", "quoted. line here"),
    ("snake_case and 2*3", "snake case and two three"),
    ("```\ncode\n```", "code"),
]


@pytest.mark.parametrize(("written", "said"), MONEY + NUMBERS + MEASURES + TIMES + DATES + CODES + PHONES + ADDRESSES + WORDS + MARKDOWN)
def test_what_is_written_is_said_in_words(written: str, said: str) -> None:
    assert speech_ready(written) == said


@pytest.mark.parametrize("text", ["", " ", "...", "—", "?!", "***", "🙂🎉", "---", "```\n```", "™", "|", "\n\n", "$", "#"])
def test_what_cannot_be_said_is_nothing(text: str) -> None:
    assert speech_ready(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Sure. Let me check that for you.",
        "Thank you for calling. Goodbye.",
        "I'm sorry, I don't have that in our documents. Is there anything else I can look up, or would you like a person?",
        "Your order number is B W, four zero two nine.",
        "A well-known brand; it's bean-to-cup: yes!",
    ],
)
def test_plain_words_are_left_alone(text: str) -> None:
    assert speech_ready(text) == text


def test_what_was_made_ready_is_left_alone() -> None:
    for _, said in MONEY + NUMBERS + MEASURES + DATES + CODES + PHONES + ADDRESSES + WORDS:
        assert speech_ready(said) == said


UNSAID = re.compile(r"[0-9$%€£°@*_#^~<>|{}=\\/\[\]()\n\t]|\s\s")


@given(some.text())
def test_no_digit_symbol_or_markdown_is_ever_left(text: str) -> None:
    said = speech_ready(text)

    assert not UNSAID.search(said)
    assert said == said.strip()
    assert not said or any(character.isalnum() for character in said)


@given(some.text(alphabet="0123456789$%.,:/-–+()# @abEFapm\n*_|", max_size=30))
def test_nor_in_a_soup_of_figures(text: str) -> None:
    assert not UNSAID.search(speech_ready(text))


@given(some.integers(min_value=1000, max_value=10**15 - 1))
def test_every_number_with_separators_is_said_as_a_number(number: int) -> None:
    assert number_of(speech_ready(f"{number:,}")) == number


def number_of(text: str) -> int:
    """The other way round, on its own terms."""
    small = {word: value for value, word in enumerate(SMALL)} | {word: value * 10 for value, word in enumerate(TENS, 2)}
    scales = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
    total = part = 0
    for word in text.replace("-", " ").split():
        if word in scales:
            total, part = total + part * scales[word], 0
        elif word == "hundred":
            part *= 100
        else:
            part += small[word]
    return total + part


SMALL = speech_ready("0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19").split()
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
