"""A good row becomes what it says: a provider and an offer, or a volunteer and an offer, through their own verbs."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from app.imports.rules_values import (
    Command,
    ImportedHousing,
    ImportedInternship,
    ImportedProvider,
    ImportedVolunteer,
)
from app.kit.clock import local_day
from app.kit.errors import Refusal
from app.kit.viewer import Viewer
from app.offers import service as offers
from app.offers.errors import RulesBroken
from app.offers.rules import holds_until
from app.offers.rules_legality import blocks
from app.offers.service import OfferDraft
from app.organisations import queries as organisations
from app.organisations import service_bulk
from app.organisations.service_providers import NewProvider
from app.people import service_volunteers
from app.people.service_volunteers import EnteredVolunteer

USCC_LENGTH: Final = 18


class AlreadyOver(Refusal):
    """The last day of the listing has passed."""

    status = 422
    code = "already_over"
    sentence = "结束日期已经过去，没有写入。"
    next_step = "请核对日期后再导入这一行。"


async def bring(viewer: Viewer, command: Command, *, now: datetime) -> UUID:
    """Write one row for the importer and return the offer's id; the offer waits for a reviewer, never published."""
    here = await _region_of(viewer)
    provider_id = (
        await _volunteer(viewer, command, here, now)
        if isinstance(command, ImportedVolunteer)
        else await _provider(viewer, command.provider, here, now)
    )
    draft = _draft(command, provider_id, here, local_day(now))
    sent = await offers.submit(viewer, draft, now=now, noted=command.findings)
    if blocks(sent.findings):
        raise RulesBroken([finding for finding in sent.findings if finding.severity == "block"])
    return sent.offer_id


async def _region_of(viewer: Viewer) -> str:
    org = await organisations.line(viewer.org_id) if viewer.org_id else None
    return org.region_code if org else "440000"


async def _provider(viewer: Viewer, named: ImportedProvider, here: str, now: datetime) -> UUID:
    new = NewProvider(
        type=named.type,
        legal_name=named.legal_name,
        uscc=named.uscc[:USCC_LENGTH],
        region_code=named.region_code or here,
        contact_person=named.contact_person or named.legal_name[:40],
        contact_phone=named.contact_phone,
        address=named.address,
        unit_kind=named.unit_kind,
    )
    return await service_bulk.find_or_apply(viewer, new, now=now)


async def _volunteer(viewer: Viewer, row: ImportedVolunteer, here: str, now: datetime) -> UUID:
    new = EnteredVolunteer(
        name=row.name,
        phone=row.phone,
        region_code=row.region_code or here,
        credential=row.credential,
        credential_no=row.credential_no[:40],
        credential_text=row.credential_text[:60],
        languages=row.terms.languages,
        modes=row.terms.modes,
        adult_only=not row.terms.minors_allowed,
        weekly_cap=row.terms.weekly_cap,
        claimed_check_on=row.record_check_on,
    )
    return await service_volunteers.enter(viewer, new, now=now)


def _kind_and_text(command: Command) -> tuple[str, str]:
    """Return the kind of offer and its introduction; sheets without one get a plain sentence."""
    if isinstance(command, ImportedInternship):
        return "INTERN", command.text
    if isinstance(command, ImportedHousing):
        return "HOUSE", command.text
    if isinstance(command, ImportedVolunteer):
        return "COUNSEL", "由团组织推荐的志愿者，资质和从业查询由平台核验后开放预约。"
    return "SPONSOR", f"由{command.terms.via_foundation}经办。"


def _draft(command: Command, provider_id: UUID, here: str, day: date) -> OfferDraft:
    kind, text = _kind_and_text(command)
    return OfferDraft(
        type=kind,
        provider_id=provider_id,
        title=command.title,
        text=text,
        region_code=command.region_code or here,
        valid_from=day,
        valid_to=_last_day(command, kind, day),
        terms=command.terms,
    )


def _last_day(command: Command, kind: str, day: date) -> date:
    """Return until when the listing is shown: an internship until it begins, or until its end once it has begun."""
    if not isinstance(command, ImportedInternship):
        return holds_until(kind, day)
    last = command.terms.start if command.terms.start > day else command.terms.end
    if last < day:
        raise AlreadyOver
    return last
