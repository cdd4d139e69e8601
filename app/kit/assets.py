"""Styles, scripts and icons as pages use them: by plain name, served under a name that changes with the content."""

import json
from collections.abc import Mapping
from pathlib import Path

STATIC = Path(__file__).parents[1] / "static"
"""Where the build writes and the web server reads; never committed."""
STATIC_URL = "/static"
MANIFEST = "manifest.json"
ICONS = "icons"


class AssetError(Exception):
    """An asset cannot be used; ``chinese`` and ``english`` say why and what to do."""

    def __init__(self, chinese: str, english: str) -> None:
        self.chinese = chinese
        self.english = english
        super().__init__(f"{chinese}\n{english}")


class AssetMissingError(AssetError):
    """A page asks for an asset that was not built."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"缺少网页资源 {name}，请运行 make setup（或 qingqiao assets）生成。",
            f"The asset {name} is missing; run make setup (or qingqiao assets) to build it.",
        )


class Assets:
    """The built assets of one static folder."""

    def __init__(self, folder: Path, names: Mapping[str, str]) -> None:
        """``names`` maps the plain name of each asset to its name in ``folder``."""
        self.folder = folder
        self._names = dict(names)
        self._icons: dict[str, str] = {}

    @classmethod
    def load(cls, folder: Path = STATIC) -> "Assets":
        """Read the manifest; raise :class:`AssetMissingError` when nothing was built."""
        try:
            names = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise AssetMissingError(MANIFEST) from error
        return cls(folder, names)

    def url(self, name: str) -> str:
        """Return the address of an asset by its plain name (“site.css”)."""
        try:
            return f"{STATIC_URL}/{self._names[name]}"
        except KeyError:
            raise AssetMissingError(name) from None

    def icon(self, name: str) -> str:
        """Return the SVG text of an icon by its name (“search”); its names are listed in ``assets/icons.txt``."""
        if name not in self._icons:
            try:
                self._icons[name] = (self.folder / ICONS / f"{name}.svg").read_text(encoding="utf-8")
            except OSError as error:
                raise AssetMissingError(f"{ICONS}/{name}.svg") from error
        return self._icons[name]
