"""A calculation in a process of its own: `python -m app.matches.service_child PARENT`, asked and answered over pipes.

It ends with its parent, however that ends.
"""

import importlib
import os
import pickle
import signal
import sys

from app.kit.stack.parentwatch import set_parent_death_signal


def main(parent: int) -> None:
    """Read one call (module, function, arguments) from the standard input and write what it returns."""
    set_parent_death_signal(signal.SIGKILL, parent)
    answers = os.dup(1)
    os.dup2(2, 1)
    module, name, values = pickle.load(sys.stdin.buffer)  # noqa: S301 - our own parent wrote it, over its pipe
    answer = getattr(importlib.import_module(module), name)(*values)
    with os.fdopen(answers, "wb") as out:
        pickle.dump(answer, out)


if __name__ == "__main__":
    main(int(sys.argv[1]))
