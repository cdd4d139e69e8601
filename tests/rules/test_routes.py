"""Every route declares who may use it, and the guard keeps to the declaration, for every role."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from app.kit.ids import new_id
from app.kit.permissions import PERMISSIONS, THINGS, grant_for
from app.kit.viewer import STAFF_ROLES, Hat, Role, Viewer
from app.routers import ROUTES
from tests.support.visitor import Visitor
from tests.support.world import World

NOBODYS_ID = "01930000-0000-7000-8000-000000000000"
SAMPLE = {"uuid": NOBODYS_ID, "int": "1", "str": "sample", "path": "sample"}
PSY_ASKS = ("/needs/", "/review/needs/")
"""A school psychology teacher is refused with 403, not 404, at another school's pupil (domain 14, check 4)."""
KEYS = {
    Role.STU: "stu",
    Role.GUA: "gua",
    Role.MEM: "mem",
    Role.SEC: "sec",
    Role.GRA: "gra",
    Role.SCH: "sch",
    Role.SAF: "saf",
    Role.PSY: "psy",
    Role.CTY: "cty",
    Role.CIT: "cit",
    Role.PRV: "prv",
    Role.SEA: "sea",
    Role.SUP: "sup",
    Role.EXP: "exp",
    Role.VOL: "vol",
    Role.HOS: "hos",
    Role.EMP: "emp",
    Role.HOU: "hou",
    Role.SPO: "spo",
    Role.FND: "fnd",
    Role.REV: "rev",
    Role.DPO: "dpo",
    Role.UNI: "uni",
    Role.SYS_A: "sysa",
    Role.SEC_A: "seca",
    Role.AUD: "aud",
}


class Door(NamedTuple):
    method: str
    path: str
    permission: tuple[str, str] | None
    signed_in: bool
    declared: bool


def _doors(app: Litestar) -> Iterator[Door]:
    for route in app.routes:
        if not isinstance(route, HTTPRoute) or route.path.startswith(("/api/v1/schema", "/static")):
            continue
        for handler in route.route_handlers:
            path = "".join(
                f"/{SAMPLE[part.type.__name__.lower()] if hasattr(part, 'type') else part}"
                for part in route.path_components
            )
            for method in handler.http_methods - {"OPTIONS", "HEAD"}:
                opt = handler.opt
                yield Door(
                    method,
                    path or "/",
                    opt.get("permission"),
                    bool(opt.get("signed_in")),
                    "permission" in opt or "open_to" in opt,
                )


def test_every_route_declares_who_may_use_it(app: Litestar) -> None:
    assert not [door for door in _doors(app) if not door.declared]
    assert ROUTES


async def test_nobody_is_asked_to_sign_in_where_a_grant_is_needed(app: Litestar, world: World) -> None:
    assert world.people
    wrong = []
    async with Visitor(app) as visitor:
        for door in _doors(app):
            if not (door.permission or door.signed_in):
                continue
            if door.permission and (door.permission[0], Role.ANON) in PERMISSIONS:
                continue
            answer = await (visitor.get(door.path) if door.method == "GET" else visitor.post(door.path))
            if answer.status_code != 303 or "/sign-in" not in answer.headers["location"]:
                wrong.append((door, answer.status_code))
    assert not wrong


@pytest.mark.parametrize("role", list(KEYS))
async def test_every_route_for_every_role(app: Litestar, world: World, role: Role) -> None:
    """Outside the role's grants: 403. Inside them, for a thing that is not there or not in scope: never a crash."""
    somebody = world[KEYS[role]]
    wrong = []
    async with Visitor(app, somebody) as visitor:
        for door in _doors(app):
            if door.permission is None or door.path.startswith("/account/"):
                continue
            answer = await (visitor.get(door.path) if door.method == "GET" else visitor.post(door.path))
            granted = grant_for(somebody.viewer, *door.permission) is not None
            refused = answer.status_code == 403
            if role is Role.PSY and door.path.startswith(PSY_ASKS):
                continue
            if granted == refused or answer.status_code >= 500:
                wrong.append((door.method, door.path, answer.status_code, "granted" if granted else "not granted"))
    assert not wrong


def test_staff_without_a_second_factor_have_no_grants(world_free_viewer: Viewer) -> None:
    for thing in THINGS:
        for verb in "CRUA":
            assert grant_for(world_free_viewer, thing, verb) is None


@pytest.fixture(params=sorted(STAFF_ROLES))
def world_free_viewer(request: pytest.FixtureRequest) -> Viewer:
    hat = Hat(new_id(), request.param, None, "", "", date(2026, 1, 1))
    return Viewer(account_id=new_id(), person_id=new_id(), name="示例", hat=hat, hats=(hat,), second_factor=False)
