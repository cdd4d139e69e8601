"""Whether the table definitions and the migrations say the same; it loads Piccolo's generator, so it stands apart."""

from piccolo.apps.migrations.commands.new import AutoMigrationManager
from piccolo.conf.apps import Finder

from app.kit.migrate import APP


async def drift() -> list[str]:
    """Return what the table definitions have that the migrations do not build; empty means no drift."""
    config = Finder().get_app_config(app_name=APP)
    found = await AutoMigrationManager(auto_input="n").get_alter_statements(config)
    return [line for statement in found for line in statement.statements]
