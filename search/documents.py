"""What an index keeps of a public offer: plain frozen values, made by the service and read by every engine."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

import msgspec


class Point(msgspec.Struct, frozen=True):
    """A place on Earth in degrees (WGS 84)."""

    lat: float
    lng: float


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """One public offer. Only public words may stand here: never a need, a person or a case.

    `version` grows with every change of the offer; an older version never replaces a newer one. `tags` and `place`
    are words a person reads (“可养宠物”, “广州”, “天河”); `city` and `county` are region codes; `facets` maps the
    name of a facet to the codes of its values. `amount_fen` is the pay, rent or grant, None when it is not told.
    A document that is not `visible` is taken out of the index by writing it.
    """

    id: UUID
    version: int
    kind: str
    title: str
    published_at: datetime
    text: str = ""
    tags: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    organisation: str = ""
    city: str = ""
    county: str = ""
    facets: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict[str, tuple[str, ...]])
    amount_fen: int | None = None
    open_until: date | None = None
    age_min: int | None = None
    age_max: int | None = None
    point: Point | None = None
    visible: bool = True

    def values(self, facet: str) -> tuple[str, ...]:
        """Return the values this document has in a facet; kind, city and county are facets as well."""
        if facet == "kind":
            return (self.kind,)
        if facet == "city":
            return (self.city,) if self.city else ()
        if facet == "county":
            return (self.county,) if self.county else ()
        return self.facets.get(facet, ())

    def facet_values(self) -> tuple[tuple[str, str], ...]:
        """Return every facet name and value of this document, in a fixed order and without repetition."""
        names = ("kind", "city", "county", *sorted(set(self.facets) - {"kind", "city", "county"}))
        return tuple(dict.fromkeys((name, value) for name in names for value in self.values(name)))
