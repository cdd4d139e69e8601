"""The registry of offer kinds: every module of this package that defines `KIND` is one kind."""

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from app.offers.kinds.fields import Card, Field, Kind, Parsed, Terms

__all__ = ["KINDS", "Card", "Field", "Kind", "Parsed", "Terms"]

_ORDER = ("COUNSEL", "INTERN", "HOUSE", "SPONSOR", "STUDY", "LEGAL")


def _discover() -> Mapping[str, Kind]:
    modules = (import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    kinds = [module.KIND for module in modules if isinstance(getattr(module, "KIND", None), Kind)]
    known = [kind for code in _ORDER for kind in kinds if kind.code == code]
    return MappingProxyType({kind.code: kind for kind in [*known, *sorted(kinds, key=lambda kind: kind.code)]})


KINDS: Mapping[str, Kind] = _discover()
"""Every kind of offer by its code, in the order in which pages list them."""
