"""What is asked for and reported of contacts that are rung back; see `everybody`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from queue_engine.core import commands as cmd
from routing.vocabulary import (
    ContactChannel,
    ContactId,
    HomeRegionSource,
    LineId,
    Priority,
    RegionCode,
    Requirement,
    Skill,
)
from tests.core.world import LINK, World

FINNISH = (Requirement(Skill("fi")),)
ADVICE = (Requirement(Skill("advice")),)


def begin(world: World) -> None:
    """One is on the line with the promise, one away, and one is rung by the nurse `dialling`."""
    world.agent("dialling")
    world.do(to_be_rung("dialled", ADVICE))
    offer = world.state.contacts[ContactId("dialled")].offer
    assert offer is not None
    world.do(cmd.ReportCallbackDialled(ContactId("dialled"), offer))
    world.do(to_be_rung("away", FINNISH))
    world.caller("promised", needs=FINNISH)
    world.do(cmd.RequestCallback(ContactId("promised")))


def to_be_rung(
    name: str, needs: tuple[Requirement, ...], priority: Priority = Priority.STANDARD
) -> cmd.EnqueueContact:
    """One who chooses to be rung back at once."""
    return cmd.EnqueueContact(
        contact_id=ContactId(name),
        link_id=LINK,
        line_id=LineId("1177"),
        arrived_ms=0,
        priority=priority,
        needs=needs,
        home_region=RegionCode("22"),
        home_region_source=HomeRegionSource.LINE,
        channel=ContactChannel.CALLBACK,
    )


def asked(contacts: Sequence[str]) -> Iterator[cmd.Command]:
    """Everybody asks to be rung back."""
    for name in contacts:
        yield cmd.RequestCallback(ContactId(name))
        yield to_be_rung(name, ADVICE)
    yield to_be_rung("new", FINNISH)
    yield to_be_rung("new", ADVICE, Priority.EMERGENCY)


def reported(contact_id: ContactId, offers: range) -> Iterator[cmd.Command]:
    """He was rung, and was not reached."""
    for offer in offers:
        yield cmd.ReportCallbackDialled(contact_id, offer)
        for failure in cmd.CallbackFailure:
            yield cmd.ReportCallbackFailed(contact_id, offer, failure)
