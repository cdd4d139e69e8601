"""The settings of a Meilisearch index: their defaults, and the checks the server makes before it takes them."""

import copy
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

DEFAULTS: Mapping[str, Any] = {
    "displayedAttributes": ["*"],
    "searchableAttributes": ["*"],
    "filterableAttributes": [],
    "sortableAttributes": [],
    "rankingRules": ["words", "typo", "proximity", "attributeRank", "sort", "wordPosition", "exactness"],
    "stopWords": [],
    "nonSeparatorTokens": [],
    "separatorTokens": [],
    "dictionary": [],
    "synonyms": {},
    "distinctAttribute": None,
    "proximityPrecision": "byWord",
    "typoTolerance": {
        "enabled": True,
        "minWordSizeForTypos": {"oneTypo": 5, "twoTypos": 9},
        "disableOnWords": [],
        "disableOnAttributes": [],
        "disableOnNumbers": False,
    },
    "faceting": {"maxValuesPerFacet": 100, "sortFacetValuesBy": {"*": "alpha"}},
    "pagination": {"maxTotalHits": 1000},
    "embedders": {},
    "searchCutoffMs": None,
    "localizedAttributes": None,
    "facetSearch": True,
    "prefixSearch": "indexingTime",
    "foreignKeys": [],
}
RULES = frozenset({"words", "typo", "proximity", "attribute", "attributeRank", "wordPosition", "sort", "exactness"})
_LOCALES = """
af ak am ar az be bn bg ca cs da de el en eo et fi fr gu he hi hr hu hy id it ja jv ko kn ka km la lv lt mk mr ml my
nb ne nl or pa pt pl fa ro ru si sk sl sn es sr sv sw ta te tl th tk tr uk ur uz vi yi zh zu afr aka amh ara aze bel
ben bul cat ces cmn dan deu ell eng epo est fin fra guj heb hin hrv hun hye ind ita jpn jav kan kat khm kor lat lav
lit mal mar mkd mya nep nob nld ori pan pes pol por ron rus sin slk slv sna spa srp swe swa tam tel tgl tha tuk tur
ukr urd uzb vie yid zho zul
"""
LOCALES = frozenset(_LOCALES.split())
Check = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Refused(Exception):  # noqa: N818  it carries the server's answer, and is raised wherever one is due
    """What the server answers instead of doing it."""

    status: int
    code: str
    message: str
    type: str = "invalid_request"


def _strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _filterable(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) or _granular(item) for item in value)


def _granular(item: Any) -> bool:
    if not isinstance(item, dict) or not set(item) <= {"attributePatterns", "features"}:
        return False
    features = item.get("features", {})
    return (
        _strings(item.get("attributePatterns"))
        and isinstance(features, dict)
        and set(features) <= {"facetSearch", "filter"}
    )


def _ranking(value: Any) -> bool:
    return _strings(value) and all(rule in RULES or re.fullmatch(r"[^:]+:(asc|desc)", rule) for rule in value)


def _localized(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, dict)
        and set(item) == {"attributePatterns", "locales"}
        and _strings(item["attributePatterns"])
        and _strings(item["locales"])
        and set(item["locales"]) <= LOCALES
        for item in value
    )


def _typo(value: Any) -> bool:
    known = {
        "enabled": lambda one: isinstance(one, bool),
        "disableOnNumbers": lambda one: isinstance(one, bool),
        "disableOnWords": _strings,
        "disableOnAttributes": _strings,
        "minWordSizeForTypos": _sizes,
    }
    return isinstance(value, dict) and all(
        name in known and (one is None or known[name](one)) for name, one in value.items()
    )


def _sizes(value: Any) -> bool:
    if not isinstance(value, dict) or not set(value) <= {"oneTypo", "twoTypos"}:
        return False
    one, two = value.get("oneTypo"), value.get("twoTypos")
    return all(size is None or (_whole(size) and size <= 255) for size in (one, two)) and (
        one is None or two is None or one <= two
    )


def _faceting(value: Any) -> bool:
    if not isinstance(value, dict) or not set(value) <= {"maxValuesPerFacet", "sortFacetValuesBy"}:
        return False
    orders = value.get("sortFacetValuesBy") or {}
    most = value.get("maxValuesPerFacet")
    return (most is None or _whole(most)) and isinstance(orders, dict) and set(orders.values()) <= {"alpha", "count"}


def _pagination(value: Any) -> bool:
    if not isinstance(value, dict) or not set(value) <= {"maxTotalHits"}:
        return False
    most = value.get("maxTotalHits")
    return most is None or (_whole(most) and most > 0)


def _synonyms(value: Any) -> bool:
    return isinstance(value, dict) and all(_strings(words) for words in value.values())


CHECKS: Mapping[str, Check] = {
    "displayedAttributes": _strings,
    "searchableAttributes": _strings,
    "filterableAttributes": _filterable,
    "sortableAttributes": _strings,
    "rankingRules": _ranking,
    "stopWords": _strings,
    "nonSeparatorTokens": _strings,
    "separatorTokens": _strings,
    "dictionary": _strings,
    "synonyms": _synonyms,
    "distinctAttribute": lambda value: isinstance(value, str),
    "proximityPrecision": lambda value: value in ("byWord", "byAttribute"),
    "typoTolerance": _typo,
    "faceting": _faceting,
    "pagination": _pagination,
    "embedders": lambda value: value == {},
    "searchCutoffMs": _whole,
    "localizedAttributes": _localized,
    "facetSearch": lambda value: isinstance(value, bool),
    "prefixSearch": lambda value: value in ("indexingTime", "disabled"),
    "foreignKeys": lambda value: value == [],
}


def checked(given: Any) -> dict[str, Any]:
    """Return the settings given, or raise the server's refusal."""
    if not isinstance(given, dict):
        raise Refused(400, "bad_request", "Invalid value type: expected an object.")
    for name, value in given.items():
        if name not in CHECKS:
            listed = ", ".join(f"`{known}`" for known in CHECKS)
            raise Refused(400, "bad_request", f"Unknown field `{name}`: expected one of {listed}")
        if value is not None and not CHECKS[name](value):
            code = "invalid_settings_" + re.sub("([A-Z])", r"_\1", name).lower()
            raise Refused(400, code, f"Invalid value at `.{name}`.")
    return given


def merged(present: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the present settings with the given ones on top; null goes back to the default."""
    result = copy.deepcopy(dict(present))
    for name, value in given.items():
        default = DEFAULTS[name]
        if value is None:
            result[name] = copy.deepcopy(default)
        elif isinstance(default, dict) and name not in {"synonyms", "embedders"}:
            told = {key: one for key, one in value.items() if one is not None}
            result[name] = {**result[name], **told}
        else:
            result[name] = value
    return result


def matches(patterns: list[Any], name: str) -> bool:
    """Tell whether an attribute is covered: by its name, by a parent's name, or by a pattern with a star."""
    for item in patterns:
        granular = isinstance(item, dict)
        for pattern in item["attributePatterns"] if granular else [item]:
            if fnmatchcase(name, pattern) or name.startswith(f"{pattern}."):
                return True
    return False
