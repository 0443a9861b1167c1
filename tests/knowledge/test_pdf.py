"""PDF documents: their properties, their structure, and those that cannot be read."""

from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfWriter

from tests.pdf import Words, pdf
from voice_agent.errors import InputError
from voice_agent.knowledge.documents import Document, load_document


def load(folder: Path, content: bytes, name: str = "care_guide.pdf") -> Document:
    (folder / name).write_bytes(content)
    return load_document(folder / name, folder)


def test_its_properties_give_title_and_date(tmp_path: Path) -> None:
    document = load(tmp_path, pdf([Words(text="Clean it weekly.", top=50)], title="Care guide", changed="D:20260302100000Z"))

    assert (document.title, document.updated, document.source, document.audience) == (
        "Care guide",
        date(2026, 3, 2),
        "care_guide.pdf",
        "public",
    )
    assert [p.text for p in document.passages] == ["Clean it weekly."]


@pytest.mark.parametrize("title", ["", "Microsoft Word - care.docx", "untitled"])
def test_without_a_title_of_its_own_the_first_heading_is_the_title(tmp_path: Path, title: str) -> None:
    lines = [Words(text="Care", top=50, size=20), Words(text="Clean the machine every week.", top=80)]

    document = load(tmp_path, pdf(lines, title=title))

    assert (document.title, document.passages[0].heading) == ("Care", "")


def test_larger_and_bold_lines_are_headings_and_keep_their_path(tmp_path: Path) -> None:
    lines = [
        Words(text="Care", top=40, size=20),
        Words(text="Clean the machine every week with a damp cloth.", top=70),
        Words(text="Descaling", top=100, size=15),
        Words(text="Descale the machine every three months.", top=125),
        Words(text="Hard water", top=155, bold=True),
        Words(text="Descale the machine every month.", top=170),
        Words(text="Parts", top=200, size=15),
        Words(text="A seal kit costs $9.50.", top=225),
    ]

    document = load(tmp_path, pdf(lines, title="Care"))

    assert [(p.heading, p.text) for p in document.passages] == [
        ("", "Clean the machine every week with a damp cloth."),
        ("Descaling", "Descale the machine every three months."),
        ("Descaling > Hard water", "Descale the machine every month."),
        ("Parts", "A seal kit costs $9.50."),
    ]


def test_lines_become_paragraphs_and_parted_words_are_whole_again(tmp_path: Path) -> None:
    lines = [
        Words(text="The machine is deliv-", top=50),
        Words(text="ered within two days, and its two-", top=63),
        Words(text="year warranty begins (on two-year terms) that day.", top=76),
        Words(text="Call us first.", top=110),
        Words(text="\x95 Bring the receipt", top=123),
        Words(text="\x95 Bring the box", top=136),
    ]

    (passage,) = load(tmp_path, pdf(lines)).passages

    assert passage.text.split("\n") == [
        "The machine is delivered within two days, and its two-year warranty begins (on two-year terms) that day.",
        "Call us first.",
        "Bring the receipt.",
        "Bring the box.",
    ]


def test_what_stands_on_every_page_is_left_out_and_a_paragraph_goes_on_overleaf(tmp_path: Path) -> None:
    texts = ["Returns are free for thirty days and", "then cost five dollars each.", "Gifts can be exchanged."]
    pages = [
        [Words(text="Kettlewick manual", top=20), Words(text=text, top=60), Words(text=f"Page {number} of 3", top=570)]
        for number, text in enumerate(texts, start=1)
    ]

    (passage,) = load(tmp_path, pdf(*pages)).passages

    assert passage.text == "Returns are free for thirty days and then cost five dollars each.\nGifts can be exchanged."


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (pdf([Words(text="Secret.", top=50)], password="pass"), "is encrypted. Save a copy without a password"),
        (pdf([]), "scanned pictures.*OCR"),
        (b"", "damaged, or no PDF"),
        (b"%PDF-1.7\nnonsense", "damaged, or no PDF"),
        (pdf([Words(text="Cut.", top=50)])[:300], "damaged, or no PDF"),
    ],
    ids=["encrypted", "scanned", "empty", "nonsense", "cut"],
)
def test_one_that_cannot_be_read_says_why_and_how_to_mend_it(tmp_path: Path, content: bytes, what: str) -> None:
    with pytest.raises(InputError, match=rf"care_guide\.pdf: .*{what}"):
        load(tmp_path, content)


def test_one_that_is_encrypted_for_changes_only_can_be_read(tmp_path: Path) -> None:
    writer = PdfWriter(BytesIO(pdf([Words(text="Open to all.", top=50)])))
    writer.encrypt("", owner_password="boss", algorithm="AES-256")
    written = BytesIO()
    writer.write(written)

    assert load(tmp_path, written.getvalue()).passages[0].text == "Open to all."


def test_fields_beside_it_count_before_its_own(tmp_path: Path) -> None:
    beside = "title: How to care\nupdated: 2026-05-19\nsource: care\naudience: agents\n"
    (tmp_path / "care_guide.pdf.meta.yaml").write_text(beside)

    document = load(tmp_path, pdf([Words(text="Clean it.", top=50)], title="X", changed="D:20200101000000Z"))

    assert (document.title, document.updated, document.source, document.audience) == ("How to care", date(2026, 5, 19), "care", "agents")


def test_a_mistake_beside_it_names_that_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "care_guide.pdf.meta.yaml").write_text("title: Care\nupdated: soon\n")

    with pytest.raises(InputError, match=r"care_guide\.pdf\.meta\.yaml:2: `updated` must be a date"):
        load(tmp_path, pdf([Words(text="Clean it.", top=50)]))
