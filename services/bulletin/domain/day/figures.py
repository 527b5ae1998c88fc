"""The figures of one day: what is stored of them, what follows from them, and how they are said."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

Emitted = dict[str, Any]
"""Fields of an event, or of a part of one."""


class Figure(Struct, frozen=True, array_like=True):
    """A number of cases; `total` = `imported` + `local` by construction (B2)."""

    imported: int = 0
    local: int = 0

    def as_event(self) -> Emitted:
        """The figure as an event has it."""
        return {"total": self.imported + self.local, "imported": self.imported, "local": self.local}


class Flow(Struct, frozen=True, array_like=True):
    """Cases confirmed, discharged (recovered or against advice) and dead, of one day or of all days up to it (B1)."""

    confirmed: Figure = Figure()
    discharged: Figure = Figure()
    deaths: Figure = Figure()

    @property
    def in_hospital(self) -> Figure:
        """B2: the cases confirmed and neither discharged nor dead; of a cumulative flow."""
        left = (self.discharged, self.deaths)
        return Figure(
            self.confirmed.imported - sum(one.imported for one in left),
            self.confirmed.local - sum(one.local for one in left),
        )

    def as_event(self) -> Emitted:
        """The flow as an event has it."""
        return {
            "confirmed": self.confirmed.as_event(),
            "discharged": self.discharged.as_event(),
            "deaths": self.deaths.as_event(),
        }


class Infections(Struct, frozen=True, array_like=True):
    """Asymptomatic infections counted apart (B1): found, turned into confirmed cases and released, of one day or up to
    it.
    """

    found: Figure = Figure()
    turned: Figure = Figure()
    released: Figure = Figure()

    @property
    def under_observation(self) -> Figure:
        """Those found, and neither turned nor released; of a cumulative count."""
        left = (self.turned, self.released)
        return Figure(
            self.found.imported - sum(one.imported for one in left), self.found.local - sum(one.local for one in left)
        )


def _asymptomatic(new: Infections, cumulative: Infections) -> Emitted:
    """The figures as an event has them."""
    return {
        "new": new.found.as_event(),
        "cumulative": cumulative.found.as_event(),
        "turned_confirmed": new.turned.as_event(),
        "released": new.released.as_event(),
        "under_observation": cumulative.under_observation.as_event(),
    }


class Discharges(Struct, frozen=True, omit_defaults=True):
    """The discharges of one day, broken down; `by_origin_country` has the imported cases only."""

    by_origin_country: dict[str, int] = {}
    by_severity: dict[str, int] = {}
    by_age_band: dict[str, int] = {}
    by_nationality: dict[str, int] = {}


class Online(Struct, frozen=True, array_like=True):
    """One channel's counts since it opened, as of a day's end (C7).

    `avoided`: consultations closed without a referral; `delivered`: prescriptions at the patient's door.
    """

    channel_id: str
    consultations: int
    people: int
    experts: int
    avoided: int
    delivered: int

    def as_event(self) -> Emitted:
        """The counts as the commission's edition has them."""
        return {**self.in_public(0), "avoided_visits": self.avoided, "prescriptions_delivered": self.delivered}

    def in_public(self, smallest: int) -> Emitted:
        """B5: without the visits avoided, whose difference to the consultations is how many were referred."""
        delivered = {"prescriptions_delivered": self.delivered} if self.delivered >= smallest else {}
        return {
            "channel_id": self.channel_id,
            "consultations": self.consultations,
            "people": self.people,
            "experts": self.experts,
            **delivered,
        }


class Figures(Struct, frozen=True, array_like=True):
    """All that the bulletin of one day says.

    `youngest_months`: age of the youngest of the imported child cases confirmed up to that day (B4).
    """

    new: Flow = Flow()
    cumulative: Flow = Flow()
    discharges: Discharges = Discharges()
    youngest_months: int | None = None
    new_apart: Infections = Infections()
    cumulative_apart: Infections = Infections()
    is_apart: bool = False
    online: tuple[Online, ...] = ()

    def standing(self) -> Emitted:
        """What a restatement repeats of the figures said before."""
        apart = {"asymptomatic": _asymptomatic(self.new_apart, self.cumulative_apart)} if self.is_apart else {}
        return {
            **apart,
            "new": self.new.as_event(),
            "cumulative": self.cumulative.as_event(),
            "in_hospital": self.cumulative.in_hospital.as_event(),
        }

    def as_event(self, jurisdiction: str, day: date) -> Emitted:
        """The fields of the commission's edition, in full."""
        return {
            "jurisdiction": jurisdiction,
            "date": day,
            "edition": "commission",
            **self.standing(),
            "discharges": asdict(self.discharges),
            "youngest": _youngest(self.youngest_months, jurisdiction, day),
            **online_care(channel.as_event() for channel in self.online),
        }

    @property
    def has_cases(self) -> bool:
        """Whether anybody was confirmed, or found asymptomatic, by then."""
        known = (self.cumulative.confirmed, self.cumulative_apart.found)
        return any(one.imported + one.local > 0 for one in known)


def online_care(channels: Iterable[Emitted]) -> Emitted:
    """C7: the channels with a consultation by then; nothing where there is none."""
    stated = tuple(channels)
    return {"online_care": stated} if stated else {}


def _youngest(months: int | None, jurisdiction: str, day: date) -> Emitted | None:
    """B4: with its scope and as-of date, without which it may not be quoted; whole years are said as years."""
    if months is None:
        return None
    whole_years = months > 0 and months % 12 == 0
    age = {"value": months // 12, "unit": "a"} if whole_years else {"value": months, "unit": "mo"}
    return {"age": age, "scope": f"imported, child, {jurisdiction}", "as_of": day}
