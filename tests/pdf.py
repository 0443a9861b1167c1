"""Small PDF files, written by hand: lines of text at a place, in a size."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A line of a page."""

    text: str
    top: float
    """Points below the top of the page."""
    size: float = 11
    bold: bool = False


def pdf(*pages: Sequence[Words], title: str = "", changed: str = "", password: str = "") -> bytes:
    """`changed` as PDF writes it: D:20260302100000Z."""
    writer = PdfWriter()
    for lines in pages:
        page = writer.add_blank_page(420, 595)
        fonts = {"/F1": _font("Helvetica"), "/F2": _font("Helvetica-Bold")}
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject(name): writer._add_object(font) for name, font in fonts.items()})}
        )
        content = DecodedStreamObject()
        content.set_data("\n".join(_drawn(line) for line in lines).encode("latin-1"))
        page[NameObject("/Contents")] = writer._add_object(content)
    about = {"/Title": title} if title else {}
    writer.add_metadata(about | ({"/ModDate": changed} if changed else {}))
    if password:
        writer.encrypt(password, algorithm="AES-256")
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def _drawn(line: Words) -> str:
    text = line.text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /{'F2' if line.bold else 'F1'} {line.size} Tf 40 {595 - line.top} Td ({text}) Tj ET"


def _font(name: str) -> DictionaryObject:
    return DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject(f"/{name}"),
            NameObject("/Encoding"): NameObject("/WinAnsiEncoding"),
        }
    )
