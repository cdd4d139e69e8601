"""The needs and offers of one kind at one moment, with the versions of their rows: what a run or a live state reads."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

import msgspec

from app.kit.clock import local_day
from app.kit.db import DB
from app.matches import queries, queries_rulings, service_build
from app.matches.queries_rulings import Ruling
from app.matches.rules_runs import free_places, tier_of
from app.needs import queries as needs
from app.needs.queries import NeedFacts
from app.needs.rules import at_most_yellow
from app.offers import queries as offers
from app.offers.queries import OfferFacts
from app.regions import rules as regions
from matching.model import Offer, Request, ServiceTerms


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What one solve sees. Needs stand in the order in which equals are served: priority, then longest waiting.

    `requests` have no open proposals: a need that waits for an answer may keep the offer it was shown.
    """

    kind: str
    now: datetime
    needs: Mapping[UUID, NeedFacts]
    requests: Mapping[UUID, Request]
    facts: Mapping[UUID, OfferFacts]
    offers: Mapping[UUID, Offer]
    rulings: tuple[Ruling, ...] = ()

    @property
    def today(self) -> date:
        """The calendar day in Guangdong."""
        return local_day(self.now)

    def tier(self, need_id: UUID) -> int:
        """Urgency tier of a need."""
        need = self.needs[need_id]
        return tier_of(need.urgency, priority=need.priority)

    def city(self, need_id: UUID) -> str:
        """Code of the city a need belongs to; the province's when it has none."""
        return city_code(self.needs[need_id].region_code)


def city_code(region_code: str) -> str:
    """Return the code of the city a place lies in, or the province's."""
    city = regions.city_of(region_code)
    return city.code if city else regions.PROVINCE_CODE


def places(offer: Offer) -> int:
    """Return how many places of an offer a run may give."""
    terms = offer.terms
    if isinstance(terms, ServiceTerms):
        return free_places(offer.capacity, offer.used, terms.weekly_cap, terms.booked_week)
    return free_places(offer.capacity, offer.used)


async def take(
    kind: str, now: datetime, *, need_ids: Iterable[UUID] | None = None, offer_ids: Iterable[UUID] | None = None
) -> Snapshot:
    """Read what a run may match: of a whole kind, or of the needs and offers named. A fixed number of queries."""
    listed = await needs.open_of_kind(kind) if need_ids is None else await _needs(kind, list(need_ids))
    past = await queries.histories(need.id for need in listed)
    waiting = [need for need in listed if need.automatic and not (need.id in past and past[need.id].taken)]
    requests = await service_build.requests_for(waiting, now)
    found = await offers.published_of_kind(kind, now=now, only=None if offer_ids is None else list(offer_ids))
    built = await service_build.offers_for(found, now)
    return Snapshot(
        kind=kind,
        now=now,
        needs={need.id: need for need in waiting if need.id in requests},
        requests={key: msgspec.structs.replace(one, open_offer_ids=frozenset()) for key, one in requests.items()},
        facts={offer.id: offer for offer in found if offer.id in built},
        offers=built,
        rulings=tuple(await queries_rulings.in_force(requests)),
    )


async def _needs(kind: str, need_ids: list[UUID]) -> list[NeedFacts]:
    """Return those of the needs that still wait, in the order of `open_of_kind`."""
    found = [
        need
        for need in (await needs.facts_many(need_ids)).values()
        if need.state == "OPEN" and need.kind == kind and at_most_yellow(need.risk)
    ]
    return sorted(found, key=lambda need: (not need.priority, need.first_at or need.created_at, need.id))


async def needs_named(kind: str, ids: Iterable[UUID]) -> list[UUID]:
    """Return which of these ids are needs of a kind."""
    found = await needs.facts_many(list(ids))
    return [need.id for need in found.values() if need.kind == kind]


async def offers_named(kind: str, ids: Iterable[UUID], known: Mapping[UUID, Offer]) -> list[UUID]:
    """Return the offers of a kind that these ids name, or whose provider or person they name."""
    wanted = set(ids)
    texts = {str(one) for one in wanted}
    own = [key for key, offer in known.items() if offer.provider_id in texts or not texts.isdisjoint(offer.person_ids)]
    found = await offers.select(
        "type = $1 AND (id = ANY($2::uuid[]) OR provider_id = ANY($2::uuid[]))", kind, list(wanted)
    )
    return list(dict.fromkeys([*own, *(offer.id for offer in found)]))


def has_week(offer: Offer) -> bool:
    """Whether a volunteer stands behind the offer, who is asked only so often a week."""
    return isinstance(offer.terms, ServiceTerms) and offer.volunteer_state is not None


async def tired(offers_seen: Iterable[Offer]) -> frozenset[str]:
    """Return the providers of these offers who have been asked as often as their week allows."""
    capped = {
        offer.provider_id: (offer.terms.weekly_cap, offer.terms.booked_week)
        for offer in offers_seen
        if isinstance(offer.terms, ServiceTerms) and offer.volunteer_state is not None
    }
    rows = await DB.rows(
        """
        SELECT provider_id, count(*)::int AS open FROM match
        WHERE provider_id = ANY($1::uuid[]) AND state IN ('PROPOSED', 'S_ACCEPTED', 'P_ACCEPTED') GROUP BY provider_id
        """,
        [UUID(provider) for provider in capped],
    )
    waiting = {str(row["provider_id"]): row["open"] for row in rows}
    return frozenset(provider for provider, (cap, booked) in capped.items() if booked + waiting.get(provider, 0) >= cap)
