"""Points 4 to 8 and 21 of the contract: browsing, filters, orders, pages and counts, against the slow way."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from search.documents import Document, Point
from search.query import Near, Question, QuestionRefusedError, Range, Sort
from search.synthetic import centre, listings
from tests.support import search_oracle
from tests.support.search_rigs import ENGINES, Rig, rig

OFFERS: tuple[Document, ...] = tuple(listings(160, seed=3))
FACETS = ("kind", "city", "county", "tag", "mode")
NEAR_FIRST_CITY = Near(point=centre(0))
INJECTIONS = (
    '" OR visible = false',
    "' OR 1=1 --",
    'x" OR kind EXISTS OR kind = "x',
    "a\\",
    '\\" OR kind = \\"HOUSE',
    "kind IN [HOUSE]",
    "_geoRadius(0, 0, 1000000)",
    "x\0y\n",
    "值" * 500,
    "",
    "TO",
    "NOT",
)
FILTERS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "a kind": {"any_of": {"kind": ("HOUSE",)}},
    "two kinds": {"any_of": {"kind": ("HOUSE", "INTERN")}},
    "kind and city": {"any_of": {"kind": ("INTERN",), "city": ("440100", "440200")}},
    "a county": {"any_of": {"county": ("440103", "440104")}},
    "one of the tags": {"any_of": {"tag": ("近地铁", "包住")}},
    "all of the tags": {"all_of": {"tag": ("近地铁", "周末")}},
    "none of the tags": {"none_of": {"tag": ("近地铁", "周末"), "kind": ("HOUSE",)}},
    "a facet nobody has": {"any_of": {"nobody": ("x",)}},
    "without a value nobody has": {"none_of": {"nobody": ("x",)}},
    "amount closed": {"amount_fen": Range(low=200_000, high=500_000)},
    "amount open": {"amount_fen": Range(low=200_000, high=500_000, low_in=False, high_in=False)},
    "amount from": {"amount_fen": Range(low=700_000)},
    "amount to": {"amount_fen": Range(high=100_000)},
    "amount to or unknown": {"amount_fen": Range(high=100_000, unknown=True)},
    "amount told": {"amount_fen": Range()},
    "amount empty": {"amount_fen": Range(low=5, high=4)},
    "amount huge": {"amount_fen": Range(low=-(10**14), high=10**14)},
    "since": {"published_since": datetime(2026, 8, 1, tzinfo=UTC)},
    "open on": {"open_on": date(2027, 1, 1)},
    "age": {"age": 17},
    "age out of reach": {"age": 99},
    "within": {"near": Near(point=centre(0), radius_km=25.0)},
    "everything at once": {
        "any_of": {
            "kind": ("HOUSE", "INTERN", "COUNSEL"),
            "city": tuple(f"44{number:02d}00" for number in range(1, 9)),
        },
        "none_of": {"tag": ("夜间",)},
        "amount_fen": Range(low=50_000, unknown=True),
        "age": 18,
        "open_on": date(2026, 9, 1),
    },
}
SORTS: dict[str, dict[str, Any]] = {
    "newest": {"sort": Sort.NEWEST},
    "cheapest": {"sort": Sort.CHEAPEST},
    "dearest": {"sort": Sort.DEAREST},
    "nearest": {"sort": Sort.NEAREST, "near": NEAR_FIRST_CITY},
    "nearest within": {"sort": Sort.NEAREST, "near": Near(point=centre(0), radius_km=60.0)},
}


@pytest_asyncio.fixture(params=ENGINES, scope="module", loop_scope="session")
async def filled(request: pytest.FixtureRequest, server_url: str) -> AsyncIterator[Rig]:
    async with rig(request.param, server_url) as one:
        await one.fill(OFFERS)
        yield one


async def every_page(one: Rig, question: dict[str, Any]) -> list[UUID]:
    found: list[UUID] = []
    for page in range(1, 11):
        answer = await one.ask(**question, page=page, size=100)
        found.extend(answer.ids)
        if len(answer.ids) < 100:
            break
    return found


async def test_without_words_everything_is_found_newest_first(filled: Rig) -> None:
    assert await every_page(filled, {}) == search_oracle.expected(OFFERS, Question())


@pytest.mark.parametrize("name", FILTERS)
async def test_filters_find_what_the_slow_way_finds(filled: Rig, name: str) -> None:
    answer = await filled.ask(**FILTERS[name], size=100)
    wanted = search_oracle.expected(OFFERS, Question(**FILTERS[name]))
    assert list(answer.ids) == wanted[:100]
    assert answer.total == len(wanted)
    assert answer.total_exact


@pytest.mark.parametrize("name", SORTS)
async def test_orders_are_those_of_the_slow_way(filled: Rig, name: str) -> None:
    assert await every_page(filled, SORTS[name]) == search_oracle.expected(OFFERS, Question(**SORTS[name]))


@pytest.mark.parametrize("name", ["cheapest", "nearest"])
async def test_an_order_holds_for_words_as_well(filled: Rig, name: str) -> None:
    found = list((await filled.ask("实习", **SORTS[name], size=100)).ids)
    ordered = [one for one in search_oracle.expected(OFFERS, Question(**SORTS[name])) if one in set(found)]
    assert found == ordered
    assert len(found) > 10


@pytest.mark.parametrize("name", FILTERS)
async def test_counts_are_those_of_the_slow_way(filled: Rig, name: str) -> None:
    answer = await filled.ask(**FILTERS[name], facets=FACETS, size=1)
    assert answer.facets_exact
    for facet in FACETS:
        assert dict(answer.facets[facet]) == search_oracle.counts(OFFERS, Question(**FILTERS[name]), facet), facet


async def test_words_and_filters_are_counted_together(filled: Rig) -> None:
    alone = await filled.ask("实习", facets=("kind", "city"), size=100)
    chosen = await filled.ask("实习", any_of={"city": ("440100",)}, facets=("kind", "city"), size=100)
    assert chosen.facets["city"] == alone.facets["city"], "a facet's own choice does not change its counts"
    assert all(count <= alone.facets["kind"].get(kind, 0) for kind, count in chosen.facets["kind"].items())
    assert chosen.total == alone.facets["city"]["440100"] == sum(chosen.facets["kind"].values())
    assert set(chosen.ids) <= set(await every_page(filled, {"words": "实习"}))


async def test_another_filter_never_raises_a_count(filled: Rig) -> None:
    wide = await filled.ask("租房", facets=FACETS, size=1)
    narrow = await filled.ask("租房", facets=FACETS, size=1, amount_fen=Range(low=100_000))
    for facet in FACETS:
        assert all(count <= wide.facets[facet].get(value, 0) for value, count in narrow.facets[facet].items())


@pytest.mark.parametrize("words", ["", "实习", "租房 广州", "心理"])
async def test_pages_are_disjoint_and_complete(filled: Rig, words: str) -> None:
    whole = (await filled.ask(words, size=100)).ids
    pages = [(await filled.ask(words, page=page, size=7)) for page in range(1, 16)]
    found = [one for page in pages for one in page.ids]
    assert len(found) == len(set(found))
    assert tuple(found[: len(whole)]) == whole
    assert {page.total for page in pages} == {pages[0].total}


async def test_a_page_out_of_reach_is_refused(filled: Rig) -> None:
    assert (await filled.ask(page=50, size=20)).ids == ()
    for page, size in ((51, 20), (0, 20), (1, 0), (1, 1_001), (1_001, 1)):
        with pytest.raises(QuestionRefusedError):
            await filled.ask(page=page, size=size)


async def test_a_radius_includes_its_edge(filled: Rig) -> None:
    here = centre(0)
    placed = [one for one in OFFERS if one.point is not None]
    nearest = min(placed, key=lambda one: search_oracle.metres(here, one.point or here))
    assert nearest.point is not None
    km = search_oracle.metres(here, nearest.point) / 1000
    assert (await filled.ask(near=Near(point=here, radius_km=km * 1.005))).ids == (nearest.id,)
    assert (await filled.ask(near=Near(point=here, radius_km=km * 0.995))).ids == ()
    assert (await filled.ask(near=Near(point=nearest.point, radius_km=0.001))).ids == (nearest.id,)


@pytest.mark.parametrize("point", [Point(0, 179.99), Point(89, 0), Point(91, 0), Point(0, 181)])
async def test_a_place_off_the_map_is_refused(filled: Rig, point: Point) -> None:
    with pytest.raises(QuestionRefusedError):
        await filled.ask(near=Near(point=point, radius_km=50.0))


@pytest.mark.parametrize("text", INJECTIONS)
async def test_a_value_is_never_an_operator(filled: Rig, text: str) -> None:
    for facet in ("kind", "tag", text or "x"):
        assert (await filled.ask(any_of={facet: (text,)})).total == 0
        assert (await filled.ask(none_of={facet: (text,)}, size=1)).total == len(OFFERS)
    found = await filled.ask(any_of={"kind": ("HOUSE", text)}, facets=("kind",), size=100)
    assert found.total == sum(one.kind == "HOUSE" for one in OFFERS)
    assert (await filled.ask(text, size=100, facets=FACETS)).total <= len(OFFERS)


GARBAGE = (
    "！？，。、；：“”",
    "🦊🌉🎓",
    "\0\0\0",
    "\"\"\"'''```",
    "& | ! ( ) <-> :* -a +b",
    "AND OR NOT TO IN",
    "\\\\ \\' %_%",
    "\u202e\u2066\ufeff",
    "a" * 10_000,
    "租" * 10_000,
    "租房 " * 3_000,
    "\ud800",
    "𠮷野家",
    "-租房",
    '"租房',
)


@pytest.mark.parametrize("text", GARBAGE)
async def test_garbage_is_answered(filled: Rig, text: str) -> None:
    for exact in (False, True):
        answer = await filled.ask(text, exact=exact, facets=("kind",))
        assert answer.total >= len(answer.ids)
        assert set(answer.ids) <= {one.id for one in OFFERS}
