"""The places of Guangdong and what can be said about them without asking anybody.

The data is static: one province, 21 cities, 122 counties, in ``guangdong.csv`` beside this file. No
database table holds it; other tables store the six-digit code.
"""

import csv
import math
import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from importlib.resources import files
from types import MappingProxyType
from typing import Final

import msgspec

PROVINCE_CODE: Final = "440000"
_EARTH_RADIUS_KM: Final = 6371.0088


class Level(StrEnum):
    """The three levels of places."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"


class Region(msgspec.Struct, frozen=True):
    """One place: six-digit code, names, level, the place it lies in, a point inside it, bordering cities."""

    code: str
    name: str
    short: str
    level: Level
    parent: str
    lon: float
    lat: float
    neighbours: frozenset[str]


def _read() -> Mapping[str, Region]:
    source = files("app.regions").joinpath("guangdong.csv").read_text(encoding="utf-8")
    found = {
        row["code"]: Region(
            code=row["code"],
            name=row["name"],
            short=row["short"],
            level=Level(row["level"]),
            parent=row["parent"],
            lon=float(row["lon"]),
            lat=float(row["lat"]),
            neighbours=frozenset(row["neighbours"].split()),
        )
        for row in csv.DictReader(source.splitlines())
    }
    return MappingProxyType(found)


REGIONS: Final = _read()
_CITIES: Final = tuple(place for place in REGIONS.values() if place.level is Level.CITY)

# 珠三角 is the nine cities of the Pearl River delta; 粤东西北 is all the others.
PEARL_RIVER_DELTA: Final = frozenset(
    {"440100", "440300", "440400", "440600", "440700", "441200", "441300", "441900", "442000"}
)
EAST_WEST_NORTH: Final = frozenset(city.code for city in _CITIES) - PEARL_RIVER_DELTA

_NOISE: Final = re.compile(r"[\s·•,，、/\-—>]+")
_PROVINCE_NAMES: Final = ("广东省", "广东")


def province() -> Region:
    """Guangdong itself."""
    return REGIONS[PROVINCE_CODE]


def cities() -> tuple[Region, ...]:
    """List the 21 cities in the order of their codes."""
    return _CITIES


def counties(city_code: str) -> tuple[Region, ...]:
    """List the counties and districts of a city in the order of their codes; 东莞 and 中山 have none."""
    return tuple(place for place in REGIONS.values() if place.level is Level.COUNTY and place.parent == city_code)


def region(code: str) -> Region | None:
    """Look up the place with this six-digit code, or nothing when Guangdong has none."""
    return REGIONS.get(code)


def region_named(text: str, within: str | None = None) -> Region | None:
    """Read a place as people write it: “佛山”, “ 广东省佛山市 ”, “南海区”, “佛山市 · 南海区”.

    ``within`` is the code of a city (or of the province) that the place must be or lie in. A place outside
    Guangdong is nobody's guess: the answer is None.
    """
    wanted = _NOISE.sub("", unicodedata.normalize("NFKC", text))
    if wanted in _PROVINCE_NAMES:
        return province() if within in {None, PROVINCE_CODE} else None
    for prefix in _PROVINCE_NAMES:
        wanted = wanted.removeprefix(prefix)
    found = _only(_called(wanted)) or _only(_called_with_city(wanted))
    if found is None or within is None or _lies_in(found, within):
        return found
    return None


def city_of(code: str) -> Region | None:
    """Find the city a code belongs to: itself for a city, its parent for a county, nothing for the province."""
    found = REGIONS.get(code)
    if found is None or found.level is Level.PROVINCE:
        return None
    return found if found.level is Level.CITY else REGIONS[found.parent]


def same_city(a: str, b: str) -> bool:
    """Whether two codes lie in one city; a code without a city shares one with nobody."""
    city = city_of(a)
    return city is not None and city == city_of(b)


def are_neighbours(a: str, b: str) -> bool:
    """Whether the cities of two codes share a land or river border; a city is not its own neighbour."""
    first, second = city_of(a), city_of(b)
    return first is not None and second is not None and second.code in first.neighbours


def distance_km(a: str, b: str) -> float | None:
    """Great-circle distance between the points of two places, or nothing when a code is unknown."""
    first, second = REGIONS.get(a), REGIONS.get(b)
    if first is None or second is None:
        return None
    lat_a, lat_b = math.radians(first.lat), math.radians(second.lat)
    half_lat = (lat_b - lat_a) / 2
    half_lon = math.radians(second.lon - first.lon) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(half_lon) ** 2
    return 2 * _EARTH_RADIUS_KM * math.asin(math.sqrt(chord))


def label(code: str) -> str:
    """How a page names a place: “广东省”, “佛山市” or “佛山市 · 南海区”; an unknown code says so."""
    found = REGIONS.get(code)
    if found is None:
        return "未知地区"
    if found.level is Level.COUNTY:
        return f"{REGIONS[found.parent].name} · {found.name}"
    return found.name


def _lies_in(found: Region, within: str) -> bool:
    return within in {found.code, found.parent, PROVINCE_CODE}


def _called(wanted: str) -> list[Region]:
    return [place for place in REGIONS.values() if wanted in {place.name, place.short}]


def _called_with_city(wanted: str) -> list[Region]:
    """Counties written with their city in front, such as 佛山市南海区 or 佛山南海."""
    return [
        county
        for city in _CITIES
        for prefix in (city.name, city.short)
        if wanted.startswith(prefix)
        for county in counties(city.code)
        if wanted.removeprefix(prefix) in {county.name, county.short}
    ]


def _only(places: list[Region]) -> Region | None:
    """Take the single place of a list, however often it was found; doubt is no answer."""
    return places[0] if len(set(places)) == 1 else None
