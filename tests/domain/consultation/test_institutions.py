"""The copy of the directory, as the rules of online care ask it."""

from services.consultation.domain.institutions import Directory, Institution

CENTRE = Institution("bj-02-centre", "community_centre", "CN-BJ", "Xicheng", symptoms_accepted=("386661006",))
HOSPITAL = Institution("bj-01-hospital", "hospital", "CN-BJ", "Haidian", children=True)
ELSEWHERE = Institution("sh-01-hospital", "hospital", "CN-SH", "Minhang")
DIRECTORY = Directory((CENTRE, ELSEWHERE, HOSPITAL))


def test_an_institution_is_found_by_its_id() -> None:
    assert DIRECTORY.entry("bj-02-centre") is CENTRE


def test_an_institution_that_the_directory_does_not_list_is_none() -> None:
    assert DIRECTORY.entry("bj-03-closed") is None


def test_the_institutions_of_a_jurisdiction_come_in_the_order_of_their_ids() -> None:
    assert list(DIRECTORY.in_jurisdiction("CN-BJ")) == [HOSPITAL, CENTRE]
    assert list(DIRECTORY.in_jurisdiction("CN-HN")) == []
