"""A contact that the engine has let go of, told again from its events; for showing only."""

from __future__ import annotations

from collections.abc import Iterable

from queue_engine.core import events as ev
from queue_engine.core.contact import Contact, ContactState, SharedRing
from routing.vocabulary import ContactChannel, HomeRegionSource, Outcome


def retell(story: Iterable[tuple[int, ev.Event]]) -> Contact | None:
    """The contact after these events, each with its moment; None if its beginning is missing.

    It has no place in any queue.
    """
    contact: Contact | None = None
    for at_ms, event in story:
        if isinstance(event, ev.ContactEnqueued | ev.ContactRestored | ev.ContactRefused):
            contact = _begin(contact, event, at_ms)
        elif isinstance(event, ev.IslandContactTaken):
            contact = _begin_there(event)
            contact.state = ContactState.WAITING
        elif contact is None and isinstance(event, ev.IslandContactMerged):
            contact = _go_on(_begin_there(event), event, at_ms)
        elif contact is not None:
            contact = _go_on(contact, event, at_ms)
    return contact


def _begin(
    known: Contact | None,
    event: ev.ContactEnqueued | ev.ContactRestored | ev.ContactRefused,
    at_ms: int,
) -> Contact:
    contact = Contact(
        contact_id=event.contact_id,
        sequence=event.sequence,
        link_id=event.link_id,
        arrived_ms=event.arrived_ms,
        enqueued_ms=at_ms,
        priority=event.priority,
        needs=event.needs,
        home_region=event.home_region,
        state=ContactState.WAITING,
    )
    source = known if isinstance(event, ev.ContactRestored) else event
    if source is not None:
        contact.home_region_source = source.home_region_source
        contact.language = source.language
    if isinstance(event, ev.ContactEnqueued):
        contact.channel = event.channel
    elif known is not None:
        contact.channel = known.channel
    if isinstance(event, ev.ContactRefused):
        contact.state, contact.outcome = ContactState.ENDED, Outcome.REFUSED
        contact.wait_ms, contact.ended_ms = 0, at_ms
    return contact


def _begin_there(event: ev.IslandContactMerged | ev.IslandContactTaken) -> Contact:
    fact = event.fact
    return Contact(
        contact_id=event.contact_id,
        sequence=event.sequence,
        link_id=fact.link_id,
        arrived_ms=fact.arrived_ms,
        enqueued_ms=fact.enqueued_ms,
        priority=fact.priority,
        needs=fact.needs,
        home_region=fact.home_region,
        home_region_source=fact.home_region_source,
        language=fact.language,
        channel=fact.channel,
    )


def _go_on(contact: Contact, event: ev.Event, at_ms: int) -> Contact:
    match event:
        case ev.CallbackPromised():
            contact.channel = ContactChannel.CALLBACK
        case ev.ContactPriorityChanged():
            contact.priority = event.priority
            contact.needs = contact.needs if event.needs is None else event.needs
        case ev.ContactTransferred():
            contact.state = ContactState.WAITING
            contact.agent_id = None
            contact.needs = event.needs
            contact.home_region = event.to_region or contact.home_region
        case ev.HomeRegionCorrected():
            contact.home_region = event.home_region
            contact.home_region_source = HomeRegionSource.AGENT
            contact.shared = () if event.home_region != event.former else contact.shared
        case ev.NeedsRelaxed():
            contact.needs = event.needs
        case ev.ContactShared():
            contact.shared = (*contact.shared, SharedRing(event.ring, event.rule, event.window))
        case ev.ContactUnshared():
            contact.shared = tuple(one for one in contact.shared if one.rule != event.rule)
        case ev.ContactConnected():
            contact.state = ContactState.CONNECTED
            contact.agent_id = event.agent_id
            contact.wait_ms = event.wait_ms if contact.wait_ms is None else contact.wait_ms
        case ev.ContactHandedOver():
            contact.agent_id = event.agent_id
        case ev.ContactReturned() | ev.ContactSentBack():
            contact.state = ContactState.WAITING
            contact.agent_id = None
        case ev.ContactEnded():
            contact.state = ContactState.ENDED
            contact.outcome = event.outcome
            contact.wait_ms, contact.talk_ms = event.wait_ms, event.talk_ms
            contact.hold_ms = event.hold_ms
            contact.ended_ms = at_ms if event.ended_ms is None else event.ended_ms
        case ev.IslandContactMerged():
            contact.state = ContactState.ENDED
            contact.outcome = event.outcome
            contact.wait_ms, contact.talk_ms = event.wait_ms, event.talk_ms
            contact.hold_ms, contact.ended_ms = event.hold_ms, event.ended_ms
    return contact
