"""Volunteers who are entered by a cadre: the application is written, and the vetting begins at its first step."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

import msgspec

from app.kit.audit import audit
from app.kit.clock import local_day
from app.kit.crypto import vault
from app.kit.db import DB
from app.kit.ids import new_id
from app.kit.permissions import require
from app.kit.viewer import Role, Viewer
from app.organisations import service_providers
from app.organisations.service_providers import NewProvider
from app.people.errors import AlreadySignedUp, GuardFailed
from app.people.service import NewPerson, write_appointment, write_person
from app.people.tables import VolunteerProfile


class EnteredVolunteer(msgspec.Struct, frozen=True, kw_only=True):
    """What a list says about a volunteer; the day of the record check is a claim until staff have checked it."""

    name: str
    phone: str
    region_code: str
    credential: str
    credential_no: str
    credential_text: str
    languages: tuple[str, ...]
    modes: tuple[str, ...]
    adult_only: bool
    weekly_cap: int
    claimed_check_on: date | None = None


async def known_phones(phones: Iterable[str]) -> frozenset[str]:
    """Return those of the numbers that belong to a volunteer who has not left or been refused."""
    hashes = {vault().lookup(phone): phone for phone in phones}
    rows = await DB.rows(
        """
        SELECT DISTINCT p.phone_hash FROM person p JOIN volunteer_profile v ON v.person = p.id
        WHERE p.phone_hash = ANY($1::text[]) AND v.vetting NOT IN ('REJECTED', 'LEFT')
        """,
        list(hashes),
    )
    return frozenset(hashes[row["phone_hash"]] for row in rows)


async def enter(viewer: Viewer, new: EnteredVolunteer, *, now: datetime) -> UUID:
    """Write a volunteer's application (APPLIED) with person and provider; returns the provider's id.

    Nothing about it is verified: credential, record check, interview and training follow like after a sign-up.
    """
    require(viewer, "import", "C")
    if await known_phones([new.phone]):
        raise AlreadySignedUp("这个手机号的志愿者已经登记过。", next_step="请在“志愿者准入”里查看。")
    if await _blocked(new):
        raise GuardFailed("这份资质或手机号曾因材料虚假被拒，不能再登记。")
    async with DB.transaction():
        person_id = await write_person(NewPerson(name=new.name, phone=new.phone), now=now, by=viewer.appointment_id)
        provider_id = await service_providers.apply(
            viewer,
            NewProvider(
                type="VOL",
                legal_name=new.name,
                region_code=new.region_code,
                contact_person=new.name,
                contact_phone=new.phone,
                person_id=person_id,
            ),
            now=now,
        )
        await _write_profile(viewer, new, person_id, provider_id, now)
        await write_appointment(
            person_id, Role.VOL, now=now, start=local_day(now), provider_id=provider_id, by=viewer.appointment_id
        )
        await audit(viewer, "vetting.enter", "person", person_id, now=now)
    return provider_id


async def _blocked(new: EnteredVolunteer) -> bool:
    found = await DB.value(
        """
        SELECT 1 FROM volunteer_profile v JOIN person p ON p.id = v.person
        WHERE v.vetting = 'REJECTED' AND v.application @> '{"blocked": true}'::jsonb
          AND (($2 <> '' AND v.credential = $1 AND v.credential_no = $2) OR p.phone_hash = $3) LIMIT 1
        """,
        new.credential,
        new.credential_no,
        vault().lookup(new.phone),
    )
    return found is not None


async def _write_profile(
    viewer: Viewer, new: EnteredVolunteer, person_id: UUID, provider_id: UUID, now: datetime
) -> None:
    application = {
        "modes": list(new.modes),
        "check_consent_at": None,
        "motive": f"名单里写的资质：{new.credential_text}" if new.credential_text else "",
        "claimed_check_on": new.claimed_check_on.isoformat() if new.claimed_check_on else None,
        "entered": True,
    }
    await VolunteerProfile(
        id=new_id(),
        person=person_id,
        provider_id=provider_id,
        vetting="APPLIED",
        vetting_since=now,
        credential=new.credential,
        credential_no=new.credential_no,
        adult_only=new.adult_only,
        weekly_cap=new.weekly_cap,
        languages=list(new.languages),
        application=json.dumps(application, ensure_ascii=False),
        created_at=now,
        updated_at=now,
        created_by_appointment=viewer.appointment_id,
        data_class="L3",
    ).save()
