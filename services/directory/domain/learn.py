"""What directory learns from each report. Nothing is refused."""

from msgspec.structs import replace

from chassis.decide.judge import Receipt
from chassis.decide.ordered_facts import place
from schemas.reports.directory import InstitutionDeclared, InstitutionWithdrawn
from services.directory.domain.facts import Facts, Version

_DECLARED = frozenset(Version.__struct_fields__) & frozenset(InstitutionDeclared.model_fields)


def learn_declared(facts: Facts, report: InstitutionDeclared, receipt: Receipt) -> Facts:
    """A version; of two from the same instant on, the one written down later holds."""
    given = {name: getattr(report, name) for name in _DECLARED}
    return _with(facts, report.institution_id, Version(rank=receipt.rank, **given))


def learn_withdrawn(facts: Facts, report: InstitutionWithdrawn, receipt: Receipt) -> Facts:
    """The institution is no more from an instant on; a later declaration opens it again."""
    return _with(facts, report.institution_id, Version(report.effective_from, receipt.rank, is_gone=True))


def _with(facts: Facts, institution_id: str, version: Version) -> Facts:
    versions = place(facts.versions, version)
    return facts if versions is facts.versions else replace(facts, institution_id=institution_id, versions=versions)
