"""Measuring the PostgreSQL engine beside two peers on one synthetic corpus; nothing here runs in the service."""
