"""Word errors over a folder of recordings with transcripts, as a telephone line carries them."""

import json
from collections.abc import Iterator
from pathlib import Path

from voice_agent import app
from voice_agent.audio import mulaw
from voice_agent.audio.packets import RATE
from voice_agent.audio.pcm import Pcm
from voice_agent.audio.resample import resample
from voice_agent.audio.wav import read_wav
from voice_agent.bench.words import WordErrors, word_errors, words
from voice_agent.cli.recordings import transcribe_recording
from voice_agent.errors import InputError
from voice_agent.settings import Settings


async def word_errors_of(folder: Path, settings: Settings) -> WordErrors:
    """Of the recordings whose transcript is verbatim, through the recogniser of the configuration.

    `folder` has a manifest.jsonl: a line a file, with "path", "transcript" and "transcript_type".

    Raises:
        InputError: there is no such manifest, or a line of it or a recording cannot be read.
    """
    wanted = list(_verbatim(folder))
    make_detector, recognizer = app.detector(settings), app.recognizer(settings)
    errors = count = 0
    try:
        await recognizer.warm_up()
        for path, said in wanted:
            samples = mulaw.decode(mulaw.encode(resample(read_wav(path), RATE).samples))
            heard = await transcribe_recording(recognizer, make_detector(), settings.policy, Pcm(samples=samples, rate=RATE))
            errors += word_errors(said, heard)
            count += len(words(said))
    finally:
        recognizer.close()
    return WordErrors(errors=errors, words=count, recordings=len(wanted))


def _verbatim(folder: Path) -> Iterator[tuple[Path, str]]:
    manifest = folder / "manifest.jsonl"
    try:
        lines = manifest.read_text("utf-8").splitlines()
    except OSError as error:
        raise InputError(f"{manifest}: cannot be read: {error.strerror}", code="no-manifest") from None
    for number, line in enumerate(lines, 1):
        try:
            entry = json.loads(line)
            if entry["transcript_type"] == "verbatim" and entry["transcript"]:
                yield folder / entry["path"], entry["transcript"]
        except (ValueError, KeyError, TypeError):
            raise InputError(
                f'{manifest}, line {number}: an object with "path", "transcript" and "transcript_type" is wanted', code="bad-line"
            ) from None
