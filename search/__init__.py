"""Listing documents and search engines: knows no web, ORM, queue or images."""
