"""`strain` of `config/national.yaml`: what is too much for a nurse.

House rules: those of `national_file`, whose part this is.
"""

from __future__ import annotations

from typing import Final

from queue_engine.config.schema_parts import Schema, either, mapping, matching, time, whole
from queue_engine.config.source import PERCENT, Section
from routing.strain_policy import NO_STRAIN, OTHERS_OF_MAX, StrainPolicy

EMERGENCIES_MAX: Final = 100
_SECOND_MS: Final = 1_000
_DAY_MS: Final = 24 * 60 * 60 * 1_000


def read_strain(section: Section) -> StrainPolicy:
    """Reads the section."""
    return StrainPolicy(
        unbroken_work_ms_max=section.may("unbroken_work_max").duration_ms(most_ms=_DAY_MS),
        emergencies_max=section.may("emergencies_max").whole(most=EMERGENCIES_MAX),
        rest_ms=section.may("rest").duration_ms(NO_STRAIN.rest_ms, least_ms=_SECOND_MS),
        others_permille_max=section.may("others_max").share_permille(),
        others_of=section.may("others_of").whole(NO_STRAIN.others_of, least=1, most=OTHERS_OF_MAX),
    )


def strain_schema() -> Schema:
    """The section, as an editor is to check it."""
    share = "Of her last callers at most this share are other regions'; 0: any"
    return mapping(
        "What is too much for a nurse; what is left out has no limit",
        {},
        {
            "unbroken_work_max": time("So long without a rest, then she rests"),
            "emergencies_max": whole("So many in a row, then she rests", most=EMERGENCIES_MAX),
            "rest": time("So long without a caller is a rest"),
            "others_max": either(
                share,
                matching(PERCENT, 'Such as "60 %"'),
                {"type": "number", "minimum": 0, "maximum": 1},
            ),
            "others_of": whole("Her last so many callers", least=1, most=OTHERS_OF_MAX),
        },
    )
