"""Sipp scenarios, written as XML by small functions: a caller and a nurse's phone.

House rules: a scenario is a chain of steps up to a loop, in which the test's own words
(`PRESS5`, `INFO5`, `ANSWER`, `DECLINE`, `HANGUP`) and the peer's requests are taken as they come.
What begins or ends a call is sent again until it is answered, as phones do: a busy machine loses
packets even to itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from tests.asterisk.key_captures import KEY_MS
from tests.asterisk.sipp import KEY_NAMES

KeyKind = Literal["rfc4733", "info"]
"""How a key travels: as an RTP event, or as a SIP INFO request."""

Voice = Literal["none", "first", "always"]
"""What a phone sends besides keys: nothing, one packet of silence, or, as real phones do, voice
(here silence) without end. Without a first packet, Answer() waits half a second for it."""
SPEAK_AGAIN: Final = "SPEAK"
"""The word by which a caller's voice goes on after a key by RFC 4733."""

_PAUSE, _RESUME = 'rtp_stream="pause"', 'rtp_stream="resume"'

_SDP: Final = """v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-16"""

_LOOP, _BYE, _HANG_UP, _END, _ANSWER, _ANSWERED, _CANCEL, _DECLINE = 1, 2, 3, 4, 5, 6, 7, 8
_FIRST_KEY: Final = 10


def caller(
    script: Sequence[tuple[int, str]], kind: KeyKind, headers: Mapping[str, str], voice: Voice
) -> str:
    """Dials, follows the script of (pause in ms, key), then waits for words or for the BYE.

    Injected fields: 0 is the number shown, 1 the display name with its quotes.
    """
    extra = "".join(f"\n{name}: {value}" for name, value in headers.items())
    steps = [
        _send(
            "INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0",
            "From: [field1] <sip:[field0]@[local_ip]:[local_port]>;tag=[pid]c[call_number]",
            "To: <sip:[service]@[remote_ip]:[remote_port]>",
            f"Contact: <sip:caller@[local_ip]:[local_port]>{extra}",
            sdp=True,
            retrans=True,
        ),
        *(_recv(response=code, optional=True) for code in (100, 180, 183)),
        '<recv response="200" rrs="true"/>',
        _from_caller("ACK", "1 ACK"),
    ]
    steps += _speak(voice)
    for pause_ms, key in script:
        steps.append(f'<pause milliseconds="{pause_ms}"/>')
        if kind == "info":
            steps += [_press_by_info(key), _recv(response=200)]
        else:
            steps += [_act(*_play(key)), f'<pause milliseconds="{KEY_MS}"/>', _act(_RESUME)]
    # Before the loop in the file: sipp takes answers only to what was sent in a line above.
    steps.append(f'<nop next="{_LOOP}"/>')
    for number, key in enumerate(KEY_NAMES, start=_FIRST_KEY):
        steps += [_label(number), _press_by_info(key, then=_LOOP)]
    steps += [
        _label(_LOOP),
        _recv(request="BYE", optional=True, then=_BYE),
        # The answer to an INFO; nothing waits for it, so that keys can come fast.
        _recv(response=200, optional=True, then=_LOOP),
    ]
    for key in KEY_NAMES:
        steps.append(
            _recv(request=key_word(key, "rfc4733"), optional=True, then=_LOOP, acts=_play(key))
        )
    for number, key in enumerate(KEY_NAMES, start=_FIRST_KEY):
        steps.append(_recv(request=key_word(key, "info"), optional=True, then=number))
    steps.append(_recv(request=SPEAK_AGAIN, optional=True, then=_LOOP, acts=(_RESUME,)))
    steps.append(_recv(request="HANGUP", then=_HANG_UP))
    steps += [
        _label(_HANG_UP),
        _from_caller("BYE", "[cseq] BYE", retrans=True),
        _recv(response=200, then=_END),
        _label(_BYE),
        _reply("200 OK"),
        _label(_END),
    ]
    return _scenario("caller", steps)


def nurse(
    reply: Literal["answer", "busy", "decline", "ring"],
    answer_after_ms: int,
    talk_ms: int | None,
    voice: Voice,
) -> str:
    """Rings, then does as `reply` says; `ring` waits for a word. Talks for `talk_ms`, or on."""
    steps = [
        '<recv request="INVITE" rrs="true"><action>'
        '<ereg regexp=".*" search_in="hdr" header="Via:" assign_to="via"/>'
        '<ereg regexp=".*" search_in="hdr" header="From:" assign_to="peer"/>'
        '<ereg regexp=".*" search_in="hdr" header="To:" assign_to="own"/>'
        '<ereg regexp="[0-9]+" search_in="hdr" header="CSeq:" assign_to="number"/>'
        "</action></recv>",
    ]
    if reply == "busy":
        steps += [_reply_to_invite("486 Busy Here"), _recv(request="ACK", then=_END)]
    elif reply == "decline":
        steps += [_reply_to_invite("603 Decline"), _recv(request="ACK", then=_END)]
    else:
        steps.append(_reply_to_invite("180 Ringing"))
        if reply == "answer" and answer_after_ms == 0:
            steps.append(f'<nop next="{_ANSWER}"/>')
    timer = f'timeout="{answer_after_ms}" ontimeout="{_ANSWER}"' if reply == "answer" else ""
    steps += [
        # Sipp heeds a time limit only on the first of several messages that may come.
        _recv(request="CANCEL", optional=True, then=_CANCEL, more=timer),
        _recv(request="DECLINE", optional=True, then=_DECLINE),
        _recv(request="ANSWER", then=_ANSWER),
        _label(_ANSWER),
        _reply_to_invite("200 OK", sdp=True),
        _label(_ANSWERED),
        # A CANCEL that crossed our answer on the wire, and an INVITE that a busy Asterisk sent once
        # more before it read it: sipp itself knows only what repeats the last that it answered.
        _recv(request="CANCEL", optional=True),
        _recv(request="INVITE", optional=True, then=_ANSWERED),
        _recv(request="ACK"),
    ]
    steps += _speak(voice)
    limit = f'timeout="{talk_ms}" ontimeout="{_HANG_UP}"' if talk_ms is not None else ""
    steps += [
        _label(_LOOP),
        _recv(request="BYE", optional=True, then=_BYE, more=limit),
        _recv(request="HANGUP", then=_HANG_UP),
        _label(_HANG_UP),
        _send(
            "BYE [next_url] SIP/2.0",
            "From:[$own];tag=[pid]n[call_number]",
            "To:[$peer]",
            "Contact: <sip:nurse@[local_ip]:[local_port]>",
            retrans=True,
        ),
        _recv(response=200, then=_END),
        _label(_CANCEL),
        _reply("200 OK"),
        _reply_to_invite("487 Request Terminated"),
        _recv(request="ACK", then=_END),
        _label(_DECLINE),
        _reply_to_invite("603 Decline"),
        _recv(request="ACK", then=_END),
        _label(_BYE),
        _reply("200 OK"),
        _label(_END),
    ]
    return _scenario("nurse", steps)


def key_word(key: str, kind: KeyKind) -> str:
    """The word that makes a caller press `key`."""
    return ("PRESS" if kind == "rfc4733" else "INFO") + KEY_NAMES[key]


def _scenario(name: str, steps: Sequence[str]) -> str:
    return f'<?xml version="1.0"?>\n<scenario name="{name}">\n' + "\n".join(steps) + "\n</scenario>"


def _label(number: int) -> str:
    return f'<label id="{number}"/>'


def _act(*acts: str) -> str:
    return f"<nop><action>{_execs(acts)}</action></nop>"


def _execs(acts: Sequence[str]) -> str:
    return "".join(f"<exec {act}/>" for act in acts)


def _recv(
    *,
    request: str = "",
    response: int = 0,
    optional: bool = False,
    then: int | None = None,
    more: str = "",
    acts: Sequence[str] = (),
) -> str:
    kind = f'request="{request}"' if request else f'response="{response}"'
    parts = [kind, 'optional="true"' if optional else "", more]
    if then is not None:
        parts.append(f'next="{then}"')
    attributes = " ".join(part for part in parts if part)
    if not acts:
        return f"<recv {attributes}/>"
    return f"<recv {attributes}><action>{_execs(acts)}</action></recv>"


def _send(
    start: str,
    sender: str,
    receiver: str,
    more: str,
    *,
    sdp: bool = False,
    retrans: bool = False,
    body: tuple[str, str] | None = None,
    then: int | None = None,
) -> str:
    kind, text = ("application/sdp", _SDP) if sdp else body or ("", "")
    lines = [
        start,
        # Sipp has one branch for each line above: a key pressed twice would be an old request.
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]-[cseq]",
        sender,
        receiver,
        "Call-ID: [call_id]",
        f"CSeq: [cseq] {start.split()[0]}",
        "Max-Forwards: 70",
        more,
        *([f"Content-Type: {kind}"] if kind else []),
        "Content-Length: [len]",
        "",
        text,
    ]
    attributes = ' retrans="500"' if retrans else ""
    if then is not None:
        attributes += f' next="{then}"'
    return f"<send{attributes}><![CDATA[\n" + "\n".join(lines) + "\n]]></send>"


def _from_caller(
    method: str,
    cseq: str,
    body: tuple[str, str] | None = None,
    then: int | None = None,
    *,
    retrans: bool = False,
) -> str:
    text = _send(
        f"{method} [next_url] SIP/2.0",
        "From: [field1] <sip:[field0]@[local_ip]:[local_port]>;tag=[pid]c[call_number]",
        "To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]",
        "Contact: <sip:caller@[local_ip]:[local_port]>",
        body=body,
        then=then,
        retrans=retrans,
    )
    return text.replace(f"CSeq: [cseq] {method}", f"CSeq: {cseq}")


def _speak(voice: Voice) -> list[str]:
    if voice == "none":
        return []
    played = "silence.ulaw,-1" if voice == "always" else "packet.ulaw,1"
    return [_act(f'rtp_stream="{played},0,PCMU/8000"')]


def _press_by_info(key: str, then: int | None = None) -> str:
    body = ("application/dtmf-relay", f"Signal={key}\nDuration=160\n")
    return _from_caller("INFO", "[cseq] INFO", body, then)


def _play(key: str) -> tuple[str, ...]:
    """Voice stops while a key is sent, as in a real phone: mixed, a key is heard twice."""
    return (_PAUSE, f'play_pcap_audio="{KEY_NAMES[key]}.pcap"')


def _reply(status: str) -> str:
    """Answer the last request."""
    return _response(status, "[last_Via:]", "[last_From:]", "[last_To:]", "[last_CSeq:]")


def _reply_to_invite(status: str, *, sdp: bool = False) -> str:
    """Answer the INVITE, whatever has come after it."""
    own = "To:[$own];tag=[pid]n[call_number]"
    return _response(status, "Via:[$via]", "From:[$peer]", own, "CSeq: [$number] INVITE", sdp=sdp)


def _response(
    status: str, via: str, sender: str, receiver: str, cseq: str, *, sdp: bool = False
) -> str:
    lines = [
        f"SIP/2.0 {status}",
        via,
        sender,
        receiver,
        "[last_Call-ID:]",
        cseq,
        "Contact: <sip:nurse@[local_ip]:[local_port]>",
        *(["Content-Type: application/sdp"] if sdp else []),
        "Content-Length: [len]",
        "",
        _SDP if sdp else "",
    ]
    again = ' retrans="500"' if sdp else ""  # until the ACK
    return f"<send{again}><![CDATA[\n" + "\n".join(lines) + "\n]]></send>"
