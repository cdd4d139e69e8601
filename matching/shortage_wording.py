"""The sentences about shortages, scarcity and what-ifs: for the student without numbers of others, for committees with.

`unit` is how one counts the offers of a kind (`matching.wording.UNITS`), such as 位志愿者.
"""

from matching.instances import SCORE_UNIT
from matching.shortage import Gain, Scarcity, Shortage, ShortageFigures

TIERS = ("最紧急", "很紧急", "比较紧急", "一般", "不急", "可以等", "可以再等", "最后考虑")
"""What the urgency tiers 0 to 7 are called."""


def for_student(shortage: Shortage) -> str:
    """Say to the student why there is no offer yet, without telling about others."""
    if shortage.without_candidates:
        return "目前还没有符合条件的提供方，我们正在找。可以放宽时间、方式或地区，也可以随时拨打 12355。"
    return "符合条件的名额现在都有人在用，不是你的求助有问题。一有空位就会轮到你，也可以随时拨打 12355。"


def for_committee(shortage: Shortage, unit: str = "个名额") -> str:
    """Say to a committee which shortage blocks a need and how much is missing."""
    tier = TIERS[shortage.tier]
    if shortage.without_candidates:
        return f"这条求助（{tier}）没有任何符合条件的提供方，需要新招募。"
    return (
        f"这条求助（{tier}）能用到的 {len(shortage.offers)} 个提供方共 {shortage.places} 个名额，"
        f"已全部用于同样或更紧急的 {shortage.rivals} 位同学；还有 {shortage.unserved} 位只能等这些名额。"
        f"至少再招募 {shortage.unserved} {unit}才能全部安排。"
    )


def of_offer(scarcity: Scarcity) -> str:
    """Say how scarce an offer is."""
    if scarcity.tier is not None:
        return f"非常紧缺：再多一个名额，就能多安排一位“{TIERS[scarcity.tier]}”的同学。"
    if scarcity.price > 0:
        return f"比较紧缺：再多一个名额，整体匹配度可以提高 {_points(scarcity.price)} 分。"
    return "名额充足：再多一个名额，暂时不会多帮到人。"


def of_cell(cell: ShortageFigures) -> str:
    """Say one cell of the shortage map."""
    if not cell.unserved:
        return f"{cell.label}：{cell.requests} 条求助都已安排。"
    urgent = cell.by_tier[0] + cell.by_tier[1]
    rest = f"，其中紧急的 {urgent} 条" if urgent else ""
    none = f"；{cell.without_candidates} 条没有任何符合条件的提供方" if cell.without_candidates else ""
    return f"{cell.label}：{cell.requests} 条求助中有 {cell.unserved} 条还没有安排{rest}{none}。"


def of_gain(gain: Gain, unit: str = "个提供方") -> str:
    """Say what a what-if would change."""
    score = gain.after.net_score - gain.before.net_score
    if not gain.more_matched and not score:
        return f"增加这些{unit}暂时不会带来变化。"
    sign = "提高" if score >= 0 else "降低"
    return (
        f"多安排 {gain.more_matched} 位同学，用掉 {gain.used} 个新名额，{gain.moved_on} 位同学换到别的提供方；"
        f"整体匹配度{sign} {_points(abs(score))} 分。"
    )


def of_cost(matched: int, net_score: int) -> str:
    """Say what a person's decision (a pin or a prohibition) changes: people served and net score, after less before."""
    if not matched and not net_score:
        return "这个决定不影响其他同学。"
    people = f"少安排 {-matched} 位同学，" if matched < 0 else f"多安排 {matched} 位同学，" if matched > 0 else ""
    change = "降低" if net_score < 0 else "提高"
    return f"按这个决定，{people}整体匹配度{change} {_points(abs(net_score))} 分。"


def _points(units: int) -> str:
    """Score units as points of 100 with one decimal."""
    return f"{units * 100 / SCORE_UNIT:.1f}"
