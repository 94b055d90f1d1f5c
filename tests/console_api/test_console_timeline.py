"""Every reason that a contact's story can hold is said, in both languages."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from queue_engine.console_api import timeline_words
from queue_engine.console_api.chronicle import TOLD, Entry
from queue_engine.console_api.timeline import kind_of, timeline
from queue_engine.core import commands as cmd, events as ev
from routing.region_policy import NATIONAL, Ring, RingKind, ShareCondition, ShareRule
from routing.vocabulary import (
    NO_LINK,
    AgentId,
    ContactChannel,
    ContactId,
    HomeRegionSource,
    LineId,
    LinkId,
    Outcome,
    PhoneId,
    Priority,
    RegionCode,
    Skill,
    UnitId,
)
from tests.core.world import ADVICE, LINK, POLICY, START_MS, World

C, A = ContactId("c1"), AgentId("a1")


def enqueued(region: str = "22", priority: Priority = Priority.STANDARD) -> ev.ContactEnqueued:
    return ev.ContactEnqueued(
        contact_id=C,
        sequence=1,
        link_id=LINK,
        line_id=LineId("1177"),
        arrived_ms=START_MS,
        priority=priority,
        needs=ADVICE,
        home_region=RegionCode(region),
        home_region_source=HomeRegionSource.CALLER_KEY,
        home_unit=None,
        language="sv",
        channel=ContactChannel.PHONE,
        preferred_agent=None,
    )


def chat() -> ev.ContactEnqueued:
    return replace(enqueued(), channel=ContactChannel.CHAT, link_id=NO_LINK)


def offered(is_home: bool = False) -> ev.ContactOffered:
    return ev.ContactOffered(C, A, LinkId("ast1"), PhoneId("p"), 1, START_MS, is_home, 0)


def said(*events: ev.Event) -> tuple[str, str]:
    """What the last of these events is told as."""
    story = [Entry(START_MS, event, RegionCode("23")) for event in events]
    last = timeline(story, World().state)[-1]
    return last["text_sv"], last["text_en"]


def shared(rule: str, ring: Ring = NATIONAL, window: str = "") -> ev.ContactShared:
    return ev.ContactShared(C, ring, rule, window)


@pytest.mark.parametrize(
    ("events", "sv", "en"),
    [
        (
            (enqueued(), shared("after_3_min", Ring(RingKind.CLUSTER, ("north",)))),
            "Delas med samarbetet north: har väntat 3 min.",
            "Shared with the cluster north: has waited 3 min.",
        ),
        (
            (chat(),),
            "Chatt ställd i kö med prioritet normal. Hemregion: Väst (enligt inringarens"
            " knappval).",
            "A chat queued with priority standard. Home region: Väst (by the caller's key).",
        ),
        (
            (chat(), offered(is_home=True)),
            "Erbjuds a1 i Jämt: den egna regionen först.",
            "Offered to a1 in Jämt: its own region first.",
        ),
        (
            (chat(), ev.OfferRevoked(C, A, 1, ev.RevokeReason.CALLER_GONE)),
            "Erbjuds inte längre a1 i Jämt: den som väntade har lämnat.",
            "No longer offered to a1 in Jämt: whoever waited has left.",
        ),
        (
            (chat(), ev.OfferRevoked(C, A, 1, ev.RevokeReason.WITHDRAWN)),
            "Erbjuds inte längre a1 i Jämt: hen behövs för ett akut samtal som ingen annan får ta.",
            "No longer offered to a1 in Jämt: she is needed for an emergency that nobody else may"
            " take.",
        ),
        (
            (chat(), ev.ContactEnded(C, Outcome.HANDLED, 0, 90_000)),
            "Avslutad efter 1 min 30 s.",
            "Ended after 1 min 30 s.",
        ),
        (
            (chat(), ev.ContactEnded(C, Outcome.ABANDONED, 90_000, 0)),
            "Lämnade kön efter 1 min 30 s.",
            "Left the queue after 1 min 30 s.",
        ),
        (
            (enqueued(), shared("past_due")),
            "Delas med hela landet: borde ha fått svar nu.",
            "Shared with the whole country: should have been answered by now.",
        ),
        (
            (enqueued(), shared("night", NATIONAL, "night_22_07")),
            "Delas med hela landet: tidsfönstret night_22_07 gäller.",
            "Shared with the whole country: the time window night_22_07 is on.",
        ),
        (
            (enqueued(), shared("tier_1")),
            "Delas med hela landet: brådskande, och ingen i hemregionen som får svara är ledig.",
            "Shared with the whole country: urgent, and nobody of the home region who may answer is"
            " ready.",
        ),
        (
            (enqueued(), shared("gone_rule", Ring(RingKind.REGIONS, ("23", "24")))),
            "Delas med Jämt, Botten: enligt regeln gone_rule.",
            "Shared with Jämt, Botten: by the rule gone_rule.",
        ),
        (
            (enqueued(), ev.HomeRegionCorrected(C, RegionCode("23"), None, RegionCode("22"))),
            "Hemregionen rättades till Jämt; dess regler gäller från nu.",
            "The home region was corrected to Jämt; its rules hold from now on.",
        ),
        (
            (enqueued(), ev.WrapUpProlonged(C, A, START_MS)),
            "Mer tid för efterarbetet hos a1 i Jämt, på hens begäran.",
            "More time for the wrap-up at a1 in Jämt, as she asked.",
        ),
        (
            (enqueued(), ev.DispositionSet(C, A, "self_care", "no_hurry", "injury", "u1")),
            "a1 i Jämt noterar: vårdnivå self_care, brådska no_hurry, orsak injury,"
            " hänvisad till u1.",
            "a1 in Jämt notes: care level self_care, urgency no_hurry, cause injury,"
            " referred to u1.",
        ),
        (
            (
                enqueued(),
                ev.ContactTransferred(
                    C, A, RegionCode("22"), UnitId("u1"), Skill("child"), None, ()
                ),
            ),
            "Kopplad vidare av a1 i Jämt till Väst, enheten u1, tjänsten child, på samma plats i"
            " kön.",
            "Transferred by a1 in Jämt to Väst, the unit u1, the service child, at the same place"
            " in the queue.",
        ),
        (
            (enqueued(), ev.ContactTransferred(C, A, None, None, None, AgentId("a2"), ())),
            "Kopplad vidare av a1 i Jämt till a2, på samma plats i kön.",
            "Transferred by a1 in Jämt to a2, at the same place in the queue.",
        ),
        (
            (enqueued(), ev.ContactHeld(C, A, START_MS)),
            "Parkerad av a1 i Jämt.",
            "Put on hold by a1 in Jämt.",
        ),
        (
            (enqueued(), ev.HoldOverdue(C, A, START_MS)),
            "LARM: fortfarande parkerad; a1 i Jämt påminns.",
            "ALARM: still on hold; a1 in Jämt is reminded.",
        ),
        (
            (enqueued(), ev.ContactRetrieved(C, A)),
            "Talar med a1 i Jämt igen.",
            "Talks with a1 in Jämt again.",
        ),
        (
            (
                enqueued(),
                ev.ConsultOffered(C, A, AgentId("a2"), LINK, PhoneId("p"), 1, START_MS),
            ),
            "a2 vill fråga a1 i Jämt, som rings upp.",
            "a2 wants to ask a1 in Jämt, whose phone rings.",
        ),
        (
            (enqueued(), ev.ConsultAnswered(C, A)),
            "a1 i Jämt rådfrågas.",
            "a1 in Jämt is being asked.",
        ),
        (
            (enqueued(), ev.ConferenceStarted(C, A)),
            "Trepartssamtal tillsammans med a1 i Jämt.",
            "All three talk, a1 in Jämt with them.",
        ),
        (
            (enqueued(), ev.ConsultEnded(C, A, ev.ConsultEnd.NO_ANSWER)),
            "a1 i Jämt är inte längre med: inget svar.",
            "a1 in Jämt is no longer with them: no answer.",
        ),
        (
            (enqueued(), ev.ContactHandedOver(C, A, AgentId("a2"), PhoneId("p"))),
            "Övertagen av a1 i Jämt från a2.",
            "Taken over by a1 in Jämt from a2.",
        ),
        (
            (enqueued(), ev.ContactSentBack(C, A, "misuse")),
            "Lämnad tillbaka till kön av a1 i Jämt (misuse), på samma plats.",
            "Given back to the queue by a1 in Jämt (misuse), at the same place.",
        ),
        (
            (enqueued(), ev.ContactUnshared(C, NATIONAL, "night")),
            "Delas inte längre med hela landet: tidsfönstret är slut.",
            "No longer shared with the whole country: the time window has ended.",
        ),
        (
            (enqueued(), offered(is_home=True)),
            "Ringer hos a1 i Jämt: den egna regionen först.",
            "Rings at a1 in Jämt: its own region first.",
        ),
        (
            (enqueued("unknown"), offered()),
            "Ringer hos a1 i Jämt: hemregionen är okänd, så den svarar som är ledig.",
            "Rings at a1 in Jämt: its home region is not known, so whoever is ready answers.",
        ),
        (
            (enqueued(priority=Priority.EMERGENCY), offered()),
            "Ringer hos a1 i Jämt: akut, och ingen i hemregionen som får svara är ledig.",
            "Rings at a1 in Jämt: emergency, and no own agent who may answer is ready.",
        ),
        (
            (
                enqueued(),
                ev.ContactPriorityChanged(C, Priority.EMERGENCY, cmd.Actor.CALLER, "worse"),
                offered(),
            ),
            "Ringer hos a1 i Jämt: akut, och ingen i hemregionen som får svara är ledig.",
            "Rings at a1 in Jämt: emergency, and no own agent who may answer is ready.",
        ),
        (
            (ev.ContactPriorityChanged(C, Priority.RAISED, cmd.Actor.CALLER, "worse"),),
            "Prioriteten blev förhöjd, genom inringaren (worse).",
            "Priority became raised, by the caller (worse).",
        ),
        (
            (ev.ContactPriorityChanged(C, Priority.RAISED, cmd.Actor.AGENT, "judged", 0, ADVICE),),
            "Prioriteten blev förhöjd och behovet advice, genom sjuksköterskan (judged).",
            "Priority became raised and the need advice, by the agent (judged).",
        ),
        (
            (ev.OfferRangOut(C, A, 1),),
            "Inget svar hos a1 i Jämt. Platsen i kön är kvar.",
            "No answer from a1 in Jämt. Its place is kept.",
        ),
        (
            (ev.OfferRevoked(C, A, 1, ev.RevokeReason.WITHDRAWN),),
            "Ringer inte längre hos a1 i Jämt: hen behövs för ett akut samtal som ingen annan får"
            " ta.",
            "No longer rings at a1 in Jämt: she is needed for an emergency that nobody else may"
            " take.",
        ),
        (
            (ev.ContactPostponed(C, START_MS + 30_000),),
            "LARM: för många misslyckade försök. Vilar 30 s.",
            "ALARM: too many failed offers. Rests 30 s.",
        ),
        (
            (ev.EmergencyOverdue(C),),
            "LARM: ett akut ärende har väntat längre än 1 min.",
            "ALARM: an emergency has waited longer than 1 min.",
        ),
        (
            (ev.CallbackPromised(C, START_MS + 3_600_000),),
            "Lovad att bli uppringd inom 1 tim 0 min; platsen i kön är kvar.",
            "Promised to be called back within 1 h 0 min; its place is kept.",
        ),
        (
            (ev.CallbackNotReached(C, A, 1, cmd.CallbackFailure.BUSY, 1, START_MS + 300_000),),
            "Nåddes inte, försök 1: upptaget. Nästa om 5 min.",
            "Was not reached, try 1: busy. The next in 5 min.",
        ),
        (
            (ev.CallbackNotReached(C, A, 1, cmd.CallbackFailure.NO_ANSWER, 3, None),),
            "Nåddes inte, försök 3: inget svar. Det var det sista.",
            "Was not reached, try 3: no answer. That was the last.",
        ),
        (
            (ev.CallbackOverdue(C),),
            "LARM: skulle ha blivit uppringd vid det här laget.",
            "ALARM: should have been called back by now.",
        ),
        (
            (ev.ContactEnded(C, Outcome.NOT_REACHED, 1_200_000, 0),),
            "Kunde inte nås när vi ringde upp; 20 min efter samtalet.",
            "Could not be reached when called back, 20 min after calling.",
        ),
        (
            (ev.OfferRejected(C, AgentId("west+3"), 1),),
            "Avvisat eller upptaget hos kontaktcenter west (plats 3) i Jämt."
            " Platsen i kön är kvar.",
            "Declined or busy at contact centre west (seat 3) in Jämt. Its place is kept.",
        ),
        (
            (ev.ContactEnded(C, Outcome.ABANDONED, 125_000, 0),),
            "Inringaren lade på efter 2 min 5 s i kön.",
            "The caller hung up after waiting 2 min 5 s.",
        ),
    ],
)
def test_the_reason_is_said(events: tuple[ev.Event, ...], sv: str, en: str) -> None:
    assert said(*events) == (sv, en)


def test_every_event_of_a_contact_is_told_or_left_out_on_purpose() -> None:
    left_out = {
        "ContactSeenWaiting",  # between two offers, and says nothing of why
        "OfferSeen",
        "TriedForgotten",
        "ContactForgotten",
        "TextForgotten",
        "LateReport",
        "CommandFailed",
    }
    of_contacts = {
        kind.__name__ for kind in get_args(ev.Event) if "contact_id" in kind.__dataclass_fields__
    }
    assert {kind.__name__ for kind in TOLD} == of_contacts - left_out


def test_names_of_kinds() -> None:
    assert kind_of(ev.ContactShared(C, NATIONAL, "r")) == "contact_shared"
    assert kind_of(ev.WrapUpEnded(A, C, "", 0)) == "wrap_up_ended"


def test_spans_are_said_as_people_say_them() -> None:
    spans = {
        0: "0 s", 59_999: "59 s", 60_000: "1 min", 125_000: "2 min 5 s", 4_200_000: "1 tim 10 min",
        -5: "0 s",
    }  # fmt: skip
    assert {ms: timeline_words.span(ms).sv for ms in spans} == spans
    assert timeline_words.span(4_200_000).en == "1 h 10 min"


def test_all_codes_have_words() -> None:
    assert set(timeline_words.PRIORITY) == set(Priority)
    assert set(timeline_words.SOURCE) == set(HomeRegionSource)
    assert set(timeline_words.OUTCOME) == set(Outcome)
    assert set(timeline_words.ACTOR) == set(cmd.Actor)
    assert set(timeline_words.REVOKED) == set(ev.RevokeReason)


def test_a_rule_that_shares_at_once_is_not_told_as_a_wait() -> None:
    at_once = ShareRule("at_once", ShareCondition.WAITED, NATIONAL)
    home = replace(POLICY.regions[0], share_rules=(at_once,))
    state = World(replace(POLICY, regions=(home, *POLICY.regions[1:]))).state
    story = [Entry(START_MS, event, RegionCode("22")) for event in (enqueued(), shared("at_once"))]
    told = timeline(story, state)[-1]
    assert told["text_sv"] == "Delas med hela landet: regionen delar direkt."
    assert told["text_en"] == "Shared with the whole country: the region shares at once."


def test_a_ring_that_hangs_on_the_queue_says_from_when_on() -> None:
    long = ShareRule("long", ShareCondition.QUEUE_LENGTH, NATIONAL._replace(waiting_min=4))
    home = replace(POLICY.regions[0], share_rules=(long,))
    state = World(replace(POLICY, regions=(home, *POLICY.regions[1:]))).state
    events = (enqueued(), shared("long", long.ring))
    told = timeline([Entry(START_MS, event, RegionCode("22")) for event in events], state)[-1]
    assert told["text_sv"] == (
        "Delas med hela landet medan fler än 3 från regionen väntar: regionen får hjälp med en"
        " lång kö."
    )
    assert told["text_en"] == (
        "Shared with the whole country while more than 3 of the region wait: others help with a"
        " long queue."
    )
