"""Frozen values that a live state gives back."""

from dataclasses import dataclass

from matching.instances import MOST_TIERS


@dataclass(frozen=True, slots=True)
class Loss:
    """A certified bound on what an answer lacks to the best one; both 0 when it is optimal.

    `urgency` counts people, each by 8 - tier (a pinned one by 8 more); `score` is in score units. The best answer is
    better by at most `urgency` in that order of aims, and by at most `score` where `urgency` is 0.
    """

    urgency: int = 0
    score: int = 0

    @property
    def optimal(self) -> bool:
        """Whether nothing at all can be gained."""
        return self.urgency == 0 and self.score == 0


NO_LOSS = Loss()


@dataclass(frozen=True, slots=True)
class Totals:
    """`by_tier`: requests with an offer by urgency tier 0 to 7; `net_score`: sum of scores less load costs.

    A pinned request counts in its own tier.
    """

    by_tier: tuple[int, ...]
    net_score: int

    @property
    def matched(self) -> int:
        """Number of requests with an offer."""
        return sum(self.by_tier)

    def __sub__(self, other: "Totals") -> "Totals":
        """Give the change from the other totals to these."""
        change = tuple(mine - theirs for mine, theirs in zip(self.by_tier, other.by_tier, strict=True))
        return Totals(change, self.net_score - other.net_score)

    @property
    def order(self) -> tuple[int, ...]:
        """What is compared when two answers are: by tier first, then the net score."""
        return (*self.by_tier, self.net_score)


NOBODY = Totals((0,) * MOST_TIERS, 0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an event did.

    `number`: its request or offer (-1 when there is none). `moved`: request -> (offer before, offer after), -1 is
    none. `loss`: what the answer may lack afterwards. `work`: arcs and people looked at. `lifted`: requests whose
    pin the event ended.
    """

    number: int
    moved: dict[int, tuple[int, int]]
    loss: Loss
    work: int
    lifted: tuple[int, ...] = ()
