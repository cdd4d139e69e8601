"""What a submitted form of an offer brings besides words: a provider, a visit, photos; and where it is sent."""

from datetime import datetime
from uuid import UUID

import msgspec
from litestar.datastructures import UploadFile

from app.kit.clock import local_day
from app.kit.errors import Refusal
from app.kit.forms import FORM_WIDE, Form, FormInvalid, FormView
from app.kit.images import MOST_BYTES, StoredPicture, arrange, pictures_of, store
from app.kit.viewer import CADRE_ROLES, Viewer
from app.offers import forms, queries_mine, service
from app.offers.errors import RulesBroken, VerifiedTermsFixed
from app.offers.kinds import Kind
from app.offers.queries import OfferFacts
from app.offers.rules import MOST_PHOTOS, PHOTO_TYPES
from app.offers.service import OfferDraft
from app.organisations import service_contacts, service_providers
from app.organisations.queries_providers import ProviderFacts
from app.settings import Settings


class Around(msgspec.Struct, frozen=True):
    """What a form needs to know: places, providers to choose from, photos that are there."""

    places: dict[str, str]
    providers: tuple[ProviderFacts, ...]
    photos: tuple[StoredPicture, ...]


class Taken(msgspec.Struct, frozen=True):
    """What has been kept so far: the draft, and whose offer it is."""

    offer_id: UUID
    provider_id: UUID | None

    def view(self, form: Form) -> FormView:
        """Return what the form shows again; a provider registered a moment ago is chosen now."""
        view = form.view()
        if self.provider_id is None or form.raw("provider_id") != forms.NEW_PROVIDER:
            return view
        values = {name: given for name, given in view.values_by_name.items() if not name.startswith("new_")}
        return FormView(values_by_name={**values, "provider_id": (str(self.provider_id),)}, errors=view.errors)


async def around(viewer: Viewer, kind: Kind, offer: OfferFacts | None) -> Around:
    """Return what surrounds the form of an offer."""
    region_code = await queries_mine.region_of(viewer)
    return Around(
        forms.place_options(region_code),
        await queries_mine.providers_to_choose(viewer, kind, region_code),
        (await pictures_of("offer", [offer.id])).get(offer.id, ()) if offer else (),
    )


async def take_in(
    viewer: Viewer, kind: Kind, offer: OfferFacts | None, form: Form, *, settings: Settings, now: datetime
) -> Taken:
    """Keep the draft, register a new provider, record the visit, store the photos; sentences go into the form."""
    provider_id = await _provider(viewer, kind, offer, form, now)
    values = forms.kept_values(form)
    if provider_id is not None:
        values["provider_id"] = [str(provider_id)]
    offer_id = await service.save_draft(
        viewer, offer.id if offer else None, kind.code, values, provider_id=provider_id, now=now
    )
    if provider_id is not None and viewer.role in CADRE_ROLES:
        contact = forms.read_contact(form, provider_id, local_day(now))
        if contact is not None:
            await service_contacts.record_contact(viewer, contact, now=now)
    if kind.code in PHOTO_TYPES:
        await _photos(offer_id, form, settings, now)
    return Taken(offer_id, provider_id)


async def _provider(viewer: Viewer, kind: Kind, offer: OfferFacts | None, form: Form, now: datetime) -> UUID | None:
    if viewer.role not in CADRE_ROLES:
        return viewer.provider_id
    region_code = await queries_mine.region_of(viewer)
    known = {provider.id for provider in await queries_mine.providers_to_choose(viewer, kind, region_code)}
    if offer is not None and offer.provider_id is not None:
        known.add(offer.provider_id)
    choice = forms.read_provider(form, kind, known)
    if choice.new is None:
        return choice.known
    try:
        return await service_providers.apply(viewer, choice.new, now=now)
    except Refusal as problem:
        form.fail(f"new_{problem.field}" if problem.field else "provider_id", problem.said)
        return None


async def _photos(offer_id: UUID, form: Form, settings: Settings, now: datetime) -> None:
    present = (await pictures_of("offer", [offer_id])).get(offer_id, ())
    order = forms.read_photo_order(form, [photo.id for photo in present])
    await arrange("offer", offer_id, order.order, order.removed)
    left = MOST_PHOTOS - len(order.order)
    uploads = form.files("photos")
    if len(uploads) > left:
        form.fail("photos", f"照片最多 {MOST_PHOTOS} 张，还可以再传 {left} 张，多出来的没有保存。")
    for upload in uploads[:left]:
        await _photo(offer_id, upload, form, settings, now)


async def _photo(offer_id: UUID, upload: UploadFile, form: Form, settings: Settings, now: datetime) -> None:
    data = await upload.read(MOST_BYTES + 1)
    try:
        await store(
            data,
            object_type="offer",
            object_id=offer_id,
            folder=settings.files,
            now=now,
            name=upload.filename,
            clamd_url=settings.clamd_url,
        )
    except Refusal as problem:
        form.fail("photos", f"“{upload.filename[:40]}”没有保存：{problem.said}{problem.next}")


async def send(
    viewer: Viewer, kind: Kind, taken: Taken, draft: OfferDraft, form: Form, *, running: bool, now: datetime
) -> str:
    """Submit a draft or change a running offer; what the law forbids is said beside its field and nothing is sent."""
    findings = await service.judge(draft, offer_id=taken.offer_id, now=now)
    forms.show_findings(form, kind, findings)
    form.check()
    try:
        if running:
            await service.edit(viewer, taken.offer_id, draft, now=now)
            return "已保存修改。"
        await service.submit(viewer, draft, offer_id=taken.offer_id, now=now)
    except RulesBroken as broken:
        for finding in broken.findings:
            form.fail(finding.field, finding.sentence)
        raise FormInvalid(form) from broken
    except VerifiedTermsFixed as fixed:
        form.fail(fixed.field or FORM_WIDE, f"{fixed.said}{fixed.next}")
        raise FormInvalid(form) from fixed
    held = [finding for finding in findings if finding.severity == "hold"]
    more = f"有 {len(held)} 处需要审核员核对，" if held else ""
    return f"已提交。{more}审核员会在 3 个工作日内核验，结果会通知您。"
