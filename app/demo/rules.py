"""The demo is made by chance with a fixed seed: the same day gives the same Guangdong, and all of it says 示例."""

import csv
from collections.abc import Iterable, Mapping
from importlib.resources import files
from random import Random
from typing import Final

import msgspec

SEED: Final = "青桥示例 2026"
MARK: Final = "（示例）"
HISTORY_DAYS: Final = 120
"""How far the history of the demo reaches back."""


class DemoAccount(msgspec.Struct, frozen=True, kw_only=True):
    """One account of the demo as `demo.json` holds it; `totp_secret` is set for roles with a second factor."""

    role: str
    login: str
    password: str
    totp_secret: str | None
    name: str
    organisation: str


def chance(*about: object) -> Random:
    """Return a source of chance that depends only on what it is about."""
    return Random("|".join(map(str, (SEED, *about))))  # noqa: S311 - it makes demo contents, nothing secret


def rows_of(name: str) -> tuple[Mapping[str, str], ...]:
    """Return the rows of a CSV file beside this module."""
    source = files("app.demo").joinpath(name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(source.splitlines()))


def spread(total: int, weights: Mapping[str, float]) -> tuple[str, ...]:
    """Return `total` keys in the proportion of their weights, each at least once, evenly mixed."""
    share = sum(weights.values())
    counts = {key: max(1, round(total * weight / share)) for key, weight in weights.items()}
    placed = sorted(((number + 0.5) / count, key) for key, count in counts.items() for number in range(count))
    return tuple(key for _place, key in placed)[:total] if sum(counts.values()) >= total else _filled(placed, total)


def _filled(placed: Iterable[tuple[float, str]], total: int) -> tuple[str, ...]:
    keys = [key for _place, key in placed]
    return tuple(keys[number % len(keys)] for number in range(total))


def numbered(label: str, number: int) -> str:
    """Return a name such as 示例同学007."""
    return f"示例{label}{number:03d}"
