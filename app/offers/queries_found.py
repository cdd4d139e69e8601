"""A search from question to cards: the index names ids, the database decides again what may be shown."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from markupsafe import Markup

from app.kit.clock import local_day
from app.kit.db import DB
from app.kit.parts import OfferCard
from app.kit.viewer import STAFF_ROLES, Role, Viewer
from app.offers import queries_gate
from app.offers.queries import hidden_from
from app.offers.queries_gate import Searching
from app.offers.queries_list import COLUMNS, PUBLIC, cards_of
from app.offers.rules_search import FACETS, PAGE_SIZE, Asked
from app.people import queries as people
from search.engine import IndexOutdatedError
from search.query import MOST_RESULTS, Question, QuestionRefusedError

_NAMES = {indexed: name for name, (indexed, _) in FACETS.items()} | {"kind": "type", "county": "district"}


class Wider(msgspec.Struct, frozen=True):
    """A wider search that finds something: what it leaves out (a filter's name or a word) and how many it finds."""

    left_out: str
    words: str
    total: int


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """One page of results. `counts` go by the names of the address; `resting` means the index is being rebuilt."""

    ids: tuple[UUID, ...] = ()
    rows: tuple[Mapping[str, Any], ...] = ()
    cards: tuple[OfferCard, ...] = ()
    total: int = 0
    pages: int = 1
    counts: Mapping[str, Mapping[str, int]] = {}
    showing: str = ""
    rewritten_from: str = ""
    partial: bool = False
    strict: int = 0
    exact: bool = True
    engine: str = ""
    degraded: bool = False
    resting: bool = False
    terms: tuple[str, ...] = ()


async def search(
    viewer: Viewer,
    asked: Asked,
    *,
    now: datetime,
    hidden: frozenset[str] | None = None,
    size: int = PAGE_SIZE,
    first: tuple[str, ...] = (),
) -> Results:
    """Return one page of what somebody looks for; offers of the kinds `first` lead the page of a mere browse."""
    hidden = await hidden_from(viewer, now) if hidden is None else hidden
    if asked.page * size > MOST_RESULTS:
        asked = msgspec.structs.replace(asked, page=max(1, MOST_RESULTS // size))
    question = await _question(viewer, asked, hidden, now, size)
    engines = await queries_gate.searching()
    try:
        answer = await engines.ask(question)
    except IndexOutdatedError:
        return Results(resting=True)
    except QuestionRefusedError:
        return Results()
    if not answer.ids and asked.page > 1 and answer.total:
        last = max(1, -(-answer.total // size))
        if last < asked.page:
            return await search(viewer, msgspec.structs.replace(asked, page=last), now=now, hidden=hidden, size=size)
    rows = await visible(answer.ids, hidden, now)
    if first and not asked.words and asked.sort == "best":
        rows.sort(key=lambda row: row["type"] not in first)
    cards = await cards_of(rows, local_day(now), known=viewer.role in STAFF_ROLES)
    total = max(0, answer.total - (len(answer.ids) - len(rows)))
    return Results(
        ids=tuple(row["id"] for row in rows),
        rows=tuple(rows),
        cards=tuple(_lit(engines, card, row, answer.terms) for card, row in zip(cards, rows, strict=True)),
        total=total,
        pages=max(1, -(-min(total, MOST_RESULTS // size * size) // size)),
        counts={_NAMES.get(name, name): counts for name, counts in answer.facets.items()},
        showing=answer.showing,
        rewritten_from=answer.rewritten_from,
        partial=answer.partial,
        strict=answer.strict,
        exact=answer.total_exact and answer.facets_exact,
        engine=answer.engine,
        degraded=answer.degraded,
        terms=answer.terms,
    )


async def visible(ids: Sequence[UUID], hidden: frozenset[str], now: datetime) -> list[dict[str, Any]]:
    """Return the rows of these offers that anybody outside the hidden kinds may see now, in the order of the ids."""
    rows = await DB.rows(
        f"SELECT {COLUMNS} FROM offer WHERE {PUBLIC} AND id = ANY($2::uuid[]) AND NOT (type = ANY($3::text[]))",  # noqa: S608 - ours
        local_day(now),
        list(ids),
        sorted(hidden),
    )
    by_id = {row["id"]: row for row in rows}
    return [by_id[one] for one in ids if one in by_id]


async def _question(viewer: Viewer, asked: Asked, hidden: frozenset[str], now: datetime, size: int) -> Question:
    student = None
    if asked.fits_me and viewer.person_id and viewer.role is Role.STU:
        student = await people.student(viewer.person_id, now)
    return asked.question(
        hidden=hidden,
        today=local_day(now),
        age=student.age if student else None,
        stage=student.stage if student else "",
        size=size,
    )


def _lit(engines: Searching, card: OfferCard, row: Mapping[str, Any], terms: tuple[str, ...]) -> OfferCard:
    """Return a card with the words found marked; a text is quoted when the title does not show why."""
    if not terms:
        return card
    title = engines.marked(card.title, terms)
    quoted = engines.excerpt(row["text"], terms) if "<mark>" not in title else ""
    excerpt = Markup(quoted) if "<mark>" in quoted else ""  # noqa: S704 - escaped by the highlighter
    return msgspec.structs.replace(card, title=Markup(title), excerpt=excerpt)  # noqa: S704 - escaped by the highlighter


async def wider(viewer: Viewer, asked: Asked, *, now: datetime, hidden: frozenset[str]) -> tuple[Wider, ...]:
    """Return up to four wider searches that find something, the nearest first."""
    question = await _question(viewer, asked, hidden, now, PAGE_SIZE)
    try:
        found = await (await queries_gate.searching()).wider(question)
    except (IndexOutdatedError, QuestionRefusedError):
        return ()
    return tuple(
        Wider(_NAMES.get(each.left_out, each.left_out), each.question.words, each.total)
        for each in found
        if each.question.none_of == question.none_of
    )


async def suggestions(
    viewer: Viewer, typed: str, asked: Asked, *, now: datetime
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Return whole searches that begin as typed, and (title, address) of fitting offers."""
    if not typed.strip():
        return (), ()
    engines = await queries_gate.searching()
    hidden = await hidden_from(viewer, now)
    question = engines.titles(typed, await _question(viewer, asked, hidden, now, PAGE_SIZE))
    try:
        answer = await engines.ask(question)
    except (IndexOutdatedError, QuestionRefusedError):
        return (), ()
    words = tuple(each.text for each in await engines.suggest(typed))
    rows = await visible(answer.ids, hidden, now)
    return words, tuple((row["title"], f"/offers/{row['id']}") for row in rows)
