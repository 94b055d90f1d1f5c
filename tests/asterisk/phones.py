"""Phones for tests against a real Asterisk: people who call, and nurses who are called.

    async with Callers(asterisk) as caller, Nurse(asterisk, "nurse1") as nurse:
        await caller.answered()
        await caller.press("1")
        await nurse.invited()

House rules: a caller is on the trunk, a nurse's phone registers by its name. Numbers are test
numbers. A caller that is closed without hanging up is silent to Asterisk, as a dead phone is:
`LocalAsterisk.hangup_all` clears up after a test.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import socket
import time
from collections.abc import Mapping, Sequence
from typing import Final, Literal, Self

from queue_engine.telephony.local_asterisk import LocalAsterisk
from tests.asterisk import scenarios
from tests.asterisk.key_captures import KEY_MS
from tests.asterisk.patience import PATIENCE_S
from tests.asterisk.scenarios import KeyKind, Voice
from tests.asterisk.sipp import KEY_NAMES, SipMessage, Sipp, SippFailed

TEST_NUMBERS: Final = tuple(f"07017406{number:02}" for number in range(5, 100))
"""Numbers that are given to nobody, for use in tests and plays."""

Reply = Literal["answer", "busy", "decline", "ring", "nothing"]
"""What a phone does when it is called; `ring` waits for the test's word, `nothing` is dead."""


_KEY_S: Final = KEY_MS / 1000 + 0.2
"""How long sipp plays one RFC 4733 key, and a pause: on a busy machine it may begin so much later,
and a key that the next one cuts off is lost."""


class Callers:
    """`count` people who call the same number, `rate` of them a second; often just one.

    Callers are numbered from 1 in the order of their calls.

    Args:
        asterisk: whom they call.
        number: what they dial.
        keys: script of (ms of pause, key) that each follows after the answer.
        by: how the script's keys travel.
        shown: the numbers they show, in turn.
        display_name: as in the From header, with its quotes; bytes, to try any encoding.
        headers: more SIP headers of the INVITE.
        voice: what they send besides keys.
    """

    def __init__(
        self,
        asterisk: LocalAsterisk,
        number: str = "1177",
        *,
        count: int = 1,
        rate: int = 10,
        keys: Sequence[tuple[int, str]] = (),
        by: KeyKind = "rfc4733",
        shown: Sequence[str] = TEST_NUMBERS,
        display_name: bytes = b"",
        headers: Mapping[str, str] | None = None,
        voice: Voice = "always",
    ) -> None:
        self._count = count
        self._arguments = ["-s", number, "-m", str(count), "-l", str(count), "-r", str(rate)]
        self.sipp = Sipp(
            scenarios.caller(keys, by, headers or {}, voice),
            target_port=asterisk.sip_port,
            injected=[line.encode() + b";" + display_name + b";" for line in shown],
        )

    async def __aenter__(self) -> Self:
        self.sipp.start(*self._arguments)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.sipp.close()

    async def answered(self, number: int = 1, deadline_s: float = PATIENCE_S) -> SipMessage:
        """Wait until that caller is answered (by the menu); gives the 200."""
        return await self._until(number, "the answer", deadline_s, method="INVITE", code=200)

    async def refused(self, number: int = 1, deadline_s: float = PATIENCE_S) -> SipMessage:
        """Wait until that caller's call is refused; gives the answer that did."""
        call = self.sipp.call_id(number)
        return await self.sipp.until(
            lambda m: m.call_id == call and m.method == "INVITE" and (m.code or 0) >= 400,
            f"a refusal of caller {number}",
            deadline_s,
        )

    async def all_answered(self, deadline_s: float = PATIENCE_S) -> None:
        """Wait until every caller is answered."""
        for number in range(1, self._count + 1):
            await self.answered(number, deadline_s)

    async def press(self, keys: str, number: int = 1, by: KeyKind = "rfc4733") -> None:
        """Press keys, one after the other; returns when the last has been sent."""
        call = self.sipp.call_id(number)
        for key in keys:
            assert key in KEY_NAMES, key
            answers = sum(_is_info_answer(message, call) for message in self.sipp.messages())
            await self.sipp.tell(scenarios.key_word(key, by), call)
            if by == "info":
                await self.sipp.until(
                    lambda m: _is_info_answer(m, call),
                    "the answer to INFO",
                    PATIENCE_S,
                    answers + 1,
                )
            else:
                # Sipp plays it so long; the next key would cut it off.
                await asyncio.sleep(_KEY_S)
                await self.sipp.tell(scenarios.SPEAK_AGAIN, call)

    async def hang_up(self, number: int = 1) -> None:
        """Send BYE."""
        await self.sipp.tell("HANGUP", self.sipp.call_id(number))

    async def gone(self, number: int = 1, deadline_s: float = PATIENCE_S) -> SipMessage:
        """Wait until the call is over, whoever ended it; gives the BYE."""
        return await self._until(number, "the BYE", deadline_s, method="BYE", code=None)

    def was_dropped(self, number: int = 1) -> bool:
        """Has Asterisk ended the call?"""
        call = self.sipp.call_id(number)
        return any(
            message.is_request("BYE") and not message.is_sent and message.call_id == call
            for message in self.sipp.messages()
        )

    async def _until(
        self, number: int, what: str, deadline_s: float, method: str, code: int | None
    ) -> SipMessage:
        call = self.sipp.call_id(number)
        return await self.sipp.until(
            lambda m: m.call_id == call and m.method == method and m.code == code,
            f"{what} of caller {number}",
            deadline_s,
        )


class Nurse:
    """A nurse's phone, or several that do the same and share one sipp.

    Args:
        asterisk: where it registers.
        names: of the phones, as `LocalAsterisk(phones=...)` knows them.
        reply: what it does when called.
        answer_after_ms: it rings so long before it answers.
        talk_ms: it hangs up after so long; None talks until the caller does.
        voice: what it sends in a talk.
        password: to register with, if the phone needs one.
    """

    def __init__(
        self,
        asterisk: LocalAsterisk,
        *names: str,
        reply: Reply = "answer",
        answer_after_ms: int = 0,
        talk_ms: int | None = None,
        voice: Voice = "none",
        password: str = "",
    ) -> None:
        assert names, "a phone needs a name"
        self._asterisk = asterisk
        self._names = names
        self._password = password
        # One that never replies needs a port that is open, but nobody who reads from it.
        scenario_reply = "ring" if reply == "nothing" else reply
        self._is_dead = reply == "nothing"
        self._ear: socket.socket | None = None
        self.sipp = Sipp(
            scenarios.nurse(scenario_reply, answer_after_ms, talk_ms, voice),
            target_port=asterisk.sip_port,
        )

    async def __aenter__(self) -> Self:
        try:
            for name in self._names:
                await self._register(name)
        except BaseException:
            self.sipp.close()
            raise
        if self._is_dead:
            self._ear = _bound(self.sipp.port)
        else:
            self.sipp.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.sipp.close(keep_ports=True)
        try:
            if self._ear is not None:
                self._ear.close()
            if self._asterisk.pid is not None:
                for name in self._names:
                    await self._register(name, expires_s=0)
        finally:
            self.sipp.close()

    def invites(self, name: str | None = None) -> list[SipMessage]:
        """The INVITEs so far, of one of its phones or of all."""
        return [message for message in self.sipp.messages() if self._is_invite(message, name)]

    async def invited(
        self, name: str | None = None, *, count: int = 1, deadline_s: float = PATIENCE_S
    ) -> SipMessage:
        """Wait for the `count`-th INVITE; gives it."""
        return await self.sipp.until(
            lambda message: self._is_invite(message, name), f"INVITE {count}", deadline_s, count
        )

    async def cancelled(self, deadline_s: float = PATIENCE_S) -> SipMessage:
        """Wait until the ringing is called off; gives the CANCEL."""
        return await self._request("CANCEL", deadline_s)

    async def talking(self, deadline_s: float = PATIENCE_S) -> SipMessage:
        """Wait until the answer is acknowledged; gives the ACK."""
        return await self._request("ACK", deadline_s)

    async def gone(self, deadline_s: float = PATIENCE_S) -> SipMessage:
        """Wait until the talk is over, whoever ended it; gives the BYE."""
        return await self._request("BYE", deadline_s)

    async def answer(self) -> None:
        """Take the call that rings now."""
        await self.sipp.tell("ANSWER", self._last_call())

    async def decline(self) -> None:
        """Refuse the call that rings now."""
        await self.sipp.tell("DECLINE", self._last_call())

    async def hang_up(self) -> None:
        """End the talk."""
        await self.sipp.tell("HANGUP", self._last_call())

    async def _register(self, name: str, expires_s: int = 3600) -> None:
        await register(
            self._asterisk,
            name,
            self.sipp.port,
            expires_s=expires_s,
            password=self._password,
        )

    async def _request(self, method: str, deadline_s: float) -> SipMessage:
        return await self.sipp.until(lambda m: m.is_request(method), method, deadline_s)

    def _is_invite(self, message: SipMessage, name: str | None) -> bool:
        return message.is_request("INVITE") and (
            name is None or message.line.startswith(f"INVITE sip:{name}@")
        )

    def _last_call(self) -> str:
        invites = self.invites()
        if not invites:
            raise SippFailed(f"no call has reached {', '.join(self._names)}")
        return invites[-1].call_id


async def register(
    asterisk: LocalAsterisk,
    name: str,
    port: int,
    *,
    expires_s: int = 3600,
    password: str = "",
    deadline_s: float = PATIENCE_S,
) -> None:
    """REGISTER a phone, from the port at which it will be called.

    Raises:
        SippFailed: if Asterisk refuses, or does not answer by the deadline.
    """
    loop = asyncio.get_running_loop()
    call = f"{name}-{time.monotonic_ns()}"
    to = ("127.0.0.1", asterisk.sip_port)
    answer, credentials = "", ""
    with _bound(port) as phone:
        phone.setblocking(False)
        for number in (1, 2):
            text = _register_request(to[1], name, port, call, number, expires_s, credentials)
            try:
                async with asyncio.timeout(deadline_s):
                    await loop.sock_sendto(phone, text.encode(), to)
                    # Requests may come too: a call to this phone that has just been given up.
                    while not answer.startswith("SIP/2.0 ") or f"CSeq: {number} REG" not in answer:
                        answer = (await loop.sock_recv(phone, 4096)).decode(errors="replace")
            except TimeoutError:
                raise SippFailed(f"no answer to the REGISTER of {name}: {answer!r}") from None
            if not answer.startswith("SIP/2.0 401") or number == 2:
                break
            credentials = _digest(answer, name, password, f"sip:127.0.0.1:{to[1]}")
    status = answer.split("\r\n", 1)[0]
    if not status.startswith("SIP/2.0 200"):
        raise SippFailed(f"the REGISTER of {name} was answered by {status!r}")


def _register_request(
    sip_port: int, name: str, port: int, call: str, number: int, expires_s: int, credentials: str
) -> str:
    return (
        f"REGISTER sip:127.0.0.1:{sip_port} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK-{call}-{number}\r\n"
        f"From: <sip:{name}@127.0.0.1>;tag={name}\r\nTo: <sip:{name}@127.0.0.1>\r\n"
        f"Call-ID: register-{call}\r\nCSeq: {number} REGISTER\r\n"
        f"Contact: <sip:{name}@127.0.0.1:{port}>\r\nExpires: {expires_s}\r\n{credentials}"
        "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    )


def _digest(challenge: str, name: str, password: str, uri: str) -> str:
    """The Authorization line for a 401, as RFC 2617 says for qop=auth."""
    realm, nonce, opaque = (
        match[1] if (match := re.search(rf'{field}="([^"]*)"', challenge)) else ""
        for field in ("realm", "nonce", "opaque")
    )

    def md5(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    secret, request = md5(f"{name}:{realm}:{password}"), md5(f"REGISTER:{uri}")
    response = md5(f"{secret}:{nonce}:00000001:samko:auth:{request}")
    return (
        f'Authorization: Digest username="{name}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
        f'response="{response}", algorithm=MD5, cnonce="samko", opaque="{opaque}", qop=auth, '
        "nc=00000001\r\n"
    )


def _is_info_answer(message: SipMessage, call_id: str) -> bool:
    return message.call_id == call_id and message.method == "INFO" and message.code is not None


def _bound(port: int) -> socket.socket:
    phone = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    phone.bind(("127.0.0.1", port))
    return phone
