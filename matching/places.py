"""How near two places are, from their GB/T 2260 codes: six digits, the first four are the city."""

from enum import IntEnum

from matching.model import Policy

WITHOUT_DISTRICTS = frozenset({"4419", "4420"})
"""Dongguan and Zhongshan have no districts, so their city code is as near as a code can tell."""


class Nearness(IntEnum):
    """Greater is nearer."""

    FAR = 0
    NEIGHBOUR = 1
    SAME_CITY = 2
    SAME_DISTRICT = 3


def nearness(one: str, other: str, policy: Policy) -> Nearness:
    """How near two codes are; two equal codes of a whole city only say "same city"."""
    mine, theirs = one[:4], other[:4]
    if mine == theirs:
        same = one == other and (not is_city(one) or mine in WITHOUT_DISTRICTS)
        return Nearness.SAME_DISTRICT if same else Nearness.SAME_CITY
    if (mine, theirs) in policy.neighbours or (theirs, mine) in policy.neighbours:
        return Nearness.NEIGHBOUR
    return Nearness.FAR


def nearest(code: str, others: frozenset[str], policy: Policy) -> Nearness:
    """Find the nearest of several places; FAR when there are none."""
    return max((nearness(code, other, policy) for other in others), default=Nearness.FAR)


def is_city(code: str) -> bool:
    """Whether a code names a whole city and not one of its districts."""
    return code.endswith("00")


def covers(wanted: frozenset[str], code: str) -> bool:
    """Whether a place lies in one of the wanted districts or whole cities."""
    return code in wanted or f"{code[:4]}00" in wanted
