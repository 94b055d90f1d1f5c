"""Two Asterisks that a trunk joins: callers at the first, nurses' phones at both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final, NamedTuple

from queue_engine.telephony.local_asterisk import LocalAsterisk, Setting
from routing.vocabulary import LinkId
from tests.asterisk import fault_lab as lab

OTHER_LINK: Final = LinkId("ast2")
_NOWHERE: Final = "192.0.2.1"


class Switches(NamedTuple):
    """Both, running."""

    near: LocalAsterisk
    """Where callers come in: `ast1`."""
    far: LocalAsterisk
    """Where only phones are, and the trunk of its sibling: `ast2`."""


@asynccontextmanager
async def joined(
    tree: Path,
    phones: Iterable[str],
    settings: Iterable[Setting],
    prepare: Callable[[Switches], None] = lambda switches: None,
    channels: int = 200,
    silence_s: int = 0,
) -> AsyncIterator[Switches]:
    """Starts both, by the shipped files and the sample of trunks filled in.

    Args:
        prepare: changes their files before they run.
        channels: so many call legs get RTP ports at each.
        silence_s: after so long a trunk over which nothing comes has dropped; 0: never.
    """
    common = tuple(settings)
    # On one address its trunk from outside could not be told from the one of its sibling.
    of_far = (*common, Setting("pjsip.conf", "trunk", "match", _NOWHERE))
    near = LocalAsterisk(tree, phones=phones, settings=common, verbose=3, channels=channels)
    far = LocalAsterisk(
        tree,
        phones=phones,
        settings=of_far,
        system_name=OTHER_LINK,
        verbose=3,
        channels=channels,
    )
    _lay_trunk(near, far, f"127.0.0.1:{far.sip_port}", silence_s)
    _lay_trunk(far, near, "127.0.0.1", silence_s)
    (far.folder / "etc" / "manager_secret.conf").chmod(0o600)
    prepare(Switches(near, far))
    async with AsyncExitStack() as started:
        for switch in (near, far):
            await started.enter_async_context(switch)
        switches = Switches(near, far)
        await reach_each_other(switches)
        yield switches


async def reach_each_other(switches: Switches) -> None:
    """Until each knows that its trunk leads to the other.

    One that got no answer is not dialled until it is asked again, which Asterisk does in its own
    good time (`qualify_frequency`).
    """
    for here, there in (switches, reversed(switches)):
        trunk = f"samko-{there.system_name}"

        async def is_reached(here: LocalAsterisk = here, trunk: str = trunk) -> bool:
            await here.cli(f"pjsip qualify {trunk}")
            return " Avail " in await here.cli(f"pjsip show aor {trunk}")

        await lab.until(is_reached, f"{trunk} is reached")


def _lay_trunk(here: LocalAsterisk, there: LocalAsterisk, match: str, silence_s: int) -> None:
    """The shipped sample, with its semicolons taken away and its example replaced."""
    sample = (Path(here.config) / "pjsip_trunks.conf.sample").read_text()
    name = f"samko-{there.system_name}"
    lines = [
        line[1:]
        for line in sample.splitlines()
        if line.startswith((";[", ";a", ";c", ";e", ";m", ";r"))
    ]
    text = "\n".join(lines).replace("samko-ast2", name)
    text = text.replace("sip:192.0.2.2:5060", f"sip:127.0.0.1:{there.sip_port}")
    text = text.replace("match = 192.0.2.2", f"match = {match}")
    shipped = "rtp_timeout = 10 "
    assert shipped in text
    text = text.replace(shipped, f"rtp_timeout = {silence_s} ")
    (here.folder / "etc" / "pjsip_trunks.conf").write_text(text + "\n")
