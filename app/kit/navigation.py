"""Where one can go: navigation by role, in one table."""

from typing import NamedTuple

from app.kit.render import NavItem
from app.kit.viewer import CADRE_ROLES, PROVIDER_ROLES, ROLE_LABELS, Role, Viewer


class Door(NamedTuple):
    """A place in the navigation."""

    label: str
    href: str
    icon: str


HOME = Door("首页", "/", "home")
FIND = Door("找机会", "/offers", "search")
ASK = Door("我要求助", "/needs/new", "heart-handshake")
MINE = Door("我的求助", "/my-help", "list-check")
ACCOUNT = Door("我的", "/account", "user")
NOTES = Door("消息", "/notifications", "bell")
HELP = Door("我要帮忙", "/join", "hand-love-you")
LINES = Door("12355", "/hotlines", "phone")
WORK = Door("工作台", "/work", "layout-dashboard")
REVIEW_NEEDS = Door("需求审核", "/review/needs", "checklist")
REVIEW_OFFERS = Door("供给核验", "/review/offers", "shield-check")
POST = Door("代发需求", "/needs/new", "edit")
SOURCE = Door("发布供给", "/offers/new", "plus")
DUTY = Door("我的任务", "/duty", "target")
IMPORT = Door("批量导入", "/imports", "file-import")
PEOPLE = Door("人员与任职", "/people", "users")
ORGS = Door("组织", "/organisations", "building")
DESK = Door("危机台", "/crisis", "alert-triangle")
MY_OFFERS = Door("我的发布", "/my-offers", "clipboard-list")
REQUESTS = Door("对接请求", "/requests", "inbox")
DISPUTES = Door("争议处理", "/disputes", "gavel")
GUARDIANS = Door("学生监护人", "/students", "users")
VETTING = Door("志愿者准入", "/vetting", "id-badge")
PROVIDERS = Door("供给单位", "/providers", "building-store")
MATCHING = Door("匹配", "/matching", "arrows-exchange")
DEMAND = Door("没找到的需求", "/demand", "zoom-question")
SEASONS = Door("时令专题", "/seasons", "calendar-event")
OPERATIONS = Door("运行", "/operations", "activity")
AUDIT = Door("审计", "/audit", "file-search")
MY_TIMES = Door("我的时间", "/my-times", "calendar")
MY_HOURS = Door("服务时数", "/hours", "award")
HOURS = Door("时数确认", "/review/hours", "award")

_STUDENT = (HOME, FIND, ASK, MINE, ACCOUNT)
_PROVIDER = (WORK, REQUESTS, MY_OFFERS, FIND, ACCOUNT)

_TOP: dict[Role, tuple[Door, ...]] = {
    Role.ANON: (HOME, FIND, ASK, HELP, LINES),
    Role.STU: (HOME, FIND, ASK, MINE),
    Role.GUA: (HOME, MINE, LINES),
    Role.GRA: (WORK, POST, DUTY, FIND),
    Role.SCH: (WORK, POST, REVIEW_NEEDS, SOURCE, DUTY, PEOPLE, IMPORT),
    Role.CTY: (WORK, POST, REVIEW_NEEDS, SOURCE, DUTY, MATCHING, PEOPLE),
    Role.CIT: (WORK, POST, REVIEW_NEEDS, SOURCE, DUTY, MATCHING, PEOPLE),
    Role.PRV: (WORK, SOURCE, MATCHING, ORGS, PEOPLE, IMPORT, VETTING),
    Role.PSY: (WORK, REVIEW_NEEDS, DESK, GUARDIANS),
    Role.SEA: (DESK, FIND),
    Role.SUP: (DESK, DISPUTES, VETTING, FIND),
    Role.REV: (WORK, REVIEW_OFFERS, REVIEW_NEEDS, PROVIDERS, VETTING),
    Role.SYS_A: (OPERATIONS, MATCHING, SEASONS, ORGS),
    Role.SEC_A: (PEOPLE,),
    Role.AUD: (AUDIT,),
}
_MORE: dict[Role, tuple[Door, ...]] = {
    Role.CTY: (IMPORT, DEMAND),
    Role.CIT: (ORGS, IMPORT, DEMAND, HOURS),
    Role.PRV: (DEMAND, SEASONS, HOURS),
    Role.SUP: (HOURS,),
    Role.VOL: (MY_TIMES, MY_HOURS),
    Role.EMP: (MY_TIMES,),
}
_TABS: dict[Role, tuple[Door, ...]] = {
    Role.ANON: (HOME, FIND, ASK, LINES, Door("登录", "/sign-in", "user")),
    Role.STU: _STUDENT,
    Role.GUA: (HOME, MINE, NOTES, ACCOUNT),
}

_START = {
    Role.SEA: "/crisis",
    Role.SUP: "/crisis",
    Role.SYS_A: "/operations",
    Role.SEC_A: "/people",
    Role.AUD: "/audit",
}


def top_for(role: Role, path: str) -> tuple[NavItem, ...]:
    """Return the top navigation of a role."""
    doors = _TOP.get(role)
    if doors is None:
        doors = _PROVIDER[:-1] if role in PROVIDER_ROLES else (WORK, FIND)
    return _items(doors, path)


def more_for(role: Role, path: str) -> tuple[NavItem, ...]:
    """Return doors of a role that stand on its desk and not in its navigation."""
    return _items(_MORE.get(role, ()), path)


def tabs_for(role: Role, path: str, unread: int) -> tuple[NavItem, ...]:
    """Return at most five tabs for the bottom bar of a phone."""
    doors = _TABS.get(role)
    if doors is None:
        doors = _PROVIDER if role in PROVIDER_ROLES else (*_TOP.get(role, (WORK, FIND))[:3], NOTES, ACCOUNT)
    return _items(doors[:5], path, unread)


def _items(doors: tuple[Door, ...], path: str, unread: int = 0) -> tuple[NavItem, ...]:
    best = max((door.href for door in doors if _leads_to(door.href, path)), key=len, default="")
    return tuple(
        NavItem(door.label, door.href, door.icon, current=door.href == best, badge=unread if door is NOTES else 0)
        for door in doors
    )


def _leads_to(href: str, path: str) -> bool:
    return path == href or (href != "/" and path.startswith(href + "/"))


def roles_of(viewer: Viewer) -> tuple[NavItem, ...]:
    """Return the other hats the viewer can put on; choosing one posts to /account/hat."""
    if len(viewer.hats) < 2:  # noqa: PLR2004 - nothing to choose from
        return ()
    return tuple(
        NavItem(
            f"{ROLE_LABELS[hat.role]} · {hat.org_name}", f"/account/hat/{hat.id}", "user", current=hat == viewer.hat
        )
        for hat in viewer.hats
    )


def start_page(viewer: Viewer) -> str:
    """Return where a viewer lands after signing in."""
    special = {
        Role.SEA: "/crisis",
        Role.SUP: "/crisis",
        Role.SYS_A: "/operations",
        Role.SEC_A: "/people",
        Role.AUD: "/audit",
    }
    if viewer.role in special:
        return special[viewer.role]
    if viewer.role in PROVIDER_ROLES | CADRE_ROLES | {Role.REV, Role.PSY}:
        return "/work"
    return "/"
