"""What Prometheus scrapes is what the engine holds, by codes of the configuration alone."""

from __future__ import annotations

from dataclasses import replace

from prometheus_client.parser import text_string_to_metric_families

from queue_engine.core import commands as cmd
from queue_engine.core.policy_codec import write_policy
from routing.gateways import Gateway
from routing.vocabulary import (
    AgentId,
    GatewayId,
    LinkId,
    PhoneId,
    Priority,
    RegionCode,
    Skill,
    SkillLevel,
)
from tests.console_api.api_world import ApiWorld, api_world
from tests.core.world import LINK

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


async def scrape(world: ApiWorld) -> Samples:
    await world.api.chronicle.caught_up()
    async with world.client.get(world.url("/metrics")) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/plain"
        text = await answer.text()
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float:
    return samples[name, frozenset(labels.items())]


async def test_rows_and_events_are_counted(world: ApiWorld) -> None:
    await world.agent("n22-1")
    answered = await world.caller("22")
    await world.wait(3_000)
    await world.answer(answered)
    left = await world.caller("22", Priority.RAISED)
    await world.gone(left)
    await world.caller("01")
    await world.wait(7_000)
    samples = await scrape(world)
    assert value(samples, "samko_contacts_waiting", region="01", priority="standard") == 1
    assert value(samples, "samko_contacts_talking", region="22") == 1
    assert value(samples, "samko_longest_wait_seconds", region="01") == 7
    assert value(samples, "samko_agents", region="22", state="talking") == 1
    assert value(samples, "samko_contacts_entered_total", region="22", priority="raised") == 1
    assert value(samples, "samko_contacts_ended_total", region="22", outcome="abandoned") == 1
    assert value(samples, "samko_offers_total", result="connected") == 1
    assert value(samples, "samko_wait_seconds_bucket", priority="standard", le="10") == 1
    assert value(samples, "samko_wait_seconds_sum", priority="standard") == 3
    assert value(samples, "samko_link_up", link="ast1") == 1
    assert value(samples, "samko_records_total") == world.driver.state.record_number


async def test_offers_that_came_to_nothing_and_alarms_are_counted(world: ApiWorld) -> None:
    await world.agent("n22-1")
    contact = await world.caller("22", Priority.EMERGENCY)
    offer = world.driver.state.contacts[contact].offer
    assert offer is not None
    await world.driver.submit(cmd.ReportOfferFailed(contact, offer, cmd.OfferFailure.REJECTED))
    await world.seen(contact)
    await world.wait(61_000)
    samples = await scrape(world)
    assert value(samples, "samko_offers_total", result="rejected") == 1
    assert value(samples, "samko_alarms_total", kind="emergency_overdue") == 1


async def test_no_label_says_who(world: ApiWorld) -> None:
    await world.agent("n22-1")
    await world.caller("22", name="contact-1")
    async with world.client.get(world.url("/metrics")) as answer:
        text = await answer.text()
    assert "contact-1" not in text
    assert "n22-1" not in text


async def test_a_trunk_that_failed_is_an_alarm(world: ApiWorld) -> None:
    driver, far = world.driver, LinkId("ast2")
    policy = replace(driver.state.rules.policy, trunks=((LinkId("ast1"), far),))
    skills = (SkillLevel(Skill("advice")),)
    phone = PhoneId("nurse1")
    for command in (
        cmd.LoadPolicy(write_policy(policy)),
        cmd.ReportSwitch(far, driver.now_ms(), ()),
        cmd.SignOnAgent(AgentId("far"), far, phone, RegionCode("22"), skills),
        cmd.SetAgentReady(AgentId("far")),
    ):
        await driver.submit(command)
    assert value(await scrape(world), "samko_alarms_total", kind="trunk_failed") == 0
    contact = await world.caller("22")
    offer = driver.state.contacts[contact].offer
    assert offer is not None
    await driver.submit(cmd.ReportOfferFailed(contact, offer, cmd.OfferFailure.TRUNK))
    assert value(await scrape(world), "samko_alarms_total", kind="trunk_failed") == 1


async def test_what_a_gateways_seats_do_is_measured_and_its_loss_an_alarm(world: ApiWorld) -> None:
    driver, west = world.driver, GatewayId("west")
    skills = (SkillLevel(Skill("advice")),)
    gateway = Gateway(west, LinkId("ast1"), RegionCode("22"), skills, 3)
    policy = replace(driver.state.rules.policy, gateways=(gateway,))
    await driver.submit(cmd.LoadPolicy(write_policy(policy)))
    await driver.submit(cmd.ReportGateway(LinkId("ast1"), west, True))
    await world.caller("22")
    samples = await scrape(world)
    seats = {
        state: value(samples, "samko_gateway_seats", gateway="west", state=state)
        for state in ("busy", "free", "away")
    }
    assert seats == {"busy": 1, "free": 2, "away": 0}
    assert value(samples, "samko_alarms_total", kind="gateway_lost") == 0
    await driver.submit(cmd.ReportGateway(LinkId("ast1"), west, False))
    samples = await scrape(world)
    assert value(samples, "samko_gateway_seats", gateway="west", state="away") == 3
    assert value(samples, "samko_alarms_total", kind="gateway_lost") == 1


async def test_callers_who_went_on_without_something_are_counted() -> None:
    async with api_world(missed=lambda: {"vault": 3, "caller_keys": 0}) as world:
        samples = await scrape(world)
    assert value(samples, "samko_callers_without_total", what="vault") == 3
    assert value(samples, "samko_callers_without_total", what="caller_keys") == 0


async def test_what_a_picture_repairs_is_counted_by_link_and_kind_though_the_link_was_up(
    world: ApiWorld,
) -> None:
    driver = world.driver
    await world.agent("n22-1")
    talking = await world.caller("22")
    await world.answer(talking)
    waiting = await world.caller("22")
    await world.caller("22")
    await world.wait(1_000)
    callers = [
        cmd.SeenCaller(contact, cmd.CallerPlace.WAITING, driver.now_ms())
        for contact in (talking, waiting)
    ]
    record = await driver.submit(cmd.ReportSwitch(LINK, driver.now_ms(), tuple(callers)))
    assert record is not None
    samples = await scrape(world)
    assert value(samples, "samko_repairs_total", link="ast1", kind="returned") == 1
    assert value(samples, "samko_repairs_total", link="ast1", kind="ended") == 1
    kinds = [labels for name, labels in samples if name == "samko_repairs_total"]
    assert len(kinds) == 2, "what was offered since is no repair"
