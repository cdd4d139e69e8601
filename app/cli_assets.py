"""The command that builds styles, scripts and icons."""

from pathlib import Path

import click

from app.kit.assets import STATIC
from app.kit.assets_build import AssetBuilder

_ROOT = Path(__file__).parents[1]


@click.command()
def assets() -> None:
    """生成网页资源。 Install the npm packages and build app/static; quick when nothing has changed."""
    changed = AssetBuilder(_ROOT, STATIC).build()
    click.echo("网页资源已生成。 Assets built." if changed else "网页资源已是最新。 Assets are up to date.")
