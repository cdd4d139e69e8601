"""Bringing an offer by the form: provider and visit in one go, drafts, sentences beside fields, photos (J03 step 1)."""

import io
import re
from uuid import UUID

import pytest
from litestar import Litestar
from PIL import Image, ImageDraw

from app.kit.db import DB
from app.kit.images import pictures_of
from app.offers import queries
from app.settings import Settings
from tests.support.offers import HOUSE, INTERN, as_lists, published, submitted
from tests.support.visitor import Visitor
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("db")

COMMON = {
    "title": "寒假新媒体运营实习生（八周）",
    "text": "跟着带教老师写稿、剪视频，每周有一次复盘。",
    "region_code": "440604",
    "valid_from": "2026-11-23",
    "valid_to": "2027-01-20",
}
NEW_UNIT = {
    "provider_id": "new",
    "new_name": "（示例）海风科技有限公司",
    "new_uscc": "91440300MA5DTEST0C",
    "new_person": "示例联系人",
    "new_phone": "13800000001",
    "contact_day": "2026-11-20",
    "contact_kind": "VISIT",
    "contact_note": "实地看了工位，和带教老师聊了排班。",
    "contact_minutes": "90",
}


def credit_code() -> str:
    """Return a made-up credit code with a valid check character."""
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = "91440600DEMATEXT9"
    weights = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
    total = sum(letters.index(letter) * weight for letter, weight in zip(body, weights, strict=True))
    return body + letters[(31 - total % 31) % 31]


def form(**changed: str | list[str]) -> dict[str, str | list[str]]:
    return {**COMMON, **INTERN, "intent": "submit", **changed}


def photo(seed: int, format_name: str = "JPEG") -> bytes:
    image = Image.new("RGB", (300, 240), (220, 210, 200))
    pen = ImageDraw.Draw(image)
    for number in range(8):
        x, y = number * 37 * seed % 300, number * 53 * seed % 240
        pen.rectangle((x, y, x + 50, y + 40), fill=(number * 30, seed * 40 % 255, 90))
    out = io.BytesIO()
    image.save(out, format_name)
    return out.getvalue()


async def only_offer() -> UUID:
    found: UUID = await DB.value("SELECT id FROM offer")
    return found


async def test_a_cadre_records_the_visit_creates_the_employer_and_the_offer_in_one_form(
    world: World, app: Litestar
) -> None:
    async with Visitor(app, world["cit"]) as chen:
        assert "发布实习见习" in (await chen.get("/offers/new")).text
        blank = await chen.get("/offers/new/internship")
        assert "统一社会信用代码" in blank.text
        assert "服装费、培训费、管理费都算" in blank.text
        sent = await chen.post("/offers/new/internship", form(**{**NEW_UNIT, "new_uscc": credit_code()}))
        assert sent.status_code == 303, sent.text
        assert "已提交" in (await chen.follow(sent)).text
    offer = await queries.facts(await only_offer())
    assert offer is not None
    assert (offer.state, offer.type, offer.capacity, offer.price_fen) == ("VERIFYING", "INTERN", 8, 300_000)
    assert (offer.provider_name, offer.provider_state) == ("（示例）海风科技有限公司", "APPLIED")
    assert offer.source_appointment == world.viewer("cit").appointment_id
    visits = await DB.rows("SELECT provider, appointment_id, kind, minutes FROM provider_contact")
    assert [tuple(visit.values()) for visit in visits] == [
        (offer.provider_id, world.viewer("cit").appointment_id, "VISIT", 90)
    ]
    history = await DB.rows("SELECT event FROM state_change WHERE object_id = $1 ORDER BY at, id", offer.id)
    assert [row["event"] for row in history] == ["submit", "start_check"]


BROKEN = {
    "nine hours a day": ({"minutes_per_day": "9"}, "minutes_per_day", "8 小时"),
    "a deposit for clothes": ({"text": "上岗前请交服装押金200元，离岗退还。"}, "text", "押金"),
    "a fee": ({"fee_charged": "yes"}, "fee_charged", "费"),
    "only men": ({"text": "岗位较辛苦，仅限男生报名，谢谢理解。"}, "text", "第三十三条"),
    "fifteen years old": ({"min_age": "15"}, "min_age", "16"),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_what_the_law_forbids_is_said_beside_its_field_and_nothing_typed_is_lost(
    world: World, app: Litestar, name: str
) -> None:
    """J03: 9 hours a day or “服装押金200元” block the save, with the legal basis."""
    changed, _field, word = BROKEN[name]
    async with Visitor(app, world["cit"]) as chen:
        sent = await chen.post("/offers/new/internship", form(provider_id=str(world.orgs["emp.provider"]), **changed))
        assert sent.status_code == 422
        assert "field-error" in sent.text
        assert "《" in sent.text
        assert word in sent.text
        assert COMMON["title"] in sent.text
        assert "李主管" in sent.text
        offer_id = await only_offer()
        assert f"/offers/{offer_id}/edit" in sent.text
        again = await chen.get(f"/offers/{offer_id}/edit")
        assert "李主管" in again.text
    offer = await queries.facts(offer_id)
    assert offer is not None
    assert offer.state == "DRAFT"


async def test_a_published_offer_cannot_be_changed_into_something_forbidden(world: World, app: Litestar) -> None:
    offer_id = await published(world)
    before = await queries.facts(offer_id)
    assert before is not None
    same = form(provider_id=str(world.orgs["emp.provider"]), title=before.title, text=before.text)
    async with Visitor(app, world["cit"]) as chen:
        longer = await chen.post(f"/offers/{offer_id}/edit", {**same, "minutes_per_day": "9"})
        assert longer.status_code == 422
        assert "8 小时" in longer.text
        verified_term = await chen.post(f"/offers/{offer_id}/edit", {**same, "pay_fen_month": "2000"})
        assert verified_term.status_code == 422
        assert "“每月报酬”已经核验过" in verified_term.text
        moved = await chen.post(f"/offers/{offer_id}/edit", {**same, "region_code": "440605"})
        assert moved.status_code == 422, moved.headers
        assert "地区和供给单位已经核验过" in moved.text, re.findall("error-summary.*?</section>", moved.text, re.DOTALL)
        luring = await chen.post(
            f"/offers/{offer_id}/edit", {**same, "text": "想了解的同学请加微信 qingqiao666 咨询。"}
        )
        assert luring.status_code == 422
        fine = await chen.post(
            f"/offers/{offer_id}/edit", {**same, "text": "补充：每周三下午有分享会。", "mentor": "王主管"}
        )
        assert fine.status_code == 303, fine.text
    after = await queries.facts(offer_id)
    assert after is not None
    assert (after.state, after.text, after.terms["mentor"]) == ("PUBLISHED", "补充：每周三下午有分享会。", "王主管")
    assert (after.terms["minutes_per_day"], after.terms["pay_fen_month"]) == (480, 300_000)


async def test_a_half_filled_form_is_kept_as_a_draft_and_errors_stand_beside_fields(
    world: World, app: Litestar
) -> None:
    async with Visitor(app, world["hou"]) as owner:
        assert "租房安居" in (await owner.get("/offers/new")).text
        assert (await owner.get("/offers/new/internship")).status_code == 404
        saved = await owner.post(
            "/offers/new/housing", {"intent": "save", "title": "只写了标题", "rent_fen_month": "面议"}
        )
        assert saved.status_code == 303
        page = await owner.follow(saved)
        assert "只写了标题" in page.text
        assert "面议" in page.text
        sent = await owner.post(
            saved.headers["location"], {"intent": "submit", "title": "只写了标题", "rent_fen_month": "面议"}
        )
        assert sent.status_code == 422
        assert "面议" in sent.text
        assert "请填写详细地址" in sent.text
        mine = await owner.get("/my-offers")
        assert "要您处理" in mine.text
        gone = await owner.post(f"/offers/{await only_offer()}/discard")
        assert gone.status_code == 303
        assert "还没有发布过" in (await owner.get("/my-offers")).text


async def test_held_findings_go_to_the_reviewer(world: World, app: Litestar) -> None:
    """J04 step 1: a rent far below the reference and a contact in the text are held, never published by themselves."""
    async with Visitor(app, world["hou"]) as owner:
        cheap = {**COMMON, **HOUSE, "title": "特价单间，先看房", "rent_fen_month": "600", "intent": "submit"}
        sent = await owner.post("/offers/new/housing", {**cheap, "text": "房子很新，想看房请加微信 qingqiao666 联系。"})
        assert sent.status_code == 303, sent.text
        assert "处需要审核员核对" in (await owner.follow(sent)).text
        blocked = await owner.post(
            "/offers/new/housing",
            {**cheap, "title": "另一套特价单间", "text": "房子很新，加微信先付定金锁房，欢迎咨询。"},
        )
        assert blocked.status_code == 422
        assert "先付款后看房" in blocked.text
    (offer,) = (one for one in await queries.mine(world.viewer("hou")) if one.state == "VERIFYING")
    assert {finding["rule"] for finding in offer.findings} >= {"rent_below_60_percent", "contact_in_text"}


async def test_a_wrong_provider_form_says_what_is_missing(world: World, app: Litestar) -> None:
    async with Visitor(app, world["cit"]) as chen:
        sent = await chen.post("/offers/new/internship", form(**{**NEW_UNIT, "new_uscc": "123", "new_phone": ""}))
        assert sent.status_code == 422
        assert "校验位不符" in sent.text
        assert "请填写联系电话" in sent.text
        nobody = await chen.post("/offers/new/internship", form(provider_id=""))
        assert "请选择供给单位" in nobody.text
        foreign = await chen.post("/offers/new/internship", form(provider_id=str(world.orgs["hou.provider"])))
        assert "请选择供给单位" in foreign.text
    assert await DB.value("SELECT count(*) FROM provider WHERE legal_name LIKE '%海风%'") == 0


async def test_photos_are_stored_shown_reordered_and_deleted(world: World, app: Litestar, settings: Settings) -> None:
    async with Visitor(app, world["hou"]) as owner:
        files = [("photos", (f"{seed}.jpg", photo(seed), "image/jpeg")) for seed in (1, 2, 3)]
        saved = await owner.post("/offers/new/housing", {"intent": "save", "title": "有照片的单间"}, files=files)
        assert saved.status_code == 303, saved.text
        offer_id = await only_offer()
        first, second, third = (await pictures_of("offer", [offer_id]))[offer_id]
        address = first.address(320)
        assert address in (await owner.follow(saved)).text
        shown = await owner.get(address)
        assert shown.status_code == 200
        assert shown.headers["content-type"] == "image/webp"
        assert shown.headers["cache-control"].startswith("private")
        order = {f"order-{first.id}": "3", f"order-{second.id}": "2", f"order-{third.id}": "1"}
        await owner.post(
            saved.headers["location"], {"intent": "save", "title": "有照片的单间", **order, "remove": str(second.id)}
        )
        assert [one.id for one in (await pictures_of("offer", [offer_id]))[offer_id]] == [third.id, first.id]
        bad = await owner.post(
            saved.headers["location"],
            {"intent": "save", "title": "有照片的单间"},
            files=[
                ("photos", ("合同.pdf", b"%PDF-1.7", "application/pdf")),
                ("photos", ("x.svg", b"<svg/>", "image/png")),
            ],
        )
        assert bad.status_code == 422
        assert "“合同.pdf”没有保存：这是PDF 文件，不是照片。" in bad.text
        many = [("photos", (f"{seed}.png", photo(seed, "PNG"), "image/png")) for seed in range(4, 12)]
        over = await owner.post(saved.headers["location"], {"intent": "save", "title": "有照片的单间"}, files=many)
        assert "还可以再传 6 张" in over.text
        assert len((await pictures_of("offer", [offer_id]))[offer_id]) == 8
    for key in ("stu", "emp", "cit2"):
        async with Visitor(app, world[key]) as other:
            assert (await other.get(address)).status_code == 404
    assert settings.files.name == "files"


async def test_pictures_are_public_when_the_offer_is(world: World, app: Litestar, settings: Settings) -> None:
    offer_id = await published(world)
    assert settings.files.name
    async with Visitor(app, world["emp"]) as owner:
        await owner.post(
            f"/offers/{offer_id}/edit",
            {"intent": "save"},
            files=[("photos", ("a.jpg", photo(21), "image/jpeg"))],
        )
    address = (await pictures_of("offer", [offer_id]))[offer_id][0].address(960)
    async with Visitor(app) as nobody:
        shown = await nobody.get(address)
        assert shown.status_code == 200
        assert shown.headers["cache-control"].startswith("public")
        assert address.replace("960", "320") in (await nobody.get("/offers")).text
        for wrong in ("999.webp", "960.svg", "960"):
            assert (await nobody.get(address.replace("960.webp", wrong))).status_code == 404
        assert (await nobody.get(f"/files/{offer_id}/960.webp")).status_code == 404
        await DB.rows("UPDATE stored_file SET sha256 = repeat('0', 64)")
        assert (await nobody.get(address)).status_code == 404


async def test_the_same_photo_at_another_provider_is_held(world: World, app: Litestar) -> None:
    offer_id = await published(world)
    files = [("photos", ("a.jpg", photo(5), "image/jpeg"))]
    async with Visitor(app, world["emp"]) as owner:
        await owner.post(f"/offers/{offer_id}/edit", {"intent": "save"}, files=files)
    async with Visitor(app, world["hou"]) as other:
        values = {**COMMON, **HOUSE, "title": "照片眼熟的单间", "intent": "submit"}
        sent = await other.post(
            "/offers/new/housing", values, files=[("photos", ("b.png", photo(5, "PNG"), "image/png"))]
        )
        assert sent.status_code == 303, sent.text
    offer = (await queries.mine(world.viewer("hou")))[0]
    assert "same_photo_elsewhere" in {finding["rule"] for finding in offer.findings}
    async with Visitor(app, world["rev"]) as reviewer:
        assert "照片相同" in (await reviewer.get(f"/review/offers/{offer.id}")).text


async def test_pause_resume_copy_and_withdraw_by_buttons(world: World, app: Litestar) -> None:
    offer_id = await published(world)
    async with Visitor(app, world["emp"]) as owner:
        assert "已暂停" in (await owner.follow(await owner.post(f"/offers/{offer_id}/pause"))).text
        assert "已恢复发布" in (await owner.follow(await owner.post(f"/offers/{offer_id}/resume"))).text
        copied = await owner.post(f"/offers/{offer_id}/copy")
        assert "寒假新媒体运营实习生" in (await owner.follow(copied)).text
        assert "已撤下" in (await owner.follow(await owner.post(f"/offers/{offer_id}/withdraw"))).text
        assert (await owner.post(f"/offers/{offer_id}/pause")).status_code == 409
        assert (await owner.get(f"/offers/{offer_id}/edit")).status_code == 404
    async with Visitor(app, world["hou"]) as other:
        assert (await other.post(f"/offers/{offer_id}/copy")).status_code == 404
        assert (await other.get(f"/offers/{offer_id}/edit")).status_code == 404
    async with Visitor(app, world["stu"]) as student:
        assert (await student.get("/offers/new")).status_code == 403
        assert (await student.get("/my-offers")).status_code == 403


async def test_a_returned_offer_is_filled_with_its_terms_and_can_be_sent_again(world: World, app: Litestar) -> None:
    sent = await submitted(world, minutes_per_day="9")
    assert sent.state == "RETURNED"
    assert any("8 小时" in finding.sentence for finding in sent.findings)
    async with Visitor(app, world["cit"]) as chen:
        page = await chen.get(f"/offers/{sent.offer_id}/edit")
        assert "需要修改的地方" in page.text
        assert 'value="9"' in page.text
        again = await chen.post(
            f"/offers/{sent.offer_id}/edit", form(provider_id=str(world.orgs["emp.provider"]), title=COMMON["title"])
        )
        assert again.status_code == 303, again.text
    offer = await queries.facts(sent.offer_id)
    assert offer is not None
    assert (offer.state, offer.review_round) == ("VERIFYING", 2)
    assert as_lists({"a": "b"}) == {"a": ["b"]}


async def test_a_report_without_a_reason_asks_for_one(world: World, app: Litestar) -> None:
    offer_id = await published(world)
    async with Visitor(app, world["adult"]) as student:
        empty = await student.post(f"/offers/{offer_id}/report", {"text": "感觉不对劲"})
        assert empty.status_code == 422
        assert "请选择发生了什么" in empty.text
        assert "感觉不对劲" in empty.text
    async with Visitor(app) as nobody:
        answer = await nobody.get(f"/offers/{offer_id}/report")
        assert answer.headers["location"].startswith("/sign-in")
