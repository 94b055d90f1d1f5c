"""The words of timelines, in Swedish and English."""

from __future__ import annotations

from typing import Final, NamedTuple

from queue_engine.core.commands import Actor
from queue_engine.core.events import ConsultEnd, KeptReason, RevokeReason
from routing.gateways import gateway_of, seat_number
from routing.policy import MINUTE_MS, SECOND_MS
from routing.vocabulary import AgentId, ContactChannel, HomeRegionSource, Outcome, Priority


class Words(NamedTuple):
    """The same in two languages."""

    sv: str
    en: str


PRIORITY: Final = {
    Priority.EMERGENCY: Words("akut", "emergency"),
    Priority.URGENT: Words("brådskande", "urgent"),
    Priority.RAISED: Words("förhöjd", "raised"),
    Priority.STANDARD: Words("normal", "standard"),
    Priority.NON_MEDICAL: Words("ej medicinsk", "non-medical"),
}
SOURCE: Final = {
    HomeRegionSource.AGENT: Words("rättad av sjuksköterska", "corrected by a nurse"),
    HomeRegionSource.NETWORK: Words("enligt telefonnätet", "from the telephone network"),
    HomeRegionSource.CALLER_KEY: Words("enligt inringarens knappval", "by the caller's key"),
    HomeRegionSource.AREA_CODE: Words("enligt riktnumret", "by the area code"),
    HomeRegionSource.LINE: Words("enligt numret som ringdes", "by the number that was called"),
    HomeRegionSource.NONE: Words("delas med alla", "shared with all"),
}
ACTOR: Final = {
    Actor.CALLER: Words("inringaren", "the caller"),
    Actor.AGENT: Words("sjuksköterskan", "the agent"),
    Actor.SUPERVISOR: Words("arbetsledaren", "the supervisor"),
    Actor.SYSTEM: Words("systemet", "the system"),
}
CHANNEL: Final = {
    ContactChannel.PHONE: Words("Ställd i kö", "Queued"),
    ContactChannel.CALLBACK: Words("Ställd i kö", "Queued"),
    ContactChannel.CHAT: Words("Chatt ställd i kö", "A chat queued"),
    ContactChannel.VIDEO: Words("Videomöte ställt i kö", "A video meeting queued"),
}
KEPT: Final = {
    KeptReason.TIME_UP: Words("väntat länge nog", "waited long enough"),
    KeptReason.NOBODY_THERE: Words(
        "ingen av dem finns på plats", "none of those it prefers can be expected"
    ),
    KeptReason.EMERGENCY: Words("akut", "an emergency"),
}
REVOKED: Final = {
    RevokeReason.WITHDRAWN: Words(
        "hen behövs för ett akut samtal som ingen annan får ta",
        "she is needed for an emergency that nobody else may take",
    ),
    RevokeReason.CALLER_GONE: Words("inringaren har lagt på", "the caller has hung up"),
    RevokeReason.AGENT_SIGNED_OFF: Words("hen loggade ut", "she signed off"),
    RevokeReason.AGENT_FORCED: Words(
        "en arbetsledare har pausat hen", "a supervisor made the agent not ready"
    ),
    RevokeReason.AGENT_BUSY: Words(
        "telefonen är i ett annat samtal", "the phone is in another talk"
    ),
    RevokeReason.SEEN_WAITING: Words(
        "växeln visar att inringaren väntar", "the switch shows the caller waiting"
    ),
    RevokeReason.SEEN_CONNECTED: Words(
        "växeln visar att inringaren talar med en annan",
        "the switch shows the caller talking with somebody else",
    ),
    RevokeReason.TRUNK: Words(
        "förbindelsen till telefonens växel fungerade inte",
        "the trunk to the switch of the phone did not carry it",
    ),
    RevokeReason.UNSEEN: Words(
        "växeln visar ingen telefon som ringer", "the switch shows no phone that rings"
    ),
}
CONSULT_ENDED: Final = {
    ConsultEnd.ENDED: Words("det är avslutat", "it is over"),
    ConsultEnd.NO_ANSWER: Words("inget svar", "no answer"),
    ConsultEnd.REJECTED: Words("avvisat eller upptaget", "declined or busy"),
    ConsultEnd.UNREACHABLE: Words("telefonen gick inte att nå", "the phone could not be reached"),
    ConsultEnd.SIGNED_OFF: Words("hen loggade ut", "she signed off"),
    ConsultEnd.FORCED: Words(
        "en arbetsledare har pausat hen", "a supervisor made the agent not ready"
    ),
    ConsultEnd.BUSY: Words("telefonen är i ett annat samtal", "the phone is in another talk"),
    ConsultEnd.UNSEEN: Words(
        "växeln visade det inte efter avbrottet", "the switch did not show it after the gap"
    ),
    ConsultEnd.WITHDRAWN: Words("ett akut samtal behöver hen", "an emergency needs her"),
}
OUTCOME: Final = {
    Outcome.HANDLED: Words("Avslutad efter {talk_sv} samtal.", "Ended after a talk of {talk_en}."),
    Outcome.ABANDONED: Words(
        "Inringaren lade på efter {wait_sv} i kön.", "The caller hung up after waiting {wait_en}."
    ),
    Outcome.LOST: Words(
        "Samtalet bröts efter {wait_sv} i kön.", "The call was cut after waiting {wait_en}."
    ),
    Outcome.REFUSED: Words("Avvisades vid överlast.", "Refused under overload."),
    Outcome.TIMED_OUT: Words(
        "Lämnade kön efter {wait_sv}: väntetidens gräns.",
        "Left the queue after {wait_en}: the limit of its wait.",
    ),
    Outcome.NOT_REACHED: Words(
        "Kunde inte nås när vi ringde upp; {wait_sv} efter samtalet.",
        "Could not be reached when called back, {wait_en} after calling.",
    ),
    Outcome.CONTINUED: Words(
        "Ringde igen innan vi ringde upp; det nya samtalet har platsen.",
        "Called again before being called back; the new call has the place.",
    ),
}
OUTCOME_ON_SCREEN: Final = {
    **OUTCOME,
    Outcome.HANDLED: Words("Avslutad efter {talk_sv}.", "Ended after {talk_en}."),
    Outcome.ABANDONED: Words("Lämnade kön efter {wait_sv}.", "Left the queue after {wait_en}."),
    Outcome.LOST: Words(
        "Förbindelsen bröts efter {wait_sv} i kön.", "The connection was cut after {wait_en}."
    ),
}
"""Of chats and videos."""


def span(ms: int) -> Words:
    """A length of time as people say it, rounded down: `45 s`, `2 min 5 s`, `1 h 10 min`."""
    seconds = max(0, ms) // SECOND_MS
    minutes, rest = divmod(seconds, MINUTE_MS // SECOND_MS)
    hours, left = divmod(minutes, 60)
    if hours:
        return Words(f"{hours} tim {left} min", f"{hours} h {left} min")
    text = f"{minutes} min {rest} s" if minutes and rest else f"{minutes} min"
    text = text if minutes else f"{rest} s"
    return Words(text, text)


def who(agent_id: AgentId) -> Words:
    """How an agent is called: by her id; a seat of a contact centre elsewhere by that centre."""
    gateway_id = gateway_of(agent_id)
    if gateway_id is None:
        return Words(agent_id, agent_id)
    seat = seat_number(agent_id)
    return Words(
        f"kontaktcenter {gateway_id} (plats {seat})", f"contact centre {gateway_id} (seat {seat})"
    )
