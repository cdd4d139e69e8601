"""Make sure that Chromium and a Chinese font are there for the browser tests; say in one sentence what is missing."""

import os
import shutil
import subprocess
import sys

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_PACKAGE = "chromium"
FONT_PACKAGE = "fonts-wqy-microhei"


def chromium() -> str | None:
    """Return the path of an installed Chromium, or None."""
    return next((path for path in map(shutil.which, CHROMIUM_NAMES) if path), None)


def has_chinese_font() -> bool:
    """Return whether fontconfig knows a font with Chinese characters."""
    program = shutil.which("fc-list")
    if program is None:
        return False
    listed = subprocess.run([program, ":lang=zh-cn", "family"], check=False, capture_output=True, text=True)
    return bool(listed.stdout.strip())


def missing_packages() -> list[str]:
    """Return the Debian packages that the browser tests still need."""
    needed = []
    if chromium() is None:
        needed.append(CHROMIUM_PACKAGE)
    if not has_chinese_font():
        needed += ["fontconfig", FONT_PACKAGE]
    return needed


def install(packages: list[str]) -> str:
    """Install Debian packages; return why that is impossible, or an empty string."""
    apt = shutil.which("apt-get")
    if apt is None:
        return "这台机器没有 apt-get（this machine has no apt-get）"
    if os.geteuid() != 0:
        return "当前用户不是 root（the user is not root）"
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        done = subprocess.run([apt, *arguments], check=False, env=env, capture_output=True, text=True)
        if done.returncode != 0:
            return f"apt-get {arguments[0]} 失败（failed）：{done.stderr.strip().splitlines()[-1:]}"
    return ""


def main() -> int:
    """Install what is missing; return 1 with a sentence when that is impossible."""
    packages = missing_packages()
    if not packages:
        return 0
    reason = install(packages)
    still = missing_packages()
    if still:
        sys.stderr.write(
            f"浏览器测试缺少 {' '.join(still)}：{reason}，请安装后再运行 make test。 "
            f"The browser tests need {' '.join(still)}: install them and run make test again.\n"
        )
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
