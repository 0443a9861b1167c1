"""What the sample company's documents say, as callers hear it."""

import re
from pathlib import Path

from voice_agent.core.pronounce import speech_ready
from voice_agent.core.sentences import split_sentences
from voice_agent.knowledge.documents import document_paths, load_document
from voice_agent.knowledge.support import SupportChecker

KB = Path(__file__).parents[2] / "kb"
PASSAGES = [passage for path in document_paths(KB) for passage in load_document(path, KB).passages]
SENTENCES = [(passage.text, sentence) for passage in PASSAGES for sentence in split_sentences(passage.text)]
SAID = re.compile(r"[A-Za-z][A-Za-z ,;:.!?'-]*[.!?]")
"""Letters and the signs that a voice makes a pause of."""


def test_every_sentence_of_the_documents_is_said_in_words_alone() -> None:
    assert len(SENTENCES) > 700
    assert [said for _, sentence in SENTENCES if not SAID.fullmatch(said := speech_ready(sentence))] == []


def test_no_abbreviation_or_unit_is_left_for_the_voice_to_guess_at() -> None:
    unsaid = re.compile(r"\b(?:am|pm|lbs?|oz|ft|kg|cm|mm|kWh|dB|St|Ave|Mon|Tue|Wed|Thu|Fri|Sat|Sun|etc|vs|approx)\b")
    left = [said for _, sentence in SENTENCES if unsaid.search(said := speech_ready(sentence))]

    assert [said for said in left if not re.search(r"\b(?:I|I'm) am\b", said)] == []


def test_what_is_said_is_still_what_is_written() -> None:
    """The checker, which reads spoken figures, finds nearly every spoken sentence in its written passage."""
    checker = SupportChecker()
    unlike = [sentence for passage, sentence in SENTENCES if not checker.check([passage], speech_ready(sentence)).supported]

    assert len(unlike) <= 0.05 * len(SENTENCES), unlike[:10]
