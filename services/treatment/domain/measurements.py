"""Two versions of one measurement made one: what the later one does not mention it does not take back."""

from typing import Any

from msgspec.structs import replace

from services.treatment.domain.facts import VitalSigns

MEASURED = (
    ("temperature_c", "temperature_site"),
    ("spo2_percent",),
    ("pao2_fio2_mmhg",),
    ("respiratory_rate_per_min",),
    ("heart_rate_per_min",),
    ("weight_kg",),
    ("oxygen_support",),
)
"""What is measured: names of fields that are mentioned together, the first of which says whether they are."""


def merged(one: VitalSigns, other: VitalSigns) -> VitalSigns:
    """Each measurement as the version of the highest rank that mentions it has it, whichever version came first."""
    values: dict[str, Any] = {}
    ranks: dict[str, str] = {}
    highest = max(one.rank, other.rank)
    for fields in MEASURED:
        mentions = [version for version in (one, other) if getattr(version, fields[0]) is not None]
        if mentions:
            holds = max(mentions, key=lambda version: _rank(version, fields[0]))
            values |= {name: getattr(holds, name) for name in fields}
            if _rank(holds, fields[0]) != highest:
                ranks[fields[0]] = _rank(holds, fields[0])
    return replace(one, **values, rank=highest, ranks=ranks or None)


def _rank(version: VitalSigns, field: str) -> str:
    return (version.ranks or {}).get(field, version.rank)
