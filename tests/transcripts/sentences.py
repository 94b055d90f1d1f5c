"""What came of it, in sentences: one for each event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from queue_engine.core import events as ev
from queue_engine.core.commands import CallerPlace, OfferFailure
from routing.limits import LimitKind
from routing.region_policy import Ring, RingKind
from routing.trunks import far_phone
from routing.vocabulary import Requirement
from tests.core.world import START_MS

NOON_MS: Final = START_MS
"""Every story begins at twelve o'clock."""


def clock(at_ms: int) -> str:
    """The time of day, to the second, or to the millisecond if it needs that."""
    seconds, ms = divmod(at_ms - NOON_MS + 12 * 3_600_000, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02}:{minute:02}:{second:02}" + (f".{ms:03}" if ms else "")


def length(ms: int) -> str:
    """A length of time: `3 min 20 s`."""
    minutes, rest = divmod(ms, 60_000)
    seconds = f"{rest // 1000}" if rest % 1000 == 0 else f"{rest / 1000}"
    if not minutes:
        return f"{seconds} s"
    return f"{minutes} min" if not rest else f"{minutes} min {seconds} s"


def ring(where: Ring) -> str:
    """How far it is shared, and while how many wait."""
    if where.waiting_min:
        return f"{_reach(where)} while more than {where.waiting_min - 1} wait"
    return _reach(where)


def _reach(where: Ring) -> str:
    match where.kind:
        case RingKind.UNITS:
            return "units " + ", ".join(where.names)
        case RingKind.REGION:
            return "its own region"
        case RingKind.REGIONS:
            return "regions " + ", ".join(where.names)
        case RingKind.CLUSTER:
            return "cluster " + ", ".join(where.names)
        case RingKind.NATIONAL:
            return "the nation"


def sentence(event: ev.Event) -> str:
    """The event as a call-centre manager would say it."""
    say: Callable[[Any], str] = _SENTENCES[type(event)]
    return say(event)


def _enqueued(event: ev.ContactEnqueued) -> str:
    if event.continues is None:
        return f"{event.contact_id} has a place"
    arrived = f"arrived {clock(event.arrived_ms)}, {event.priority}"
    return f"{event.contact_id} has a place: continues {event.continues}, {arrived}"


def _refused(event: ev.ContactRefused) -> str:
    instead = " or ".join(event.offered) or "nothing"
    where, why = event.home_region, event.reason
    return f"{event.contact_id} is turned away in {where} ({why}), offered {instead}"


def _offered(event: ev.ContactOffered) -> str:
    whose = "own region" if event.is_home else "sold" if event.is_sold else "another region's"
    until, ring_back = clock(event.ring_until_ms), ", to ring back" if event.is_callback else ""
    far = far_phone(event.phone_id)
    where = f", by the trunk to {far[0]}" if far else ""
    return (
        f"offered {event.contact_id} to {event.agent_id} ({whose}){ring_back}{where},"
        f" rings until {until}"
    )


def _restored(event: ev.ContactRestored) -> str:
    source = "by its ticket" if event.has_ticket else "without a ticket"
    where = "region " + event.home_region if event.home_region != "unknown" else "home unknown"
    arrived = clock(event.arrived_ms)
    return f"{event.contact_id} is back {source}: {event.priority}, {where}, arrived {arrived}"


def _ended(event: ev.ContactEnded) -> str:
    when = "" if event.ended_ms is None else f", last seen {clock(event.ended_ms)}"
    cut = ", cut off" if event.was_cut else ""
    waited, talked = length(event.wait_ms), length(event.talk_ms)
    held = f", on hold {length(event.hold_ms)}" if event.hold_ms else ""
    said = f"{event.outcome}, waited {waited}, talked {talked}{held}{when}{cut}"
    return f"{event.contact_id} has ended: {said}"


def _merged(event: ev.IslandContactMerged) -> str:
    fact = event.fact
    did = "".join(
        f", {stint.kind.replace('_', '-')} of {stint.agent_id}"
        f" {clock(stint.from_ms)} to {clock(stint.until_ms)}"
        for stint in fact.stints
    )
    noted = "".join(f", {each.agent_id} noted {each.care_level}" for each in fact.dispositions)
    was = "nobody knew of it" if event.former is None else f"was {event.former}"
    counts = f"{event.outcome}, waited {length(event.wait_ms)}, talked {length(event.talk_ms)}"
    return f"{event.contact_id} was on the island{did}{noted}; counts as {counts} ({was})"


def _disposition(event: ev.DispositionSet) -> str:
    said = (event.care_level, event.urgency, event.cause, event.referred_unit)
    codes = ", ".join(code for code in said if code) or "nothing"
    return f"{event.agent_id} has noted of {event.contact_id}: {codes}"


def _transferred(event: ev.ContactTransferred) -> str:
    to = {
        "region": event.to_region,
        "unit": event.to_unit,
        "service": event.to_service,
        "agent": event.to_agent,
    }
    named = ", ".join(f"{what} {word}" for what, word in to.items() if word)
    return f"{event.agent_id} transferred {event.contact_id} to {named}"


def _why_out(reason: ev.ConsultEnd) -> str:
    is_withdrawn = reason is ev.ConsultEnd.WITHDRAWN
    return "an emergency needs her" if is_withdrawn else reason.replace("_", " ")


def _consult_offered(event: ev.ConsultOffered) -> str:
    until = clock(event.ring_until_ms)
    who = f"{event.agent_id} is rung to be asked about {event.contact_id}"
    return f"{who} by {event.asking}{' (sold)' if event.is_sold else ''}, until {until}"


def _dialled(event: ev.CallbackDialled) -> str:
    until = clock(event.dial_until_ms)
    return f"{event.agent_id} picked up, and the phone of {event.contact_id} rings until {until}"


def _not_reached(event: ev.CallbackNotReached) -> str:
    when = "that was the last time"
    if event.not_before_ms is not None:
        when = f"again from {clock(event.not_before_ms)} on"
    why = event.failure.replace("_", " ")
    said = f"{event.contact_id} was not reached ({why}), {event.tries} so far: {when}"
    return f"{said}; {event.agent_id} is free"


def _belongs(event: ev.HomeRegionCorrected) -> str:
    unit = f", unit {event.home_unit}" if event.home_unit else ""
    no_longer = f", no longer {event.former}'s" if event.former != event.home_region else ""
    return f"{event.contact_id} is region {event.home_region}'s{unit} from now on{no_longer}"


def _needed(needs: tuple[Requirement, ...]) -> str:
    levels = [(need.skill, need.level_max) for need in needs]
    return ", ".join(skill if level == 9 else f"{skill} {level}" for skill, level in levels)


def _priority_changed(event: ev.ContactPriorityChanged) -> str:
    needs = "" if event.needs is None else f" and needs {_needed(event.needs)}"
    return f"{event.contact_id} is now {event.priority}{needs} ({event.reason})"


def _relaxed(event: ev.NeedsRelaxed) -> str:
    why = event.rule or f"nobody at work speaks {event.language}"
    return f"{event.contact_id} is content with {_needed(event.needs)} ({why})"


def _strained(event: ev.AgentStrained) -> str:
    why = {
        ev.Strain.UNBROKEN_WORK: "unbroken work",
        ev.Strain.EMERGENCIES: "emergencies in a row",
        ev.Strain.OTHERS: "too many others' callers",
        ev.Strain.NOT_TAKEN: "emergencies alone try it before",
    }[event.strain]
    if event.until_ms is None:
        return f"{event.agent_id} is spared others' callers: {why}"
    return f"{event.agent_id} rests until {clock(event.until_ms)}: {why}"


def _trunk_failed(event: ev.TrunkFailed) -> str:
    sooner_ms = event.emergencies_until_ms
    sooner = "" if sooner_ms is None else f", for emergencies until {clock(sooner_ms)}"
    trunk = f"the trunk from {event.link_id} to {event.phone_link}"
    return f"{trunk} rests until {clock(event.rests_until_ms)}{sooner}"


def _trunk_rest_ended(event: ev.TrunkRestEnded) -> str:
    whom = " for emergencies" if event.for_emergencies else ""
    return f"the trunk from {event.link_id} to {event.phone_link} is tried again{whom}"


def _not_ready(event: ev.AgentBecameNotReady) -> str:
    heals = "" if event.heals_at_ms is None else f", ready again at {clock(event.heals_at_ms)}"
    return f"{event.agent_id} is not ready: {event.reason}{heals}"


def _limit_turned(event: ev.LimitTurned) -> str:
    what = _LIMITS[event.limit]
    part = f" ({event.part})" if event.part else ""
    value = "no end" if event.value is None else _measure(event.limit, event.value)
    turned = f"over its limit: {value}"
    if not event.is_on:
        turned = f"within its limit again: {value}" if event.value is not None else "not limited"
    return f"region {event.region}: {what}{part} is {turned}"


def _measure(limit: LimitKind, value: int) -> str:
    return f"{value / 10:g} %" if limit is LimitKind.BALANCE else length(value)


_LIMITS: Final = {
    LimitKind.OWN_WAIT: "its own expected wait",
    LimitKind.OVERLOAD: "its own expected wait, for its overload guard,",
    LimitKind.LONGEST_WAIT: "the longest wait of its own callers",
    LimitKind.BALANCE: "what it has given beyond what it took",
}


def _lending_set(event: ev.LendingSet) -> str:
    if event.is_cut:
        return f"region {event.region} lends to tiers 0 and 1 only ({event.reason})"
    return f"region {event.region} lends as before ({event.reason})"


def _failed(event: ev.CommandFailed) -> str:
    later = "" if event.retry_at_ms is None else f", tried again at {clock(event.retry_at_ms)}"
    return f"ALARM the engine failed at {event.command} of {event.contact_id}{later}"


def _seen_in_fallback(event: ev.ContactSeenInFallback) -> str:
    return f"{event.contact_id} is fetched back to the waiting music"


_NOT_KEPT: Final = {
    ev.KeptReason.TIME_UP: "it has waited long enough",
    ev.KeptReason.NOBODY_THERE: "nobody whom it prefers can be expected",
    ev.KeptReason.EMERGENCY: "it is an emergency",
}
_WHY: Final = {
    ev.RevokeReason.WITHDRAWN: "an emergency needs her",
    ev.RevokeReason.CALLER_GONE: "the caller is gone",
    ev.RevokeReason.AGENT_SIGNED_OFF: "she signs off",
    ev.RevokeReason.AGENT_FORCED: "a supervisor has taken her out",
    ev.RevokeReason.AGENT_BUSY: "she is in another talk",
    ev.RevokeReason.SEEN_WAITING: "the switch shows the caller waiting",
    ev.RevokeReason.SEEN_CONNECTED: "the switch shows the caller in another talk",
    ev.RevokeReason.TRUNK: "the trunk to her switch did not carry it",
    ev.RevokeReason.UNSEEN: "the switch shows no phone that rings for it",
}

_SENTENCES: Final[dict[type, Callable[[Any], str]]] = {
    ev.PolicyLoaded: lambda e: "new rules are in force",
    ev.WindowSet: lambda e: f"window {e.window} is {'on' if e.is_on else 'off'}",
    ev.LimitTurned: _limit_turned,
    ev.LineOpened: lambda e: f"line {e.line_id} is open",
    ev.LineClosed: lambda e: f"line {e.line_id} is closed",
    ev.LendingSet: _lending_set,
    ev.CommandFailed: _failed,
    ev.ContactEnqueued: _enqueued,
    ev.ContactRestored: _restored,
    ev.ContactSeenWaiting: lambda e: f"{e.contact_id} waits",
    ev.ContactSeenInFallback: _seen_in_fallback,
    ev.ContactPriorityChanged: _priority_changed,
    ev.ContactKept: lambda e: f"{e.contact_id} waits for whom it prefers until {clock(e.until_ms)}",
    ev.KeepingEnded: lambda e: f"{e.contact_id} may be answered by anybody: {_NOT_KEPT[e.reason]}",
    ev.NeedsRelaxed: _relaxed,
    ev.ContactShared: lambda e: f"{e.contact_id} is shared with {ring(e.ring)} ({e.rule})",
    ev.ContactUnshared: lambda e: (
        f"{e.contact_id} is no longer shared with {ring(e.ring)} ({e.rule})"
    ),
    ev.ContactPostponed: lambda e: f"ALARM {e.contact_id} rests until {clock(e.not_before_ms)}",
    ev.PostponementEnded: lambda e: f"{e.contact_id} may be offered again",
    ev.TriedForgotten: lambda e: f"{e.contact_id} may be offered to {e.agent_id} again",
    ev.EmergencyOverdue: lambda e: f"ALARM emergency {e.contact_id} has waited too long",
    ev.ContactConnected: lambda e: (
        f"{e.contact_id} talks with {e.agent_id} after {length(e.wait_ms)}"
    ),
    ev.ConnectedUnknownPhone: lambda e: (
        f"{e.contact_id} talks at {e.phone_id}, where nobody is signed on"
    ),
    ev.ContactReturned: lambda e: f"{e.contact_id} is back in its place",
    ev.HomeRegionCorrected: _belongs,
    ev.WrapUpProlonged: lambda e: f"{e.agent_id} may wrap up until {clock(e.wrap_up_until_ms)}",
    ev.DispositionSet: _disposition,
    ev.ContactTransferred: _transferred,
    ev.ContactHeld: lambda e: f"{e.contact_id} is on hold",
    ev.HoldOverdue: lambda e: f"ALARM {e.agent_id} is reminded: {e.contact_id} is still on hold",
    ev.ContactRetrieved: lambda e: f"{e.contact_id} and {e.agent_id} talk again",
    ev.ConsultOffered: _consult_offered,
    ev.ConsultAnswered: lambda e: f"{e.agent_id} is asked about {e.contact_id}",
    ev.ConferenceStarted: lambda e: f"{e.contact_id} talks with both, {e.agent_id} as well",
    ev.ConsultEnded: lambda e: f"{e.agent_id} is out of it: {_why_out(e.reason)}",
    ev.ContactHandedOver: lambda e: f"{e.agent_id} has {e.contact_id} now, no longer {e.former}",
    ev.ContactSentBack: lambda e: f"{e.agent_id} gave {e.contact_id} back ({e.reason})",
    ev.ContactEnded: _ended,
    ev.ContactForgotten: lambda e: f"{e.contact_id} is forgotten",
    ev.ContactOffered: _offered,
    ev.OfferSeen: lambda e: f"{e.contact_id} rings on until {clock(e.ring_until_ms)}",
    ev.OfferRangOut: lambda e: f"{e.agent_id} did not answer {e.contact_id}",
    ev.OfferRejected: lambda e: f"{e.agent_id} declined {e.contact_id}",
    ev.OfferFailed: lambda e: f"{e.agent_id} could not be reached for {e.contact_id}",
    ev.OfferRevoked: lambda e: (
        f"the offer of {e.contact_id} to {e.agent_id} ends: {_WHY[e.reason]}"
    ),
    ev.LateAnswer: lambda e: f"{e.agent_id} picked up {e.contact_id} after its offer had ended",
    ev.LateReport: lambda e: f"a late report of {e.contact_id} is noted: {e.report}",
    ev.AgentSignedOn: lambda e: f"{e.agent_id} is signed on at {e.phone_id}",
    ev.AgentSignedOff: lambda e: f"{e.agent_id} is signed off",
    ev.SignOffAwaited: lambda e: f"{e.agent_id} will be signed off when her talk is over",
    ev.SignOffTakenBack: lambda e: f"{e.agent_id} stays",
    ev.AgentBecameReady: lambda e: f"{e.agent_id} is ready",
    ev.AgentBecameNotReady: _not_ready,
    ev.AgentStrained: _strained,
    ev.StrainEased: lambda e: (
        f"{e.agent_id} answers others' callers again"
        if e.strain is ev.Strain.OTHERS
        else f"{e.agent_id} has rested"
    ),
    ev.AgentForced: lambda e: f"{e.by} takes {e.agent_id} out: {e.state}, {e.reason}",
    ev.WrapUpStarted: lambda e: f"{e.agent_id} wraps up until {clock(e.wrap_up_until_ms)}",
    ev.WrapUpEnded: lambda e: f"{e.agent_id} is done with {e.contact_id}",
    ev.CallbackPromised: lambda e: (
        f"{e.contact_id} is promised to be rung back by {clock(e.promised_until_ms)}"
    ),
    ev.CallbackAwaited: lambda e: f"{e.contact_id} is not on the line and waits to be rung",
    ev.CallerOnLine: lambda e: f"{e.contact_id} is on the line himself",
    ev.CallbackDialled: _dialled,
    ev.CallbackNotReached: _not_reached,
    ev.CallbackTextAsked: lambda e: f"{e.contact_id} is to have a text message",
    ev.TextSent: lambda e: f"the text message to {e.contact_id} is sent",
    ev.TextFailed: lambda e: (
        f"the text message to {e.contact_id} is not sent ({e.failure}),"
        f" {e.tries} so far: again at {clock(e.retry_at_ms)}"
    ),
    ev.TextAskedAgain: lambda e: f"{e.contact_id} is to have that text message now",
    ev.TextGivenUp: lambda e: (
        f"ALARM {e.contact_id} has had no text message ({e.failure}), after {e.tries} tries"
    ),
    ev.TextForgotten: lambda e: f"that {e.contact_id} had no text message is no longer shown",
    ev.CallbackOverdue: lambda e: f"ALARM {e.contact_id} was to be rung back by now",
    ev.MisuseMarked: lambda e: f"{e.agent_id} finds no emergency in {e.contact_id}: {e.reason}",
    ev.EmergencyPressedAgain: lambda e: (
        f"{e.contact_id} hears once more that an emergency rings 112"
    ),
    ev.CallsForgotten: lambda e: "who rang on that day is forgotten",
    ev.ContactRefused: _refused,
    ev.LinkLost: lambda e: f"the switch {e.link_id} is out of reach",
    ev.IslandBegan: lambda e: f"an island begins with {', '.join(e.link_ids)}",
    ev.LinkRestored: lambda e: f"the switch {e.link_id} is in reach, {e.repairs} contacts repaired",
    ev.LinkReconciled: lambda e: (
        f"the switch {e.link_id} showed otherwise, {e.repairs} contacts repaired"
    ),
    ev.TrunkFailed: _trunk_failed,
    ev.TrunkRestEnded: _trunk_rest_ended,
    ev.IslandContactMerged: _merged,
    ev.IslandContactAwaited: lambda e: (
        f"what was done with {e.contact_id} on the island counts when it is over"
    ),
    ev.IslandContactTaken: lambda e: (
        f"{e.contact_id} has the place that it had on the island, arrived {clock(e.arrived_ms)}"
    ),
    ev.IslandTextTaken: lambda e: f"{e.contact_id} is to have the text message of the island",
    ev.IslandMerged: lambda e: (
        f"the island is known up to its record {e.number}{', which is all' if e.is_whole else ''}"
    ),
    ev.IslandForgotten: lambda e: f"the island {e.island_id} is too long ago to be told of",
    ev.GatewayRestored: lambda e: f"the gateway {e.gateway_id} is in reach",
    ev.GatewayLost: lambda e: f"the gateway {e.gateway_id} is out of reach",
    ev.GatewaySeatsSet: lambda e: (
        f"the gateway {e.gateway_id} has"
        f" {'as many seats as agreed' if e.seats is None else f'{e.seats} seats'} ({e.reason})"
    ),
}

PLACES: Final = {
    "waiting": CallerPlace.WAITING,
    "in the fallback queue": CallerPlace.FALLBACK,
    "in the menu": CallerPlace.MENU,
}

FAILURES: Final = {
    "does not answer": OfferFailure.NO_ANSWER,
    "declines": OfferFailure.REJECTED,
    "cannot be reached for": OfferFailure.UNREACHABLE,
    "is behind a dead trunk for": OfferFailure.TRUNK,
}
