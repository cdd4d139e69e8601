"""Calendars: one session as a file, and everything one has booked as a feed; titles say nothing of the matter."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event

from app.sessions.queries import SessionFacts

TITLE = "青桥预约"
WORDS = "详情请登录查看。"
_STATUS = {"PROPOSED": "TENTATIVE", "CANCELLED": "CANCELLED", "MISSED": "CANCELLED"}


def _event(session: SessionFacts, address: str, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{session.id}@qingqiao")
    event.add("dtstamp", now)
    event.add("dtstart", session.start)
    event.add("dtend", session.end)
    event.add("summary", TITLE)
    event.add("description", WORDS)
    event.add("url", f"{address}/matches/{session.match_id}")
    event.add("status", _STATUS.get(session.state, "CONFIRMED"))
    event.add("class", "PRIVATE")
    if session.state == "BOOKED":
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", TITLE)
        alarm.add("trigger", timedelta(hours=-2))
        event.add_component(alarm)
    return event


def calendar(sessions: Iterable[SessionFacts], address: str, now: datetime) -> bytes:
    """Return an iCalendar of sessions; neither the other side, nor the topic, nor the place is in it."""
    found = Calendar()
    found.add("prodid", "-//Qingqiao//Appointments//ZH")
    found.add("version", "2.0")
    found.add("calscale", "GREGORIAN")
    found.add("method", "PUBLISH")
    found.add("x-wr-calname", TITLE)
    for session in sessions:
        found.add_component(_event(session, address, now))
    return bytes(found.to_ical())
