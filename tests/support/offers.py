"""Offers for tests: form values that read, and offers brought through the verbs."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from app.kit.clock import local_day
from app.offers import service, service_review, service_state
from app.offers.kinds import KINDS
from app.offers.rules import CHECKLISTS, reviewers_needed
from app.offers.service import OfferDraft, Submitted
from tests.support.world import World

Given = Mapping[str, str | list[str]]

INTERN: Given = {
    "unit_kind": "PRIV",
    "post_kind": "INTERN_ENT",
    "post": "新媒体运营实习生",
    "headcount": "8",
    "min_age": "16",
    "place": "示例路1号",
    "start": "2026-12-14",
    "end": "2027-02-07",
    "days_per_week": "5",
    "minutes_per_day": "8",
    "night_shift": "no",
    "overtime": "no",
    "pay_fen_month": "3000",
    "pay_cycle_days": "30",
    "pay_third_party": "no",
    "insurance": ["EMPLOYER"],
    "mentor": "李主管",
    "fee_charged": "no",
    "papers_held": "no",
    "physical_grade": "I",
    "hazard": "no",
    "venue_banned": "no",
    "agreement": "yes",
}
HOUSE: Given = {
    "house_kind": "APT",
    "community": "示例花园",
    "address": "示例路8号3栋502",
    "area_tenths": "28",
    "layout": "单间",
    "homes": "2",
    "persons_max": "1",
    "rent_fen_month": "1600",
    "deposit_months": "1",
    "deposit_return_days": "7",
    "deduct_rules": "不扣除",
    "agency_fee_fen": "0",
    "title_proof": "FILING",
    "fire_ok": "yes",
    "kitchen_balcony": "no",
    "pay_before_viewing": "no",
    "viewing": "yes",
    "contract_registered": "PLAN",
}
COUNSEL: Given = {
    "topics": ["PS1", "PS7"],
    "modes": ["ON", "VO"],
    "languages": ["PTH", "YUE"],
    "minors_allowed": "yes",
    "slots": "周三19:00-21:00；周六9:00-12:00",
    "weekly_cap": "4",
}
SPONSOR: Given = {
    "kind": "ONE2ONE",
    "amount_fen_per_year": "3000",
    "years": "3",
    "students_max": "2",
    "via_foundation": "（示例）青少年发展基金会",
    "anonymous": "yes",
    "relation_declared": "yes",
}
VALUES = {"INTERN": INTERN, "HOUSE": HOUSE, "COUNSEL": COUNSEL, "SPONSOR": SPONSOR}
TITLES = {
    "INTERN": "寒假新媒体运营实习生（八周）",
    "HOUSE": "近地铁单间，先看房后签约",
    "COUNSEL": "考前减压一对一倾听",
    "SPONSOR": "一对一助学，连续三年",
}
PROVIDERS = {"INTERN": "emp.provider", "HOUSE": "hou.provider", "COUNSEL": "vol.provider", "SPONSOR": "spo.provider"}


def as_lists(values: Given) -> dict[str, list[str]]:
    """Return form values as the service takes them."""
    return {name: [value] if isinstance(value, str) else list(value) for name, value in values.items()}


def draft(world: World, kind: str = "INTERN", *, text: str = "", **changed: str) -> OfferDraft:
    """Return a draft of a kind that breaks no rule; `changed` replaces form values."""
    values = as_lists({**VALUES[kind], **{name: value for name, value in changed.items() if name in VALUES[kind]}})
    parsed = KINDS[kind].parse(values)
    assert parsed.terms is not None, parsed.errors
    day = local_day(world.now)
    return OfferDraft(
        type=kind,
        provider_id=world.orgs[changed.get("provider", PROVIDERS[kind])],
        title=changed.get("title", TITLES[kind]),
        text=text or "由团组织核实过的示例信息，欢迎了解。",
        region_code=changed.get("region", "440604"),
        valid_from=day,
        valid_to=day + timedelta(days=int(changed.get("days", "60"))),
        terms=parsed.terms,
        demo=True,
    )


async def submitted(world: World, kind: str = "INTERN", by: str = "cit", **changed: str) -> Submitted:
    """Submit an offer in a person's name."""
    return await service.submit(world.viewer(by), draft(world, kind, **changed), now=world.now)


async def published(world: World, kind: str = "INTERN", by: str = "cit", **changed: str) -> UUID:
    """Submit an offer and have it passed by as many reviewers as its kind needs."""
    sent = await submitted(world, kind, by, **changed)
    for reviewer in ("rev", "rev2")[: reviewers_needed(kind)]:
        await verified(world, sent.offer_id, reviewer, world.now)
    return sent.offer_id


async def verified(world: World, offer_id: UUID, reviewer: str, now: datetime) -> str:
    """Pass an offer with its complete checklist; returns its state."""
    from_kind = await service_state.read(offer_id)
    done = await service_review.pass_offer(world.viewer(reviewer), offer_id, tuple(CHECKLISTS[from_kind.type]), now=now)
    return done.state


LAST_DAY = date(2027, 1, 22)
