"""The front door of text scanning: every other capability imports from here."""

from app.texts.rules_crisis import LEXICON_VERSION, CrisisFinding, Severity, scan_crisis
from app.texts.rules_listing import (
    SolicitationHit,
    SolicitationKind,
    WordHit,
    find_diagnosis,
    find_solicitation,
)
from app.texts.rules_privacy import PrivateHit, PrivateKind, find_contacts, find_private, masked
from app.texts.rules_similarity import SIMILAR_FROM, is_similar, similarity

__all__ = [
    "LEXICON_VERSION",
    "SIMILAR_FROM",
    "CrisisFinding",
    "PrivateHit",
    "PrivateKind",
    "Severity",
    "SolicitationHit",
    "SolicitationKind",
    "WordHit",
    "find_contacts",
    "find_diagnosis",
    "find_private",
    "find_solicitation",
    "is_similar",
    "masked",
    "scan_crisis",
    "similarity",
]
