"""Every module that subscribes to facts, as one explicit list; entry points import it before the first fact."""

from app.kit import audit_chain, outbound

MODULES = (audit_chain, outbound)
