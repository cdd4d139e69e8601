"""The places of a pool and how near they are, as tables."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from matching.model import Policy
from matching.places import WITHOUT_DISTRICTS, Nearness, is_city
from matching.pool.columns import I8, Bools
from matching.pool.refused import PoolRefused

MOST_PLACES = 4_096
"""More different place codes would need tables of more than 16 MiB."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Places:
    """P place codes, ascending, and two tables.

    `near` int8[P, P]: `Nearness` of two places. `covers` bool[P, P]: whether naming the first place (a district or a
    whole city) as wanted takes in the second.
    """

    codes: tuple[str, ...]
    near: I8
    covers: Bools

    @property
    def position(self) -> dict[str, int]:
        """Position of every code."""
        return {code: at for at, code in enumerate(self.codes)}


def chart(codes: Iterable[str], policy: Policy) -> Places:
    """Make the tables for these codes; raises PoolRefused for more than 4,096 places."""
    known = tuple(sorted(set(codes)))
    if len(known) > MOST_PLACES:
        raise PoolRefused("region", f"at most {MOST_PLACES} different places, {len(known)} found")
    cities = sorted({code[:4] for code in known})
    city = np.array([cities.index(code[:4]) for code in known], np.int64)
    whole = np.array([is_city(code) for code in known], np.bool_)
    exact = ~whole | np.array([code[:4] in WITHOUT_DISTRICTS for code in known], np.bool_)
    neighbour = np.zeros((len(cities), len(cities)), np.bool_)
    for one, other in policy.neighbours:
        if one in cities and other in cities:
            neighbour[cities.index(one), cities.index(other)] = True
    neighbour |= neighbour.T
    near = np.full((len(known), len(known)), int(Nearness.FAR), np.int8)
    near[neighbour[city[:, None], city[None, :]]] = int(Nearness.NEIGHBOUR)
    same_city = city[:, None] == city[None, :]
    near[same_city] = int(Nearness.SAME_CITY)
    at = np.flatnonzero(exact)
    near[at, at] = int(Nearness.SAME_DISTRICT)
    covers = (
        same_city & np.array([code[4:6] == "00" and len(code) == len("440100") for code in known], np.bool_)[:, None]
    )
    covers |= np.eye(len(known), dtype=np.bool_)
    for table in (near, covers):
        table.flags.writeable = False
    return Places(codes=known, near=near, covers=covers)
