"""Runs over whole kinds: urgency tiers, places that may be given, small cells, and figures in words."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from math import ceil
from typing import Final

import msgspec

CAUSES: Final[Mapping[str, str]] = {"NIGHT": "每晚自动", "HAND": "手动开始"}
BATCH_STATES: Final[Mapping[str, str]] = {"RUNNING": "正在进行", "DONE": "已完成", "FAILED": "没有完成"}
VERDICTS: Final[Mapping[str, str]] = {"PIN": "指定", "FORBID": "不再匹配", "OVERRIDE": "直接推荐"}
CHOICES: Final = frozenset({"PIN", "OVERRIDE"})
"""Verdicts that give a need its offer; one of them at a time."""

TIERS: Final = ("较急", "优先（上次没有成）", "普通")
"""Urgency tiers by number, the most urgent first; a run never gives up an earlier one for a later one."""
PINNED_TIER: Final = 0
"""In a run's instance the pairs people decided come first, and the tiers of needs follow from 1 on."""
SCORE_UNIT: Final = 10_000
"""Scores and prices of a run are ten-thousandths of a full fit."""

MOST_ARCS: Final = 4_000_000
LEAST_KEPT: Final = 32
MOST_KEPT: Final = 1_024
BUNDLE_NEEDS: Final = 2_000
"""Components smaller than this are put together until a job has at least so many needs."""
STUCK_AFTER: Final = timedelta(hours=6)
SMALL_CELL: Final = 10
WHAT_IF_MOST: Final = 200


def tier_of(urgency: str, *, priority: bool) -> int:
    """Return the urgency tier of a need: urgent first, then those whose match fell through, then the others."""
    if urgency == "H":
        return 0
    return 1 if priority else 2


def kept(needs: int) -> int:
    """Return how many candidates a need keeps; with few needs that is every offer there can be."""
    return max(LEAST_KEPT, min(MOST_KEPT, MOST_ARCS // max(1, needs)))


def free_places(capacity: int, used: int, weekly_cap: int | None = None, booked_week: int = 0) -> int:
    """Return the places a run may give: what nobody holds, and for volunteers no more than the week has room for."""
    free = max(0, capacity - used)
    return free if weekly_cap is None else max(0, min(free, weekly_cap - booked_week))


def may_be_asked(weekly_cap: int | None, booked_week: int, open_proposals: int) -> bool:
    """Tell whether one more proposal may name a volunteer this week (who is asked too often stops answering)."""
    return weekly_cap is None or booked_week + open_proposals < weekly_cap


class CityFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One city and kind in a run. `without`: needs no offer fits; `short`: needs whose offers are all taken."""

    city: str
    kind: str
    requests: int
    matched: int
    queue: int
    without: int
    short: int

    @property
    def unserved(self) -> int:
        """Needs of the city that got nothing."""
        return self.requests - self.matched


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a component or a whole run did, beside the queue by urgency on the same candidates.

    `gained`: needs served that the queue leaves out; `lost`: the other way round; `better`: needs with a better
    score than the queue gives. Net scores are in ten-thousandths. `all_pairs`: every eligible pair was a candidate.
    `pairs`: candidates. Where lists were cut, `score_bound` is what the net score may at most lack to the best answer
    over all eligible pairs (None: nobody looked), as long as `tier_bound`, the same for the tiers, is 0.
    """

    requests: int = 0
    offers: int = 0
    places: int = 0
    pairs: int = 0
    by_tier: tuple[int, ...] = (0, 0, 0)
    net_score: int = 0
    queue_by_tier: tuple[int, ...] = (0, 0, 0)
    queue_net: int = 0
    gained: int = 0
    lost: int = 0
    better: int = 0
    all_pairs: bool = True
    score_bound: int | None = None
    tier_bound: int = 0
    cities: tuple[CityFigures, ...] = ()

    @property
    def gap(self) -> float | None:
        """What the net score may lack over all eligible pairs, as a part of it; None when that is not proven."""
        if self.all_pairs:
            return 0.0
        if self.score_bound is None or self.tier_bound:
            return None
        return self.score_bound / max(abs(self.net_score), 1)

    @property
    def matched(self) -> int:
        """Needs with an offer."""
        return sum(self.by_tier)

    @property
    def queue_matched(self) -> int:
        """Needs the queue would have given an offer."""
        return sum(self.queue_by_tier)


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """The certificate of a component or of a whole run, as it is stored."""

    dual_gap: int = 0
    tier_gap: int = 0
    tier_violations: int = 0
    faults: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def valid(self) -> bool:
        """Whether the answer is feasible and proven best."""
        return not (self.faults or self.dual_gap or self.tier_gap or self.tier_violations)

    def sentence(self, *, gap: float | None = 0.0) -> str:
        """Say what the certificate shows, and no more; `gap` as in `Figures`: what pairs outside the lists may add."""
        if not self.valid:
            return "没有通过证明，结果没有保存：" + "；".join(self.faults or ("还存在更好的安排",)) + "。"
        if gap is None:
            return "在每人最合适的若干项之内已证明最优；没有列入比较的组合不在证明之内。"
        if gap > 0:
            most = f"{ceil(gap * 1_000_000) / 10_000:g}%"
            return f"已证明服务的人数和先后最优；与全部可行配对相比，合适程度的总分最多还差 {most}。"
        return "已证明最优：没有任何别的安排能让更急的同学多一人得到帮助，或在人数相同时更合适。已和全部可行配对比过。"


def added(parts: Sequence[Figures]) -> Figures:
    """Add up the figures of components; cities of one name and kind become one line."""
    cities: dict[tuple[str, str], list[int]] = {}
    for part in parts:
        for line in part.cities:
            sums = cities.setdefault((line.city, line.kind), [0, 0, 0, 0, 0])
            for at, number in enumerate((line.requests, line.matched, line.queue, line.without, line.short)):
                sums[at] += number
    return Figures(
        requests=sum(part.requests for part in parts),
        offers=sum(part.offers for part in parts),
        places=sum(part.places for part in parts),
        pairs=sum(part.pairs for part in parts),
        by_tier=_sums([part.by_tier for part in parts]),
        net_score=sum(part.net_score for part in parts),
        queue_by_tier=_sums([part.queue_by_tier for part in parts]),
        queue_net=sum(part.queue_net for part in parts),
        gained=sum(part.gained for part in parts),
        lost=sum(part.lost for part in parts),
        better=sum(part.better for part in parts),
        all_pairs=all(part.all_pairs for part in parts),
        score_bound=_bound(parts),
        tier_bound=sum(part.tier_bound for part in parts),
        cities=tuple(
            CityFigures(
                city=city, kind=kind, requests=sums[0], matched=sums[1], queue=sums[2], without=sums[3], short=sums[4]
            )
            for (city, kind), sums in sorted(cities.items())
        ),
    )


def _bound(parts: Sequence[Figures]) -> int | None:
    """Add up what parts may lack; None when nobody looked at the pairs that one of them left out."""
    bounds = [0 if part.all_pairs else part.score_bound for part in parts]
    known = [bound for bound in bounds if bound is not None]
    return sum(known) if len(known) == len(bounds) else None


def within(part: Figures, between: Figures) -> Figures:
    """Add to the figures of a part what pairs with other parts could still bring, as `between` tells.

    The bounds add up: the parts' answers together are at least the one that bounded the pairs between them, but for
    what each of them may lack itself.
    """
    if between.all_pairs:
        return part
    return msgspec.structs.replace(
        part,
        all_pairs=False,
        score_bound=_bound([part, between]),
        tier_bound=part.tier_bound + between.tier_bound,
    )


def _sums(rows: Sequence[Sequence[int]]) -> tuple[int, ...]:
    return tuple(sum(row[tier] for row in rows) for tier in range(len(TIERS)))


def proven(proofs: Sequence[Proof]) -> Proof:
    """Join the certificates of components that share nothing: gaps add up."""
    return Proof(
        dual_gap=sum(proof.dual_gap for proof in proofs),
        tier_gap=sum(proof.tier_gap for proof in proofs),
        tier_violations=sum(proof.tier_violations for proof in proofs),
        faults=tuple(fault for proof in proofs for fault in proof.faults),
        seconds=round(sum(proof.seconds for proof in proofs), 3),
    )


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What a ruling took from the whole: needs served by tier, and the sum of scores (ten-thousandths)."""

    by_tier: tuple[int, ...] = (0, 0, 0)
    score: int = 0

    @property
    def sentence(self) -> str:
        """Say the cost in words."""
        fewer = sum(self.by_tier)
        if fewer > 0:
            return f"少服务 {fewer} 人"
        if fewer < 0:
            return f"多服务 {-fewer} 人，但没有照顾到更急的同学"
        if any(self.by_tier):
            return "服务人数不变，但有更急的同学让给了不那么急的同学"
        if self.score > 0:
            return f"服务人数不变，总分少 {points(self.score)}"
        return "没有代价，总体结果一样好"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What the last run made of a ruling."""

    batch_id: str = ""
    kept: bool = False
    why: str = ""
    cost: Cost = Cost()

    @property
    def sentence(self) -> str:
        """Say whether the run could keep the ruling, and what it cost."""
        if not self.batch_id:
            return "下一次匹配时生效"
        return self.cost.sentence if self.kept else f"上次没能照办：{self.why}"


def points(score: int) -> str:
    """Return ten-thousandths as points of 100 with one decimal, never "0.0" for something."""
    tenths = (2_000 * score + SCORE_UNIT) // (2 * SCORE_UNIT)
    return f"{tenths / 10:.1f}" if tenths else "不到 0.1"


def against_queue(figures: Figures) -> tuple[str, ...]:
    """Say in sentences what the run achieved beside the queue by urgency."""
    more = figures.matched - figures.queue_matched
    said: list[str] = []
    if more > 0:
        said.append(f"比按先后顺序安排多服务 {more} 人。")
    elif not figures.requests:
        said.append("没有等待匹配的求助。")
    else:
        said.append("与按先后顺序安排服务的人数相同。")
    urgent = figures.by_tier[0] - figures.queue_by_tier[0]
    if urgent > 0:
        said.append(f"其中较急的求助多服务 {urgent} 人。")
    if figures.better:
        said.append(f"{figures.better} 人得到了更合适的安排。")
    if figures.lost:
        said.append(f"{figures.lost} 人按先后顺序会有安排、现在让给了更急或更难安排的同学，系统会接着为他们找。")
    return tuple(said)


def cells(counts: Mapping[str, int], *, masked: bool) -> dict[str, str]:
    """Return the cells of one line as text; `masked` hides counts below 10 so that no sum gives them away (8.2)."""
    if not masked:
        return {name: str(count) for name, count in counts.items()}
    hidden = {name for name, count in counts.items() if 0 < count < SMALL_CELL}
    others = {name: count for name, count in counts.items() if name not in hidden and count > 0}
    if len(hidden) == 1 and others:
        hidden.add(min(others, key=lambda name: (others[name], name)))
    return {
        name: (f"<{SMALL_CELL}" if 0 < count < SMALL_CELL else "—") if name in hidden else str(count)
        for name, count in counts.items()
    }


def wanted_words(line: CityFigures) -> str:
    """Say what a city lacks of a kind."""
    if not line.unserved:
        return "够用"
    if line.without >= line.short:
        return "缺少合适的资源"
    return "资源合适，名额不够"
