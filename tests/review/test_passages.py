"""Where documents contradict or repeat each other. With the real model, for what is near to what."""

import asyncio
from pathlib import Path

import pytest

from voice_agent.adapters.onnx_embedder import OnnxEmbedder
from voice_agent.knowledge.documents import Document, document_paths, load_document
from voice_agent.review.passages import Pair, contradictions, near_duplicates, passages, sentences

ROOT = Path(__file__).parents[2]


def document(folder: Path, title: str, text: str) -> Document:
    path = folder / f"{title}.md"
    path.write_text(f"---\ntitle: {title}\n---\n{text}")
    return load_document(path, folder)


async def contradicting(embedder: OnnxEmbedder, *documents: Document) -> list[Pair]:
    found = sentences(documents)
    return contradictions(found, await embedder.embed([each.place.text for each in found]))


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("Express delivery costs $12.95.", "Express delivery costs $14.95.", 'One says "$12.95", the other "$14.95".'),
        ("You can return it within 30 days.", "You can return it within forty days.", 'One says "30 days", the other "forty days".'),
        ("The store is open from 9 am to 6 pm.", "The store is open from 10 am to 7 pm.", 'One says "9 am", the other "10 am".'),
        ("Gift cards are refundable.", "Gift cards are not refundable.", 'One denies what the other says about "refundable".'),
        ("Gift cards expire.", "Gift cards do not expire.", 'One denies what the other says about "expire".'),
    ],
)
async def test_other_numbers_and_denials_on_one_subject_are_told(
    minilm: OnnxEmbedder, tmp_path: Path, one: str, other: str, why: str
) -> None:
    (pair,) = await contradicting(minilm, document(tmp_path, "Terms", one), document(tmp_path, "Leaflet", other))

    assert ({pair.one.text, pair.other.text}, {pair.one.source, pair.other.source}) == ({one, other}, {"Terms.md", "Leaflet.md"})
    assert pair.why == why


@pytest.mark.parametrize(
    ("titles", "one", "other"),
    [
        (("Terms", "Leaflet"), "Express delivery costs $12.95.", "Standard delivery costs $4.95."),
        (("Terms", "Leaflet"), "You can return it within 30 days.", "You can return it within thirty days."),
        (("Terms", "Leaflet"), "Orders over $50 ship for $0.", "Orders below $50 ship for $5."),
        (("Brewster 300", "Brewster 700"), "It weighs 9 pounds.", "It weighs 20 pounds."),
        (("Terms", "Leaflet"), "A 2-pound bag costs $30.", "A 12-ounce bag costs $14."),
        (("Terms", "Leaflet"), "The lamp has two bulbs and costs $20.", "The lamp costs $20."),
    ],
)
async def test_other_subjects_and_other_words_for_the_same_are_not_told(
    minilm: OnnxEmbedder, tmp_path: Path, titles: tuple[str, str], one: str, other: str
) -> None:
    assert await contradicting(minilm, document(tmp_path, titles[0], one), document(tmp_path, titles[1], other)) == []


async def test_passages_that_repeat_each_other_are_told_but_not_those_of_two_products(minilm: OnnxEmbedder, tmp_path: Path) -> None:
    text = "The warranty belongs to the product, so a new owner can use the rest of it. The new owner needs the receipt."
    documents = [document(tmp_path, title, text) for title in ("Warranty", "Brewster 300", "Brewster 700")]
    places = passages([*documents, document(tmp_path, "Hours", "We open at nine.")])

    found = near_duplicates(places, await minilm.embed([place.text for place in places]))

    assert {frozenset((pair.one.title, pair.other.title)) for pair in found} == {
        frozenset(("Warranty", "Brewster 300")),
        frozenset(("Warranty", "Brewster 700")),
    }
    assert {pair.why for pair in found} == {"The same words."}


def test_the_sample_company_does_not_contradict_or_repeat_itself(minilm: OnnxEmbedder) -> None:
    documents = [load_document(path, ROOT / "kb") for path in document_paths(ROOT / "kb")][:10]

    async def found() -> list[Pair]:
        places = passages(documents)
        return await contradicting(minilm, *documents) + near_duplicates(places, await minilm.embed([each.text for each in places]))

    assert asyncio.run(found()) == []
