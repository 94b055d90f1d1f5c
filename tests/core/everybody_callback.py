"""What is asked for and reported of contacts that are rung back; see `everybody`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from queue_engine.core import commands as cmd
from queue_engine.core.policy_codec import write_policy
from routing.callback_policy import CallbackPolicy
from routing.vocabulary import (
    ContactChannel,
    ContactId,
    HomeRegionSource,
    LineId,
    Priority,
    RegionCode,
    Requirement,
    Skill,
    TextId,
)
from tests.core.world import LINK, POLICY, World

TEXT_ID = TextId("83-unreached")
"""Of the message that `unreached` is to have."""
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


def give_up(world: World) -> None:
    """`unreached` is rung once, by the nurse `idle`, in vain: he is to have a text message."""
    once = replace(POLICY, callbacks=CallbackPolicy(POLICY.callbacks.within_ms, retry_after_ms=()))
    world.do(cmd.LoadPolicy(write_policy(once)))
    world.do(to_be_rung("unreached", ADVICE))
    offer = world.state.contacts[ContactId("unreached")].offer
    assert offer is not None
    world.do(cmd.ReportCallbackFailed(ContactId("unreached"), offer, cmd.CallbackFailure.BUSY))
    world.do(cmd.LoadPolicy(write_policy(POLICY)))


def told_of_texts() -> Iterator[cmd.Command]:
    """Whoever sends text messages tells what came of them."""
    for text_id in (TEXT_ID, TextId("1-nobody")):
        yield cmd.ReportTextSent(text_id)
        for why in cmd.TextFailure:
            for try_number in range(3):
                yield cmd.ReportTextFailed(text_id, try_number, why)


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
