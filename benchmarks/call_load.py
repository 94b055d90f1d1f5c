"""The calls of a measurement: nurses' phones that answer at once, and callers without end.

House rules: both are sipp. Nobody sends voice, and what Asterisk sends goes to one socket that
nobody reads, so that neither costs anything; Asterisk's music to those who wait is real.
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from queue_engine.telephony.local_asterisk import LocalAsterisk
from tests.asterisk.phones import TEST_NUMBERS, register
from tests.asterisk.sipp import Sipp

PHONES: Final = tuple(f"nurse{number}" for number in range(1, 11))
_MANY: Final = 1_000_000

_CALLER: Final = """<?xml version="1.0"?>
<scenario name="caller">
<send retrans="500"><![CDATA[
INVITE sip:1177@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:[field0]@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:1177@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:caller@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

SDP
]]></send>
<recv response="100" optional="true"/>
<recv response="200" rrs="true"/>
<send><![CDATA[
ACK [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:[field0]@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:1177@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 1 ACK
Contact: <sip:caller@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv request="BYE"/>
REPLY
</scenario>"""

_NURSE: Final = """<?xml version="1.0"?>
<scenario name="nurse">
<recv request="INVITE" rrs="true"><action>
<ereg regexp=".*" search_in="hdr" header="From:" assign_to="peer"/>
<ereg regexp=".*" search_in="hdr" header="To:" assign_to="own"/>
</action></recv>
<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
From:[$peer]
To:[$own];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:nurse@[local_ip]:[local_port]>
Content-Type: application/sdp
Content-Length: [len]

SDP
]]></send>
<recv request="ACK"/>
<pause distribution="uniform" min="MIN" max="MAX"/>
<send retrans="500"><![CDATA[
BYE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From:[$own];tag=[call_number]
To:[$peer]
Call-ID: [call_id]
CSeq: 1 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv response="200"/>
</scenario>"""

_REPLY: Final = """<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>"""

_SDP: Final = """v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio PORT RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000"""


@asynccontextmanager
async def nurses(asterisk: LocalAsterisk, talk_ms: tuple[int, int]) -> AsyncIterator[int]:
    """All `PHONES`, registered; each talks for a time drawn evenly between the two, and hangs up.

    Gives the SIP port that all of them share.
    """
    with _sink() as media:
        text = _NURSE.replace("MIN", str(talk_ms[0])).replace("MAX", str(talk_ms[1]))
        sipp = Sipp(_with_media(text, media), target_port=asterisk.sip_port)
        try:
            for name in PHONES:
                await register(asterisk, name, sipp.port)
            sipp.start()
            yield sipp.port
        finally:
            sipp.close()


@asynccontextmanager
async def callers(asterisk: LocalAsterisk, *, at_once: int, rate: int) -> AsyncIterator[Sipp]:
    """People who call 1177, `rate` a second, as long as there are fewer than `at_once`."""
    with _sink() as media:
        sipp = Sipp(
            _with_media(_CALLER.replace("REPLY", _REPLY), media),
            target_port=asterisk.sip_port,
            injected=[number.encode() + b";" for number in TEST_NUMBERS],
        )
        try:
            sipp.start("-l", str(at_once), "-r", str(rate), "-m", str(_MANY))
            yield sipp
        finally:
            sipp.close()


async def waiting(asterisk: LocalAsterisk) -> int:
    """How many callers hear music now."""
    shown = await asterisk.cli("core show channels concise")
    return sum(_waits(line.split("!")) for line in shown.splitlines())


def _waits(row: Sequence[str]) -> bool:
    """Columns: name, ..., 5 application, ..., 12 bridge."""
    return (
        len(row) > 12
        and row[0].startswith("PJSIP/trunk-")
        and row[5] in ("WaitExten", "MusicOnHold", "Queue")
        and not row[12]
    )


def _with_media(scenario: str, media: socket.socket) -> str:
    return scenario.replace("SDP", _SDP.replace("PORT", str(media.getsockname()[1])))


def _sink() -> socket.socket:
    """Takes packets until its small buffer is full; then the kernel drops them."""
    sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sink.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    sink.bind(("127.0.0.1", 0))
    return sink
