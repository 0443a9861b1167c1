"""The life of a stored handover, and whose turn it is to ring.

    waiting ──▶ ringing ──▶ accepted ──▶ bridged ──▶ completed
       ▲           │            │           │
       └───────────┴────────────┴───────────┘ declined, unanswered, lost        (withdrawn from any of them)

A `Board` is the queue and the roster at one moment. A step changes it and says what it changed; whoever stores it reads
it, takes one step, and writes what changed, in one transaction. Every step may be taken by any process, again, in any
order, and after any crash: one that no longer fits what is there changes nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Generic, Literal, TypeVar

from voice_agent.core.words import CallId, Seconds

HandoverState = Literal["waiting", "ringing", "accepted", "bridged", "completed", "withdrawn"]
AgentStatus = Literal["available", "wrap-up", "away"]
ChangeKind = Literal[
    "waiting",
    "ringing",
    "accepted",
    "joined",
    "declined",
    "unanswered",
    "lost",
    "exhausted",
    "completed",
    "withdrawn",
    "callback",
]
Refusal = Literal["not-waiting", "already-taken", "has-a-call"]

OPEN: tuple[HandoverState, ...] = ("waiting", "ringing", "accepted", "bridged")
"""The states of a call that is not over."""
UNSEEN_AFTER: Seconds = 15.0
"""An agent whose page was not heard of for as long is away: a closed laptop says nothing."""
JOIN_WITHIN: Seconds = 75.0
"""From accepting until agent and caller are bridged: a phone rings for half a minute, a brief takes as long to be told."""
LOST_PRIORITY = 1
"""Of a caller whose person's line broke: they have waited once already."""
LEAST_HANDLED = 3
"""Completed calls that an estimate of the waiting time takes as its basis, at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """One call's wait for a person, without what the person will read."""

    call: CallId
    queue: str
    priority: int
    """1 is the most urgent."""
    since: float
    """When it was offered, UNIX seconds: its place among those as urgent."""
    state: HandoverState = "waiting"
    agent: str = ""
    """For whom it rings, who accepted it, or who had it; empty otherwise."""
    ring_until: float | None = None
    """UNIX seconds, while it rings."""
    tried: tuple[str, ...] = ()
    """The agents it is not rung for again: they declined, or did not answer."""
    exhausted: bool = False
    """The caller was told that everybody has been tried."""
    taken: float | None = None
    """When it was accepted, UNIX seconds."""
    joined: float | None = None
    """When the caller and the agent were bridged, UNIX seconds."""
    ended: float | None = None
    """When it was completed or withdrawn, UNIX seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDuty:
    """What is known of an agent's presence."""

    agent: str
    status: AgentStatus
    """"wrap-up": not rung, after a call, until they say that they are available again."""
    queues: tuple[str, ...] | None
    """Whose calls they are rung for; None: of every queue."""
    since: float
    """When the status began or their last call ended, UNIX seconds: whoever is idle the longest is rung first."""
    seen: float
    """When their page was last heard of, UNIX seconds."""
    missed: bool = False
    """They are away because they did not answer a ring."""

    def serves(self, queue: str) -> bool:
        return self.queues is None or queue in self.queues

    def is_on_duty(self, now: float) -> bool:
        """They take calls now, or will when theirs is over."""
        return self.status != "away" and now < self.seen + UNSEEN_AFTER


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueChange:
    """Something about one handover changed."""

    call: CallId
    kind: ChangeKind
    """"waiting" when it waits anew, "callback" when a callback has been promised, or dealt with."""
    agent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    position: int
    """Among those of its queue who wait; 1 is the next."""
    wait: Seconds | None
    """Until somebody takes the call; None when there is nothing to go by."""


W = TypeVar("W", bound=Wait)


class Board(Generic[W]):
    """`waits`: every open one, and the one that a step is about. `agents`: everybody known."""

    def __init__(self, waits: Iterable[W], agents: Iterable[OnDuty], now: float) -> None:
        self._waits = {wait.call: wait for wait in waits}
        self._agents = {agent.agent: agent for agent in agents}
        self._now = now
        self.changed_waits: dict[CallId, W] = {}
        self.changed_agents: dict[str, OnDuty] = {}
        self.changes: list[QueueChange] = []

    # ------------------------------------------------------------ the caller's side

    def offer(self, new: W) -> None:
        """A newer offer puts a call back whose person never came, or that has left; any other repetition changes nothing."""
        found = self._waits.get(new.call)
        if found is None or (found.state not in ("waiting", "ringing") and new.since > found.since):
            self._put(_afresh(new), "waiting")

    def lose(self, call: CallId, agent: str, joined: float | None = None) -> None:
        """The agent's line broke, or never came about: the caller, who was told of a person, goes before the others.

        `joined`: says which line, for those whose word may come late.
        """
        wait = self._theirs(call, agent, "accepted", "bridged")
        if wait is not None and joined in (None, wait.joined):
            tried = (agent,) if wait.state == "accepted" else ()
            self._free(agent)
            self._put(replace(_afresh(wait), priority=LOST_PRIORITY, tried=tried), "lost", agent)

    def leave(self, call: CallId, agent: str) -> None:
        """The agent says that the call is over. One who has never spoken with the caller gives the call back."""
        if self._theirs(call, agent, "bridged"):
            self.end(call, "completed")
        elif wait := self._theirs(call, agent, "accepted"):
            self._try_others(wait, "declined", agent)

    def end(self, call: CallId, how: Literal["completed", "withdrawn"]) -> None:
        """The caller is gone."""
        wait = self._waits.get(call)
        if wait is None or wait.state not in OPEN:
            return
        had = "" if wait.state == "ringing" else wait.agent
        if had:
            self._free(had, wrap_up=wait.state == "bridged")
        self._put(replace(wait, state=how, agent=had, ring_until=None, ended=self._now), how)

    # ------------------------------------------------------------ the agent's side

    def accept(self, call: CallId, agent: str) -> Refusal | None:
        """A call that rings for them, or any that waits. Nobody has two calls: what rings for them besides rings for others."""
        wait = self._waits.get(call)
        if wait is None or wait.state not in OPEN:
            return "not-waiting"
        if wait.agent and wait.agent != agent:
            return "already-taken"
        if wait.state in ("accepted", "bridged"):
            return None
        others = [other for other in self._waits.values() if other.call != call and other.agent == agent and other.state in OPEN]
        if any(other.state != "ringing" for other in others):
            return "has-a-call"
        for other in others:
            self._put(replace(other, state="waiting", agent="", ring_until=None), "waiting")
        self._put(replace(wait, state="accepted", agent=agent, ring_until=None, taken=self._now), "accepted", agent)
        return None

    def decline(self, call: CallId, agent: str) -> None:
        """Also a call that they have accepted, and one of the list that only waits."""
        wait = self._theirs(call, agent, "ringing", "accepted") or self._theirs(call, "", "waiting")
        if wait is not None and (wait.agent or agent not in wait.tried):
            self._try_others(wait, "declined", agent)

    def join(self, call: CallId, agent: str) -> bool:
        """The two can be bridged. False when the call is not theirs, or not any more: they must not be."""
        if wait := self._theirs(call, agent, "accepted"):
            self._put(replace(wait, state="bridged", joined=self._now), "joined", agent)
        return self._theirs(call, agent, "bridged") is not None

    def come(self, agent: str, status: AgentStatus, queues: tuple[str, ...] | None) -> None:
        """The agent says what they are. Who comes back is rung for the calls they missed, too."""
        found = self._agents.get(agent)
        if status == "available" and (found is None or found.status == "away"):
            for wait in [wait for wait in self._waits.values() if agent in wait.tried and wait.state in OPEN]:
                self._keep(replace(wait, tried=tuple(each for each in wait.tried if each != agent)))
        since = self._now if found is None or found.status != status else found.since
        self._note(OnDuty(agent=agent, status=status, queues=queues, since=since, seen=self._now))

    # ------------------------------------------------------------ in time

    def dispatch(self, ring_for: Seconds) -> None:
        """Take back what nobody answers, then ring for every call that somebody is free for."""
        for wait in self._in_order():
            if wait.state == "ringing" and not self._may_answer(wait):
                self._miss(wait)
            elif wait.state == "accepted" and self._forsaken(wait):
                self._try_others(wait, "lost", wait.agent)
        on_duty = sorted((each for each in self._agents.values() if each.is_on_duty(self._now)), key=lambda each: (each.since, each.agent))
        busy = {wait.agent for wait in self._waits.values() if wait.state in ("ringing", "accepted", "bridged")}
        free = [each for each in on_duty if each.status == "available" and each.agent not in busy]
        for wait in [wait for wait in self._in_order() if wait.state == "waiting"]:
            chosen = next((each for each in free if each.serves(wait.queue) and each.agent not in wait.tried), None)
            if chosen is not None:
                free.remove(chosen)
                ringing = replace(wait, state="ringing", agent=chosen.agent, ring_until=self._now + ring_for)
                self._put(ringing, "ringing", chosen.agent)
            elif wait.tried and not wait.exhausted and not _hope(wait, on_duty):
                self._put(replace(wait, exhausted=True), "exhausted")

    def _may_answer(self, wait: W) -> bool:
        agent = self._agents.get(wait.agent)
        in_time = wait.ring_until is not None and self._now < wait.ring_until
        return in_time and agent is not None and agent.status == "available" and agent.is_on_duty(self._now)

    def _forsaken(self, wait: W) -> bool:
        """Its agent is gone before the two were bridged, or cannot be reached."""
        agent = self._agents.get(wait.agent)
        seen = 0.0 if agent is None else agent.seen
        return wait.taken is not None and self._now >= min(max(seen, wait.taken) + UNSEEN_AFTER, wait.taken + JOIN_WITHIN)

    def _miss(self, wait: W) -> None:
        agent = self._agents.get(wait.agent)
        if agent is not None and agent.status == "available":
            self._note(replace(agent, status="away", since=self._now, missed=True))
        self._try_others(wait, "unanswered", wait.agent)

    # ------------------------------------------------------------ what the caller is told

    def position(self, call: CallId) -> int:
        """Among those of its queue who wait; 0 when it does not."""
        this = self._waits.get(call)
        if this is None or this.state not in ("waiting", "ringing"):
            return 0
        return [wait.call for wait in self._in_order() if wait.queue == this.queue and wait.state in ("waiting", "ringing")].index(call) + 1

    def estimate(self, call: CallId, handled: Sequence[Seconds]) -> Estimate | None:
        """`handled`: how long the last calls of its queue took. None when it does not wait."""
        position = self.position(call)
        if not position:
            return None
        queue = self._waits[call].queue
        agents = sum(each.is_on_duty(self._now) and each.serves(queue) for each in self._agents.values())
        known = agents > 0 and len(handled) >= LEAST_HANDLED
        return Estimate(position=position, wait=median(handled) * position / agents if known else None)

    # ------------------------------------------------------------ changing

    def _theirs(self, call: CallId, agent: str, *states: HandoverState) -> W | None:
        wait = self._waits.get(call)
        return wait if wait is not None and wait.agent == agent and wait.state in states else None

    def _in_order(self) -> list[W]:
        return sorted(self._waits.values(), key=lambda wait: (wait.priority, wait.since, wait.call))

    def _try_others(self, wait: W, kind: ChangeKind, agent: str) -> None:
        tried = wait.tried if agent in wait.tried else (*wait.tried, agent)
        self._put(replace(wait, state="waiting", agent="", ring_until=None, tried=tried, taken=None), kind, agent)

    def _free(self, agent: str, *, wrap_up: bool = False) -> None:
        found = self._agents.get(agent)
        if found is not None and found.status == "available":
            self._note(replace(found, status="wrap-up" if wrap_up else "available", since=self._now))

    def _note(self, agent: OnDuty) -> None:
        self._agents[agent.agent] = self.changed_agents[agent.agent] = agent

    def _put(self, wait: W, kind: ChangeKind, agent: str = "") -> None:
        self._keep(wait)
        self.changes.append(QueueChange(call=wait.call, kind=kind, agent=agent))

    def _keep(self, wait: W) -> None:
        self._waits[wait.call] = self.changed_waits[wait.call] = wait


def _afresh(wait: W) -> W:
    return replace(wait, state="waiting", agent="", ring_until=None, tried=(), exhausted=False, taken=None, joined=None, ended=None)


def _hope(wait: Wait, on_duty: Iterable[OnDuty]) -> bool:
    """Somebody has not been tried yet, and will be as soon as they are free."""
    return any(each.serves(wait.queue) and each.agent not in wait.tried for each in on_duty)
