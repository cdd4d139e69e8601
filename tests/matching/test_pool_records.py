"""The pool says of every pair what the scalar library says of it."""

from datetime import datetime

import numpy as np
import pytest

from matching.codes import Kind, PartCode
from matching.eligibility import judge, may_exist
from matching.places import covers, nearness
from matching.pool import calendars, refusals
from matching.pool.build import build
from matching.pool.calendars import offer_calendars, overlaps, request_calendars, weeks
from matching.pool.columns import U64, OfferColumns, RequestColumns, offer_columns, request_columns
from matching.pool.desk import Desk, Pool, ground
from matching.pool.parts import measure, points, rounded
from matching.pool.places import MOST_PLACES, chart
from matching.pool.refused import PoolRefused
from matching.pool.words import meet, offer_words, request_words
from matching.reasons import REASONS
from matching.scoring import WEIGHTS, parts
from matching.scoring import points as scalar_points
from tests.matching.makers import POLICY, TODAY, ask, give
from tests.matching.pool_makers import enquiry, plain, pooled, records


def _pairs(pool: Pool, kind: Kind) -> tuple[np.ndarray, np.ndarray]:
    desk = next(desk for desk in pool.desks if desk.kind is kind)
    rows, cols = np.meshgrid(np.arange(len(desk.requests.number)), np.arange(len(desk.offers.number)), indexing="ij")
    return rows.ravel().astype(np.int64), cols.ravel().astype(np.int64)


@pytest.mark.parametrize("widen", [0, 1])
@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_reason_and_part_is_that_of_the_scalar_library(kind: Kind, widen: int, seed: int) -> None:
    asked, given = records(seed, 40, 40, (kind,))
    pool = pooled(asked, given, widen=widen)
    (desk,) = pool.desks
    rows, cols = _pairs(pool, kind)
    bits = refusals.refusals(desk, rows, cols)
    measured = measure(desk, rows, cols)
    exact = points(desk, measured)
    passing = meet(request_words(desk)[rows], offer_words(desk)[cols])
    for at in range(len(rows)):
        mine = enquiry(asked[desk.requests.number[rows[at]]], widen)
        offer = given[desk.offers.number[cols[at]]]
        reasons = judge(mine, offer)
        assert refusals.reasons_of(int(bits[at])) == {reason.code for reason in reasons}
        assert bool(refusals.may_exist(bits)[at]) == may_exist(reasons)
        values = parts(mine, offer)
        assert [None if part < 0 else part for part in measured[at].tolist()] == list(values)
        assert exact[at] == scalar_points(values)
        assert passing[at] or not may_exist(reasons)


def test_the_word_refuses_every_pair_that_its_gates_refuse() -> None:
    in_second_pass = {"RELATED_PERSON", "SAME_PERSON", "BLOCKED_PAIR", "DECLINED_BEFORE", "PROVIDER_EXCLUDED"}
    in_second_pass |= {"ALREADY_PROPOSED", "NO_TIME_OVERLAP", "OUTSIDE_CITY", "NOT_REACHABLE", "OUTSIDE_DISTRICTS"}
    in_second_pass |= {"REGION_UNKNOWN", "OFFER_AGE"}
    for kind in Kind:
        asked, given = records(9, 40, 40, (kind,))
        pool = pooled(asked, given)
        (desk,) = pool.desks
        rows, cols = _pairs(pool, kind)
        bits = refusals.refusals(desk, rows, cols)
        passing = meet(request_words(desk)[rows], offer_words(desk)[cols])
        for at in np.flatnonzero(passing):
            blocking = {code for code in refusals.reasons_of(int(bits[at])) if REASONS[code].blocks}
            young = desk.requests.age[rows[at]] >= 31
            assert {str(code) for code in blocking} <= in_second_pass | ({"AGE_TOO_YOUNG"} if young else set())


def test_scores_are_rounded_to_ten_thousandths_halves_up() -> None:
    assert rounded(np.array([0, 4_999, 5_000, 14_999, 86_700_000, 100_000_000])).tolist() == [0, 0, 1, 1, 8_670, 10_000]


def test_weights_are_data_and_must_be_shares() -> None:
    asked, given = [ask()], [give()]
    equal = dict.fromkeys(PartCode, 14) | {PartCode.TOPIC: 16}
    (desk,) = pooled(asked, given, weights=equal).desks
    one = np.zeros(1, np.int64)
    measured = measure(desk, one, one)
    assert points(desk, measured)[0] == int((measured[0].astype(np.int64) * list(equal.values())).sum())
    for wrong in ({PartCode.TOPIC: 100}, dict.fromkeys(PartCode, 10), {**WEIGHTS, PartCode.TOPIC: -30}):
        with pytest.raises(PoolRefused, match="weights"):
            pooled(asked, given, weights=wrong)


def test_the_order_of_records_does_not_matter() -> None:
    asked, given = records(4, 30, 30)
    one, other = pooled(asked, given), pooled(asked[::-1], given[::-1])
    assert one.request_ids == other.request_ids == tuple(sorted(request.need_id for request in asked))
    for left, right in zip(one.desks, other.desks, strict=True):
        for side in ("requests", "offers"):
            for mine, theirs in zip(getattr(left, side), getattr(right, side), strict=True):
                assert mine.tolist() == theirs.tolist()


def test_wrong_records_are_refused_by_name() -> None:
    for asked, given, field in (
        ([ask(), ask()], [], "need_id"),
        ([], [give(), give()], "offer_id"),
        ([ask(age=-1)], [], "age"),
        ([ask(age=40_000)], [], "age"),
        ([ask(need_id=f"n{at}", sub=f"P{at:03d}") for at in range(65)], [], "sub"),
        ([], [give(offer_id=f"x{at}", region=f"{at:06d}") for at in range(MOST_PLACES + 1)], "region"),
    ):
        with pytest.raises(PoolRefused) as refused:
            pooled(asked, given)
        assert refused.value.field == field
        assert refused.value.sentence
    with pytest.raises(PoolRefused, match="tier: 0 to 7"):
        pooled([ask()], [], tier_of=lambda _: 8)
    with pytest.raises(ValueError, match="time zone"):
        build([], [], today=TODAY, now=datetime(2027, 5, 10))  # noqa: DTZ001 - the refusal of a naive one


def test_wrong_columns_are_refused_by_name() -> None:
    with pytest.raises(PoolRefused, match="colour: no such column"):
        request_columns([0], colour=[1])
    with pytest.raises(PoolRefused, match="age: 1 values expected"):
        request_columns([0], age=[1, 2])
    with pytest.raises(PoolRefused, match="age: values of type int16"):
        request_columns([0], age=[70_000])
    with pytest.raises(PoolRefused, match="quality: values of type int32"):
        offer_columns([0], quality=[0.5])
    with pytest.raises(PoolRefused, match="wanted_ptr: must begin"):
        request_columns([0, 1], wanted_ptr=[0, 2, 1], wanted=[0])
    with pytest.raises(PoolRefused, match="slot_ptr: must begin"):
        request_columns([0], slot_ptr=[1, 1], slot_start=[1], slot_end=[2])


def test_numbers_must_name_everybody_once() -> None:
    (desk,) = pooled([ask()], [give()]).desks
    for requests, offers in ((2, 1), (1, 2), (0, 1)):
        with pytest.raises(PoolRefused, match="must each occur once"):
            Pool(desks=(desk,), places=chart((), POLICY), requests=requests, offers=offers)


def test_a_pool_gives_the_columns_of_an_instance() -> None:
    asked, given = records(5, 20, 20)
    pool = pooled(asked, given)
    free = [max(0, offer.capacity - offer.used) for offer in given]
    assert pool.places_free.tolist() == free
    assert pool.tier.tolist() == [0 if request.urgency == "H" else 1 for request in asked]
    assert pool.kind_of_request.tolist() == [tuple(Kind).index(request.kind) for request in asked]
    assert pool.kind_of_offer.tolist() == [tuple(Kind).index(offer.kind) for offer in given]
    assert [pool.places.codes[at] for at in pool.place_of_offer] == [offer.region for offer in given]
    assert pool.place_of_request.tolist() == [
        -1 if request.region is None else pool.places.codes.index(request.region) for request in asked
    ]
    lam = {Kind.SPONSOR: 1_000, Kind.INTERN: 0, Kind.HOUSE: 0}
    assert pool.lam.tolist() == [lam.get(offer.kind, 2_000) for offer in given]
    assert pooled([], []).desks == ()


def test_places_are_as_near_as_the_scalar_library_says() -> None:
    codes = ("440106", "440103", "440100", "441900", "442000", "440604", "440305", "445102")
    places = chart(codes, POLICY)
    for one, mine in enumerate(places.codes):
        for other, theirs in enumerate(places.codes):
            assert places.near[one, other] == nearness(mine, theirs, POLICY)
            assert places.covers[one, other] == covers(frozenset({mine}), theirs)


def _words(requests: RequestColumns, offers: OfferColumns) -> list[U64]:
    asked, given, _ = weeks(requests, offers)
    return [request_calendars(requests), offer_calendars(offers), asked, given]


def test_uncompiled_calendars_say_the_same() -> None:
    for coarse in (True, False):
        asked, given = records(6, 12, 12, (Kind.COUNSEL,), coarse=coarse)
        (desk,) = pooled(asked, given).desks
        requests, offers = desk.requests, desk.offers
        rows, cols = (axis.ravel() for axis in np.meshgrid(np.arange(12), np.arange(12)))
        compiled = [np.zeros(144, np.int32) for _ in range(2)]
        overlaps(requests, offers, rows, cols, *compiled)
        words = _words(requests, offers)
        with plain(calendars):
            again = [np.zeros(144, np.int32) for _ in range(2)]
            calendars.overlaps(requests, offers, rows, cols, *again)
            for mine, theirs in zip(words, _words(requests, offers), strict=True):
                assert mine.tolist() == theirs.tolist()
        assert np.array_equal(compiled, again)
        longest, week = compiled
        _, _, grid = weeks(requests, offers)
        shared = np.bitwise_count(words[2][rows] & words[3][cols]).sum(axis=1)
        assert (week <= grid * shared.astype(np.int64))[longest >= 0].all()
        assert ((words[0][rows] & words[1][cols]) != 0)[longest > 0].all()


def test_desk_positions_must_point_somewhere() -> None:
    places = chart(("440106",), POLICY)
    made = ground(Kind.COUNSEL, ("PS1",), places, today=TODAY.toordinal())
    with pytest.raises(PoolRefused, match="sub: at most 64"):
        Desk(
            kind=Kind.COUNSEL,
            subs=tuple(f"P{at}" for at in range(65)),
            requests=request_columns([0]),
            offers=offer_columns([]),
            ground=made,
        )
    for change in ({"sub": [1]}, {"place": [1]}, {"stage": [9]}, {"posts": [1]}, {"workplace": [3]}):
        with pytest.raises(PoolRefused):
            Desk(
                kind=Kind.COUNSEL,
                subs=("PS1",),
                requests=request_columns([0], **change),
                offers=offer_columns([]),
                ground=made,
            )
