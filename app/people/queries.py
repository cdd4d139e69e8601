"""Who is behind a session: the viewer with the appointments that hold today."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.kit.clock import local_day
from app.kit.crypto import token_hash
from app.kit.db import DB
from app.kit.viewer import NOBODY, Hat, Role, Viewer
from app.organisations import queries as organisations


async def viewer_for_token(token: str, now: datetime) -> Viewer:
    """Return the viewer of a session cookie; an unknown, ended or revoked session is nobody."""
    rows = await DB.rows(
        """
        SELECT s.id AS session_id, s.hat_id, s.second_factor_at, a.id AS account_id, p.id AS person_id, p.name
        FROM sign_in_session s JOIN account a ON a.id = s.account JOIN person p ON p.id = a.person
        WHERE s.token_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 AND a.status = 'ACTIVE'
        """,
        token_hash(token),
        now,
    )
    if not rows:
        return NOBODY
    row = rows[0]
    hats = await hats_of(row["person_id"], local_day(now))
    worn = next((hat for hat in hats if hat.id == row["hat_id"]), hats[0] if hats else None)
    return Viewer(
        account_id=row["account_id"],
        person_id=row["person_id"],
        name=row["name"],
        hat=worn,
        hats=hats,
        session_id=row["session_id"],
        second_factor=row["second_factor_at"] is not None,
    )


async def hats_of(person_id: UUID, day: date) -> tuple[Hat, ...]:
    """Return the appointments of a person that hold on a day; one ends at 23:59 of its last day (domain 8.2)."""
    rows = await DB.rows(
        """
        SELECT id, role, organisation_id, provider_id, start, "end" FROM appointment
        WHERE person = $1 AND start <= $2 AND ("end" IS NULL OR "end" >= $2) ORDER BY start DESC, id
        """,
        person_id,
        day,
    )
    orgs = await organisations.lines({row["organisation_id"] for row in rows if row["organisation_id"]})
    names = await organisations.provider_names({row["provider_id"] for row in rows if row["provider_id"]})
    return tuple(_hat(row, orgs, names) for row in rows)


def _hat(row: dict[str, Any], orgs: dict[UUID, organisations.OrgLine], names: dict[UUID, str]) -> Hat:
    org = orgs.get(row["organisation_id"])
    return Hat(
        id=row["id"],
        role=Role(row["role"]),
        org_id=row["organisation_id"],
        org_path=org.path if org else "",
        org_name=names.get(row["provider_id"], org.name if org else ""),
        start=row["start"],
        end=row["end"],
        provider_id=row["provider_id"],
    )


async def account_of_person(person_id: UUID) -> UUID | None:
    """Return the account a person can be notified at, or None."""
    found: UUID | None = await DB.value(
        "SELECT id FROM account WHERE person = $1 AND status = 'ACTIVE' ORDER BY created_at LIMIT 1", person_id
    )
    return found


async def accounts_in_role(roles: list[Role], org_path: str, day: date) -> list[UUID]:
    """Return accounts that hold one of the roles today at this organisation or one above it, nearest first."""
    ids = [UUID(part) for part in org_path.split("/") if part]
    rows = await DB.rows(
        """
        SELECT a.id, array_position($2::uuid[], t.organisation_id) AS place
        FROM appointment t JOIN account a ON a.person = t.person AND a.status = 'ACTIVE'
        WHERE t.role = ANY($1::text[]) AND t.organisation_id = ANY($2::uuid[])
          AND t.start <= $3 AND (t."end" IS NULL OR t."end" >= $3)
        ORDER BY place DESC, a.id
        """,
        [role.value for role in roles],
        ids,
        day,
    )
    if not rows:
        return []
    nearest = rows[0]["place"]
    return [row["id"] for row in rows if row["place"] == nearest]
