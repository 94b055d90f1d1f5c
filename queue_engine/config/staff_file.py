"""`config/staff.yaml`: who may sign on, with which skills; PINs as hashes only.

House rules: no names of persons. A PIN is short, so its hash cannot be strong against one who
steals the file: keep it readable to the engine alone. Against guessing at a phone it is slow, and
as slow for a number that nobody has as for a wrong PIN.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher, Type, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

from queue_engine.config.region_file import REGION_CODE, REGION_CODE_SHOWN
from queue_engine.config.source import Faults, Item, Section
from queue_engine.config.wording import quoted
from routing.vocabulary import (
    SKILL_LEVEL_BEST,
    SKILL_LEVEL_MIN,
    AgentId,
    PhoneId,
    RegionCode,
    Skill,
    SkillLevel,
    UnitId,
)

SKILLS_MAX: Final = 30
_PIN: Final = re.compile(r"\d{4,12}", re.ASCII)
AGENT_NUMBER: Final = re.compile(r"\d{1,8}", re.ASCII)
PIN_HASH: Final = re.compile(r"\$argon2id\$[\w$=,+/-]{40,160}", re.ASCII)
PHONE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]{0,39}", re.ASCII)

# The second choice of OWASP's list for argon2id: 19 MiB, two passes, one lane; some 30 ms here. A
# hundred nurses who sign on at 07:00 then cost 3 s of one core, and four at once 76 MiB.
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
_NOBODYS_HASH: Final = _HASHER.hash("0000")
"""Against which a PIN is held that comes with nobody's number."""
_PARAMETERS: Final = extract_parameters(_NOBODYS_HASH)


def hash_pin(pin: str) -> str:
    """The hash of a PIN of 4 to 12 digits, as `pin_hash` wants it. Takes some 30 ms.

    Raises:
        ValueError: it is not such a PIN.
    """
    if not _PIN.fullmatch(pin):
        raise ValueError("a PIN has 4 to 12 digits")
    return _HASHER.hash(pin)


@dataclass(frozen=True, slots=True)
class AgentProfile:
    """An agent as the configuration knows her."""

    agent_id: AgentId
    agent_number: str
    """What she keys in at a phone; 1 to 8 digits."""
    pin_hash: str = field(repr=False)
    region: RegionCode
    unit: UnitId | None
    skills: tuple[SkillLevel, ...]
    phone_id: PhoneId | None
    """Her usual phone, if she has one."""


class StaffDirectory:
    """All who may sign on. Immutable, so that any thread may ask it.

    Args:
        profiles: with ids and numbers that no two share.
    """

    def __init__(self, profiles: Iterable[AgentProfile]) -> None:
        self._by_number = {profile.agent_number: profile for profile in profiles}
        self._by_id = {profile.agent_id: profile for profile in self._by_number.values()}

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[AgentProfile]:
        return iter(self._by_id.values())

    def profile(self, agent_id: AgentId) -> AgentProfile | None:
        """The agent of this id, or None."""
        return self._by_id.get(agent_id)

    def authenticate(self, agent_number: str, pin: str) -> AgentProfile | None:
        """The agent, if number and PIN are hers; else None, and not why.

        Takes some 30 ms of work outside the interpreter lock, with a number that nobody has as
        well: call it in a thread, and bound the tries of one caller.
        """
        profile = self._by_number.get(agent_number)
        try:
            _HASHER.verify(profile.pin_hash if profile else _NOBODYS_HASH, pin)
        except VerificationError:
            return None
        return profile


@dataclass(frozen=True, slots=True)
class StaffFile:
    """All of the file, with the places that checks across files need."""

    staff: StaffDirectory
    region_items: tuple[tuple[RegionCode, Item], ...]
    skill_items: tuple[tuple[Skill, Item], ...]
    unit_items: tuple[tuple[RegionCode, UnitId, Item], ...]
    """Each with the agent's region."""


def read_staff(faults: Faults, config_dir: Path) -> StaffFile:
    """Reads the file; what is wrong with it goes to `faults`."""
    sections = faults.read(config_dir / "staff.yaml").need("agents").sections()
    profiles = [_profile(section) for section in sections]
    ids: dict[str, int] = {}
    numbers: dict[str, int] = {}
    for profile, section in zip(profiles, sections, strict=True):
        _check_unique(ids, profile.agent_id, section.need("id"))
        _check_unique(numbers, profile.agent_number, section.need("number"))
    regions = tuple(
        (profile.region, section.need("region"))
        for profile, section in zip(profiles, sections, strict=True)
    )
    skills = tuple(
        (entry.skill, section.need("skills").section().may(entry.skill))
        for profile, section in zip(profiles, sections, strict=True)
        for entry in profile.skills
    )
    units = tuple(
        (profile.region, profile.unit, section.may("unit"))
        for profile, section in zip(profiles, sections, strict=True)
        if profile.unit
    )
    return StaffFile(StaffDirectory(profiles), regions, skills, units)


def _check_unique(owners: dict[str, int], value: str, item: Item) -> None:
    if value and value in owners:
        item.fault(f"the agent on line {owners[value]} has {quoted(value)} already")
    owners.setdefault(value, item.line)


def _profile(section: Section) -> AgentProfile:
    return AgentProfile(
        agent_id=AgentId(section.need("id").identifier()),
        agent_number=section.need("number").matching(AGENT_NUMBER, "1 to 8 digits"),
        pin_hash=_pin_hash(section.need("pin_hash")),
        region=RegionCode(section.need("region").matching(REGION_CODE, REGION_CODE_SHOWN)),
        unit=UnitId(unit) if (unit := section.may("unit").identifier()) else None,
        skills=read_skills(section.need("skills")),
        phone_id=PhoneId(phone) if (phone := _phone(section.may("phone"))) else None,
    )


def _pin_hash(item: Item) -> str:
    what = "a hash that hash_pin made (argon2id, v=19, m=19456, t=2, p=1)"
    pin_hash = item.matching(PIN_HASH, what, is_private=True)
    try:
        # All alike, or the time it takes would tell which numbers somebody has.
        if pin_hash and extract_parameters(pin_hash) != _PARAMETERS:
            item.expected(what, is_private=True)
    except InvalidHashError:
        item.expected(what, is_private=True)
    return pin_hash


def read_skills(item: Item) -> tuple[SkillLevel, ...]:
    """Skills with their levels; what is wrong with them is noted at their place."""
    levels = item.section().named_entries()
    if item.is_mapping and not 1 <= len(levels) <= SKILLS_MAX:
        item.fault(f"expected 1 to {SKILLS_MAX} skills, found {len(levels)}")
    return tuple(
        SkillLevel(Skill(name), level.whole(least=SKILL_LEVEL_BEST, most=SKILL_LEVEL_MIN))
        for name, level in levels
    )


def _phone(item: Item) -> str:
    return item.matching(PHONE, "the name of a phone's endpoint such as nurse17")
