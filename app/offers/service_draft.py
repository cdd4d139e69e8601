"""What a draft of an offer is, and the columns that follow from it."""

import hashlib
import json
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from app.offers.kinds import KINDS, Kind
from app.offers.kinds.housing import address_hash
from app.offers.rules import provider_label
from app.offers.rules_public import normalised, public_lines
from app.organisations.queries_providers import ProviderFacts
from app.regions import rules as regions


class OfferDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to offer: the typed terms of its kind and what every kind has."""

    type: str
    provider_id: UUID
    title: str
    text: str
    region_code: str
    valid_from: date
    valid_to: date
    terms: Any
    age_min: int = 12
    age_max: int = 25
    stages: tuple[str, ...] = ()
    demo: bool = False

    @property
    def kind(self) -> Kind:
        """The kind of this offer."""
        return KINDS[self.type]


def columns_of(draft: OfferDraft, provider: ProviderFacts) -> dict[str, Any]:
    """Return the columns of an offer row that a draft decides."""
    terms = draft.terms.to_json()
    return {
        "provider_id": draft.provider_id,
        "title": draft.title,
        "text": draft.text,
        "region_code": draft.region_code,
        "valid_from": draft.valid_from,
        "valid_to": draft.valid_to,
        "age_min": max(draft.age_min, draft.kind.age_min, terms.get("min_age") or 0),
        "age_max": draft.age_max,
        "stages": list(draft.stages or terms.get("stage_pref") or terms.get("stages") or ()),
        "capacity": draft.kind.capacity(draft.terms),
        "terms": json.dumps(terms, ensure_ascii=False),
        "facets": json.dumps(draft.kind.facets(draft.terms), ensure_ascii=False, default=str),
        "price_fen": draft.kind.price_fen(draft.terms),
        "address_hash": address_of(draft),
        "fingerprint": fingerprint(draft),
        "search_text": search_text(
            draft,
            provider_label(
                provider.type,
                provider.legal_name,
                anonymous=bool(getattr(draft.terms, "anonymous", False)),
                known=False,
            ),
        ),
    }


def address_of(draft: OfferDraft) -> str:
    """Return the fingerprint of a home's address, or an empty text for other kinds."""
    if draft.type != "HOUSE":
        return ""
    city, place = regions.city_of(draft.region_code), regions.region(draft.region_code)
    return address_hash(city.name if city else "", place.name if place and place != city else "", draft.terms.address)


def fingerprint(draft: OfferDraft) -> str:
    """Return what two submissions of the same offer have in common; an import finds its own rows again by it."""
    same = [draft.type, str(draft.provider_id), draft.title, draft.region_code, draft.terms.to_json()]
    return hashlib.sha256(json.dumps(same, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def search_text(draft: OfferDraft, provider_name: str) -> str:
    """Return the words by which the simple database search finds an offer."""
    shown = " ".join(value for _label, value in public_lines(draft.kind, draft.terms))
    place = regions.label(draft.region_code)
    return normalised(f"{draft.kind.label} {draft.title} {draft.text} {provider_name} {place} {shown}")
