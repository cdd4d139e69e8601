"""The filter grammar of Meilisearch: parsed strictly as documented, and judged against one document."""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

EARTH_METRES = 6_371_008.8
MOST_DEPTH = 150
MOST_VALUE_BYTES = 468
KEYWORDS = frozenset(
    {"OR", "AND", "NOT", "IN", "TO", "EXISTS", "IS", "NULL", "EMPTY", "CONTAINS", "STARTS", "WITH"}
    | {"_geoRadius", "_geoBoundingBox", "_geoPolygon"}
)
_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(?P<mark>!=|>=|<=|[=<>()\[\],])|(?P<word>[\w.\-]+))""",
    re.DOTALL,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", "'": "'", '"': '"', "0": "\0"}


class Held:
    """One document as the filters see it; the folded values of an attribute are worked out once."""

    __slots__ = ("_folded", "document")

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self._folded: dict[str, frozenset[str]] = {}

    def folded(self, name: str) -> frozenset[str]:
        """Return the values of an attribute in the form in which they are compared."""
        if name not in self._folded:
            self._folded[name] = frozenset(map(_folded, values(self.document, name)))
        return self._folded[name]

    def numbers(self, name: str) -> list[float]:
        """Return the numbers of an attribute."""
        found = values(self.document, name)
        return [float(one) for one in found if isinstance(one, int | float) and not isinstance(one, bool)]


Judge = Callable[[Held], bool]


class FilterError(Exception):
    """The filter is not of the documented form; the text is what the server answers."""


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    kind: str


def compile_filter(given: object, filterable: Iterable[str]) -> Judge:
    """Return the judge of a filter: a string, or an array whose inner arrays are alternatives."""
    allowed = frozenset(filterable)
    if given is None:
        return lambda _: True
    if isinstance(given, str):
        return _parse(given, allowed)
    if not isinstance(given, list):
        raise FilterError("Invalid type for filter subexpression: expected: String, Array.")
    parts: list[Judge] = []
    for item in given:
        if isinstance(item, list):
            inner = [_parse(_text(one), allowed) for one in item]
            parts.append(_any(inner))
        else:
            parts.append(_parse(_text(item), allowed))
    return _all(parts)


def _text(item: object) -> str:
    if not isinstance(item, str):
        raise FilterError("Invalid type for filter subexpression: expected: String.")
    return item


def _any(parts: list[Judge]) -> Judge:
    return lambda held: any(part(held) for part in parts)


def _all(parts: list[Judge]) -> Judge:
    return lambda held: all(part(held) for part in parts)


def _not(part: Judge) -> Judge:
    return lambda held: not part(held)


def _parse(text: str, allowed: frozenset[str]) -> Judge:
    if not text.strip():
        return lambda _: True
    parser = _Parser(_tokens(text), allowed)
    judge = parser.either(0)
    if parser.at < len(parser.tokens):
        raise FilterError(f"Found unexpected characters at the end of the filter: `{parser.tokens[parser.at].text}`.")
    return judge


def _tokens(text: str) -> list[_Token]:
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise FilterError(f"Was expecting a value but instead got `{text[at:].strip()[:40]}`.")
        kind = str(match.lastgroup)
        piece = match.group(kind)
        found.append(_Token(_unescape(piece[1:-1]) if kind == "quoted" else piece, kind))
        at = match.end()
    return found


def _unescape(text: str) -> str:
    out, at = [], 0
    while at < len(text):
        if text[at] != "\\":
            out.append(text[at])
        else:
            at += 1
            if text[at] not in _ESCAPES:
                raise FilterError(f"Malformed value: `{text}`.")
            out.append(_ESCAPES[text[at]])
        at += 1
    return "".join(out)


class _Parser:
    """A recursive descent over the tokens: or, and, not, then one condition."""

    def __init__(self, tokens: list[_Token], allowed: frozenset[str]) -> None:
        self.tokens = tokens
        self.allowed = allowed
        self.at = 0

    def either(self, depth: int) -> Judge:
        if depth > MOST_DEPTH:
            raise FilterError("The filter exceeded the maximum depth limit. Try rewriting the filter.")
        parts = [self._both(depth)]
        while self._take("OR"):
            parts.append(self._both(depth))
        return parts[0] if len(parts) == 1 else _any(parts)

    def _both(self, depth: int) -> Judge:
        parts = [self._negated(depth)]
        while self._take("AND"):
            parts.append(self._negated(depth))
        return parts[0] if len(parts) == 1 else _all(parts)

    def _negated(self, depth: int) -> Judge:
        if self._take("NOT"):
            return _not(self._negated(depth + 1))
        if self._take("(", "mark"):
            inner = self.either(depth + 1)
            self._need(")")
            return inner
        if self._take("_geoRadius"):
            return self._radius()
        if self._take("_geoBoundingBox"):
            return self._box()
        return self._condition()

    def _condition(self) -> Judge:
        name = self._value()
        if name not in self.allowed:
            listed = ", ".join(sorted(self.allowed)) or "none"
            raise FilterError(
                f"Attribute `{name}` is not filterable. Available filterable attribute patterns: {listed}."
            )
        negated = self._take("NOT")
        judge = self._listed(name) or self._state(name, allow_null=not negated) or self._starts(name)
        if judge is None and not negated:
            judge = self._compared(name)
        if judge is None:
            raise FilterError(
                "Was expecting an operation `=`, `!=`, `>=`, `>`, `<=`, `<`, `IN`, `TO`, `EXISTS`, `IS NULL`."
            )
        return _not(judge) if negated else judge

    def _listed(self, name: str) -> Judge | None:
        if not self._take("IN"):
            return None
        self._need("[")
        given: list[str] = []
        while not self._take("]", "mark"):
            given.append(self._value())
            if not self._take(",", "mark"):
                self._need("]")
                break
        wanted = frozenset(map(_folded, given))
        return lambda held: not wanted.isdisjoint(held.folded(name))

    def _state(self, name: str, *, allow_null: bool) -> Judge | None:
        if self._take("EXISTS"):
            return lambda held: name in held.document
        if not allow_null or not self._take("IS"):
            return None
        negated = self._take("NOT")
        judge: Judge
        if self._take("NULL"):
            judge = lambda held: name in held.document and held.document[name] is None  # noqa: E731  two shapes, one place
        elif self._take("EMPTY"):
            judge = lambda held: name in held.document and held.document[name] in ("", [], {})  # noqa: E731  likewise
        else:
            raise FilterError("Was expecting `NULL` or `EMPTY`.")
        return _not(judge) if negated else judge

    def _starts(self, name: str) -> Judge | None:
        if self._take("CONTAINS"):
            raise FilterError(
                "Using `CONTAINS` in a filter requires enabling the `containsFilter` experimental feature."
            )
        if not self._take("STARTS"):
            return None
        if not self._take("WITH"):
            raise FilterError("Was expecting `WITH`.")
        start = _folded(self._value())
        return lambda held: any(value.startswith(start) for value in held.folded(name))

    def _compared(self, name: str) -> Judge | None:
        token = self._peek()
        if token is not None and token.kind == "mark" and token.text in {"=", "!=", ">", ">=", "<", "<="}:
            self.at += 1
            value = self._value()
            if token.text in {"=", "!="}:
                wanted = _folded(value)
                equal: Judge = lambda held: wanted in held.folded(name)  # noqa: E731  negated below
                return equal if token.text == "=" else _not(equal)
            bound = _number(value)
            return lambda held: any(_holds(one, token.text, bound) for one in held.numbers(name))
        if token is None or token.kind == "mark":
            return None
        low = _number(self._value())
        if not self._take("TO"):
            raise FilterError("Was expecting an operation after the attribute.")
        high = _number(self._value())
        return lambda held: any(low <= one <= high for one in held.numbers(name))

    def _radius(self) -> Judge:
        self._geo_allowed()
        self._need("(")
        lat, lng, metres = self._float(","), self._float(","), self._float(")")
        _checked(lat, lng)
        return lambda held: (place := geo(held.document)) is not None and distance(place, (lat, lng)) <= metres

    def _box(self) -> Judge:
        self._geo_allowed()
        for mark in "([":
            self._need(mark)
        top, right = self._float(","), self._float("]")
        self._need(",")
        self._need("[")
        bottom, left = self._float(","), self._float("]")
        self._need(")")
        _checked(top, right)
        _checked(bottom, left)
        if top < bottom:
            raise FilterError(f"The top latitude `{top}` is below the bottom latitude `{bottom}`.")

        def inside(held: Held) -> bool:
            place = geo(held.document)
            if place is None or not bottom <= place[0] <= top:
                return False
            return left <= place[1] <= right if left <= right else place[1] >= left or place[1] <= right

        return inside

    def _geo_allowed(self) -> None:
        if "_geo" not in self.allowed:
            raise FilterError("Attribute `_geo` is not filterable.")

    def _float(self, closing: str) -> float:
        value = _number(self._value())
        self._need(closing)
        return value

    def _peek(self) -> _Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _take(self, text: str, kind: str = "word") -> bool:
        token = self._peek()
        if token is None or token.text != text or token.kind != kind:
            return False
        self.at += 1
        return True

    def _need(self, mark: str) -> None:
        if not self._take(mark, "mark"):
            raise FilterError(f"Expression is missing the following delimiter: `{mark}`.")

    def _value(self) -> str:
        token = self._peek()
        if token is None or token.kind == "mark":
            raise FilterError("Was expecting a value but instead got nothing.")
        if token.kind == "word" and token.text in KEYWORDS:
            raise FilterError(f"Was expecting a value but instead got `{token.text}`, which is a reserved keyword.")
        if len(token.text.encode()) > MOST_VALUE_BYTES:
            raise FilterError("The value is longer than 468 bytes.")
        self.at += 1
        return token.text


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise FilterError(f"`{text}` is not a number.") from error
    if not math.isfinite(value):
        raise FilterError("Non finite floats are not supported.")
    return value


def _checked(lat: float, lng: float) -> None:
    if not -90 <= lat <= 90:
        raise FilterError(f"Bad latitude `{lat}`. Latitude must be contained between -90 and 90 degrees.")
    if not -180 <= lng <= 180:
        raise FilterError(f"Bad longitude `{lng}`. Longitude must be contained between -180 and 180 degrees.")


def _holds(one: float, mark: str, bound: float) -> bool:
    return {">": one > bound, ">=": one >= bound, "<": one < bound, "<=": one <= bound}[mark]


def values(document: Mapping[str, Any], name: str) -> list[Any]:
    """Return what a facet holds for a document: nothing for null and empty values, each item of an array."""
    value = document.get(name)
    if isinstance(value, list):
        return [one for one in value if one not in (None, "")]
    return [] if value in (None, "") else [value]


def _folded(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) and not value.is_integer() else str(int(value))
    text = str(value).strip().lower()
    try:
        number = float(text)
    except ValueError:
        return text
    return str(int(number)) if math.isfinite(number) and number.is_integer() else text


def geo(document: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return the place of a document, if it has one."""
    place = document.get("_geo")
    return (float(place["lat"]), float(place["lng"])) if isinstance(place, dict) else None


def distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the great-circle distance in metres."""
    lat, lng, far_lat, far_lng = map(math.radians, (*one, *other))
    half = math.sin((far_lat - lat) / 2) ** 2 + math.cos(lat) * math.cos(far_lat) * math.sin((far_lng - lng) / 2) ** 2
    return 2 * EARTH_METRES * math.asin(min(1.0, math.sqrt(half)))
