"""J01 in a browser: a girl of sixteen asks on her phone, is helped, and says it is solved; each step has a picture."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import DESKTOP, PHONE, Demo, Seat

pytestmark = pytest.mark.browser
TITLE = "快期末了总睡不好"
TEXT = "快期末了，总睡不好，怕让爸妈失望"
VISIBLE_WITHIN = 2.0
PATIENCE = 20.0


def _sign_in(demo: Demo, seat: Seat, login: str) -> None:
    account = next(row for row in demo.accounts if row["login"] == login)
    seat.page.goto("/sign-in")
    seat.page.fill("input[name=login]", login)
    seat.page.fill("input[name=password]", account["password"])
    seat.page.get_by_role("button", name="登录").click()
    assert urlsplit(seat.page.url).path == "/", seat.page.url


def _next(page: Page) -> None:
    page.get_by_role("button", name="下一步").click()


def _wizard(seat: Seat, name: str) -> None:
    """Fill the first three steps; the fourth is open afterwards."""
    page = seat.page
    page.goto("/needs/new")
    page.get_by_role("link", name="心理").click()
    seat.picture(f"{name}-1-about")
    page.check("input[name=sub][value=PS1]")
    _next(page)
    page.fill("input[name=title]", TITLE)
    page.fill("textarea[name=text]", TEXT)
    seat.picture(f"{name}-2-words")
    _next(page)
    page.select_option("select[name=region_code]", "440606")
    for field, values in {
        "modes": ["ON", "VO"],
        "languages": ["YUE"],
        "gender_pref": ["F"],
        "urgency": ["N"],
        "slots": ["1e", "2e", "7p"],
    }.items():
        page.uncheck(f"input[name={field}]:checked") if page.locator(
            f"input[type=checkbox][name={field}]:checked"
        ).count() else None
        for value in values:
            page.check(f"input[name={field}][value='{value}']")
    seat.picture(f"{name}-3-how")
    _next(page)
    assert urlsplit(page.url).path == "/needs/new/check"
    assert TEXT in page.inner_text("main")


def _until(page: Page, path: str, true: Callable[[Page], bool], what: str) -> float:
    """Reload a page until something is there; returns the seconds it took."""
    began = time.monotonic()
    while True:
        page.goto(path)
        if true(page):
            return time.monotonic() - began
        assert time.monotonic() - began < PATIENCE, f"{what} did not appear: {page.inner_text('main')}"
        page.wait_for_timeout(100)


def _provider_of(demo: Demo, match_id: str) -> dict[str, Any]:
    [row] = demo.sql(
        """
        SELECT m.provider_id, a.login, p.sex, p.name FROM match m
        JOIN appointment h ON h.provider_id = m.provider_id JOIN account a ON a.person = h.person
        JOIN person p ON p.id = h.person WHERE m.id = $1 LIMIT 1
        """,
        match_id,
    )
    return row


def _proposed(page: Page) -> list[str]:
    links = page.locator("#proposals a[href$='/accept']")
    return [str(links.nth(at).get_attribute("href")).split("/")[2] for at in range(links.count())]


def _accept(seat: Seat, match_id: str, picture: str) -> None:
    seat.page.click(f"a[href='/matches/{match_id}/accept']")
    seat.page.check("input[name=agree]")
    seat.picture(picture)
    seat.page.get_by_role("button", name="同意并接受").click()
    assert "正在等对方回复" in seat.page.inner_text("main")


def test_exam_stress_one_decline_then_help(demo: Demo) -> None:
    student = demo.account("STU")
    girl = demo.sql("SELECT p.name, p.sex FROM account a JOIN person p ON p.id = a.person WHERE a.login = $1", student)[
        0
    ]
    assert girl["sex"] == "F"
    with demo.sitting(size=PHONE) as hers, demo.sitting(demo.account("PSY"), DESKTOP) as teacher:
        _sign_in(demo, hers, student)
        _wizard(hers, "j01-phone")
        hers.picture("j01-phone-4-check")
        for box in hers.page.locator("input[name=consents]").all():
            box.check()
        hers.page.get_by_role("button", name="提交求助").dblclick()
        hers.page.wait_for_url("**/needs/sent/*")
        hers.picture("j01-phone-5-sent")
        need_id = urlsplit(hers.page.url).path.rsplit("/", 1)[1]
        made = demo.sql("SELECT id FROM need WHERE title = $1", TITLE)
        assert [str(row["id"]) for row in made] == [need_id], "a double click makes one request"
        home = f"/my-help/{need_id}"
        hers.page.goto(home)

        teacher.page.goto("/review/needs")
        teacher.picture("j01-psy-queue")
        teacher.page.get_by_role("link", name=TITLE).click()
        teacher.picture("j01-psy-review")
        teacher.page.get_by_role("button", name="通过").first.click()
        seconds = _until(hers.page, home, lambda page: bool(_proposed(page)), "a proposal")
        assert seconds < VISIBLE_WITHIN, f"visible after {seconds:.2f} s"
        hers.picture("j01-phone-6-proposals")
        assert {_provider_of(demo, match_id)["sex"] for match_id in _proposed(hers.page)} == {"F"}
        assert "为什么推荐" in hers.page.inner_text("main")

        first = _proposed(hers.page)[0]
        _accept(hers, first, "j01-phone-7-accept")
        refuser = _provider_of(demo, first)
        _decline(demo, refuser["login"], first, str(girl["name"]))

        def another(page: Page) -> bool:
            return any(_provider_of(demo, one)["login"] != refuser["login"] for one in _proposed(page))

        _until(hers.page, home, another, "another proposal")
        hers.picture("j01-phone-8-next")
        second = next(one for one in _proposed(hers.page) if _provider_of(demo, one)["login"] != refuser["login"])
        _accept(hers, second, "j01-phone-9-accept")
        _is_helped(demo, hers, second, home)
        states = demo.sql("SELECT state FROM match WHERE id = ANY($1::uuid[]) ORDER BY created_at", [first, second])
        assert {row["state"] for row in states} == {"P_DECLINED", "COMPLETED"}
        assert not [*hers.problems, *teacher.problems]
    _counts(demo, need_id)


def _decline(demo: Demo, login: str, match_id: str, name: str) -> None:
    with demo.sitting(login, DESKTOP) as provider:
        provider.page.goto("/requests")
        provider.picture("j01-a-requests")
        seen = provider.page.content()
        provider.page.click(f"a[href='/requests/{match_id}/decline']")
        provider.page.check("input[name=code][value=DC01]")
        provider.picture("j01-a-decline")
        provider.page.get_by_role("button", name="确认谢绝").click()
        seen += provider.page.content()
        assert name not in seen, "who declines never sees her name"
        assert not provider.problems


def _is_helped(demo: Demo, hers: Seat, match_id: str, home: str) -> None:
    with demo.sitting(_provider_of(demo, match_id)["login"], PHONE) as provider:
        provider.page.goto("/requests")
        provider.picture("j01-b-requests")
        provider.page.click(f"form[action='/requests/{match_id}/accept'] button")
        _until(hers.page, home, lambda page: page.locator("#confirmed").count() == 1, "the confirmed helper")
        hers.picture("j01-phone-10-confirmed")
        hers.page.get_by_role("link", name="约时间").click()
        hers.page.select_option("select[name=slot]", index=0)
        hers.page.select_option("select[name=mode]", index=0)
        hers.picture("j01-phone-11-book")
        hers.page.get_by_role("button", name="约时间").click()
        assert hers.page.locator("[data-session=BOOKED]").count() == 1, hers.page.inner_text("main")
        demo.sql(
            """UPDATE service_session SET start = now(), "end" = now() + interval '50 minutes' WHERE match_id = $1""",
            match_id,
        )
        demo.sql("UPDATE match SET next_at = now() WHERE id = $1", match_id)
        page = provider.page
        page.goto(f"/matches/{match_id}")
        provider.picture("j01-b-check-in")
        page.get_by_role("button", name="签到").click()
        page.fill("textarea[name=note]", "聊了睡眠和复习安排。")
        page.fill("textarea[name=result]", "一起做了复习计划。")
        page.fill("input[name=minutes]", "50")
        page.check("input[name=risk_after][value=NONE]")
        provider.picture("j01-b-record")
        page.get_by_role("button", name="保存记录").click()
        page.fill("form[action$='/finish'] textarea", "压力小了一些，睡得好一点了。")
        provider.picture("j01-b-finish")
        page.get_by_role("button", name="办结，请同学确认").click()
        assert not provider.problems
    _until(hers.page, home, lambda page: page.locator("input[name=satisfaction]").count() > 0, "the question")
    hers.picture("j01-phone-12-solved")
    hers.page.check("input[name=satisfaction][value='5']")
    hers.page.get_by_role("button", name="已经解决").click()
    hers.page.goto(f"/matches/{match_id}")
    hers.page.check("input[name=score][value='5']")
    hers.picture("j01-phone-13-feedback")
    hers.page.get_by_role("button", name="提交评价").click()
    hers.page.goto(home)
    assert "已解决" in hers.page.inner_text("main")
    hers.picture("j01-phone-14-end")


def _counts(demo: Demo, need_id: str) -> None:
    began = time.monotonic()
    while True:
        rows = demo.sql("SELECT field, state FROM help_record WHERE need_id = $1", need_id)
        if rows == [{"field": "PS", "state": "VERIFIED"}]:
            return
        assert time.monotonic() - began < PATIENCE, rows
        time.sleep(0.2)
