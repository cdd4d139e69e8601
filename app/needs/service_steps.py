"""One step of a need: lock the row, ask the machine, write state, history, audit; tell the people it concerns."""

from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any
from uuid import UUID

from app.kit.audit import audit, step
from app.kit.clock import local_day
from app.kit.crypto import vault
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.notify import notify
from app.kit.viewer import Role, Viewer
from app.needs.queries import COLUMNS, NeedFacts, facts_of, unsealed_text
from app.needs.rules import FINAL, MACHINE
from app.needs.tables import Need
from app.people import queries as people


async def lock(need_id: UUID) -> NeedFacts:
    """Lock a need for the rest of the transaction and return it with its text."""
    sql = f"SELECT {COLUMNS}, text_sealed FROM need WHERE id = $1 FOR UPDATE"  # noqa: S608 - fixed columns
    rows = await DB.rows(sql, need_id)
    if not rows:
        raise NotFound
    return facts_of(rows[0], unsealed_text(rows[0]))


async def move(
    need: NeedFacts, event: str, actor: str, *, viewer: Viewer, now: datetime, reason: str = "", **changes: Any
) -> str:
    """Make one listed transition: state, history, audit and the changed columns in the present transaction."""
    state = await step(MACHINE, need.id, need.state, event, actor, viewer=viewer, now=now, reason=reason)
    if state in FINAL:
        changes.setdefault("closed_at", now)
    await change(need.id, now=now, state=state, **changes)
    await audit(viewer, f"need.{event}", "need", need.id, now=now)
    return state


async def change(need_id: UUID, *, now: datetime, **values: Any) -> None:
    """Write columns of a need and count its version on."""
    changed: dict[Any, Any] = {**values, "updated_at": now, "version": Need.version + 1}
    await Need.update(changed, force=True).where(Need.id == need_id)


def sealed_text(need_id: UUID, text: str) -> bytes:
    """Seal the words of a need for its row."""
    return vault().seal(text, f"need.text:{need_id}")


async def concerned(need: NeedFacts) -> list[UUID]:
    """Return the accounts that follow a need: the student's and the author's."""
    own = await people.account_of_person(need.student_id)
    return list(dict.fromkeys(account for account in (own, need.author_account) if account is not None))


async def tell(need: NeedFacts, template: str, *, now: datetime) -> None:
    """Notify everybody who follows a need, in neutral words."""
    for account in await concerned(need):
        await notify(account, template, f"/my-help/{need.id}", now=now)


async def handlers(
    roles: list[Role], org_path: str, *, now: datetime, without: AbstractSet[UUID] = frozenset()
) -> list[UUID]:
    """Return the nearest accounts that hold one of the roles at or above an organisation, leaving some people out."""
    path = org_path
    while path:
        found = [
            account for account in await people.accounts_in_role(roles, path, local_day(now)) if account not in without
        ]
        if found:
            return found
        path = path.rpartition("/")[0]
    return []
