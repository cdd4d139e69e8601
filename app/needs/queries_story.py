"""The timeline of one need, for whoever may follow it."""

from datetime import datetime
from uuid import UUID

import msgspec

from app.kit.audit import history
from app.kit.parts import TimelineStep
from app.kit.viewer import Viewer
from app.kit.wording import moment
from app.needs import queries
from app.needs.queries import NeedFacts
from app.needs.rules_story import STATE_TONES, STATE_WORDS, Clocks, Entry, Moment, actions, ahead, told


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """A need as its own page shows it: facts, steps for `ui.timeline`, and the verbs that are open now."""

    need: NeedFacts
    part: str
    state_words: str
    state_tone: str
    steps: tuple[TimelineStep, ...]
    actions: tuple[str, ...]


async def timeline(viewer: Viewer, need_id: UUID, *, now: datetime, proposals: bool = False) -> Story:
    """Return the story of a need; `proposals` tells whether some wait for the student's answer. 404 for others."""
    need = await queries.own(viewer, need_id, now)
    part = await queries.stands_for(viewer, need.student_id, now) or "AUTHOR"
    entries = await _entries(need, now, proposals=proposals)
    survivor = await queries.facts(need.dup_of) if need.state == "MERGED" and need.dup_of else None
    if survivor is not None:
        entries += await _entries(survivor, now, proposals=proposals)
    return Story(
        need=need,
        part=part,
        state_words=STATE_WORDS[need.state],
        state_tone=STATE_TONES.get(need.state, "neutral"),
        steps=tuple(_step(entry, now) for entry in entries),
        actions=actions(need.state, part),
    )


async def _entries(need: NeedFacts, now: datetime, *, proposals: bool) -> list[Entry]:
    moments = [Moment(str(row["event"]), str(row["reason"]), _at(row["at"])) for row in await history(need.id)]
    clocks = Clocks(
        review_since=need.review_since,
        opened_at=need.opened_at,
        confirm_since=need.confirm_since,
        proposed=proposals,
    )
    return [*told(moments), *ahead(need.state, clocks, now)]


async def for_staff(need: NeedFacts, now: datetime) -> tuple[TimelineStep, ...]:
    """Return the steps of a need for staff; the caller has checked that they may see it."""
    return tuple(_step(entry, now) for entry in await _entries(need, now, proposals=False))


def _at(value: object) -> datetime:
    assert isinstance(value, datetime)
    return value


def _step(entry: Entry, now: datetime) -> TimelineStep:
    text = entry.text
    if entry.by is not None:
        text = f"{text}最晚{moment(entry.by, now)}前有结果。" if entry.by >= now else text
    return TimelineStep(title=entry.title, text=text, state=entry.state, at=entry.at)
