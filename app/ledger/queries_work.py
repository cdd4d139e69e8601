"""The numbers of the workbench: for each role what waits, with the way to it."""

from datetime import datetime

import msgspec

from app.kit.permissions import grant_for
from app.kit.viewer import CADRE_ROLES, PROVIDER_ROLES, Role, Viewer
from app.ledger import queries
from app.ledger.queries import Duty
from app.matches import queries_views
from app.needs import queries_counts
from app.offers import queries_mine, queries_review
from app.organisations import queries_providers
from app.safety import queries as safety

_NEED_REVIEWERS = frozenset({Role.SCH, Role.CTY, Role.CIT, Role.PSY, Role.REV})


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One number with its label and address."""

    label: str
    value: int | str
    unit: str
    icon: str
    tone: str
    href: str
    note: str = ""


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """The workbench of one role."""

    figures: tuple[Figure, ...]
    duty: Duty | None
    asked: int


async def work_of(viewer: Viewer, *, now: datetime) -> Work:
    """Return what waits for the viewer."""
    found: list[Figure] = []
    duty = None
    asked = 0
    if viewer.role in PROVIDER_ROLES:
        waiting = await queries_views.waiting_of(viewer)
        asked = waiting.asked
        found += await _provider(viewer, waiting, now)
    if viewer.role in CADRE_ROLES and grant_for(viewer, "duty", "R"):
        duty = await queries.my_duty(viewer, now=now)
    if viewer.role in CADRE_ROLES | _NEED_REVIEWERS and viewer.role is not Role.PRV:
        found += await _needs(viewer)
    if grant_for(viewer, "offer.review", "A"):
        queue = await queries_review.waiting(viewer, now=now)
        found.append(_figure("待核验供给", len(queue), "条", "shield-check", "/review/offers"))
    if viewer.role is Role.PSY and grant_for(viewer, "crisis", "R"):
        alerts = await safety.desk(viewer, now=now)
        found.append(_figure("危机提醒", len(alerts), "条", "alert-triangle", "/crisis"))
    return Work(figures=tuple(found), duty=duty, asked=asked)


def _figure(label: str, value: int | str, unit: str, icon: str, href: str, note: str = "") -> Figure:
    return Figure(label=label, value=value, unit=unit, icon=icon, tone="wait" if value else "go", href=href, note=note)


async def _provider(viewer: Viewer, waiting: queries_views.Waiting, now: datetime) -> list[Figure]:
    found = [
        _figure("等您回复的请求", waiting.asked, "条", "inbox", "/requests"),
        _figure("进行中的对接", waiting.running, "件", "heart-handshake", "/requests"),
    ]
    if viewer.role is not Role.VOL and viewer.provider_id is not None:
        own = await queries_providers.page(viewer, viewer.provider_id)
        if own.returned:
            found.insert(0, _figure("入驻申请", "需补充", "", "building-store", "/my-provider", "看看原因，改好再提交"))
    groups = await queries_mine.groups(viewer, now=now)
    found += [_figure(group.title, len(group.offers), "条", "clipboard-list", "/my-offers") for group in groups]
    return found


async def _needs(viewer: Viewer) -> list[Figure]:
    counted = await queries_counts.counts(viewer)
    found: list[Figure] = []
    if viewer.role in _NEED_REVIEWERS:
        found.append(_figure("待审核需求", counted.review, "条", "checklist", "/review/needs"))
    if viewer.role in CADRE_ROLES:
        found += [
            _figure("正在找资源", counted.open, "条", "search", "/duty"),
            _figure("请协助找资源", counted.late, "条", "hourglass", "/duty", "三个工作日还没有合适的推荐"),
            _figure("正在帮助", counted.running, "件", "heart-handshake", "/duty"),
        ]
    return found
