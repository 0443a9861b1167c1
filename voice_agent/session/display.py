"""Which state of a call the pages show: worked out from its parts after every event, shown when it has changed."""

from voice_agent.core import events as ev
from voice_agent.session.bridge import Bridge
from voice_agent.session.captions import Captions, State, StateChanged
from voice_agent.session.jobs import Jobs
from voice_agent.session.mouth import Mouth
from voice_agent.session.transfer import Transfer


class Display:
    def __init__(self, captions: Captions, *, mouth: Mouth, jobs: Jobs, transfer: Transfer, bridge: Bridge) -> None:
        self._captions = captions
        self._mouth = mouth
        self._jobs = jobs
        self._transfer = transfer
        self._bridge = bridge
        self._shown: StateChanged | None = None
        self._position = 0
        self._agent = ""

    def happened(self, event: ev.Event, *, ended: bool) -> None:
        """The call has taken in an event, and its commands are under way."""
        match event:
            case ev.HandoverQueued() | ev.HandoverMoved():
                self._position = event.position
            case ev.PersonLeft():
                self._agent = ""
            case ev.HandoverAccepted():
                self._position, self._agent = 0, event.agent
        if not (self._transfer.waiting or self._bridge.open):
            self._position, self._agent = 0, ""
        self._show("ended" if ended else self._state())

    def bridged(self) -> None:
        """The person's leg has come; no event tells of it."""
        self._show(self._state())

    def _show(self, state: State) -> None:
        changed = StateChanged(state=state, position=self._position, agent=self._agent)
        if changed != self._shown:
            self._shown = changed
            self._captions.show(changed)

    def _state(self) -> State:
        if self._bridge.open:
            return "bridged"
        if self._transfer.waiting:
            return "waiting"
        if self._mouth.speaking:
            return "speaking"
        return "thinking" if self._jobs.busy else "listening"
