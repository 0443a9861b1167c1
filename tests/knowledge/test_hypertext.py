"""HTML documents: what is seen of a page, in order, and what it says of itself."""

from datetime import date
from pathlib import Path

import pytest

from voice_agent.errors import InputError
from voice_agent.knowledge.documents import Document, load_document

HEAD = '<!doctype html><html><head><meta charset="utf-8"><title>Care guide</title>'


def load(folder: Path, text: str | bytes, name: str = "care.html") -> Document:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_document(folder / name, folder)


def blocks(folder: Path, body: str) -> list[str]:
    return [line for p in load(folder, f"<body>{body}</body>").passages for line in p.text.split("\n")]


def test_its_head_gives_title_source_date_and_audience(tmp_path: Path) -> None:
    metas = '<meta name="updated" content="2026-03-02T10:00:00Z"><meta name="source" content="care"><meta name="audience" content="agents">'
    document = load(tmp_path, f"{HEAD}{metas}</head><body><p>Clean it.</body>")

    assert (document.title, document.source, document.updated, document.audience) == ("Care guide", "care", date(2026, 3, 2), "agents")


def test_without_a_head_the_first_heading_is_the_title_and_the_path_the_source(tmp_path: Path) -> None:
    document = load(tmp_path, "<h1>Care of <em>machines</em></h1><p>Clean it.")

    assert (document.title, document.source, document.passages[0].heading) == ("Care of machines", "care.html", "")


def test_headings_make_passages_with_the_path_to_them(tmp_path: Path) -> None:
    document = load(
        tmp_path,
        f"{HEAD}</head><body><h1>Care guide</h1><p>Intro.</p><div><h2>Descaling</h2>Loose text.<section><h3>Hard water</h3><p>Monthly."
        "</section></div><h2>Parts</h2><p>Filters.</p></body>",
    )

    assert [(p.heading, p.text) for p in document.passages] == [
        ("", "Intro."),
        ("Descaling", "Loose text."),
        ("Descaling > Hard water", "Monthly."),
        ("Parts", "Filters."),
    ]


def test_menus_scripts_comments_and_hidden_parts_are_not_read(tmp_path: Path) -> None:
    body = (
        "<nav>Home</nav><script>x()</script><style>p{}</style><!-- no --><p hidden>Hidden.</p><form>Search <input></form>"
        '<p>Open <a href="/x">every <b>day</b></a>.</p><span aria-hidden="true">→</span><footer>© 2026</footer>'
    )
    assert blocks(tmp_path, body) == ["Open every day."]


def test_only_the_main_part_of_a_page_is_read(tmp_path: Path) -> None:
    assert blocks(tmp_path, "<div>Shop now!</div><main><p>We open at nine.</main><div>Follow us.</div>") == ["We open at nine."]


def test_lists_are_read_as_sentences(tmp_path: Path) -> None:
    body = (
        "<p>The box holds:<ul><li>a hose<li>a kit</ul><ol><li>Open the lid of the machine and wait.<ul><li>One minute</ul><li>Close it</ol>"
    )
    assert blocks(tmp_path, body) == [
        "The box holds: a hose and a kit.",
        "Open the lid of the machine and wait.",
        "One minute.",
        "Close it.",
    ]


def test_rows_of_tables_and_terms_say_what_they_are(tmp_path: Path) -> None:
    body = (
        "<table><caption>Prices</caption><thead><tr><th>Plan<th>Month<th>Year</thead>"
        "<tr><td>Basic<td colspan=2>free<tr><td>Plus<td>$5<td>$50</table>"
        "<table><tr><th>Monday<td>9 to 5<tr><th>Sunday:<td>closed</table><dl><dt>Warranty</dt><dd>Two years</dd></dl>"
    )
    assert blocks(tmp_path, body) == [
        "Prices.",
        "Plan: Basic, Month: free, Year: free.",
        "Plan: Plus, Month: $5, Year: $50.",
        "Monday: 9 to 5.",
        "Sunday: closed.",
        "Warranty: Two years.",
    ]


def test_a_table_that_only_lays_out_the_page_is_read_as_text(tmp_path: Path) -> None:
    assert blocks(tmp_path, "<table><tr><td><h2>Hours</h2><p>We open at nine.</td></tr></table>") == ["We open at nine."]


def test_pictures_are_read_by_their_words(tmp_path: Path) -> None:
    assert blocks(tmp_path, '<p>Press <img src="x.png" alt="the red button"> now.') == ["Press the red button now."]


def test_the_encoding_that_the_page_names_is_used(tmp_path: Path) -> None:
    page = '<meta charset="iso-8859-1"><p>Café in Zürich.'.encode("latin-1")

    assert load(tmp_path, page).passages[0].text == "Café in Zürich."


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        (b'<meta charset="utf-8">\n<p>Caf\xe9', ":2:", "UTF-8"),
        ('<meta charset="klingon"><p>x', ":1:", "nobody knows"),
        ('<title>A</title>\n<meta name="updated" content="soon"><p>x', ":2:", "year-month-day"),
        ('<title>A</title>\n\n<meta name="audience" content="friends"><p>x', ":3:", "`audience` must be"),
        ("<title>A</title><nav>Home</nav>", ".html:", "no text"),
        ("", ".html:", "no text"),
        ("<div>" * 5000 + "x", ".html:", "nested too deeply"),
    ],
    ids=["wrong encoding", "unknown encoding", "date", "audience", "menu only", "empty", "deep"],
)
def test_a_mistake_names_the_file_the_line_and_the_mend(tmp_path: Path, text: str | bytes, where: str, what: str) -> None:
    with pytest.raises(InputError) as caught:
        load(tmp_path, text)

    assert str(tmp_path / "care.html") in str(caught.value)
    assert where in str(caught.value)
    assert what in str(caught.value)
