"""The grid, one offer, and who may see what (domain 4: age decides whether a kind exists)."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from asyncpg.connection import LoggedQuery
from litestar import Litestar

from app.kit.db import DB
from app.kit.viewer import NOBODY
from app.offers import queries, queries_found
from app.offers.queries import OpenWish
from app.offers.rules_search import Asked
from tests.support.offers import published, submitted
from tests.support.visitor import Visitor
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
async def stock(world: World) -> dict[str, UUID]:
    """One published offer of four kinds."""
    await world.student("li", "示例李响", "school2", birth=date(2011, 3, 1), stage="SV", grade_year=1)
    await world.student("zhao", "示例赵敏", "school2", birth=date(2009, 3, 1), stage="SV", grade_year=2)
    return {kind: await published(world, kind) for kind in ("INTERN", "HOUSE", "COUNSEL", "SPONSOR")}


async def test_under_sixteen_an_internship_does_not_exist(world: World, app: Litestar, stock: dict[str, UUID]) -> None:
    """J03 step 4: 李响, 15, first year: no menu entry, nothing in the list, direct URL 404."""
    async with Visitor(app, world["li"]) as li:
        home, found = await li.get("/"), await li.get("/offers?q=实习")
        assert "实习见习" not in home.text
        assert "寒假新媒体运营实习生" not in home.text
        assert "type=INTERN" not in found.text
        assert "寒假新媒体运营实习生" not in found.text
        assert "寒假新媒体运营实习生" not in (await li.get("/offers?type=INTERN")).text
        assert (await li.get(f"/offers/{stock['INTERN']}")).status_code == 404
        assert (await li.get(f"/offers/{stock['INTERN']}/report")).status_code == 404
        assert (await li.get(f"/offers/{stock['HOUSE']}")).status_code == 404
        assert (await li.get(f"/offers/{stock['COUNSEL']}")).status_code == 200


@pytest.mark.parametrize(
    ("key", "kind", "status"),
    [
        ("zhao", "INTERN", 200),
        ("zhao", "HOUSE", 404),
        ("stu", "INTERN", 200),
        ("child", "INTERN", 404),
        ("child", "SPONSOR", 200),
        ("adult", "INTERN", 200),
        ("adult", "HOUSE", 200),
    ],
)
async def test_the_gates_of_age_and_stage(
    world: World, app: Litestar, stock: dict[str, UUID], key: str, kind: str, status: int
) -> None:
    async with Visitor(app, world[key]) as student:
        assert (await student.get(f"/offers/{stock[kind]}")).status_code == status


async def test_first_year_vocational_students_see_no_internship_at_any_age(
    world: World, app: Litestar, stock: dict[str, UUID]
) -> None:
    await world.student("first", "示例新生", "school2", birth=date(2007, 3, 1), stage="HV", grade_year=1)
    async with Visitor(app, world["first"]) as student:
        assert (await student.get(f"/offers/{stock['INTERN']}")).status_code == 404


async def test_whatever_is_not_published_is_nobodys_but_its_owners(world: World, app: Litestar) -> None:
    offer_id = (await submitted(world)).offer_id
    expected = {"stu": 404, "adult": 404, "cit2": 404, "hou": 404, "cit": 200, "emp": 200, "rev": 200, "rev_c2": 404}
    for key, status in expected.items():
        async with Visitor(app, world[key]) as visitor:
            assert (await visitor.get(f"/offers/{offer_id}")).status_code == status, key
    async with Visitor(app) as nobody:
        assert (await nobody.get(f"/offers/{offer_id}")).status_code == 404
        assert "寒假新媒体" not in (await nobody.get("/offers")).text


async def test_the_page_says_what_was_checked_and_keeps_private_terms(
    world: World, app: Litestar, stock: dict[str, UUID]
) -> None:
    async with Visitor(app) as nobody:
        home = (await nobody.get(f"/offers/{stock['HOUSE']}")).text
        counsel = (await nobody.get(f"/offers/{stock['COUNSEL']}")).text
        sponsor = (await nobody.get(f"/offers/{stock['SPONSOR']}")).text
    assert "已实地查看" in home
    assert "示例路（确认后告诉你门牌）" in home
    assert "8号3栋502" not in home
    assert "13800000000" not in home
    assert f"/needs/new?offer={stock['HOUSE']}" in home
    assert "已核验志愿者" in counsel
    assert "示例志愿者A" not in counsel
    assert "爱心资助方（匿名）" in sponsor
    assert "热心企业" not in sponsor
    async with Visitor(app, world["hou"]) as owner:
        assert "8号3栋502" in (await owner.get(f"/offers/{stock['HOUSE']}")).text


async def test_an_anonymous_sponsor_is_not_found_by_name(stock: dict[str, UUID]) -> None:
    assert stock
    rows = await DB.rows("SELECT search_text FROM offer WHERE type = 'SPONSOR'")
    assert "热心企业" not in rows[0]["search_text"]


async def test_an_open_need_can_be_used_to_apply(world: World, app: Litestar, stock: dict[str, UUID]) -> None:
    need_id = stock["COUNSEL"]

    async def one_wish(person_id: UUID, kind: str, _now: object) -> tuple[OpenWish, ...]:
        mine = person_id == world["adult"].person and kind == "HOUSE"
        return (OpenWish(need_id, "毕业找房"),) if mine else ()

    queries.tells_open_wishes(one_wish)
    try:
        async with Visitor(app, world["adult"]) as student:
            shown = (await student.get(f"/offers/{stock['HOUSE']}")).text
            assert f"/my-help/{need_id}/choose/{stock['HOUSE']}" in shown
            assert "/needs/new?offer=" in (await student.get(f"/offers/{stock['INTERN']}")).text
    finally:
        queries._WISH_TELLERS.remove(one_wish)


async def test_an_offer_for_others_says_so(world: World, app: Litestar) -> None:
    offer_id = await published(world, min_age="18")
    async with Visitor(app, world["stu"]) as student:
        shown = (await student.get(f"/offers/{offer_id}")).text
    assert "面向 18 到 25 周岁，你现在 16 周岁" in shown


CASES = {
    "q=新媒体运营": {"INTERN"},
    "q=100%25": set(),
    "type=HOUSE": {"HOUSE"},
    "type=HOUSE&price_max=1500": set(),
    "type=HOUSE&price_min=1500&price_max=1600": {"HOUSE"},
    "type=COUNSEL&topics=PS7&languages=YUE": {"COUNSEL"},
    "type=COUNSEL&modes=FF": set(),
    "type=INTERN&post_kind=INTERN_ENT": {"INTERN"},
    "type=INTERN&post_kind=INTERN_GOV": set(),
    "city=440600": {"INTERN", "HOUSE", "COUNSEL", "SPONSOR"},
    "city=440600&district=440604": {"INTERN", "HOUSE", "COUNSEL", "SPONSOR"},
    "city=440600&district=440605": set(),
    "city=440300": set(),
    "stage=UG": {"INTERN", "HOUSE", "COUNSEL", "SPONSOR"},
    "type=NONSENSE&page=x&sort=y&topics=Z": {"INTERN", "HOUSE", "COUNSEL", "SPONSOR"},
}


@pytest.mark.parametrize("query", CASES)
async def test_filters(app: Litestar, stock: dict[str, UUID], query: str) -> None:
    async with Visitor(app) as nobody:
        found = await nobody.get(f"/offers?{query}")
    assert found.status_code == 200
    assert {kind for kind, offer_id in stock.items() if f"/offers/{offer_id}" in found.text} == CASES[query]
    if not CASES[query]:
        assert "没有找到合适的" in found.text
        assert "再看看" in found.text or "看" in found.text


async def test_an_empty_result_proposes_the_next_wider_search(app: Litestar, stock: dict[str, UUID]) -> None:
    assert stock
    async with Visitor(app) as nobody:
        narrow = (await nobody.get("/offers?type=HOUSE&city=440600&price_max=100")).text
        district = (await nobody.get("/offers?type=HOUSE&city=440600&district=440605")).text
        city = (await nobody.get("/offers?type=HOUSE&city=440300")).text
        words = (await nobody.get("/offers?q=新媒体 弹钢琴 航海")).text
    assert "不限金额（1 条）" in narrow
    assert "看佛山市全市的（1 条）" in district
    assert "看全省的（1 条）" in city
    assert "有了就告诉我" in words


async def test_only_what_fits_my_age(world: World, stock: dict[str, UUID]) -> None:
    assert stock
    grown = await published(world, min_age="18", title="只招成年人的岗位")
    seen = await queries_found.search(world.viewer("stu"), Asked(fits_me=True), now=world.now)
    assert f"/offers/{grown}" not in {card.href for card in seen.cards}
    everything = await queries_found.search(world.viewer("stu"), Asked(), now=world.now)
    assert f"/offers/{grown}" in {card.href for card in everything.cards}


async def test_orders_counts_and_pages(world: World) -> None:
    ids = [
        await published(
            world, pay_fen_month=str(2000 + 100 * number), days=str(60 - number), title=f"岗位{number:02}号"
        )
        for number in range(14)
    ]
    cheap = await queries_found.search(NOBODY, Asked(kind="INTERN", sort="low"), now=world.now)
    dear = await queries_found.search(NOBODY, Asked(kind="INTERN", sort="high"), now=world.now)
    second = await queries_found.search(NOBODY, Asked(page=2), now=world.now)
    beyond = await queries_found.search(NOBODY, Asked(page=99), now=world.now)
    assert cheap.cards[0].href.endswith(str(ids[0]))
    assert dear.cards[0].href.endswith(str(ids[-1]))
    assert (len(cheap.cards), len(second.cards), cheap.total, cheap.pages) == (12, 2, 14, 2)
    assert len(beyond.cards) == 2
    assert cheap.counts["type"] == {"INTERN": 14}
    assert cheap.counts["city"] == {"440600": 14}
    assert cheap.counts["post_kind"] == {"INTERN_ENT": 14}
    other = await queries_found.search(NOBODY, Asked(kind="HOUSE", city="440300"), now=world.now)
    assert other.counts.get("type", {}) == {}


async def test_the_list_asks_the_same_number_of_questions_for_one_offer_and_for_twelve(
    world: World, app: Litestar
) -> None:
    asked: list[str] = []

    def heard(question: LoggedQuery) -> None:
        asked.append(question.query)

    await published(world)
    async with Visitor(app, world["adult"]) as student:
        await student.get("/offers")
        with DB.here().connection.query_logger(heard):
            await student.get("/offers")
        few = len(asked)
        for number in range(11):
            await published(world, title=f"又一个岗位{number}")
        asked.clear()
        with DB.here().connection.query_logger(heard):
            shown = await student.get("/offers")
    assert shown.text.count('class="offer"') == 12
    assert len(asked) == few
    assert few <= 18


async def test_the_home_page_greets_everybody(world: World, app: Litestar, stock: dict[str, UUID]) -> None:
    assert stock
    async with Visitor(app) as nobody:
        shown = (await nobody.get("/")).text
    for door in ("/needs/new", "/offers", "/join", "/hotlines"):
        assert f'href="{door}"' in shown
    assert "接下来" not in shown
    async with Visitor(app, world["emp"]) as owner:
        mine = (await owner.get("/")).text
    assert "接下来" in mine
    assert "您发布的信息已通过核验" in mine
    assert 'href="/work"' in mine
    async with Visitor(app, world["stu"]) as student:
        assert 'href="/my-help"' in (await student.get("/")).text


async def test_a_deadline_near_is_marked(world: World) -> None:
    await published(world, days="3")
    await published(world, days="0", title="今天截止的岗位")
    cards = (await queries_found.search(NOBODY, Asked(sort="new"), now=world.now)).cards
    assert [card.deadline for card in cards] == ["今天截止", "还剩 3 天"]
    assert (await queries_found.search(NOBODY, Asked(), now=world.now + timedelta(days=4))).total == 0
