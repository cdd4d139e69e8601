"""The one Piccolo app: every table of the service, in the order of the house."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="qingqiao",
    migrations_folder_path=str(Path(__file__).parent / "migrations"),
    table_classes=table_finder(
        [
            "app.kit.tables",
            "app.organisations.tables",
            "app.people.tables",
            "app.consents.tables",
            "app.needs.tables",
            "app.offers.tables",
            "app.offers.tables_search",
            "app.imports.tables",
            "app.matches.tables",
            "app.matches.tables_runs",
            "app.sessions.tables",
            "app.safety.tables",
            "app.ledger.tables",
        ]
    ),
    migration_dependencies=[],
    commands=[],
)
