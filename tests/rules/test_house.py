"""The rooms of the house: which module may import which, read from the import graph itself.

import-linter keeps the capabilities in their order; this test keeps the order inside each capability, whose files may
be split by verb family (`service_review.py` belongs to the family `service`).
"""

from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[2]
FAMILIES = {
    "errors": 0,
    "rules": 1,
    "kinds": 1,
    "tables": 2,
    "queries": 3,
    "documents": 3,
    "service": 4,
    "forms": 5,
    "pages": 6,
    "api": 6,
    "jobs": 6,
}
NOT_CAPABILITIES = {"kit", "migrations", "static", "__pycache__"}
CAPABILITIES = sorted(
    folder.name for folder in (ROOT / "app").iterdir() if folder.is_dir() and folder.name not in NOT_CAPABILITIES
)
FORBIDDEN_WORDS = {"utils", "helpers", "common", "base", "misc", "manager"}
ENTRANCES = {"pages", "api", "jobs", "forms"}
INNER = {"service", "queries", "documents", "rules", "tables", "errors"}


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("app", "matching", "search", include_external_packages=True)


def _family(module: str) -> str:
    return module.split(".")[2].split("_", maxsplit=1)[0] if module.count(".") >= 2 else ""


def _modules(graph: grimp.ImportGraph, capability: str) -> list[str]:
    return sorted(name for name in graph.modules if name.startswith(f"app.{capability}."))


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_a_capability_uses_only_the_known_file_names(graph: grimp.ImportGraph, capability: str) -> None:
    unknown = [name for name in _modules(graph, capability) if _family(name) not in FAMILIES]
    assert not unknown


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_inside_a_capability_imports_lead_downwards(graph: grimp.ImportGraph, capability: str) -> None:
    wrong = [
        f"{importer} imports {imported}"
        for importer in _modules(graph, capability)
        for imported in graph.find_modules_directly_imported_by(importer)
        if imported.startswith(f"app.{capability}.") and FAMILIES[_family(imported)] > FAMILIES[_family(importer)]
    ]
    assert not wrong


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_entrances_never_query_and_verbs_speak_no_http(graph: grimp.ImportGraph, capability: str) -> None:
    wrong = []
    for importer in _modules(graph, capability):
        imported = graph.find_modules_directly_imported_by(importer)
        family = _family(importer)
        if family in ENTRANCES and "piccolo" in imported:
            wrong.append(f"{importer} imports piccolo")
        if family in INNER and imported & {"litestar", "jinja2"}:
            wrong.append(f"{importer} speaks HTTP")
        if family == "rules" and imported & {"piccolo", "litestar", "dramatiq", "app.kit.db"}:
            wrong.append(f"{importer} reads something")
    assert not wrong


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_tables_are_private_to_their_capability(graph: grimp.ImportGraph, capability: str) -> None:
    tables = f"app.{capability}.tables"
    if tables not in graph.modules:
        return
    strangers = [
        importer
        for importer in graph.find_modules_that_directly_import(tables)
        if not importer.startswith(f"app.{capability}.")
        and not importer.endswith(".tables")
        and importer != "app.piccolo_app"
    ]
    assert not strangers


def test_no_file_is_too_long_and_no_name_says_nothing() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {count}"
        for folder in ("app", "matching", "search")
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts and (count := len(path.read_text().splitlines())) > 400
    ]
    templates = [
        f"{path.relative_to(ROOT)}: {count}"
        for path in (ROOT / "templates").rglob("*.html")
        if (count := len(path.read_text().splitlines())) > 250
    ]
    names = [
        str(path.relative_to(ROOT))
        for folder in ("app", "matching", "search", "tests")
        for path in (ROOT / folder).rglob("*.py")
        if set(path.stem.split("_")) & FORBIDDEN_WORDS
    ]
    assert not long
    assert not templates
    assert not names
