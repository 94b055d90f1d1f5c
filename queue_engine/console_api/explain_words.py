"""The words of explanations, in Swedish and English: one for each reason there is.

House rules: what is counted stands behind its number, `3 utan kompetensen`, so that no word has to
agree with it; `tests/console_api/test_console_explain_words.py` holds every table total.
"""

from __future__ import annotations

from typing import Final

from queue_engine.console_api.timeline_words import Words
from queue_engine.core.explain import Absence, Hold
from routing.advantages import Advantage
from routing.explain import Standing
from routing.may_answer import Obstacle
from routing.vocabulary import NotReadyReason

AGENTS_KEPT: Final[dict[Obstacle | Absence, Words]] = {
    Obstacle.OTHER_SWITCH: Words(
        "vid en annan växel, utan förbindelse", "at another switch, with no trunk between"
    ),
    Obstacle.TRUNK_RESTS: Words(
        "vid en växel som förbindelsen till nyss inte fungerade",
        "at a switch to which the trunk has just failed",
    ),
    Obstacle.NOT_ON_LINE: Words(
        "hos ett kontaktcenter som bara kan kopplas till den som är kvar i telefon",
        "at a contact centre that can be put through to callers on the line alone",
    ),
    Obstacle.SKILLS: Words("utan kompetensen som behövs", "without the skills that it needs"),
    Obstacle.KEPT_BY_UNIT: Words(
        "vars enhet det inte är delat med än", "whose unit it is not shared with yet"
    ),
    Obstacle.NOT_SHARED: Words(
        "vars region det inte är delat med", "whose region it is not shared with"
    ),
    Obstacle.QUEUE_SHORT: Words(
        "vars region hjälper till först när hemregionens kö är längre",
        "whose region helps only once the home region's queue is longer",
    ),
    Obstacle.NO_ROOM: Words(
        "som inte har plats för det bredvid sina chattar",
        "who has no room for it beside the chats at hand",
    ),
    Obstacle.NOT_LENDING: Words("vars region inte lånar ut nu", "whose region does not lend now"),
    Obstacle.STRAIN: Words("som vilar från sådana samtal", "who is spared such calls for a while"),
    Obstacle.GATEWAY_RESTS: Words(
        "hos ett kontaktcenter som nyss inte tog emot", "at a contact centre that took nobody"
    ),
    Obstacle.PREFERS_OTHER: Words("som det inte väntar på", "for whom it does not wait"),
    Obstacle.OWN_CALLERS_WAIT: Words(
        "vars regions egna inringare har väntat för länge",
        "whose region's own callers have waited too long",
    ),
    Obstacle.OVER_BALANCE: Words(
        "vars region har gett mer än vad som är avtalat",
        "whose region has given more than is agreed",
    ),
    Obstacle.LENDING_CUT: Words(
        "vars region nu bara lånar ut till akuta och brådskande",
        "whose region lends to emergency and urgent contacts only",
    ),
    Obstacle.TRIED: Words(
        "som nyss inte svarade på det eller lämnade det ifrån sig",
        "who did not answer it or gave it back just before",
    ),
    Absence.OUT_OF_REACH: Words("vars växel inte går att nå", "whose switch is out of reach"),
    Absence.RINGING: Words("där telefonen ringer", "whose phone rings"),
    Absence.TALKING: Words("i samtal", "in a talk"),
    Absence.WRAP_UP: Words("i efterarbete", "in wrap-up"),
    Absence.SIGNING_OFF: Words("på väg att logga ut", "about to sign off"),
    Absence.NOT_READY: Words("inte redo", "not ready"),
    Absence.OTHER: Words("som inte kunde ta emot fler", "who could take no more"),
}
"""Of agents: what kept them from the contact."""

CONTACTS_KEPT: Final[dict[Obstacle, Words]] = {
    Obstacle.OTHER_SWITCH: Words(
        "från en annan växel, utan förbindelse", "from another switch, with no trunk between"
    ),
    Obstacle.TRUNK_RESTS: Words(
        "från en växel som förbindelsen från nyss inte fungerade",
        "from a switch from which the trunk has just failed",
    ),
    Obstacle.NOT_ON_LINE: Words(
        "som inte är kvar i telefon", "not on the line, as a contact centre elsewhere needs it"
    ),
    Obstacle.SKILLS: Words("som behöver annan kompetens", "in need of other skills"),
    Obstacle.KEPT_BY_UNIT: Words(
        "som den egna enheten behåller tills vidare", "that their own unit keeps as yet"
    ),
    Obstacle.NOT_SHARED: Words(
        "som inte är delade med hens region", "not shared with the agent's region"
    ),
    Obstacle.QUEUE_SHORT: Words(
        "från en region vars kö är för kort för att delas med hens",
        "of a region whose queue is too short to be shared with the agent's",
    ),
    Obstacle.NO_ROOM: Words(
        "som hen inte har plats för bredvid sina chattar",
        "that the agent has no room for beside the chats at hand",
    ),
    Obstacle.NOT_LENDING: Words(
        "som hens region inte lånar ut till nu", "that the agent's region does not lend to now"
    ),
    Obstacle.STRAIN: Words("som hen vilar från", "that the agent is spared for a while"),
    Obstacle.GATEWAY_RESTS: Words(
        "som inte är akuta, och kontaktcentret tog nyss inte emot",
        "that are no emergencies, and the contact centre has just taken nobody",
    ),
    Obstacle.PREFERS_OTHER: Words("väntar på någon annan", "waiting for somebody whom it prefers"),
    Obstacle.OWN_CALLERS_WAIT: Words(
        "som hens region inte lånar ut till medan de egna väntar för länge",
        "that the agent's region does not lend to while its own wait too long",
    ),
    Obstacle.OVER_BALANCE: Words(
        "som hens region inte lånar ut till: den har gett mer än vad som är avtalat",
        "that the agent's region does not lend to: it has given more than is agreed",
    ),
    Obstacle.LENDING_CUT: Words(
        "som hens region inte lånar ut till: bara akuta och brådskande",
        "that the agent's region does not lend to: emergency and urgent contacts only",
    ),
    Obstacle.TRIED: Words(
        "som hen nyss inte svarade på eller lämnade ifrån sig",
        "not answered or given back by the agent just before",
    ),
}
"""Of contacts: what kept an agent from them."""

STANDING: Final = {
    Standing.TIER: Words("mer angeläget", "more pressing"),
    Standing.OWN_REGION: Words(
        "den egna regionens inringare går först", "the agent's own region comes first"
    ),
    Standing.DUE: Words("ska ha svar tidigare", "due earlier"),
    Standing.SEQUENCE: Words("kom först", "came first"),
}
"""What set one contact before another."""

PASSED: Final = {
    Standing.TIER: Words("mindre angelägna", "less pressing"),
    Standing.OWN_REGION: Words("från andra regioner", "from other regions"),
    Standing.DUE: Words("som hos hen ska ha svar senare", "due later at this agent"),
    Standing.SEQUENCE: Words("som kom senare", "that came later"),
}
"""Of contacts that stood before it in the national order, and behind it at the agent."""

ADVANTAGE: Final = {
    Advantage.ORDER: Words(
        "samtalet stod först hos hen", "the contact stood earlier at this agent than at others"
    ),
    Advantage.PREFERRED: Words("inringarens fasta vårdkontakt", "the agent that it prefers"),
    Advantage.FREE: Words("utan pågående chattar", "with no chats at hand"),
    Advantage.HOME_UNIT: Words("samma enhet", "of its own unit"),
    Advantage.HOME_REGION: Words("samma region", "of its home region"),
    Advantage.MOST_IDLE: Words(
        "flest lediga i regionen med rätt kompetens",
        "most ready ones with the skills in the region",
    ),
    Advantage.FIRST_REGION: Words(
        "regionen står först i avtalet", "the region comes first in the agreement"
    ),
    Advantage.FEWEST_SKILLS: Words(
        "minst kompetens utöver behovet", "fewest skills beyond what it needs"
    ),
    Advantage.LONGEST_IDLE: Words("ledig längst", "ready the longest"),
    Advantage.FIRST_SIGNED_ON: Words("loggade in först", "signed on first"),
}
"""What set the chosen agent before the next best."""

HOLD: Final = {
    Hold.RINGING: Words("Det ringer just nu hos en sjuksköterska.", "It rings at an agent now."),
    Hold.NOT_SEEN: Words(
        "Kan inte erbjudas: växeln har inte visat att inringaren väntar.",
        "Cannot be offered: the switch has not shown the caller waiting.",
    ),
    Hold.RESTING: Words(
        "Kan inte erbjudas: vilar efter försök som misslyckades.",
        "Cannot be offered: it rests after attempts that came to nothing.",
    ),
    Hold.OUT_OF_REACH: Words(
        "Kan inte erbjudas: dess växel går inte att nå.",
        "Cannot be offered: its switch is out of reach.",
    ),
    Hold.ISLAND: Words(
        "Erbjuds inte här: motorn är avskuren, och en annan motor tar hand om ärendet.",
        "Not offered here: this engine is cut off, and another one takes care of it.",
    ),
}
"""Why a contact cannot be offered to anybody."""

NOT_READY: Final = {
    NotReadyReason.SIGNED_ON: Words("nyss inloggad", "just signed on"),
    NotReadyReason.BREAK: Words("paus", "break"),
    NotReadyReason.MEETING: Words("möte", "meeting"),
    NotReadyReason.OTHER: Words("annat", "other"),
    NotReadyReason.NO_ANSWER: Words("svarade inte", "did not answer"),
    NotReadyReason.REJECTED: Words("avvisade", "declined"),
    NotReadyReason.UNREACHABLE: Words("telefonen onåbar", "phone unreachable"),
    NotReadyReason.FORCED: Words("satt av arbetsledaren", "set by the supervisor"),
}
"""Why an agent was not ready."""
