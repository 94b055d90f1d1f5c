"""`make asterisk`: a local Asterisk with the shipped files, until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time

from queue_engine.cli.stopping import until_stopped
from queue_engine.telephony.local_asterisk import LabFault, LocalAsterisk
from tools.asterisk_tree import TreeUnavailable, ensure_tree


def main() -> int:
    """Makes the tree if it is missing, starts one Asterisk, and says where it is."""
    parser = argparse.ArgumentParser(prog="make asterisk", description=__doc__)
    parser.add_argument("--tree-only", action="store_true", help="fetch it, start nothing")
    parser.add_argument("--phones", nargs="*", default=["nurse1", "nurse2"])
    chosen = parser.parse_args()
    try:
        tree = ensure_tree()
        if chosen.tree_only:
            print(tree)
            return 0
        return until_stopped(_run(chosen.phones))
    except (TreeUnavailable, LabFault) as fault:
        print(f"make asterisk: {fault}", file=sys.stderr)
        return 1


async def _run(phones: list[str]) -> None:
    began = time.monotonic()
    async with LocalAsterisk(phones=phones, verbose=3) as asterisk:
        print(f"{asterisk.tree.version} runs, after {time.monotonic() - began:.1f} s")
        print(
            f"  SIP (UDP)  127.0.0.1:{asterisk.sip_port}, phones {', '.join(phones)}, no password"
        )
        print(f"  manager    127.0.0.1:{asterisk.ami_port}, user {asterisk.ami_user}")
        print(f"  secret     {asterisk.folder / 'etc' / 'manager_secret.conf'}")
        print(f"  it calls   agi://127.0.0.1:{asterisk.agi_port} (start the engine's IVR there)")
        print(f"  its log    {asterisk.log}")
        print("Ctrl-C stops it.")
        await asyncio.Event().wait()


if __name__ == "__main__":
    sys.exit(main())
