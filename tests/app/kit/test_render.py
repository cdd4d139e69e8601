import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError
from litestar.connection import Request
from litestar.response import Response
from litestar.testing import RequestFactory

from app.kit.clock import MovableClock
from app.kit.forms import FormView
from app.kit.pages import leave, patterns
from app.kit.render import (
    FLASH_COOKIE,
    FLASH_MAX_NOTICES,
    NavItem,
    Notice,
    Page,
    Renderer,
    Shell,
    local_path,
    wants_block,
)
from app.kit.web import ErrorPage
from tests.support.plain_assets import PlainAssets

TEMPLATES = Path(__file__).parents[3] / "templates"
NOW = datetime(2026, 11, 23, 10, 5, tzinfo=UTC)
SHELL = Shell(path="/", csrf='a"b')
HTMX = {"HX-Request": "true"}

TINY = """{% extends "frame.html" %}
{% block content %}<p>{{ page.title }} {{ 300000|yuan }} {{ "A"|label("letters") }}</p>{% endblock %}
"""


class BrokenPage(Page, frozen=True, kw_only=True):
    pass


def renderer(templates: Path = TEMPLATES) -> Renderer:
    return Renderer(
        templates, PlainAssets(), clock=MovableClock(NOW), secret_key="s" * 32, labels={"letters": {"A": "甲"}}
    )


@pytest.fixture
def tiny(tmp_path: Path) -> Renderer:
    (tmp_path / "frame.html").write_text("<html>{% block content %}{% endblock %}</html>", encoding="utf-8")
    (tmp_path / "tiny.html").write_text(TINY, encoding="utf-8")
    (tmp_path / "broken.html").write_text("{{ page.missing }}", encoding="utf-8")
    return renderer(tmp_path)


def asked(headers: Mapping[str, str] | None = None, cookie: str = "") -> Request[Any, Any, Any]:
    given = dict(headers or {})
    if cookie:
        given["Cookie"] = f"{FLASH_COOKIE}={cookie}"
    return RequestFactory().get("/", headers=given)


def flash_of(response: Response[bytes]) -> str:
    return next(str(cookie.value or "") for cookie in response.cookies if cookie.key == FLASH_COOKIE)


def text_of(response: Response[bytes]) -> str:
    return response.content.decode()


def test_a_page_is_drawn_whole_and_as_one_block_for_htmx(tiny: Renderer) -> None:
    page = Page(shell=SHELL, title="<小>")
    whole = tiny.render(asked(), "tiny.html", page, block="content")
    part = tiny.render(asked(HTMX), "tiny.html", page, block="content")
    assert text_of(whole) == "<html><p>&lt;小&gt; 3,000 元 甲</p></html>"
    assert text_of(part) == "<p>&lt;小&gt; 3,000 元 甲</p>"
    assert "HX-Request" in whole.headers["Vary"]
    assert whole.media_type == "text/html"


@pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
def test_boosted_links_and_restored_history_get_the_whole_page(tiny: Renderer, header: str) -> None:
    request = asked({**HTMX, header: "true"})
    assert not wants_block(request)
    page = Page(shell=SHELL, title="题")
    assert text_of(tiny.render(request, "tiny.html", page, block="content")).startswith("<html>")


def test_a_template_that_reads_what_its_page_lacks_fails(tiny: Renderer) -> None:
    with pytest.raises(UndefinedError):
        tiny.render(asked(), "broken.html", BrokenPage(shell=SHELL, title="题"))


def test_pages_of_a_person_are_never_stored(tiny: Renderer) -> None:
    mine = Page(shell=Shell(path="/", csrf="", name="示例同学03"), title="题")
    everybodys = Page(shell=SHELL, title="题")
    assert tiny.render(asked(), "tiny.html", mine).headers["Cache-Control"] == "no-store"
    assert tiny.render(asked(), "tiny.html", everybodys).headers["Cache-Control"] == "no-cache"


def test_a_notice_survives_exactly_one_redirect(tiny: Renderer) -> None:
    sent = tiny.redirect(asked(), "/my-help", Notice("success", "已提交。"))
    assert sent.status_code == 303
    assert sent.headers["Location"] == "/my-help"
    next_request = asked(cookie=flash_of(sent))
    notices = tiny.notices(next_request)
    assert notices == (Notice("success", "已提交。"),)
    shown = tiny.render(next_request, "tiny.html", Page(shell=Shell(path="/", csrf="", notices=notices), title="题"))
    assert [cookie.max_age for cookie in shown.cookies if cookie.key == FLASH_COOKIE] == [0]


def test_notices_of_several_redirects_add_up_to_a_limit(tiny: Renderer) -> None:
    cookie = ""
    for number in range(FLASH_MAX_NOTICES + 2):
        cookie = flash_of(tiny.redirect(asked(cookie=cookie), "/", Notice("info", str(number))))
    assert [notice.text for notice in tiny.notices(asked(cookie=cookie))] == ["2", "3", "4"]


@pytest.mark.parametrize("change", [lambda text: "x" + text, lambda _: "", lambda _: "no-dot", lambda _: "eA==.x"])
def test_a_forged_notice_counts_as_none(tiny: Renderer, change: Any) -> None:
    cookie = flash_of(tiny.redirect(asked(), "/", Notice("info", "真的。")))
    assert tiny.notices(asked(cookie=change(cookie))) == ()


def test_a_signed_text_that_holds_no_notices_counts_as_none(tiny: Renderer) -> None:
    assert tiny.notices(asked(cookie=tiny._vault.sign("e30="))) == ()


def test_htmx_is_redirected_as_a_whole_page(tiny: Renderer) -> None:
    sent = tiny.redirect(asked(HTMX), "/my-help")
    assert (sent.status_code or 200, sent.headers["HX-Redirect"]) == (200, "/my-help")


@pytest.mark.parametrize(
    ("path", "kept"),
    [("/a?b=1", True), ("//evil.example", False), ("https://evil.example", False), ("/\\evil", False), ("", False)],
)
def test_redirects_stay_on_this_site(path: str, *, kept: bool) -> None:
    assert local_path(path) == (path if kept else "/")
    assert local_path("/a\nb", "/start") == "/start"


def test_an_icon_is_inline_and_silent() -> None:
    drawing = str(renderer().icon("search", "icon-lg"))
    assert drawing.startswith('<svg class="icon icon-lg" aria-hidden="true" focusable="false"')
    assert drawing.count("class=") == 1


def test_an_unknown_code_shows_itself_and_an_unknown_list_is_a_mistake() -> None:
    assert renderer().label("Z", "letters") == "Z"
    with pytest.raises(KeyError):
        renderer().label("A", "nothing")


def macros() -> Any:
    return renderer().environment.globals["ui"]


def error_page(*, student: bool) -> ErrorPage:
    shell = Shell(
        path="/x",
        csrf='a"b',
        student=student,
        demo=True,
        name="示例同学03",
        nav=(NavItem("首页", "/", "home", current=True),),
        tabs=(NavItem("首页", "/", "home", badge=100),),
        roles=(NavItem("学生", "/account/hat/1", "user"),),
        unread=2,
        notices=(Notice("warning", "请核对。"),),
    )
    return ErrorPage(shell=shell, title="没有找到", sentence="没有这一页。", next_step="请回首页。", status=404)


@pytest.mark.parametrize("template", ["refusal", "403", "404", "500"])
def test_error_pages_say_what_is_next_and_students_see_the_hotlines(template: str) -> None:
    for student in (True, False):
        text = text_of(renderer().render(asked(), f"errors/{template}.html", error_page(student=student)))
        assert "<title>没有找到 · 青桥</title>" in text
        assert "没有这一页。" in text
        assert "请回首页。" in text
        assert 'lang="zh-CN"' in text
        assert "演示数据" in text
        assert "99+" in text
        assert ("data-quick-exit" in text) is student
        assert ("正有危险" in text) is student


def test_no_page_carries_inline_script_or_style() -> None:
    text = text_of(renderer().render(asked(), "errors/404.html", error_page(student=True)))
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))
    assert "allowEval&#34;" in text or '"allowEval":false' in text


def test_illustrations_carry_no_style_and_no_id() -> None:
    for path in (TEMPLATES / "components" / "art").glob("*.svg"):
        drawing = path.read_text(encoding="utf-8")
        assert "style" not in drawing
        assert " id=" not in drawing
        assert 'aria-hidden="true"' in drawing


def test_a_field_ties_its_error_and_hint_to_its_control() -> None:
    ui = macros()
    view = FormView(values_by_name={"t": ("<旧>",)}, errors={"t": "请改一改。"})
    text = str(ui.text_field(view, "t", "标题", hint="一句话。"))
    assert 'for="f-t"' in text
    assert 'aria-describedby="h-t e-t"' in text
    assert 'aria-invalid="true"' in text
    assert "&lt;旧&gt;" in text
    assert "请改一改。" in text
    assert "(选填)" not in text
    assert "选填" in str(ui.text_field(FormView(), "t", "标题", required=False))


def test_a_day_that_no_date_box_can_show_stays_as_typed() -> None:
    ui = macros()
    assert 'type="date"' in str(ui.day_field(FormView.of(d="2026-11-23"), "d", "日期"))
    odd = str(ui.day_field(FormView.of(d="下周一"), "d", "日期"))
    assert 'type="text"' in odd
    assert "下周一" in odd


def test_a_password_is_never_echoed_by_its_field() -> None:
    ui = macros()
    assert "geheim" not in str(ui.password_field(FormView.of(p="geheim"), "p", "密码"))


def test_the_kit_declares_to_whom_its_pages_are_open() -> None:
    assert all("open_to" in handler.opt for handler in (leave, patterns))
