"""Runs axe-core in a page and says in sentences what it found; works under the strict content policy."""

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE_FILE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"

_RUN = """
async () => {
  // Decorative drawings have many nodes and nothing to say.
  const found = await window.axe.run({ exclude: [["svg[aria-hidden='true']"]] }, { resultTypes: ["violations"] });
  return found.violations.map((rule) => ({
    id: rule.id,
    help: rule.help,
    nodes: rule.nodes.map((node) => `${node.target.join(" ")}: ${node.failureSummary || ""}`),
  }));
}
"""


@cache
def axe_source() -> str:
    """Return the text of axe-core as npm installed it."""
    return AXE_FILE.read_text(encoding="utf-8")


def axe_violations(page: Page) -> list[str]:
    """Return one sentence per violated rule and node; an empty list means the page is clean.

    The debugger evaluates the source, so the page's own content policy stays in force for the page itself.
    """
    page.evaluate(axe_source())
    found: list[dict[str, Any]] = page.evaluate(_RUN)
    return [f"{rule['id']} ({rule['help']}) at {node}" for rule in found for node in rule["nodes"]]


def sideways_overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than its window; 0 means nothing scrolls sideways."""
    wide: int = page.evaluate("() => Math.max(0, document.documentElement.scrollWidth - window.innerWidth)")
    return wide
