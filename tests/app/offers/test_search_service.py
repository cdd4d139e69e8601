"""Searching in the service: the index follows the offers, pages and API answer, nothing private reaches an index."""

import json
from datetime import timedelta
from uuid import UUID

import pytest
from litestar import Litestar

from app.kit.crypto import vault
from app.kit.db import DB
from app.kit.forms import Form
from app.kit.ids import new_id
from app.kit.outbox import Fact, record, run_everything
from app.offers import (
    documents,
    forms_search,
    jobs_search,
    queries_drift,
    queries_saved,
    queries_search,
    queries_unmet,
    service,
    service_fraud,
    service_saved,
)
from app.offers.rules_search import Asked, Season, season_of
from tests.app.needs.drafting import submitted as submitted_need
from tests.support.offers import published
from tests.support.visitor import Visitor
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("db")
GARBAGE = [
    "x" * 10_000,
    "😀🏠" * 50,
    "a\x00b",
    "' OR 1=1 --",
    '" OR visible = false',
    "& | ! <-> :* ( )",
    "\ud83d",
    "%00%ff",
    "租" * 5000,
    "\\",
    "𠮷𠮷𠮷",
]


async def _indexed() -> dict[UUID, int]:
    return {row["id"]: row["version"] for row in await DB.rows("SELECT id, version FROM listing_search")}


async def test_the_index_follows_every_change_in_the_same_transaction(world: World) -> None:
    offer = await published(world)
    assert await _indexed() == await queries_search.public_versions(world.now) != {}
    emp = world.viewer("cit")
    await service.pause(emp, offer, now=world.now)
    assert offer not in await _indexed()
    await service.resume(emp, offer, now=world.now)
    assert await _indexed() == await queries_search.public_versions(world.now)
    await service.withdraw(emp, offer, now=world.now)
    assert offer not in await _indexed()
    assert await queries_drift.drift(world.now) == (0, 0)


async def test_what_is_written_in_a_transaction_that_fails_is_not_in_the_index(world: World) -> None:
    offer = await published(world)

    async def pause_and_fail() -> None:
        async with DB.transaction():
            await service.pause(world.viewer("cit"), offer, now=world.now)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await pause_and_fail()
    assert offer in await _indexed()


async def test_a_complaint_hides_at_once(world: World, app: Litestar) -> None:
    offer = await published(world)
    await service_fraud.report(world.viewer("stu"), offer, "FEE", "要先交钱才能入职", now=world.now)
    state = await DB.value("SELECT state FROM offer WHERE id = $1", offer)
    assert (offer in await _indexed()) == (state == "PUBLISHED")
    async with Visitor(app) as nobody:
        assert (f"/offers/{offer}" in (await nobody.get("/offers")).text) == (state == "PUBLISHED")


async def test_a_stale_hit_is_never_shown(world: World, app: Litestar) -> None:
    offer = await published(world)
    await DB.rows("UPDATE offer SET state = 'SUSPENDED' WHERE id = $1", offer)
    assert offer in await _indexed()
    async with Visitor(app) as nobody:
        page = await nobody.get("/offers?q=新媒体")
        data = (await nobody.get("/api/v1/offers?q=新媒体")).json()
        hints = (await nobody.get("/offers/suggest?q=新媒体")).text
    assert f"/offers/{offer}" not in page.text + hints
    assert data["offers"] == []
    assert data["total"] == 0
    assert (await queries_drift.drift(world.now))[1] == 1


async def test_no_need_no_person_and_no_case_can_reach_an_index(world: World) -> None:
    """Documents are made of offers alone, of columns anybody reads; private words of offers stay out as well."""
    secret = "我想说的是只有老师知道的秘密"
    await submitted_need(world, world.now, text=secret)
    for kind in ("INTERN", "HOUSE", "COUNSEL", "SPONSOR"):
        await published(world, kind)
    assert documents.document.__annotations__["offer"].__name__ == "OfferFacts"
    everything = [one async for one in queries_search.public_documents(world.now)]
    offers = {row["id"] for row in await DB.rows("SELECT id FROM offer WHERE state = 'PUBLISHED'")}
    assert {one.id for one in everything} == offers == set(await _indexed())
    text = json.dumps([str(one) for one in everything], ensure_ascii=False)
    rows = str(await DB.rows("SELECT tsv::text FROM listing_search"))
    for person in world.people.values():
        assert person.name not in text
    for word in (secret, "热心企业", "8号3栋502", "13800000000"):
        assert word not in text
    assert "秘密" not in rows


async def test_the_page_searches_marks_and_says_what_it_shows(world: World, app: Litestar) -> None:
    offer = await published(world)
    await published(world, "HOUSE")
    async with Visitor(app) as nobody:
        found = await nobody.get("/offers?q=實習生&type=INTERN")
        assert f"/offers/{offer}" in found.text
        assert "<mark>" in found.text
        assert "去掉这个条件" in found.text
        maps = (await nobody.get("/offers?view=map")).text
        assert maps.count('class="shade-') == 21
        block = (await nobody.get("/offers?q=实习", headers={"HX-Request": "true"})).text
        assert "<html" not in block
        assert f"/offers/{offer}" in block


@pytest.mark.parametrize("words", GARBAGE)
async def test_garbage_is_answered(world: World, app: Litestar, words: str) -> None:
    assert world.people
    params = {
        "q": words.encode("utf-8", "replace").decode(),
        "city": words[:9].encode("utf-8", "replace").decode(),
        "topics": "x'",
        "page": "-1",
    }
    async with Visitor(app) as nobody:
        for path in ("/offers", "/offers/suggest", "/api/v1/offers/suggest"):
            assert (await nobody.get(path, params=params)).status_code == 200, path
        assert (await nobody.get("/api/v1/offers", params=params)).status_code == 400
        assert (await nobody.get("/api/v1/offers", params={"q": params["q"]})).status_code == 200
        assert (await nobody.get("/offers?near=abc&radius=9&price_min=x&type=HOUSE&fit=1&view=z")).status_code == 200


async def test_the_interface_is_typed_and_documented(world: World, app: Litestar) -> None:
    offer = await published(world, "HOUSE")
    async with Visitor(app) as nobody:
        data = (await nobody.get("/api/v1/offers?type=HOUSE&sort=low&city=440600")).json()
        assert [one["id"] for one in data["offers"]] == [str(offer)]
        assert data["offers"][0]["amount_fen"] == 160_000
        assert data["facets"]["city"] == {"440600": 1}
        wrong = await nobody.get("/api/v1/offers?type=NONSENSE")
        assert wrong.status_code == 400
        assert "没有这种类型" in wrong.json()["sentence"]
        assert (await nobody.get("/api/v1/offers?size=900")).status_code == 400
        schema = (await nobody.get("/api/v1/schema/openapi.json")).json()
        assert set(schema["paths"]) == {"/api/v1/offers", "/api/v1/offers/suggest"}
        names = {one["name"] for one in schema["paths"]["/api/v1/offers"]["get"]["parameters"]}
        assert {"q", "type", "topics", "page", "size"} <= names
        assert "openapi:" in (await nobody.get("/api/v1/schema/openapi.yaml")).text


async def test_a_saved_search_tells_only_of_what_is_new(world: World, app: Litestar) -> None:
    await published(world)
    async with Visitor(app, world["adult"]) as student:
        assert (await student.get("/saved/new?q=新媒体&type=INTERN")).status_code == 200
        kept = await student.post("/saved", {"q": "新媒体", "type": "INTERN", "every": "DAY"})
        assert kept.status_code == 303
        assert "“新媒体” · 实习见习" in (await student.get("/saved")).text
    row = (await DB.rows("SELECT id, asked FROM saved_search"))[0]
    assert "新媒体".encode() not in row["asked"]
    assert "q=" in vault().unseal(row["asked"], queries_saved.place_of(row["id"]))
    fact = Fact(new_id(), "tick.morning", None, {}, world.now)
    later = world.now + timedelta(days=1)
    await jobs_search.saved_searches(fact, later)
    notes = "SELECT text, link FROM notification WHERE template = 'search.new'"
    assert not await DB.rows(notes)
    world.now = later + timedelta(hours=1)
    await published(world, title="又一个新媒体运营岗位")
    await jobs_search.saved_searches(fact, later + timedelta(days=1))
    told = await DB.rows(notes)
    assert [note["text"] for note in told] == ["您关注的内容有更新，请登录查看。"]
    await jobs_search.saved_searches(fact, later + timedelta(days=2))
    assert len(await DB.rows(notes)) == 1
    async with Visitor(app, world["stu"]) as other:
        assert (await other.get(told[0]["link"])).status_code == 404
        assert (await other.post(told[0]["link"] + "/forget")).status_code == 404


async def test_favourites_and_what_was_seen_are_ones_own(world: World, app: Litestar) -> None:
    offer = await published(world)
    async with Visitor(app, world["adult"]) as student:
        await student.get(f"/offers/{offer}")
        await student.post(f"/offers/{offer}/favourite")
        assert (await student.get("/saved")).text.count(f'href="/offers/{offer}"') == 2
        await student.post(f"/offers/{offer}/favourite", {"act": "remove"})
        await student.post("/saved/seen/clear")
        assert f'href="/offers/{offer}"' not in (await student.get("/saved")).text
    async with Visitor(app) as nobody:
        await nobody.get(f"/offers/{offer}")
        assert (await nobody.post(f"/offers/{offer}/favourite")).status_code == 303
    assert await DB.value("SELECT count(*) FROM seen_offer") == 0
    with pytest.raises(Exception, match="没有找到"):
        await service_saved.favour(world.viewer("stu"), new_id(), wanted=True, now=world.now)


async def test_searches_are_counted_without_their_words(world: World, app: Litestar) -> None:
    await published(world)
    async with Visitor(app) as nobody:
        for _ in range(3):
            await nobody.get("/offers?q=秘密的词&type=HOUSE&city=440600")
        await nobody.get("/offers?q=新媒体&type=INTERN&city=440600")
        await nobody.get("/offers?type=HOUSE&city=440300")
    rows = await DB.rows("SELECT * FROM search_count")
    assert "秘密" not in str(rows)
    seen = await queries_unmet.unmet(world.viewer("cit"), now=world.now)
    assert [(line.kind, line.asked, line.without) for line in seen] == [("租房安居", 3, 3), ("实习见习", 1, 0)]
    assert {line.city for line in await queries_unmet.unmet(world.viewer("prv"), now=world.now)} == {"佛山市", "深圳市"}
    async with Visitor(app, world["cit"]) as cadre:
        assert "3/3" in (await cadre.get("/demand")).text


async def test_seasons_come_by_the_calendar_and_can_be_changed(world: World, app: Litestar) -> None:
    async with Visitor(app) as nobody:
        assert "毕业求职季" in (await nobody.get("/")).text
    async with Visitor(app, world["prv"]) as province:
        assert "正在进行" in (await province.get("/seasons")).text
        form = {
            "title": "寒假季",
            "lead": "好好过年",
            "first": "11-1",
            "last": "2-20",
            "kinds": ["STUDY"],
            "active": "yes",
        }
        wrong = await province.post("/seasons/GRAD", {**form, "first": "13-45", "collections": "专题"})
        assert wrong.status_code == 422
        saved = await province.post("/seasons/GRAD", {**form, "collections": "补课 /offers?type=STUDY&q=补课"})
        assert saved.status_code == 303
    async with Visitor(app) as nobody:
        home = (await nobody.get("/")).text
    assert "寒假季" in home
    assert "补课" in home
    over = Season(code="X", title="", lead="", first=1201, last=131, kinds=(), collections=())
    assert season_of((over,), world.now.date().replace(month=12, day=5)) == over
    assert season_of((over,), world.now.date()) is None


def test_an_address_says_everything_and_reads_back() -> None:
    asked = forms_search.read(
        Form(
            {
                "q": ["租房  近地铁"],
                "type": ["HOUSE"],
                "city": ["440100"],
                "house_kind": ["APT"],
                "price_max": ["2000"],
                "near": ["23.12,113.3"],
                "radius": ["5"],
                "sort": ["near"],
                "page": ["2"],
            }
        )
    )
    values: dict[str, list[str]] = {}
    for name, value in asked.pairs(paged=True):
        values.setdefault(name, []).append(value)
    assert forms_search.read(Form(values)) == asked
    assert asked.words == "租房 近地铁"
    assert Asked().href() == "/offers"


async def test_facts_reach_the_copy_only_when_there_is_one(world: World) -> None:
    await published(world)
    await record("offer.changed", new_id(), now=world.now)
    await run_everything(world.now)
    left = await DB.value(
        "SELECT count(*) FROM outbox_delivery WHERE subscriber = $1 AND state <> 'DONE'", "offers.search_copy"
    )
    assert left == 0


async def test_the_first_lexicon_is_built_soon_and_only_when_there_is_something_to_learn(
    world: World, learned: list[str]
) -> None:
    await service_tick(world)
    assert learned == []
    await published(world)
    await service_tick(world)
    assert learned == ["learned"]


async def service_tick(world: World) -> None:
    async with DB.transaction():
        await record("tick.sweep", None, now=world.now)
    await run_everything(world.now)
