"""Where other programs are: hosts, ports and names, as configuration files spell them."""

from __future__ import annotations

import re
from typing import Final

from queue_engine.config.source import Item

PORT_MAX: Final = 65_535
_HOST: Final = r"[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?|::1?"
HOST: Final = re.compile(_HOST)
HOST_AND_PORT: Final = re.compile(rf"({_HOST}):[1-9][0-9]{{0,4}}")
NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
"""Of a user, of a journal in Redis, or of a service of sentinels."""

Address = tuple[str, int]
"""Host and port."""


def addresses(item: Item, least: int, most: int) -> tuple[Address, ...]:
    """A list of texts such as `redis1.example:6379`; what is wrong with each is noted."""
    items = item.items()
    if item.is_list and not least <= len(items) <= most:
        item.fault(f"expected {least} to {most} addresses, found {len(items)}")
    found = [_host_and_port(each) for each in items[:most]]
    return tuple(dict.fromkeys(each for each in found if each is not None))


def _host_and_port(item: Item) -> Address | None:
    what = "a host and its port such as redis1.example:6379"
    host, _, port = item.matching(HOST_AND_PORT, what).rpartition(":")
    if not host:
        return None
    if int(port) > PORT_MAX:
        item.expected(what)
        return None
    return host, int(port)
