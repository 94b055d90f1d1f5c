"""Commands: journaled before they are answered, once per key, refused with a reason."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from queue_engine.console_api.ports import Reload
from queue_engine.core import commands as cmd
from queue_engine.core.policy_codec import write_policy
from queue_engine.runtime.clock import Clock
from routing.gateways import Gateway
from routing.vocabulary import GatewayId, RegionCode
from tests.console_api.api_world import SKILLS, ApiWorld, api_world
from tests.core.world import LINK, POLICY


async def test_a_day_at_work(world: ApiWorld) -> None:
    answer = await world.post("/api/v1/agents/n22-1/sign-on")
    assert answer["agent"]["state"] == "not_ready"
    assert answer["agent"]["phone_id"] == "p221"
    assert answer["record"] == world.driver.state.record_number
    assert (await world.post("/api/v1/agents/n22-1/ready"))["agent"]["state"] == "ready"
    contact = await world.caller("22")
    await world.answer(contact)
    await world.nurse_hangs_up(contact)
    done = await world.post("/api/v1/agents/n22-1/wrap-up/end", {"disposition": "self_care"})
    assert done["agent"]["state"] == "ready"
    pause = await world.post("/api/v1/agents/n22-1/not-ready", {"reason": "break"})
    assert pause["agent"]["not_ready_reason"] == "break"
    home = await world.post("/api/v1/agents/n22-1/sign-off")
    assert home["agent"] is None
    assert not world.driver.state.agents


async def test_a_repeated_command_changes_nothing_and_says_so(world: ApiWorld) -> None:
    await world.post("/api/v1/agents/n22-1/sign-on")
    again = await world.post("/api/v1/agents/n22-1/sign-on")
    assert again["record"] is None
    assert again["agent"]["agent_id"] == "n22-1"


async def test_another_phone_than_her_usual_one(world: ApiWorld) -> None:
    body = {"phone_id": "p999"}
    answer = await world.post("/api/v1/agents/n22-1/sign-on", body)
    assert answer["agent"]["phone_id"] == "p999"
    assert (await world.post("/api/v1/agents/n23-9/sign-on", status=409))["code"] == "no_phone"


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("stranger/sign-on", {}, 404, "unknown_agent"),
        ("n22-1/ready", {}, 409, "not_signed_on"),
        ("n22-1/wrap-up/end", {}, 409, "not_signed_on"),
        ("n22-1/not-ready", {}, 422, "bad_body"),
        ("n22-1/not-ready", {"reason": "forced"}, 422, "bad_body"),
        ("n22-1/not-ready", {"reason": 1}, 422, "bad_body"),
        ("n22-1/sign-on", {"region": "01"}, 422, "bad_body"),
        ("n22-1/sign-on", {"phone_id": "../x"}, 422, "bad_body"),
        ("n22-1/sign-on", {"phone_id": "p1\n"}, 422, "bad_body"),
        ("n22-1/ready", [], 422, "bad_body"),
    ],
)
async def test_what_cannot_be_is_refused_and_changes_nothing(
    world: ApiWorld, path: str, body: object, status: int, code: str
) -> None:
    before = world.driver.state.record_number
    async with world.client.post(world.url(f"/api/v1/agents/{path}"), json=body) as answer:
        problem = await answer.json(content_type="application/problem+json")
    assert (answer.status, problem["status"], problem["code"]) == (status, status, code)
    assert problem["type"] == f"urn:samko:problem:{code}"
    assert problem["title"]
    assert problem["title_sv"]
    assert world.driver.state.record_number == before


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"{}", "text/plain", 415),
        (b'{"reason": NaN}', "application/json", 400),
        (b"[" * 10_000, "application/json", 400),
        (b" " * 20_000, "application/json", 413),
        (b"\xff", "application/json", 400),
    ],
)
async def test_bodies_that_are_none(world: ApiWorld, data: bytes, kind: str, status: int) -> None:
    url, headers = world.url("/api/v1/agents/n22-1/not-ready"), {"Content-Type": kind}
    async with world.client.post(url, data=data, headers=headers) as answer:
        assert answer.status == status
        assert answer.content_type == "application/problem+json"


async def test_one_key_is_one_command(world: ApiWorld) -> None:
    first = await world.post("/api/v1/agents/n22-1/sign-on", key="k1")
    await world.post("/api/v1/agents/n22-1/sign-off")
    again = await world.post("/api/v1/agents/n22-1/sign-on", key="k1")
    assert again == first
    assert not world.driver.state.agents  # nothing was done again
    other = await world.post("/api/v1/agents/n22-1/sign-on", {"phone_id": "x"}, 422, "k1")
    assert other["code"] == "idempotency_key_reused"
    elsewhere = await world.post("/api/v1/agents/n22-2/sign-on", key="k1", status=422)
    assert elsewhere["code"] == "idempotency_key_reused"
    assert (await world.post("/api/v1/agents/n22-2/ready", key="å", status=400))["detail"]


async def test_the_same_key_at_the_same_time_is_one_command(world: ApiWorld) -> None:
    before = world.driver.state.record_number
    answers = await asyncio.gather(
        *(world.post("/api/v1/agents/n22-1/sign-on", key="k") for _ in range(5))
    )
    assert all(answer == answers[0] for answer in answers)
    assert world.driver.state.record_number == before + 1


async def test_a_refusal_is_remembered_with_its_key(world: ApiWorld) -> None:
    await world.post("/api/v1/agents/n22-1/ready", key="k", status=409)
    await world.post("/api/v1/agents/n22-1/sign-on")
    await world.post("/api/v1/agents/n22-1/ready", key="k", status=409)


async def test_a_stopped_engine_is_told_and_may_be_asked_again() -> None:
    async with api_world() as world:
        world.driver._stop("the engine has stopped")
        problem = await world.post("/api/v1/agents/n22-1/sign-on", key="k", status=503)
        assert problem["code"] == "stopped"
        world.driver._stopped = None
        await world.post("/api/v1/agents/n22-1/sign-on", key="k")


async def test_reload_tells_what_came_of_it() -> None:
    found = Reload("2", is_changed=True, restart_needed=True)

    async def reload() -> Reload:
        return found

    async with api_world(reload=reload) as world:
        path = "/api/v1/configuration/reload"
        told = {"version": "2", "is_changed": True, "restart_needed": True}
        assert await world.post(path) == told
        found = Reload("2", faults=("regions/14.yaml, line 3: expected two digits",))
        problem = await world.post(path, status=422)
        assert problem["code"] == "bad_configuration"
        assert problem["faults"] == list(found.faults)


async def test_a_regions_lending_is_cut_and_given_back(world: ApiWorld) -> None:
    url = world.url("/api/v1/regions/22/lending")

    async def put(body: object, status: int = 200, region: str = "22") -> dict[str, Any]:
        where = url.replace("/22/", f"/{region}/")
        async with world.client.put(where, json=body) as answer:
            assert answer.status == status, await answer.text()
            said: dict[str, Any] = await answer.json(content_type=None)
            return said

    async def is_cut() -> bool:
        rows = (await world.get("/api/v1/regions"))["regions"]
        return next(bool(row["is_lending_cut"]) for row in rows if row["code"] == "22")

    assert not await is_cut()
    said = await put({"is_cut": True, "reason": "loss"})
    number = world.driver.state.record_number
    assert said == {"record": number, "region": "22", "is_cut": True}
    assert await is_cut()
    assert (await put({"is_cut": True, "reason": "loss"}))["record"] is None, "it was so already"
    assert (await put({"is_cut": False, "reason": "agreed"}))["record"] == number + 1
    assert not await is_cut()
    assert (await put({"is_cut": True, "reason": "loss"}, 404, "98"))["code"] == "unknown_region"
    for wrong in ({"is_cut": True}, {"is_cut": 1, "reason": "x"}, {"is_cut": True, "reason": "Å"}):
        assert (await put(wrong, 422))["code"] == "bad_body"
    assert not await is_cut()


async def test_a_gateway_has_fewer_seats_and_more_again(world: ApiWorld) -> None:
    west = Gateway(GatewayId("west"), LINK, RegionCode("22"), SKILLS, 3)
    await world.driver.submit(cmd.LoadPolicy(write_policy(replace(POLICY, gateways=(west,)))))
    url = world.url("/api/v1/gateways/west/seats")

    async def put(seats: object, status: int = 200, to: str = url) -> dict[str, Any]:
        async with world.client.put(to, json={"seats": seats, "reason": "lunch"}) as answer:
            assert answer.status == status, await answer.text()
            said: dict[str, Any] = await answer.json(content_type=None)
            return said

    async def shown() -> dict[str, Any]:
        rows = (await world.get("/api/v1/regions"))["regions"]
        (only,) = [gateway for row in rows if row["code"] == "22" for gateway in row["gateways"]]
        return {name: only[name] for name in ("is_reached", "seats", "busy", "free", "away")}

    assert await shown() == {"is_reached": False, "seats": 3, "busy": 0, "free": 0, "away": 3}
    await world.driver.submit(cmd.ReportGateway(LINK, GatewayId("west"), True))
    contact = await world.caller("22")
    await world.answer(contact)
    assert await shown() == {"is_reached": True, "seats": 3, "busy": 1, "free": 2, "away": 0}
    said = await put(0)
    number = world.driver.state.record_number
    assert said == {"record": number, "gateway_id": "west", "seats": 0}
    assert (await put(0))["record"] is None, "it was so already"
    assert await shown() == {"is_reached": True, "seats": 0, "busy": 1, "free": 0, "away": 0}
    assert (await put(2.0))["seats"] == 2, "to the schema it is an integer"
    refused = world.driver.state.contacts[await world.caller("22")]
    assert refused.offer is not None
    busy = cmd.OfferFailure.REJECTED
    await world.driver.submit(cmd.ReportOfferFailed(refused.contact_id, refused.offer, busy))
    assert await shown() == {"is_reached": True, "seats": 2, "busy": 1, "free": 0, "away": 1}
    rows = (await world.get("/api/v1/agents?region=22"))["agents"]
    assert {row["agent_id"]: row["state"] for row in rows} == {
        "west+1": "talking",
        "west+2": "not_ready",
    }
    elsewhere = url.replace("west", "east")
    assert (await put(1, 404, elsewhere))["code"] == "unknown_gateway"
    for wrong in (-1, 201, 1.5, 1e300, "2", None, True):
        assert (await put(wrong, 422))["code"] == "bad_body"


async def test_the_demonstration_may_go_faster() -> None:
    async with api_world(speed=Clock()) as world:
        url = world.url("/api/v1/demo/speed")
        async with world.client.put(url, json={"speed": 10}) as answer:
            assert await answer.json() == {"speed": 10.0}
        assert await world.get("/api/v1/demo/speed") == {"speed": 10.0}
        assert (await world.get("/api/v1/regions"))["speed"] == 10.0
        for wrong in (0, 61, True, "2", None):
            async with world.client.put(url, json={"speed": wrong}) as answer:
                assert answer.status == 422


async def test_without_their_ports_those_routes_are_not_there(world: ApiWorld) -> None:
    await world.get("/api/v1/demo/speed", status=404)
    paths = (await world.get("/api/v1/openapi.json"))["paths"]
    assert "/api/v1/demo/speed" not in paths
    assert "/api/v1/configuration/reload" not in paths
