import dataclasses
import json
import os
import stat
import time
import types
from pathlib import Path
from typing import Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import voice_agent
from tests.session.stage import OFFER, T, speak
from voice_agent.core import commands as do
from voice_agent.core import events as ev
from voice_agent.core.escalation import Condition, Rule
from voice_agent.core.policy import Policy
from voice_agent.core.words import CallId
from voice_agent.errors import InputError
from voice_agent.session import codec
from voice_agent.session.journal import Journal, notice_version, read_journal

CALL = CallId("c-1")
WALL = 1_750_000_000.0
RULES = (
    Rule(
        name="vip",
        when=(
            Condition(fact="topic", operator="in", value=("billing", None, 3, 2.5, True)),
            Condition(fact="frustration", operator="at_least", value=0.7),
            Condition(fact="asks_for_person", operator="is", value=True),
        ),
        then="transfer",
        queue="billing",
        priority=1,
        reason=T("A reason"),
        say=T("I'm connecting you."),
    ),
)
POLICY = Policy(no_input_after=0.1 + 0.2, greeting=T("Grüß Gott \u2028 \x00"))


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of a type of the vocabulary; written apart from the codec, so that each checks the other."""
    if isinstance(kind, NewType):
        return values(kind.__supertype__)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return st.builds(kind, **{field.name: values(hints[field.name]) for field in dataclasses.fields(kind)})
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is tuple:
        return st.lists(values(arguments[0]), max_size=2).map(tuple)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, types.UnionType):
        return st.one_of([values(argument) for argument in arguments])
    plain: dict[Any, st.SearchStrategy[Any]] = {
        bool: st.booleans(),
        int: st.integers(),
        float: st.floats(allow_nan=False, allow_infinity=False),
        str: st.text(),
        type(None): st.none(),
    }
    return plain[kind]


events = st.sampled_from(sorted(codec.EVENTS.items())).flatmap(lambda item: values(item[1]))
commands = st.sampled_from(sorted(codec.COMMANDS.items())).flatmap(lambda item: values(item[1]))


def test_the_whole_vocabulary_is_known_to_the_journal() -> None:
    assert set(codec.EVENTS) == {kind.__name__ for kind in ev.Event.__subclasses__()}
    assert set(codec.COMMANDS) == {kind.__name__ for kind in do.Command.__subclasses__()}


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(event=events, asked=st.lists(commands, max_size=2))
def test_every_event_and_command_comes_back_as_it_was(event: ev.Event, asked: list[do.Command]) -> None:
    line = codec.dump_pair(event, asked)
    data = json.loads(line)

    assert "\n" not in line
    again = codec.load_event(data["event"]), [codec.load_command(command) for command in data["commands"]]
    assert again == (event, asked)
    assert repr(again) == repr((event, asked)), "floats to the last bit, and no 1 for 1.0"


def written(directory: Path, *pairs: tuple[ev.Event, list[do.Command]], call: CallId = CALL) -> Path:
    journal = Journal(call)
    journal.open(directory, policy=POLICY, rules=RULES, wall=WALL)
    for event, asked in pairs:
        journal.note(event, asked)
    journal.close()
    return directory / "2025-06-15" / f"{call}.jsonl"


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "journals", (ev.Tick(at=1.5), [speak(1, "Hello"), OFFER]), (ev.CallerHungUp(at=0.1 + 0.2), []))

    recording = read_journal(path)

    assert (recording.header.policy, recording.header.rules) == (POLICY, RULES)
    assert (recording.header.call, recording.header.code) == (CALL, voice_agent.__version__)
    assert [(pair.line, pair.event, pair.commands) for pair in recording.pairs] == [
        (2, ev.Tick(at=1.5), (speak(1, "Hello"), OFFER)),
        (3, ev.CallerHungUp(at=0.1 + 0.2), ()),
    ]
    assert not recording.torn


def test_only_the_servers_own_user_can_read_a_journal(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        path = written(tmp_path / "journals")
    finally:
        os.umask(before)

    modes = [stat.S_IMODE(place.stat().st_mode) for place in (path.parents[1], path.parent, path)]
    assert modes == [0o700, 0o700, 0o600]


def test_a_pair_is_on_disk_the_moment_it_is_noted(tmp_path: Path) -> None:
    journal = Journal(CALL)
    journal.open(tmp_path, policy=POLICY, rules=RULES, wall=WALL)
    journal.note(ev.Tick(at=1.0), [])
    recording = read_journal(tmp_path / "2025-06-15" / "c-1.jsonl")
    journal.close()

    assert [pair.event for pair in recording.pairs] == [ev.Tick(at=1.0)]


def test_the_line_that_a_killed_process_was_writing_is_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, (ev.Tick(at=1.0), []), (ev.Tick(at=2.0), [OFFER]))
    whole = path.read_bytes()
    first = whole.index(b"\n", whole.index(b"\n") + 1) + 1
    for length in range(first + 1, len(whole), 7):
        path.write_bytes(whole[:length])

        recording = read_journal(path)

        assert [pair.event for pair in recording.pairs] == [ev.Tick(at=1.0)]
        assert recording.torn


def test_a_journal_is_never_written_over(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = written(tmp_path, (ev.Tick(at=1.0), []))
    before = path.read_bytes()
    written(tmp_path, (ev.Tick(at=2.0), []))

    assert path.read_bytes() == before
    assert "the journal ends here" in caplog.text


def test_a_disk_that_is_full_ends_the_journal_where_it_is_still_true(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    journal, write = Journal(CALL), os.write
    journal.open(tmp_path, policy=POLICY, rules=RULES, wall=WALL)
    journal.note(ev.Tick(at=1.0), [])
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda file, line: write(file, line[:10]))
        journal.note(ev.Tick(at=2.0), [])
    journal.note(ev.Tick(at=3.0), [])
    journal.close()

    recording = read_journal(tmp_path / "2025-06-15" / "c-1.jsonl")
    assert [pair.event for pair in recording.pairs] == [ev.Tick(at=1.0)]
    assert recording.torn
    assert caplog.text.count("the journal ends here") == 1


GOOD = '{"event":{"type":"Tick","at":1.0},"commands":[]}'


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "not JSON"),
        ("[]", "an object is wanted, and a list is there"),
        ('{"event":{"type":"Tick","at":1.0}}', "an event and a list of commands are wanted"),
        ('{"event":{"type":"Tick","at":1.0},"commands":7}', "an event and a list of commands are wanted"),
        ('{"event":{"at":1.0},"commands":[]}', "this event has no type"),
        ('{"event":{"type":"Earthquake","at":1.0},"commands":[]}', "there is no event called 'Earthquake'"),
        ('{"event":{"type":"Tick","at":1.0},"commands":[{"type":"Dance"}]}', "there is no command called 'Dance'"),
        ('{"event":{"type":"Event","at":1.0},"commands":[]}', "there is no event called 'Event'"),
        ('{"event":{"type":"Tick"},"commands":[]}', "Tick lacks 'at'"),
        ('{"event":{"type":"Tick","at":"soon"},"commands":[]}', "a number is wanted, and a str is there"),
        ('{"event":{"type":"Tick","at":true},"commands":[]}', "a number is wanted, and a bool is there"),
        ('{"event":{"type":"Tick","at":1.0,"mood":"bad"},"commands":[]}', "Tick has no field called 'mood'"),
        ('{"event":{"type":"Tick","at":1.0},"commands":[{"type":"Speak","speech":1.0,"text":""}]}', "a whole number is wanted"),
        ('{"event":{"type":"Tick","at":1.0},"commands":[{"type":"CloseCall","disposition":"lost"}]}', "'contained' or 'transferred'"),
        ('{"event":{"type":"Tick","at":1.0},"commands":[{"type":"NoteLine","line":7}]}', "Line is wanted, and a int is there"),
        (
            '{"event":{"type":"Retrieved","at":1,"turn":1,"passages":{},"confidence":1,"clarify":"","reason":""},"commands":[]}',
            "a list is wanted, and a dict is there",
        ),
        (
            '{"event":{"type":"Understood","at":1,"turn":1,"asks_for_person":1,"topic":2,"frustration":0},"commands":[]}',
            "true or false is wanted",
        ),
    ],
)
def test_a_line_that_is_no_pair_is_refused_with_file_and_line(tmp_path: Path, line: str, complaint: str) -> None:
    path = written(tmp_path)
    path.write_text(f"{path.read_text()}{GOOD}\n{line}\n{GOOD}\n")

    with pytest.raises(InputError) as refusal:
        read_journal(path)
    assert str(refusal.value).startswith(f"{path}, line 3: ")
    assert complaint in str(refusal.value)
    assert refusal.value.code == "journal-malformed"


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_another_version_is_refused_and_says_which_is_read(tmp_path: Path, version: object) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps({"journal": version, "something": "else"}) + "\n")

    with pytest.raises(InputError, match=r"line 1: .*this program reads version 1") as refusal:
        read_journal(path)
    assert refusal.value.code == "journal-version"


@pytest.mark.parametrize("content", [b"", b"no newline", b"\xff\xfe\n", b'{"journal":1}\n', b"RIFF....WAVE\n"])
def test_what_is_no_journal_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(content)

    with pytest.raises(InputError, match=r"x\.jsonl"):
        read_journal(path)


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.jsonl: cannot be read: No such file"):
        read_journal(tmp_path / "nowhere.jsonl")


def test_a_journal_from_before_a_field_existed_is_read_with_its_default(tmp_path: Path) -> None:
    path = written(tmp_path)
    header = json.loads(path.read_text())
    del header["policy"]["no_input_after"]
    path.write_text(json.dumps(header) + "\n")

    assert read_journal(path).header.policy.no_input_after == Policy().no_input_after


def test_a_caller_recognised_before_there_were_tiers_has_none() -> None:
    event = codec.load_event({"at": 1.0, "type": "CallerRecognised", "calls_before": 2, "calls_this_week": 1})

    assert event == ev.CallerRecognised(at=1.0, calls_before=2, calls_this_week=1, tier=None)


def test_events_of_a_handover_from_before_it_was_told_how_it_stands_mean_what_they_meant() -> None:
    queued, declined, left = (
        codec.load_event({"at": 1.0, **event})
        for event in (
            {"type": "HandoverQueued", "position": 2},
            {"type": "HandoverDeclined"},
            {"type": "PersonLeft", "joined": True},
        )
    )

    assert queued == ev.HandoverQueued(at=1.0, position=2, wait=None)
    assert declined == ev.HandoverDeclined(at=1.0)
    assert left == ev.PersonLeft(at=1.0, joined=True, completed=True)


def test_a_number_that_json_does_not_know_is_a_bug() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        codec.dump_pair(ev.Tick(at=float("nan")), [])


def test_a_window_of_audio_costs_less_than_forty_microseconds(tmp_path: Path) -> None:
    journal = Journal(CALL)
    journal.open(tmp_path, policy=POLICY, rules=RULES, wall=WALL)
    window = ev.VoiceActivity(at=12.345678, begin=12.3, duration=0.02, probability=0.0)

    def round_of_notes() -> float:
        began = time.process_time()
        for _ in range(500):
            journal.note(window, [])
        return (time.process_time() - began) / 500

    best = min(round_of_notes() for _ in range(5))
    journal.close()
    assert best < 40e-6


def test_a_journal_begins_with_the_version_of_the_notice_and_another_wording_is_another_version(tmp_path: Path) -> None:
    journal = Journal(CALL)
    journal.open(tmp_path, policy=POLICY, rules=RULES, wall=WALL)
    journal.close()

    (path,) = tmp_path.glob("*/*.jsonl")
    header = read_journal(path).header
    assert header.notice == notice_version(POLICY)
    assert header.policy.opening == POLICY.opening
    assert notice_version(dataclasses.replace(POLICY, notice=(T("Calls are transcribed."),))) != header.notice


def journal_of(folder: Path, recording: Literal["none", "notice", "consent"]) -> Journal:
    journal = Journal(CALL)
    journal.open(folder, policy=dataclasses.replace(POLICY, recording=recording), rules=RULES, wall=WALL)
    journal.note(ev.Tick(at=1.0), [speak(1, "Hello.")])
    return journal


@pytest.mark.parametrize(("recording", "kept"), [("notice", "told"), ("consent", "agreed")])
def test_nothing_is_written_before_the_caller_was_told_or_agreed_and_then_all_of_it_is(
    tmp_path: Path, recording: Literal["notice", "consent"], kept: str
) -> None:
    journal = journal_of(tmp_path, recording)
    assert not any(tmp_path.iterdir())

    journal.keep(kept=True, at=5.5)
    journal.note(ev.Tick(at=6.0), [])
    journal.close()
    (path,) = tmp_path.rglob("*.jsonl")
    read = read_journal(path)
    assert (read.header.kept, read.header.decided, read.header.notice) == (kept, 5.5, notice_version(read.header.policy))
    assert [pair.event.at for pair in read.pairs] == [1.0, 6.0]


@pytest.mark.parametrize(("answered", "kept"), [(True, "refused"), (False, "undecided")])
def test_of_a_call_that_may_not_be_kept_there_is_only_which_notice_was_said_and_what_became_of_it(
    tmp_path: Path, answered: bool, kept: str
) -> None:
    journal = journal_of(tmp_path, "consent")
    if answered:
        journal.keep(kept=False, at=9.0)
        journal.note(ev.Tick(at=10.0), [speak(2, "Good-bye.")])
    journal.close()
    journal.close()
    (path,) = tmp_path.rglob("*.jsonl")
    read = read_journal(path)
    assert (read.header.kept, read.header.decided) == (kept, 9.0 if answered else None)
    assert read.pairs == ()
    assert "Hello." not in path.read_text()
    assert "Good-bye." not in path.read_text()


def test_where_nobody_is_asked_the_journal_begins_with_the_call(tmp_path: Path) -> None:
    journal = journal_of(tmp_path, "none")
    journal.keep(kept=False, at=9.0)
    (path,) = tmp_path.rglob("*.jsonl")
    assert len(read_journal(path).pairs) == 1
    journal.close()
