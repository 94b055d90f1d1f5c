"""A link between a fake Asterisk and a fake engine, both in the test's hands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from queue_engine.core import events as ev
from queue_engine.core.commands import CallTicket, Command, PassTime, ReportCallerWaiting
from queue_engine.core.record import Record
from queue_engine.runtime.feed import Feed
from queue_engine.telephony.ami_connection import AmiConnection, AmiTimes
from queue_engine.telephony.ami_link import AmiLink
from queue_engine.telephony.beat import BeatTimes, Holder
from queue_engine.telephony.link_counts import LinkState
from queue_engine.telephony.link_times import LinkTimes
from queue_engine.telephony.ports import FallbackAgent
from queue_engine.telephony.redirects import RedirectTimes
from routing.vocabulary import AgentId, ContactId, GatewayId, LinkId, PhoneId, Priority, RegionCode
from tests.telephony.fake_ami import QUICK, FakeAmi, event, until

LINK = LinkId("ast1")
TIMES = LinkTimes(
    status_s=0.5,
    settle_s=0.01,
    reconcile_every_s=60.0,
    reconcile_pause_s=0.02,
    beat=BeatTimes(every_s=0.02, still_s=0.3, watch_s=0.1, look_s=0.02),
    follow_again_s=0.02,
    redirect=RedirectTimes(landing_s=0.2, phone_free_s=0.2, retry_s=0.02, gone_s=0.1),
)


def contact_id(number: int) -> ContactId:
    """The id of a caller's channel."""
    return ContactId(f"ast1-1795282147.{number}")


def ticket(contact: ContactId, record: int = 1) -> CallTicket:
    """The ticket of a standard contact."""
    return CallTicket(
        record, contact, 1_795_282_147_000, 1, Priority.STANDARD, RegionCode("08"), ()
    )


@dataclass
class FakeEngine:
    """Takes commands and gives records, as told; is its own view."""

    commands: list[Any] = field(default_factory=list)
    feed: Feed = field(default_factory=lambda: Feed("test"))
    contacts: dict[ContactId, LinkId] = field(default_factory=dict)
    offers: dict[ContactId, int] = field(default_factory=dict)
    tickets: dict[ContactId, tuple[CallTicket, int]] = field(default_factory=dict)
    agents: tuple[FallbackAgent, ...] = ()
    known_gateways: tuple[GatewayId, ...] = ()
    turns: int = 0
    beats_asked: int = 0
    last_journaled: int = 1_000_000
    now: int = 1_795_290_000_000
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    """Commands are journaled only while it is set."""

    async def submit(self, command: Command) -> Record | None:
        self.commands.append(command)
        await self.gate.wait()
        return None

    def beat(self) -> int:
        """The number of turns, as the engine counts them."""
        self.beats_asked += 1
        return self.turns

    def follow(self) -> Feed:
        if not self.feed.is_open:
            self.feed = Feed("test")
        return self.feed

    def happen(self, *events: ev.Event, age_ms: int = 0) -> None:
        """A record with these events, decided `age_ms` ago."""
        self.feed.put(Record(1, self.now - age_ms, 1, PassTime(), events))

    def enqueue(self, number: int, link: LinkId = LINK) -> ContactId:
        """The engine has a contact, without telling anybody."""
        contact = contact_id(number)
        self.contacts[contact] = link
        self.tickets[contact] = (ticket(contact), 2)
        return contact

    def offer(
        self,
        contact: ContactId,
        number: int,
        phone: str,
        age_ms: int = 0,
        is_callback: bool = False,
    ) -> None:
        """The engine has offered the contact to a phone."""
        self.offers[contact] = number
        offered = ev.ContactOffered(
            contact, AgentId("anna"), LINK, PhoneId(phone), number, self.now + 20_000, True, 0
        )
        self.happen(replace(offered, is_callback=is_callback), age_ms=age_ms)

    def revoke(self, contact: ContactId, number: int) -> None:
        """The engine has taken an offer back."""
        if self.offers.get(contact) == number:
            del self.offers[contact]
        reason = ev.RevokeReason.WITHDRAWN
        self.happen(ev.OfferRevoked(contact, AgentId("anna"), number, reason))

    def of(self, kind: type) -> list[Any]:
        """The commands of this kind, in order."""
        return [command for command in self.commands if isinstance(command, kind)]

    # --- QueueView

    async def journaled(self, record: int) -> bool:
        return record <= self.last_journaled

    def link_of(self, contact: ContactId) -> LinkId | None:
        return self.contacts.get(contact)

    def offer_of(self, contact: ContactId) -> int | None:
        return self.offers.get(contact)

    def last_offer(self) -> int:
        return max(self.offers.values(), default=0)

    def ticket_of(self, contact: ContactId) -> tuple[CallTicket, int] | None:
        return self.tickets.get(contact)

    def fallback_agents(self, link_id: LinkId) -> tuple[FallbackAgent, ...]:
        return self.agents

    def gateways(self, link_id: LinkId) -> tuple[GatewayId, ...]:
        return self.known_gateways


class World:
    """The link, and what a test does to both its ends."""

    def __init__(self, ami: FakeAmi, engine: FakeEngine, link: AmiLink) -> None:
        self.ami = ami
        self.engine = engine
        self.link = link

    @property
    def redirects(self) -> list[tuple[str, str]]:
        """Channel number and target of all Redirects received."""
        return [
            (fields["channel"][0].split(".")[1], fields["exten"][0])
            for fields in self.ami.named("Redirect")
        ]

    @property
    def written(self) -> list[dict[str, list[str]]]:
        """All Setvars of channels received; the beat is a global."""
        return [fields for fields in self.ami.named("Setvar") if "channel" in fields]

    async def live(self, times: int = 1) -> None:
        """Wait until the link has been live so often."""
        await until(
            lambda: self.link.state is LinkState.LIVE and self.link.counts.connections >= times
        )

    async def heard(self) -> None:
        """Wait until the link has read all that was said so far."""
        read = self.link.counts.messages
        self.ami.say(event("Heard"))
        await until(lambda: self.link.counts.messages > read)
        await asyncio.sleep(0)

    def waits(self, contact: ContactId, name: str = "SamkoWaiting") -> None:
        """The dialplan says that the caller waits."""
        context = "waiting" if name == "SamkoWaiting" else "fallback"
        self.ami.say(event("UserEvent", **channel(contact, context), UserEvent=name, Ticket=""))

    def dials(self, contact: ContactId, offer: int, phone: str, leg: int) -> None:
        """Asterisk rings the phone for an offer."""
        exten = f"o{offer}-{phone}"
        self.ami.say(
            event(
                "DialBegin",
                **channel(contact, "offer", exten),
                DestChannel=f"PJSIP/{phone}-{leg:08x}",
                DestUniqueid=contact_id(leg),
            )
        )

    def bridges(self, contact: ContactId, offer: int, phone: str, leg: int) -> None:
        """Caller and phone are in one bridge."""
        nurse = {"Channel": f"PJSIP/{phone}-{leg:08x}", "Uniqueid": contact_id(leg)}
        caller = channel(contact, "offer", f"o{offer}-{phone}")
        self.ami.say(
            event("BridgeEnter", BridgeUniqueid=f"B{leg}", **nurse),
            event("BridgeEnter", BridgeUniqueid=f"B{leg}", **caller),
        )

    def hangs_up(self, number: int, name: str = "trunk") -> None:
        """A channel hangs up."""
        self.ami.say(
            event("Hangup", Channel=f"PJSIP/{name}-{number:08x}", Uniqueid=contact_id(number))
        )


def channel(contact: ContactId, context: str, exten: str = "s") -> dict[str, str]:
    """The headers of a caller's channel."""
    number = int(contact.split(".")[1])
    return {
        "Channel": f"PJSIP/trunk-{number:08x}",
        "ChannelState": "6",
        "Context": context,
        "Exten": exten,
        "Uniqueid": contact,
        "Linkedid": contact,
    }


@asynccontextmanager
async def world(
    ami: FakeAmi,
    engine: FakeEngine | None = None,
    times: LinkTimes = TIMES,
    ami_times: AmiTimes = QUICK,
    *,
    is_live: bool = True,
    holder: Holder | None = None,
) -> AsyncIterator[World]:
    """A link that runs, and is live unless told otherwise."""
    engine = engine or FakeEngine()
    engine.gate.set()
    link = AmiLink(
        LINK,
        AmiConnection("127.0.0.1", ami.port, "samko", "hemlig", times=ami_times),
        submit=engine.submit,
        follow=engine.follow,
        view=engine,
        beat=engine.beat,
        now_ms=lambda: engine.now,
        times=times,
        holder=holder,
    )
    running = asyncio.create_task(link.run())
    here = World(ami, engine, link)
    try:
        if is_live:
            await here.live()
        yield here
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert running.cancelled(), "the link ended by itself"


def quick(**changes: Any) -> LinkTimes:
    """The quick times with some changes."""
    return replace(TIMES, **changes)


async def waiting(here: World, number: int) -> None:
    """A contact that the engine and the switch know as waiting."""
    contact = here.engine.enqueue(number)
    here.waits(contact)
    await until(
        lambda: any(
            report.caller.contact_id == contact for report in here.engine.of(ReportCallerWaiting)
        )
    )
