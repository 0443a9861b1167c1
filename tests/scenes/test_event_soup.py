"""Random events in random order: whatever happens, no caller is stranded."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.world import RULES, T, rule
from voice_agent.core import commands as do
from voice_agent.core import events as ev
from voice_agent.core.call import Call
from voice_agent.core.policy import Policy
from voice_agent.core.words import CallId, Passage, SpeechId, TurnId

POLICY = Policy(longest_bridge=600.0, wait_at_most=60.0, longest_call=300.0)
LONGEST = max(POLICY.longest_bridge, POLICY.wait_at_most, POLICY.longest_utterance) + 30.0
PASSAGE = Passage(source="hours", title="Hours", heading="", text=T("We open at nine."), score=0.8)

turns = st.integers(0, 5).map(TurnId)
speeches = st.integers(1, 12).map(SpeechId)
texts = st.sampled_from(["", "yes", "no", "goodbye", "Thank you.", "When do you open?", "my number is 4 5", "When do you open", "…"]).map(T)
events = st.one_of(
    st.builds(ev.VoiceActivity, at=st.just(0.0), begin=st.just(0.0), duration=st.just(0.2), probability=st.sampled_from([0.0, 1.0, 1.0])),
    st.builds(ev.KeyPressed, at=st.just(0.0), key=st.sampled_from("0159*#")),
    st.builds(ev.Transcribed, at=st.just(0.0), turn=turns, text=texts, no_speech=st.sampled_from([0.0, 0.9]), confidence=st.just(0.9)),
    st.builds(
        ev.Understood,
        at=st.just(0.0),
        turn=turns,
        asks_for_person=st.booleans(),
        topic=st.sampled_from([None, "complaint"]),
        frustration=st.sampled_from([0.0, 0.9]),
    ),
    st.builds(
        ev.Retrieved,
        at=st.just(0.0),
        turn=turns,
        passages=st.sampled_from([(), (PASSAGE,)]),
        confidence=st.sampled_from([0.1, 0.55, 0.9]),
        clarify=st.sampled_from([T(""), T("Which one?")]),
        reason=st.just(""),
    ),
    st.builds(ev.AnswerDelta, at=st.just(0.0), turn=turns, text=texts, citations=st.just(())),
    st.builds(ev.AnswerFinished, at=st.just(0.0), turn=turns),
    st.builds(ev.JobFailed, at=st.just(0.0), turn=turns, job=st.just("any"), code=st.just("broken")),
    st.builds(ev.SpeechSent, at=st.just(0.0), speech=speeches, duration=st.just(1.0)),
    st.builds(ev.SpeechPlayed, at=st.just(0.0), speech=speeches),
    st.builds(ev.SpeechFailed, at=st.just(0.0), speech=speeches, code=st.just("broken")),
    st.builds(ev.HandoverQueued, at=st.just(0.0), position=st.just(2)),
    st.builds(ev.HandoverAccepted, at=st.just(0.0), agent=st.just("Alex")),
    st.builds(ev.HandoverDeclined, at=st.just(0.0)),
    st.builds(ev.HandoverFailed, at=st.just(0.0), code=st.just("store-failed")),
    st.builds(ev.PersonLeft, at=st.just(0.0), joined=st.booleans()),
    st.builds(ev.ShutdownRequested, at=st.just(0.0)),
)
RULES_WITHOUT_ANY_HELP = (rule("offer", then="offer", unanswered_in_row__at_least=1),)


class Soup:
    """Feeds a call with events at a clock of its own, and looks after each that the laws hold."""

    def __init__(self, *, can_bridge: bool, rules: tuple[do.Command, ...] | tuple[object, ...]) -> None:
        self.call = Call(policy=POLICY, rules=rules)  # type: ignore[arg-type]
        self.now = 0.0
        self.media = 0.0
        self.out: list[do.Command] = []
        self.feed(ev.CallStarted(at=0.0, call=CallId("c"), carrier="phone", can_bridge=can_bridge))

    def feed(self, event: ev.Event) -> list[do.Command]:
        self.now += 0.05
        fields = {name: getattr(event, name) for name in event.__dataclass_fields__}
        fields["at"] = self.now
        if isinstance(event, ev.VoiceActivity):
            fields["begin"] = self.media
            self.media += event.duration
        commands = self.call.handle(type(event)(**fields))
        self.out += commands
        if self.call.ended:
            assert isinstance(self.out[-1], do.CloseCall), "the last command closes the call"
            assert self.call.next_deadline is None
        else:
            assert self.call.next_deadline is not None, "a living call has a deadline"
            assert self.call.next_deadline <= self.now + LONGEST, "and not a distant one"
        return commands

    def starve(self) -> None:
        """Nothing happens any more but time."""
        for _ in range(200):
            if self.call.next_deadline is None:
                return
            self.now = max(self.now, self.call.next_deadline)
            self.feed(ev.Tick(at=0.0))
        raise AssertionError("the call goes on for ever without anybody")


@settings(max_examples=300, deadline=None)
@given(soup=st.lists(events, max_size=60), can_bridge=st.booleans(), helped=st.booleans())
def test_no_soup_of_events_strands_a_call(soup: list[ev.Event], can_bridge: bool, helped: bool) -> None:
    run = Soup(can_bridge=can_bridge, rules=RULES if helped else RULES_WITHOUT_ANY_HELP)
    for event in soup:
        run.feed(event)

    before = len(run.out)
    if not run.call.ended and run.call.next_deadline is not None:
        run.now = run.call.next_deadline
        run.feed(ev.Tick(at=0.0))
        run.now = run.call.next_deadline or run.now
        run.feed(ev.Tick(at=0.0))
    assert run.call.ended or run.call.next_deadline is not None
    assert len([c for c in run.out if isinstance(c, do.CloseCall)]) <= 1
    assert before <= len(run.out)


@settings(max_examples=200, deadline=None)
@given(soup=st.lists(events, max_size=40), can_bridge=st.booleans())
def test_a_call_left_alone_hears_something_or_reaches_a_person_or_ends(soup: list[ev.Event], can_bridge: bool) -> None:
    run = Soup(can_bridge=can_bridge, rules=RULES)
    for event in soup:
        run.feed(event)
    if run.call.ended:
        return

    before = len(run.out)
    for _ in range(6):  # speeches that are given up on, a reprompt, a handover offered again
        if run.call.next_deadline is None:
            break
        run.now = max(run.now, run.call.next_deadline)
        run.feed(ev.Tick(at=0.0))
    told = [c for c in run.out[before:] if isinstance(c, do.Speak | do.OfferHandover | do.ReleaseLeg | do.ConnectPerson | do.CloseCall)]
    assert told, "the caller hears something, is with a person, or the call has ended"


@settings(max_examples=100, deadline=None)
@given(soup=st.lists(events, max_size=60))
def test_every_soup_replays_to_the_same_commands(soup: list[ev.Event]) -> None:
    first, second = (Soup(can_bridge=True, rules=RULES) for _ in range(2))

    assert [first.feed(event) for event in soup] == [second.feed(event) for event in soup]


@settings(max_examples=100, deadline=None)
@given(soup=st.lists(events, max_size=60), can_bridge=st.booleans())
def test_no_soup_makes_a_second_transfer_while_one_runs(soup: list[ev.Event], can_bridge: bool) -> None:
    run = Soup(can_bridge=can_bridge, rules=RULES)
    open_offers = 0
    for event in soup:
        for command in run.feed(event):
            if isinstance(command, do.OfferHandover):
                open_offers += not isinstance(event, ev.HandoverFailed | ev.PersonLeft | ev.Tick)
            elif isinstance(command, do.WithdrawHandover):
                open_offers = 0
            assert open_offers <= 1
