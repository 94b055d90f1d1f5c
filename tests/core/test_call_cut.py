"""A call that the switch itself has ended is nobody's hang-up."""

from __future__ import annotations

from queue_engine.core import commands as cmd
from routing.vocabulary import ContactId, Outcome
from tests.core.world import World


def test_who_waited_or_was_rung_for_is_lost_and_who_talked_was_handled() -> None:
    world = World()
    world.caller("talks")
    world.caller("rings")
    world.caller("waits")
    world.agent("a1")
    world.answer("talks")
    world.agent("a2")
    for name in ("talks", "rings", "waits"):
        world.do(cmd.ReportCallerGone(ContactId(name), was_cut=True))
    outcomes = {name: contact.outcome for name, contact in world.state.contacts.items()}
    assert outcomes == {
        "talks": Outcome.HANDLED,
        "rings": Outcome.LOST,
        "waits": Outcome.LOST,
    }
    world.check_replay()
