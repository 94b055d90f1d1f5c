"""One world in which contacts and agents are in every state at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from queue_engine.core import commands as cmd
from queue_engine.core.policy_codec import write_policy
from routing.vocabulary import (
    AgentId,
    ContactId,
    HomeRegionSource,
    LineId,
    LinkId,
    NotReadyReason,
    PhoneId,
    Priority,
    RegionCode,
    Requirement,
    Skill,
    SkillLevel,
)
from tests.core import everybody_callback, everybody_gateway
from tests.core.everybody_islands import told_of_islands
from tests.core.everybody_screen import asked_at_screens
from tests.core.everybody_talk import asked_in_talks
from tests.core.world import ADVICE, LINK, POLICY, World

FINNISH = (Requirement(Skill("fi")),)
CONTACTS = (
    "waits",
    "unseen",
    "rests",
    "rings",
    "talks",
    "held",
    "asked",
    "shared",
    "leaves",
    "lone",
    "dialled",
    "away",
    "promised",
    "over",
    "writes",
    "pops_up",
    "nobody",
)
_MORE = ("phone-asked_too", "phone-rung_too", "phone-consulting", "phone-dialling")
_CONSULTS = (("consulting", "shared", "asked_too"), ("asking", "asked", "rung_too"))
TALKERS = ("wraps", "talker", "holder", "asking", "consulting", "leaver")
AGENTS = (
    "on",
    "idle",
    "rung",
    "talker",
    "holder",
    "asking",
    "consulting",
    "rung_too",
    "asked_too",
    "leaver",
    "wraps",
    "dialling",
    "healing",
    "chatter",
    "off",
)
OFFER: Final = 13
"""Under which the screen of `chatter` offers `pops_up`."""


def everybody() -> World:
    """Contacts and agents are named after the state that they are in."""
    world = World()
    for name, contact in zip(
        TALKERS, ("over", "talks", "held", "asked", "shared", "leaves"), strict=True
    ):
        world.agent(name)
        need = Priority.EMERGENCY if contact == "leaves" else Priority.STANDARD
        world.caller(contact, priority=need)
        world.answer(contact)
    world.nurse_hangs_up("over")
    world.do(cmd.HoldContact(AgentId("holder"), ContactId("held")))
    for asking, contact, colleague in _CONSULTS:
        world.agent(colleague)
        found = AgentId(colleague)
        world.do(cmd.ConsultAgent(AgentId(asking), ContactId(contact), to_agent=found))
    row = world.state.contacts[ContactId("shared")]
    assert row.consult is not None
    world.do(cmd.ReportConsultAnswered(row.contact_id, PhoneId("phone-asked_too"), row.consult))
    world.do(cmd.SignOffAgent(AgentId("leaver")))
    world.agent("healing")
    world.caller("rings")
    world.fail("rings", cmd.OfferFailure.NO_ANSWER)
    world.agent("rung")
    world.caller("lone", needs=FINNISH)
    world.do(cmd.ReportConnected(ContactId("lone"), LINK, PhoneId("somewhere")))
    world.caller("rests", needs=FINNISH)
    world.do(cmd.ReportCommandFailed("x", "AssertionError", ContactId("rests")))
    world.caller("waits", needs=FINNISH, priority=Priority.EMERGENCY)
    world.do(_enqueue("unseen"))
    everybody_callback.begin(world)
    world.agent("chatter")
    world.chat("writes")
    world.answer("writes")
    world.chat("pops_up")
    world.agent("idle")
    everybody_callback.give_up(world)
    world.do(_sign_on("on", "phone-on"))
    everybody_gateway.begin(world)
    return world


def _enqueue(name: str, level: int = 9, region: str = "22") -> cmd.EnqueueContact:
    return cmd.EnqueueContact(
        contact_id=ContactId(name),
        link_id=LINK,
        line_id=LineId("1177"),
        arrived_ms=0,
        priority=Priority.STANDARD,
        needs=(Requirement(Skill("advice"), level),),
        home_region=RegionCode(region),
        home_region_source=HomeRegionSource.LINE,
    )


def _sign_on(
    name: str, phone: str, level: int = 1, skills: str = "advice", region: str = "22"
) -> cmd.SignOnAgent:
    levels = tuple(SkillLevel(Skill(skill), level) for skill in skills.split())
    return cmd.SignOnAgent(AgentId(name), LINK, PhoneId(phone), RegionCode(region), levels)


def requests() -> Iterator[cmd.Command]:
    """Every request, by everybody and of everybody."""
    yield from asked_in_talks(CONTACTS, AGENTS)
    yield from everybody_callback.asked(CONTACTS)
    yield from asked_at_screens(CONTACTS, AGENTS, (1, OFFER))
    yield cmd.HoldContact(AgentId("chatter"), ContactId("writes"))
    yield cmd.PassTime()
    yield cmd.TakeMeasures()
    for region in ("22", "99", "x" * 201):
        yield cmd.SetLending(RegionCode(region), True, "loss")
    yield cmd.SetLending(RegionCode("22"), False, "loss")
    yield from everybody_gateway.asked()
    yield cmd.SetWindow("night_22_07", True)
    yield cmd.SetWindow("night_22_07", False)
    for line in (LineId("1177"), LineId("other")):
        yield cmd.OpenLine(line)
        yield cmd.CloseLine(line)
    for text in (write_policy(POLICY), "{}", "no policy", '{"version":"x","priorities":[]}'):
        yield cmd.LoadPolicy(text)
    for name in CONTACTS:
        yield _enqueue(name)
        for priority in Priority:
            for actor in cmd.Actor:
                yield cmd.SetContactPriority(ContactId(name), priority, actor, "test")
        yield cmd.SetContactPriority(ContactId(name), Priority.URGENT, cmd.Actor.AGENT, "")
    for name in CONTACTS:
        for talker in ("talker", "leaver"):
            for given in (None, Priority.EMERGENCY):
                yield cmd.MarkMisuse(ContactId(name), AgentId(talker), "test", given)
    long = "x" * 201
    yield cmd.SetWindow(long, True)
    yield cmd.EndWrapUp(AgentId("wraps"), long)
    yield cmd.LoadPolicy(" " * (4 * 1024 * 1024 + 1))
    many = tuple(SkillLevel(Skill(f"s{n}")) for n in range(101))
    yield cmd.SignOnAgent(AgentId("x"), LINK, PhoneId("free"), RegionCode("22"), many)
    yield _sign_on("x", "free", skills=long)
    for level, skill in ((0, "advice"), (9, "a|b")):
        needs = (Requirement(Skill(skill), level),)
        raised, who = Priority.EMERGENCY, cmd.Actor.CALLER
        yield cmd.SetContactPriority(ContactId("unseen"), raised, who, "test", needs)
    yield _enqueue("new", level=0)
    yield _enqueue("new", region="2|2")
    yield _enqueue("a b")
    for name in AGENTS:
        for phone in ("free", *(f"phone-{other}" for other in AGENTS)):
            yield _sign_on(name, phone)
        yield _sign_on(name, f"phone-{name}", skills="advice ar")
        yield _sign_on(name, f"phone-{name}", level=0)
        yield _sign_on(name, f"phone-{name}", skills="ar ar")
        yield cmd.SignOffAgent(AgentId(name))
        yield cmd.SetAgentReady(AgentId(name))
        yield cmd.EndWrapUp(AgentId(name), "self_care")
        for state in cmd.ForcedState:
            yield cmd.ForceAgent(AgentId(name), state, "s1", "left_desk")
            yield cmd.ForceAgent(AgentId(name), state, "s1", "Left her desk")
        for reason in NotReadyReason:
            yield cmd.SetAgentNotReady(AgentId(name), reason)


def reports() -> Iterator[cmd.Command]:
    """Every report of everybody, from every phone, sensible or not."""
    links = (LINK, LinkId("ast2"))
    for link in links:
        yield cmd.ReportLinkLost(link)
        yield cmd.ReportLinkLost(link, 5)
        yield cmd.ReportSwitch(link, 2**60, ())
        yield cmd.ReportSwitch(link, 0, ())
    yield cmd.ReportCommandFailed("x", "AssertionError")
    yield cmd.ReportCutOff((LINK,))
    yield from everybody_callback.told_of_texts()
    yield from told_of_islands(CONTACTS)
    yield from everybody_gateway.reported()
    for name in CONTACTS:
        contact_id = ContactId(name)
        yield cmd.ReportCommandFailed("x", "AssertionError", contact_id)
        yield cmd.ReportCallerGone(contact_id)
        yield from everybody_callback.reported(contact_id, range(1, 13))
        for failure in cmd.OfferFailure:
            for offer in range(1, 8):
                yield cmd.ReportOfferFailed(contact_id, offer, failure)
        phones = ("free", "phone-rung", "phone-talker", "phone-holder", "phone-wraps", *_MORE)
        for phone in map(PhoneId, phones):
            yield cmd.ReportTalkEnded(contact_id, phone)
            for consult in range(1, 8):
                yield cmd.ReportConsultAnswered(contact_id, phone, consult)
            for link in links:
                for offer_or_none in (None, 1, 5):
                    yield cmd.ReportConnected(contact_id, link, phone, offer_or_none)
            for place in cmd.CallerPlace:
                yield from _shown(contact_id, place, phone)


def _shown(contact_id: ContactId, place: cmd.CallerPlace, phone: PhoneId) -> Iterator[cmd.Command]:
    ticket = cmd.CallTicket(99, contact_id, 7, 3, Priority.URGENT, RegionCode("22"), ADVICE)
    for caller in (
        cmd.SeenCaller(contact_id, place, 0, ticket, phone, 5),
        cmd.SeenCaller(contact_id, place, 0, None, phone),
        cmd.SeenCaller(contact_id, place, 0),
    ):
        yield cmd.ReportSwitch(LINK, 2**60, (caller,))
        yield cmd.ReportCallerWaiting(LINK, caller)
