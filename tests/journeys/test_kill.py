"""kill -9 in the middle of J01, over real HTTP: whatever dies, nothing is lost and nothing happens twice."""

import html
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import httpx
import pytest

from app.kit.stack.datadir import DataDirectory
from app.kit.web import CSRF_COOKIE, SESSION_COOKIE
from app.matches.rules import HOLDS_PLACE
from tests.support.stack import ROOT, RunningStack, alive, clean_environment, eventually

pytestmark = pytest.mark.stack
PATIENCE = 40.0
STOP_SECONDS = 5.0
WORDS = "快期末了，总睡不好，怕让爸妈失望"


class Caller:
    """Somebody signed in who calls the running service; a service that is just coming back is asked again."""

    def __init__(self, journey: "Journey", token: str) -> None:
        self._journey = journey
        journey.callers.append(self)
        self._client = httpx.Client(cookies={SESSION_COOKIE: token}, timeout=20, trust_env=False)

    def get(self, path: str) -> httpx.Response:
        """Open a page."""
        return self._client.get(self._journey.stack.url(path))

    def post(self, path: str, data: dict[str, Any] | None = None) -> httpx.Response:
        """Submit a form; it must be taken."""
        if CSRF_COOKIE not in self._client.cookies:
            self.get("/health/live")
        form = {**(data or {}), "_csrf_token": self._client.cookies[CSRF_COOKIE]}
        answer = self._client.post(self._journey.stack.url(path), data=form)
        assert answer.status_code == 303, (path, answer.status_code, answer.text[-1500:])
        assert "/sign-in" not in answer.headers["location"], path
        return answer

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


class Journey:
    """One J01 on a running stack, with somebody who kills."""

    def __init__(self, data: Path, victim: str) -> None:
        self.data = data
        self.victim = victim
        self.stack = RunningStack(data)
        self.kills = 0
        self.callers: list[Caller] = []

    def __enter__(self) -> Self:
        self.stack.wait_until_ready()
        return self

    def __exit__(self, *_: object) -> None:
        for caller in self.callers:
            caller.close()
        self.stack.end()

    def kill(self) -> None:
        """Kill the victim with signal 9; of the workers once the child, once the master."""
        self.kills += 1
        if self.victim == "supervisor":
            family = self.stack.family()
            self.stack.process.kill()
            self.stack.process.wait()
            assert eventually(lambda: alive(family) == [], 10), alive(family)
            self.stack = RunningStack(self.data)
            assert eventually(self.stack.answers, PATIENCE), self.stack.said()
            return
        assert eventually(self._victim_lives, PATIENCE), self.stack.said()
        found = self.stack.child({"worker": "dramatiq", "valkey": "valkey-server"}[self.victim])
        if self.victim == "worker" and self.kills % 2:
            found = found.children()[0]
        found.kill()

    def _victim_lives(self) -> bool:
        named = {"worker": "dramatiq", "valkey": "valkey-server"}[self.victim]
        return len(self.stack.named(named)) > (1 if self.victim == "worker" else 0)

    def until(self, true: Callable[[], bool], what: str) -> None:
        """Wait until something is so; every few seconds a minute passes, after which lost messages are sent again."""
        deadline = time.monotonic() + PATIENCE
        while not eventually(true, 3.0):
            assert time.monotonic() < deadline, (what, self.seen())
            self.stack.sql("UPDATE outbox_delivery SET due_at = due_at - interval '60 seconds' WHERE state = 'DUE'")

    def waiting(self) -> list[dict[str, Any]]:
        """Return the deliveries that are not done."""
        return self.stack.sql("SELECT * FROM outbox_delivery WHERE state <> 'DONE'")

    def seen(self) -> object:
        """Return what a failure is understood by: what waits, what was proposed and why not more, what was said."""
        runs = self.stack.sql("SELECT cause, offers_seen, proposed, refusals, at FROM match_run ORDER BY at")
        return self.waiting(), runs, self.stack.said()

    def one(self, query: str, *arguments: Any) -> Any:
        """Return the first column of the only row."""
        [row] = self.stack.sql(query, *arguments)
        return next(iter(row.values()))


def _world(journey: Journey) -> dict[str, Any]:
    """Write the small world once for all journeys of this data directory."""
    kept = journey.data.with_name("world.json")
    if not kept.exists():
        built = subprocess.run(
            [sys.executable, "-m", "tests.support.small_world", str(journey.data)],
            cwd=ROOT,
            env=clean_environment({}),
            check=True,
            capture_output=True,
            text=True,
        )
        kept.write_text(built.stdout, encoding="utf-8")
    found: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kill") / "data"


def _asks(student: Caller) -> UUID:
    student.post("/needs/new/about", {"sub": "PS1"})
    student.post("/needs/new/words", {"title": "总睡不好", "text": WORDS})
    how = {"region_code": "440604", "modes": ["ON", "VO"], "languages": ["YUE"], "gender_pref": "F", "urgency": "N"}
    student.post("/needs/new/how", {**how, "slots": ["3e", "6a"]})
    last = student.get("/needs/new/check")
    draft = last.text.partition('name="draft_id" value="')[2].partition('"')[0]
    sent = student.post("/needs/new/check", {"consents": ["P02", "P03", "P09"], "draft_id": draft})
    return UUID(sent.headers["location"].rpartition("/")[2])


def _matched(journey: Journey, world: dict[str, Any], student: Caller, need_id: UUID) -> tuple[UUID, Caller]:
    """From approval to CONFIRMED, with a kill after each step."""
    Caller(journey, world["teacher"]).post(f"/review/needs/{need_id}/approve", {"hits": "fine"})
    journey.kill()
    journey.until(
        lambda: bool(journey.stack.sql("SELECT 1 FROM match WHERE need_id = $1", need_id)), "proposals after a kill"
    )
    proposed = journey.stack.sql(
        "SELECT id, offer_id, state FROM match WHERE need_id = $1 ORDER BY score DESC, id", need_id
    )
    assert {row["state"] for row in proposed} == {"PROPOSED"}
    assert len(proposed) == 3
    match_id = proposed[0]["id"]
    student.post(f"/matches/{match_id}/accept", {"agree": "yes"})
    journey.kill()
    provider = Caller(journey, world["offers"][str(proposed[0]["offer_id"])])
    provider.post(f"/requests/{match_id}/accept")
    journey.kill()
    return match_id, provider


def _helped(journey: Journey, student: Caller, provider: Caller, match_id: UUID) -> None:
    """From a booked time, moved to now, to the end of the help, with a kill after it."""
    free = re.search(r'<option value="(20[^"]+)"', student.get(f"/matches/{match_id}").text)
    assert free, "a confirmed match shows free times"
    student.post(f"/matches/{match_id}/book", {"slot": html.unescape(free[1]), "mode": "ON"})
    session_id = journey.one("SELECT id FROM service_session WHERE match_id = $1 AND state = 'BOOKED'", match_id)
    journey.stack.sql(
        "UPDATE service_session SET start = now(), \"end\" = now() + interval '50 minutes' WHERE id = $1", session_id
    )
    provider.post(f"/sessions/{session_id}/start")
    record = {"note": "聊了睡眠和复习安排。", "result": "一起做了复习计划", "minutes": "50", "risk_after": "NONE"}
    provider.post(f"/sessions/{session_id}/record", record)
    provider.post(f"/matches/{match_id}/finish", {"result": "压力小了一些，睡得好一点了"})
    journey.kill()


def _nothing_lost_or_doubled(journey: Journey, need_id: UUID, match_id: UUID) -> None:
    matches = journey.stack.sql("SELECT id, offer_id, provider_id, state FROM match WHERE need_id = $1", need_id)
    assert len(matches) == len({row["offer_id"] for row in matches}) == 3, "one set of proposals, no pair twice"
    assert {row["id"]: row["state"] for row in matches} == {
        row["id"]: "COMPLETED" if row["id"] == match_id else "LAPSED" for row in matches
    }
    steps = journey.stack.sql("SELECT target FROM state_change WHERE object_id = $1 ORDER BY at, id", match_id)
    assert [row["target"] for row in steps] == ["S_ACCEPTED", "CONFIRMED", "SCHEDULED", "IN_PROGRESS", "COMPLETED"]
    steps = journey.stack.sql("SELECT target FROM state_change WHERE object_id = $1 ORDER BY at, id", need_id)
    assert [row["target"] for row in steps] == [
        "SUBMITTED", "REVIEW", "OPEN", "MATCHED", "IN_SERVICE", "TO_CONFIRM", "SOLVED",
    ]  # fmt: skip
    full = """
        SELECT used, (SELECT count(*) FROM match m WHERE m.offer_id = o.id AND m.state = ANY($1)) AS held FROM offer o
    """
    assert all(row["used"] == row["held"] for row in journey.stack.sql(full, sorted(HOLDS_PLACE)))
    assert journey.one("SELECT count(*) FROM help_record WHERE need_id = $1", need_id) == 1
    assert journey.one("SELECT state FROM help_record WHERE need_id = $1", need_id) == "VERIFIED"
    doubled = """
        SELECT account_id, template, link, count(*) FROM notification
        WHERE link LIKE '%' || $1::text OR link IN (SELECT '/matches/' || id FROM match WHERE need_id = $1::text::uuid)
        GROUP BY account_id, template, link HAVING count(*) > 1
    """
    assert journey.stack.sql(doubled, str(need_id)) == []
    told = "SELECT count(*) FROM notification WHERE link = $1 AND template = 'match.proposed'"
    assert journey.one(told, f"/my-help/{need_id}") == 1
    mailed = "SELECT fact_id, subscriber FROM outbox_delivery GROUP BY fact_id, subscriber HAVING count(*) > 1"
    assert journey.stack.sql(mailed) == []


@pytest.mark.parametrize(("victim", "who"), [("worker", "stu"), ("valkey", "second"), ("supervisor", "third")])
def test_kill_nine_in_the_middle_of_the_main_job_loses_and_doubles_nothing(data: Path, victim: str, who: str) -> None:
    with Journey(data, victim) as journey:
        world = _world(journey)
        student = Caller(journey, world["students"][who])
        need_id = _asks(student)
        match_id, provider = _matched(journey, world, student, need_id)
        _helped(journey, student, provider, match_id)
        student.post(f"/my-help/{need_id}/confirm", {"satisfaction": "5"})
        journey.until(lambda: journey.waiting() == [], "every delivery done")
        _nothing_lost_or_doubled(journey, need_id, match_id)
        assert journey.kills == 4
        family = journey.stack.family()
        started = time.monotonic()
        journey.stack.process.terminate()
        assert journey.stack.process.wait(10) == 0
        assert time.monotonic() - started < STOP_SECONDS
        assert alive(family) == []
        assert not DataDirectory(data).in_use()
