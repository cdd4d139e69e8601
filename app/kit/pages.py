"""Pages that belong to no capability: the pattern page and the neutral page of the quick exit."""

from datetime import timedelta
from typing import Any, Final

from litestar import Request, get
from litestar.response import Response
from litestar.types import ControllerRouterHandler

from app.kit.clock import Clock
from app.kit.forms import Form, FormView
from app.kit.parts import OfferCard, Pager, ScorePart, TimelineStep, WizardStep
from app.kit.render import NavItem, Page, Renderer, Shell

NEUTRAL_ADDRESS: Final = "https://www.baidu.com/"
"""Where the quick exit leads: a page that anybody might have open."""

SUBJECTS: Final = {"SCHOOL": "学业", "FAMILY": "家庭", "FRIENDS": "同学和朋友", "SELF": "自己"}
MODES: Final = (
    ("ON", "线上文字", "不用开口，慢慢打字也可以", "message-circle"),
    ("VO", "语音", "像打电话一样，不露面", "phone"),
    ("VI", "视频", "能看见对方", "video"),
    ("FF", "面谈", "在学校或青少年服务台见面", "users"),
)


class LeavePage(Page, frozen=True, kw_only=True):
    """A page that says nothing about where one was."""

    address: str


class PatternPage(Page, frozen=True, kw_only=True):
    """Every shared component with plain sample values."""

    blank: FormView
    wrong: FormView
    subjects: dict[str, str]
    modes: tuple[tuple[str, str, str, str], ...]
    offers: tuple[OfferCard, ...]
    tabs: tuple[NavItem, ...]
    steps: tuple[WizardStep, ...]
    timeline: tuple[TimelineStep, ...]
    parts: tuple[ScorePart, ...]
    pager: Pager


@get(
    "/-/leave",
    opt={"open_to": "Whoever has to leave in a hurry."},
    sync_to_thread=False,
    name="leave",
)
def leave(request: Request[Any, Any, Any], pages: Renderer, shell: Shell) -> Response[bytes]:
    """Show the neutral page; it goes on by itself, and nothing of this site stays in its history entry."""
    page = LeavePage(shell=shell, title="百度一下", address=NEUTRAL_ADDRESS)
    response = pages.render(request, "leave.html", page)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


@get(
    "/-/patterns",
    opt={"open_to": "Everybody: sample values only."},
    sync_to_thread=False,
    name="patterns",
)
def patterns(request: Request[Any, Any, Any], pages: Renderer, shell: Shell) -> Response[bytes]:
    """Show every component on one page."""
    return pages.render(request, "patterns.html", _sample_page(shell, request.app.state.clock))


def _sample_page(shell: Shell, clock: Clock) -> PatternPage:
    now = clock.now()
    return PatternPage(
        shell=shell,
        title="组件一览",
        blank=FormView(),
        wrong=_sample_errors(),
        subjects=SUBJECTS,
        modes=MODES,
        offers=_sample_offers(),
        tabs=(
            NavItem("全部", "#tabs", "list", current=True),
            NavItem("待审核", "#tabs", "clock", badge=3),
            NavItem("已办结", "#tabs", "check"),
        ),
        steps=(
            WizardStep("遇到了什么", "done", "#steps"),
            WizardStep("希望怎样帮", "now"),
            WizardStep("时间地点", "next"),
            WizardStep("看一遍再提交", "next"),
        ),
        timeline=(
            TimelineStep(title="你提交了求助", state="done", at=now - timedelta(days=2)),
            TimelineStep(
                title="学校团委看过了", state="done", at=now - timedelta(days=1), text="已隐去姓名，可以开始匹配。"
            ),
            TimelineStep(title="正在等对方回复", state="now", at=now, text="找到 3 位合适的志愿者，一般一天内有回音。"),
            TimelineStep(title="约定时间，开始帮助", state="next"),
        ),
        parts=(
            ScorePart(label="内容对口", verdict="fits", points=35, most=35, why="擅长考试减压，正是你写的事。"),
            ScorePart(label="时间合适", verdict="conflict", points=4, most=20, why="对方周末没有空，你只选了周末。"),
            ScorePart(label="距离", verdict="unknown", points=7.5, most=15, why="你还没有填写大概的位置。"),
        ),
        pager=Pager(number=2, pages=5, previous_href="#pager", next_href="#pager"),
    )


def _sample_errors() -> FormView:
    form = Form({"title": [""], "pay": ["三千左右"], "start": ["下周一"], "subject": ["NONE"]})
    form.text("title", "一句话说明")
    form.yuan("pay", "每月补贴")
    form.day("start", "开始日期")
    form.choice("subject", "方面", SUBJECTS)
    return form.view()


def _sample_offers() -> tuple[OfferCard, ...]:
    return (
        OfferCard(
            href="#cards",
            title="考前减压一对一倾听",
            kind="COUNSEL",
            kind_label="心理陪伴",
            provider="示例志愿者01",
            verified=True,
            tags=("线上文字", "语音", "普通话 粤语"),
            price="免费",
            place="广州市 · 线上",
            places_left="本周余 2 个时段",
            fit="和你的求助很合适",
        ),
        OfferCard(
            href="#cards",
            title="寒假软件测试实习生（八周）",
            kind="INTERN",
            kind_label="实习",
            provider="（示例）海岸科技",
            verified=True,
            tags=("含保险", "每周五天", "带教老师"),
            price="3,000 元/月",
            place="深圳市 · 南山区",
            places_left="余 6 个名额",
            deadline="还剩 3 天",
            urgent=True,
        ),
        OfferCard(
            href="#cards",
            title="毕业生短期免费住宿",
            kind="HOUSE",
            kind_label="住房",
            provider="（示例）青年驿站",
            tags=("独立卫浴", "近地铁"),
            price="7 天内免费",
            place="佛山市 · 禅城区",
            places_left="余 4 间",
        ),
    )


ROUTES: tuple[ControllerRouterHandler, ...] = (leave, patterns)
