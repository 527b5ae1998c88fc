"""Who asks, and what they may: scopes, and the places to which they are limited."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

from chassis.questions.problem import Problem
from chassis.questions.question import Location, Scope
from schemas.places import plain_district

EVERYTHING: Final = frozenset(get_args(Scope))
EVERYWHERE: Final = ("operate", "forget")
"""Scopes of what knows no places."""


class BadLimits(ValueError):
    """Scopes or places that are not what they must be; the message says which, and repeats none of them."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks.

    `name`: the subject of a token, the common name of a certificate, or `local`. `means`: `token`, `certificate` or
    `local`. `jurisdictions`, `districts`: those that may be read, districts as they are compared; None: all.
    """

    name: str
    means: str
    scopes: frozenset[str]
    jurisdictions: frozenset[str] | None = None
    districts: frozenset[str] | None = None

    @property
    def is_limited(self) -> bool:
        """Whether there are places that they may not read."""
        return self.jurisdictions is not None or self.districts is not None

    def ensure(self, scope: Scope) -> None:
        """Raises Problem unless they have the scope; whoever operates or forgets must not be limited to places."""
        if scope not in self.scopes:
            wanted = {"www-authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'}
            raise Problem("missing_scope", f"this question needs the scope {scope}", wanted)
        if scope in EVERYWHERE and self.is_limited:
            raise Problem("other_place", "this concerns all places, and this reader is limited to some")

    def ensure_place(self, location: Location | None) -> None:
        """Raises Problem unless they may read what is there; None: nobody knows where."""
        if not self.is_limited:
            return
        if location is None:
            raise Problem("place_unknown", "this service does not know the place, and this reader is limited to some")
        if self.jurisdictions is not None and location.jurisdiction not in self.jurisdictions:
            raise Problem("other_place", "this reader is limited to other jurisdictions")
        if self.districts is not None and plain_district(location.district) not in self.districts:
            raise Problem("other_place", "this reader is limited to districts, and this is not in one of them")


LOCAL: Final = Reader("local", "local", EVERYTHING)
"""Whoever is on this machine, where no authentication is configured."""


def limited(name: str, means: str, claims: Mapping[str, Any]) -> Reader:
    """A reader as claims describe them: `scope` (one text) or `scopes` (a list), `jurisdictions`, `districts`.

    Raises BadLimits. Districts alone would be those of that name everywhere, so they need jurisdictions.
    """
    jurisdictions, districts = _listed(claims, "jurisdictions"), _listed(claims, "districts")
    if districts is not None and jurisdictions is None:
        raise BadLimits("districts need jurisdictions: one name may be a district of several")
    plain = None if districts is None else frozenset(filter(None, map(plain_district, districts)))
    return Reader(name, means, _scopes(claims), None if jurisdictions is None else frozenset(jurisdictions), plain)


def _scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    given = claims.get("scope")
    listed = given.split() if isinstance(given, str) else _listed(claims, "scope") or _listed(claims, "scopes") or ()
    return frozenset(listed) & EVERYTHING


def _listed(claims: Mapping[str, Any], name: str) -> Collection[str] | None:
    found = claims.get(name)
    if found is None:
        return None
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise BadLimits(f"{name} must be a list of texts")
    return found
