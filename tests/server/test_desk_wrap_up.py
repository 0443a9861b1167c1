"""What an agent says of a call when it is over."""

import pytest

from tests.server.agent import Desk, at_the_desk
from tests.server.conftest import Server
from tests.server.waiting import ON_THE_PHONE, handover
from voice_agent.core.words import CallId
from voice_agent.errors import PortError
from voice_agent.ports import AgentVerdict

SAID = {"disposition": "follow-up", "brief_useful": "yes", "escalation_right": "no", "notes": "  Asked for 4111 1111 1111 1111 twice. "}


async def after_a_talk(server: Server, desk: Desk) -> None:
    """They were available, had a call, and it is over."""
    await desk.is_now("available")
    await server.stage.queue.offer(handover())
    assert (await desk.post(ON_THE_PHONE, "accept")).status_code == 200
    await server.stage.queue.joined(ON_THE_PHONE, desk.agent)
    assert (await desk.post(ON_THE_PHONE, "complete")).status_code == 204
    await desk.sees("Wrapping up", "duty")


async def verdict(server: Server) -> AgentVerdict | None:
    return await server.stage.outcomes.verdict(ON_THE_PHONE)


async def test_the_wrap_up_is_kept_without_personal_data_and_calls_ring_again(server: Server) -> None:
    async with at_the_desk(server) as desk:
        await after_a_talk(server, desk)
        answer = await desk.post(ON_THE_PHONE, "wrap-up", **SAID)

    kept = await verdict(server)
    assert kept is not None
    assert (kept.agent, kept.disposition, kept.brief_useful, kept.escalation_right) == ("Maya", "follow-up", True, False)
    assert kept.notes == "Asked for <ACCOUNT> twice."
    assert "No call open" in answer.text
    assert "<strong>Available</strong>" in answer.text
    assert server.stage.audit.deeds[-1].what == "wrapped up a call"


async def test_no_call_rings_during_the_wrap_up(server: Server) -> None:
    async with at_the_desk(server) as desk:
        await after_a_talk(server, desk)
        await server.stage.queue.offer(handover(said="The next one", call=CallId("second-second")))
        await server.stage.queue.dispatch(20.0)
        assert [each.state for each in await server.stage.queue.waiting()] == ["waiting"]
        await desk.post(ON_THE_PHONE, "wrap-up", **SAID)
        await server.stage.queue.dispatch(20.0)
        await desk.sees("The next one", "ring")


@pytest.mark.parametrize("form", [{**SAID, "skip": "yes"}, {}])
async def test_it_can_be_skipped(server: Server, form: dict[str, str]) -> None:
    async with at_the_desk(server) as desk:
        await after_a_talk(server, desk)
        answer = await desk.post(ON_THE_PHONE, "wrap-up", **form)

    assert await verdict(server) is None
    assert "<strong>Available</strong>" in answer.text


async def test_whoever_has_gone_away_meanwhile_stays_away(server: Server) -> None:
    async with at_the_desk(server) as desk:
        await after_a_talk(server, desk)
        await desk.is_now("away")
        answer = await desk.post(ON_THE_PHONE, "wrap-up", **SAID)

    assert await verdict(server) is not None
    assert "<strong>Away</strong>" in answer.text


async def test_what_is_not_said_is_not_known(server: Server) -> None:
    async with at_the_desk(server) as desk:
        await after_a_talk(server, desk)
        await desk.post(ON_THE_PHONE, "wrap-up", disposition="solved")

    kept = await verdict(server)
    assert kept is not None
    assert (kept.brief_useful, kept.escalation_right, kept.notes) == (None, None, "")


async def test_only_whoever_had_the_call_says_how_it_went(server: Server) -> None:
    async with at_the_desk(server) as maya, at_the_desk(server, "Daniel") as daniel:
        await after_a_talk(server, maya)
        refused = await daniel.post(ON_THE_PHONE, "wrap-up", **SAID)

    assert refused.status_code == 409
    assert await verdict(server) is None


async def test_when_notes_cannot_be_redacted_nothing_is_kept_and_it_is_said(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(text: str, *, after: str = "") -> None:
        raise PortError("the redactor is gone", code="redactor-failed")

    async with at_the_desk(server) as desk:
        await after_a_talk(server, desk)
        monkeypatch.setattr(server.house.equipment.redactor, "redact", fail)
        refused = await desk.post(ON_THE_PHONE, "wrap-up", **SAID)

    assert refused.status_code == 409
    assert "redactor-failed" in refused.text
    assert await verdict(server) is None


async def test_notes_that_are_too_long_are_refused(server: Server) -> None:
    async with at_the_desk(server) as desk:
        await after_a_talk(server, desk)
        assert (await desk.post(ON_THE_PHONE, "wrap-up", **{**SAID, "notes": "x" * 1001})).status_code == 422
        assert await verdict(server) is None


async def test_the_form_is_on_the_panel_of_ones_own_call_and_shows_when_it_is_over(server: Server) -> None:
    async with at_the_desk(server) as maya, at_the_desk(server, "Daniel") as daniel:
        await maya.is_now("available")
        await server.stage.queue.offer(handover())
        during = (await maya.post(ON_THE_PHONE, "accept")).text
        theirs = (await daniel.get(ON_THE_PHONE)).text
        await server.stage.queue.joined(ON_THE_PHONE, "Maya")
        await maya.post(ON_THE_PHONE, "complete")
        after = (await maya.get(ON_THE_PHONE)).text

    assert "How did it go?" in during
    assert "How did it go?" not in theirs
    assert "hidden>\n  <header>" in during
    assert "hidden>\n  <header>" not in after
