"""Writes the tests' small world into the database of a running stack: `python -m tests.support.small_world DATA`.

It is a process of its own, so that the database and the keys of the tests stay as they are. It prints who is there.
"""

import asyncio
import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from app import subscriptions
from app.kit.crypto import open_vault
from app.kit.db import DB
from app.kit.stack.datadir import SECRET, DataDirectory
from app.kit.stack.postgres import known_url
from tests.support.matching import counsellor
from tests.support.world import build_world

STUDENTS = ("stu", "second", "third")
COUNSELLORS = ("vol", "b", "d")
assert subscriptions.MODULES, "what is written tells its jobs"


async def build() -> dict[str, Any]:
    """Build the world with three students who ask alike and three counsellors who fit; return tokens and ids."""
    world = await build_world(datetime.now(UTC))
    for key in STUDENTS[1:]:
        await world.student(
            key, f"示例同学{key}", "school", birth=date(2010, 6, 1), gender_pref="F", languages=("YUE", "PTH")
        )
    for key in COUNSELLORS[1:]:
        await world.volunteer(key, f"示例志愿者{key}", languages=("YUE", "PTH"))
    offers = {str(await counsellor(world, key, title=f"倾听与陪伴（{key}）")): world[key].token for key in COUNSELLORS}
    return {
        "students": {key: world[key].token for key in STUDENTS},
        "teacher": world["psy"].token,
        "offers": offers,
    }


async def _write(url: str) -> None:
    DB.configure(url)
    await DB.open(most=2)
    try:
        sys.stdout.write(json.dumps(await build()))
    finally:
        await DB.close()


def main() -> None:
    """Write the world and print it as JSON."""
    home = DataDirectory(Path(sys.argv[1]))
    open_vault(home.secret(SECRET))
    asyncio.run(_write(known_url(home)))


if __name__ == "__main__":
    main()
