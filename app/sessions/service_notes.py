"""The professional's private note: sealed by the vault, read and written by its author alone."""

from datetime import datetime
from uuid import UUID

import msgspec

from app.kit.audit import audit
from app.kit.crypto import vault
from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.permissions import require
from app.kit.viewer import Viewer
from app.matches import queries as matches
from app.sessions import queries
from app.sessions.queries import SessionFacts
from app.sessions.service_steps import as_professional, change

NOTED = frozenset({"DONE", "MISSED"})


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """A note in clear, for its author, beside what the student reads of the same meeting."""

    session: SessionFacts
    text: str


def _place(session_id: UUID) -> str:
    return f"session.note:{session_id}"


async def read(viewer: Viewer, session_id: UUID, *, now: datetime) -> Note:
    """Open a note for its author; every look leaves an audit row. Colleagues, supervisors and the student get 404."""
    require(viewer, "session.note", "R")
    async with DB.transaction():
        session = await queries.find(session_id)
        match = await matches.find(session.match_id)
        if match is None or viewer.provider_id is None or viewer.provider_id != match.provider_id:
            raise NotFound
        if session.state not in NOTED or session.summary_by not in {None, viewer.account_id}:
            raise NotFound
        sealed = await DB.value("SELECT summary_sealed FROM service_session WHERE id = $1", session_id)
        await audit(viewer, "session.note.read", "session", session_id, now=now, fields=["note"])
        return Note(session=session, text=vault().unseal(bytes(sealed), _place(session_id)) if sealed else "")


async def write(viewer: Viewer, session_id: UUID, text: str, *, now: datetime) -> SessionFacts:
    """Write the note of a meeting; the first who writes it is its author and stays the only one."""
    require(viewer, "session.note", "U")
    async with DB.transaction():
        session, _match = await as_professional(viewer, session_id)
        if session.state not in NOTED or session.summary_by not in {None, viewer.account_id}:
            raise NotFound
        await change(
            session_id,
            now=now,
            summary_sealed=vault().seal(text, _place(session_id)),
            summary_by=viewer.account_id,
        )
        await audit(viewer, "session.note.write", "session", session_id, now=now, fields=["note"])
        return session
