"""What anybody may read of an offer, and the words by which the simple search finds it."""

import unicodedata
from typing import Any

from app.offers.kinds import Kind
from app.offers.rules import PRIVATE_TERMS


def normalised(text: str) -> str:
    """Return a text as the simple search compares it: one width, lower case, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def public_lines(kind: Kind, terms: Any) -> tuple[tuple[str, str], ...]:
    """Return label and value of every term that anybody may read."""
    private = PRIVATE_TERMS.get(kind.code, frozenset())
    hidden = {field.label for field in kind.fields if field.name in private}
    return tuple(line for line in kind.summary(terms) if line[0] not in hidden)
