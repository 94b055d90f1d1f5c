"""A made-up moment of the nation, in the API's own shapes, for the pages to draw. Seeded."""

from __future__ import annotations

import random
from typing import Any, Final

AT_MS: Final = 1_795_276_931_000
"""Saturday 21 November 2026, 17:02:11 in Sweden."""

Json = dict[str, Any]

REGIONS: Final = {
    "01": ("Region Stockholm", 2415),
    "03": ("Region Uppsala", 395),
    "04": ("Region Sörmland", 302),
    "05": ("Region Östergötland", 470),
    "06": ("Region Jönköpings län", 367),
    "07": ("Region Kronoberg", 203),
    "08": ("Region Kalmar län", 247),
    "09": ("Region Gotland", 61),
    "10": ("Region Blekinge", 159),
    "12": ("Region Skåne", 1402),
    "13": ("Region Halland", 340),
    "14": ("Västra Götalandsregionen", 1745),
    "17": ("Region Värmland", 283),
    "18": ("Region Örebro län", 307),
    "19": ("Region Västmanland", 279),
    "20": ("Region Dalarna", 288),
    "21": ("Region Gävleborg", 288),
    "22": ("Region Västernorrland", 244),
    "23": ("Region Jämtland Härjedalen", 132),
    "24": ("Region Västerbotten", 275),
    "25": ("Region Norrbotten", 250),
}
_HELPS: Final = [
    ("12", "01", 7),
    ("07", "01", 3),
    ("20", "01", 4),
    ("10", "12", 2),
    ("24", "25", 3),
    ("22", "23", 2),
    ("13", "14", 5),
    ("05", "04", 2),
    ("18", "17", 1),
    ("06", "05", 2),
    ("03", "21", 1),
    ("08", "09", 1),
]
_LIMITS_MINUTES: Final = {
    "emergency": 0.5,
    "urgent": 1,
    "raised": 3,
    "standard": 8,
    "non_medical": 20,
}
_PRIORITIES: Final = list(_LIMITS_MINUTES)


def queue(at_ms: int = AT_MS, seed: int = 1177, size: int = 64) -> Json:
    """The queue in its order."""
    rng = random.Random(seed)
    codes = list(REGIONS)
    weights = [people for _, people in REGIONS.values()]
    contacts = []
    for number in range(size):
        home = rng.choices(codes, weights)[0]
        priority = rng.choices(_PRIORITIES, [1, 3, 12, 70, 14])[0]
        limit_ms = int(_LIMITS_MINUTES[priority] * 60_000)
        waited_ms = int(limit_ms * rng.random() * 1.15) + 1000
        contacts.append(_contact(number, home, priority, at_ms, waited_ms, limit_ms))
    contacts.sort(key=lambda one: (one["tier"], one["due_ms"]))
    for place, contact in enumerate(contacts):
        contact["position"] = place + 1
    for contact, helper in zip(contacts[:5], ("12", "01", "14", "20", "25"), strict=True):
        contact |= {
            "state": "offered",
            "agent_id": f"n{helper}-007",
            "agent_region": helper,
            "position": None,
            "offers": 1,
        }
    return {"at_ms": at_ms, "total": size + 12, "offset": 0, "limit": 100, "contacts": contacts}


def _contact(
    number: int, home: str, priority: str, at_ms: int, waited_ms: int, limit_ms: int
) -> Json:
    needs = [{"skill": "child", "level_max": 9}] if number % 7 == 0 else []
    if number % 11 == 0:
        needs.append({"skill": "ar", "level_max": 9})
    return {
        "contact_id": f"e1-{1000 + number}",
        "state": "waiting",
        "priority": priority,
        "tier": {"emergency": 0, "urgent": 1, "non_medical": 3}.get(priority, 2),
        "home_region": home,
        "home_region_source": "network",
        "needs": needs,
        "language": "sv",
        "channel": "phone",
        "arrived_ms": at_ms - waited_ms,
        "due_ms": at_ms - waited_ms + limit_ms,
        "answer_by_ms": at_ms - waited_ms + limit_ms,
        "waited_ms": waited_ms,
        "position": None,
        "agent_id": None,
        "agent_region": None,
        "offers": 0,
        "shared": [],
        "connected_ms": None,
    }


_CUT = frozenset({"09"})
"""Regions that lend to urgent callers only."""
_GATEWAYS: Final = {
    "09": [
        {"gateway_id": "west", "is_reached": True, "seats": 12, "busy": 3, "free": 8, "away": 1},
        {"gateway_id": "east", "is_reached": False, "seats": 4, "busy": 1, "free": 0, "away": 3},
    ]
}
"""Contact centres elsewhere that answer for a region."""


def regions(at_ms: int = AT_MS, seed: int = 1177, speed: float = 1) -> Json:
    """The nation and its regions; it agrees with `queue` of the same seed."""
    contacts = queue(at_ms, seed)["contacts"]
    rng = random.Random(seed)
    rows = []
    for code, (name, people) in REGIONS.items():
        own = [one for one in contacts if one["home_region"] == code]
        helps = [_help(to, n) for helper, to, n in _HELPS if helper == code]
        helped_by = [_help(helper, n) for helper, to, n in _HELPS if to == code]
        row = {"code": code, "name": name, "takes_part": True, "is_lending_cut": code in _CUT}
        row |= _load(own, people, rng) | {"helps": helps, "helped_by": helped_by}
        row["gateways"] = _GATEWAYS.get(code, [])
        row["expected_wait"] = {"from_minutes": 10, "to_minutes": 20} if own else None
        rows.append(row)
    told = {"at_ms": at_ms, "speed": speed, "island": [], "degraded_since_ms": None}
    return {**told, "nation": _sum(rows), "regions": rows}


def _help(region: str, calls: int) -> Json:
    return {"region": region, "calls": calls}


def _load(own: list[Json], people: int, rng: random.Random) -> Json:
    waiting = [one for one in own if one["state"] == "waiting"]
    late = [one for one in own if one["waited_ms"] > one["answer_by_ms"] - one["arrived_ms"]]
    nurses = max(2, people // 45)
    agents = {
        "ready": rng.randrange(2),
        "ringing": len(own) - len(waiting),
        "wrap_up": nurses // 6,
        "not_ready": nurses // 9,
    }
    agents["talking"] = max(0, nurses - sum(agents.values()))
    return {
        "waiting": {word: sum(one["priority"] == word for one in waiting) for word in _PRIORITIES},
        "waiting_total": len(waiting),
        "longest_wait_ms": max((one["waited_ms"] for one in own), default=0),
        "past_promise": len(late),
        "ringing": len(own) - len(waiting),
        "talking": agents["talking"],
        "agents": agents | {"total": sum(agents.values())},
    }


def _sum(rows: list[Json]) -> Json:
    def total(key: str) -> int:
        return sum(row[key] for row in rows)

    def by_kind(key: str) -> Json:
        return {kind: sum(row[key][kind] for row in rows) for kind in rows[0][key]}

    return {
        "waiting": by_kind("waiting"),
        "waiting_total": total("waiting_total"),
        "longest_wait_ms": max(row["longest_wait_ms"] for row in rows),
        "past_promise": total("past_promise"),
        "ringing": total("ringing"),
        "talking": total("talking"),
        "agents": by_kind("agents"),
    }


def agents(region: str, at_ms: int = AT_MS) -> Json:
    """The nurses of a region."""
    counts = next(row for row in regions(at_ms)["regions"] if row["code"] == region)["agents"]
    rows: list[Json] = []
    for state in ("ready", "ringing", "talking", "wrap_up", "not_ready"):
        for _ in range(counts[state]):
            has_call = state in ("ringing", "talking", "wrap_up")
            number = len(rows) + 1
            rows.append(
                {
                    "agent_id": f"n{region}-{number:03}",
                    "region": region,
                    "unit": None,
                    "link_id": "e1",
                    "phone_id": f"p{region}-{number:03}",
                    "state": state,
                    "presence": "not_ready" if state == "not_ready" else "ready",
                    "not_ready_reason": "break" if state == "not_ready" else None,
                    "since_ms": at_ms - 37_000 * number,
                    "contact_id": f"e1-{900 + number}" if has_call else None,
                    "contact_region": region if has_call else None,
                    "wrap_up_until_ms": None,
                    "is_signing_off": False,
                    "skills": [{"skill": "advice", "level": 1}],
                }
            )
    return {"at_ms": at_ms, "agents": rows}


def contact(contact_id: str, at_ms: int = AT_MS) -> Json | None:
    """One contact with its timeline; None if there is none of that name."""
    found: Json | None = None
    for one in queue(at_ms)["contacts"]:
        if one["contact_id"] == contact_id:
            found = one
    if found is None:
        return None
    start = found["arrived_ms"]
    found["timeline"] = [
        {
            "at_ms": start,
            "kind": "contact_enqueued",
            "text_sv": "Ställdes i kö. Hemregionen är känd genom telenätet.",
            "text_en": "Was put in the queue. The home region is known by the network.",
        },
        {
            "at_ms": start + found["waited_ms"] // 3,
            "kind": "contact_offered",
            "text_sv": "Erbjöds n14-003 i egen region, som varit ledig längst av dem som kan.",
            "text_en": "Offered to n14-003 of the own region, longest idle of those who can.",
        },
        {
            "at_ms": start + found["waited_ms"] // 3 + 20_000,
            "kind": "offer_rang_out",
            "text_sv": "Ingen svarade på 20 sekunder. Platsen i kön är kvar.",
            "text_en": "Nobody answered in 20 seconds. The place in the queue is kept.",
        },
        {
            "at_ms": start + found["waited_ms"] // 2,
            "kind": "contact_shared",
            "text_sv": "Delades med hela landet: löftet om svar gick ut utan svar.",
            "text_en": "Shared with the whole nation: the promised time passed unanswered.",
            "rule": "nation_past_due",
        },
    ]
    return found


def explanation(contact: Json) -> Json:
    """Why it was offered, and why it waits: as much of it as the page shows."""
    why = {
        "text_sv": ["Varför samtalet: först av 4 som sjuksköterskan fick svara, av 9 som väntade."],
        "text_en": ["Why this contact: first of 4 that the agent might answer, of 9 that waited."],
    }
    now = {
        "text_sv": ["Lediga som får svara nu: 0.", "Region Stockholm (9 i arbete): 9 i samtal."],
        "text_en": ["Ready agents who may answer now: 0.", "Region Stockholm (9 at work): 9."],
    }
    offered = contact["timeline"][1]
    entries = [contact["timeline"][0], offered | {"offer": why}, *contact["timeline"][2:]]
    return {"contact_id": contact["contact_id"], "at_ms": AT_MS, "entries": entries, "wait": now}


def seats() -> list[Json]:
    """Two places for people in each region."""
    return [
        {
            "agent_id": f"p{code}-{number}",
            "region": code,
            "link_id": "e1",
            "phone_id": f"seat{code}{number}",
            "skills": [{"skill": "advice", "level": 1}, {"skill": "sv", "level": 1}],
            "is_taken": False,
        }
        for code in REGIONS
        for number in (1, 2)
    ]


def prompt(text_sv: str, text_en: str, language: str) -> Json:
    """News of a prompt that is heard."""
    return {
        "news": "prompt",
        "name": "made_up",
        "text": text_sv if language == "sv" else text_en,
        "text_sv": text_sv,
        "text_en": text_en,
        "language": language,
        "duration_ms": 3000,
    }


def ledger() -> Json:
    """What those who help now have done today, and one call of nobody's."""
    pairs = [*_HELPS, ("01", "unknown", 1)]
    accounts = [
        {
            "giver": giver,
            "taker": taker,
            "service": "advice",
            "is_sold": False,
            "calls": calls,
            "talk_ms": calls * 360_000,
            "consults": 0,
            "consult_ms": 0,
            "wrap_up_ms": calls * 90_000,
        }
        for giver, taker, calls in pairs
    ]
    return {
        "at_ms": AT_MS,
        "is_complete": True,
        "first_day": "2026-11-01",
        "accounts": accounts,
    }
