"""Jobs of searching: Meilisearch follows the offers, the lexicon is built by night, saved searches tell what is new."""

from datetime import datetime

from app.kit.forms import Form
from app.kit.outbox import Fact, subscribe
from app.offers import forms_search, queries_saved, service_saved, service_search


@subscribe("offer.published", "offer.changed", "offer.gone", name=service_search.COPY, tries=12)
async def copy(fact: Fact, now: datetime) -> None:
    """Send to Meilisearch what has changed; without one there is nothing to do."""
    await service_search.copy(fact.subject_id, now)


@subscribe("tick.night", name="offers.lexicon", tries=3)
async def lexicon(_fact: Fact, _now: datetime) -> None:
    """Build the lexicon from the offers of the day."""
    await service_search.learn()


@subscribe("search.outdated", name=service_search.RELEARN, tries=3)
async def relearn(_fact: Fact, _now: datetime) -> None:
    """Build index and lexicon anew: another text pipeline wrote them."""
    await service_search.learn()


@subscribe("tick.sweep", name="offers.first_lexicon", tries=3)
async def first_lexicon(_fact: Fact, _now: datetime) -> None:
    """Build the first lexicon soon, not only by night."""
    if await service_search.unlearned():
        await service_search.learn()


@subscribe("tick.morning", name="offers.saved_searches")
async def saved_searches(_fact: Fact, now: datetime) -> None:
    """Tell of new offers."""
    for saved in await queries_saved.due(now):
        await service_saved.alert(forms_search.read(Form(saved.values)), saved, now=now)
