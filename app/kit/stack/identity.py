"""Under which user a child runs: PostgreSQL refuses to run as root, and root may have no other user to offer."""

import ctypes
import os
import struct
import subprocess
import sys
from enum import Enum
from pathlib import Path

NOBODY = 65_534

_CLONE_NEWUSER = 0x10000000
_PR_SET_KEEPCAPS = 8
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAPABILITY_VERSION_3 = 0x20080522
_CAP_DAC_OVERRIDE = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


class Identity(Enum):
    """How a child gives up being root."""

    SAME = "same"
    """Keep the user of the supervisor."""
    NAMESPACE = "namespace"
    """See itself as nobody in a user namespace; its files stay those of root."""
    NOBODY = "nobody"
    """Become nobody, able to reach its folder through private parents; its files belong to nobody."""

    def owner(self) -> int:
        """Return the user id, as the supervisor sees it, that owns the files of such a child."""
        return NOBODY if self is Identity.NOBODY else os.geteuid()


def unprivileged_identity() -> Identity:
    """Return the way for a server that refuses root: as it is, in a namespace, or as nobody."""
    if os.geteuid() != 0:
        return Identity.SAME
    return Identity.NAMESPACE if _namespaces_allowed() else Identity.NOBODY


def assume(identity: Identity) -> None:
    """Take on ``identity`` in a freshly forked child, before it executes its program; raise OSError if refused."""
    if identity is Identity.NAMESPACE:
        _enter_namespace()
    elif identity is Identity.NOBODY:
        _become_nobody()


def give_folder(folder: Path, identity: Identity) -> None:
    """Make ``folder`` and all in it belong to the owner that ``identity`` needs; only root can and has to."""
    owner = identity.owner()
    if os.geteuid() != 0 or not folder.exists() or folder.stat().st_uid == owner:
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner, owner, follow_symlinks=False)


def _namespaces_allowed() -> bool:
    """Try the namespace in a child that does nothing else."""
    if sys.platform != "linux":
        return False
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", ""],
            preexec_fn=_enter_namespace,
            check=False,
            capture_output=True,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def _enter_namespace() -> None:
    _checked(_LIBC.unshare(_CLONE_NEWUSER), "unshare")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{NOBODY} 0 1"), ("gid_map", f"{NOBODY} 0 1")):
        handle = os.open(f"/proc/self/{name}", os.O_WRONLY)
        os.write(handle, text.encode())
        os.close(handle)


def _become_nobody() -> None:
    """Become nobody but keep the one capability that lets a process pass through private parent folders."""
    _checked(_LIBC.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0), "prctl")
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    only = 1 << _CAP_DAC_OVERRIDE
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    data = struct.pack("6I", only, only, only, 0, 0, 0)
    _checked(_LIBC.capset(header, data), "capset")
    _checked(_LIBC.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0), "prctl")


def _checked(result: int, call: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")
