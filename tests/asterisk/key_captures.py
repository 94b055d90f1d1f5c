"""Captures of RFC 4733 keys for sipp to play.

Those that come with sipp hold one fixed sender, sequence and time each, so Asterisk rightly takes
the second press of a key, or a key recorded earlier than the one before it, for an old packet.
Here every press begins with one packet of silence from another sender: what follows is new.
"""

from __future__ import annotations

import struct
from typing import Final

KEY_MS: Final = 200
"""How long a press lasts, from the first packet to the last."""

_PACKET_MS: Final = 20
_SAMPLES_A_MS: Final = 8
_PACKETS: Final = KEY_MS // _PACKET_MS
_END_PACKETS: Final = 3
_EVENTS: Final = {**{str(digit): digit for digit in range(10)}, "*": 10, "#": 11}
_EVENT_TYPE: Final = 101
"""The RTP payload type that our SDP gives to telephone events."""
_MU_LAW_TYPE: Final = 0
_VOICE_SENDER: Final = 0x5A4D0001
_KEY_SENDER: Final = 0x5A4D0002


def key_capture(key: str) -> bytes:
    """A pcap file of one press: silence, the event growing longer, and its end three times."""
    packets = [_rtp(_MU_LAW_TYPE, 0, 0, _VOICE_SENDER, b"\xff" * 160)]
    begin = _PACKET_MS * _SAMPLES_A_MS
    for number in range(1, _PACKETS + 1):
        ends = number > _PACKETS - _END_PACKETS
        # The end is said three times: one event of one length.
        place = min(number, _PACKETS - _END_PACKETS + 1)
        event = struct.pack(
            "!BBH",
            _EVENTS[key],
            (0x80 if ends else 0) | 10,
            place * _PACKET_MS * _SAMPLES_A_MS,
        )
        packets.append(_rtp(_EVENT_TYPE, number, begin, _KEY_SENDER, event, marked=number == 1))
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 1)
    return header + b"".join(
        struct.pack("<IIII", 0, number * _PACKET_MS * 1000, len(packet), len(packet)) + packet
        for number, packet in enumerate(packets)
    )


def _rtp(
    kind: int, sequence: int, stamp: int, sender: int, payload: bytes, *, marked: bool = False
) -> bytes:
    """An RTP packet with UDP, IP and Ethernet around it; sipp puts in addresses and ports."""
    rtp = struct.pack("!BBHII", 0x80, (0x80 if marked else 0) | kind, sequence, stamp, sender)
    udp = struct.pack("!HHHH", 10_000, 10_000, 8 + len(rtp) + len(payload), 0) + rtp + payload
    loopback = bytes((127, 0, 0, 1))
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0) + loopback + loopback
    return bytes(12) + b"\x08\x00" + ip + udp
