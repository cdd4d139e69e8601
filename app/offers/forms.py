"""The form of an offer: what every kind has, the fields of its kind, the provider and the visit."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import msgspec

from app.kit.forms import FORM_WIDE, Form
from app.kit.viewer import PROVIDER_ROLES, Viewer
from app.offers.kinds import KINDS, Kind
from app.offers.queries import OfferFacts
from app.offers.rules import REPORT_KINDS
from app.offers.rules_legality import Finding
from app.offers.service import OfferDraft
from app.organisations.service_contacts import CONTACT_KINDS, NewContact
from app.organisations.service_providers import NewProvider
from app.regions import rules as regions

NEW_PROVIDER: Final = "new"
LONGEST_DAYS: Final = 730
STAGES: Final[Mapping[str, str]] = {
    "JH": "初中",
    "SH": "普通高中",
    "SV": "中职/技工",
    "HV": "高职高专",
    "UG": "本科",
    "PG": "研究生",
    "GR": "离校2年内毕业生",
}
_NOT_KEPT: Final = ("_csrf_token", "intent", "photos", "contact_", "new_", "remove", "order-")
"""Fields that are used at once and not kept with the draft: who was visited, a new provider, photos."""


def place_options(region_code: str = "") -> dict[str, str]:
    """Return the places an offer may lie in: the city of an organisation with its counties, or all of Guangdong."""
    city = regions.city_of(region_code)
    cities = (city,) if city else regions.cities()
    return {place.code: regions.label(place.code) for one in cities for place in (one, *regions.counties(one.code))}


def kinds_for(viewer: Viewer, provider_type: str) -> tuple[Kind, ...]:
    """Return the kinds of offers the viewer may bring: a provider's own, every kind for a cadre."""
    if viewer.role in PROVIDER_ROLES:
        return tuple(kind for kind in KINDS.values() if provider_type in kind.provider_types)
    return tuple(KINDS.values())


def kept_values(form: Form) -> dict[str, list[str]]:
    """Return what was typed, without what is not kept with a draft."""
    typed = form.view().values_by_name
    return {name: list(values) for name, values in typed.items() if not name.startswith(_NOT_KEPT)}


def values_of(offer: OfferFacts) -> dict[str, list[str]]:
    """Return the form values of an offer: what was typed last, or its stored terms."""
    if offer.draft:
        return dict(offer.draft)
    kind = KINDS[offer.type]
    common = {
        "title": [offer.title],
        "text": [offer.text],
        "region_code": [offer.region_code],
        "valid_from": [offer.valid_from.isoformat()],
        "valid_to": [offer.valid_to.isoformat()],
        "for_stages": list(offer.stages),
        "provider_id": [str(offer.provider_id or "")],
    }
    return {**common, **kind.fill(kind.from_json(offer.terms))}


def read_offer(form: Form, kind: Kind, provider_id: UUID | None, places: Mapping[str, str], day: date) -> OfferDraft:
    """Read the whole form, or raise FormInvalid with a sentence beside each field."""
    title = form.text("title", "标题", max_len=40, min_len=4)
    text = form.text("text", "介绍", max_len=500, min_len=10, multiline=True)
    region_code = form.choice("region_code", "地区", places)
    valid_from = form.day("valid_from", "开始展示日期", earliest=day - timedelta(days=365))
    valid_to = form.day("valid_to", "截止日期", earliest=day, latest=day + timedelta(days=LONGEST_DAYS))
    stages = form.many("for_stages", "适合的学段", STAGES)
    if valid_from and valid_to and valid_to < valid_from:
        form.fail("valid_to", "截止日期早于开始展示日期，请核对。")
    parsed = kind.parse(form.view().values_by_name)
    for name, sentence in parsed.errors.items():
        form.fail(name, sentence)
    if provider_id is None:
        form.fail("provider_id", "请选择供给单位，或登记一个新单位。")
    form.check()
    assert valid_from is not None
    assert valid_to is not None
    assert provider_id is not None
    return OfferDraft(
        type=kind.code,
        provider_id=provider_id,
        title=title,
        text=text,
        region_code=region_code,
        valid_from=valid_from,
        valid_to=valid_to,
        terms=parsed.terms,
        stages=stages,
        age_min=kind.age_min,
    )


def show_findings(form: Form, kind: Kind, findings: Iterable[Finding]) -> None:
    """Put each blocking finding with its legal basis beside the field it is about."""
    shown = {field.name for field in kind.fields} | {"title", "text", "photos", "provider_id"}
    for finding in findings:
        if finding.severity == "block":
            form.fail(finding.field if finding.field in shown else FORM_WIDE, finding.sentence)


class ProviderChoice(msgspec.Struct, frozen=True):
    """Whose offer it is: a known provider, or a new one to be registered."""

    known: UUID | None = None
    new: NewProvider | None = None


def read_provider(form: Form, kind: Kind, known: Iterable[UUID]) -> ProviderChoice:
    """Read the provider a cadre chose, or the new one described; sentences are filed, nothing is raised."""
    chosen = form.raw("provider_id")
    if chosen != NEW_PROVIDER:
        allowed = {str(one): one for one in known}
        return ProviderChoice(known=allowed.get(chosen))
    name = form.text("new_name", "单位名称", max_len=80)
    uscc = form.uscc("new_uscc", "统一社会信用代码")
    person = form.text("new_person", "联系人", max_len=40)
    phone = form.phone("new_phone", "联系电话")
    address = form.text("new_address", "单位地址", max_len=120, required=False)
    region_code = form.raw("region_code")
    if not regions.region(region_code):
        form.fail("region_code", "请选择地区。")
    if form.errors:
        return ProviderChoice()
    return ProviderChoice(
        new=NewProvider(
            type=kind.provider_types[0],
            legal_name=name,
            uscc=uscc,
            region_code=region_code,
            contact_person=person,
            contact_phone=phone,
            address=address,
        )
    )


def read_contact(form: Form, provider_id: UUID, day: date) -> NewContact | None:
    """Read the visit a cadre records with the offer; nothing typed is no visit."""
    if not form.raw("contact_day"):
        return None
    on = form.day("contact_day", "走访日期", earliest=day - timedelta(days=365), latest=day)
    kind = form.choice("contact_kind", "联系方式", CONTACT_KINDS)
    note = form.text("contact_note", "走访情况", max_len=300, required=False, multiline=True)
    minutes = form.integer("contact_minutes", "时长", required=False, min_value=0, max_value=1440, unit="分钟")
    if form.errors or on is None:
        return None
    return NewContact(provider_id=provider_id, day=on, kind=kind, note=note, minutes=minutes or 0)


class Complaint(msgspec.Struct, frozen=True):
    """What a complaint says."""

    kind: str
    text: str


def read_complaint(form: Form) -> Complaint:
    """Read a complaint about an offer, or raise FormInvalid."""
    kind = form.choice("kind", "发生了什么", REPORT_KINDS)
    text = form.text("text", "具体情况", max_len=500, required=False, multiline=True)
    form.check()
    return Complaint(kind, text)


class PhotoOrder(msgspec.Struct, frozen=True):
    """Which photos go, and in which order the others stand."""

    order: tuple[UUID, ...]
    removed: tuple[UUID, ...]


def read_photo_order(form: Form, present: Iterable[UUID]) -> PhotoOrder:
    """Read ticked removals and position numbers of the photos that are there."""
    ids = {str(photo): photo for photo in present}
    removed = tuple(ids[value] for value in form.view().values("remove") if value in ids)
    places = [
        (_place(form.raw(f"order-{text}"), number), number, photo) for number, (text, photo) in enumerate(ids.items())
    ]
    return PhotoOrder(tuple(photo for _place, _number, photo in sorted(places) if photo not in removed), removed)


def _place(typed: str, otherwise: int) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else otherwise + 1  # noqa: PLR2004 - three digits are plenty


def kind_of_slug(slug: str) -> Kind | None:
    """Return the kind whose address ends in this word, or None."""
    return next((kind for kind in KINDS.values() if kind.slug == slug), None)
