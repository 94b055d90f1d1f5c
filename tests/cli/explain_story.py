"""A story with most of what an explanation can say in it."""

from __future__ import annotations

from queue_engine.core import commands as cmd
from routing.vocabulary import AgentId, ContactId, NotReadyReason, Priority, Requirement, Skill
from tests.core.world import World

ARABIC = (Requirement(Skill("advice")), Requirement(Skill("ar")))


def explain_story() -> World:
    """`wanted` rings at two agents and is answered; `waits` waits still, `arabic` as well."""
    world = World()
    for name, region, skills in (
        ("home-1", "22", "advice"),
        ("home-2", "22", "advice ar"),
        ("near-1", "23", "advice"),
        ("near-2", "23", "advice"),
        ("near-3", "23", "advice en"),
        ("far-1", "24", "advice"),
    ):
        world.agent(name, region, skills)
        world.wait(1_000)
    world.caller("early", region="22")
    world.answer("early")
    world.do(cmd.SetAgentNotReady(AgentId("home-2"), NotReadyReason.BREAK))
    world.caller("neighbours", region="24")
    world.answer("neighbours")
    world.caller("arabic", region="22", needs=ARABIC)
    world.wait(20_000)
    world.caller("wanted", region="22")
    world.wait(5_000)
    world.caller("waits", region="22", priority=Priority.NON_MEDICAL)
    world.caller("raised", region="23", priority=Priority.RAISED)
    world.answer("raised")
    world.wait(180_000)
    world.fail("wanted", cmd.OfferFailure.NO_ANSWER)
    world.wait(10_000)
    world.nurse_hangs_up("early")
    world.do(cmd.EndWrapUp(AgentId("home-1")))
    world.answer("wanted")
    world.wait(60_000)
    world.gone("wanted")
    world.wait(30_000)
    world.do(cmd.SetContactPriority(ContactId("waits"), Priority.RAISED, cmd.Actor.AGENT, "worse"))
    return world
