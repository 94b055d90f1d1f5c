"""What pages and programs read: counted, ordered and named as the engine holds it."""

from __future__ import annotations

from queue_engine.core.apply_contacts import FORGET_MS
from queue_engine.core.commands import ReportLinkLost
from routing.vocabulary import Priority
from tests.console_api.api_world import ApiWorld, api_world
from tests.core.world import LINK


async def test_the_nation_is_the_sum_of_its_regions(world: ApiWorld) -> None:
    await world.caller("22", Priority.RAISED)
    await world.caller("01")
    await world.agent("n23-1")
    await world.wait(61_000)
    seen = await world.get("/api/v1/regions")
    assert [region["code"] for region in seen["regions"]] == ["22", "23", "24", "01"]
    nation, regions = seen["nation"], {region["code"]: region for region in seen["regions"]}
    assert nation["waiting_total"] + nation["ringing"] == 2
    assert regions["01"]["waiting"] == {
        "emergency": 0, "urgent": 0, "raised": 0, "standard": 1, "non_medical": 0,
    }  # fmt: skip
    assert regions["01"]["longest_wait_ms"] == 61_000
    assert regions["01"]["name"] == "Ensam"
    assert regions["01"]["takes_part"] is False
    assert nation["agents"]["total"] == regions["23"]["agents"]["total"] == 1
    assert regions["23"]["expected_wait"] == {"from_minutes": 0, "to_minutes": 5}
    assert regions["22"]["expected_wait"] is None
    for word in ("waiting_total", "past_promise", "ringing", "talking"):
        assert nation[word] == sum(region[word] for region in seen["regions"])
    assert seen["speed"] == 1.0


async def test_who_waits_longer_than_promised_is_counted(world: ApiWorld) -> None:
    await world.caller("22", Priority.EMERGENCY)
    await world.wait(30_000)
    assert (await world.get("/api/v1/regions"))["nation"]["past_promise"] == 0
    await world.wait(1_000)
    assert (await world.get("/api/v1/regions"))["nation"]["past_promise"] == 1


async def test_help_across_a_border_is_told_at_both_ends(world: ApiWorld) -> None:
    await world.agent("n22-1")
    helped = await world.caller("24")
    await world.answer(helped)
    regions = {one["code"]: one for one in (await world.get("/api/v1/regions"))["regions"]}
    assert regions["22"]["helps"] == [{"region": "24", "calls": 1}]
    assert regions["24"]["helped_by"] == [{"region": "22", "calls": 1}]
    assert regions["24"]["talking"] == 1
    assert regions["22"]["agents"]["talking"] == 1
    assert regions["22"]["helped_by"] == regions["24"]["helps"] == []


async def test_callers_of_an_unknown_region_are_seen_too(world: ApiWorld) -> None:
    await world.caller("unknown")
    regions = (await world.get("/api/v1/regions"))["regions"]
    assert [region["code"] for region in regions] == ["22", "23", "24", "01", "unknown"]
    assert regions[-1]["waiting_total"] == 1
    assert regions[-1]["name"] == "Okänd region"


async def test_the_queue_is_in_the_national_order_with_places_of_its_regions(
    world: ApiWorld,
) -> None:
    for number, (region, priority) in enumerate(
        (
            ("22", Priority.NON_MEDICAL),
            ("22", Priority.STANDARD),
            ("24", Priority.STANDARD),
            ("22", Priority.RAISED),
            ("22", Priority.URGENT),
        )
    ):
        await world.caller(region, priority, f"q{number}")
    queue = await world.get("/api/v1/queue")
    assert [row["contact_id"] for row in queue["contacts"]] == ["q4", "q3", "q1", "q2", "q0"]
    assert [row["position"] for row in queue["contacts"]] == [1, 2, 3, 1, 4]
    assert queue["total"] == 5
    second = await world.get("/api/v1/queue?limit=2&offset=1")
    assert second["contacts"] == queue["contacts"][1:3]
    assert (second["total"], second["offset"], second["limit"]) == (5, 1, 2)
    of_24 = await world.get("/api/v1/queue?region=24")
    assert [(row["contact_id"], row["position"]) for row in of_24["contacts"]] == [("q2", 1)]
    assert (await world.get("/api/v1/queue?state=connected"))["contacts"] == []


async def test_a_question_that_is_not_understood_is_refused_with_its_place(
    world: ApiWorld,
) -> None:
    for query, word in (
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("offset=-1", "offset"),
        ("offset=1e3", "offset"),
        ("region=Skåne", "region"),
        ("state=lost", "state"),
        ("sort=x", "query"),
        ("limit=1&limit=2", "query"),
    ):
        problem = await world.get(f"/api/v1/queue?{query}", status=400)
        assert problem["code"] == "bad_request"
        assert problem["detail"].startswith(f"{word}: expected"), problem


async def test_what_an_agent_does_is_derived_from_what_she_has(world: ApiWorld) -> None:
    await world.post("/api/v1/agents/n22-1/sign-on")

    async def state() -> str:
        rows = (await world.get("/api/v1/agents?region=22"))["agents"]
        word: str = rows[0]["state"]
        return word

    assert await state() == "not_ready"
    await world.post("/api/v1/agents/n22-1/ready")
    assert await state() == "ready"
    contact = await world.caller("22")
    assert await state() == "ringing"
    await world.answer(contact)
    assert await state() == "talking"
    agent = (await world.get("/api/v1/agents"))["agents"][0]
    assert (agent["contact_id"], agent["contact_region"]) == (contact, "22")
    await world.nurse_hangs_up(contact)
    assert await state() == "wrap_up"
    agent = (await world.get("/api/v1/agents"))["agents"][0]
    assert agent["wrap_up_until_ms"] == agent["since_ms"] + 300_000
    assert (await world.get("/api/v1/agents?region=23"))["agents"] == []


async def test_seats_for_people_say_whether_they_are_taken(world: ApiWorld) -> None:
    seats = (await world.get("/api/v1/seats"))["seats"]
    assert [(seat["agent_id"], seat["is_taken"]) for seat in seats] == [
        ("n22-1", False),
        ("n23-1", False),
    ]
    await world.post("/api/v1/agents/n22-1/sign-on")
    seats = (await world.get("/api/v1/seats?region=22"))["seats"]
    assert [seat["is_taken"] for seat in seats] == [True]


async def test_a_contact_tells_its_story_with_reasons(world: ApiWorld) -> None:
    contact_id = await world.caller("24")
    await world.agent("n22-1")
    await world.answer(contact_id)
    await world.wait(95_000)
    await world.nurse_hangs_up(contact_id)
    await world.gone(contact_id)
    contact = await world.get(f"/api/v1/contacts/{contact_id}")
    assert (contact["state"], contact["outcome"]) == ("ended", "handled")
    assert (contact["offers"], contact["talk_ms"]) == (1, 95_000)
    assert [entry["text_sv"] for entry in contact["timeline"]] == [
        "Ställd i kö med prioritet normal. Hemregion: Botten (enligt riktnumret).",
        "Delas med hela landet: ingen i hemregionen med rätt kompetens är inloggad.",
        "Ringer hos n22-1 i Väst: delad, och ingen i hemregionen som får svara är ledig.",
        "Besvarad av n22-1 i Väst efter 0 s.",
        "Avslutad efter 1 min 35 s samtal.",
        "Efterarbete hos n22-1 i Väst.",
    ]
    assert contact["timeline"][1]["rule"] == "unstaffed"
    assert contact["timeline"][2]["text_en"] == (
        "Rings at n22-1 in Väst: shared, and no own agent who may answer is ready."
    )


async def test_a_contact_that_the_engine_has_forgotten_is_still_told_of(world: ApiWorld) -> None:
    contact_id = await world.caller("22", Priority.RAISED)
    await world.gone(contact_id)
    before = await world.get(f"/api/v1/contacts/{contact_id}")
    await world.wait(FORGET_MS + 1)
    assert contact_id not in world.driver.state.contacts
    after = await world.get(f"/api/v1/contacts/{contact_id}")
    assert after == before
    assert after["outcome"] == "abandoned"


async def test_stories_are_read_back_from_the_journal_after_a_restart() -> None:
    async with api_world() as first:
        living = await first.caller("22")
        ended = await first.caller("22")
        await first.gone(ended)
        wanted = {
            contact_id: await first.get(f"/api/v1/contacts/{contact_id}")
            for contact_id in (living, ended)
        }
    async with api_world(first.journal) as second:

        async def is_told(contact_id: str = ended) -> bool:
            return bool((await second.get(f"/api/v1/contacts/{contact_id}"))["timeline"])

        await second.until(is_told, "the stories are read back")
        for contact_id, contact in wanted.items():
            found = await second.get(f"/api/v1/contacts/{contact_id}")
            assert found["timeline"] == contact["timeline"]


async def test_who_was_never_here_is_not_found(world: ApiWorld) -> None:
    assert (await world.get("/api/v1/contacts/nobody", status=404))["code"] == "unknown_contact"
    assert (await world.get("/api/v1/contacts/a%20b", status=404))["code"] == "not_found"
    assert (await world.get("/api/v1/nothing", status=404))["code"] == "not_found"


async def test_ready_says_what_is_in_the_way(world: ApiWorld) -> None:
    ready = await world.get("/readyz")
    assert ready["is_ready"] is True
    assert [check["name"] for check in ready["checks"]] == ["engine", "link ast1"]
    await world.driver.submit(ReportLinkLost(LINK))
    problem = await world.get("/readyz", status=503)
    assert problem["detail"] == "not well: link ast1"
    assert [check["is_ok"] for check in problem["checks"]] == [True, False]
