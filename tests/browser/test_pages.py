"""Every page a role can reach from its navigation: no console error, no axe violation, nothing scrolls sideways."""

import os
from collections import Counter
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import DESKTOP, PHONE, Demo, Seat
from tests.support.axe import axe_violations, sideways_overflow

pytestmark = pytest.mark.browser
STAFF = ["SCH", "PSY", "CTY", "CIT", "PRV", "REV", "SEA", "SUP", "SYS-A", "SEC-A", "AUD"]
ROLES = ["", "STU", "GUA", "VOL", "EMP", "HOU", "SPO", *STAFF]
SIZES = {"390": PHONE, "1280": DESKTOP}
NEVER = ("/-/leave", "/sign-out", "/static", "/files", "/api")
MOST_PAGES = 24
PICTURES_WANTED = os.environ.get("QINGQIAO_PICTURES") == "1"
EXAMINED: set[tuple[str, str]] = set()
VISITS: Counter[str] = Counter()
ENOUGH_VISITS = 2
"""A page that is not in a role's own navigation is visited by the first roles that reach it."""

# Everything axe can see but the words: two pages with one skeleton are examined once.
_SKELETON = """
() => {
  const keys = new Set();
  const walk = (element, above) => {
    const names = Array.from(element.attributes, (one) => one.name).filter((name) => name !== "class").sort();
    const key = `${above}>${element.localName}.${Array.from(element.classList).sort().join(".")}[${names}]`;
    keys.add(element.textContent.trim() ? key : `${key}-`);
    for (const child of element.children) if (child.localName !== "svg") walk(child, key);
  };
  walk(document.body, "");
  const headings = Array.from(document.querySelectorAll("h1,h2,h3,h4"), (one) => one.localName);
  return [...keys].sort().join("\\n") + headings.filter((one, at) => one !== headings[at - 1]).join("");
}
"""


def _links(seat: Seat, inside: str) -> list[str]:
    found: list[str] = seat.page.eval_on_selector_all(
        f"{inside} a[href^='/']:not([download])", "links => links.map(link => link.getAttribute('href'))"
    )
    return [href for href in dict.fromkeys(found) if not href.startswith(NEVER) and "#" not in href]


def _shape(href: str) -> str:
    """Pages of one kind look alike: one detail page of each kind is enough."""
    return "/".join("id" if len(part) > 30 else part for part in urlsplit(href).path.split("/"))


def _wrong_at(seat: Seat, size: str, picture: str) -> list[str]:
    """Return what is wrong with the open page in a window of a size."""
    seat.page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]  # Playwright's ViewportSize has the same keys
    wrong: list[str] = []
    overflow = sideways_overflow(seat.page)
    if overflow:
        wrong.append(f"scrolls sideways by {overflow} px")
    skeleton = (size, str(seat.page.evaluate(_SKELETON)))
    if skeleton not in EXAMINED:
        EXAMINED.add(skeleton)
        wrong += axe_violations(seat.page)
    if PICTURES_WANTED:
        seat.picture(f"{picture}-{size}")
    return wrong


@pytest.mark.parametrize("role", ROLES)
def test_the_pages_of_a_role(demo: Demo, role: str) -> None:
    wrong: list[str] = []
    with demo.sitting(demo.account(role) if role else "", PHONE) as seat:
        seat.page.goto("/")
        own = ["/", *_links(seat, "header"), *_links(seat, ".tab-bar"), *_links(seat, "main")]
        own_shapes = {_shape(href) for href in own}
        waiting = list(own)
        seen: set[str] = set()
        while waiting and len(seen) < MOST_PAGES:
            href = waiting.pop(0)
            shape = _shape(href)
            if shape in seen or (shape not in own_shapes and VISITS[shape] >= ENOUGH_VISITS):
                continue
            seen.add(shape)
            VISITS[shape] += 1
            answer = seat.page.goto(href)
            assert answer is not None
            if answer.status >= 400:
                wrong.append(f"{href}: {answer.status}")
                continue
            name = shape.strip("/").replace("/", "_") or "home"
            for size in SIZES:
                wrong += [f"{href} at {size}: {one}" for one in _wrong_at(seat, size, f"{role or 'visitor'}-{name}")]
            waiting += _links(seat, "main")
        wrong += seat.problems
    assert not wrong, "\n".join(wrong)
