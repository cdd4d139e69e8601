"""Templates: each loads, is used and has a title; each field of a page is shown, and nothing else is asked for."""

import importlib
import re
from pathlib import Path

import msgspec
import pytest
from jinja2 import nodes
from litestar import Litestar

from app.kit.render import Page, Renderer, Shell
from app.routers import ROUTES

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
NAMES = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html"))
WHOLE = [name for name in NAMES if not name.startswith(("components/", "email/")) and "/_" not in name]
assert ROUTES


def _subclasses(struct: type) -> set[type]:
    found: set[type] = set(struct.__subclasses__())
    return found | {deeper for child in found for deeper in _subclasses(child)}


def _sources() -> str:
    for path in (ROOT / "app").glob("*/pages*.py"):
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return "\n".join(path.read_text() for path in (ROOT / "app").rglob("*.py"))


@pytest.mark.parametrize("name", NAMES)
def test_a_template_loads(app: Litestar, name: str) -> None:
    renderer: Renderer = app.state.renderer
    renderer.environment.get_template(name)


@pytest.mark.parametrize("name", WHOLE)
def test_a_page_has_a_title_and_says_no_inline_style_or_script(name: str) -> None:
    text = (TEMPLATES / name).read_text()
    assert '{% extends "' in text or "<title>" in text
    assert not re.search(r"<[a-z][^>]*\sstyle=", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"\son[a-z]+=", text)


def test_every_template_is_used() -> None:
    everything = _sources() + "\n".join((TEMPLATES / name).read_text() for name in NAMES)
    assert not [name for name in NAMES if not name.startswith("components/") and f'"{name}"' not in everything]


def test_every_picture_has_words_and_every_control_a_label() -> None:
    nameless = []
    for name in NAMES:
        text = re.sub(r"{#.*?#}", "", (TEMPLATES / name).read_text(), flags=re.DOTALL)
        nameless += [f"{name}: {tag}" for tag in re.findall(r"<img\b[^>]*>", text) if "alt=" not in tag]
        for tag in re.findall(r"<(?:input|select|textarea)\b[^>]*>", text):
            hidden = 'type="hidden"' in tag
            named = re.search(r'\bid="|aria-label|aria-labelledby|control\(|inner_control', tag)
            wrapped = 'type="checkbox"' in tag or 'type="radio"' in tag
            if not (hidden or named or wrapped):
                nameless.append(f"{name}: {tag}")
    assert not nameless


def test_pages_show_what_they_are_given_and_ask_for_nothing_else(app: Litestar) -> None:
    _sources()
    renderer: Renderer = app.state.renderer
    shown: set[str] = set()
    for name in NAMES:
        tree = renderer.environment.parse((TEMPLATES / name).read_text())
        shown |= {
            found.attr
            for found in tree.find_all(nodes.Getattr)
            if isinstance(found.node, nodes.Name) and found.node.name == "page"
        }
    given = {field.name: page.__name__ for page in _subclasses(Page) | {Page} for field in msgspec.structs.fields(page)}
    assert not {field: owner for field, owner in given.items() if field not in shown}
    assert not shown - set(given)
    assert {field.name for field in msgspec.structs.fields(Shell)} >= {"csrf", "notices"}
