"""Every module that subscribes to facts, as one explicit list; entry points import it before the first fact."""

from app.kit import outbound as kit_outbound

MODULES = (kit_outbound,)
