"""The crisis button and the hotlines, open to everybody; nothing is asked that is not needed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post

from app.kit.forms import Form, FormView
from app.kit.permissions import open_to
from app.kit.render import Page, Renderer, Shell
from app.kit.viewer import Viewer
from app.safety import service
from app.safety.forms import read_call_me

REASON = "help in danger needs no account"


class HelpNowPage(Page, frozen=True, kw_only=True):
    """The page of the crisis button."""

    form: FormView


class CalmPage(Page, frozen=True, kw_only=True):
    """The calm page; `need_id` and `no` are empty when it did not begin with a request."""

    form: FormView
    no: str = ""
    need_id: str = ""
    asked: bool = False
    by_cadre: bool = False


class HotlinesPage(Page, frozen=True, kw_only=True):
    """Numbers, and what each is for."""

    lines: tuple[tuple[str, str, str], ...]


LINES = (
    ("110", "报警", "有人正在伤害你，或者你正要做危险的事。说清楚你在哪里。"),
    ("120", "急救", "受伤、吃了不该吃的药、身体突然很难受。"),
    ("12355", "青少年服务台", "心里难受、家里有事、被欺负、法律问题、不知道找谁，都可以打。广东 24 小时有人接。"),
    ("12356", "心理援助热线", "想找专业的人说说话，随时可以打。"),
    ("12345", "政府服务热线", "生活里的困难、对部门的投诉和建议。"),
    ("12348", "法律援助", "劳动合同、租房、工资、伤害赔偿，免费问律师。"),
    ("12338", "妇女儿童维权", "家庭暴力、性骚扰、婚姻家庭的事。"),
    ("96110", "反诈专线", "有人让你转账、贷款、刷单，先打这个电话问一问。"),
)


@get("/help-now", **open_to(REASON))
async def help_now(request: Request[Any, Any, Any], shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show the crisis button."""
    return pages.render(
        request, "safety/help_now.html", HelpNowPage(shell=shell, title="现在就需要帮助", form=FormView())
    )


@post("/help-now", **open_to(REASON))
async def press(request: Request[Any, Any, Any], viewer: Viewer, pages: Renderer, now: datetime) -> Response[bytes]:
    """Write an alert; every field may be empty, and nothing typed is ever refused."""
    form = Form.from_request_data(await request.form())
    await service.press_button(viewer, form.raw("words")[:1000], read_call_me(form), now=now)
    return pages.redirect(request, "/help-now/sent")


@post("/help-now/call", **open_to(REASON))
async def call_me(request: Request[Any, Any, Any], viewer: Viewer, pages: Renderer, now: datetime) -> Response[bytes]:
    """Note “contact me now”, on the request's alert when the page came from one."""
    form = Form.from_request_data(await request.form())
    await service.ask_for_call(viewer, _need_id(form.raw("need_id")), read_call_me(form), now=now)
    return pages.redirect(request, "/help-now/sent")


def _need_id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


@get("/help-now/sent", **open_to(REASON))
async def sent(request: Request[Any, Any, Any], shell: Shell, pages: Renderer) -> Response[bytes]:
    """Say that somebody is coming."""
    page = CalmPage(shell=shell, title="我们收到了", form=FormView(), asked=True)
    return pages.render(request, "safety/calm.html", page)


@get("/hotlines", **open_to("numbers are for everybody"))
async def hotlines(request: Request[Any, Any, Any], shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show the numbers."""
    return pages.render(
        request, "safety/hotlines.html", HotlinesPage(shell=shell, title="12355 与求助热线", lines=LINES)
    )


ROUTES = (help_now, press, call_me, sent, hotlines)
