"""Outside one's scope a thing does not exist: every route with an id, for people of another city and for strangers."""

from typing import NamedTuple
from uuid import UUID

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from app.kit.db import DB
from tests.app.needs.drafting import submitted as submitted_need
from tests.support import offers
from tests.support.visitor import Visitor
from tests.support.world import World

OUTSIDERS = ["sch2", "psy2", "cit2", "rev_c2", "adult", "gua", "hou", "spo", "mem", "uni"]
HIDDEN = {403, 404}
NOT_READ = 422
"""A form that is not even filled in is refused before anybody looks for the thing; the answer tells nothing of it."""
NOBODYS_ID = "01930000-0000-7000-8000-000000000000"


class Things(NamedTuple):
    """Ids in 佛山, by the name routes give them."""

    need_id: UUID
    offer_id: UUID
    person_id: UUID
    alert_id: UUID


async def _things(world: World) -> Things:
    need = await submitted_need(world, world.now)
    await submitted_need(world, world.now, text="我不想活了")
    offer = await offers.submitted(world)
    alert = await DB.value("SELECT id FROM crisis_alert ORDER BY at DESC LIMIT 1")
    return Things(need.need_id, offer.offer_id, world["stu"].person, alert)


def _paths(app: Litestar, things: Things) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        names = [part.name for part in route.path_components if hasattr(part, "name")]
        if not set(names) & set(Things._fields):
            continue
        path = "".join(
            f"/{getattr(things, part.name, NOBODYS_ID) if hasattr(part, 'name') else part}"
            for part in route.path_components
        )
        methods = {method for handler in route.route_handlers for method in handler.http_methods}
        found += [(method, path) for method in sorted(methods & {"GET", "POST"})]
    return found


@pytest.mark.parametrize("outsider", OUTSIDERS)
async def test_what_lies_outside_ones_scope_is_not_there(app: Litestar, world: World, outsider: str) -> None:
    things = await _things(world)
    paths = _paths(app, things)
    assert len(paths) > 30
    wrong = []
    async with Visitor(app, world[outsider]) as visitor:
        for method, path in paths:
            answer = await (visitor.get(path) if method == "GET" else visitor.post(path))
            if answer.status_code == 303:
                answer = await visitor.follow(answer)
            if answer.status_code not in HIDDEN and not (method == "POST" and answer.status_code == NOT_READ):
                wrong.append((method, path, answer.status_code))
            assert world["stu"].name not in answer.text
    assert not wrong
