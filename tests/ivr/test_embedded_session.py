"""The real scripts on calls of the embedded network, with the shipped menu and texts."""

from __future__ import annotations

import asyncio
import logging
import wave
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from ivr.deps import FlowDeps
from ivr.embedded_session import EmbeddedVisits, PromptBook
from ivr.errors import AgiGarbage
from ivr.flow import visits
from ivr.line import Lines
from ivr.prompts import Sound
from queue_engine.core.ticket import read_ticket
from queue_engine.runtime.clock import Clock
from queue_engine.telephony.embedded import call_news
from queue_engine.telephony.embedded.call import CallState, EmbeddedCall, Pace
from queue_engine.telephony.embedded.network import EmbeddedNetwork
from routing.vocabulary import LinkId, Priority, Requirement, Skill
from tests.ivr.fakes import Parts, shipped

PERSON = "191212121212"
"""From Skatteverket's published test numbers."""
MOBILE = "070-174 06 05"
DEADLINE_S = 10.0


@dataclass
class Listener:
    """Somebody on the phone who presses the next key at each question."""

    keys: list[str] = field(default_factory=list)
    call: EmbeddedCall | None = None
    news: list[call_news.CallNews] = field(default_factory=list)

    def __call__(self, news: call_news.CallNews) -> None:
        self.news.append(news)
        is_question = isinstance(news, call_news.Listening) and news.wait_ms > 1_000
        if is_question and self.keys and self.call is not None:
            self.call.press(self.keys.pop(0))

    @property
    def said(self) -> list[str]:
        """What was heard, as language and name."""
        prompts = [news for news in self.news if isinstance(news, call_news.Prompt)]
        return [f"{prompt.language}/{prompt.name}" for prompt in prompts]


@asynccontextmanager
async def network(parts: Parts, deps: FlowDeps | None = None) -> AsyncIterator[EmbeddedNetwork]:
    """A network of which time goes sixty times as fast, with nobody behind its link."""
    clock = Clock(speed=60.0)
    runs = EmbeddedVisits(visits(deps or parts.deps()), PromptBook(shipped()[1]))
    made = EmbeddedNetwork(LinkId("net1"), now_ms=clock.now_ms, sleep_ms=clock.sleep_ms, visit=runs)
    try:
        yield made
    finally:
        await made.close()


async def until(is_so: Callable[[], bool]) -> None:
    """Waits until it is so."""
    async with asyncio.timeout(DEADLINE_S):
        while not is_so():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.002)


async def test_a_silent_caller_hears_the_menu_and_waits_for_a_nurse() -> None:
    parts, listener = Parts(), Listener()
    async with network(parts) as net:
        call = net.dial("1177", None, listener=listener)
        await until(lambda: call.state is CallState.WAITING)
    (command,) = parts.desk.commands
    assert command.priority is Priority.STANDARD
    assert command.needs == (Requirement(Skill("advice")), Requirement(Skill("sv")))
    assert command.contact_id == call.contact_id
    assert command.link_id == "net1"
    assert parts.vault.kept == {}
    assert listener.said[:2] == ["sv/opening", "en/opening_short"]
    first = listener.news[0]
    assert isinstance(first, call_news.Prompt)
    assert first.text == first.text_sv
    assert first.text.startswith("Vid fara för liv, ring 112.")
    assert "112" in first.text_en
    assert first.text_en != first.text_sv
    assert first.duration_ms == len(first.text) * 1000 // 14
    ticket = read_ticket(call.variables["SAMKO_TICKET"])
    assert ticket == parts.desk.waiting[call.contact_id]


async def test_keys_lead_through_the_menu_and_the_personal_number_into_the_vault() -> None:
    parts = Parts()
    listener = Listener(["2", "2", "4", "2", *PERSON, "#"])
    async with network(parts) as net:
        call = listener.call = net.dial("1177", MOBILE, listener=listener)
        await until(lambda: call.state is CallState.WAITING)
    (command,) = parts.desk.commands
    assert command.needs == (Requirement(Skill("child")), Requirement(Skill("en")))
    assert command.home_region == "10"
    assert command.language == "en"
    assert parts.vault.kept == {call.contact_id: (PERSON, "+46701740605")}
    assert "en/choose_service" in listener.said


async def test_the_emergency_key_cuts_the_opening_short() -> None:
    parts, listener = Parts(), Listener()
    async with network(parts) as net:
        call = net.dial("1177", MOBILE, listener=listener)
        await until(lambda: listener.news != [])
        call.press("9")
        await until(lambda: call.state is CallState.WAITING)
    assert parts.desk.commands[0].priority is Priority.EMERGENCY
    assert listener.said == ["sv/opening", "sv/ring_112_now"]


async def test_a_waiting_caller_hears_his_place_on_request_and_an_announcement() -> None:
    parts, listener = Parts(), Listener()
    parts.desk.wait_ms = 200_000
    async with network(parts) as net:
        call = net.dial("1177", MOBILE, listener=listener)
        await until(lambda: call.state is CallState.WAITING)
        listener.news.clear()
        call.press("5")
        await until(lambda: "sv/place_1" in listener.said)
        await until(lambda: "sv/still_waiting" in listener.said)
        assert call.state is CallState.WAITING
        call.press("7")
        await until(lambda: "sv/worse_noted" in listener.said)
    assert parts.desk.raised == [(call.contact_id, Priority.RAISED, "worse_key")]


async def test_a_closed_line_that_ends_its_calls_ends_this_one() -> None:
    parts, listener = Parts(is_open=False), Listener()
    menu = shipped()[0]["health_centre"]
    assert menu.closed is not None
    menus = {
        **shipped()[0],
        "health_centre": replace(menu, closed=replace(menu.closed, then="goodbye")),
    }
    async with network(parts, parts.deps(menus)) as net:
        call = net.dial("031-390 06 77", MOBILE, listener=listener)
        await until(lambda: call.state is CallState.ENDED)
    assert listener.news[-1] == call_news.Ended(call_news.EndReason.GOODBYE)
    assert parts.desk.commands == []


async def test_a_desk_that_refuses_does_not_cost_the_caller_his_call(
    caplog: pytest.LogCaptureFixture,
) -> None:
    parts, listener = Parts(), Listener()
    parts.desk.failing = AgiGarbage("no desk today")
    async with network(parts) as net:
        call = net.dial("1177", MOBILE, listener=listener)
        await until(lambda: call.state is CallState.WAITING)
    assert "no desk today" in caplog.text
    assert MOBILE not in caplog.text


async def test_who_hangs_up_in_the_menu_leaves_the_script_without_a_word(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    parts, listener = Parts(), Listener()
    async with network(parts) as net:
        call = net.dial("1177", MOBILE, listener=listener)
        await until(lambda: listener.news != [])
        call.hang_up()
        call.hang_up()
        call.press("9")
        assert call.state is CallState.ENDED
        await until(lambda: not any(t.get_name() == "visit call" for t in asyncio.all_tasks()))
    assert parts.desk.commands == []
    assert listener.news[-1] == call_news.Ended(call_news.EndReason.CALLER_HUNG_UP)
    assert caplog.text == ""


async def test_the_network_tells_the_region_where_the_line_asks_for_it() -> None:
    parts = Parts()
    menus, _, lines = shipped()
    told = replace(lines.default, region_variable="SAMKO_REGION")
    deps = replace(parts.deps(menus), lines=Lines((told,)))
    async with network(parts, deps) as net:
        call = net.dial("1177", MOBILE, variables={"SAMKO_REGION": "24"})
        await until(lambda: call.state is CallState.WAITING)
    assert parts.desk.commands[0].home_region == "24"


async def test_a_person_hears_prompts_at_the_walls_pace() -> None:
    parts, listener = Parts(), Listener()
    async with network(parts) as net:
        person = net.dial("1177", MOBILE, listener=listener, pace=Pace.REAL)
        other = net.dial("1177", MOBILE)
        await until(lambda: other.state is CallState.WAITING)
        assert person.state is CallState.MENU
        assert listener.said == ["sv/opening"]


def test_a_sound_file_says_how_long_a_prompt_takes(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "opening.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(2 * 8000))
    book = PromptBook(shipped()[1])
    told = book.told(Sound("opening", "sv", str(tmp_path / "opening")))
    assert told is not None
    assert told.duration_ms == 1_000
    (tmp_path / "broken.wav").write_bytes(b"no sound at all")
    told = book.told(Sound("opening", "en", str(tmp_path / "broken")))
    assert told is not None
    assert told.duration_ms == len(told.text) * 1000 // 14
    assert book.told(Sound("no such prompt", "sv", "")) is None
