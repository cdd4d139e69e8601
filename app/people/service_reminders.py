"""Reminders 60, 30 and 7 days before a record check, a credential or a verification ends (domain 12.7)."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from app.kit.clock import local_day
from app.kit.db import DB
from app.kit.notify import notify
from app.kit.viewer import Role
from app.organisations import queries as organisations
from app.organisations import queries_supply
from app.people import queries, service_once
from app.people.rules import check_ends
from app.people.rules_vetting import FOLLOW_UP_DAYS, REMIND_DAYS, WORKING, reminder_for

_FIRST = max(REMIND_DAYS)


class Ending(NamedTuple):
    """Something that ends on a day: what, whose it is, and where the people around it look at it."""

    what: str
    subject_id: UUID
    provider_id: UUID
    region_code: str
    last_day: date
    own_link: str
    staff_link: str


async def remind(*, now: datetime) -> int:
    """Remind of everything that ends within sixty days, once for each threshold; returns how many reminders.

    After days without a clock only the nearest threshold is used. At seven days the reviewers are told as well, and
    for a record check the committee that asks for a new one.
    """
    day = local_day(now)
    sent = 0
    async with DB.transaction():
        for ending in [*await _of_volunteers(day), *await _of_providers(day)]:
            days = reminder_for((ending.last_day - day).days)
            key = f"expiry:{ending.what}:{ending.subject_id}:{ending.last_day}:{days}"
            if days and await service_once.first_time(key, now=now):
                await _tell(ending, days, now)
                sent += 1
    return sent


async def _tell(ending: Ending, days: int, now: datetime) -> None:
    for account in await queries.accounts_of_provider(ending.provider_id):
        await notify(account, f"expiry.{ending.what}", ending.own_link, now=now)
    if days > FOLLOW_UP_DAYS:
        return
    day = local_day(now)
    accounts = set(await queries.reviewers(ending.region_code, day))
    if ending.what == "check":
        org = await organisations.org_for_region(ending.region_code)
        accounts |= set(await queries.accounts_in_role([Role.CTY, Role.CIT, Role.PRV], org.path if org else "", day))
    for account in sorted(accounts):
        await notify(account, "expiry.follow_up", ending.staff_link, now=now)


async def _of_volunteers(day: date) -> list[Ending]:
    """Return what ends soon for volunteers who work: the check of those who meet minors, anybody's credential."""
    rows = await DB.rows(
        """
        SELECT v.person, v.provider_id, v.vetting, v.credential_expiry, r.region_code,
               (SELECT max(c.checked_on) FROM record_check c WHERE c.person = v.person AND c.result = 'CLEAR')
                   AS last_check
        FROM volunteer_profile v JOIN provider r ON r.id = v.provider_id
        WHERE v.vetting = ANY($1::text[]) ORDER BY v.id
        """,
        sorted(WORKING),
    )
    return [ending for row in rows for ending in _ends(**row) if day <= ending.last_day <= day + timedelta(_FIRST)]


def _ends(
    person: UUID,
    provider_id: UUID,
    vetting: str,
    credential_expiry: date | None,
    region_code: str,
    last_check: date | None,
) -> Iterator[Ending]:
    links = ("/vetting/me", f"/vetting/{person}")
    if last_check is not None and vetting == "ACTIVE":
        yield Ending("check", person, provider_id, region_code, check_ends(last_check), *links)
    if credential_expiry is not None:
        yield Ending("credential", person, provider_id, region_code, credential_expiry, *links)


async def _of_providers(day: date) -> Sequence[Ending]:
    found = await queries_supply.verified_until(day, day + timedelta(_FIRST))
    return [
        Ending("verification", one.id, one.id, one.region_code, one.verify_due, "/my-provider", f"/providers/{one.id}")
        for one in found
    ]
