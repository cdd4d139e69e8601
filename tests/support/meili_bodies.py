"""Reading bodies and parameters of requests to the fake: what is not documented is refused."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tests.support.meili_settings import Refused


def forbidden() -> Refused:
    """Return the refusal of a key without the right."""
    return Refused(403, "invalid_api_key", "The provided API key is invalid.", "auth")


def expired(key: Mapping[str, Any]) -> bool:
    """Tell whether a key has run out."""
    return key["expiresAt"] is not None and moment_of(key["expiresAt"]) < datetime.now(UTC)


def moment_of(text: str) -> datetime:
    """Return a moment as the server writes it."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def an_object(body: Any, known: set[str]) -> dict[str, Any]:
    """Return a body that is an object with known fields only."""
    if not isinstance(body, dict):
        raise Refused(400, "bad_request", "Invalid value type: expected an object.")
    only(body, known)
    return body


def only(given: Mapping[str, Any], known: set[str]) -> None:
    """Refuse what is not documented."""
    unknown = set(given) - known
    if unknown:
        raise Refused(
            400, "bad_request", f"Unknown parameter `{min(unknown)}`: expected one of {', '.join(sorted(known))}"
        )


def window(query: Mapping[str, str], what: str) -> tuple[int, int]:
    """Return offset and limit."""
    return whole_number(query, "offset", 0, what), whole_number(query, "limit", 20, what)


def whole_number(query: Mapping[str, str], name: str, default: int, what: str) -> int:
    """Return a whole number of the parameters."""
    text = query.get(name, str(default))
    if not text.isdecimal():
        raise Refused(
            400,
            f"invalid_{what}_{name}",
            f"Invalid value in parameter `{name}`: could not parse `{text}` as a positive integer.",
        )
    return int(text)
