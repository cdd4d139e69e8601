"""Assets: built from their sources, found by plain name, missing ones named."""

import json
import shutil
from pathlib import Path

import pytest

from app.kit.assets import STATIC, AssetMissingError, Assets
from app.kit.assets_build import AssetBuilder, BuildFailedError, IconUnknownError

ROOT = Path(__file__).parents[3]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project that shares the installed packages."""
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    shutil.copyfile(ROOT / "package-lock.json", tmp_path / "package-lock.json")
    for folder in ("styles", "scripts"):
        (tmp_path / "assets" / folder).mkdir(parents=True)
    (tmp_path / "assets/styles/site.scss").write_text("$c: red; a { color: $c; }", encoding="utf-8")
    (tmp_path / "assets/scripts/site.js").write_text("'use strict';", encoding="utf-8")
    (tmp_path / "assets/icons.txt").write_text("# used by the search box\nsearch\n", encoding="utf-8")
    return tmp_path


def test_a_build_hashes_names_and_does_nothing_the_second_time(project: Path) -> None:
    builder = AssetBuilder(project, project / "static")
    assert builder.build()
    assert not builder.build()
    assets = Assets.load(project / "static")
    address = assets.url("site.css")
    assert address.startswith("/static/site.")
    assert (project / "static" / address.removeprefix("/static/")).read_text(encoding="utf-8").strip() == "a{color:red}"
    assert assets.url("htmx.min.js").endswith(".js")
    assert assets.url("site.js") != "/static/site.js"
    assert assets.icon("search").startswith("<svg")


def test_a_changed_source_changes_the_name(project: Path) -> None:
    builder = AssetBuilder(project, project / "static")
    builder.build()
    before = Assets.load(project / "static").url("site.js")
    (project / "assets/scripts/site.js").write_text("'use strict'; // changed", encoding="utf-8")
    assert builder.build()
    assert Assets.load(project / "static").url("site.js") != before


def test_a_broken_style_sheet_keeps_the_former_build(project: Path) -> None:
    builder = AssetBuilder(project, project / "static")
    builder.build()
    (project / "assets/styles/site.scss").write_text("a { color: $unknown; }", encoding="utf-8")
    with pytest.raises(BuildFailedError, match="Undefined variable"):
        builder.build()
    assert Assets.load(project / "static").url("site.css")


def test_an_unknown_icon_is_named(project: Path) -> None:
    (project / "assets/icons.txt").write_text("no-such-icon\n", encoding="utf-8")
    with pytest.raises(IconUnknownError, match="no-such-icon"):
        AssetBuilder(project, project / "static").build()


def test_what_is_missing_is_named_with_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(AssetMissingError, match="make setup"):
        Assets.load(tmp_path)
    (tmp_path / "manifest.json").write_text(json.dumps({"site.css": "site.1.css"}), encoding="utf-8")
    assets = Assets.load(tmp_path)
    with pytest.raises(AssetMissingError, match=r"other\.css"):
        assets.url("other.css")
    with pytest.raises(AssetMissingError, match="icons/none"):
        assets.icon("none")


def test_the_project_itself_is_built() -> None:
    assets = Assets.load()
    assert assets.folder == STATIC
    assert (STATIC / assets.url("site.css").removeprefix("/static/")).stat().st_size > 10_000
