"""JSON Schema of a region's file; see `schema`."""

from __future__ import annotations

from queue_engine.config.region_file import AREA_CODE, QUEUE_LENGTH_MAX
from queue_engine.config.schema_lend import lend_schema
from queue_engine.config.schema_parts import (
    Schema,
    choice,
    either,
    flag,
    list_of,
    mapping,
    matching,
    name,
    region_code,
    text,
    time,
    whole,
)
from routing.region_policy import RingKind, ShareCondition
from routing.vocabulary import Priority


def region_schema() -> Schema:
    """`regions/NN.yaml`."""
    share_rule = _share_rule_schema()
    unit = mapping(
        "A unit of the region, such as a health centre",
        {"id": name("As lines and staff have it"), "name": text("As people say it", length_max=60)},
        {
            "keeps_own": flag("true: its own nurses alone answer its callers until it shares them"),
            "share_rules": list_of(share_rule, "For its callers, besides those of the region"),
        },
    )
    return mapping(
        "One region: facts, and its part of the agreement",
        {
            "code": region_code("Its county code, as in the file's name"),
            "name": text("As people say it", length_max=60),
            "population": whole("How many live there", least=1, most=100_000_000),
        },
        {
            "takes_part": flag("false: it is alone, it neither shares nor lends"),
            "takes_part_in": list_of(
                name("A time window of national.yaml"),
                "It takes part only while one of these is on; always if left out",
            ),
            "clusters": list_of(name("A cluster"), "The clusters that it belongs to"),
            "share_rules": list_of(share_rule, "When its callers may be answered by others"),
            "lend": lend_schema(),
            "units": list_of(unit, "Its units that have rules of their own"),
            "sells": list_of(_sale_schema(), "Services that it answers for other regions, paid"),
            "buys": list_of(_purchase_schema(), "Services that other regions answer for it, paid"),
            "area_codes": list_of(matching(AREA_CODE, 'Such as "0500"'), "A hint only"),
        },
    )


def _sale_schema() -> Schema:
    return mapping(
        "A service that its nurses answer for others as their own callers'",
        {
            "service": name("A service of national.yaml"),
            "to": list_of(region_code('Such as "14"'), "Who buys it, and says so in its file"),
        },
        {
            "during": list_of(name("A time window"), "Only while one of these is on"),
            "units": list_of(name("A unit"), "Only nurses of these; all if left out"),
        },
    )


def _purchase_schema() -> Schema:
    return mapping(
        "A service that another region answers for it",
        {
            "service": name("A service of national.yaml"),
            "from": region_code("Who sells it, and says so in its file"),
        },
        {"units": list_of(name("A unit"), "Only for callers of these; all if left out")},
    )


def _share_rule_schema() -> Schema:
    codes = list_of(region_code('Such as "14"'), "Regions")
    ring = either(
        "With whom: national, region, {units: [IDS]}, {cluster: NAME} or {regions: [CODES]}",
        {"enum": [RingKind.NATIONAL, RingKind.REGION]},
        mapping("Units of the region", {"units": list_of(name("Its id"), "Units")}),
        mapping("All regions of a cluster", {"cluster": name("Its name")}),
        mapping("Regions by name", {"regions": codes}),
    )
    return mapping(
        "When the region's callers may be answered by others",
        {
            "name": name("Unique in this file; callers' timelines show it"),
            "when": choice(ShareCondition, "The condition"),
            "ring": ring,
        },
        {
            "after": time("With `waited`: after so long; 0 s: at once"),
            "window": name("With `window`: a time window of national.yaml"),
            "above": time("With `own_wait`: on above this"),
            "below": time("With `own_wait`: off below this, which is less"),
            "more_than": whole("With `queue_length`: while more wait", most=QUEUE_LENGTH_MAX),
            "during": name("Not with `window`: only while this time window is on"),
            "priorities": list_of(choice(Priority, "A priority"), "Only these; all if left out"),
            "services": list_of(name("A service"), "Only callers for these; all if left out"),
            "units": list_of(name("A unit"), "Only callers of these; all if left out"),
        },
        allOf=[
            _goes_with("when", ShareCondition.WAITED, "after"),
            _goes_with("when", ShareCondition.WINDOW, "window"),
            _goes_with("when", ShareCondition.EXPECTED_WAIT, "above"),
            _goes_with("when", ShareCondition.EXPECTED_WAIT, "below"),
            _goes_with("when", ShareCondition.QUEUE_LENGTH, "more_than"),
            {
                "if": {"properties": {"when": {"const": ShareCondition.WINDOW.value}}},
                "then": {"not": {"required": ["during"]}},
            },
        ],
    )


def _goes_with(key: str, word: str, other: str) -> Schema:
    """`other` must be there when `key` is `word`, and must not be when it is something else."""
    is_word = {"properties": {key: {"const": str(word)}}, "required": [key]}
    return {"if": is_word, "then": {"required": [other]}, "else": {"not": {"required": [other]}}}
