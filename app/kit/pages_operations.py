"""How the service runs: waiting and given-up deliveries with a re-drive button, and the audit log for its reader."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.response import Response

from app.kit.audit import audit
from app.kit.audit_chain import first_break
from app.kit.db import DB
from app.kit.outbox import revive
from app.kit.permissions import may
from app.kit.render import Notice, Page, Renderer, Shell
from app.kit.viewer import ROLE_LABELS, Role, Viewer

DEAD_SHOWN = 50
AUDIT_SHOWN = 100


class DeadLine(msgspec.Struct, frozen=True):
    """A delivery that was given up after its last try."""

    id: UUID
    subscriber: str
    kind: str
    attempts: int
    last_error: str
    at: datetime


class Caution(msgspec.Struct, frozen=True):
    """Something a capability wants the operator to know: a sentence and where to look."""

    text: str
    href: str = ""


Warner = Callable[[datetime], Awaitable[tuple[Caution, ...]]]
_WARNERS: list[Warner] = []


def warns_operator(warner: Warner) -> Warner:
    """Let a capability put warnings on the operations page; it counts, it never names anybody."""
    _WARNERS.append(warner)
    return warner


class OperationsPage(Page, frozen=True, kw_only=True):
    """Counts of the outbox and the deliveries that need a hand."""

    due: int
    done: int
    oldest: datetime | None
    dead: tuple[DeadLine, ...]
    warnings: tuple[Caution, ...]


class AuditLine(msgspec.Struct, frozen=True):
    """One row of the audit log, without contents."""

    seq: int
    at: datetime
    role: str
    what: str
    object_type: str
    result: str
    purpose: str


class AuditPage(Page, frozen=True, kw_only=True):
    """The newest rows of the audit log and whether its chain holds."""

    rows: tuple[AuditLine, ...]
    what: str
    broken_at: int | None
    older_href: str


@get("/operations", **may("operations", "R"))
async def operations(request: Request[Any, Any, Any], shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Show how the jobs are doing."""
    counts = await DB.rows(
        """
        SELECT count(*) FILTER (WHERE state = 'DUE') AS due, min(due_at) FILTER (WHERE state = 'DUE') AS oldest,
               count(*) FILTER (WHERE state = 'DONE') AS done
        FROM outbox_delivery
        """
    )
    dead = await DB.rows(
        """
        SELECT d.id, d.subscriber, f.kind, d.attempts, d.last_error, f.created_at AS at
        FROM outbox_delivery d JOIN outbox_fact f ON f.id = d.fact_id
        WHERE d.state = 'DEAD' ORDER BY f.created_at DESC LIMIT $1
        """,
        DEAD_SHOWN,
    )
    page = OperationsPage(
        shell=shell,
        title="运行",
        dead=tuple(DeadLine(**row) for row in dead),
        warnings=tuple([warning for warner in _WARNERS for warning in await warner(now)]),
        **counts[0],
    )
    return pages.render(request, "kit/operations.html", page)


@post("/operations/{delivery_id:uuid}/revive", **may("operations", "U"))
async def drive_again(
    request: Request[Any, Any, Any], delivery_id: UUID, viewer: Viewer, pages: Renderer, now: datetime
) -> Response[bytes]:
    """Make a given-up delivery due again."""
    async with DB.transaction():
        await revive(delivery_id, now)
        await audit(viewer, "operations.revive", "outbox_delivery", delivery_id, now=now)
    return pages.redirect(request, "/operations", Notice("success", "已重新排队。"))


@get("/audit", **may("audit", "R"))
async def audit_log(
    request: Request[Any, Any, Any], shell: Shell, pages: Renderer, what: str = "", before: int = 0
) -> Response[bytes]:
    """Show the audit log, newest first, by the beginning of the act's name."""
    rows = await DB.rows(
        """
        SELECT seq, at, role, what, object_type, result, purpose FROM audit_log
        WHERE ($1 = '' OR starts_with(what, $1)) AND ($2 = 0 OR seq < $2) ORDER BY seq DESC LIMIT $3
        """,
        what,
        before,
        AUDIT_SHOWN,
    )
    lines = tuple(_line(row) for row in rows)
    older = f"/audit?what={what}&before={lines[-1].seq}" if len(lines) == AUDIT_SHOWN else ""
    page = AuditPage(shell=shell, title="审计", rows=lines, what=what, broken_at=await first_break(), older_href=older)
    return pages.render(request, "kit/audit.html", page)


def _line(row: Mapping[str, Any]) -> AuditLine:
    role = ROLE_LABELS[Role(row["role"])] if row["role"] else ""
    return AuditLine(**{**row, "role": role})


ROUTES = (operations, drive_again, audit_log)
