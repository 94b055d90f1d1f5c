"""Wrong versions of the merge of islands; see `mutants`."""

from __future__ import annotations

from typing import Final

import pytest

from queue_engine.core import (
    decide_contacts,
    decide_merge,
    events as ev,
    ledger,
    ledger_islands,
    service_level,
)
from queue_engine.core.told_islands import ToldIslands

Patch = pytest.MonkeyPatch


def told_again_it_counts_again(patch: Patch) -> None:
    patch.setattr(ToldIslands, "number_of", lambda self, island: island.after)


def lost_though_the_island_saw_him(patch: Patch) -> None:
    patch.setattr(decide_merge, "_saw_last", lambda island, fact, known: False)


def talk_forgotten_that_ended_unheard(patch: Patch) -> None:
    patch.setattr(decide_merge, "_hung_up_unseen", lambda island, fact, known: False)


def living_contact_merged_at_once(patch: Patch) -> None:
    patch.setattr(decide_merge, "_tell", decide_merge._merge)


def what_was_done_there_forgotten_when_he_is_over(patch: Patch) -> None:
    patch.setattr(decide_contacts, "merge_awaited", lambda turn, contact_id: None)


def talk_added_that_had_begun_before(patch: Patch) -> None:
    patch.setattr(ledger_islands, "_begun", lambda contact, told, parted_ms: None)


def wrap_up_counted_that_never_was(patch: Patch) -> None:
    patch.setattr(ledger_islands, "_void_wrap_ups", lambda contact, event, enter: None)


def two_calls_of_one_that_went_on(patch: Patch) -> None:
    patch.setattr(ledger_islands, "_went_on", lambda contact, told, until_ms: False)


def work_of_islands_in_no_account(patch: Patch) -> None:
    patch.setitem(ledger._NOTES, ev.IslandContactMerged, lambda self, event: None)


def answered_there_and_lost_here(patch: Patch) -> None:
    patch.setitem(service_level._NOTES, ev.IslandContactMerged, lambda self, event: None)


MUTANTS: Final = {
    told_again_it_counts_again: "islands",
    lost_though_the_island_saw_him: "story island_merged",
    talk_forgotten_that_ended_unheard: "story island_merged",
    living_contact_merged_at_once: "story island_merged",
    what_was_done_there_forgotten_when_he_is_over: "story island_merged",
    talk_added_that_had_begun_before: "islands",
    wrap_up_counted_that_never_was: "islands",
    two_calls_of_one_that_went_on: "story island_merged",
    work_of_islands_in_no_account: "islands",
    answered_there_and_lost_here: "story island_merged",
}
