"""Limits of what agents are asked for: unbroken work, emergencies in a row, others' contacts.

House rules: those of `policy`, whose part this is; a limit of 0 is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

OTHERS_OF_MAX: Final = 100
"""So many contacts of an agent are remembered, and no more can be asked for."""


class Spared(StrEnum):
    """What an agent is spared for a while."""

    ALL = "all"
    """Everything but the first tier; as is a gateway's seat that has not taken a caller."""
    OTHERS = "others"
    """Other regions' contacts, but for the first tier and what is sold to them."""


@dataclass(frozen=True, slots=True)
class StrainPolicy:
    """What is too much, and how long she rests then."""

    unbroken_work_ms_max: int = 0
    """Contacts one after the other, with never a rest between."""
    emergencies_max: int = 0
    """In a row."""
    rest_ms: int = 5 * 60_000
    """So long without a contact is a rest."""
    others_permille_max: int = 0
    """The share of other regions' contacts, sold ones apart..."""
    others_of: int = 10
    """...among her last so many."""

    @property
    def has_limits(self) -> bool:
        """Whether there is any limit."""
        return bool(self.unbroken_work_ms_max or self.emergencies_max or self.others_permille_max)


NO_STRAIN: Final = StrainPolicy()
"""No limits at all."""


def strain_problems(strain: StrainPolicy) -> Iterator[str]:
    """Yields every fault of these rules as a sentence; none: they may be loaded."""
    if strain.unbroken_work_ms_max < 0 or strain.emergencies_max < 0:
        yield "strain: limits must not be negative"
    if strain.rest_ms <= 0:
        yield f"strain: rest_ms must be more than 0, is {strain.rest_ms}"
    if not 0 <= strain.others_permille_max <= 1000:
        yield "strain: others_permille_max goes from 0 to 1000"
    if not 1 <= strain.others_of <= OTHERS_OF_MAX:
        yield f"strain: others_of goes from 1 to {OTHERS_OF_MAX}, is {strain.others_of}"
