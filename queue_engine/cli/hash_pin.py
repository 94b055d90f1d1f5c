"""`samko hash-pin`: a nurse's PIN, never shown, to the hash that `staff.yaml` holds."""

from __future__ import annotations

import argparse
import getpass

from queue_engine.cli.commands import Commands, Group
from queue_engine.core.errors import SamkoError


def add(commands: Commands) -> None:
    """Makes it known."""
    commands.add(
        "hash-pin", run, Group.CONFIGURATION, "read a PIN and print its hash for staff.yaml"
    )


def run(_chosen: argparse.Namespace) -> int:
    """Prints the hash.

    Raises:
        SamkoError: it is not a PIN, or there is none.
    """
    from queue_engine.config.staff_file import hash_pin

    try:
        print(hash_pin(getpass.getpass("PIN: ")))
    except EOFError as fault:
        raise SamkoError("no PIN was given") from fault
    except ValueError as fault:
        raise SamkoError(str(fault)) from fault
    return 0
