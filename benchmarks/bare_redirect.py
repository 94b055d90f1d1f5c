"""The least that can serve a queue by Redirect: first in, first out, no journal and no checks.

    AMI_SECRET=... python -m benchmarks.bare_redirect PORT USER PHONE...

The measure for what Samkö's promises cost. Nothing here survives a phone that does not answer, a
caller who hangs up at the wrong moment, a lost connection or a restart.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import deque


async def serve(port: int, user: str, secret: str, phones: list[str]) -> None:
    """Connects the oldest caller with the phone that has been free for longest, until cancelled."""
    reader, writer = await connect(port, user, secret, "call,user")
    print("ready", flush=True)
    callers: deque[str] = deque()
    free = deque(phones)
    while True:
        message = await read_message(reader)
        if message.get("UserEvent") == "SamkoWaiting":
            callers.append(message["Channel"])
        elif message.get("Event") == "Hangup":
            channel = message["Channel"]
            phone = channel.removeprefix("PJSIP/").rpartition("-")[0]
            if phone in phones:
                free.append(phone)
            elif channel in callers:
                callers.remove(channel)
        while callers and free:
            redirect(writer, callers.popleft(), free.popleft())


def redirect(writer: asyncio.StreamWriter, caller: str, phone: str) -> None:
    """Rings `phone` for the caller's channel."""
    where = {"Context": "offer", "Exten": f"o1-{phone}", "Priority": "1"}
    write(writer, Action="Redirect", Channel=caller, **where)


async def connect(
    port: int, user: str, secret: str, events: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to the manager at `port`, logged in to hear these classes of events."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await reader.readline()  # the greeting
    write(writer, Action="Login", Username=user, Secret=secret, Events=events)
    answer = await read_message(reader)
    assert answer.get("Response") == "Success", answer
    return reader, writer


async def read_message(reader: asyncio.StreamReader) -> dict[str, str]:
    """The next message; of a repeated header the last."""
    block = await reader.readuntil(b"\r\n\r\n")
    lines = block.decode("latin-1").split("\r\n")
    return {name: value for name, _, value in (line.partition(": ") for line in lines)}


def write(writer: asyncio.StreamWriter, **headers: str) -> None:
    """Sends an action."""
    text = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(text.encode() + b"\r\n")


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2], os.environ["AMI_SECRET"], sys.argv[3:]))
