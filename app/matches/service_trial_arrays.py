"""A what-if on a copy of the live answer: imagined offers come in one by one, and the difference is read off.

This module loads the numeric library; import it through `service_library`.
"""

import time
from collections import Counter

import numpy as np

from app.matches.rules_ranking import look
from app.matches.rules_runs import TIERS
from app.matches.rules_trials import Answer, CityGain, Question, imagined
from app.matches.service_arrays import LOAD_COST, THREADS, Sheet, lay
from app.matches.service_build import POLICY
from app.matches.service_snapshot import Snapshot, places
from matching.codes import Kind
from matching.instances import Ints32
from matching.live.state import LiveState
from matching.model import Offer
from matching.solvers.province import solve

CITIES_SHOWN = 8
NO_LIMIT = 1 << 62


def try_out(snapshot: Snapshot, question: Question) -> Answer:
    """Solve the kind as it is, let the imagined offers in, and compare; the rulings in force hold."""
    began = time.perf_counter()
    if not snapshot.requests:
        return Answer()
    sheet = lay(snapshot)
    instance = sheet.instance()
    state = LiveState(instance, solve(instance, threads=THREADS), limit=NO_LIMIT)
    before = state.assignment
    first = state.offers
    cost = LOAD_COST.get(Kind(question.kind), 0)
    for number in range(question.count):
        offer = imagined(question, number, snapshot.today)
        who, scores = _wanting(snapshot, sheet, offer)
        state.add_offer(places(offer), cost, who, scores)
    after = state.assignment
    gained = Counter(sheet.cities[need] for need in np.flatnonzero((before < 0) & (after >= 0)).tolist())
    return Answer(
        before=_by_tier(sheet, before),
        after=_by_tier(sheet, after),
        used=int(np.count_nonzero(after >= first)),
        moved=int(np.count_nonzero((before >= 0) & (after >= 0) & (before != after))),
        seconds=round(time.perf_counter() - began, 3),
        cities=tuple(CityGain(city, more) for city, more in gained.most_common(CITIES_SHOWN)),
    )


def _by_tier(sheet: Sheet, assignment: Ints32) -> tuple[int, ...]:
    return tuple(np.bincount(sheet.tier[assignment >= 0], minlength=len(TIERS)).tolist())


def _wanting(snapshot: Snapshot, sheet: Sheet, offer: Offer) -> tuple[list[int], list[int]]:
    """Score an imagined offer for every need that nobody has pinned elsewhere."""
    who: list[int] = []
    scores: list[int] = []
    for at, need_id in enumerate(sheet.need_ids):
        if at in sheet.pins:
            continue
        looked = look(
            snapshot.requests[need_id],
            [offer],
            today=snapshot.today,
            now=snapshot.now,
            widen=snapshot.needs[need_id].escalation,
            policy=POLICY,
        )
        if looked.fits:
            who.append(at)
            scores.append(looked.fits[0].score)
    return who, scores
