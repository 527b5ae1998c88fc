"""What directory states: the entry of an institution, as it now is."""

from collections.abc import Mapping

from msgspec.structs import asdict

from chassis.decide.announcing import Announcer, Statement, Things
from schemas.events.directory import InstitutionDelisted, InstitutionListed
from services.directory.domain.conclude import Conclusions, InstitutionState
from services.directory.domain.entry import Entry, entry
from services.directory.domain.facts import Facts


def _by_institution(stands: Entry | None) -> Mapping[str, Entry]:
    return {"entry": stands} if stands is not None else {}


def _entry(after: InstitutionState, key: str, stands: Entry) -> Statement:
    data = asdict(stands.emitted)
    del data["rank"], data["is_gone"]
    data |= {"institution_id": after.facts.institution_id, "effective_from": stands.since, "version": stands.number}
    return Statement(InstitutionDelisted if stands.is_gone else InstitutionListed, stands.since, data)


announce: Announcer[Facts, Conclusions] = Announcer(
    {"entry": Things(lambda state: entry(state.facts, state.conclusions), _by_institution, _entry)},
)
