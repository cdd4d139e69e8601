"""What Piccolo's columns cannot say: append-only logs, code checks, partial and unique indexes, trigram search."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.kit.db import DB

ID = "2026-11-23T23:59:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Constraints and indexes in SQL"

CODES = {
    "need.state": "DRAFT SUBMITTED RISK_HOLD REVIEW RETURNED OPEN MATCHED IN_SERVICE TO_CONFIRM SOLVED UNSOLVED"
    " WITHDRAWN MERGED EXPIRED TO_CASE",
    "need.risk": "NONE BLUE YELLOW ORANGE RED",
    "need.posted_by": "STUDENT CADRE",
    "need.urgency": "N H",
    "offer.state": "DRAFT SUBMITTED VERIFYING RETURNED REJECTED PUBLISHED PAUSED FULL SUSPENDED REVOKED EXPIRED ARCHIVED",
    "match.state": "PROPOSED S_ACCEPTED P_ACCEPTED CONFIRMED SCHEDULED IN_PROGRESS COMPLETED S_DECLINED P_DECLINED"
    " LAPSED CANCELLED NO_SHOW_S NO_SHOW_P TERMINATED DISPUTED",
    "provider.state": "APPLIED VERIFYING VERIFIED SUSPENDED REVOKED LAPSED REJECTED",
    "provider.type": "VOL EMP HOU SPO FND HOS LEG EDU",
    "volunteer_profile.vetting": "APPLIED DOCS CRED_OK CHECK_PENDING CHECK_HIT INTERVIEW TRAINING PROBATION ACTIVE"
    " ACTIVE_ADULT SUSPENDED LAPSED REVOKED REJECTED LEFT",
    "consent.given_by": "SELF GUARDIAN",
    "crisis_alert.severity": "S1 S2 AB",
    "risk_assessment.level": "NONE BLUE YELLOW ORANGE RED",
    "outbox_delivery.state": "DUE DONE DEAD",
    "account.status": "ACTIVE LOCKED CLOSED INVITED",
    "organisation.level": "L1 L2 L3 L4 L5 L6",
}

STATEMENTS = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE UNIQUE INDEX outbox_delivery_once ON outbox_delivery (fact_id, subscriber)",
    "CREATE INDEX outbox_delivery_due ON outbox_delivery (due_at) WHERE state = 'DUE'",
    "CREATE INDEX state_change_history ON state_change (object_id, at)",
    "CREATE INDEX notification_unread ON notification (account_id) WHERE read_at IS NULL",
    "CREATE INDEX consent_in_force ON consent (subject_id, purpose) WHERE withdrawn_at IS NULL",
    "CREATE INDEX need_waiting ON need (kind, opened_at) WHERE state = 'OPEN'",
    "CREATE INDEX need_of_org ON need (org_id, state)",
    "CREATE INDEX offer_on_show ON offer (type, published_at DESC) WHERE state = 'PUBLISHED'",
    "CREATE INDEX offer_words ON offer USING gin (search_text gin_trgm_ops)",
    "CREATE UNIQUE INDEX match_pair_live ON match (need_id, offer_id) WHERE state NOT IN"
    " ('COMPLETED', 'S_DECLINED', 'P_DECLINED', 'LAPSED', 'CANCELLED', 'TERMINATED')",
    "CREATE UNIQUE INDEX match_one_holder ON match (need_id) WHERE state IN"
    " ('CONFIRMED', 'SCHEDULED', 'IN_PROGRESS', 'NO_SHOW_S', 'NO_SHOW_P', 'DISPUTED')",
    "CREATE INDEX organisation_below ON organisation (path text_pattern_ops)",
    """
    CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
    END $$
    """,
    """
    CREATE FUNCTION audit_sealed_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.hash IS NOT NULL OR to_jsonb(NEW) - 'hash' - 'prev_hash' <> to_jsonb(OLD) - 'hash' - 'prev_hash' THEN
            RAISE EXCEPTION 'audit_log is append-only';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER audit_log_keeps BEFORE DELETE OR TRUNCATE ON audit_log"
    " FOR EACH STATEMENT EXECUTE FUNCTION append_only()",
    "CREATE TRIGGER audit_log_seals BEFORE UPDATE ON audit_log FOR EACH ROW EXECUTE FUNCTION audit_sealed_once()",
    "CREATE TRIGGER state_change_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON state_change"
    " FOR EACH STATEMENT EXECUTE FUNCTION append_only()",
)


async def forwards() -> MigrationManager:
    """Run the statements once."""
    manager = MigrationManager(migration_id=ID, app_name="qingqiao", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await DB.rows(statement)
        for column, codes in CODES.items():
            table, name = column.split(".")
            allowed = ", ".join(f"'{code}'" for code in codes.split())
            await DB.rows(
                f'ALTER TABLE "{table}" ADD CONSTRAINT {table}_{name}_code CHECK ("{name}" IN ({allowed}))'
            )

    manager.add_raw(run)
    return manager
