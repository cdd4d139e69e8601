"""How alike two texts are, for finding needs that were posted twice."""

from typing import Final

from rapidfuzz import fuzz

from app.texts.rules_folding import fold

SIMILAR_FROM: Final = 0.85


def similarity(a: str, b: str) -> float:
    """Likeness from 0 (nothing in common) to 1 (the same once punctuation, width and case are ignored)."""
    left, right = _letters(a), _letters(b)
    if not left or not right:
        return 0.0
    return float(fuzz.ratio(left, right)) / 100


def is_similar(a: str, b: str) -> bool:
    """Whether two texts are alike enough for a person to look at them as one request."""
    return similarity(a, b) >= SIMILAR_FROM


def _letters(text: str) -> str:
    return "".join(character for character in fold(text).text if character.isalnum())
