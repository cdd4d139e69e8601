"""What the students of the demo ask for, and how each request goes on."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any, Final

import msgspec

from app.demo.rules import chance, rows_of, spread
from app.demo.rules_offers_places import RENT_YUAN
from app.demo.rules_people import PersonPlan
from app.kit.clock import age_on
from app.needs.rules import kind_for
from app.regions.rules import city_of

ADULT: Final = 18
STORIES: Final[Mapping[str, tuple[int, float, float]]] = {
    "SOLVED": (108, 116, 14),
    "ABSENT": (6, 90, 30),
    "DIRECT": (18, 110, 8),
    "UNCONFIRMED": (14, 110, 50),
    "UNSOLVABLE": (9, 100, 3),
    "CONFIRMING": (20, 21, 10),
    "NOT_SOLVED": (4, 60, 25),
    "SERVING": (30, 16, 6),
    "BOOKED": (14, 9, 4),
    "AGREED": (10, 6, 3),
    "ASKED": (16, 3.2, 2.2),
    "PROPOSED": (52, 2.6, 0.6),
    "WAITING": (22, 24, 1),
    "REVIEW": (24, 0.9, 0.05),
    "HELD": (5, 0.8, 0.02),
    "TO_CASE": (3, 70, 10),
    "CLEARED": (3, 80, 40),
    "BULLIED": (6, 100, 5),
    "RETURNED": (10, 12, 1),
    "SENT_AGAIN": (4, 20, 6),
    "WITHDRAWN": (12, 100, 2),
    "MERGED": (6, 80, 3),
    "EXPIRED": (10, 75, 36),
}
"""How requests go on: how many, and how many days ago they began (from, to)."""
_WITH_OFFERS: Final = (
    *("COUNSEL", "COUNSEL", "STUDY", "COUNSEL", "INTERN", "COUNSEL", "COUNSEL"),
    *("HOUSE", "COUNSEL", "SPONSOR", "COUNSEL", "STUDY", "COUNSEL", "LEGAL"),
)
_COUNSEL_ONLY: Final = frozenset({"ABSENT", "CLEARED", "NOT_SOLVED"})
_PEOPLE_ONLY: Final = frozenset({"DIRECT", "EXPIRED", "WAITING"})
_TAILS: Final = (
    "",
    "周末时间比较多。",
    "希望先不要告诉同学。",
    "晚上八点以后比较方便。",
    "如果可以，想尽快有人联系我。",
    "谢谢愿意看到这里的人。",
    "线上就可以，不太想见面。",
    "有没有人帮都谢谢你们。",
    "我可以配合安排时间。",
    "第一次用这个平台，不知道写得对不对。",
)
_MODES: Final = (("VO", "VI"), ("ON", "VO", "VI"), ("VO",), ("VI", "VO", "FF"), ("ON", "VO"))
_EVENING, _DAY = (18 * 60 + 30, 22 * 60), (9 * 60, 18 * 60)


class NeedPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One request: who asks for what in which words, and its story."""

    key: str
    student: str
    story: str
    sub: str
    title: str
    text: str
    days_ago: float
    by_cadre: bool
    region: str
    modes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("PTH",)
    gender_pref: str = "N"
    slots: tuple[tuple[int, int, int], ...] = ()
    wishes: dict[str, Any] = {}
    urgency: str = "N"
    amount_fen: int | None = None


def needs(students: Sequence[PersonPlan], day: date) -> tuple[NeedPlan, ...]:
    """Return every request, with students asked evenly."""
    return tuple(_Writer(students, day).write())


class _Writer:
    """Hands out students and words so that they fit each other and repeat as little as possible."""

    def __init__(self, students: Sequence[PersonPlan], day: date) -> None:
        self._students = students
        self._day = day
        self._asked: dict[str, int] = {}
        self._used: dict[str, int] = {}
        self._texts = rows_of("need_texts.csv")
        self._crisis = rows_of("crisis_texts.csv")
        self._number = 0
        self._fitting = {row["title"]: self._whom(row) for row in (*self._texts, *self._crisis)}

    def write(self) -> Iterator[NeedPlan]:
        """Yield the plans story by story."""
        total = sum(count for count, _first, _last in STORIES.values())
        for story in spread(total, {name: count for name, (count, _first, _last) in STORIES.items()}):
            self._number += 1
            yield self._plan(story, self._number)

    def _plan(self, story: str, number: int) -> NeedPlan:
        luck = chance("need", number)
        row, person = self._pair(story, number)
        assert person.student is not None
        _count, first, last = STORIES[story]
        kind = kind_for(row["sub"])
        modes = luck.choice(_MODES) if kind in {"COUNSEL", "STUDY", "LEGAL"} else ()
        words = row["text"] + (luck.choice(_TAILS) if story not in {"HELD", "TO_CASE", "CLEARED"} else "")
        return NeedPlan(
            key=f"need{number:03d}",
            student=person.key,
            story=story,
            sub=row["sub"],
            title=row["title"],
            text=words,
            days_ago=luck.uniform(first, last),
            by_cadre=number % 9 == 0 and not row["sub"].startswith("PS") and self._age(person) >= 14,  # noqa: PLR2004 - younger ones need the guardian's hand
            region=person.student.region,
            modes=modes,
            languages=(luck.choice(person.student.languages),) if luck.random() < 0.3 else ("PTH",),  # noqa: PLR2004 - some ask in their own language
            gender_pref=person.student.gender_pref if kind == "COUNSEL" else "N",
            slots=_slots(luck) if modes else (),
            wishes=self._wishes(kind, person, luck),
            urgency="H" if number % 11 == 0 else "N",
            amount_fen=luck.choice((150_000, 300_000, 400_000, 600_000)) if kind == "SPONSOR" else None,
        )

    def _age(self, person: PersonPlan) -> int:
        return age_on(person.birth, self._day)

    def _pair(self, story: str, number: int) -> tuple[Mapping[str, str], PersonPlan]:
        """Return words and a student whom they fit: the least used of both."""
        luck = chance("pair", number)
        if story in {"HELD", "TO_CASE", "CLEARED"}:
            rows: Sequence[Mapping[str, str]] = [row for row in self._crisis if row["sub"] != "EM5"]
        elif story == "BULLIED":
            rows = [row for row in self._texts if row["sub"] == "RT2"]
        else:
            wanted = "" if story in _PEOPLE_ONLY else "COUNSEL" if story in _COUNSEL_ONLY else _kind(number)
            rows = [
                row for row in self._texts if row["sub"][:3] not in {"RT2", "RT3"} and kind_for(row["sub"]) == wanted
            ]
        rows = [one for one in rows if self._fitting[one["title"]]]
        row = min(rows, key=lambda one: (self._used.get(one["title"], 0), luck.random()))
        self._used[row["title"]] = self._used.get(row["title"], 0) + 1
        person = min(
            self._fitting[row["title"]],
            key=lambda one: (self._asked.get(one.key, 0), luck.random()),
        )
        self._asked[person.key] = self._asked.get(person.key, 0) + 1
        return row, person

    def _whom(self, row: Mapping[str, str]) -> list[PersonPlan]:
        return [person for person in self._students if self._fits(person, row)]

    def _fits(self, person: PersonPlan, row: Mapping[str, str]) -> bool:
        assert person.student is not None
        kind = kind_for(row["sub"])
        if person.student.graduated_days is not None:
            return row["sub"].startswith("EM")
        if person.student.stage not in row["stages"].split():
            return False
        return self._age(person) >= ADULT + 1 if kind in {"INTERN", "HOUSE", "SPONSOR"} else True

    def _wishes(self, kind: str, person: PersonPlan, luck: Random) -> dict[str, Any]:
        assert person.student is not None
        if kind == "INTERN":
            begin = self._day + timedelta(days=luck.randint(-90, 10))
            wish: dict[str, Any] = {
                "free_from": begin.isoformat(),
                "free_to": (begin + timedelta(days=330)).isoformat(),
                "hours_week": luck.choice((24, 32, 40)),
            }
            return wish | ({"major": person.student.major} if person.student.major else {})
        if kind == "HOUSE":
            city = city_of(person.student.region)
            usual = RENT_YUAN.get(city.code, 1300) if city else 1300
            return {
                "budget_fen": round(usual * luck.uniform(1.0, 1.4)) * 100,
                "move_in": (self._day + timedelta(days=luck.randint(3, 40))).isoformat(),
                "persons": luck.choice((1, 1, 2)),
            }
        return {}


def _kind(number: int) -> str:
    return _WITH_OFFERS[number % len(_WITH_OFFERS)]


def _slots(luck: Random) -> tuple[tuple[int, int, int], ...]:
    evenings = luck.sample(range(1, 6), 3)
    return tuple(sorted([(day, *_EVENING) for day in evenings] + [(6, *_DAY), (7, *_DAY)]))
