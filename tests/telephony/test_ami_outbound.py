"""Events to effects to actions, and the fallback's mirror."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, get_args

import pytest

from queue_engine.core import events as ev
from queue_engine.core.commands import CallerPlace, CallTicket
from queue_engine.core.ticket import read_ticket
from queue_engine.telephony import ami_outbound as out
from queue_engine.telephony.ami_message import AmiMessage
from queue_engine.telephony.fallback_queue import changes, read_entries, wanted_entries
from queue_engine.telephony.ports import FallbackAgent
from routing.vocabulary import (
    AgentId,
    ContactId,
    LinkId,
    PhoneId,
    Priority,
    RegionCode,
    Requirement,
    Skill,
)

LINK = LinkId("ast1")
ID = ContactId("ast1-1795282147.1")
PHONE = PhoneId("nurse17")


def made(kind: Any, **values: object) -> Any:
    """An event of this kind; what is not given does not matter."""
    return kind(**{field.name: values.get(field.name) for field in fields(kind)})


@pytest.mark.parametrize(
    ("event", "effects"),
    [
        (
            made(ev.ContactOffered, contact_id=ID, link_id=LINK, phone_id=PHONE, offer=42),
            (out.RingPhone(ID, 42, PHONE),),
        ),
        (made(ev.ContactOffered, contact_id=ID, link_id="ast2", phone_id=PHONE, offer=42), ()),
        (made(ev.OfferRevoked, contact_id=ID, offer=42), (out.TakeBack(ID, 42),)),
        (made(ev.OfferRangOut, contact_id=ID, offer=42), (out.TakeBack(ID, 42),)),
        (made(ev.CallbackNotReached, contact_id=ID, offer=42), (out.TakeBack(ID, 42),)),
        (
            made(
                ev.ContactOffered,
                contact_id=ID,
                link_id=LINK,
                phone_id=PHONE,
                offer=42,
                is_callback=True,
            ),
            (out.RingBack(ID, 42, PHONE),),
        ),
        (made(ev.OfferRejected, contact_id=ID, offer=42), (out.TakeBack(ID, 42),)),
        (made(ev.OfferFailed, contact_id=ID, offer=42), (out.TakeBack(ID, 42),)),
        (made(ev.ContactSeenInFallback, contact_id=ID), (out.FetchFromFallback(ID),)),
        (made(ev.ContactEnqueued, contact_id=ID, link_id=LINK), (out.CarryTicket(ID),)),
        (made(ev.ContactEnqueued, contact_id=ID, link_id="ast2"), ()),
        (
            made(ev.ContactRestored, contact_id=ID, link_id=LINK, place=CallerPlace.WAITING),
            (out.CarryTicket(ID),),
        ),
        (
            made(ev.ContactRestored, contact_id=ID, link_id=LINK, place=CallerPlace.FALLBACK),
            (out.CarryTicket(ID), out.FetchFromFallback(ID)),
        ),
        (made(ev.ContactPriorityChanged, contact_id=ID), (out.CarryTicket(ID),)),
        (made(ev.HomeRegionCorrected, contact_id=ID), (out.CarryTicket(ID),)),
        (made(ev.ContactTransferred, contact_id=ID), (out.CarryTicket(ID),)),
        (made(ev.NeedsRelaxed, contact_id=ID), (out.CarryTicket(ID),)),
        (made(ev.PolicyLoaded), (out.LookAtGateways(),)),
        (made(ev.AgentSignedOn), (out.MirrorAgents(),)),
        (made(ev.AgentSignedOff), (out.MirrorAgents(),)),
        (made(ev.AgentBecameReady), (out.MirrorAgents(),)),
        (made(ev.AgentBecameNotReady), (out.MirrorAgents(),)),
    ],
)
def test_what_an_event_asks_of_the_switch(event: Any, effects: tuple[out.Effect, ...]) -> None:
    assert out.effects_of(event, LINK) == effects


def test_all_other_events_ask_nothing() -> None:
    asking = {
        ev.ContactOffered,
        ev.OfferRevoked,
        ev.OfferRangOut,
        ev.CallbackNotReached,
        ev.OfferRejected,
        ev.OfferFailed,
        ev.ContactSeenInFallback,
        ev.ContactEnqueued,
        ev.ContactRestored,
        ev.ContactPriorityChanged,
        ev.HomeRegionCorrected,
        ev.ContactTransferred,
        ev.NeedsRelaxed,
        ev.PolicyLoaded,
        ev.AgentSignedOn,
        ev.AgentSignedOff,
        ev.AgentBecameReady,
        ev.AgentBecameNotReady,
    }
    for kind in get_args(ev.Event):
        if kind not in asking:
            assert out.effects_of(made(kind, contact_id=ID, link_id=LINK), LINK) == (), kind


def test_an_offer_is_one_redirect_by_the_channels_id() -> None:
    assert out.redirect_to_offer(ID, 42, PHONE) == {
        "Action": "Redirect",
        "Channel": ID,
        "Context": "offer",
        "Exten": "o42-nurse17",
        "Priority": "1",
    }
    assert out.redirect_to_waiting(ID)["Context"] == "waiting"
    assert out.redirect_to_waiting(ID)["Exten"] == "s"


@pytest.mark.parametrize("phone", ["", "a b", "nurse&PJSIP/all", "n,s,1", "n" * 200, "ö"])
def test_a_phone_that_would_be_dialplan_is_never_rung(phone: str) -> None:
    assert out.redirect_to_offer(ID, 42, PhoneId(phone)) is None


def test_the_ticket_and_the_tier_go_on_the_call() -> None:
    ticket = CallTicket(
        7, ID, 1_795_282_147_000, 3, Priority.URGENT, RegionCode("08"), (Requirement(Skill("sv")),)
    )
    on_call, tier = out.carry_ticket(ticket, 1)
    assert on_call["Channel"] == tier["Channel"] == ID
    assert on_call["Variable"] == "SAMKO_TICKET"
    value = on_call["Value"]
    assert isinstance(value, str)
    assert read_ticket(value) == ticket
    assert (tier["Variable"], tier["Value"]) == ("SAMKO_PRIO", "1")


def test_the_beat_is_a_global() -> None:
    assert out.set_beat("12") == {"Action": "Setvar", "Variable": "SAMKO_BEAT", "Value": "12"}


# --- the mirror -----------------------------------------------------------------------------


def agent(name: str, phone: str, *, is_paused: bool = False) -> FallbackAgent:
    return FallbackAgent(AgentId(name), PhoneId(phone), is_paused)


def entry(interface: str, name: str, paused: str, **more: str) -> AmiMessage:
    headers = {
        "event": "QueueMember",
        "queue": "samko-national",
        "name": name,
        "location": interface,
        "membership": "dynamic",
        "paused": paused,
        **more,
    }
    return AmiMessage({key: (value,) for key, value in headers.items()})


def test_entries_are_read_and_those_of_queues_conf_left_alone() -> None:
    present = read_entries(
        [
            entry("PJSIP/a", "anna", "0"),
            entry("PJSIP/b", "bea", "1"),
            entry("PJSIP/c", "cia", "0", membership="static"),
            entry("PJSIP/d", "dan", "0", queue="other"),
            AmiMessage({"event": ("QueueParams",)}),
        ]
    )
    assert present == {"PJSIP/a": ("anna", False), "PJSIP/b": ("bea", True)}


def test_the_mirror_needs_only_the_differences() -> None:
    present = {
        "PJSIP/same": ("anna", False),
        "PJSIP/pauses": ("bea", False),
        "PJSIP/leaves": ("cia", False),
        "PJSIP/other": ("dan", True),
    }
    wanted = wanted_entries(
        [
            agent("anna", "same"),
            agent("bea", "pauses", is_paused=True),
            agent("eva", "other"),
            agent("fia", "new", is_paused=True),
        ]
    )
    made_changes = [
        (action["Action"], interface, action.get("MemberName"), action.get("Paused"))
        for action, interface in changes(present, wanted)
    ]
    assert made_changes == [
        ("QueuePause", "PJSIP/pauses", None, "true"),
        ("QueueRemove", "PJSIP/leaves", None, None),
        ("QueueRemove", "PJSIP/other", None, None),
        ("QueueAdd", "PJSIP/other", "eva", "false"),
        ("QueueAdd", "PJSIP/new", "fia", "true"),
    ]
    assert changes(wanted, wanted) == []
