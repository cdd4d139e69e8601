"""A plan as an expression over indexed words, and the same in steps from the best matches to the last."""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from search.query import Alternative, Group, Plan, Token

TITLE: Final = "^"
"""Words of title, tags and place are indexed once more with this before them."""


class All(msgspec.Struct, frozen=True):
    """Every part must hold; without parts it holds for everything."""

    parts: tuple["Expression", ...] = ()


class Some(msgspec.Struct, frozen=True):
    """One part is enough."""

    parts: tuple["Expression", ...]


Expression = All | Some | Token


class Tiers(msgspec.Struct, frozen=True):
    """`match` is what belongs to the answer; the `steps` bring the best first, and the last step is the whole match."""

    match: Expression
    steps: tuple[Expression, ...]


Way = Callable[[Group], Expression]


def tiers(plan: Plan) -> Tiers:
    """Return the steps of a plan: about it and as written, about it, in the title, anywhere, nearly."""
    if plan.empty:
        return Tiers(All(), (All(),))
    groups = plan.groups
    ways: tuple[Way, ...] = (_literal_core, _core, _literal_title, _any_title, _literal, _any)
    steps = [_all(groups, way) for way in ways]
    last = steps[-1]
    if plan.spare and len(groups) > 1:
        nearly, widest = _nearly(groups)
        last = _some(widest) if widest else last
        few = [] if plan.met == 0 else steps[-3::2]
        steps = [*(steps if plan.met is None else few), *nearly]
    ordered = tuple(dict.fromkeys(step for step in (*steps, last)))
    return Tiers(last, ordered)


def _nearly(groups: Sequence[Group]) -> tuple[list[Expression], list[Expression]]:
    """Return the steps that meet all groups but one, the least telling first: widened, then left out; and their union.

    Whatever meets all the groups is within that union.
    """
    steps: list[Expression] = []
    widest: list[Expression] = []
    for left_out in sorted(range(len(groups)), key=lambda at: groups[at].weight):
        rest = [group for at, group in enumerate(groups) if at != left_out]
        wider = groups[left_out].wider
        if wider:
            widened = _some([_alternative(each) for each in wider])
            steps.append(_and([*(_any(group) for group in rest), widened]))
        if any(not group.minor for group in rest) or all(group.minor for group in groups):
            steps.append(_all(rest, _any_title))
            steps.append(_all(rest, _any))
            widest.append(steps[-1])
        elif wider:
            widest.append(steps[-1])
    return steps, widest


def _all(groups: Sequence[Group], way: Way) -> Expression:
    return _and([way(group) for group in groups])


def _and(parts: list[Expression]) -> Expression:
    unique = tuple(dict.fromkeys(parts))
    return unique[0] if len(unique) == 1 else All(unique)


def _some(parts: list[Expression]) -> Expression:
    unique = tuple(dict.fromkeys(parts))
    return unique[0] if len(unique) == 1 else Some(unique)


def _alternative(words: Alternative, mark: str = "") -> Expression:
    return _and([Token(mark + word.text, word.prefix) for word in words])


def _literal_core(group: Group) -> Expression:
    return _and([_literal_title(group), *([Token(TITLE + group.core)] if group.core else [])])


def _core(group: Group) -> Expression:
    return Token(TITLE + group.core) if group.core else _any_title(group)


def _literal_title(group: Group) -> Expression:
    return _some([_alternative(each, TITLE) for each in group.alternatives[: group.literal]])


def _any_title(group: Group) -> Expression:
    return _some([_alternative(each, TITLE) for each in group.short or group.alternatives])


def _literal(group: Group) -> Expression:
    return _some([_alternative(each) for each in group.alternatives[: group.literal]])


def _any(group: Group) -> Expression:
    return _some([_alternative(each) for each in group.short or group.alternatives])
