"""The stories of offers: sent, judged by the rules, verified by reviewers, paused, suspended, revoked."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.demo import rules_offers, rules_offers_places
from app.demo.rules import chance
from app.demo.rules_offers import OfferPlan
from app.demo.rules_people import HOME_CITY
from app.demo.rules_pictures import draw
from app.demo.rules_places import PROVINCE
from app.demo.service_cast import Cast
from app.demo.service_stage import Stage, Story
from app.kit import images
from app.kit.clock import local_day
from app.kit.errors import Refusal
from app.kit.viewer import Role, Viewer
from app.offers import service, service_fraud, service_review
from app.offers.kinds import KINDS
from app.offers.rules import CHECKLISTS, TWO_REVIEWERS
from app.offers.service_draft import OfferDraft

_RECENT: Final = frozenset({"VERIFYING", "HALF", "ASKED", "JUDGED"})
_QUESTIONS: Final = (
    "请补充带教老师的安排，再提交一次。",
    "照片里看不清房间的窗户，请补一张白天拍的。",
    "请写清每周的具体时段，现在的写法学生看不明白。",
)


def plans(cast: Cast) -> tuple[OfferPlan, ...]:
    """Return every offer of the demo."""
    providers = cast.provider_plans
    good = (
        *rules_offers.counselling(providers),
        *rules_offers.study(providers),
        *rules_offers.legal(providers),
        *rules_offers.sponsorship(providers),
        *rules_offers_places.internships(providers, cast.day),
        *rules_offers_places.homes(providers),
    )
    return (*good, *rules_offers_places.held_and_refused(good))


def stories(stage: Stage) -> Iterator[tuple[datetime, Story]]:
    """Yield the story of every offer with the time at which it begins."""
    for number, plan in enumerate(plans(stage.cast)):
        luck = chance("offer", plan.key)
        days = luck.uniform(0.4, 3.5) if plan.fate in _RECENT else plan.days_ago
        start = stage.cast.now - timedelta(days=days, minutes=luck.randint(0, 500))
        yield start, _story(stage, plan, number, start)


async def _story(stage: Stage, plan: OfferPlan, number: int, now: datetime) -> Story:
    cast, luck = stage.cast, chance("offer story", plan.key)
    provider = cast.providers[plan.provider]
    author = cast.of_city(Role.CIT, plan.region) if plan.source else cast.acting[provider]
    draft = _draft(cast, plan, provider, now)
    if plan.fate == "DRAFT":
        values = KINDS[plan.kind].fill(plan.terms) | {"title": [plan.title], "text": [plan.text]}
        await service.save_draft(author, None, plan.kind, values, provider_id=provider, now=now)
        return
    sent = await service.submit(author, draft, now=now)
    stage.offers[plan.key] = sent.offer_id
    await _photograph(stage, plan, sent.offer_id, now)
    if plan.fate in {"VERIFYING", "JUDGED"}:
        return
    now += timedelta(hours=luck.randint(3, 30))
    yield now
    first, second = cast.of_city(Role.REV, plan.region), cast.at(Role.REV, PROVINCE)[number % 2]
    if plan.fate == "ASKED":
        await service_review.ask_more(first, sent.offer_id, luck.choice(_QUESTIONS), now=now)
        return
    if plan.fate == "REJECTED":
        await service_review.fail(first, sent.offer_id, "核实时联系人已离职，单位未能确认这一供给。", now=now)
        return
    await service_review.pass_offer(first, sent.offer_id, CHECKLISTS[plan.kind], now=now)
    if plan.fate == "HALF":
        return
    if plan.kind in TWO_REVIEWERS:
        now += timedelta(hours=luck.randint(2, 20))
        yield now
        await service_review.pass_offer(second, sent.offer_id, CHECKLISTS[plan.kind], now=now)
    if plan.fate in {"PAUSED", "SUSPENDED", "REVOKED", "ARCHIVED"}:
        now += (cast.now - now) * luck.uniform(0.5, 0.85)
        yield now
        async for when in _afterwards(stage, plan, sent.offer_id, author, now):
            yield when


def _draft(cast: Cast, plan: OfferPlan, provider: UUID, now: datetime) -> OfferDraft:
    days = (
        -chance("expiry", plan.key).randint(2, 12)
        if plan.fate == "EXPIRED" and plan.valid_days > 0
        else plan.valid_days
    )
    return OfferDraft(
        type=plan.kind,
        provider_id=provider,
        title=plan.title,
        text=plan.text,
        region_code=plan.region,
        valid_from=local_day(now),
        valid_to=cast.day + timedelta(days=days),
        terms=plan.terms,
        age_min=KINDS[plan.kind].age_min,
        age_max=25,
        stages=plan.stages,
        demo=True,
    )


async def _photograph(stage: Stage, plan: OfferPlan, offer_id: UUID, now: datetime) -> None:
    if stage.folder is None:
        return
    for number, what in enumerate(plan.pictures):
        data = await asyncio.to_thread(draw, what, f"{plan.key}/{number}")
        await images.store(
            data, object_type="offer", object_id=offer_id, folder=stage.folder, now=now, name=f"demo-{what}.jpg"
        )


async def _afterwards(stage: Stage, plan: OfferPlan, offer_id: UUID, author: Viewer, now: datetime) -> Story:
    """Let a published offer be paused, taken down, or hidden after a complaint and revoked by two people."""
    cast = stage.cast
    try:
        if plan.fate == "PAUSED":
            await service.pause(author, offer_id, now=now)
        elif plan.fate == "ARCHIVED":
            await service.withdraw(author, offer_id, now=now)
        else:
            complainer = next(iter(cast.at(Role.CIT, HOME_CITY)))
            await service_fraud.report(
                complainer, offer_id, "FALSE_INFO", "现场情况与发布的信息不一致，请核查。", now=now
            )
            if plan.fate == "REVOKED":
                for hours, who in ((20, 2), (26, 3)):
                    yield now + timedelta(hours=hours)
                    investigator = cast.at(Role.REV, PROVINCE)[who]
                    await service_fraud.confirm(
                        investigator, offer_id, "已联系提供方并实地核查，信息不属实。", now=now + timedelta(hours=hours)
                    )
    except Refusal as refusal:
        stage.ended[f"offer {plan.fate}: {refusal.code}"] += 1
