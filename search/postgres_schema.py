"""The narrow table of the PostgreSQL engine, as raw SQL: a migration runs it, a rebuild fills a second one.

`pad` is thirty bytes once compressed, yet makes every row long enough for PostgreSQL to move `tsv` out of line;
counting hits then reads a heap several times smaller. Queries use neither weights nor phrases, so that GIN need not
look at `tsv` again. `marks` must stay in the row: fetched from elsewhere, counting facets takes ten times as long.
"""

import re
from typing import Final

TABLE: Final = "listing_search"
LEXICON_TABLE: Final = "search_lexicon"
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,40}")

COLUMNS: Final = (
    "id",
    "version",
    "kind",
    "city",
    "county",
    "published",
    "amount",
    "lat",
    "lng",
    "open_until",
    "age_min",
    "age_max",
    "marks",
    "tsv",
)
"""Everything that is written; `pad` makes itself."""


def checked(table: str) -> str:
    """Return a table name that may stand in SQL; raise ValueError for any other."""
    if not _NAME.fullmatch(table):
        raise ValueError(f"not a table name: {table!r}")
    return table


def create_table(table: str, *, indexes: bool = True) -> str:
    """Return the SQL of an empty search table; without indexes when many rows are about to be copied in."""
    checked(table)
    return f"""
CREATE TABLE {table} (
    id uuid NOT NULL,
    version bigint NOT NULL,
    kind int NOT NULL,
    city int,
    county int,
    published int NOT NULL,
    amount int,
    lat int,
    lng int,
    open_until smallint,
    age_min smallint,
    age_max smallint,
    marks int[],
    pad text GENERATED ALWAYS AS (repeat(' ', 2100)) STORED,
    tsv tsvector NOT NULL
);
ALTER TABLE {table} ALTER COLUMN tsv SET STORAGE EXTERNAL;
ALTER TABLE {table} ALTER COLUMN marks SET STORAGE PLAIN;
ALTER TABLE {table} SET (toast_tuple_target = 256);
""" + (create_indexes(table) if indexes else "")


def create_indexes(table: str) -> str:
    """Return the SQL of the indexes; building GIN after the rows is ten times faster than keeping it meanwhile."""
    checked(table)
    return f"""
ALTER TABLE {table} ADD CONSTRAINT {table}_pkey PRIMARY KEY (id);
CREATE INDEX {table}_tsv ON {table} USING gin (tsv) WITH (fastupdate = off);
CREATE INDEX {table}_published ON {table} (published DESC, id DESC);
"""


def create(table: str = TABLE, *, pipeline: str = "") -> str:
    """Return the SQL of everything one index needs; `pipeline` says which text pipeline will fill it."""
    checked(table)
    beside = f"""
CREATE TABLE {table}_value (code int PRIMARY KEY, name text NOT NULL, value text NOT NULL);
CREATE TABLE {table}_changed (at bigserial PRIMARY KEY, id uuid NOT NULL);
CREATE FUNCTION {table}_note() RETURNS trigger LANGUAGE plpgsql AS $note$
BEGIN
    IF TG_OP <> 'INSERT' THEN INSERT INTO {table}_changed (id) VALUES (OLD.id); END IF;
    IF TG_OP <> 'DELETE' THEN INSERT INTO {table}_changed (id) VALUES (NEW.id); END IF;
    RETURN NULL;
END $note$;
COMMENT ON TABLE {table} IS '{_safe(pipeline)}';
"""  # noqa: S608 - the name is checked
    return create_table(table) + beside


def create_lexicon(table: str = LEXICON_TABLE) -> str:
    """Return the SQL of the table that hands the lexicon from the worker to every process."""
    checked(table)
    return f"""
CREATE TABLE {table} (
    id smallint PRIMARY KEY CHECK (id = 1),
    pipeline text NOT NULL,
    built_at timestamptz NOT NULL DEFAULT now(),
    data bytea NOT NULL
);
"""


def drop(table: str = TABLE) -> str:
    """Return the SQL that removes an index and whatever a broken rebuild left beside it."""
    checked(table)
    return f"""
DROP TABLE IF EXISTS {table}, {table}_new, {table}_value, {table}_changed CASCADE;
DROP FUNCTION IF EXISTS {table}_note() CASCADE;
"""


def swap(table: str, pipeline: str) -> str:
    """Return the SQL that puts `table_new` in the place of `table`; run it in one transaction that holds the lock."""
    checked(table)
    return f"""
DROP TABLE {table};
ALTER TABLE {table}_new RENAME TO {table};
ALTER TABLE {table} RENAME CONSTRAINT {table}_new_pkey TO {table}_pkey;
ALTER INDEX {table}_new_tsv RENAME TO {table}_tsv;
ALTER INDEX {table}_new_published RENAME TO {table}_published;
COMMENT ON TABLE {table} IS '{_safe(pipeline)}';
TRUNCATE {table}_changed;
"""


def _safe(pipeline: str) -> str:
    return re.sub(r"[^0-9A-Za-z._-]", "", pipeline)
