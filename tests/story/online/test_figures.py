"""The published figures of the channels are true of the reports, whoever counts them."""

from datetime import date

import pytest

from story.online import DAY, Publication, published
from tests.story.online.tally import Story, parse, tally

GREEN, CHILDRENS = "zj-green-channel", "hn-childrens-channel"


def _assert_published(story: Story) -> None:
    for figure in published():
        found = tally(story, figure.channel_id, figure.day)[figure.figure]
        assert figure.least <= found <= figure.most, figure


def test_the_published_figures_are_read_from_the_data() -> None:
    assert [(figure.channel_id, figure.figure, figure.least) for figure in published()] == [
        (GREEN, "experts", 72),
        (GREEN, "consultations", 8401),
        (CHILDRENS, "people", 290),
    ]
    assert {figure.day for figure in published()} == {DAY} == {date(2022, 12, 25)}


def test_the_figures_of_25_december_hold(story: Story) -> None:
    _assert_published(story)


@pytest.mark.parametrize("channel", [GREEN, CHILDRENS])
def test_fewer_people_than_consultations_for_some_consult_twice(story: Story, channel: str) -> None:
    counted = tally(story, channel, DAY)
    assert 0.9 < counted["people"] / counted["consultations"] < 0.98


def test_the_channels_figures_grow_from_the_days_on_which_they_opened(story: Story) -> None:
    assert tally(story, GREEN, date(2022, 12, 8))["consultations"] == 0
    assert tally(story, CHILDRENS, date(2022, 12, 12))["consultations"] == 0
    assert 50 < tally(story, GREEN, date(2022, 12, 9))["consultations"] < 200
    assert 5 < tally(story, CHILDRENS, date(2022, 12, 13))["consultations"] < 30


def test_nothing_is_held_after_25_december(story: Story) -> None:
    assert tally(story, GREEN, date(2022, 12, 31)) == tally(story, GREEN, DAY)


@pytest.mark.thorough
def test_the_figures_hold_for_another_seed(of_another_seed: list[Publication]) -> None:
    _assert_published(parse(publication.value for publication in of_another_seed))
