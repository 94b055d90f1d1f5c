"""Every offer and every wait can be explained, and the explanation agrees with the rules."""

from __future__ import annotations

from dataclasses import replace

import pytest

from queue_engine.core import commands as cmd, events as ev
from queue_engine.core.contact import ContactState
from queue_engine.core.explain import (
    NEAREST_OF_EACH,
    Absence,
    Hold,
    OfferExplained,
    RegionStaff,
    explain_offer,
    explain_wait,
    hindrance,
)
from queue_engine.core.snapshot import digest
from queue_engine.core.state import State
from routing.gateways import Gateway
from routing.may_answer import Obstacle
from routing.strain_policy import StrainPolicy
from routing.vocabulary import (
    AgentId,
    ContactId,
    GatewayId,
    LinkId,
    NotReadyReason,
    PhoneId,
    Priority,
    RegionCode,
    Requirement,
    Skill,
    SkillLevel,
)
from tests.core.chaos import Chaos
from tests.core.everybody import _enqueue, everybody
from tests.core.world import LINK, POLICY, World

STEPS = 200


class Witness:
    """Explains each offer of a story just before it is made, and remembers what was said."""

    def __init__(self) -> None:
        self.said: set[object] = set()
        self.offers = 0

    def __call__(self, state: State, event: ev.Event) -> None:
        if not isinstance(event, ev.ContactOffered):
            return
        before = digest(state) if self.offers % 20 == 0 else None
        found = explain_offer(state, event)
        self.offers += 1
        assert before is None or digest(state) == before, "explaining changes nothing"
        contact = state.contacts[event.contact_id]
        assert hindrance(state, state.agents[event.agent_id], contact) is None
        assert found.contact.waiting == len(state.waiting)
        others = sum(one.at_work for one in found.others.regions)
        assert others == len(state.agents) - 1
        could = sum(one.could for one in found.others.regions)
        assert could == found.agent.candidates - 1
        for one in found.others.regions:
            assert one.at_work == one.could + sum(count for _, count in one.hindered)
            self.said |= {why for why, _ in one.hindered}
        assert len(found.others.nearest) <= 3 * NEAREST_OF_EACH
        self.said |= {found.agent.advantage, found.contact.next_standing}


def test_every_offer_of_any_story_is_explained_and_none_against_the_rules() -> None:
    witness = Witness()
    for seed in range(6):
        world = World(watch=witness)
        Chaos(world, seed).run(STEPS)
        for contact in world.state.living_contacts():
            if contact.state in (ContactState.WAITING, ContactState.OFFERED):
                found = explain_wait(world.state, contact)
                could = sum(one.could for one in found.others.regions)
                assert not could or found.hold, "work is conserved"
    assert witness.offers > 100
    assert witness.said >= {
        *(Obstacle.SKILLS, Obstacle.NOT_SHARED, Obstacle.NOT_LENDING),
        *(Absence.TALKING, Absence.WRAP_UP, Absence.NOT_READY),
    }


def explained(world: World, name: str) -> Hold | None:
    return explain_wait(world.state, world.state.contacts[ContactId(name)]).hold


def test_what_an_agent_does_instead_is_told() -> None:
    world = everybody()
    contact = world.state.contacts[ContactId("unseen")]
    agents = world.state.agents
    assert {name: hindrance(world.state, agent, contact) for name, agent in agents.items()} == {
        "wraps": Absence.WRAP_UP,
        "talker": Absence.TALKING,
        **dict.fromkeys(("holder", "asking", "consulting", "asked_too"), Absence.TALKING),
        "rung_too": Absence.RINGING,
        "leaver": Absence.TALKING,
        "healing": Absence.NOT_READY,
        "rung": Absence.RINGING,
        "dialling": Absence.RINGING,
        "chatter": Absence.RINGING,
        "idle": None,
        "on": Absence.NOT_READY,
        **dict.fromkeys(("west+1", "west+2"), Obstacle.SKILLS),
    }
    found = explain_wait(world.state, contact)
    reasons = {one.agent_id: one.not_ready_reason for one in found.others.nearest}
    assert reasons[AgentId("idle")] is None
    assert {NotReadyReason.NO_ANSWER, NotReadyReason.SIGNED_ON} & set(reasons.values())
    assert found.others.nearest[0].agent_id == "idle", "who could comes first"


def test_what_there_is_no_room_for_is_told() -> None:
    world = World()
    world.agent("a1")
    world.chat("c1")
    world.answer("c1")
    world.caller("c2")
    agent = world.state.agents[AgentId("a1")]
    call, chat = world.state.contacts[ContactId("c2")], world.state.contacts[ContactId("c1")]
    assert hindrance(world.state, agent, call) is Obstacle.NO_ROOM
    assert explain_wait(world.state, call).hold is None
    world.gone("c2")
    world.do(cmd.SetAgentNotReady(agent.agent_id, NotReadyReason.BREAK))
    world.chat("c3")
    asked = world.state.contacts[ContactId("c3")]
    assert hindrance(world.state, agent, asked) is Absence.TALKING, "and not that it has no room"
    assert explain_wait(world.state, asked).hold is None, "no switch need have shown it"
    assert chat.agent_id == agent.agent_id


def test_one_who_could_not_with_the_best_will_is_not_said_to_be_busy() -> None:
    world = everybody()
    contact = world.state.contacts[ContactId("waits")]
    assert contact.contact_id in world.state.waiting
    agents = world.state.agents.values()
    assert {hindrance(world.state, agent, contact) for agent in agents} == {Obstacle.SKILLS}


def test_what_keeps_a_contact_from_everybody_is_told() -> None:
    world = everybody()
    assert explained(world, "unseen") is Hold.NOT_SEEN
    assert explained(world, "rests") is Hold.RESTING
    assert explained(world, "rings") is Hold.RINGING
    assert explained(world, "waits") is None
    world.do(replace(_enqueue("elsewhere"), link_id=LinkId("ast2")))
    assert explained(world, "elsewhere") is Hold.OUT_OF_REACH, "nobody has seen that switch yet"
    world.do(cmd.ReportLinkLost(LINK))
    assert explained(world, "waits") is Hold.OUT_OF_REACH
    assert (
        hindrance(
            world.state,
            world.state.agents[AgentId("idle")],
            world.state.contacts[ContactId("unseen")],
        )
        is Absence.OUT_OF_REACH
    )


def test_a_wait_tells_who_is_before_it_and_when_it_is_shared_next() -> None:
    world = World()
    world.do(_enqueue("unseen"))
    world.caller("first")
    world.caller("other", region="23", priority=Priority.URGENT)
    world.caller("last")
    found = explain_wait(world.state, world.state.contacts[ContactId("last")])
    assert (found.ahead_at_home, found.ahead) == (1, 2)
    assert found.next_share == (world.now_ms + 180_000, "after_3_min")
    world.wait(181_000)
    found = explain_wait(world.state, world.state.contacts[ContactId("last")])
    assert found.next_share is not None
    assert found.next_share[1] == "past_due"
    assert found.policy_version == POLICY.version


@pytest.mark.parametrize("region", ["22", "01"])
def test_the_home_region_stands_first(region: str) -> None:
    world = World()
    for code in ("24", "23", "22", "01"):
        world.agent(f"a{code}", region=code, skills="fi")
    world.caller("c", region=region)
    found = explain_wait(world.state, world.state.contacts[ContactId("c")])
    assert found.others.regions[0].region == RegionCode(region)


def test_those_are_named_who_came_nearest_to_it() -> None:
    world = World()
    world.agent("far", "23")
    world.agent("farther", "24")
    world.agent("knows_more", skills="advice child")
    for name in ("first", "second", "third"):
        world.agent(name)
    world.agent("unskilled", skills="child")
    world.agent("far_unskilled", "23", skills="child")
    world.agent("rests")
    world.do(cmd.SetAgentNotReady(AgentId("rests"), NotReadyReason.BREAK))
    world.do(_enqueue("unseen"))
    found = explain_wait(world.state, world.state.contacts[ContactId("unseen")])
    assert [(one.agent_id, one.region, one.hindrance) for one in found.others.nearest] == [
        ("first", "22", None),
        ("second", "22", None),
        ("third", "22", None),
        ("unskilled", "22", Obstacle.SKILLS),
        ("far", "23", Obstacle.NOT_SHARED),
        ("farther", "24", Obstacle.NOT_SHARED),
        ("rests", "22", Absence.NOT_READY),
    ]
    assert found.others.regions[:2] == (
        RegionStaff(RegionCode("22"), 6, 4, ((Obstacle.SKILLS, 1), (Absence.NOT_READY, 1))),
        RegionStaff(RegionCode("23"), 2, 0, ((Obstacle.SKILLS, 1), (Obstacle.NOT_SHARED, 1))),
    )
    assert (found.ahead, found.ahead_at_home) == (None, None), "it has no place yet"


def test_what_will_be_over_is_not_said_of_her_who_is_busy_anyhow() -> None:
    world = World()
    world.agent("a1", "24")
    world.caller("c1")
    agent, contact = world.state.agents[AgentId("a1")], world.state.contacts[ContactId("c1")]
    assert hindrance(world.state, agent, contact) is Obstacle.NOT_LENDING
    world.do(cmd.SetAgentNotReady(agent.agent_id, NotReadyReason.BREAK))
    assert hindrance(world.state, agent, contact) is Absence.NOT_READY


def test_an_offer_tells_who_else_waited_and_who_else_could() -> None:
    told: list[OfferExplained] = []

    def watch(state: State, event: ev.Event) -> None:
        if isinstance(event, ev.ContactOffered):
            told.append(explain_offer(state, event))

    world = World(watch=watch)
    world.agent("chosen")
    world.agent("could")
    world.agent("knows_more", skills="advice child")
    world.agent("unskilled", skills="fi")
    world.do(_enqueue("unseen"))
    for name in ("c1", "c2"):
        world.caller(name, needs=(Requirement(Skill("ar")),))
    world.caller("c3")
    (found,) = told
    assert (found.agent_id, found.agent.candidates, found.contact.waiting) == ("chosen", 3, 3)
    assert [one.agent_id for one in found.others.nearest] == ["could", "knows_more", "unskilled"]
    assert found.others.regions[0].at_work == 3


def nearest(world: World, name: str) -> tuple[object, int | None]:
    """What keeps the nearest agent from the contact, and when that is over."""
    found = explain_wait(world.state, world.state.contacts[ContactId(name)])
    one = found.others.nearest[0]
    return one.hindrance, None if one.until_ms is None else one.until_ms - world.now_ms


def _not_carried(world: World, failure: cmd.OfferFailure) -> None:
    world.caller("c1")
    world.fail("c1", failure)
    world.caller("c2", priority=Priority.EMERGENCY)


def test_a_trunk_that_rests_is_named_and_until_when_it_does_for_the_contact() -> None:
    far = LinkId("ast2")
    world = World(replace(POLICY, trunks=((LINK, far),)))
    world.do(cmd.ReportSwitch(far, world.now_ms, ()))
    needs = (SkillLevel(Skill("advice")),)
    agent_id = AgentId("a1")
    world.do(cmd.SignOnAgent(agent_id, far, PhoneId("p1"), RegionCode("22"), needs))
    world.do(cmd.SetAgentReady(agent_id))
    _not_carried(world, cmd.OfferFailure.TRUNK)
    assert nearest(world, "c1") == (Obstacle.TRUNK_RESTS, 30_000)
    assert nearest(world, "c2") == (Obstacle.TRUNK_RESTS, 5_000)
    world.wait(5_000)
    world.fail("c2", cmd.OfferFailure.TRUNK)
    assert nearest(world, "c1") == nearest(world, "c2") == (Obstacle.TRUNK_RESTS, 5_000)


def test_a_gateway_that_rests_is_named_and_until_when_it_does_for_the_contact() -> None:
    needs = (SkillLevel(Skill("advice")),)
    west = Gateway(GatewayId("west"), LINK, RegionCode("22"), needs, 1)
    world = World(replace(POLICY, gateways=(west,)))
    world.do(cmd.ReportGateway(LINK, west.gateway_id, True))
    _not_carried(world, cmd.OfferFailure.REJECTED)
    assert nearest(world, "c1") == (Obstacle.GATEWAY_RESTS, 30_000)
    assert nearest(world, "c2") == (Absence.NOT_READY, 5_000)
    world.wait(27_000)
    assert nearest(world, "c1") == (Obstacle.GATEWAY_RESTS, 3_000)
    world.fail("c2", cmd.OfferFailure.UNREACHABLE)
    assert nearest(world, "c1") == (Obstacle.GATEWAY_RESTS, 5_000), "for emergencies that long"


def test_who_did_not_answer_is_back_at_a_moment_that_is_known() -> None:
    world = World()
    world.agent("a1")
    _not_carried(world, cmd.OfferFailure.NO_ANSWER)
    assert nearest(world, "c1") == (Absence.NOT_READY, POLICY.no_answer_heals_ms)
    world.do(cmd.SetAgentNotReady(AgentId("a1"), NotReadyReason.BREAK))
    assert nearest(world, "c1") == (Absence.NOT_READY, None)


def _rests(world: World) -> None:
    """She has had too much, and two callers, one of another region, wait."""
    world.agent("a1")
    world.caller("c0", priority=Priority.EMERGENCY)
    world.answer("c0")
    world.wait(1_000)
    world.nurse_hangs_up("c0")
    world.do(cmd.EndWrapUp(AgentId("a1")))
    world.caller("c1")
    world.caller("c2", "23")
    world.do(cmd.SetWindow("night_22_07", True))


def test_of_a_rest_the_end_is_said_as_far_as_that_is_all_that_keeps_her() -> None:
    strain = StrainPolicy(emergencies_max=1, rest_ms=20_000)
    world = World(replace(POLICY, strain=strain))
    _rests(world)
    assert nearest(world, "c1") == nearest(world, "c2") == (Obstacle.STRAIN, 20_000)
    world.do(cmd.SetAgentNotReady(AgentId("a1"), NotReadyReason.BREAK))
    assert nearest(world, "c1") == (Obstacle.STRAIN, None), "nobody knows how long her break is"
    world.do(cmd.SetAgentReady(AgentId("a1")))
    world.caller("c3", priority=Priority.EMERGENCY)
    assert nearest(world, "c1") == (Obstacle.STRAIN, 20_000)
    world.fail("c3", cmd.OfferFailure.NO_ANSWER)
    assert nearest(world, "c1") == (Obstacle.STRAIN, POLICY.no_answer_heals_ms)


def test_who_has_had_too_many_of_others_is_not_back_for_them_when_she_has_rested() -> None:
    strain = StrainPolicy(emergencies_max=1, rest_ms=20_000, others_permille_max=500, others_of=1)
    world = World(replace(POLICY, strain=strain))
    world.agent("a1", "23")
    world.agent("a2", "23")
    world.do(cmd.SetAgentNotReady(AgentId("a2"), NotReadyReason.BREAK))
    world.caller("c0", priority=Priority.EMERGENCY)
    world.answer("c0")
    world.nurse_hangs_up("c0")
    world.do(cmd.EndWrapUp(AgentId("a1")))
    world.caller("c1", "23")
    world.caller("c2")
    world.do(cmd.SetWindow("night_22_07", True))
    assert nearest(world, "c1") == (Obstacle.STRAIN, 20_000)
    assert nearest(world, "c2") == (Obstacle.STRAIN, None)
