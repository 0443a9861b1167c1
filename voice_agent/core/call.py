"""One call: what each event means in each phase.

    TALKING ──a rule──▶ HANDOVER ──▶ ENDED        TALKING ──a goodbye──▶ CLOSING ──heard──▶ ENDED
       ▲─── given back ────┘  └──── the person has left ────▲

`handle` is the only way in and its return value the only way out. The machines that are asked hold what each alone knows: `Listening` (from
sound to words), `Thinking` (from words to an answer), `Playout` (what the caller has heard), `WayOut` (how the call begins and leaves us).
`Judgement` asks the rules. A result for a turn that is gone changes nothing. Every phase but ENDED has a deadline.
"""

from collections.abc import Sequence

from voice_agent.core import commands as do
from voice_agent.core import events as ev
from voice_agent.core.agent_voice import AgentVoice
from voice_agent.core.attempts import ANSWERED, ASKED_BACK, ASKED_FOR_PERSON
from voice_agent.core.conversation import Conversation
from voice_agent.core.escalation import Decision, Facts, Rule
from voice_agent.core.handover import Back, End, Farewell, Instead, Move, Say
from voice_agent.core.judgement import Judgement
from voice_agent.core.listening import Heard, Listening, Signal, floor_of
from voice_agent.core.policy import Policy
from voice_agent.core.replies import LIGHT, Meaning, meaning_of
from voice_agent.core.thinking import Answered, AskBack, Sentence, Step, Steps, Thinking
from voice_agent.core.turn import Turn
from voice_agent.core.way_out import WayOut
from voice_agent.core.words import Line, RedactedText, Seconds


class Call:
    def __init__(self, *, policy: Policy, rules: Sequence[Rule]) -> None:
        self._policy = policy
        self._ear = Listening(policy)
        self._talk = Conversation()
        self._agent = AgentVoice(policy, self._talk)
        self._playout = self._agent.playout
        self._judge = Judgement(policy, rules)
        self._tally = self._judge.tally
        self._thinking: Thinking | None = None
        self._way = WayOut(policy=policy, talk=self._talk)
        self.ended = self._greeted = False
        self._no_input_at: Seconds = policy.no_input_after
        self._offer: Rule | None = None
        self._now: Seconds = 0.0
        self._out: list[do.Command] = []

    @property
    def history(self) -> tuple[Line, ...]:
        return tuple(self._talk.lines)

    @property
    def next_deadline(self) -> Seconds | None:
        """When a Tick is due, on the clock of `at`. None once the call has ended."""
        if self.ended:
            return None
        if not self._playout.busy:
            return self._own_deadline()
        return self._playout.deadline if self._timers_pause else min(self._own_deadline(), self._playout.deadline)

    @property
    def _timers_pause(self) -> bool:
        """While the agent is heard, nobody waits for the caller."""
        return self._way.closing is not None or not (self._way.handover or self._thinking or self._ear.busy)

    @property
    def on_hold(self) -> bool:
        """The caller waits for a person and does not speak: they may hear comfort between our words."""
        return self._way.handover is not None and self._way.handover.waiting and not self._ear.busy

    def _own_deadline(self) -> Seconds:
        waiting = self._ear if self._ear.busy else (self._way.handover or self._thinking)
        return waiting.deadline if waiting else self._no_input_at

    def handle(self, event: ev.Event) -> list[do.Command]:
        """Take in one event; returns what is to be done, in order. After the end, nothing is."""
        self._out, self._now = [], event.at
        was_busy = self._playout.busy
        if not self.ended:
            self._react(event)
        if not self._playout.busy and not self.ended:
            self._fallen_silent(was_busy=was_busy)
        return self._out

    def _react(self, event: ev.Event) -> None:  # noqa: C901, PLR0912 - a table of events, a line or two for each
        match event:
            case ev.VoiceActivity():
                self._hear(event)
            case ev.SpeechBegan() | ev.SpeechSent() | ev.SpeechPlayed():
                self._out += self._agent.follow(event)
            case ev.SpeechFailed() if self._playout.failed(event.speech, event.at):
                self._voice_failed()
            case ev.Transcribed():
                self._signals(self._ear.transcribed(event))
            case ev.Understood() | ev.Retrieved() | ev.AnswerDelta() | ev.AnswerFinished() if self._thinking:
                self._steps(self._thinking.handle(event))
            case ev.JobFailed(job=ev.REDACT) | ev.ShutdownRequested() if not self._way.taken:
                self._act(self._judge.of_trouble(event))
            case ev.JobFailed():
                self._steps(self._thinking.handle(event) if self._thinking else [])
                self._signals(self._ear.failed(event))
            case ev.KeyPressed() | ev.DigitGiven() if self._way.callback and self._way.callback.gathering:
                self._no_input_at = self._now + self._policy.keys_pause  # its tone is no speech
                self._move([do.StopSpeaking(), *self._way.callback.handle(event)])
            case ev.KeyPressed(key="1") if self._offer and self._offer.then == "callback" and not self._way.taken:
                self._act(self._judge.accepted(self._offer))
            case ev.KeyPressed() if moves := self._way.consent.pressed(event.key):
                self._move(moves)
            case ev.KeyPressed() if not self._way.taken:
                self._signals(self._ear.pressed(event.key))
                self._act(self._judge.of_key(event.key, event.at))
            case ev.CallerHungUp():
                self._hung_up()
            case ev.CallStarted():
                self._out += self._agent.begin(event)
                self._move(self._way.start(event))
                self._act(self._judge.of_start(event))
            case ev.CallerRecognised() | ev.QueuesSeen():
                self._talk.calls_before = self._judge.told(event)
            case ev.Tick():
                self._tick()
            case _:
                self._move(self._way.handle(event))

    # ------------------------------------------------------------ the caller

    def _hear(self, window: ev.VoiceActivity) -> None:
        heard = self._ear.hear(window, floor_of(self._thinking.turn if self._thinking else None, self._playout, asking=self._asking))
        if self._way.deaf:
            self._ear.deafen()  # talking over a handover or a goodbye undoes neither
        else:
            self._signals(heard)

    def _arranged(self, moves: Sequence[Move]) -> bool:
        """What was said, or was not, is dealt with: it was about the way out."""
        was_taken = self._way.taken
        self._move(moves)
        if self._way.callback or self._way.handover:
            self._listen()
        return self._way.callback is not None or self._way.taken or was_taken or any(isinstance(move, Back) for move in moves)

    @property
    def _asking(self) -> bool:
        """A yes or a no is waited for."""
        return self._offer is not None or bool(self._talk.more) or self._way.asking

    def _signals(self, heard: Heard) -> None:
        for signal in heard:
            match signal:
                case Signal.INTERRUPTED:
                    if self._thinking:
                        self._thinking.hold()
                    self._out += self._agent.silence(self._now)
                case Signal.WENT_ON:
                    self._talk.take_back()
                    self._thinking = None
                    self._out += self._agent.hush(self._now)
                case Signal.WORDS | Signal.CARD:
                    self._settle_words()
                case Signal.NOTHING:
                    self._nothing_said(self._turn.voiced)
                case Signal.STUCK | Signal.LISTENS if self._way.handover:
                    self._resume()
                case Signal.STUCK:
                    self._failed()
                case Signal.LISTENS:
                    self._reply(self._policy.card_over)
                case _:
                    self._out.append(signal)

    def _settle_words(self) -> None:
        """These are the caller's words: answer them."""
        turn, offer = self._turn, self._offer
        over = turn.voiced if self._was_interrupted else LIGHT if self._playout.busy else None
        meaning = meaning_of(turn.text, offered=self._asking, over=over)
        if (meaning is Meaning.LISTENING and not turn.noted) or self._way.ignores(turn.text, meaning):
            self._resume()
            return
        self._stop_thinking()
        self._greeted, self._offer = True, None
        self._tally.spoke(repeated=self._talk.said_before(turn.text))
        self._out.append(self._talk.caller_said(turn.text, self._now, revised=turn.noted))
        turn.noted = True
        if self._way.on and self._arranged(self._way.spoken(turn.text, meaning, self._now)):
            return
        match meaning:
            case _ if offer and (taken_up := self._judge.taken_up(offer, turn.text, meaning)):
                self._talk.outcome(ASKED_FOR_PERSON)
                self._act(taken_up)
            case Meaning.DECLINED:
                self._tally.offer_declined()
                self._reply(self._policy.offer_declined)
            case Meaning.CARD:
                self._talk.outcome("not answered")
                self._out += [*self._agent.hush(self._now), *self._agent.say(self._policy.card, self._now)]
            case Meaning.GOODBYE:
                self._close(self._policy.goodbye, self._tally.disposition)
            case Meaning.COURTESY | Meaning.OPENING:
                self._reply(self._policy.courtesy if meaning is Meaning.COURTESY else self._policy.greeting)
            case _:
                self._thinking = Thinking(policy=self._policy, turn=turn, talk=self._talk, at=self._now)
                self._steps(self._thinking.begin())

    def _nothing_said(self, voiced: Seconds) -> None:
        if self._was_interrupted or self._way.handover:
            self._resume()
        elif voiced >= self._policy.no_match_speech:
            self._tally.no_match()
            self._excuse(self._policy.no_match)
        self._ear.next_turn()

    def _resume(self) -> None:
        """What interrupted us was no wish to speak."""
        self._ear.next_turn()
        self._no_input_at = self._now + self._policy.no_input_after
        self._out += self._agent.resume(self._now)
        self._steps(self._thinking.release(self._now) if self._thinking else [])

    @property
    def _was_interrupted(self) -> bool:
        """While the caller's words are settled, only an answer they have cut in on is still thought about."""
        return self._agent.was_cut or self._thinking is not None

    def _steps(self, steps: Steps) -> None:
        for step in steps:
            match step:
                case Step.CONSULT:
                    self._consult()
                case Sentence():
                    self._out += self._agent.say(step.text, self._now, citations=step.citations)
                case Answered():
                    self._answered(step.turn)
                case AskBack():
                    self._talk.outcome(ASKED_BACK)
                    self._reply(step.question)
                case Step.UNKNOWN:
                    self._talk.outcome("not in the documents")
                    self._tally.unanswered()
                    self._excuse(self._policy.abstain, offers=True)
                case Step.FAILED:
                    self._failed()
                case Step.FILL:
                    self._out += self._agent.fill(self._now)
                case _:
                    self._out.append(step)

    def _consult(self) -> None:
        decision = self._judge.of_words(self._turn, self._now)
        self._talk.frustration = self._judge.mood.highest
        if not self._act(decision) and self._thinking:
            self._steps(self._thinking.go_on(self._now))

    def _answered(self, turn: Turn) -> None:
        self._talk.outcome(ANSWERED)
        self._listen()
        self._act(self._judge.of_answer(turn, self._now))

    def _failed(self) -> None:
        if self._turn.noted:
            self._talk.outcome("failed")
        self._stop_thinking()
        self._ear.next_turn()
        self._tally.failed()
        self._excuse(self._policy.failure)

    def _excuse(self, phrases: Sequence[RedactedText], *, offers: bool = False) -> None:
        """It came to nothing."""
        excuse = self._judge.of_excuse(phrases, self._turn, self._now)
        if isinstance(excuse, Decision):
            self._act(excuse)
            return
        self._reply(excuse)
        if offers:
            self._offer = self._judge.own_rule("The caller accepted a person when the documents had no answer.")

    # ------------------------------------------------------------ escalation

    def _act(self, decision: Decision) -> bool:
        """Carry out a rule's decision. False when there is none."""
        if (rule := decision.rule) is None:
            return False
        if decision.decision == "offer":
            self._stop_thinking()
            self._reply(rule.say)
            self._offer = rule
            return True
        if self._turn.understood and self._turn.understood.asks_for_person:
            self._talk.outcome(ASKED_FOR_PERSON)
        self._escalate(rule, decision.explain)
        return True

    def _escalate(self, rule: Rule, explain: str) -> None:
        self._stop_thinking()
        self._move([do.StopSpeaking()])
        self._offer, self._greeted = None, True
        self._listen()
        self._move(self._way.begin(rule, explain, self._now, manned=self._judge.manned(rule)))

    def _move(self, moves: Sequence[Move]) -> None:
        for move in moves:
            match move:
                case Say():
                    self._out += self._agent.say(move.text, self._now)
                case do.StopSpeaking():
                    self._out += self._agent.hush(self._now)
                    self._ear.deafen()
                case Back():
                    self._offer = move.offer
                    self._out += [*self._way.end(), *self._agent.hush(self._now)]
                    self._reply(move.words)
                case Instead():
                    self._escalate(move.rule, move.explain)
                case End.RELEASED:
                    self._end("transferred")
                case Farewell():
                    self._close(move.words, move.disposition)
                case End():
                    self._out += self._way.end()
                case _:
                    self._out.append(move)

    def _reply(self, text: RedactedText) -> None:
        """Say it, and it is the caller's turn."""
        self._out += self._agent.say(text, self._now)
        self._listen()

    def _listen(self) -> None:
        self._thinking = None
        self._ear.next_turn()
        self._no_input_at = self._now + self._policy.no_input_after

    def _voice_failed(self) -> None:
        self._move(self._way.consent.leave())
        self._tally.failed()
        if not (self._way.taken or self._act(self._judge.of_silent_voice()) or self._playout.busy or self._thinking):
            self._excuse(self._policy.failure)

    def _fallen_silent(self, *, was_busy: bool) -> None:
        """Nothing of ours is left to be heard."""
        if self._way.closing:
            self._out.append(do.HangUp())
            self._end(self._way.closing)
        elif self._way.handover:
            self._move(self._way.handover.settle(self._now))
        elif not (self._thinking or self._ear.busy) and (was_busy or not self._greeted):
            self._no_input_at = self._now + self._policy.no_input_after
            if self._ear.utterance_open:
                self._ear.start(self._now)
            elif not self._greeted:
                self._greeted = True
                self._move(self._way.consent.heard())

    # ------------------------------------------------------------ time and the end

    def _tick(self) -> None:
        if self._playout.busy and self._now >= self._playout.deadline:
            if (said := self._agent.late(self._now)) is None:
                self._voice_failed()
            else:
                self._out += said
        elif self._now >= self._own_deadline() and not (self._playout.busy and self._timers_pause):
            self._late()

    def _late(self) -> None:
        if self._ear.busy:
            self._signals(self._ear.late(self._now))
        elif self._way.handover:
            self._move(self._way.handover.handle(ev.Tick(at=self._now)))
        elif self._thinking:
            self._steps(self._thinking.late(self._now))
        elif self._way.on:
            self._arranged(self._way.late())
        elif self._now >= self._policy.longest_call:
            self._act(self._judge.of_dead_end("The call has become very long.", Facts(minutes_in_call=self._now / 60)))
        else:
            self._tally.silent()
            self._excuse(self._policy.reprompts)

    def _hung_up(self) -> None:
        withdrawn, disposition = self._way.hung_up()
        self._out += withdrawn
        self._end(disposition or self._tally.disposition)

    def _close(self, words: RedactedText, disposition: do.Disposition) -> None:
        """Say goodbye, and hang up when it has been heard."""
        self._out += [*self._way.close(disposition), *self._agent.say(words, self._now)]

    def _end(self, disposition: do.Disposition) -> None:
        self.ended = True
        self._out.append(do.CloseCall(disposition=disposition))

    def _stop_thinking(self) -> None:
        """Nothing of the present turn's work is wanted any more, nor what an interruption has kept back."""
        worked_on = (self._thinking.turn if self._thinking else None, self._turn if self._ear.busy else None)
        self._out += [do.AbandonTurn(turn=turn) for turn in sorted({turn.id for turn in worked_on if turn})]
        self._thinking = None
        self._agent.forget_cut()

    @property
    def _turn(self) -> Turn:
        return self._ear.turn
