"""Searching one index: the checks of the request as the server makes them, and the answer in its form."""

import re
import time
from collections.abc import Mapping, Sequence
from typing import Any

from tests.support import meili_filter, meili_ranking, meili_settings
from tests.support.meili_settings import Refused
from tests.support.meili_state import Index
from tests.support.meili_text import normalise

_TEXT = (str, type(None))
_MAYBE_LIST = (list, type(None))
_MAYBE_NUMBER = (int, type(None))
FIELDS: Mapping[str, tuple[type, ...]] = {
    "q": _TEXT,
    "offset": (int,),
    "limit": (int,),
    "page": _MAYBE_NUMBER,
    "hitsPerPage": _MAYBE_NUMBER,
    "attributesToRetrieve": _MAYBE_LIST,
    "attributesToCrop": _MAYBE_LIST,
    "cropLength": (int,),
    "cropMarker": (str,),
    "attributesToHighlight": _MAYBE_LIST,
    "highlightPreTag": (str,),
    "highlightPostTag": (str,),
    "showMatchesPosition": (bool,),
    "filter": (str, list, type(None)),
    "sort": _MAYBE_LIST,
    "distinct": _TEXT,
    "facets": _MAYBE_LIST,
    "matchingStrategy": (str,),
    "attributesToSearchOn": _MAYBE_LIST,
    "rankingScoreThreshold": (float, int, type(None)),
    "locales": _MAYBE_LIST,
    "hybrid": (type(None),),
    "vector": _MAYBE_LIST,
    "retrieveVectors": (bool,),
    "media": (type(None),),
    "personalize": (type(None),),
    "useNetwork": (type(None),),
    "showRankingScore": (bool,),
    "showRankingScoreDetails": (bool,),
    "showPerformanceDetails": (bool,),
}
_GEO_SORT = re.compile(r"_geoPoint\(\s*(-?[\d.]+)\s*,\s*(-?[\d.]+)\s*\):(asc|desc)")
_FIELD_SORT = re.compile(r"([^:]+):(asc|desc)")


def checked(body: Any, *, more: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Return a search request, or raise the server's refusal: no unknown field, no wrong type."""
    if not isinstance(body, dict):
        raise Refused(400, "bad_request", "Invalid value type: expected an object.")
    for name, value in body.items():
        if name in more:
            continue
        if name not in FIELDS:
            raise Refused(400, "bad_request", f"Unknown field `{name}`: expected one of {', '.join(FIELDS)}")
        if not isinstance(value, FIELDS[name]) or (isinstance(value, bool) and bool not in FIELDS[name]):
            raise _invalid(name, f"Invalid value type at `.{name}`.")
        if isinstance(value, int) and value < 0:
            raise _invalid(name, f"Invalid value at `.{name}`: a negative integer.")
    _check_words(body)
    return body


def _check_words(body: Mapping[str, Any]) -> None:
    if body.get("matchingStrategy", "last") not in {"last", "all", "frequency"}:
        raise _invalid(
            "matchingStrategy", "Unknown value at `.matchingStrategy`: expected one of `last`, `all`, `frequency`"
        )
    unknown = set(body.get("locales") or ()) - meili_settings.LOCALES
    if unknown:
        raise _invalid("locales", f"Unsupported locale `{unknown.pop()}`.")


def _invalid(name: str, message: str) -> Refused:
    return Refused(400, "invalid_search_" + re.sub("([A-Z])", r"_\1", name).lower(), message)


def search(index: Index, body: Mapping[str, Any]) -> dict[str, Any]:
    """Answer one checked request."""
    began = time.perf_counter()
    order = _order(index, body.get("sort") or [])
    try:
        judge = meili_filter.compile_filter(body.get("filter"), _filterable(index, body.get("filter")))
    except meili_filter.FilterError as error:
        raise _invalid("filter", str(error)) from error
    facets = body.get("facets") or []
    for name in facets:
        if not meili_settings.matches(index.settings["filterableAttributes"], name):
            raise _invalid("facets", f"Invalid facet distribution: Attribute `{name}` is not filterable.")
    found = _found(index, body, order, [key for key, held in index.held.items() if judge(held)])
    answer: dict[str, Any] = {"query": body.get("q") or ""}
    most = index.settings["pagination"]["maxTotalHits"]
    answer.update(_page(index, body, found, most))
    if facets:
        answer["facetDistribution"] = {name: _counts(index, name, found) for name in facets}
        answer["facetStats"] = _facet_stats(index, facets, found)
    answer["processingTimeMs"] = int((time.perf_counter() - began) * 1000)
    return answer


def _filterable(index: Index, given: object) -> frozenset[str]:
    """Return the names a filter may use: those of the settings, and the words of the filter their patterns cover."""
    patterns: list[Any] = index.settings["filterableAttributes"]
    named = ["_geo", *re.findall(r"[\w.\-]+", str(given))]
    return frozenset(name for name in named if meili_settings.matches(patterns, name))


def _order(index: Index, given: Sequence[Any]) -> list[str]:
    if given and "sort" not in index.settings["rankingRules"]:
        raise _invalid(
            "sort", "You must specify where `sort` is listed in the rankingRules setting to use the sort parameter."
        )
    order = []
    for one in given:
        place, field = _GEO_SORT.fullmatch(str(one)), _FIELD_SORT.fullmatch(str(one))
        if place is not None and abs(float(place[1])) <= 90 and abs(float(place[2])) <= 180:
            name = "_geo"
        elif place is None and field is not None and not field[1].startswith("_geo"):
            name = field[1]
        else:
            raise _invalid(
                "sort",
                f"Invalid syntax for the sort parameter: expected `:asc` or `:desc` at the end of `{one}`.",
            )
        if name not in index.settings["sortableAttributes"]:
            raise _invalid("sort", f"Attribute `{name}` is not sortable.")
        order.append(str(one))
    return order


def _found(index: Index, body: Mapping[str, Any], order: Sequence[str], candidates: Sequence[str]) -> list[str]:
    """Return the ids of what is found, best first."""
    locales = frozenset(body.get("locales") or ())
    tokenizer = index.tokenizer(locales)
    query = meili_ranking.parse(body.get("q") or "", tokenizer)
    rules = index.settings["rankingRules"]
    keyed: list[tuple[tuple[Any, ...], str]] = []
    if query.empty:
        keyed = [
            (meili_ranking.keys(rules, index.words[key], 0, (), query, order, index.documents[key]), key)
            for key in candidates
        ]
    else:
        ranker = meili_ranking.Ranker(query, index.settings, index.synonyms_in(locales), _typos(index))
        steps = ranker.dropped(index.words, body.get("matchingStrategy", "last"))
        for key in candidates:
            match = ranker.match(index.words[key], steps)
            if match is not None:
                step, path = match
                keyed.append(
                    (meili_ranking.keys(rules, index.words[key], step, path, query, order, index.documents[key]), key)
                )
    return [key for _, key in sorted(keyed)]


def _typos(index: Index) -> meili_ranking.Typos:
    given = index.settings["typoTolerance"]
    sizes = given["minWordSizeForTypos"]
    return meili_ranking.Typos(
        given["enabled"],
        sizes["oneTypo"],
        sizes["twoTypos"],
        not given["disableOnNumbers"],
        frozenset(given["disableOnWords"]),
    )


def _page(index: Index, body: Mapping[str, Any], found: Sequence[str], most: int) -> dict[str, Any]:
    total = min(len(found), most)
    if body.get("page") is not None or body.get("hitsPerPage") is not None:
        page, size = body.get("page", 1) or 1, body.get("hitsPerPage", 20)
        size = 20 if size is None else size
        info = {"page": page, "hitsPerPage": size, "totalPages": -(-total // size) if size else 0, "totalHits": total}
        start = (page - 1) * size
    else:
        start, size = body.get("offset", 0), body.get("limit", 20)
        info = {"limit": size, "offset": start, "estimatedTotalHits": total}
    chosen = found[start : min(start + size, most)]
    return {"hits": [_shown(index, index.documents[key], body.get("attributesToRetrieve")) for key in chosen], **info}


def _shown(index: Index, document: Mapping[str, Any], wanted: Sequence[str] | None) -> dict[str, Any]:
    displayed = index.settings["displayedAttributes"]
    shown = {name: value for name, value in document.items() if displayed == ["*"] or name in displayed}
    return shown if not wanted or "*" in wanted else {name: value for name, value in shown.items() if name in wanted}


def displayed(index: Index, document: Mapping[str, Any], fields: Sequence[str] | None) -> dict[str, Any]:
    """Return a document as the routes of the documents show it."""
    return _shown(index, document, fields)


def _counts(index: Index, name: str, found: Sequence[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    written: dict[str, str] = {}
    for key in found:
        for value in dict.fromkeys(map(_facet_text, meili_filter.values(index.documents[key], name))):
            spelling = written.setdefault(normalise(value), value)
            counts[spelling] = counts.get(spelling, 0) + 1
    faceting = index.settings["faceting"]
    by_count = faceting["sortFacetValuesBy"].get(name, faceting["sortFacetValuesBy"].get("*", "alpha")) == "count"
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]) if by_count else (0, pair[0]))
    return dict(ordered[: faceting["maxValuesPerFacet"]])


def _facet_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _facet_stats(index: Index, names: Sequence[str], found: Sequence[str]) -> dict[str, Any]:
    stats = {}
    for name in names:
        numbers = [
            one
            for key in found
            for one in meili_filter.values(index.documents[key], name)
            if isinstance(one, int | float)
        ]
        if numbers:
            stats[name] = {"min": float(min(numbers)), "max": float(max(numbers))}
    return stats
