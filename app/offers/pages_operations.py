"""What the operator should know of the search: drift between index and offers, failed tasks, an engine left alone."""

from datetime import datetime

from litestar.types import ControllerRouterHandler

from app.kit.pages_operations import Caution, warns_operator
from app.offers import queries_drift


@warns_operator
async def search_warnings(now: datetime) -> tuple[Caution, ...]:
    """Return sentences about the search, none when all is well."""
    return tuple(Caution(sentence) for sentence in await queries_drift.sentences(now))


ROUTES: tuple[ControllerRouterHandler, ...] = ()
"""Nothing of its own: its warnings stand on the operations page of the kit."""
