"""What the columns of times, notes and hours cannot say: codes, what may stand only once, and who wrote a note."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.kit.db import DB

ID = "2026-11-24T12:00:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "Constraints and indexes of times, notes and hours"

STATEMENTS = (
    "CREATE UNIQUE INDEX service_hours_session_once ON service_hours (session_id) WHERE session_id IS NOT NULL",
    "CREATE INDEX session_day_change_day ON session_day_change (provider_id, day)",
    "CREATE UNIQUE INDEX session_calendar_feed_one ON session_calendar_feed (account_id) WHERE revoked_at IS NULL",
    "CREATE INDEX service_session_booked ON service_session (start) WHERE state IN ('BOOKED', 'RUNNING')",
    "ALTER TABLE session_day_change ADD CONSTRAINT session_day_change_kind_code CHECK (kind IN ('OFF', 'EXTRA'))",
    'ALTER TABLE session_day_change ADD CONSTRAINT session_day_change_times CHECK (0 <= start AND start < "end"'
    ' AND "end" <= 1440)',
    "ALTER TABLE service_hours ADD CONSTRAINT service_hours_kind_code CHECK (kind IN ('CREDIT', 'ADDED'))",
    "ALTER TABLE service_hours ADD CONSTRAINT service_hours_state_code"
    " CHECK (state IN ('WAITING', 'CONFIRMED', 'REFUSED'))",
    "ALTER TABLE service_hours ADD CONSTRAINT service_hours_credit_is_a_session"
    " CHECK ((kind = 'CREDIT') = (session_id IS NOT NULL))",
    "ALTER TABLE service_hours ADD CONSTRAINT service_hours_confirmed_by_somebody_else"
    " CHECK (kind = 'CREDIT' OR decided_by IS NULL OR decided_by <> declared_by)",
    "ALTER TABLE service_hours ADD CONSTRAINT service_hours_minutes CHECK (minutes BETWEEN 1 AND 1440)",
    """
    UPDATE service_session s SET summary_by = (
        SELECT l.account_id FROM audit_log l WHERE l.object_id = s.id AND l.what = 'session.record' LIMIT 1
    ) WHERE summary_sealed IS NOT NULL AND summary_by IS NULL
    """,
)


async def forwards() -> MigrationManager:
    """Run the statements once."""
    manager = MigrationManager(migration_id=ID, app_name="qingqiao", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await DB.rows(statement)

    manager.add_raw(run)
    return manager
