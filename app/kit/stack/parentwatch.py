"""A process that ends when its parent ends, however that happens (Linux: the parent-death signal).

The supervisor sets it for the processes it starts. Granian and Dramatiq start processes of their own; those call
:func:`die_with_parent` when they load the application, so that no kill -9 anywhere leaves a process behind.
"""

import ctypes
import os
import signal
import sys

SUPERVISED = "QINGQIAO_SUPERVISED"
"""Holds the supervisor's process id in the environment of everything it starts; it is no setting."""

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


def set_parent_death_signal(number: signal.Signals, parent: int) -> None:
    """Ask the kernel for signal ``number`` when the thread that made this process ends.

    ``parent`` is the process expected as parent: when it is gone already, the signal is sent at once.
    On systems other than Linux nothing happens.
    """
    if sys.platform != "linux":
        return
    _LIBC.prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(number), 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


def die_with_parent() -> None:
    """End this process when its parent ends, if the supervisor started the family; otherwise do nothing.

    A parent that ended before this call is noticed too: a program of the supervisor leads its own session, so the
    parent of such a leader is the supervisor, and the parent of everything else in the session is the leader.
    """
    supervisor = os.environ.get(SUPERVISED, "")
    if supervisor.isdigit():
        leader = os.getsid(0)
        expected = int(supervisor) if leader == os.getpid() else leader
        set_parent_death_signal(signal.SIGKILL, expected)
