"""An Asterisk of ours, and a contact centre on another telephone system that a trunk leads to.

The other one is an Asterisk too, whose dialplan knows nothing of ours: it does with
a call what the test has told it to do.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, NamedTuple

from queue_engine.telephony.local_asterisk import LocalAsterisk, Setting

NUMBER: Final = "0313900601"
"""Under which its nurses are reached; one that is reserved for fiction."""
SHORT: Final = (
    Setting("pjsip.conf", "sibling-aor", "qualify_frequency", "2"),
    Setting("pjsip.conf", "sibling-endpoint", "rtp_timeout", "3"),
)
"""How soon ours notices that it is gone, as a test can wait for it."""
_ITS_DIALPLAN: Final = """\
[general]
[globals]
REPLY=nurse1
END=16
[agents]
exten => none,1,Hangup()
[samko-inbound]
exten => _X.,1,Set(SAYS=Arrived: ${PJSIP_HEADER(read,X-Samko-Arrived)})
 same => n,Set(SAYS=${SAYS},Need: ${PJSIP_HEADER(read,X-Samko-Priority)})
 same => n,UserEvent(Told,Number: ${EXTEN},Region: ${PJSIP_HEADER(read,X-Samko-Region)},${SAYS})
 same => n,GotoIf($["${REPLY}" = "busy"]?busy)
 same => n,GotoIf($["${REPLY}" = "full"]?full)
 same => n,Dial(PJSIP/${REPLY},60,g)
 same => n,Hangup(${END})
 same => n(busy),Hangup(17)
 same => n(full),Hangup(34)
"""


class Centres(NamedTuple):
    """Both, running."""

    ours: LocalAsterisk
    theirs: LocalAsterisk

    async def reply(self, how: str, end: int = 16) -> None:
        """What the other does from now on: rings a phone of its own, or is `busy` or `full`.

        Args:
            end: the cause that it gives for the end of a talk; 16: a hang-up.
        """
        await self.theirs.cli(f"dialplan set global REPLY {how}")
        await self.theirs.cli(f"dialplan set global END {end}")


@asynccontextmanager
async def contact_centre(
    tree: Path, phones: Iterable[str], settings: Iterable[Setting]
) -> AsyncIterator[Centres]:
    """Starts both; ours by the shipped files, the sample of gateways filled in."""
    ours = LocalAsterisk(tree, phones=phones, settings=(*settings, *SHORT), verbose=3)
    theirs = their_asterisk(tree, phones)
    lead_to(ours, theirs)
    async with ours, theirs:
        yield Centres(ours, theirs)


def their_asterisk(tree: Path, phones: Iterable[str]) -> LocalAsterisk:
    """The other centre's, not running yet."""
    theirs = LocalAsterisk(tree, phones=phones, system_name="theirs", verbose=3)
    (theirs.folder / "etc" / "extensions.conf").write_text(_ITS_DIALPLAN)
    return theirs


def lead_to(ours: LocalAsterisk, theirs: LocalAsterisk) -> None:
    """Lays the trunk; ours must not run yet."""
    text = filled_in(ours).replace("192.0.2.3:5060", f"127.0.0.1:{theirs.sip_port}")
    text = text.replace("match = 192.0.2.3", f"match = 127.0.0.1:{theirs.sip_port}")
    (ours.folder / "etc" / "pjsip_gateways.conf").write_text(text)


def filled_in(ours: LocalAsterisk) -> str:
    """The shipped sample, with its semicolons taken away."""
    sample = (ours.config / "pjsip_gateways.conf.sample").read_text()
    lines = [line[1:] for line in sample.splitlines() if re.match(r";[\[a-z]", line)]
    return "\n".join(lines) + "\n"
