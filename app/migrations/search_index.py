"""The search table and the lexicon, what may stand only once, and the seasons of the school year."""

import json

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.kit.db import DB
from app.kit.ids import new_id
from search import postgres_schema

ID = "2026-11-24T11:00:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "The search index and the seasons"

STATEMENTS = (
    "CREATE UNIQUE INDEX saved_search_once ON saved_search (account_id, fingerprint)",
    "CREATE UNIQUE INDEX favourite_once ON favourite (account_id, offer)",
    "CREATE UNIQUE INDEX seen_offer_once ON seen_offer (account_id, offer)",
    "CREATE UNIQUE INDEX search_count_once ON search_count (week, kind, city, filters)",
    "ALTER TABLE saved_search ADD CONSTRAINT saved_search_every_code CHECK (every IN ('DAY', 'WEEK', 'NO'))",
    "ALTER TABLE season ADD CONSTRAINT season_first_day CHECK (first BETWEEN 101 AND 1231)",
    "ALTER TABLE season ADD CONSTRAINT season_last_day CHECK (last BETWEEN 101 AND 1231)",
)

SEASONS = (
    ("EXAM", "中高考季", "考前紧张、志愿难选，都有人陪你。", 515, 720, "COUNSEL STUDY"),
    ("TERM", "开学季", "新学期，住处、学费和适应，一样一样来。", 815, 930, "HOUSE SPONSOR STUDY"),
    ("GRAD", "毕业求职季", "实习、落脚的地方、签约前的法律疑问，都在这里。", 1008, 430, "INTERN HOUSE LEGAL"),
)
COLLECTIONS = {
    "EXAM": (
        ("考前减压", "type=COUNSEL&q=考前减压"),
        ("学业辅导", "type=STUDY"),
        ("志愿填报", "q=志愿填报"),
        ("助学资助", "type=SPONSOR"),
    ),
    "TERM": (
        ("租房安居", "type=HOUSE"),
        ("助学资助", "type=SPONSOR"),
        ("新生适应", "type=COUNSEL&q=适应"),
        ("学业辅导", "type=STUDY"),
    ),
    "GRAD": (
        ("实习见习", "type=INTERN"),
        ("毕业租房", "type=HOUSE&stage=GR"),
        ("劳动合同咨询", "type=LEGAL&q=劳动"),
        ("求职焦虑", "type=COUNSEL&q=求职"),
    ),
}


async def _fill() -> None:
    for code, title, lead, first, last, kinds in SEASONS:
        await DB.rows(
            """
            INSERT INTO season (id, created_at, updated_at, version, data_class, legal_basis,
                                code, title, lead, first, last, kinds, collections, active)
            VALUES ($1, now(), now(), 1, 'L1', 'duty', $2, $3, $4, $5, $6, $7, $8::jsonb, true)
            """,
            new_id(),
            code,
            title,
            lead,
            first,
            last,
            kinds,
            json.dumps([{"label": label, "query": query} for label, query in COLLECTIONS[code]], ensure_ascii=False),
        )


async def forwards() -> MigrationManager:
    """Run the statements once."""
    manager = MigrationManager(migration_id=ID, app_name="qingqiao", description=DESCRIPTION)

    async def run() -> None:
        connection = DB.here().connection
        await connection.execute(f"DROP TABLE IF EXISTS {postgres_schema.LEXICON_TABLE}")
        await connection.execute(postgres_schema.drop())
        await connection.execute(postgres_schema.create())
        await connection.execute(postgres_schema.create_lexicon())
        for statement in STATEMENTS:
            await DB.rows(statement)
        await _fill()

    manager.add_raw(run)
    return manager
