"""What pages and programs read: counted, ordered and named as the engine holds it."""

from __future__ import annotations

from routing.vocabulary import Priority
from tests.console_api.api_world import ApiWorld


async def test_the_nation_is_the_sum_of_its_regions(world: ApiWorld) -> None:
    await world.caller("22", Priority.RAISED)
    await world.caller("01")
    await world.agent("n23-1")
    await world.wait(61_000)
    seen = await world.get("/api/v1/regions")
    assert [region["code"] for region in seen["regions"]] == ["22", "23", "24", "01"]
    nation, regions = seen["nation"], {region["code"]: region for region in seen["regions"]}
    assert nation["waiting_total"] == 2
    assert nation["waiting"]["raised"] == 1
    assert regions["22"]["waiting"] == {
        "emergency": 0, "urgent": 0, "raised": 1, "standard": 0, "non_medical": 0,
    }  # fmt: skip
    assert regions["22"]["longest_wait_ms"] == 61_000
    assert regions["01"]["name"] == "Ensam"
    assert regions["01"]["takes_part"] is False
    assert nation["agents"] == {
        "ready": 1, "not_ready": 0, "ringing": 0, "talking": 0, "wrap_up": 0, "total": 1,
    }  # fmt: skip
    assert seen["speed"] == 1.0
