from datetime import UTC, date, datetime, timedelta

import pytest

from app.kit import wording

NOW = datetime(2026, 11, 23, 10, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fen", "text"),
    [(300_000, "3,000 元"), (150, "1.50 元"), (0, "0 元"), (-250, "-2.50 元"), (None, "—"), (5, "0.05 元")],
)
def test_amounts(fen: int | None, text: str) -> None:
    assert wording.yuan(fen) == text


def test_days_are_days_of_guangdong() -> None:
    assert wording.day(date(2026, 11, 3)) == "2026年11月3日"
    assert wording.day(datetime(2026, 11, 22, 16, 0, tzinfo=UTC)) == "2026年11月23日"
    assert wording.day(None) == "—"


def test_a_moment_names_the_year_only_when_it_is_another() -> None:
    assert wording.moment(NOW, NOW) == "11月23日 18:05"
    assert wording.moment(NOW - timedelta(days=365), NOW) == "2025年11月23日 18:05"
    assert wording.moment(None, NOW) == "—"


@pytest.mark.parametrize(
    ("distance", "text"),
    [
        (timedelta(seconds=20), "刚刚"),
        (timedelta(minutes=5), "5 分钟前"),
        (timedelta(hours=3), "3 小时前"),
        (timedelta(hours=20), "昨天 22:05"),
        (timedelta(days=3), "3 天前"),
        (timedelta(days=30), "10月24日 18:05"),
        (timedelta(seconds=-20), "马上"),
        (timedelta(minutes=-5), "5 分钟后"),
        (timedelta(hours=-20), "明天 14:05"),
        (timedelta(days=-3), "3 天后"),
    ],
)
def test_how_long_ago(distance: timedelta, text: str) -> None:
    assert wording.ago(NOW - distance, NOW) == text


def test_an_unknown_moment_is_a_dash() -> None:
    assert wording.ago(None, NOW) == "—"


def test_just_before_midnight_is_minutes_ago_and_not_yesterday() -> None:
    midnight = datetime(2026, 11, 23, 16, 10, tzinfo=UTC)
    assert wording.ago(midnight - timedelta(minutes=20), midnight) == "20 分钟前"
