"""The wizard under clumsy hands: without JavaScript, with the back button, with nonsense; and the ways out."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import DESKTOP, PHONE, Demo

pytestmark = pytest.mark.browser
TITLE = "想找人说说复习的事"
TEXT = "不知道从哪里开始复习，想听听学长学姐的经验。"


def _other_student(demo: Demo) -> str:
    """A student of the home school who is fourteen or more and is not the one of the journey."""
    [row] = demo.sql(
        """
        SELECT a.login FROM account a JOIN person p ON p.id = a.person
        JOIN student_profile s ON s.person = p.id JOIN appointment h ON h.person = p.id
        WHERE s.school_id = (SELECT school_id FROM student_profile x JOIN account b ON b.person = x.person
                             WHERE b.login = $1)
          AND a.login <> $1 AND p.birth_date < now() - interval '15 years'
        GROUP BY a.login HAVING count(*) = 1 ORDER BY a.login LIMIT 1
        """,
        demo.account("STU"),
    )
    return str(row["login"])


def _fill(page: Page) -> None:
    page.goto("/needs/new?category=ED")
    page.check("input[name=sub] >> nth=0")
    page.get_by_role("button", name="下一步").click()
    page.fill("input[name=title]", TITLE)
    page.fill("textarea[name=text]", TEXT)
    page.get_by_role("button", name="下一步").click()
    page.select_option("select[name=region_code]", "440604")
    page.check("input[name=urgency][value=N]")


def _path(page: Page) -> str:
    return urlsplit(page.url).path


def test_without_javascript_a_request_is_sent_once(demo: Demo) -> None:
    with demo.sitting(_other_student(demo), PHONE, javascript=False) as seat:
        page = seat.page
        _fill(page)
        page.get_by_role("button", name="下一步").click()
        assert _path(page) == "/needs/new/check"
        seat.picture("wizard-without-javascript")
        for box in page.locator("input[name=consents]").all():
            box.check()
        page.get_by_role("button", name="提交求助").click()
        assert _path(page).startswith("/needs/sent/"), page.inner_text("main")
        page.goto("/needs/new/check")
        assert _path(page) == "/needs/new", "what was sent cannot be sent again from the page before"
    assert len(demo.sql("SELECT id FROM need WHERE title = $1", TITLE)) == 1


def test_going_back_loses_nothing(demo: Demo) -> None:
    with demo.sitting(_other_student(demo), PHONE) as seat:
        page = seat.page
        _fill(page)
        page.get_by_role("button", name="上一步").click()
        assert page.input_value("input[name=title]") == TITLE
        assert page.input_value("textarea[name=text]") == TEXT
        page.fill("textarea[name=text]", TEXT + "周末有空。")
        page.get_by_role("button", name="上一步").click()
        assert page.locator("input[name=sub]:checked").count() == 1
        page.get_by_role("button", name="下一步").click()
        assert page.input_value("textarea[name=text]") == TEXT + "周末有空。"
        page.get_by_role("button", name="下一步").click()
        assert page.input_value("select[name=region_code]") == "440604", "what step 3 had is still there"
        page.go_back()
        assert page.input_value("input[name=title]") == TITLE
        page.go_forward()
        assert page.input_value("select[name=region_code]") == "440604"
        page.goto("/needs/new")
        assert "接着写" in page.inner_text("main")
        assert not seat.problems


def test_nonsense_is_answered_beside_the_field(demo: Demo) -> None:
    with demo.sitting(_other_student(demo), PHONE) as seat:
        page = seat.page
        page.goto("/needs/new?category=ED")
        page.check("input[name=sub] >> nth=0")
        page.get_by_role("button", name="下一步").click()
        page.fill("input[name=title]", " ")
        page.fill("textarea[name=text]", "？")
        page.get_by_role("button", name="下一步").click()
        for name in ("title", "text"):
            said = page.inner_text(f"#e-{name}")
            assert said.endswith("。"), said
            assert page.get_attribute(f"#f-{name}", "aria-describedby") is not None
        assert page.input_value("textarea[name=text]") == "？", "what was typed stays"
        assert page.evaluate("document.activeElement.id") == "error-summary"
        seat.picture("wizard-nonsense")
        page.fill("input[name=title]", TITLE)
        page.fill("textarea[name=text]", "我叫示例同学，电话 13800138000，想找人辅导。")
        page.get_by_role("button", name="下一步").click()
        assert "要不要换一种写法" in page.inner_text("main")
        seat.picture("wizard-private")
        # A page that answers 422 is told by the browser as a failed load; nothing else may go wrong.
        assert not [one for one in seat.problems if "422" not in one]


@pytest.mark.parametrize("way", ["button", "escape"])
def test_quick_exit_leaves_at_once_and_does_not_come_back(demo: Demo, way: str) -> None:
    with demo.sitting(_other_student(demo), PHONE) as seat:
        page = seat.page
        page.route("**://www.baidu.com/**", lambda route: route.fulfill(body="<title>elsewhere</title>"))
        page.goto("/needs/new")
        page.goto("/my-help")
        if way == "button":
            page.get_by_role("link", name="快速离开").click()
        else:
            page.keyboard.press("Escape")
            page.keyboard.press("Escape")
        page.wait_for_url("https://www.baidu.com/**")
        assert page.title() == "elsewhere"
        page.go_back()
        assert _path(page) != "/my-help", "the page one left is gone from the history"


def test_quick_exit_works_without_javascript(demo: Demo) -> None:
    with demo.sitting(_other_student(demo), PHONE, javascript=False) as seat:
        seat.page.route("**://www.baidu.com/**", lambda route: route.fulfill(body="<title>elsewhere</title>"))
        seat.page.goto("/my-help")
        seat.page.get_by_role("link", name="快速离开").click()
        assert "127.0.0.1" not in seat.page.url or _path(seat.page) == "/-/leave", seat.page.url


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["390", "1280"])
def test_hotlines_stand_on_every_student_page(demo: Demo, size: dict[str, int]) -> None:
    with demo.sitting(demo.account("STU"), size) as seat:
        for path in ("/", "/offers", "/needs/new", "/my-help", "/account", "/notifications", "/hotlines"):
            seat.page.goto(path)
            strip = seat.page.locator(".help-strip")
            for number in ("110", "120", "12355", "12356"):
                assert strip.locator(f"a[href='tel:{number}']").is_visible(), (path, number)
            assert strip.get_by_role("link", name="快速离开").is_visible(), path
            seat.page.mouse.wheel(0, 2000)
            assert strip.is_visible(), path


def test_the_keyboard_reaches_the_content_first_and_sees_where_it_is(demo: Demo) -> None:
    with demo.sitting(demo.account("STU"), DESKTOP) as seat:
        page = seat.page
        page.goto("/my-help")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip-link"
        assert page.locator(".skip-link").bounding_box()["y"] >= 0  # type: ignore[index]  # it is on the page
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"
        page.keyboard.press("Tab")
        assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"
