"""J06: a boy of thirteen; what is refused, what his mother decides, and the danger at home; over HTTP."""

import re
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from litestar import Litestar

from app.consents.rules import UNDER_14_VERSION
from app.kit.clock import MovableClock
from app.kit.crypto import vault
from app.kit.db import DB
from app.kit.outbox import record, run_everything
from app.matches import queries
from tests.support.matching import counsellor, need_state
from tests.support.offers import TITLES, published
from tests.support.visitor import Visitor
from tests.support.world import World

TODAY = datetime(2027, 1, 15, 2, 0, tzinfo=UTC)
BIRTH = date(2013, 3, 2)
WORDS = "我爸喝醉了就打我"
PASSWORD = "qing-shui-he-bian-2027"
SIGN_UP = {
    "school": "（示例）青桥中学",
    "name": "示例小宇",
    "student_no": "DEMOyu",
    "birth_date": BIRTH.isoformat(),
    "login": "xiaoyu",
    "password": PASSWORD,
    "agree": "yes",
}
MOTHER = {
    "name": "示例吴女士",
    "relation": "MO",
    "phone": "13800000027",
    "login": "wunvshi",
    "password": PASSWORD,
    "agree": "yes",
}
KEPT = ("account", "sign_in_session", "need", "need_draft", "crisis_alert", "consent", "person", "guardian_link")


@pytest.fixture
async def boy(world: World, clock: MovableClock) -> UUID:
    """小宇 stands in the roster of his school and has no account."""
    clock.set(TODAY)
    world.now = TODAY
    person: UUID = (
        await world.student("yu", SIGN_UP["name"], "school", birth=BIRTH, stage="JH", grade_year=1, sex="M")
    ).person
    for table, column, key in (
        ("sign_in_session", "account", world["yu"].account),
        ("account", "id", world["yu"].account),
        ("appointment", "person", person),
    ):
        await DB.rows(f"DELETE FROM {table} WHERE {column} = $1", key)
    return person


async def _counts() -> dict[str, int]:
    return {table: await DB.value(f"SELECT count(*) FROM {table}") for table in KEPT}


async def _paper_code(app: Litestar, world: World, boy: UUID) -> str:
    async with Visitor(app, world["sch"]) as cadre:
        page = await cadre.post(f"/people/{boy}/guardian-code")
    found = re.search(r"<code>([A-Z2-9]{5}-[A-Z2-9]{5})</code>", page.text)
    assert found, page.text[:500]
    return found[1]


async def _night(clock: MovableClock) -> None:
    async with DB.transaction():
        await record("tick.night", None, now=clock.now())
    await run_everything(clock.now())


async def test_without_an_account_help_is_there_and_nothing_is_kept(app: Litestar, world: World, boy: UUID) -> None:
    before = await _counts()
    async with Visitor(app) as nobody:
        for path in ("/", "/hotlines", "/help-now", "/needs/new"):
            page = await nobody.get(path)
            assert page.status_code == 200, path
            assert "12355" in page.text, path
        assert "110" in (await nobody.get("/hotlines")).text
        asked = await nobody.post("/needs/new/about", {"sub": "PS3"})
        assert asked.status_code in {302, 303, 401}
        assert "/sign-in" in asked.headers.get("location", "") + asked.text
        words = await nobody.get("/needs/new/words")
        assert "<textarea" not in words.text
        refused = await nobody.post("/sign-up/student", SIGN_UP)
    assert refused.status_code == 403
    assert "监护人" in refused.text
    assert "没有保存" in refused.text
    for typed in ("name", "student_no", "login", "password"):
        assert SIGN_UP[typed] not in refused.text, typed
    assert await _counts() == before
    assert world["yu"].person == boy


async def test_with_an_old_account_the_form_stops_before_free_text(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    clock.set(TODAY)
    before = await _counts()
    async with Visitor(app, world["child"]) as child:
        for page in (
            await child.get("/needs/new"),
            await child.post("/needs/new/about", {"sub": "PS3"}),
            await child.get("/needs/new/words"),
            await child.post("/needs/new/words", {"title": "和同学处不好", "text": "他们都不理我，我很难过。"}),
        ):
            assert "先请监护人同意" in page.text
            assert "<textarea" not in page.text
            assert "现在就联系我" in page.text
    assert await _counts() == before


async def _mother_agrees(app: Litestar, world: World, boy: UUID) -> None:
    code = await _paper_code(app, world, boy)
    async with Visitor(app) as mother:
        shown = await mother.get(f"/guardian/{code}")
        assert f"规则版本 {UNDER_14_VERSION}" in shown.text
        assert SIGN_UP["name"] not in shown.text, "a found paper does not tell whose it is"
        agreed = await mother.post(f"/guardian/{code}", MOTHER)
        assert agreed.status_code == 303, agreed.text[:800]
        again = await Visitor(app).post(f"/guardian/{code}", MOTHER | {"login": "wunvshi2"})
        assert again.status_code >= 400, "a code works once"


async def _asks(app: Litestar) -> tuple[Visitor, UUID]:
    """He signs up with his mother's consent and goes through the four steps."""
    yu = Visitor(app)
    signed_up = await yu.post("/sign-up/student", SIGN_UP)
    assert signed_up.status_code == 303, signed_up.text[:800]
    await yu.post("/needs/new/about", {"sub": "PS3"})
    await yu.post("/needs/new/words", {"title": "和同学处不好", "text": "换了班以后没有朋友，不知道怎么开口。"})
    how = {"region_code": "440604", "modes": ["ON", "VO"], "languages": ["YUE"], "slots": ["3e", "6a"], "urgency": "N"}
    await yu.post("/needs/new/how", how)
    last = await yu.get("/needs/new/check")
    draft = last.text.partition('name="draft_id" value="')[2].partition('"')[0]
    sent = await yu.post("/needs/new/check", {"draft_id": draft})
    assert sent.status_code == 303, sent.text[:800]
    return yu, UUID(sent.headers["location"].rpartition("/")[2])


async def test_his_mother_agrees_and_the_need_goes_on_with_a_checked_counsellor(
    app: Litestar, world: World, boy: UUID, clock: MovableClock
) -> None:
    await world.volunteer("grown", "示例志愿者只助成人", languages=("YUE", "PTH"), vetting="ACTIVE_ADULT")
    checked = await counsellor(world, "vol", modes="ON")
    unchecked = await counsellor(world, "grown", title="只面向成年人的倾听")
    internship = await published(world, "INTERN", "cit", start="2027-06-01", end="2027-07-26")
    await _mother_agrees(app, world, boy)
    given = await DB.rows("SELECT given_by, purpose, text_version FROM consent WHERE subject_id = $1", boy)
    assert {row["given_by"] for row in given} == {"GUARDIAN"}
    assert {row["purpose"] for row in given} >= {"P01", "P02", "P03"}
    assert all(row["text_version"] for row in given)
    yu, need_id = await _asks(app)
    async with yu, Visitor(app, world["psy"]) as teacher:
        approved = await teacher.post(f"/review/needs/{need_id}/approve", {"hits": "fine"})
        assert approved.status_code == 303
        clock.move(minutes=1)
        await run_everything(clock.now())
        assert await need_state(need_id) == "OPEN"
        proposed = {match.offer_id for match in await queries.of_need(need_id)}
        assert proposed == {checked}, f"{unchecked} is of a volunteer for adults only"
        clock.set(datetime(2027, 3, 1, 18, 10, tzinfo=UTC))
        await _night(clock)
        await _asked_for_his_own(yu, boy, internship)


async def _asked_for_his_own(yu: Visitor, boy: UUID, internship: UUID) -> None:
    """On his fourteenth birthday he is asked once; his mother's consent holds meanwhile; no internships yet."""
    asked = """
        SELECT count(*) FROM notification n JOIN account a ON a.id = n.account_id
        WHERE a.person = $1 AND n.link = '/consents?birthday=14'
    """
    assert await DB.value(asked, boy) == 1
    running_out = await DB.rows("SELECT expires_at FROM consent WHERE subject_id = $1 AND given_by = 'GUARDIAN'", boy)
    assert running_out
    assert all(row["expires_at"] is not None for row in running_out)
    assert (await yu.post("/sign-in", {"login": SIGN_UP["login"], "password": PASSWORD})).status_code == 303
    assert "14 岁" in (await yu.get("/consents?birthday=14")).text
    given = await yu.post("/consents/P02/give")
    assert given.status_code == 303
    own = "SELECT count(*) FROM consent WHERE subject_id = $1 AND given_by = 'SELF' AND purpose = 'P02'"
    assert await DB.value(own, boy) == 1
    state = "SELECT state FROM guardian_link WHERE student_person_id = $1"
    assert await DB.value(state, boy) == "ACTIVE", "his mother's rights go on"
    assert TITLES["INTERN"] not in (await yu.get("/offers")).text
    assert (await yu.get(f"/offers/{internship}")).status_code == 404


async def test_seven_silent_days_leave_nothing(app: Litestar, world: World, boy: UUID, clock: MovableClock) -> None:
    code = await _paper_code(app, world, boy)
    clock.move(days=6)
    await _night(clock)
    assert await DB.value("SELECT count(*) FROM guardian_link WHERE student_person_id = $1", boy) == 1
    clock.move(days=1, minutes=1)
    await _night(clock)
    assert await DB.value("SELECT count(*) FROM guardian_link WHERE student_person_id = $1", boy) == 0
    assert await DB.value("SELECT count(*) FROM one_time_token WHERE purpose = 'GUARDIAN'") == 0
    assert await DB.value("SELECT count(*) FROM account WHERE person = $1", boy) == 0
    async with Visitor(app) as late:
        assert (await late.get(f"/guardian/{code}")).status_code >= 400


async def test_an_unverified_guardian_is_forgotten_after_seven_days(
    app: Litestar, world: World, clock: MovableClock
) -> None:
    clock.set(TODAY)
    async with Visitor(app, world["child"]) as child:
        page = await child.post("/account/guardian-code")
    found = re.search(r"<code>([A-Z2-9]{5}-[A-Z2-9]{5})</code>", page.text)
    assert found
    async with Visitor(app) as somebody:
        assert (await somebody.post(f"/guardian/{found[1]}", MOTHER)).status_code == 303
        clock.move(days=7, minutes=1)
        await _night(clock)
        left = "SELECT count(*) FROM account WHERE login = $1"
        assert await DB.value(left, MOTHER["login"]) == 0
        assert await DB.value("SELECT count(*) FROM person WHERE name = $1", MOTHER["name"]) == 0
        assert await DB.value("SELECT count(*) FROM guardian_link WHERE state = 'ACTIVE'") == 0
        assert (await somebody.get("/account")).status_code in {302, 303, 401}


async def test_a_refusal_is_final_and_nobody_asks_again(
    app: Litestar, world: World, boy: UUID, clock: MovableClock
) -> None:
    code = await _paper_code(app, world, boy)
    async with Visitor(app) as mother:
        said_no = await mother.post(f"/guardian/{code}/refuse")
        assert said_no.status_code == 303
    async with Visitor(app, world["sch"]) as cadre:
        again = await cadre.post(f"/people/{boy}/guardian-code")
    assert again.status_code == 409
    assert "不再重复询问" in again.text
    clock.move(days=8)
    await _night(clock)
    assert await DB.value("SELECT count(*) FROM account WHERE person = $1", boy) == 0
    assert await DB.value("SELECT count(*) FROM consent WHERE subject_id = $1", boy) == 0
    link = await DB.rows("SELECT state, guardian_person_id FROM guardian_link WHERE student_person_id = $1", boy)
    assert [(row["state"], row["guardian_person_id"]) for row in link] == [("REFUSED", None)]
    async with Visitor(app) as yu:
        assert (await yu.post("/sign-up/student", SIGN_UP)).status_code == 403
        assert (await yu.get("/help-now")).status_code == 200


@pytest.mark.parametrize("signed_in", [False, True], ids=["silent mother", "mother agreed"])
async def test_his_words_reach_the_desk_and_never_his_parents(
    app: Litestar, world: World, boy: UUID, *, signed_in: bool
) -> None:
    yu = Visitor(app)
    if signed_in:
        await _mother_agrees(app, world, boy)
        assert (await yu.post("/sign-up/student", SIGN_UP)).status_code == 303
    else:
        await _paper_code(app, world, boy)
    before = await _counts()
    parents = "SELECT count(*) FROM notification n JOIN account a ON a.id = n.account_id WHERE a.login = $1"
    told = await DB.value(parents, MOTHER["login"])
    async with yu:
        assert (await yu.post("/help-now", {"words": WORDS})).status_code in {302, 303}
        assert "我们收到了" in (await yu.get("/help-now/sent")).text
    await run_everything(TODAY + timedelta(minutes=1))
    changed = {table for table, count in (await _counts()).items() if count != before[table]}
    assert changed == {"crisis_alert"}
    [alert] = await DB.rows("SELECT * FROM crisis_alert")
    assert (alert["severity"], alert["source"], alert["guardian_at"]) == ("AB", "BUTTON", None)
    assert vault().unseal(alert["excerpt_sealed"], f"crisis.excerpt:{alert['id']}") == WORDS
    assert alert["student_id"] == (boy if signed_in else None)
    reached = await DB.rows(
        "SELECT a.login FROM notification n JOIN account a ON a.id = n.account_id WHERE n.template = 'crisis.alert'"
    )
    assert {row["login"] for row in reached} >= {"sea@demo.test"}
    assert await DB.value(parents, MOTHER["login"]) == told, "the system tells no parent"
    async with Visitor(app, world["sea"]) as desk:
        await desk.post(f"/crisis/{alert['id']}/acknowledge")
        tried = await desk.post(f"/crisis/{alert['id']}/guardian", {"told": "yes", "reason": ""})
        assert tried.status_code in {403, 409, 422}, "only the supervisor decides where harm at home is suspected"
    assert await DB.value("SELECT guardian_at FROM crisis_alert") is None
