"""Viewers without a browser: who acts when a job or the command line goes on with what somebody has confirmed."""

from datetime import datetime
from uuid import UUID

from app.kit.clock import local_day
from app.kit.db import DB
from app.kit.viewer import Viewer
from app.people.queries import hats_of


async def account_named(login: str) -> UUID | None:
    """Return the active account with this login, or None."""
    found: UUID | None = await DB.value(
        "SELECT id FROM account WHERE login = $1 AND status = 'ACTIVE'", login.strip().lower()
    )
    return found


async def acting(account_id: UUID, appointment_id: UUID | None, now: datetime) -> Viewer | None:
    """Return somebody in one of their appointments, the newest when none is named; None when it has ended.

    Whoever calls this has seen the second factor already: at the confirmation, or as the operator of the machine.
    """
    rows = await DB.rows(
        """
        SELECT p.id, p.name FROM account a JOIN person p ON p.id = a.person
        WHERE a.id = $1 AND a.status = 'ACTIVE'
        """,
        account_id,
    )
    if not rows:
        return None
    hats = await hats_of(rows[0]["id"], local_day(now))
    worn = next((hat for hat in hats if appointment_id in (None, hat.id)), None)
    if worn is None:
        return None
    return Viewer(
        account_id=account_id, person_id=rows[0]["id"], name=rows[0]["name"], hat=worn, hats=hats, second_factor=True
    )
