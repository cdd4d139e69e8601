"""Pages: one typed struct named `page` per template, whole or as one block; notices survive one redirect."""

import base64
import binascii
import re
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal, Protocol

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from jinja2_fragments import render_block
from litestar.connection import ASGIConnection
from litestar.enums import MediaType
from litestar.response import Response
from markupsafe import Markup

from app.kit import wording
from app.kit.clock import Clock
from app.kit.crypto import Vault
from app.kit.forms import option_rows

Connection = ASGIConnection[Any, Any, Any, Any]
NoticeKind = Literal["success", "warning", "danger", "info"]

FLASH_COOKIE = "qq_flash"
FLASH_SECONDS = 120
FLASH_MAX_NOTICES = 3
"""Notices beyond this many would not fit in a cookie; the newest ones stay."""

COMPONENTS = "components"
HTTP_SEE_OTHER = 303
_CLASS_ATTRIBUTE = re.compile(r'\sclass="[^"]*"', re.ASCII)


class AssetSource(Protocol):
    """What pages need of the built assets."""

    def url(self, name: str) -> str:
        """Return the address of an asset by its plain name (“site.css”)."""
        ...

    def icon(self, name: str) -> str:
        """Return the SVG text of an outline icon by its name (“search”)."""
        ...


class NavItem(msgspec.Struct, frozen=True):
    """One link of a navigation; `badge` is a count shown beside it when it is not 0."""

    label: str
    href: str
    icon: str
    current: bool = False
    badge: int = 0


class Notice(msgspec.Struct, frozen=True):
    """A sentence on top of the page that says what has just happened."""

    kind: NoticeKind
    text: str


class Shell(msgspec.Struct, frozen=True, kw_only=True):
    """What surrounds every page: who is signed in, where one can go, and what has just happened."""

    path: str
    csrf: str
    name: str = ""
    role_label: str = ""
    organisation: str = ""
    roles: tuple[NavItem, ...] = ()
    nav: tuple[NavItem, ...] = ()
    tabs: tuple[NavItem, ...] = ()
    unread: int = 0
    student: bool = True
    demo: bool = False
    notices: tuple[Notice, ...] = ()


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every page struct; a template reads nothing but its `page`."""

    shell: Shell
    title: str


def wants_block(request: Connection) -> bool:
    """Return whether HTMX asks for a part of a page; a boosted link or a restored history needs all of it."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def local_path(candidate: str, default: str = "/") -> str:
    """Return the path when it leads to this site, else the default; no crafted link sends anybody elsewhere."""
    if not candidate.startswith("/") or candidate.startswith("//") or "\\" in candidate:
        return default
    return default if any(ord(char) <= ord(" ") for char in candidate) else candidate


class Renderer:
    """Turns a page struct into a response; `create_app` builds one and every handler receives it."""

    def __init__(
        self,
        templates: Path,
        assets: AssetSource,
        *,
        clock: Clock,
        secret_key: str,
        labels: Mapping[str, Mapping[str, str]] | None = None,
        secure_cookies: bool = False,
    ) -> None:
        """`labels` maps the name of a code list to its codes and their Chinese labels."""
        self._assets = assets
        self._clock = clock
        self._vault = Vault(secret_key)
        self._labels = labels or {}
        self._secure = secure_cookies
        self._icons: dict[tuple[str, str], Markup] = {}
        self.environment = self._make_environment(templates)

    def _make_environment(self, templates: Path) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(templates),
            undefined=StrictUndefined,
            autoescape=select_autoescape(default=True, default_for_string=True),
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters.update(
            yuan=wording.yuan,
            day=wording.day,
            moment=lambda value: wording.moment(value, self._clock.now()),
            ago=lambda value: wording.ago(value, self._clock.now()),
            label=self.label,
        )
        environment.globals.update(icon=self.icon, asset=self._assets.url, option_rows=option_rows)
        # Blocks rendered alone do not see the imports at the top of their template, so every macro of
        # templates/components/ is reachable as `ui.<macro>` from everywhere instead.
        macros = SimpleNamespace()
        environment.globals["ui"] = macros
        for path in sorted((templates / COMPONENTS).glob("*.html")):
            module = environment.get_template(f"{COMPONENTS}/{path.name}").module
            vars(macros).update({name: part for name, part in vars(module).items() if not name.startswith("_")})
        return environment

    def icon(self, name: str, class_name: str = "") -> Markup:
        """Return an inline icon that screen readers skip; put words beside it."""
        key = (name, class_name)
        if key not in self._icons:
            drawing = _CLASS_ATTRIBUTE.sub("", self._assets.icon(name), count=1)
            classes = f"icon {class_name}".strip()
            attributes = f'<svg class="{classes}" aria-hidden="true" focusable="false"'
            self._icons[key] = Markup(drawing.strip().replace("<svg", attributes, 1))  # noqa: S704 - our own files
        return self._icons[key]

    def label(self, code: str, list_name: str) -> str:
        """Return the Chinese label of a code; an unknown list is a mistake, an unknown code shows itself."""
        return self._labels[list_name].get(code, code)

    def render(
        self, request: Connection, template: str, page: Page, block: str | None = None, status: int = 200
    ) -> Response[bytes]:
        """Return the whole page, or only `block` when HTMX asks for a part."""
        if block is not None and wants_block(request):
            text = render_block(self.environment, template, block, page=page)
        else:
            text = self.environment.get_template(template).render(page=page)
        private = bool(page.shell.name) or bool(page.shell.notices)
        response = Response(
            content=text.encode(),
            media_type=MediaType.HTML,
            status_code=status,
            headers={"Vary": "HX-Request, Cookie", "Cache-Control": "no-store" if private else "no-cache"},
        )
        if page.shell.notices and FLASH_COOKIE in request.cookies:
            response.delete_cookie(FLASH_COOKIE)
        return response

    def redirect(self, request: Connection, path: str, notice: Notice | None = None) -> Response[bytes]:
        """Send the browser to a path of this site (303, or HX-Redirect for HTMX) with a notice for the next page."""
        target = local_path(path)
        if request.headers.get("HX-Request") == "true":
            response = Response(content=b"", media_type=MediaType.HTML, headers={"HX-Redirect": target})
        else:
            response = Response(
                content=b"",
                media_type=MediaType.HTML,
                status_code=HTTP_SEE_OTHER,
                headers={"Location": target},
            )
        if notice is not None:
            waiting = (*self.notices(request), notice)[-FLASH_MAX_NOTICES:]
            response.set_cookie(
                FLASH_COOKIE,
                self._pack(waiting),
                max_age=FLASH_SECONDS,
                httponly=True,
                samesite="lax",
                secure=self._secure,
            )
        return response

    def notices(self, request: Connection) -> tuple[Notice, ...]:
        """Return the notices a redirect left for this page; a forged or broken cookie counts as none."""
        text = self._vault.signed(request.cookies.get(FLASH_COOKIE, ""))
        if text is None:
            return ()
        try:
            return msgspec.json.decode(base64.urlsafe_b64decode(text), type=tuple[Notice, ...])
        except (binascii.Error, msgspec.DecodeError):
            return ()

    def _pack(self, notices: tuple[Notice, ...]) -> str:
        return self._vault.sign(base64.urlsafe_b64encode(msgspec.json.encode(notices)).decode())
