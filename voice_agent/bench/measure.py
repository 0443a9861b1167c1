"""The figures of one call, from its timeline. Nothing here knows of sockets, clocks or audio."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from voice_agent.bench.sounds import Span
from voice_agent.bench.timeline import Disturbed, Heard, Said, Timeline
from voice_agent.core.words import Seconds

REPLY_WITHIN: Seconds = 10.0
"""A turn without any voice of the agent for this long is without a reply."""
FLUENT: Seconds = 0.4
"""A shorter silence is a pause in what the agent says, not its end."""
PAUSE: Seconds = 0.3
"""A silence up to this long, after a disturbance, is not noticed."""
CONTINUED_WITHIN: Seconds = 1.5
"""After a disturbance, for the sentence to go on."""
REACTS_WITHIN: Seconds = 1.2
"""Behind the end of a disturbance; what stops later stops for another reason."""
CAPTION_DELAY: Seconds = 0.3
"""Of the web, at most: captions come with a sentence's first packet."""
EDGE: Seconds = 0.05
"""No cut-off this close to the ends of a turn."""

Outcome = Literal["ignored", "paused", "interrupted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnFigures:
    said: Said
    line: str
    gap: Seconds | None
    """From the last voiced sample said to the first heard. None when the agent was heard before the turn's end, or not at all."""
    first: str
    """The sentence that the reply begins with, as far as the captions tell."""
    cut_off: bool
    """The agent began to speak within the turn."""
    missing: bool
    stop: Seconds | None
    """From the caller's onset to the agent's silence. None when they did not cut in, or the agent ended by itself meanwhile."""
    noticed: Seconds | None
    """How much of it passed until the server's stop arrived."""
    heard: Heard | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisturbanceFigures:
    disturbed: Disturbed
    line: str
    outcome: Outcome
    """paused: silent for longer than PAUSE, and then the same sentence went on."""
    silent: Seconds | None
    """How long; None when nothing stopped or nothing came after it."""
    taken_for_words: bool
    """The server settled it as something the caller had said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFigures:
    timeline: Timeline
    turns: tuple[TurnFigures, ...]
    disturbances: tuple[DisturbanceFigures, ...]
    """Without those that came too close to the end of the call to show their effect."""


def measure(timeline: Timeline) -> CallFigures:
    following = [*timeline.said, None][1:]
    return CallFigures(
        timeline=timeline,
        turns=tuple(_turn(timeline, said, after) for said, after in zip(timeline.said, following, strict=True)),
        disturbances=tuple(
            _disturbance(timeline, each) for each in timeline.disturbed if each.end + REACTS_WITHIN + CONTINUED_WITHIN <= timeline.duration
        ),
    )


def merged(spans: Iterable[Span], gap: Seconds) -> list[Span]:
    """Spans with less than `gap` of silence between them are one."""
    joined: list[Span] = []
    for begin, end in spans:
        if joined and begin - joined[-1][1] < gap:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined


def _turn(timeline: Timeline, said: Said, following: Said | None) -> TurnFigures:
    silent_from, stop = _silent_from(timeline, said), _stop(timeline, said)
    onsets = [begin for begin, _ in merged(timeline.agent, PAUSE) if begin >= max(said.begin + EDGE, silent_from)]
    # An agent that did not let itself be cut off goes on; it does not begin.
    cut_off = (not said.cut_in or stop is not None) and any(begin < said.end - EDGE for begin in onsets)
    until = min(following.begin if following else timeline.duration, said.end + REPLY_WITHIN)
    reply = next((begin for begin in onsets if said.end - EDGE <= begin <= until), None)
    clean = reply is not None and not cut_off and silent_from <= said.end
    return TurnFigures(
        said=said,
        line=timeline.line,
        gap=max(0.0, reply - said.end) if clean and reply is not None else None,
        first=_first_text(timeline, max(silent_from, said.end - PAUSE), reply) if reply is not None else "",
        cut_off=cut_off,
        # A caller who hung up before a reply could be missed proves nothing; a server that hung up will never reply.
        missing=(until >= said.end + REPLY_WITHIN or (following is None and timeline.ended == "server"))
        and not any(begin <= until and end > said.end for begin, end in timeline.agent),
        stop=stop if said.cut_in else None,
        noticed=_noticed(timeline, said, stop) if said.cut_in and stop is not None else None,
        heard=_heard(timeline, said, following, reply),
    )


def _speech_at(timeline: Timeline, at: Seconds) -> Span | None:
    return next((span for span in merged(timeline.agent, FLUENT) if span[0] <= at <= span[1] + FLUENT), None)


def _silent_from(timeline: Timeline, said: Said) -> Seconds:
    """When the agent, cut off by this turn, is silent; the turn's beginning when it was not speaking."""
    speech = _speech_at(timeline, said.begin) if said.cut_in else None
    return speech[1] if speech else said.begin


def _stop(timeline: Timeline, said: Said) -> Seconds | None:
    speech = _speech_at(timeline, said.begin)
    if speech is None:
        return None
    took = max(0.0, speech[1] - said.begin)
    obeyed = any(said.begin <= at <= speech[1] + FLUENT for at in timeline.cleared)
    return took if obeyed or speech[1] >= said.end else None


def _noticed(timeline: Timeline, said: Said, stop: Seconds) -> Seconds:
    return next((min(stop, at - said.begin) for at in timeline.cleared if at >= said.begin), stop)


def _disturbance(timeline: Timeline, event: Disturbed) -> DisturbanceFigures:
    stopped = next((at for at in timeline.cleared if event.begin <= at <= event.end + REACTS_WITHIN), None)
    outcome: Outcome = "ignored"
    silent = None
    if stopped is not None:
        last = max((end for begin, end in timeline.agent if begin <= stopped), default=stopped)
        again = next((begin for begin, _ in timeline.agent if begin > stopped), None)
        silent = again - last if again is not None and again < _next_turn(timeline, event) else None
        if silent is None or again is None or again - stopped > CONTINUED_WITHIN or not _continues(timeline, stopped, again):
            outcome = "interrupted"
        elif silent > PAUSE:
            outcome = "paused"
    return DisturbanceFigures(
        disturbed=event,
        line=timeline.line,
        outcome=outcome,
        silent=silent,
        taken_for_words=any(event.begin < heard.at < _next_turn(timeline, event) for heard in timeline.heard),
    )


def _next_turn(timeline: Timeline, event: Disturbed) -> Seconds:
    return next((said.begin for said in timeline.said if said.begin > event.begin), timeline.duration)


def _continues(timeline: Timeline, stopped: Seconds, again: Seconds) -> bool:
    """What is said after the silence belongs to what was being said before it."""
    before = [saying.text for saying in timeline.sayings if saying.at < stopped][-3:]  # sentences are sent ahead of being heard
    after = [saying.text for saying in timeline.sayings if stopped <= saying.at <= again + CAPTION_DELAY]
    return not after or any(after[0] in text or text in after[0] for text in before)


def _first_text(timeline: Timeline, since: Seconds, reply: Seconds) -> str:
    return next((saying.text for saying in timeline.sayings if since <= saying.at <= reply + CAPTION_DELAY), "")


def _heard(timeline: Timeline, said: Said, following: Said | None, reply: Seconds | None) -> Heard | None:
    """The server settles a turn's words after it and before the reply; what it settles later, it heard in something else."""
    until = following.begin + EDGE if following else timeline.duration
    found = [heard for heard in timeline.heard if said.end - EDGE <= heard.at <= until]
    before = [heard for heard in found if reply is not None and heard.at <= reply]
    return before[-1] if before else found[0] if found else None


def stages(turn: TurnFigures) -> Mapping[str, Seconds]:
    """Where the gap went, in order; adds up to it. Empty where the server does not say, or something else came first."""
    if turn.gap is None or turn.heard is None:
        return {}
    told = dict(turn.heard.stages)
    whole = told.pop("turn_gap", None)
    if whole is None:
        return {}
    # Understanding and searching happen at the same time: the longer one is waited for.
    both = [told.pop(name) for name in ("understand", "retrieve") if name in told]
    parts = {
        "pause noticed": told.pop("endpointing", 0.0),
        "transcription": told.pop("transcribe", 0.0),
        "search": max(both, default=0.0),
        "first sentence": told.pop("first_sentence", 0.0),
        "first audio": told.pop("first_audio", 0.0),
        **told,
    }
    held = whole - sum(parts.values())
    ordered = {"pause noticed": parts.pop("pause noticed"), "transcription": parts.pop("transcription"), "pause held": max(0.0, held)}
    return {**ordered, **parts, "line and ear": turn.gap - whole}
