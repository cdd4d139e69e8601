"""What committees see of the runs: progress, figures in words, shortages by city and kind, tasks and what-ifs."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from app.kit.clock import SHANGHAI
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.permissions import Scope, require
from app.kit.viewer import Viewer
from app.matches.rules_runs import (
    BATCH_STATES,
    CAUSES,
    SMALL_CELL,
    TIERS,
    CityFigures,
    Figures,
    Proof,
    against_queue,
    cells,
    points,
    wanted_words,
)
from app.matches.rules_trials import Answer, Question
from app.offers.rules import TYPES
from app.organisations import queries as organisations
from app.regions import rules as regions

SHOWN = 30
FAILURES_SHOWN_FOR = timedelta(days=3)
_BATCH = """
b.id, b.cause, b.state, b.started_at, b.finished_at, b.total, b.figures, b.certificate, b.fault,
(SELECT count(*) FROM match_component c WHERE c.batch_id = b.id AND c.state <> 'WAITING')::int AS done,
(SELECT coalesce(sum(c.seconds), 0) FROM match_component c WHERE c.batch_id = b.id)::float AS seconds
"""


class RunLine(msgspec.Struct, frozen=True, kw_only=True):
    """One run in the list; `served` and `asked` are those of the viewer's scope, as text."""

    id: UUID
    cause: str
    state: str
    state_label: str
    started_at: datetime
    served: str
    asked: str


class Beside(msgspec.Struct, frozen=True):
    """One figure of a run beside the queue: as text, and as shares of the largest one for the bars."""

    label: str
    queue: str
    run: str
    queue_share: float
    run_share: float


class RunView(msgspec.Struct, frozen=True, kw_only=True):
    """One run for its page."""

    id: UUID
    cause: str
    state: str
    state_label: str
    started_at: datetime
    finished_at: datetime | None
    done: int
    total: int
    percent: int
    beside: tuple[Beside, ...]
    sentences: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]
    proof: str
    proven: bool
    fault: str

    @property
    def busy(self) -> bool:
        """Whether the run still goes on."""
        return self.state == "RUNNING"


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """One city and kind of the shortage map: counts as text, the share of needs served for the bar."""

    city: str
    city_name: str
    kind: str
    kind_label: str
    requests: str
    served: str
    unserved: str
    share: float
    words: str
    wanted: int
    task: bool


class Shortage(msgspec.Struct, frozen=True, kw_only=True):
    """The shortage map of the newest finished run, the largest gaps first; `enough` names what lacks nothing."""

    at: datetime | None = None
    gaps: tuple[Gap, ...] = ()
    enough: tuple[str, ...] = ()
    masked: bool = False


class TaskLine(msgspec.Struct, frozen=True, kw_only=True):
    """One task to find offers."""

    id: UUID
    city_name: str
    kind_label: str
    wanted: int
    state: str
    at: datetime
    done_at: datetime | None
    note: str


class TrialView(msgspec.Struct, frozen=True, kw_only=True):
    """One what-if with its answer."""

    id: UUID
    state: str
    at: datetime
    question: Question
    answer: Answer
    cities: tuple[tuple[str, int], ...]
    tiers: tuple[tuple[str, str, str], ...]


async def cities_of(viewer: Viewer, thing: str = "match.run") -> frozenset[str] | None:
    """Return the city codes of the viewer's scope, None for the whole province."""
    grant = require(viewer, thing, "R")
    if grant.scope is Scope.ALL:
        return None
    line = await organisations.line(viewer.org_id) if viewer.org_id else None
    city = regions.city_of(line.region_code) if line else None
    return frozenset({city.code} if city else ())


async def covers_city(viewer: Viewer, city: str) -> bool:
    """Tell whether a city lies in the viewer's scope; the province itself is nobody's task."""
    known = regions.region(city)
    scope = await cities_of(viewer, "match.supply")
    return known is not None and known.level == "city" and (scope is None or city in scope)


def _figures(row: Mapping[str, Any], scope: frozenset[str] | None) -> tuple[Figures, bool]:
    """Return the figures of a scope, and whether small counts are hidden in them (8.2: above the city)."""
    found = msgspec.convert(json.loads(row["figures"]), Figures)
    if scope is None:
        return found, True
    lines = tuple(line for line in found.cities if line.city in scope)
    return (
        Figures(
            requests=sum(line.requests for line in lines),
            by_tier=(0, 0, sum(line.matched for line in lines)),
            queue_by_tier=(0, 0, sum(line.queue for line in lines)),
            cities=lines,
        ),
        False,
    )


def _asked(figures: Figures, *, masked: bool) -> str:
    """Return how many needs there were; rounded where the difference to those served would tell a small count."""
    if masked and 0 < figures.requests - figures.matched < SMALL_CELL <= figures.requests:
        return f"约 {(figures.requests + 5) // 10 * 10}"
    return _text(figures.requests, masked=masked)


def _text(count: int, *, masked: bool) -> str:
    return f"<{SMALL_CELL}" if masked and 0 < count < SMALL_CELL else str(count)


async def runs(viewer: Viewer) -> tuple[RunLine, ...]:
    """Return the newest runs with the figures of the viewer's scope."""
    scope = await cities_of(viewer)
    rows = await DB.rows(f"SELECT {_BATCH} FROM match_batch b ORDER BY b.started_at DESC, b.id DESC LIMIT $1", SHOWN)  # noqa: S608 - fixed columns
    found: list[RunLine] = []
    for row in rows:
        figures, masked = _figures(row, scope)
        over = row["state"] != "RUNNING"
        found.append(
            RunLine(
                id=row["id"],
                cause=CAUSES.get(row["cause"], row["cause"]),
                state=row["state"],
                state_label=BATCH_STATES[row["state"]],
                started_at=row["started_at"],
                served=_text(figures.matched, masked=masked) if over else "",
                asked=_asked(figures, masked=masked) if over else "",
            )
        )
    return tuple(found)


async def run(viewer: Viewer, batch_id: UUID) -> RunView:
    """Return one run, with the figures of the viewer's scope."""
    scope = await cities_of(viewer)
    rows = await DB.rows(f"SELECT {_BATCH} FROM match_batch b WHERE b.id = $1", batch_id)  # noqa: S608 - fixed columns
    if not rows:
        raise NotFound
    row = rows[0]
    figures, masked = _figures(row, scope)
    proof = msgspec.convert(json.loads(row["certificate"]), Proof)
    over = row["state"] != "RUNNING"
    return RunView(
        id=row["id"],
        cause=CAUSES.get(row["cause"], row["cause"]),
        state=row["state"],
        state_label=BATCH_STATES[row["state"]],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        done=row["done"],
        total=row["total"],
        percent=100 * row["done"] // row["total"] if row["total"] else 0,
        beside=_beside(figures, masked=masked, tiers=scope is None) if over else (),
        sentences=() if masked and 0 < figures.requests < SMALL_CELL else against_queue(figures),
        rows=_rows(row, figures, whole=scope is None) if over else (),
        proof=proof.sentence(gap=msgspec.convert(json.loads(row["figures"]), Figures).gap),
        proven=row["state"] == "DONE" and proof.valid and figures.requests > 0,
        fault=row["fault"],
    )


def _beside(figures: Figures, *, masked: bool, tiers: bool) -> tuple[Beside, ...]:
    """Set the run beside the queue: everybody, and by tier where the figures have tiers."""
    found = [_pair("服务人数", figures.queue_matched, figures.matched, most=max(1, figures.matched), masked=masked)]
    if not tiers:
        return tuple(found)
    most = max(1, *figures.by_tier, *figures.queue_by_tier)
    hidden = [
        cells(dict(zip(TIERS, counts, strict=True)), masked=masked)
        for counts in (figures.queue_by_tier, figures.by_tier)
    ]
    for label, queue, reached in zip(TIERS, figures.queue_by_tier, figures.by_tier, strict=True):
        line = _pair(label, queue, reached, most=most, masked=masked)
        if not hidden[0][label].isdigit() or not hidden[1][label].isdigit():
            line = Beside(label, hidden[0][label], hidden[1][label], 0.0, 0.0)
        found.append(line)
    return tuple(found)


def _pair(label: str, queue: int, reached: int, *, most: int, masked: bool) -> Beside:
    texts = (_text(queue, masked=masked), _text(reached, masked=masked))
    shown = all(text.isdigit() for text in texts)
    shares = [min(100.0, round(100 * count / most, 1)) if shown else 0.0 for count in (queue, reached)]
    return Beside(label, *texts, *shares)


def _rows(row: Mapping[str, Any], figures: Figures, *, whole: bool) -> tuple[tuple[str, str], ...]:
    masked = whole
    found = [("等待匹配的求助", _asked(figures, masked=masked))]
    if whole:
        average = figures.net_score // figures.matched if figures.matched else 0
        found += [
            ("可用资源", f"{figures.offers} 项，{figures.places} 个名额"),
            (
                "比较过的组合",
                f"{figures.pairs:,}" + _compared(figures),
            ),
            ("平均合适程度", f"{points(average)} / 100" if figures.matched else "—"),
            ("计算用时（各部分合计）", f"{row['seconds']:.2f} 秒"),
        ]
    return tuple(found)


def _compared(figures: Figures) -> str:
    """Say which of the eligible pairs were compared."""
    if figures.all_pairs:
        return "，所有符合条件的组合"
    return "，每人最合适的若干项" if figures.gap is None else "，其余符合条件的组合不会更好或几乎没有差别"


async def failures(now: datetime) -> list[tuple[UUID, datetime, str]]:
    """Return the failed runs of the last days for the operations page: id, start, and what was wrong."""
    rows = await DB.rows(
        """
        SELECT id, started_at, fault FROM match_batch WHERE state = 'FAILED' AND started_at >= $1
        ORDER BY started_at DESC LIMIT 5
        """,
        now - FAILURES_SHOWN_FOR,
    )
    return [(row["id"], row["started_at"].astimezone(SHANGHAI), row["fault"]) for row in rows]


async def shortage(viewer: Viewer) -> Shortage:
    """Return where what is missing, from the newest finished run, the largest gaps first."""
    scope = await cities_of(viewer, "match.supply")
    rows = await DB.rows(
        "SELECT finished_at, figures FROM match_batch WHERE state = 'DONE' ORDER BY started_at DESC, id DESC LIMIT 1"
    )
    if not rows:
        return Shortage()
    figures, masked = _figures(rows[0], scope)
    tasks = await DB.rows("SELECT region_code, kind FROM match_supply_task WHERE state = 'OPEN'")
    open_tasks = {(task["region_code"], task["kind"]) for task in tasks}
    lines = sorted(figures.cities, key=lambda line: (-line.unserved, -line.requests, line.city, line.kind))
    return Shortage(
        at=rows[0]["finished_at"],
        gaps=tuple(
            _gap(line, masked=masked, task=(line.city, line.kind) in open_tasks) for line in lines if line.unserved
        ),
        enough=tuple(f"{_city(line.city)} · {TYPES.get(line.kind, line.kind)}" for line in lines if not line.unserved),
        masked=masked,
    )


def _city(code: str) -> str:
    place = regions.city_of(code)
    return place.name if place else "未说明城市"


def _gap(line: CityFigures, *, masked: bool, task: bool) -> Gap:
    shown = cells({"served": line.matched, "unserved": line.unserved}, masked=masked)
    hidden = masked and any(text in {"—", f"<{SMALL_CELL}"} for text in shown.values())
    return Gap(
        city=line.city,
        city_name=_city(line.city),
        kind=line.kind,
        kind_label=TYPES.get(line.kind, line.kind),
        requests=_text(line.requests, masked=masked),
        served=shown["served"],
        unserved=shown["unserved"],
        share=0.0 if hidden or not line.requests else round(100 * line.matched / line.requests, 1),
        words=wanted_words(line),
        wanted=max(SMALL_CELL, line.unserved) if masked else line.unserved,
        task=task,
    )


async def tasks(viewer: Viewer) -> tuple[TaskLine, ...]:
    """Return the tasks of the viewer's cities, open ones first."""
    scope = await cities_of(viewer, "match.supply")
    rows = await DB.rows(
        """
        SELECT id, region_code, kind, wanted, state, at, done_at, note FROM match_supply_task
        WHERE $1::text[] IS NULL OR region_code = ANY($1::text[]) ORDER BY state DESC, at DESC, id LIMIT 100
        """,
        None if scope is None else sorted(scope),
    )
    return tuple(
        TaskLine(city_name=regions.label(row.pop("region_code")), kind_label=TYPES.get(row.pop("kind"), ""), **row)
        for row in ({**row} for row in rows)
    )


def _tier(label: str, before: int, after: int) -> tuple[str, str, str]:
    """Return one tier of a what-if; both counts are of the whole province, so small ones are hidden together."""
    if 0 < before < SMALL_CELL or 0 < after < SMALL_CELL:
        return label, f"<{SMALL_CELL}" if before else "0", f"<{SMALL_CELL}" if 0 < after < SMALL_CELL else "—"
    return label, str(before), str(after)


async def trials(viewer: Viewer) -> tuple[TrialView, ...]:
    """Return the viewer's own what-ifs, newest first."""
    require(viewer, "match.supply", "R")
    rows = await DB.rows(
        """
        SELECT id, state, at, question, answer FROM match_trial WHERE account_id = $1
        ORDER BY at DESC, id DESC LIMIT 20
        """,
        viewer.account_id,
    )
    return tuple(_trial(row, None) for row in rows)


async def trial(viewer: Viewer, trial_id: UUID) -> TrialView:
    """Return one what-if of the viewer or of somebody at or below the viewer's organisation."""
    scope = await cities_of(viewer, "match.supply")
    rows = await DB.rows(
        "SELECT id, state, at, question, answer, account_id, org_path FROM match_trial WHERE id = $1", trial_id
    )
    if not rows or (rows[0]["account_id"] != viewer.account_id and not viewer.covers(rows[0]["org_path"])):
        raise NotFound
    return _trial(rows[0], scope)


def _trial(row: Mapping[str, Any], scope: Sequence[str] | frozenset[str] | None) -> TrialView:
    answer = msgspec.convert(json.loads(row["answer"]), Answer)
    gains = [gain for gain in answer.cities if scope is None or gain.city in scope]
    return TrialView(
        id=row["id"],
        state=row["state"],
        at=row["at"],
        question=msgspec.convert(json.loads(row["question"]), Question),
        answer=answer,
        cities=tuple((regions.label(gain.city), gain.more) for gain in gains),
        tiers=tuple(_tier(*line) for line in zip(TIERS, answer.before, answer.after, strict=True)),
    )
