"""What the columns of the runs cannot say: code checks, and what may stand only once."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.kit.db import DB

ID = "2026-11-24T10:00:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "Constraints and indexes of the runs"

STATEMENTS = (
    "CREATE UNIQUE INDEX match_component_once ON match_component (batch_id, number)",
    "CREATE UNIQUE INDEX match_plan_once ON match_plan (batch_id, need_id)",
    "CREATE UNIQUE INDEX match_ruling_in_force ON match_ruling (need_id, offer_id) WHERE ended_at IS NULL",
    "CREATE UNIQUE INDEX match_ruling_one_choice ON match_ruling (need_id)"
    " WHERE ended_at IS NULL AND verdict IN ('PIN', 'OVERRIDE')",
    "CREATE UNIQUE INDEX match_supply_task_open ON match_supply_task (region_code, kind) WHERE state = 'OPEN'",
    "CREATE UNIQUE INDEX match_batch_running ON match_batch (state) WHERE state = 'RUNNING'",
    "CREATE INDEX outbox_fact_recent ON outbox_fact (created_at)",
    "ALTER TABLE match_batch ADD CONSTRAINT match_batch_state_code CHECK (state IN ('RUNNING', 'DONE', 'FAILED'))",
    "ALTER TABLE match_component ADD CONSTRAINT match_component_state_code"
    " CHECK (state IN ('WAITING', 'DONE', 'FAILED'))",
    "ALTER TABLE match_trial ADD CONSTRAINT match_trial_state_code CHECK (state IN ('WAITING', 'DONE', 'FAILED'))",
    "ALTER TABLE match_ruling ADD CONSTRAINT match_ruling_verdict_code"
    " CHECK (verdict IN ('PIN', 'FORBID', 'OVERRIDE'))",
    "ALTER TABLE match_supply_task ADD CONSTRAINT match_supply_task_state_code CHECK (state IN ('OPEN', 'DONE'))",
)


async def forwards() -> MigrationManager:
    """Run the statements once."""
    manager = MigrationManager(migration_id=ID, app_name="qingqiao", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await DB.rows(statement)

    manager.add_raw(run)
    return manager
