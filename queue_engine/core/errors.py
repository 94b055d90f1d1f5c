"""What can go wrong that is not our fault, by who is at fault.

    SamkoError
    |-- Refused            a person asked for what cannot be (nothing has changed)
    |-- BadInput           the outside sent what cannot be understood (names the place)
    |-- JournalError       the journal cannot be read or written
    |   |-- JournalCorrupt     it is damaged, and where
    |   |-- JournalLost        it is gone, or ends before what was written to it
    |   |-- AppendRefused      its last record is not the one that was expected
    |   +-- InUse              another process has it open (journal.ownership)
    |-- VaultError         callers' data cannot be kept or read (journal.vault_file)
    |-- KeyFileError       a key is missing or exposed (journal.key_file)
    |-- TelephonyError     a switch did not do as it was told (telephony.errors)
    |-- PromptError        what callers hear cannot be made (ivr.render)
    +-- EngineStopped      the engine no longer takes commands

What only we can cause is an `assert`, left on in production.
"""

from __future__ import annotations


class SamkoError(Exception):
    """The root of all errors that the project raises on purpose."""


class Refused(SamkoError):
    """A request that cannot be carried out; nothing has changed.

    Args:
        code: a stable word for programs, e.g. `unknown_agent`.
        sentence: what is wrong, for people.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class BadInput(SamkoError):
    """Text from the outside that cannot be understood."""


class JournalError(SamkoError):
    """The journal cannot be read or written."""


class JournalCorrupt(JournalError):
    """The journal is damaged beyond a torn tail; says where."""


class JournalLost(JournalError):
    """The journal is gone, or ends before what was written to it: it can be begun anew."""


class AppendRefused(JournalError):
    """Somebody else has written: the last record is not the expected one."""


class EngineStopped(SamkoError):
    """The engine no longer takes commands."""
