"""`config/samko.yaml`: where the engine keeps its files and how it reaches the switches.

House rules: without the file, and for every key left out, all is on this machine and listens to
it alone; relative paths start at the file's own folder, whatever the process was started from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Final

from queue_engine.config.addresses import HOST, NAME, PORT_MAX
from queue_engine.config.redis_file import RedisSettings, redis_settings
from queue_engine.config.secret import SecretPlace, secret_place
from queue_engine.config.source import Faults, Item, Section
from queue_engine.config.text_message_file import TextMessageSettings, read_text_messages
from queue_engine.config.wording import did_you_mean, quoted
from routing.trunks import Trunk
from routing.vocabulary import LinkId

LINKS_MAX: Final = 50
PEERS_MAX: Final = 100
HOSTS_MAX: Final = 20
HTTP_PORT: Final = 1177
SECRET_VARIABLE: Final = "SAMKO_AMI_SECRET"
_THIS_MACHINE: Final = "127.0.0.1/32"
LINK_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]{0,31}")


@dataclass(frozen=True, slots=True)
class AgiSettings:
    """Where the IVR listens, and to whom."""

    host: str
    port: int
    """0 takes a free one."""
    peers: tuple[str, ...]
    """Networks that may connect: AGI itself has no password."""


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """Where the API and the pages are served."""

    host: str
    port: int
    """0 takes a free one."""
    hosts: tuple[str, ...]
    """Names by which it may be asked, beside this machine's own: a proxy's, for example."""


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """One Asterisk's AMI."""

    link_id: LinkId
    """Its `systemname`."""
    host: str
    port: int
    user: str
    secret: SecretPlace


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """All of the file."""

    var_dir: Path
    """For journal, vault and whatever else is written."""
    journal: Path
    """The file, unless it is kept in `redis`."""
    redis: RedisSettings | None
    agi: AgiSettings
    http: HttpSettings
    links: tuple[LinkSettings, ...]
    """At least one, unless the telephone network is the embedded one."""
    text_messages: TextMessageSettings | None = None
    """The service that sends them; None: they are written to `text_dir`."""
    trunks: tuple[Trunk, ...] = field(default=(), compare=False)
    """Which of them trunks join: a rule of the queue, in force once it is loaded."""

    @property
    def token_file(self) -> Path:
        """What a client of the API has to show; made at the first start."""
        return self.var_dir / "http.token"

    @property
    def archive_dir(self) -> Path:
        """Where the days of the journal go that have left it."""
        return self.var_dir / "archive"

    @property
    def unjournaled_dir(self) -> Path:
        """Where records are set aside that no journal could be given."""
        return self.var_dir / "unjournaled"

    @property
    def text_dir(self) -> Path:
        """Where text messages are written that no service sends."""
        return self.var_dir / "text-messages"

    @property
    def embedded_dir(self) -> Path:
        """Instead of `var_dir` for an engine on the embedded telephone network: what happened to
        invented people never stands in the journal of real ones."""
        return self.var_dir / "embedded"


def read_settings(faults: Faults, config_dir: Path) -> EngineSettings:
    """Reads the file if there is one; what is wrong with it goes to `faults`."""
    path = config_dir / "samko.yaml"
    top = faults.read(path) if path.exists() else Section(faults, path.as_posix(), None)
    # Absolute, since Asterisk is told where the sounds are and has a folder of its own.
    var_dir = (config_dir / top.may("var_dir").text("../var", length_max=1_000)).resolve()
    redis = _redis(top)
    links, trunks = _links(faults, top)
    return EngineSettings(
        var_dir=var_dir,
        journal=var_dir / top.may("journal").text("journal.sqlite", length_max=1_000),
        redis=redis,
        agi=_agi(top.may("agi").section(), is_told=redis is not None),
        http=_http(top.may("http").section()),
        links=links,
        trunks=trunks,
        text_messages=read_text_messages(top),
    )


def _redis(top: Section) -> RedisSettings | None:
    item = top.may("redis")
    if not item.is_given:
        return None
    if top.may("journal").is_given:
        item.fault("expected either journal, a file, or redis")
    return redis_settings(item.section())


def _agi(section: Section, *, is_told: bool) -> AgiSettings:
    """What of it Asterisk `is_told`, by the engine that acts there, must be one address."""
    host = _address(section.may("host"), "127.0.0.1")
    if is_told and ip_address(host).is_unspecified:
        section.may("host").expected("the address at which Asterisk finds this engine")
    peers = section.may("peers")
    if len(peers.items()) > PEERS_MAX:
        peers.fault(f"expected at most {PEERS_MAX} peers, found {len(peers.items())}")
    if not ip_address(host).is_loopback and not peers.is_given:
        section.may("host").fault("other machines reach this address: say in peers which may")
    return AgiSettings(
        host=host,
        port=section.may("port").whole(4573, most=PORT_MAX),
        peers=tuple(_network(item) for item in peers.items()) or (_THIS_MACHINE,),
    )


def _http(section: Section) -> HttpSettings:
    hosts = section.may("hosts")
    if len(hosts.items()) > HOSTS_MAX:
        hosts.fault(f"expected at most {HOSTS_MAX} hosts, found {len(hosts.items())}")
    return HttpSettings(
        host=_address(section.may("host"), "127.0.0.1"),
        port=section.may("port").whole(HTTP_PORT, most=PORT_MAX),
        hosts=tuple(item.matching(HOST, "a host's name or address") for item in hosts.items()),
    )


def _address(item: Item, default: str) -> str:
    text = item.text(default)
    try:
        return str(ip_address(text))
    except ValueError:
        item.expected("an IP address of this machine such as 127.0.0.1")
        return default


def _network(item: Item) -> str:
    try:
        return str(ip_network(item.text(_THIS_MACHINE)))
    except ValueError:
        item.expected("an IP address or network such as 10.1.0.0/16")
        return _THIS_MACHINE


def _links(faults: Faults, top: Section) -> tuple[tuple[LinkSettings, ...], tuple[Trunk, ...]]:
    item = top.may("links")
    if not item.is_given:
        return (_link(Section(faults, top.path, None), is_given=False),), ()
    sections = item.sections()
    if not 1 <= len(sections) <= LINKS_MAX:
        item.fault(f"expected 1 to {LINKS_MAX} links, found {len(sections)}")
    links = tuple(_link(section) for section in sections[:LINKS_MAX])
    seen: set[LinkId] = set()
    for link, section in zip(links, sections, strict=False):
        if link.link_id and link.link_id in seen:
            section.need("id").fault(f"there is a link {quoted(link.link_id)} already")
        seen.add(link.link_id)
    return links, _trunks(links, sections)


def _trunks(links: Sequence[LinkSettings], sections: Sequence[Section]) -> tuple[Trunk, ...]:
    """Each said once, at either end or at both, and listed once."""
    known = [link.link_id for link in links]
    found: dict[Trunk, None] = {}
    for link, section in zip(links, sections, strict=False):
        for item in section.may("trunks").items():
            other = LinkId(item.matching(LINK_ID, "the id of another link"))
            if other == link.link_id:
                item.fault("a trunk leads to another link")
            elif other and other not in known and all(known):
                item.fault(f"there is no such link{did_you_mean(other, known)}")
            elif other:
                first, second = sorted((link.link_id, other))
                found[first, second] = None
    return tuple(found)


def _link(section: Section, *, is_given: bool = True) -> LinkSettings:
    link_id = section.need("id").matching(
        LINK_ID, "an Asterisk's systemname (letters, digits, _)", "" if is_given else "ast1"
    )
    return LinkSettings(
        link_id=LinkId(link_id),
        host=section.may("host").matching(HOST, "a host's name or address", "127.0.0.1"),
        port=section.may("port").whole(5038, least=1, most=PORT_MAX),
        user=section.may("user").matching(NAME, "an AMI user's name", "samko"),
        secret=secret_place(section, SECRET_VARIABLE),
    )
