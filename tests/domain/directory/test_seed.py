"""The seed: invented institutions of three jurisdictions, enough for every rule that asks for one."""

from collections import Counter

import pytest

from afterward.seed import institutions
from schemas.envelope import read, validate
from schemas.reports.directory import InstitutionDeclared
from services.primarycare.domain.institutions import Directory, Institution
from story.people import _DISTRICTS

DECLARED = [validate(InstitutionDeclared, read(report.value).data) for report in institutions()]
JURISDICTIONS = ("CN-SH", "CN-BJ", "SG-01")
KNOWN = Directory(
    Institution(one.institution_id, one.kind, one.jurisdiction, one.district, one.capabilities) for one in DECLARED
)


def test_every_line_declares_another_institution_and_says_that_it_is_invented() -> None:
    assert max(Counter(one.institution_id for one in DECLARED).values()) == 1
    assert {one.jurisdiction for one in DECLARED} == set(JURISDICTIONS)
    assert all("Invented" in one.name or one.kind == "health_commission" for one in DECLARED)


@pytest.mark.parametrize("jurisdiction", JURISDICTIONS)
def test_a_child_on_dialysis_can_be_sent_somewhere_in_each_jurisdiction(jurisdiction: str) -> None:
    able = [one for one in DECLARED if one.jurisdiction == jurisdiction and one.designated]
    assert any({"paediatric", "dialysis", "obstetric"} <= set(one.capabilities) for one in able)


@pytest.mark.parametrize("jurisdiction", JURISDICTIONS)
def test_whoever_is_told_near_home_can_be_escalated_to_both_levels(jurisdiction: str) -> None:
    districts = {
        one.district for one in DECLARED if one.kind == "community_centre" and one.jurisdiction == jurisdiction
    }
    assert len(districts) >= 2
    for district in districts:
        levels = [KNOWN.commission(jurisdiction, district, level) for level in (1, 2)]
        assert None not in levels
        assert len(set(levels)) == 2


def test_the_people_of_the_story_have_a_community_centre_in_their_district() -> None:
    assert all(KNOWN.primary("CN-SH", district) for district in _DISTRICTS)
