"""Structured logs without personal data: method, path, status, duration, and the account's id at most."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_NEVER = frozenset({"body", "cookies", "headers", "form", "query", "name", "phone", "text", "password"})


def _drop_personal(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key in _NEVER & event.keys():
        del event[key]
    return event


def configure(level: str) -> None:
    """Write one JSON object a line to standard error."""
    logging.basicConfig(stream=sys.stderr, level=level.upper(), format="%(levelname)s %(name)s %(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _drop_personal,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def logger(name: str) -> Any:
    """Return a logger; bind ids and codes to it, never names or texts."""
    return structlog.get_logger(name)
