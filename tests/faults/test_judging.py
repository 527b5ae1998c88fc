"""The digest and the verdict see what they are there to see: each complaint has a run that deserves it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import ConsumerRecord

from schemas.envelope import encode
from schemas.events.consultation import ConsultationOverdue
from schemas.events.treatment import VitalSignsRecorded
from services.bulletin.domain import day
from services.consultation.domain import consultation
from services.consultation.domain.consultation.visits import Visit
from services.primarycare import domain as primarycare
from services.primarycare.domain.facts import Alert
from services.treatment.domain import Conclusions, Facts
from services.treatment.domain.facts import VitalSigns
from tests.faults.judging.digest import differences, dump
from tests.faults.judging.snapshot import Archived, Held, Snapshot
from tests.faults.judging.verdict import complaints
from tests.journeys.standing import digest

NOON = datetime(2020, 4, 6, 12, tzinfo=UTC)
TOPIC, CASE = "treatment.events.v1", "case-1"
FROM_A_REPORT, FROM_AN_EVENT = "0" * 48, "0" * 16


def measured(number: int, *, hour: int = 0, celsius: float = 36.6) -> Archived:
    event = VitalSignsRecorded(
        case_id=CASE, measured_at=NOON.replace(hour=hour), temperature_c=celsius, temperature_site="oral"
    )
    identity = f"00000000-0000-4000-8000-{number:012d}"
    message = encode(
        event, id=identity, source="/services/treatment", subject=CASE, time=NOON, recordedtime=NOON,
        sequence=number * 1_000,
    )  # fmt: skip
    return Archived(TOPIC, CASE, identity, message)


def run(archive: Sequence[Archived], on_bus: Sequence[Archived] | None = None, **fact: Any) -> Snapshot:
    """A run of one service; the bus has what the archive has unless it is said."""
    reported = {"temperature_c": 36.6, "rank": FROM_A_REPORT, **fact}
    facts = Facts(CASE, vital_signs=(VitalSigns(NOON, **reported),))
    held = Held({"case": {CASE: (facts, Conclusions())}}, [], archive, [], {})
    records: list[ConsumerRecord[bytes, bytes]] = [
        ConsumerRecord(event.topic, 0, offset, 0, 0, event.key.encode(), event.message, None, -1, -1, ())
        for offset, event in enumerate(archive if on_bus is None else on_bus)
    ]
    return Snapshot({"treatment": held}, records)


ONE, TWO, THREE = measured(1, hour=1), measured(2, hour=2), measured(3, hour=3)
TORN = Archived(ONE.topic, ONE.key, ONE.event_id, ONE.message.replace(b"36.6", b"36.7"))


def test_a_run_as_promised_gives_no_cause_for_complaint() -> None:
    assert complaints(run([ONE, TWO, THREE])) == []


def test_what_the_bus_has_twice_is_no_cause_for_complaint() -> None:
    assert complaints(run([ONE, TWO, THREE], [ONE, TWO, ONE, TWO, THREE])) == []


@pytest.mark.parametrize(
    ("left", "complaint"),
    [
        (run([ONE, TWO], [ONE]), "archived, but not on the bus"),
        (run([ONE], [ONE, TWO]), "on the bus, but not archived"),
        (run([ONE], [ONE, TORN]), "one id with two contents"),
        (run([ONE, ONE]), "stated twice under one id"),
        (run([measured(1), measured(2)]), "said twice"),
        (run([ONE, TWO], [TWO, ONE]), "not in the order of the archive"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_each_fault_is_complained_about(left: Snapshot, complaint: str) -> None:
    assert any(complaint in emitted for emitted in complaints(left))


def test_the_digest_is_the_same_for_other_ids_sequences_and_times_of_receipt() -> None:
    one, other = run([measured(1)], rank=FROM_AN_EVENT), run([measured(9)], rank="9" * 16)
    assert digest(dump(one)) == digest(dump(other))


def test_the_digest_differs_when_another_version_holds_whichever_way_it_came() -> None:
    assert digest(dump(run([ONE]))) != digest(dump(run([ONE], rank="9" * 48)))


def test_a_difference_says_where_it_is() -> None:
    [fact, *_] = differences(dump(run([ONE])), dump(run([ONE], temperature_c=41.1)))
    assert fact.path == ("treatment", "case", CASE, "facts", "vital_signs", "0", "temperature_c")
    assert (fact.expected, fact.found) == (36.6, 41.1)


def test_what_a_stranger_holds_is_part_of_the_digest() -> None:
    [difference] = differences(dump(run([ONE])), dump(run([ONE], [TORN])))
    assert difference.path[:2] == ("standing", CASE)


def bulletin_of(confirmed: dict[str, int | None]) -> Snapshot:
    """A run of the bulletin. `confirmed`: key of a day → cases in its bulletin, None where it has none."""
    days = {key: (day.Facts(), day.Conclusions()) for key in confirmed}
    rows = [{"key": key, "confirmed_imported": cases} for key, cases in confirmed.items()]
    return Snapshot({"bulletin": Held({"day": days}, [], [], [], {"bulletin_day": rows})}, [])


def test_a_day_without_a_bulletin_makes_no_difference_and_a_bulletin_that_is_missing_does() -> None:
    expected = dump(bulletin_of({"CN-SH/2020-04-30": 3}))
    assert list(differences(expected, dump(bulletin_of({"CN-SH/2020-04-30": 3, "CN-SH/2020-05-01": None})))) == []
    assert list(differences(expected, dump(bulletin_of({"CN-SH/2020-04-30": None})))) != []
    assert list(differences(expected, dump(bulletin_of({"CN-SH/2020-04-30": 2})))) != []


def test_a_tombstone_of_what_was_stated_for_a_moment_makes_no_difference_and_what_stands_does() -> None:
    def alerted(*stand: bool) -> Snapshot:
        known = tuple(
            Alert(f"a-{number}", FROM_AN_EVENT, stands, 1, NOON, "consultation", "high", 2, (), NOON)
            for number, stands in enumerate(stand)
        )
        document = (primarycare.Facts(alerts=known), primarycare.Conclusions())
        return Snapshot({"primarycare": Held({"case": {CASE: document}}, [], [], [], {})}, [])

    assert list(differences(dump(alerted(True)), dump(alerted(True, False)))) == []
    assert list(differences(dump(alerted(True)), dump(alerted(True, True)))) != []


def asked_online(had_by: str, stood_in: str) -> Snapshot:
    """A run of consultation: a request that nobody answered in time, and who had it then."""
    visit = Visit("z-1", NOON, NOON, FROM_A_REPORT, overdue=True, had_by=had_by)
    document = (consultation.Facts("q-1"), consultation.Conclusions(visits=(visit,), stood_in=stood_in))
    late = ConsultationOverdue(
        consultation_id="q-1", channel_id="z-1", priority="other", answer_by=NOON, expert_ref=had_by
    )
    message = encode(
        late, id=str(uuid4()), source="/services/consultation", subject="q-1", time=NOON, recordedtime=NOON, sequence=1
    )
    record: ConsumerRecord[bytes, bytes] = ConsumerRecord(
        "consultation.events.v1", 0, 0, 0, 0, b"q-1", message, None, -1, -1, ()
    )
    return Snapshot({"consultation": Held({"consultation": {"q-1": document}}, [], [], [], {})}, [record])


def test_who_had_a_request_when_its_time_was_over_makes_no_difference_and_that_it_was_over_does() -> None:
    expected = dump(asked_online("e-1", "z-1"))
    assert list(differences(expected, dump(asked_online("e-2", "z-2")))) == []
    assert "ConsultationOverdue" in str(expected["standing"])
    assert expected["consultation"]["consultation"]["q-1"]["conclusions"]["visits"][0]["overdue"] is True
