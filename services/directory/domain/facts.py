"""What has been declared of an institution: each version by the instant from which on it holds."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from chassis.judge import Receipt, place
from schemas.reports.directory import InstitutionDeclared, InstitutionWithdrawn


class Version(Struct, frozen=True, array_like=True):
    """The institution from `effective_from` on; with `is_gone` it is no more, and the rest is empty."""

    effective_from: datetime
    rank: str
    is_gone: bool = False
    name: str = ""
    kind: str = ""
    jurisdiction: str = ""
    district: str = ""
    designated: bool = False
    capabilities: tuple[str, ...] = ()
    online: bool = False
    open_24h: bool = False
    symptoms_accepted: tuple[str, ...] = ()
    children: bool = False

    @property
    def key(self) -> datetime:
        return self.effective_from

    order = key


class Facts(Struct, frozen=True, array_like=True):
    """All that was declared of one institution, in the order in which it begins to hold."""

    institution_id: str = ""
    versions: tuple[Version, ...] = ()


_DECLARED = frozenset(Version.__struct_fields__) & frozenset(InstitutionDeclared.model_fields)


def learn_declared(facts: Facts, report: InstitutionDeclared, receipt: Receipt) -> Facts:
    """A version; of two from the same instant on, the one written down later holds."""
    told = {name: getattr(report, name) for name in _DECLARED}
    return _with(facts, report.institution_id, Version(rank=receipt.rank, **told))


def learn_withdrawn(facts: Facts, report: InstitutionWithdrawn, receipt: Receipt) -> Facts:
    """The institution is no more from an instant on; a later declaration opens it again."""
    return _with(facts, report.institution_id, Version(report.effective_from, receipt.rank, is_gone=True))


def _with(facts: Facts, institution_id: str, version: Version) -> Facts:
    versions = place(facts.versions, version)
    return facts if versions is facts.versions else replace(facts, institution_id=institution_id, versions=versions)
