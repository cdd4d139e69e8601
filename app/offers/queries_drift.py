"""Whether the index says what the offers say, in sentences for the operations page; cheap enough for every look."""

import asyncio
from datetime import datetime
from typing import Any, Final

from app.kit.clock import local_day
from app.kit.db import DB
from app.offers import queries_gate
from app.offers.queries_list import PUBLIC
from search.engine import EngineUnavailableError, IndexOutdatedError

PATIENCE: Final = 2.0


async def drift(now: datetime) -> tuple[int, int]:
    """Return how many shown offers the index lacks or holds in another version, and how many it holds too many."""
    rows = await DB.rows(
        f"""
        SELECT count(*) FILTER (WHERE s.id IS NULL OR s.version <> o.version)::int AS lacking,
               count(*) FILTER (WHERE o.id IS NULL)::int AS extra
        FROM (SELECT id, version FROM offer WHERE {PUBLIC}) o FULL JOIN listing_search s ON s.id = o.id
        """,  # noqa: S608 - the clause is ours
        local_day(now),
    )
    return rows[0]["lacking"], rows[0]["extra"]


async def sentences(now: datetime) -> tuple[str, ...]:
    """Return what the operator should know of the search."""
    lacking, extra = await drift(now)
    said: list[str] = []
    if lacking or extra:
        said.append(
            f"搜索索引缺少或过旧 {lacking} 条、多余 {extra} 条（不会显示）；可运行 qingqiao search verify --fix。"
        )
    if queries_gate.has_copy():
        said += await _copy()
    return tuple(said)


async def _copy() -> list[str]:
    engines = await queries_gate.searching()
    said = list(await engines.says())
    behind = await queries_gate.lag()
    if behind > 120:  # noqa: PLR2004 - two minutes, as the fail-over tolerates
        said.append(f"Meilisearch 落后 {behind:.0f} 秒，搜索由数据库回答。")
    failures: Any = getattr(engines.copy, "failures", None)
    try:
        async with asyncio.timeout(PATIENCE):
            failed = await failures() if failures is not None else ()
            said += [f"Meilisearch 任务 {one.uid}（{one.kind}）失败：{one.code} {one.says}"[:300] for one in failed]
    except (EngineUnavailableError, IndexOutdatedError, TimeoutError) as problem:
        said.append(f"Meilisearch 现在不可用：{problem}"[:300])
    return said
