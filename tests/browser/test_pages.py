"""Every page a role can reach from its navigation: no console error, no axe violation, nothing scrolls sideways."""

from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import DESKTOP, PHONE, Demo, Seat
from tests.support.axe import axe_violations, sideways_overflow

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
STAFF = ["SCH", "PSY", "CTY", "CIT", "PRV", "REV", "SEA", "SUP", "SYS-A", "SEC-A", "AUD"]
ROLES = ["", "STU", "GUA", "VOL", "EMP", "HOU", "SPO", *STAFF]
SIZES = {"390": PHONE, "1280": DESKTOP}
NEVER = ("/-/leave", "/sign-out", "/static", "/files", "/api")
MOST_PAGES = 24


def _links(seat: Seat, inside: str) -> list[str]:
    found: list[str] = seat.page.eval_on_selector_all(
        f"{inside} a[href^='/']", "links => links.map(link => link.getAttribute('href'))"
    )
    return [href for href in dict.fromkeys(found) if not href.startswith(NEVER) and "#" not in href]


def _shape(href: str) -> str:
    """Pages of one kind look alike: one detail page of each kind is enough."""
    return "/".join("id" if len(part) > 30 else part for part in urlsplit(href).path.split("/"))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("role", ROLES)
def test_the_pages_of_a_role(demo: Demo, role: str, size: str) -> None:
    wrong: list[str] = []
    with demo.sitting(demo.account(role) if role else "", SIZES[size]) as seat:
        seat.page.goto("/")
        waiting = ["/", *_links(seat, "header"), *_links(seat, ".tab-bar"), *_links(seat, "main")]
        seen: set[str] = set()
        while waiting and len(seen) < MOST_PAGES:
            href = waiting.pop(0)
            if _shape(href) in seen:
                continue
            seen.add(_shape(href))
            answer = seat.page.goto(href)
            assert answer is not None
            if answer.status >= 400:
                wrong.append(f"{href}: {answer.status}")
                continue
            wrong += [f"{href}: {violation}" for violation in axe_violations(seat.page)]
            overflow = sideways_overflow(seat.page)
            if overflow:
                wrong.append(f"{href}: scrolls sideways by {overflow} px")
            name = _shape(href).strip("/").replace("/", "_") or "home"
            seat.picture(f"{role or 'visitor'}-{name}-{size}")
            waiting += _links(seat, "main")
        wrong += seat.problems
    assert not wrong, "\n".join(wrong)
