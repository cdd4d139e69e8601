"""Runs with cut lists: as good as with all pairs, split into parts that cover everything, and a bound that holds."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from random import Random
from uuid import UUID

import msgspec
import pytest
from litestar import Litestar

from app.kit.clock import MovableClock
from app.kit.db import DB
from app.matches import rules_runs, service_arrays, service_columns
from app.matches.queries_rulings import Ruling
from app.matches.rules_runs import Figures, Outcome, Proof, added, kept, within
from app.matches.service_arrays import Solved
from app.matches.service_snapshot import Snapshot
from app.needs.queries import NeedFacts
from matching.codes import Kind, Language, Mode, Urgency
from matching.model import Offer, Request, ServiceTerms
from tests.app.matches.test_matches_runs import people, tick_night
from tests.matching.makers import NOW, ask, give, slot
from tests.support.visitor import Visitor
from tests.support.world import World

CITIES = ("440106", "440305", "445102", "440604")
TOPICS = ("PS1", "PS2", "PS3")


def need_id(number: int) -> UUID:
    return UUID(int=(number * 7919) % 100_003 + 1)


def offer_id(number: int) -> UUID:
    return UUID(int=(1 << 64) + (number * 104_729) % 1_000_003)


def facts(number: int, draw: Random) -> NeedFacts:
    """What the service knows of a need, as far as a run reads it."""
    known = {
        "id": need_id(number),
        "region_code": draw.choice(CITIES),
        "urgency": "H" if draw.random() < 0.2 else "N",
        "priority": draw.random() < 0.1,
        "escalation": int(draw.random() < 0.3),
        "version": 1,
    }
    absent = dict.fromkeys(set(NeedFacts.__struct_fields__) - set(known) - {"text"})
    return NeedFacts(**(absent | known))  # type: ignore[arg-type]


def request(need: NeedFacts, draw: Random) -> Request:
    return ask(
        Kind.COUNSEL,
        need_id=str(need.id),
        student_id=f"s{need.id}",
        sub=draw.choice(TOPICS),
        urgency=Urgency(need.urgency),
        region=need.region_code,
        modes=frozenset(draw.sample([Mode.ON, Mode.FF, Mode.VO], draw.randint(1, 2))),
        languages=frozenset(draw.sample([Language.YUE, Language.PTH], 1)),
        slots=tuple(slot(draw.randint(1, 6), draw.randint(8, 20), 2) for _ in range(3)),
    )


def offer(number: int, draw: Random, *, online: bool) -> Offer:
    return give(
        Kind.COUNSEL,
        offer_id=str(offer_id(number)),
        provider_id=str(UUID(int=number + 1)),
        person_ids=frozenset({f"v{number}"}),
        region=draw.choice(CITIES),
        capacity=draw.randint(1, 3),
        terms=ServiceTerms(
            topics=frozenset(draw.sample(TOPICS, draw.randint(1, 2))),
            modes=frozenset({draw.choice((Mode.ON, Mode.FF))} if online else {Mode.FF}),
            languages=frozenset({Language.PTH, draw.choice((Language.YUE, Language.PTH))}),
            slots=tuple(slot(draw.randint(1, 6), draw.randint(8, 20), 3) for _ in range(4)),
            booked_week=draw.choice((0, 0, 0, 3)),
        ),
    )


def taken(seed: int, needs: int, offers: int, *, online: bool = True) -> Snapshot:
    """A kind with more needs than places, some of which may look further afield."""
    draw = Random(seed)
    asked = {one.id: one for one in (facts(number, draw) for number in range(needs))}
    return Snapshot(
        kind="COUNSEL",
        now=NOW,
        needs=asked,
        requests={one.id: request(one, draw) for one in asked.values()},
        facts={},
        offers={offer_id(number): offer(number, draw, online=online) for number in range(offers)},
    )


def ruling(number: int, need: UUID, one: UUID, verdict: str) -> Ruling:
    return Ruling(
        id=UUID(int=number),
        need_id=need,
        offer_id=one,
        verdict=verdict,
        reason="（示例）离家近",
        account_id=UUID(int=1),
        created_by_appointment=None,
        at=datetime(2026, 11, 23, tzinfo=UTC),
        ended_at=None,
        outcome=Outcome(),
    )


def part_of(whole: Snapshot, need_ids: Iterable[UUID], offer_ids: Iterable[UUID]) -> Snapshot:
    """What one component reads of a kind."""
    inside, given = set(need_ids), set(offer_ids)
    return msgspec.structs.replace(
        whole,
        needs={key: one for key, one in whole.needs.items() if key in inside},
        requests={key: one for key, one in whole.requests.items() if key in inside},
        offers={key: one for key, one in whole.offers.items() if key in given},
        rulings=tuple(one for one in whole.rulings if one.need_id in inside),
    )


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a need keep three candidates, and every component be a job."""
    cut_lists(monkeypatch)


def cut_lists(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules_runs, "MOST_ARCS", 1)
    patch.setattr(rules_runs, "LEAST_KEPT", 3)
    patch.setattr(service_arrays, "BUNDLE_NEEDS", 1)


def with_all_pairs(snapshot: Snapshot) -> Solved:
    """Solve with every pair a candidate."""
    found = service_arrays.answer(service_arrays.lay(snapshot, len(snapshot.offers)))
    assert found.figures.all_pairs
    assert found.proof.valid
    return found


def assert_as_good(found: Figures, best: Figures) -> None:
    """Compare with the best answer over all pairs: the tiers are the same, the score lacks no more than is said."""
    assert found.by_tier == best.by_tier
    assert found.gap is not None
    assert found.gap <= 1e-4
    assert 0 <= best.net_score - found.net_score <= (found.score_bound or 0)


def in_parts(snapshot: Snapshot) -> tuple[list[Solved], Figures]:
    """Run a kind as the jobs do: divide, solve each part, add up."""
    parts, between = service_arrays.divide(snapshot)
    needs = [one for inside, _ in parts for one in inside]
    offers = [one for _, given in parts for one in given]
    assert sorted(needs) == sorted(snapshot.requests)
    assert sorted(offers) == sorted(snapshot.offers)
    found = [service_arrays.solved(part_of(snapshot, *part)) for part in parts]
    assert all(one.proof.valid for one in found)
    shares = [between] + [Figures()] * (len(parts) - 1)
    return found, added([within(one.figures, share) for one, share in zip(found, shares, strict=True)])


@pytest.mark.usefixtures("cut")
@pytest.mark.parametrize("seed", range(4))
def test_cut_lists_give_as_good_an_answer_as_all_pairs(seed: int) -> None:
    snapshot = taken(seed, 240, 70)
    best = with_all_pairs(snapshot)
    assert kept(240) == 3
    few = service_arrays.answer(service_arrays.lay(snapshot))
    assert few.figures.by_tier < best.figures.by_tier, "three candidates alone serve fewer"
    found = service_arrays.solved(snapshot)
    assert found.proof.valid
    assert not found.figures.all_pairs
    assert found.figures.pairs < best.figures.pairs
    assert_as_good(found.figures, best.figures)


@pytest.mark.usefixtures("cut")
@pytest.mark.parametrize("seed", range(4))
def test_parts_cover_everything_and_together_are_as_good(seed: int) -> None:
    snapshot = taken(seed, 200, 60, online=False)
    found, whole = in_parts(snapshot)
    assert len(found) > 1
    assert whole.requests == 200
    assert not whole.all_pairs
    assert_as_good(whole, with_all_pairs(snapshot).figures)


@pytest.mark.usefixtures("cut")
@pytest.mark.parametrize("seed", range(3))
def test_rulings_hold_and_cost_the_same(seed: int) -> None:
    plain = taken(seed, 160, 50)
    free = {pair.need_id: pair.offer_id for pair in service_arrays.solved(plain).pairs}
    someone, other, third, *_ = sorted(free)
    eligible = service_arrays.lay(plain, len(plain.offers))
    row = slice(*eligible.indptr[eligible.need_ids.index(third) :][:2].tolist())
    choice = eligible.offer_ids[eligible.offer[row][0]]
    rulings = (
        ruling(1, someone, free[someone], "FORBID"),
        ruling(2, other, free[other], "FORBID"),
        ruling(3, third, choice, "PIN"),
        *(
            ruling(10 + at, someone, one, "FORBID")
            for at, one in enumerate(sorted(plain.offers)[:20])
            if one != free[someone]
        ),
    )
    snapshot = msgspec.structs.replace(plain, rulings=rulings)
    found, best = service_arrays.solved(snapshot), with_all_pairs(snapshot)
    pairs = {pair.need_id: pair.offer_id for pair in found.pairs}
    assert pairs[third] == choice
    for one in rulings:
        assert one.chooses or pairs.get(one.need_id) != one.offer_id
    assert_as_good(found.figures, best.figures)
    assert found.outcomes == best.outcomes
    parts, whole = in_parts(snapshot)
    assert_as_good(whole, best.figures)
    together = {pair.need_id: pair.offer_id for part in parts for pair in part.pairs}
    assert together[third] == choice
    assert all(one.chooses or together.get(one.need_id) != one.offer_id for one in rulings)


@pytest.mark.usefixtures("cut")
def test_what_the_cut_lists_left_apart_is_joined_where_it_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules_runs, "LEAST_KEPT", 1)
    draw = Random(1)
    plain = taken(1, 3, 2)
    requests = {
        one: msgspec.structs.replace(request(plain.needs[one], draw), sub=sub, slots=(slot(1, 12, 3),))
        for one, sub in zip(plain.needs, TOPICS, strict=True)
    }
    offers = {
        offer_id(at): give(
            offer_id=str(offer_id(at)),
            capacity=1 + at,
            terms=ServiceTerms(
                topics=frozenset(TOPICS[at : at + 2]),
                modes=frozenset({Mode.ON, Mode.VO, Mode.FF}),
                languages=frozenset({Language.YUE, Language.PTH}),
                slots=(slot(1, 12, 3 - 2 * at),),
            ),
        )
        for at in (0, 1)
    }
    snapshot = msgspec.structs.replace(plain, requests=requests, offers=offers)
    assert len(service_arrays.components(service_arrays.lay(snapshot))) == 2
    parts, between = service_arrays.divide(snapshot)
    assert [len(needs) for needs, _ in parts] == [3]
    assert between == Figures(), "the only part looks at all pairs itself"
    assert service_arrays.solved(snapshot).figures.matched == 3


@pytest.mark.usefixtures("cut")
@pytest.mark.parametrize(("needs", "offers"), [(60, 120), (200, 60)])
def test_a_run_that_stops_early_claims_no_more_than_it_knows(
    monkeypatch: pytest.MonkeyPatch, needs: int, offers: int
) -> None:
    monkeypatch.setattr(service_columns, "MOST_ROUNDS", 1)
    snapshot = taken(5, needs, offers)
    best = with_all_pairs(snapshot).figures
    found = service_arrays.solved(snapshot)
    assert found.proof.valid, "the best of its candidates"
    if found.figures.by_tier != best.by_tier:
        assert found.figures.gap is None
        assert "不在证明之内" in found.proof.sentence(gap=found.figures.gap)
    else:
        assert found.figures.gap
        assert best.net_score - found.figures.net_score <= (found.figures.score_bound or 0)
        assert "最多还差" in found.proof.sentence(gap=found.figures.gap)


def test_bounds_of_parts_add_up_and_unknown_ones_stay_unknown() -> None:
    sure = Figures(net_score=900, by_tier=(0, 0, 9))
    near = Figures(net_score=100, all_pairs=False, score_bound=1)
    assert sure.gap == 0
    assert added([sure, near]).gap == pytest.approx(0.001)
    assert within(sure, Figures()) == sure
    assert within(sure, near).gap == pytest.approx(1 / 900)
    assert added([within(near, near), sure]).score_bound == 2
    assert within(sure, Figures(all_pairs=False, score_bound=0, tier_bound=1)).gap is None
    old = msgspec.convert(json.loads('{"requests": 2, "all_pairs": false, "net_score": 5}'), Figures)
    assert old.gap is None
    assert added([old, near]).gap is None
    assert msgspec.convert(json.loads('{"requests": 2}'), Figures).gap == 0


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (0.0, "已和全部可行配对比过"),
        (1.2e-5, "最多还差 0.0012%。"),
        (1e-9, "最多还差 0.0001%。"),
        (None, "不在证明之内"),
    ],
)
def test_the_proof_says_how_far_it_goes(gap: float | None, said: str) -> None:
    assert said in Proof().sentence(gap=gap)
    assert "没有通过证明" in Proof(dual_gap=1).sentence(gap=gap)


@pytest.mark.usefixtures("cut")
async def test_the_page_of_a_run_tells_the_bound(
    app: Litestar, world: World, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules_runs, "LEAST_KEPT", 1)
    await people(world, clock, needs=3, volunteers=3)
    await tick_night(clock)
    (run,) = await DB.rows("SELECT id, state, figures FROM match_batch")
    assert run["state"] == "DONE"
    figures = msgspec.convert(json.loads(run["figures"]), Figures)
    assert (figures.all_pairs, figures.matched, figures.gap) == (False, 3, 0.0)
    async with Visitor(app, world["prv"]) as visitor:
        page = (await visitor.get(f"/matching/runs/{run['id']}")).text
        assert "已和全部可行配对比过" in page
        assert "其余符合条件的组合" in page
    await DB.rows("UPDATE match_batch SET figures = jsonb_set(figures, '{score_bound}', '3')")
    async with Visitor(app, world["cit"]) as visitor:
        assert "与全部可行配对相比，合适程度的总分最多还差" in (await visitor.get(f"/matching/runs/{run['id']}")).text
