"""An offer as the search index keeps it: only what anybody may read of it."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from app.offers.kinds import KINDS
from app.offers.kinds.fields import ALL_STAGES
from app.offers.queries import OfferFacts
from app.offers.rules import provider_label
from app.offers.rules_public import public_lines
from app.regions import rules as regions
from search.documents import Document, Point

FACETS: Final[Mapping[str, str]] = {
    "topics": "topic",
    "modes": "mode",
    "languages": "language",
    "subjects": "subject",
    "post_kind": "post_kind",
    "unit_kind": "unit_kind",
    "house_kind": "house_kind",
    "kind": "grant_kind",
}
"""The facets of an offer by the name the index gives them; “kind” itself is the kind of the offer."""

NAMELESS: Final = frozenset({"VOL"})
"""Providers who are people: the public never reads their names."""


def document(offer: OfferFacts, *, today: date) -> Document:
    """Return an offer for the index; one that is not published, or has run out, is not visible."""
    kind = KINDS[offer.type]
    terms = kind.from_json(offer.terms)
    lines = public_lines(kind, terms)
    place = regions.region(offer.region_code)
    city = regions.city_of(offer.region_code)
    assert offer.published_at is not None or offer.state != "PUBLISHED"
    return Document(
        id=offer.id,
        version=offer.version,
        kind=offer.type,
        title=offer.title,
        text="\n".join((offer.text, *(value for _, value in lines))),
        tags=tuple(chip for chip in kind.card(terms).chips if chip),
        place=tuple(dict.fromkeys(one.short for one in (city, place) if one is not None)),
        organisation=_organisation(offer, anonymous=bool(getattr(terms, "anonymous", False))),
        city=city.code if city is not None else "",
        county=offer.region_code if place is not None and place.level is regions.Level.COUNTY else "",
        facets={"stage": offer.stages or tuple(code for code, _ in ALL_STAGES), **_facets(offer.facets)},
        amount_fen=offer.price_fen,
        published_at=offer.published_at or offer.created_at,
        open_until=offer.valid_to,
        age_min=offer.age_min,
        age_max=offer.age_max,
        point=Point(place.lat, place.lon) if place is not None else None,
        visible=is_public(offer, today=today),
    )


def is_public(offer: OfferFacts, *, today: date) -> bool:
    """Tell whether anybody may find this offer today."""
    checked = offer.verified_until is None or offer.verified_until >= today
    return offer.state == "PUBLISHED" and offer.valid_to >= today and checked


def _organisation(offer: OfferFacts, *, anonymous: bool) -> str:
    """Return the provider's name when the public reads it; an anonymous sponsor and a volunteer have none."""
    if anonymous or offer.provider_type in NAMELESS:
        return ""
    return provider_label(offer.provider_type, offer.provider_name, anonymous=False, known=False)


def _facets(given: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, called in FACETS.items():
        value = given.get(name)
        values = value if isinstance(value, list) else [value]
        codes = tuple(one for one in values if isinstance(one, str) and one)
        if codes:
            found[called] = codes
    return found
