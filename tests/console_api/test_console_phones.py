"""Phones in pages: what the network tells is heard, and a lost socket is not a lost call."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType

from queue_engine.console_api import sockets
from queue_engine.console_api.agent_socket import AgentSockets
from queue_engine.console_api.caller_socket import CALLS_MAX, CallerSockets
from queue_engine.core.errors import Refused
from queue_engine.telephony.embedded import call_news, phone_news
from queue_engine.telephony.embedded.call_news import EndReason
from queue_engine.telephony.embedded.phone_news import IdleReason
from routing.vocabulary import ContactId, PhoneId, RegionCode
from tests.console_api.api_world import DEADLINE_S, TOKEN, ApiWorld, api_world


class FakeCall:
    """A call that does as the test says."""

    def __init__(self, contact_id: str, number: str, region: str | None) -> None:
        self.contact_id = ContactId(contact_id)
        self.listener: Any = None
        self.state = "menu"
        self.dialled = (number, region)
        self.keys: list[str] = []

    def press(self, key: str) -> None:
        self.keys.append(key)

    def hang_up(self) -> None:
        if self.state != "ended":
            self.state = "ended"
            self.listener(call_news.Ended(EndReason.CALLER_HUNG_UP))


class FakePhone:
    """A phone that notes what is done to it."""

    def __init__(self) -> None:
        self.listener: Any = None
        self.state = "unplugged"
        self.done: list[str] = []

    def plug_in(self) -> None:
        self.done.append("plug_in")
        self.state = "idle" if self.state == "unplugged" else self.state

    def unplug(self) -> None:
        self.done.append("unplug")
        self.state = "unplugged"

    def answer(self) -> None:
        self.done.append("answer")

    def reject(self) -> None:
        self.done.append("reject")

    def hang_up(self) -> None:
        self.done.append("hang_up")


class FakeTelephones:
    """A network of such calls and one phone."""

    def __init__(self) -> None:
        self.calls: dict[ContactId, FakeCall] = {}
        self.phones = {PhoneId("p221"): FakePhone()}

    def dial(
        self, called: str, from_region: RegionCode | None, listener: Callable[[object], None]
    ) -> FakeCall:
        call = FakeCall(f"ast1-1.{len(self.calls) + 1}", called, from_region)
        call.listener = listener
        self.calls[call.contact_id] = call
        return call

    def call(self, contact_id: ContactId) -> FakeCall | None:
        found = self.calls.get(contact_id)
        return None if found is None or found.state == "ended" else found

    def phone(self, phone_id: PhoneId) -> FakePhone:
        if phone_id not in self.phones:
            raise Refused("unknown_phone", f"no phone {phone_id} is for people")
        return self.phones[phone_id]


@dataclass
class PhoneWorld:
    """An API with such a network."""

    world: ApiWorld
    network: FakeTelephones

    @asynccontextmanager
    async def page(self, path: str = "caller") -> AsyncIterator[ClientWebSocketResponse]:
        """A page that has shown its token."""
        url = self.world.url(f"/api/v1/phone/{path}")
        async with self.world.client.ws_connect(url, protocols=("samko.v1",)) as ws:
            await ws.send_json({"token": TOKEN})
            yield ws

    async def until(self, condition: Callable[[], object], what: str) -> None:
        """Waits for a condition."""

        async def ask() -> bool:
            return bool(condition())

        await self.world.until(ask, what)


@asynccontextmanager
async def phone_world() -> AsyncIterator[PhoneWorld]:
    network = FakeTelephones()
    async with api_world(telephones=network) as world:
        yield PhoneWorld(world, network)


async def news(ws: ClientWebSocketResponse) -> Any:
    """The next news."""
    return await ws.receive_json(timeout=DEADLINE_S)


async def closed_with(ws: ClientWebSocketResponse) -> int | None:
    while (await ws.receive(timeout=DEADLINE_S)).type is WSMsgType.TEXT:
        pass
    return ws.close_code


async def test_a_call_from_a_page() -> None:
    async with phone_world() as phones, phones.page() as ws:
        await ws.send_json({"dial": "1177", "from_region": "14"})
        dialled = await news(ws)
        call = phones.network.calls[dialled["contact_id"]]
        assert call.dialled == ("1177", "14")
        call.listener(call_news.Prompt("hello", "Hej", "Hej", "Hello", "sv", 1_200))
        assert await news(ws) == {
            "news": "prompt", "name": "hello", "text": "Hej", "text_sv": "Hej",
            "text_en": "Hello", "language": "sv", "duration_ms": 1_200,
        }  # fmt: skip
        await ws.send_json({"key": "1"})
        await phones.until(lambda: call.keys == ["1"], "the key is pressed")
        for told, wanted in (
            (call_news.Listening(5_000), {"news": "listening", "wait_ms": 5_000}),
            (call_news.Waiting(), {"news": "waiting"}),
            (call_news.Ringing(), {"news": "ringing"}),
            (call_news.Talking(PhoneId("p1")), {"news": "talking", "phone_id": "p1"}),
        ):
            call.listener(told)
            assert await news(ws) == wanted
        await ws.send_json({"hang_up": True})
        assert await news(ws) == {"news": "ended", "reason": "caller_hung_up"}
        await ws.send_json({"dial": "1177"})
        assert (await news(ws))["contact_id"] != call.contact_id


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"key": "1"}, "unknown_contact"),
        ({"hang_up": True}, "unknown_contact"),
        ({"dial": "112;rm"}, "bad_request"),
        ({"dial": 1177}, "bad_request"),
        ({"dial": "1177", "from_region": "x"}, "bad_request"),
        ({"key": "11"}, "bad_request"),
        ({"resume": "ast1-1.1", "key": "guess"}, "unknown_contact"),
        ({"resume": "ast1-1.1", "key": "gissningå"}, "unknown_contact"),
        ({"resume": "ast1-1.1", "key": "\ud800"}, "unknown_contact"),
        ({"resume": "../x", "key": ""}, "bad_request"),
        ({}, "bad_request"),
    ],
)
async def test_what_a_page_may_not_say(said: object, code: str) -> None:
    async with phone_world() as phones, phones.page() as ws:
        await ws.send_json(said)
        answer = await news(ws)
        assert (answer["news"], answer["code"]) == ("error", code)
        assert not phones.network.calls
        await ws.send_json({"dial": "1177"})  # and goes on
        assert (await news(ws))["news"] == "dialled"
        await ws.send_json({"dial": "1177"})
        assert (await news(ws))["code"] == "has_contact"


async def test_a_page_that_comes_back_has_its_call_and_learns_where_it_is() -> None:
    async with phone_world() as phones:
        async with phones.page() as ws:
            await ws.send_json({"dial": "1177"})
            dialled = await news(ws)
        call = phones.network.calls[dialled["contact_id"]]
        call.state = "talking"
        call.listener(call_news.Talking(PhoneId("p1")))
        async with phones.page() as ws:
            await ws.send_json({"resume": call.contact_id, "key": dialled["key"]})
            resumed = await news(ws)
            assert resumed == {
                "news": "resumed", "contact_id": call.contact_id, "state": "talking",
            }  # fmt: skip
            assert await news(ws) == {"news": "talking", "phone_id": "p1"}
            async with phones.page() as thief:
                await thief.send_json({"resume": call.contact_id, "key": dialled["key"][:-1]})
                assert (await news(thief))["code"] == "unknown_contact"
        assert call.state == "talking"


async def test_a_page_that_does_not_come_back_has_hung_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _short_grace(monkeypatch)
    async with phone_world() as phones:
        async with phones.page() as ws:
            await ws.send_json({"dial": "1177"})
            dialled = await news(ws)
        call = phones.network.calls[dialled["contact_id"]]
        await phones.until(lambda: call.state == "ended", "the call is hung up")
        async with phones.page() as ws:
            await ws.send_json({"resume": call.contact_id, "key": dialled["key"]})
            assert (await news(ws))["detail"] == "the call is over"


def _short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in (CallerSockets, AgentSockets):
        begin: Any = kind.__init__
        monkeypatch.setattr(
            kind, "__init__", lambda self, *args, begin=begin: begin(self, *args, grace_s=0.02)
        )


async def test_a_call_from_before_a_restart_is_taken_over_with_its_old_key() -> None:
    async with phone_world() as before, before.page() as ws:
        await ws.send_json({"dial": "1177"})
        dialled = await news(ws)
        survivors = before.network.calls
    async with phone_world() as after:
        after.network.calls = survivors
        call = survivors[dialled["contact_id"]]
        call.state, call.listener = "waiting", None
        async with after.page() as ws:
            await ws.send_json({"resume": call.contact_id, "key": dialled["key"]})
            assert (await news(ws))["state"] == "waiting"
            call.listener(call_news.Ringing())
            assert await news(ws) == {"news": "ringing"}


async def test_pages_do_not_fill_the_network_with_calls() -> None:
    async with phone_world() as phones:
        for number in range(CALLS_MAX):
            async with phones.page() as ws:
                await ws.send_json({"dial": "1177"})
                assert (await news(ws))["news"] == "dialled", number
        async with phones.page() as ws:
            await ws.send_json({"dial": "1177"})
            assert (await news(ws))["code"] == "overloaded"


async def test_an_agents_phone_in_a_page() -> None:
    async with phone_world() as phones, phones.page("agent/p221") as ws:
        plugged_in = await news(ws)
        assert plugged_in == {
            "news": "plugged_in", "phone_id": "p221", "state": "idle", "contact": None,
        }  # fmt: skip
        phone = phones.network.phones[PhoneId("p221")]
        contact_id = await phones.world.caller("24")
        phone.listener(phone_news.Ringing(7, contact_id))
        ringing = await news(ws)
        assert (ringing["news"], ringing["offer"]) == ("ringing", 7)
        assert ringing["contact"]["home_region"] == "24"
        assert ringing["contact"]["priority"] == "standard"
        for said in ({"answer": True}, {"reject": True}, {"hang_up": True}):
            await ws.send_json(said)
        await phones.until(
            lambda: phone.done == ["plug_in", "answer", "reject", "hang_up"], "it does as told"
        )
        phone.listener(phone_news.Idle(IdleReason.CALLER_LEFT))
        assert await news(ws) == {"news": "idle", "reason": "caller_left"}
        await ws.send_json({"answer": False})
        assert (await news(ws))["code"] == "bad_request"


async def test_a_phone_has_one_page_and_only_phones_for_people_have_any() -> None:
    async with phone_world() as phones, phones.page("agent/p221") as first:
        await news(first)
        async with phones.page("agent/p221") as second:
            assert await closed_with(second) == sockets.IN_USE
        async with phones.page("agent/n14-003") as other:
            assert await closed_with(other) == sockets.IN_USE
        phone = phones.network.phones[PhoneId("p221")]
        phone.listener(phone_news.Idle(IdleReason.RANG_OUT))
        assert (await news(first))["news"] == "idle"


async def test_a_phone_whose_page_is_gone_is_unplugged_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _short_grace(monkeypatch)
    async with phone_world() as phones:
        phone = phones.network.phones[PhoneId("p221")]
        async with phones.page("agent/p221") as ws:
            await news(ws)
        await phones.until(lambda: phone.state == "unplugged", "it is unplugged")
        assert phone.listener is None
        async with phones.page("agent/p221") as ws:
            assert (await news(ws))["state"] == "idle"
            assert phone.done[-1] == "plug_in"


async def test_without_a_network_there_are_no_phones(world: ApiWorld) -> None:
    await world.get("/api/v1/phone/caller", status=404)
