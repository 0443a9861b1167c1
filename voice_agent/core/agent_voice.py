"""What the agent says, and what of it the caller has heard. Answers with the commands that follow."""

from collections.abc import Sequence

from voice_agent.core.commands import Command, Speak, StopSpeaking
from voice_agent.core.conversation import Conversation
from voice_agent.core.events import CallStarted, SpeechBegan, SpeechPlayed, SpeechSent
from voice_agent.core.playout import Playout, Speech
from voice_agent.core.policy import Policy
from voice_agent.core.replies import is_speakable
from voice_agent.core.words import Citation, RedactedText, Seconds, SpeechId


class AgentVoice:
    def __init__(self, policy: Policy, talk: Conversation) -> None:
        self._talk = talk
        self._policy = policy
        self._count = 0
        self._fillers = 0
        self._cut: tuple[Speech, ...] = ()
        """What the last interruption kept the caller from hearing."""
        self.playout = Playout(policy)

    def say(self, text: RedactedText, at: Seconds, *, interruptible: bool = True, citations: tuple[Citation, ...] = ()) -> list[Command]:
        """Nothing when there is nothing to pronounce."""
        if not is_speakable(text):
            return []
        self._count += 1
        speech = SpeechId(self._count)
        self.playout.add(Speech(id=speech, text=text, interruptible=interruptible, citations=citations), at)
        return [Speak(speech=speech, text=text)]

    def begin(self, started: CallStarted) -> list[Command]:
        """The notice, unless the caller has heard it before their call broke off."""
        self._talk.lines += started.before or ()
        notice = self._policy.opening if started.before is None else ()
        return [command for text in notice for command in self.say(text, started.at, interruptible=False)]

    def fill(self, at: Seconds) -> list[Command]:
        """A word while the answer takes its time, never the same one twice in a row."""
        self._fillers += 1
        fillers = self._policy.fillers
        return self.say(fillers[self._fillers % len(fillers)], at) if fillers else []

    def silence(self, at: Seconds) -> list[Command]:
        """Fall silent at once; what the caller has not, or not wholly, heard is kept for `resume`."""
        self._cut, heard = self.playout.clear(at)
        if not self._cut:
            return []
        return [StopSpeaking(), *self._talk.interrupted(heard, self._cut[0].citations, at)]

    def hush(self, at: Seconds) -> list[Command]:
        """What we are saying has become idle, and will not be resumed. A notice never becomes idle."""
        said = self.silence(at) if self.playout.busy and self.playout.interruptible else []
        self.forget_cut()
        return said

    @property
    def was_cut(self) -> bool:
        return bool(self._cut)

    def forget_cut(self) -> None:
        self._cut = ()

    def resume(self, at: Seconds) -> list[Command]:
        """What interrupted us was nothing: say the rest."""
        cut, self._cut = self._cut, ()
        if not cut:
            return []
        said = [command for speech in cut for command in self.say(speech.text, at, citations=speech.citations)]
        self._talk.not_interrupted()
        return said

    def late(self, at: Seconds) -> list[Command] | None:
        """The head's deadline has passed. None when it will never be heard."""
        speech, sent = self.playout.give_up(at)
        # When all was sent, only its mark is missing, and the time it takes to play has passed.
        return self.heard([speech], at) if sent else None

    def follow(self, event: SpeechBegan | SpeechSent | SpeechPlayed) -> list[Command]:
        if isinstance(event, SpeechPlayed):
            return self.heard(self.playout.played(event.speech, event.at), event.at)
        if isinstance(event, SpeechSent):
            self.playout.sent(event.speech, event.duration)
        else:
            self.playout.began(event.speech, event.at)
        return []

    def heard(self, speeches: Sequence[Speech], at: Seconds) -> list[Command]:
        return list(self._talk.caller_heard(speeches, at))
