"""Random events in random order: whatever happens, no caller is stranded.

A soup is of events out of nowhere, mostly for work that is gone, and of answers to work that the call has asked for, which lead it
deep. `test_the_soups_reach_every_place_a_call_can_be_in` watches that they do.
"""

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.world import RULES, T, rule
from voice_agent.core import commands as do
from voice_agent.core import events as ev
from voice_agent.core.call import Call
from voice_agent.core.escalation import QueueState, Rule
from voice_agent.core.listening import floor_of
from voice_agent.core.policy import Policy
from voice_agent.core.words import CallId, Passage, RedactedText, SpeechId, TurnId

POLICY = Policy(longest_bridge=600.0, wait_at_most=60.0, longest_call=300.0, least_digits=1)
LONGEST = max(POLICY.longest_bridge, POLICY.wait_at_most, POLICY.longest_utterance) + 30.0
LONGEST_WAIT = POLICY.media_gap + POLICY.transcribe_within + POLICY.sentence_within + 2.0
"""The longest silence of ours while the voice works: the caller has cut in on an answer, their line goes dead, their words are never
transcribed, and of the answer nothing more comes."""
PASSAGE = Passage(source="hours", title="Hours", heading="", text=T("We open at nine."), score=0.8)

turns = st.integers(0, 5).map(TurnId)
speeches = st.integers(1, 12).map(SpeechId)
QUESTIONS = ("When do you open?", "Do you sell pianos?", "What is the warranty on it?", "When do you open")
OTHERS = ("", "yes", "no", "goodbye", "I see", "my number is 4 5", "It's <PHONE_1>.", "Wait, sorry.", "Thank you.", "…")
TEXTS = [T(each) for each in QUESTIONS + OTHERS]
WISHES = [T(each) for each in ("Call me back.", "Never mind.", "I'll wait.", "How long will it take?", "I can't wait.")]
"""Of those who wait for a person."""
texts = st.sampled_from(TEXTS)


@dataclass(frozen=True)
class Reply:
    """To a piece of work that the call has asked for and still waits for."""

    which: int
    """0 for the newest."""
    how: int


@dataclass(frozen=True)
class Sound:
    """A few windows of the caller's line."""

    windows: tuple[bool, ...]
    """Whether each holds a voice."""


@dataclass(frozen=True)
class Typed:
    """The caller asks to be called back, types a digit and the pound key, and perhaps a yes behind them."""

    confirmed: bool


@dataclass(frozen=True)
class Listened:
    """All that we were saying has been heard."""


@dataclass(frozen=True)
class Exchange:
    """Something is said, and all work for it is answered as far as it is asked for."""

    how: int


queues = st.tuples(
    *(
        st.builds(QueueState, queue=st.just(name), business_hours=st.sampled_from([True, True, False]), staffed=st.booleans())
        for name in ("support", "claims")
    )
)
strays = st.one_of(
    st.builds(ev.VoiceActivity, at=st.just(0.0), begin=st.just(0.0), duration=st.just(0.2), probability=st.sampled_from([0.0, 1.0, 1.0])),
    st.builds(ev.KeyPressed, at=st.just(0.0), key=st.sampled_from("0159*#")),
    st.builds(ev.Transcribed, at=st.just(0.0), turn=turns, text=texts, no_speech=st.sampled_from([0.0, 0.9]), confidence=st.just(0.9)),
    st.builds(
        ev.Understood,
        at=st.just(0.0),
        turn=turns,
        asks_for_person=st.booleans(),
        topic=st.sampled_from([None, "complaint", "callback"]),
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
    st.builds(ev.SpeechBegan, at=st.just(0.0), speech=speeches),
    st.builds(ev.SpeechSent, at=st.just(0.0), speech=speeches, duration=st.just(1.0)),
    st.builds(ev.SpeechPlayed, at=st.just(0.0), speech=speeches),
    st.builds(ev.SpeechFailed, at=st.just(0.0), speech=speeches, code=st.just("broken")),
    st.builds(ev.HandoverQueued, at=st.just(0.0), position=st.just(2)),
    st.builds(ev.HandoverAccepted, at=st.just(0.0), agent=st.just("Alex")),
    st.builds(ev.HandoverDeclined, at=st.just(0.0)),
    st.builds(ev.HandoverFailed, at=st.just(0.0), code=st.just("store-failed")),
    st.builds(ev.DigitGiven, at=st.just(0.0)),
    st.builds(ev.CallbackStored, at=st.just(0.0)),
    st.builds(ev.CallbackFailed, at=st.just(0.0), code=st.just("store-failed")),
    st.builds(ev.HandoverMoved, at=st.just(0.0), position=st.just(1), wait=st.sampled_from([None, 90.0])),
    st.builds(ev.HandoverRang, at=st.just(0.0)),
    st.builds(ev.HandoverExhausted, at=st.just(0.0)),
    st.builds(ev.PersonLeft, at=st.just(0.0), joined=st.booleans(), completed=st.booleans()),
    st.builds(ev.QueuesSeen, at=st.just(0.0), queues=queues),
    st.builds(ev.ShutdownRequested, at=st.just(0.0)),
)
soups = st.lists(
    st.one_of(
        st.builds(Reply, which=st.sampled_from([0, 0, 1, 5]), how=st.integers(0, 12)),
        st.builds(Sound, windows=st.sampled_from([(True, True), (True, True, False, False), (False, False, False, False)])),
        st.builds(Typed, confirmed=st.booleans()),
        st.just(Listened()),
        st.builds(Exchange, how=st.integers(0, 7)),
        strays.map(lambda event: event),  # as one choice of six, and not one of twenty
    ),
    min_size=40,  # Hypothesis would make most of them short
    max_size=100,
)
Soups = list[ev.Event | Reply | Sound | Typed | Listened | Exchange]
WORK = (do.Speak, do.Transcribe, do.Understand, do.Retrieve, do.Generate, do.OfferHandover, do.TakeNumber, do.StoreCallback)
RULES_WITHOUT_PERSONS = tuple(each for each in RULES if each.then != "transfer")
RULES_WITHOUT_ANY_HELP = (rule("offer", then="offer", unanswered_in_row__at_least=1),)


class Soup:
    """Feeds a call with events at a clock of its own, and looks after each that the laws hold."""

    def __init__(self, *, can_bridge: bool, rules: tuple[object, ...]) -> None:
        self.call = Call(policy=POLICY, rules=rules)  # type: ignore[arg-type]
        self.now = 0.0
        self.media = 0.0
        self.out: list[do.Command] = []
        self.open: list[do.Command] = []
        """Work that has been asked for and is not answered; oldest first."""
        self.been: set[str] = set()
        self.feed(ev.CallStarted(at=0.0, call=CallId("c"), carrier="phone", can_bridge=can_bridge))

    def stir(self, soup: Soups) -> list[list[do.Command]]:
        told = []
        for each in soup:
            if isinstance(each, Sound):
                told += [self.feed(window(voice)) for voice in each.windows]
            elif isinstance(each, Exchange):
                told += self.exchange(each.how)
            elif isinstance(each, Listened):
                told += self.listen()
            elif isinstance(each, Typed):
                told += self.exchange(3)
                told += [self.feed(ev.DigitGiven(at=0.0)), self.feed(ev.KeyPressed(at=0.0, key="#"))]
                told += self.exchange(TEXTS.index(T("yes"))) if each.confirmed else []
            elif not isinstance(each, Reply):
                told.append(self.feed(each))
            elif self.open:
                told += [self.feed(event) for event in self.replies(-1 - each.which % len(self.open), each.how)]
        return told

    def listen(self) -> list[list[do.Command]]:
        told = []
        while speaks := [index for index, work in enumerate(self.open) if isinstance(work, do.Speak)]:
            told += [self.feed(event) for event in self.replies(speaks[0], 0)]
        return told

    def exchange(self, how: int) -> list[list[do.Command]]:
        told = [self.feed(window(voice)) for voice in (True, True, False)]
        for kind in (do.Transcribe, do.Understand, do.Retrieve, do.Generate):
            newest = [index for index, work in enumerate(self.open) if isinstance(work, kind)][-1:]
            told += [self.feed(event) for index in newest for event in self.replies(index, how)]
            told += [self.feed(window(voice=False)) for _ in range(4) if kind is do.Transcribe]
        return told

    def replies(self, which: int, how: int) -> list[ev.Event]:
        """What comes of an open piece of work, and whether it stays open."""
        work = self.open[which]
        if isinstance(work, do.Generate) and how % 3:
            return [ev.AnswerDelta(at=0.0, turn=work.turn, text=T("We open at nine."), citations=())]
        if isinstance(work, do.OfferHandover) and how % 3:
            return [ev.HandoverQueued(at=0.0, position=1)]
        del self.open[which]
        match work:
            case do.Speak(speech=speech):
                sent = ev.SpeechSent(at=0.0, speech=speech, duration=1.0)
                return [ev.SpeechBegan(at=0.0, speech=speech), sent, ev.SpeechPlayed(at=0.0, speech=speech)]
            case do.Transcribe(turn=turn):
                reply: ev.Event = ev.Transcribed(at=0.0, turn=turn, text=self.words(how), no_speech=0.0, confidence=0.9)
            case do.Understand(turn=turn):
                reply = ev.Understood(at=0.0, turn=turn, asks_for_person=how == 0, topic="callback" if how == 3 else None, frustration=0.0)
            case do.Retrieve(turn=turn):
                sure = 0.9 if how % 3 else 0.1
                reply = ev.Retrieved(at=0.0, turn=turn, passages=(PASSAGE,), confidence=sure, clarify=T(""), reason="")
            case do.Generate(turn=turn):
                reply = ev.AnswerFinished(at=0.0, turn=turn)
            case do.TakeNumber():
                reply = ev.NumberTaken(at=0.0, placeholder="<PHONE_1>", purpose="callback", digits=how)
            case do.StoreCallback():
                reply = ev.CallbackStored(at=0.0)
            case _:
                reply = ev.HandoverAccepted(at=0.0, agent="Alex")
        return [reply]

    def words(self, how: int) -> RedactedText:
        texts = WISHES if place(self.call) == "handover: waiting" and how % 2 else TEXTS
        return texts[how % len(texts)]

    def feed(self, event: ev.Event) -> list[do.Command]:
        self.now += 0.05
        fields = {name: getattr(event, name) for name in event.__dataclass_fields__}
        fields["at"] = self.now
        if isinstance(event, ev.VoiceActivity):
            fields["begin"] = self.media
            self.media += event.duration
        commands = self.call.handle(type(event)(**fields))
        self.out += commands
        self.open += [command for command in commands if isinstance(command, WORK)]
        self.been.add(place(self.call))
        if self.call.ended:
            assert isinstance(self.out[-1], do.CloseCall), "the last command closes the call"
            assert self.call.next_deadline is None
        else:
            assert self.call.next_deadline is not None, "a living call has a deadline"
            assert self.call.next_deadline <= self.now + LONGEST, "and not a distant one"
        return commands

    def pass_time(self) -> list[do.Command]:
        """Nothing works any more but the agent's voice: the next speech is heard, or the next deadline passes."""
        speaks = [index for index, work in enumerate(self.open) if isinstance(work, do.Speak)]
        if speaks:
            return [command for event in self.replies(speaks[0], 0) for command in self.feed(event)]
        assert self.call.next_deadline is not None
        self.now = max(self.now, self.call.next_deadline)
        return self.feed(ev.Tick(at=0.0))


def window(voice: bool) -> ev.Event:
    return ev.VoiceActivity(at=0.0, begin=0.0, duration=0.2, probability=float(voice))


def place(call: Call) -> str:  # noqa: PLR0911 - a place each
    """Where a call is, from inside: its phase, and what it waits for in it."""
    if call.ended or call._way.closing:
        return "ended" if call.ended else "closing"
    if call._way.handover:
        return f"handover: {call._way.handover._state}"
    if call._way.callback:
        return f"callback: {call._way.callback._state}"
    if call._thinking and call._ear.busy:
        return "interrupted in an answer"
    if call._thinking:
        return floor_of(call._thinking.turn, call._playout, asking=False).name.lower()
    if call._ear.busy:
        return call._ear._state.name.lower()
    return floor_of(None, call._playout, asking=call._offer is not None).name.lower()


PLACES = {
    *("notice", "agent", "question", "caller", "hearing", "transcribing", "thought", "interrupted in an answer", "closing", "ended"),
    *("callback: typing", "callback: confirming", "callback: storing"),
    *("handover: offering", "handover: queued", "handover: waiting", "handover: accepted", "handover: bridged"),
}


def test_the_soups_reach_every_place_a_call_can_be_in() -> None:
    been: set[str] = set()

    @settings(max_examples=300, deadline=None, derandomize=True, database=None)
    @given(soup=soups, can_bridge=st.booleans(), rules=st.sampled_from([RULES, RULES_WITHOUT_PERSONS]))
    def stir(soup: Soups, can_bridge: bool, rules: tuple[Rule, ...]) -> None:
        run = Soup(can_bridge=can_bridge, rules=rules)
        run.stir(soup)
        been.update(run.been)

    stir()
    assert been == PLACES


@settings(max_examples=150, deadline=None)
@given(soup=soups, can_bridge=st.booleans(), helped=st.booleans())
def test_from_wherever_a_soup_leaves_it_the_caller_soon_hears_something_is_with_a_person_or_the_call_has_ended(
    soup: Soups, can_bridge: bool, helped: bool
) -> None:
    run = Soup(can_bridge=can_bridge, rules=RULES if helped else RULES_WITHOUT_ANY_HELP)
    run.stir(soup)

    until, heard_at = run.now + 200.0, run.now
    while run.now < until and not run.call.ended and place(run.call) != "handover: bridged":
        commands = run.pass_time()
        assert run.now - heard_at <= LONGEST_WAIT, f"silence in {place(run.call)}"
        if any(isinstance(command, do.NoteLine) and command.line.speaker == "agent" for command in commands):
            heard_at = run.now


@settings(max_examples=50, deadline=None)
@given(soup=soups, can_bridge=st.booleans())
def test_a_call_is_closed_once_and_nothing_comes_behind(soup: Soups, can_bridge: bool) -> None:
    run = Soup(can_bridge=can_bridge, rules=RULES)
    run.stir(soup)
    run.feed(ev.CallerHungUp(at=0.0))

    assert run.call.ended
    assert [isinstance(command, do.CloseCall) for command in run.out].index(True) == len(run.out) - 1


@settings(max_examples=50, deadline=None)
@given(soup=soups)
def test_every_soup_replays_to_the_same_commands(soup: Soups) -> None:
    first, second = (Soup(can_bridge=True, rules=RULES) for _ in range(2))

    assert first.stir(soup) == second.stir(soup)


@settings(max_examples=50, deadline=None)
@given(soup=soups, can_bridge=st.booleans())
def test_no_soup_makes_a_second_transfer_while_one_runs(soup: Soups, can_bridge: bool) -> None:
    run = Soup(can_bridge=can_bridge, rules=RULES)
    run.stir(soup)
    offered: do.OfferHandover | None = None
    for command in run.out:
        if isinstance(command, do.OfferHandover):
            assert offered in (None, command), "only the same offer is made again"
            offered = command
        elif isinstance(command, do.WithdrawHandover):
            offered = None


@settings(max_examples=60, deadline=None)
@given(soup=soups)
def test_whoever_is_told_to_wait_is_before_people_and_whoever_is_not_is_not(soup: Soups) -> None:
    run = Soup(can_bridge=True, rules=RULES)
    offered = False
    for each in soup:
        for commands in run.stir([each]):
            for command in commands:
                offered = isinstance(command, do.OfferHandover) or (offered and not isinstance(command, do.WithdrawHandover))
        if not run.call.ended and not run.call._way.closing:
            assert offered == place(run.call).startswith("handover:")
