"""The frozen values refuse what cannot be."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from matching.codes import Kind, Mode
from matching.enquiry import enquire
from matching.model import ServiceTerms, Slot, merged
from matching.solvers.queue import propose
from tests.matching.makers import NOW, TODAY, ask, give, terms_of


def test_a_slot_lasts() -> None:
    with pytest.raises(ValueError, match="end after it starts"):
        Slot(5, 5)


def test_a_moment_has_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        propose(ask(), [], today=TODAY, now=NOW.replace(tzinfo=None))
    assert Slot.between(datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 2, tzinfo=UTC)) == Slot(0, 1440)


def test_slots_are_sorted_and_merged_on_the_way_in() -> None:
    mixed = (Slot(30, 40), Slot(0, 10), Slot(5, 20), Slot(6, 7), Slot(40, 50))
    clean = (Slot(0, 20), Slot(30, 50))
    assert merged(mixed) == clean
    assert ask(slots=mixed).slots == clean
    terms = replace(terms_of(Kind.COUNSEL), slots=mixed)
    assert isinstance(terms, ServiceTerms)
    assert terms.slots == clean


def test_an_offer_has_the_terms_of_its_kind_and_possible_counts() -> None:
    with pytest.raises(ValueError, match="has HouseTerms"):
        give(Kind.COUNSEL, terms=terms_of(Kind.HOUSE))
    with pytest.raises(ValueError, match="negative"):
        give(used=-1)
    with pytest.raises(ValueError, match="negative"):
        give(capacity=-1)
    with pytest.raises(ValueError, match="ratings"):
        give(ratings_sum=6, ratings_count=1)
    with pytest.raises(ValueError, match="ratings"):
        give(ratings_sum=1, ratings_count=2)


def test_an_enquiry_knows_who_is_a_minor() -> None:
    ages = (17, 18, None)
    assert [enquire(ask(age=age), today=TODAY, now=NOW).minor for age in ages] == [True, False, None]
    assert ask().category == "PS"
    assert Mode.ON == "ON"
