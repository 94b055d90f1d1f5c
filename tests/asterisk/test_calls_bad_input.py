"""What strangers may send: names, numbers, keys and connections that were made to do harm."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import socket
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final, Self

import pytest

from queue_engine.core import events as ev
from queue_engine.core.contact import ContactState
from queue_engine.telephony.ami_link import AmiLink
from queue_engine.telephony.local_asterisk import LocalAsterisk
from routing.vocabulary import Priority
from tests.asterisk.engine import QUICK_KEYS, EngineFiles, EngineHere
from tests.asterisk.fault_lab import always_ready
from tests.asterisk.lab_engine import Ami
from tests.asterisk.phones import TEST_NUMBERS, Callers, Nurse
from tests.asterisk.played import Played

pytestmark = pytest.mark.asterisk

EMERGENCY: Final = [(500, "9")]
NAMES: Final = (
    '"Åsa Öberg"'.encode("latin-1"),
    '"Åsa \U0001f600 Öberg"'.encode(),
    rb'"A \"B\" ${SHELL(id)} `C` \\"',
    rb'"A\r\nAction: Originate\r\nChannel: PJSIP/nurse1\r\n\r\n"',
)
BROKEN_NAMES: Final = (b'"A\r\n\r\nAction: Originate"', b'"A\r\n Action: Originate"')
"""A real line break is the end of a SIP header, and not allowed within a name either."""
STORM: Final = "123456780*#0123456780*#0123456780*#01234"
"""Forty keys, without the emergency key."""
_numbers = itertools.count(1)


class RawCaller:
    """A caller whose INVITE is written byte by byte, as no phone would; sipp cannot."""

    def __init__(self, asterisk: LocalAsterisk, name: bytes, shown: str = TEST_NUMBERS[0]) -> None:
        self._asterisk = ("127.0.0.1", asterisk.sip_port)
        self._name = name
        self._shown = shown
        self._id = f"raw-{next(_numbers)}-{asterisk.sip_port}"
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)

    async def __aenter__(self) -> Self:
        port = self._socket.getsockname()[1]
        sdp = (
            f"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {port} RTP/AVP 0\r\n"
        )
        more = f"Content-Type: application/sdp\r\nContent-Length: {len(sdp)}\r\n\r\n{sdp}"
        await self._send("INVITE", f"sip:1177@127.0.0.1:{self._asterisk[1]}", "", more)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._socket.close()

    async def answer(self, deadline_s: float = 5.0) -> int:
        """The final answer's code; a 200 is acknowledged."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(deadline_s):
            while True:
                text = (await loop.sock_recv(self._socket, 4096)).decode(errors="replace")
                code = int(text.split()[1])
                if code >= 200:
                    break
        if code == 200:
            to = next(line for line in text.split("\r\n") if line.startswith("To:"))
            tag = to.partition(";tag=")[2]
            uri = f"sip:127.0.0.1:{self._asterisk[1]}"
            await self._send("ACK", uri, f";tag={tag}", "Content-Length: 0\r\n\r\n")
        return code

    async def _send(self, method: str, uri: str, tag: str, more: str) -> None:
        port = self._socket.getsockname()[1]
        start = (
            f"{method} {uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK-{self._id}-{method}\r\nFrom: "
        )
        rest = (
            f" <sip:{self._shown}@127.0.0.1:{port}>;tag={self._id}\r\n"
            f"To: <sip:1177@127.0.0.1:{self._asterisk[1]}>{tag}\r\nCall-ID: {self._id}\r\n"
            f"CSeq: 1 {method}\r\nContact: <sip:raw@127.0.0.1:{port}>\r\nMax-Forwards: 70\r\n{more}"
        )
        packet = start.encode() + self._name + rest.encode()
        await asyncio.get_running_loop().sock_sendto(self._socket, packet, self._asterisk)


def escaped(text: str) -> str:
    """As the user part of a SIP address may hold any byte."""
    return "".join(f"%{byte:02x}" for byte in text.encode())


def is_undisturbed(engine: EngineHere) -> None:
    """The link has understood all that it heard, and was never lost."""
    (link,) = engine.service.links
    assert isinstance(link, AmiLink)
    assert (link.inbound.odd, link.counts.losses) == (0, 0)


def tells_nothing(log: str, *secrets: str) -> None:
    """The engine's log names no caller."""
    for secret in ("Åsa", "Öberg", "Originate", "SHELL", *TEST_NUMBERS, *secrets):
        assert secret not in log, f"the log holds {secret}"
        assert secret.removeprefix("0") not in log, f"the log holds {secret}"


async def test_a_name_made_to_do_harm_is_a_caller_like_any_other(
    asterisk: LocalAsterisk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with AsyncExitStack() as stack:
        ami = await stack.enter_async_context(Ami(asterisk))
        engine = await stack.enter_async_context(EngineHere(EngineFiles(tmp_path, asterisk)))
        phones = [f"nurse{number}" for number in range(1, len(NAMES) + 1)]
        nurses = await stack.enter_async_context(Nurse(asterisk, *phones))
        for phone in phones:
            await engine.agent(phone)
        for name, shown in zip(NAMES, TEST_NUMBERS, strict=False):
            caller = await stack.enter_async_context(RawCaller(asterisk, name, shown))
            assert await caller.answer() == 200
        connected = await engine.happened(ev.ContactConnected, len(NAMES))
        assert len({event.phone_id for event in connected}) == len(NAMES)
        assert len(nurses.invites()) == len(NAMES)
        priorities = {event.priority for event in engine.events(ev.ContactEnqueued)}
        assert priorities == {Priority.STANDARD}
        assert not ami.have_heard("OriginateResponse", 0)
        is_undisturbed(engine)
    tells_nothing(caplog.text)


async def test_a_name_that_breaks_the_message_is_not_even_a_call(
    asterisk: LocalAsterisk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with (
        EngineHere(EngineFiles(tmp_path, asterisk)) as engine,
        Nurse(asterisk, "nurse1") as nurse,
        RawCaller(asterisk, BROKEN_NAMES[0]),
        RawCaller(asterisk, BROKEN_NAMES[1]),
        Callers(asterisk, keys=EMERGENCY, by="info"),
    ):
        await engine.agent("nurse1")
        await nurse.talking()
        assert len(engine.events(ev.ContactEnqueued)) == 1
        is_undisturbed(engine)
    tells_nothing(caplog.text)


async def test_a_number_cannot_write_events_of_other_calls(
    asterisk: LocalAsterisk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with (
        Ami(asterisk, asterisk.ami_user) as ami,
        EngineHere(EngineFiles(tmp_path, asterisk)) as engine,
        Callers(asterisk, keys=EMERGENCY, by="info") as victim,
    ):
        (waiting,) = await engine.happened(ev.ContactSeenWaiting)
        who = f"Channel: PJSIP/trunk-00000000\r\nUniqueid: {waiting.contact_id}\r\nX-Forged: yes"
        event = escaped(f"\r\n\r\nEvent: Hangup\r\n{who}\r\n\r\n")
        header = escaped(f"\r\n{who}")
        odd = escaped('"`,${SHELL(id)}:x)')
        calls = [
            ("1177", TEST_NUMBERS[1] + event),
            ("1177" + event, TEST_NUMBERS[2]),
            ("1177", TEST_NUMBERS[3] + header),
            ("1177" + header, TEST_NUMBERS[4] + odd),
        ]
        async with AsyncExitStack() as stack:
            for dialled, shown in calls:
                forger = Callers(asterisk, dialled, shown=[shown], keys=EMERGENCY, by="info")
                await stack.enter_async_context(forger)
            await engine.happened(ev.ContactSeenWaiting, 1 + len(calls))
            assert "X-Forged" not in ami.recorded()
            assert "SHELL" not in "".join(
                message.text for message in ami.messages if message["Event"] != "Newchannel"
            )
            states = {contact.state for contact in engine.state.contacts.values()}
            assert states == {ContactState.WAITING}
            assert not victim.was_dropped()
        is_undisturbed(engine)
    tells_nothing(caplog.text, "Forged")


async def test_a_storm_of_keys_in_the_menu_is_one_answer(
    asterisk: LocalAsterisk, tmp_path: Path
) -> None:
    storm = [(500, "1"), (600, STORM[0]), *((10, key) for key in STORM[1:])]
    async with (
        EngineHere(EngineFiles(tmp_path, asterisk)) as engine,
        Nurse(asterisk, "nurse1") as nurse,
        Callers(asterisk, keys=storm, by="info"),
    ):
        (waiting,) = await engine.happened(ev.ContactSeenWaiting)
        assert engine.state.contacts[waiting.contact_id].priority is Priority.STANDARD
        await engine.agent("nurse1")
        await nurse.talking()
        await engine.happened(ev.ContactConnected)


async def test_a_storm_of_keys_while_waiting_costs_nobody_his_place(
    asterisk: LocalAsterisk, tmp_path: Path
) -> None:
    heard = Played(asterisk)
    storm = [(1_000, STORM[0]), *((10, key) for key in STORM[1:])]
    async with (
        EngineHere(EngineFiles(tmp_path, asterisk)) as engine,
        always_ready(engine),
        Nurse(asterisk, "nurse1", talk_ms=400),
        Callers(asterisk, keys=EMERGENCY, by="info"),
        Callers(asterisk, keys=[*QUICK_KEYS, *storm], by="info") as caller,
    ):
        await engine.happened(ev.ContactSeenWaiting, 2)
        # Either may have arrived first.
        contacts = engine.state.contacts
        first, second = sorted(contacts, key=lambda one: contacts[one].contact_class.tier)
        keys = len(QUICK_KEYS) + len(storm)
        await caller.sipp.until(
            lambda m: m.method == "INFO" and m.code == 200, "the storm", 10, keys
        )
        await pressed_until_heard(caller, heard)
        assert engine.state.contacts[second].priority is Priority.RAISED, "he is still heard"
        await engine.agent("nurse1")
        connected = await engine.happened(ev.ContactConnected, 2)
        assert [event.contact_id for event in connected] == [first, second]
        assert engine.events(ev.ContactSeenInFallback) == []


async def pressed_until_heard(caller: Callers, heard: Played) -> None:
    """The first press may fall among those that are thrown away: again, as people do."""
    for _ in range(3):
        await caller.press("7", by="info")
        with contextlib.suppress(AssertionError):
            await heard.said("worse_noted", deadline_s=1.5)
            return
    raise AssertionError(f"nobody heard the key; said: {heard.prompts()}")


async def test_a_scan_of_the_agi_port_disturbs_no_call(
    asterisk: LocalAsterisk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    heard = Played(asterisk)
    async with (
        EngineHere(EngineFiles(tmp_path, asterisk)) as engine,
        Nurse(asterisk, "nurse1") as nurse,
        Callers(asterisk, keys=EMERGENCY, by="info") as talking,
    ):
        await engine.agent("nurse1")
        await nurse.talking()
        async with (
            Callers(asterisk, keys=EMERGENCY, by="info") as waiting,
            Callers(asterisk) as in_menu,
        ):
            await engine.happened(ev.ContactSeenWaiting, 2)
            await heard.said("choose_service")
            await asyncio.gather(*(probe(asterisk, number) for number in range(100)))
            await in_menu.press("9", by="info")
            await engine.happened(ev.ContactSeenWaiting, 3)
            await waiting.press("9", by="info")
            await heard.said("emergency_first")
            assert not any(caller.was_dropped() for caller in (talking, waiting, in_menu))
            assert engine.events(ev.ContactEnded) == []
    tells_nothing(caplog.text)


async def probe(asterisk: LocalAsterisk, number: int) -> None:
    """One connection of a scanner to the engine's AGI port."""
    words = [
        b"",
        b"GET / HTTP/1.0\r\n\r\n",
        b"agi_network: yes\nagi_network_script: call\n",
        b"agi_network_script: call\nagi_uniqueid: ast1-1.1\n\n",
        b"\x16\x03\x01" + bytes(300),
    ]
    _, writer = await asyncio.open_connection("127.0.0.1", asterisk.agi_port)
    try:
        writer.write(words[number % len(words)])
        await writer.drain()
    finally:
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)
