"""Callers who wait for a person."""

from tests.fakes.house import T
from voice_agent.core.brief import make_brief
from voice_agent.core.escalation import Rule
from voice_agent.core.words import CallId, Line
from voice_agent.ports import Handover

ON_THE_PHONE = CallId("c0ffee00c0ffee00")
SAFETY = Rule(
    name="safety", when=(), then="transfer", queue="support", priority=1, reason=T("Something may be dangerous."), say=T("Unplug it.")
)


def handover(
    call: CallId = ON_THE_PHONE,
    *,
    carrier: str = "twilio",
    queue: str = "support",
    priority: int = 2,
    said: str = "My kettle <CARD> leaks & <b>smokes</b>",
) -> Handover:
    brief = make_brief(
        lines=(Line(speaker="agent", text=T("Hello.")), Line(speaker="caller", text=T(said))),
        outcomes={1: "not in the documents"},
        rule=SAFETY,
        explanation="Rule 'safety' matched: topic = 'safety'.",
        frustration=0.8,
    )
    return Handover(
        call=call,
        carrier=carrier,
        carrier_call="CA1",
        queue=queue,
        priority=priority,
        brief=brief,
        state="waiting",
        since=1.0,
        agent="",
    )
