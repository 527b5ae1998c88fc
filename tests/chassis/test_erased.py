"""What was erased stays so: whoever is about to judge it waits, and then passes over it."""

import asyncio
from dataclasses import replace

import pytest

from chassis.decide.aggregate import OfPerson
from chassis.store.keeping import persons
from chassis.store.keeping.persons import Person
from tests.chassis.conftest import MakeEngine
from tests.chassis.engine_fixture import record
from tests.chassis.going_back import epochs, publish
from tests.chassis.own_words import Bus
from tests.chassis.toy import PATIENT, reading

KIND = replace(PATIENT, of_person=OfPerson("case"))
HER = Person("p-1", {"case": ["c-1"]})


async def test_a_message_that_waits_for_the_lock_of_what_is_being_erased_is_passed_over(
    make_engine: MakeEngine,
) -> None:
    judging, erasing = await make_engine(KIND), await make_engine(KIND)
    first, second, other = (record(reading(case, at)) for case, at in (("c-1", 0), ("c-1", 1), ("c-2", 1)))
    await judging.take(first)
    async with erasing.connection.transaction():
        erased = await persons.erase(erasing.connection, [KIND], HER, "me", "she asks", even_open=True)
        assert erased.things == 1
        waiting = asyncio.create_task(judging.take(second, other))
        while not await erasing.connection.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"):
            assert not waiting.done()
            await asyncio.sleep(0.01)
    await waiting
    assert await judging.state("c-1") is None
    assert (await judging.state("c-2"))["document"] is not None
    await judging.take(first, second)
    assert await judging.state("c-1") is None
    assert (
        judging.engine.metrics.registry.get_sample_value("afterward_erased_things_met_total", {"service": "treatment"})
        == 3
    )


async def test_a_message_that_was_judged_just_before_is_erased_with_the_rest(make_engine: MakeEngine) -> None:
    """The row of a case that is heard of for the first time is waited for."""
    judging, erasing = await make_engine(KIND), await make_engine(KIND)
    begun = judging.connection.transaction()
    await begun.start()
    await judging.take(record(reading("c-1", 0)))
    async with erasing.connection.transaction():
        task = asyncio.create_task(persons.erase(erasing.connection, [KIND], HER, "me", "she asks", even_open=True))
        while not await judging.connection.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"):
            assert not task.done()
            await asyncio.sleep(0.01)
        await begun.commit()
        assert (await task).things == 1
    assert await erasing.state("c-1") is None


async def test_what_the_bus_has_of_an_erased_person_is_no_sign_that_the_database_has_gone_back(
    make_engine: MakeEngine, dsn: str
) -> None:
    fixture, bus = await make_engine(KIND), Bus()
    await fixture.take(record(reading("c-1", 0)))
    await publish(fixture, bus)
    async with fixture.connection.transaction():
        await persons.erase(fixture.connection, [KIND], HER, "me", "she asks", even_open=True)
    assert await epochs(fixture, dsn, bus).begin() == 0
    await fixture.connection.execute("TRUNCATE erased")
    assert await epochs(fixture, dsn, bus).begin() == 1, "without that memory it is one"
    assert await fixture.connection.fetchval("SELECT count(*) FROM lost_word") > 0


async def test_nothing_is_erased_that_is_open_or_held(make_engine: MakeEngine) -> None:
    fixture = await make_engine(KIND)
    await fixture.take(record(reading("c-1", 0)))
    await fixture.connection.execute("UPDATE state SET blocked = true")
    with pytest.raises(persons.StillOpen):
        await persons.erase(fixture.connection, [KIND], HER, "me", "she asks", even_open=False)
    await persons.hold(fixture.connection, HER, "me", "a court asks")
    with pytest.raises(persons.Held):
        await persons.erase(fixture.connection, [KIND], HER, "me", "she asks", even_open=True)
    with pytest.raises(persons.Held):  # whoever it is said to be
        await persons.erase(fixture.connection, [KIND], HER._replace(ref="p-2"), "me", "she asks", even_open=True)
    assert await persons.release(fixture.connection, "p-1") == ["c-1"]
    assert (await persons.erase(fixture.connection, [KIND], HER, "me", "she asks", even_open=True)).things == 1
