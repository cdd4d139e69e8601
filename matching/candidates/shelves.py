"""What is prepared once for a kind before any list is made: words, calendars and the points of the offers alone."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.candidates.facts import Facts, pack
from matching.candidates.sift import NOT_SAID
from matching.model import MICRO
from matching.pool.calendars import CELLS, offer_calendars, request_calendars, weeks
from matching.pool.columns import I64, NO_DAY, U64
from matching.pool.desk import HOUSE, INTERN, SERVICE, SPONSOR, Desk
from matching.pool.parts import fairness, load, share, sponsor_topic
from matching.pool.words import REMOTE_BITS, offer_words, request_words
from matching.scoring import CLOSE, GOOD_WEEK_MINUTES, UNKNOWN_COUNTS

NOWHERE, ANYWHERE, BY_PLACE = -1, 0, 1
"""On which kind of list an offer stands for a profile: on none, on the list of the province, on that of its place."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shelf:
    """Prepared facts of one desk with n requests and k offers.

    `asked` uint64[n, 4] and `given` uint64[k, 4]: gate word, calendar word, and two words that the first pass bounds
    the loss of a pair with (see `sift`). `fixed` int64[k]: points that depend on the offer alone (load, fairness,
    quality). `common` int64: by the number of common cells, the least loss of
    availability; `NOT_SAID` is added to the number for each side that has not said when, which loses nothing.
    """

    desk: Desk
    asked: U64
    given: U64
    common: I64
    fixed: I64
    facts: Facts


def shelve(desk: Desk) -> Shelf:
    """Prepare a desk."""
    weight, offers = desk.ground.weight, desk.offers
    fixed = weight[4] * load(offers) + weight[5] * fairness(offers) + weight[6] * offers.quality
    asked = np.full((len(desk.requests.number), 4), ~np.uint64(0))
    given = np.full((len(fixed), 4), ~np.uint64(0))
    asked[:, 0], given[:, 0] = request_words(desk), offer_words(desk)
    common = np.zeros(CELLS + 2 * NOT_SAID + 1, np.int64)
    if desk.family == SERVICE:
        asked[:, 1], given[:, 1] = request_calendars(desk.requests), offer_calendars(offers)
        asked[:, 2:], given[:, 2:], grid = weeks(desk.requests, offers)
        best = share(grid * np.arange(CELLS + 1), GOOD_WEEK_MINUTES)
        common[: CELLS + 1] = weight[1] * (MICRO - best)
        common[NOT_SAID:] = 0
    elif desk.family == INTERN:
        given[:, 1] = offers.post.astype(np.uint64)
        given[:, 2], given[:, 3] = offers.starts.astype(np.uint64), offers.ends.astype(np.uint64)
    elif desk.family == HOUSE:
        given[:, 2] = offers.rent.astype(np.uint64)
        given[:, 3] = (np.maximum(0, offers.persons_max).astype(np.uint64) << np.uint64(8)) | offers.house_kind.astype(
            np.uint64
        )
    else:
        regions = np.diff(offers.region_ptr)
        only = np.append(offers.region, 0)[offers.region_ptr[:-1]]
        given[:, 2] = offers.amount.astype(np.uint64)
        given[:, 3] = np.where(regions == 1, 1 + only, 0).astype(np.uint64)
    return Shelf(desk=desk, asked=asked, given=given, common=common, fixed=fixed, facts=pack(desk))


def ceilings(shelf: Shelf, i: int) -> tuple[I64, npt.NDArray[np.int8]]:
    """Upper bounds of the points of every offer for the profile of request i, and the list of each offer.

    int64[k] and int8[k]. A bound counts every part that the profile does not decide at its best; the walk takes off
    exactly what a pair loses against it. On lists by place the distance is left out: the place adds it.
    """
    family = shelf.desk.family
    if family == SERVICE:
        return _service(shelf, i)
    if family == INTERN:
        return _intern(shelf, i)
    if family == HOUSE:
        weight = shelf.desk.ground.weight
        bound = shelf.fixed + MICRO * int(weight[0] + weight[1] + weight[3])
        return bound, _placed(shelf, np.full(len(bound), BY_PLACE, np.int8))
    return _sponsor(shelf, i)


def _placed(shelf: Shelf, where: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    """Take offers that nobody may be proposed off every list."""
    where[shelf.given[:, 0] == 0] = NOWHERE
    return where


def _language(shelf: Shelf, i: int) -> I64:
    """Language part of every offer for the profile of request i, with the unknown counted."""
    requests, offered = shelf.desk.requests, shelf.desk.offers.languages
    talks, likes = requests.talks[i], requests.likes[i]
    if talks == 0:
        return np.full(len(offered), UNKNOWN_COUNTS, np.int64)
    part = np.where((offered & talks) != 0, MICRO // 2, 0)
    return np.where((offered & (likes or talks)) != 0, MICRO, part)


def _service(shelf: Shelf, i: int) -> tuple[I64, npt.NDArray[np.int8]]:
    """Topic, language and the way to meet are decided; the common time is not."""
    requests, offers, weight = shelf.desk.requests, shelf.desk.offers, shelf.desk.ground.weight
    sub = np.uint64(requests.sub[i])
    one = np.uint64(1)
    topic = np.where((offers.close >> sub) & one == one, CLOSE, 0)
    topic = np.where((offers.exact >> sub) & one == one, MICRO, topic)
    topic = np.where(offers.topical, topic, UNKNOWN_COUNTS)
    common = offers.modes & requests.modes[i] if requests.modes[i] else offers.modes
    usable = common | (offers.modes & REMOTE_BITS) if shelf.desk.ground.widen else common
    anywhere = ((usable & REMOTE_BITS) != 0) | (usable == 0)
    said = requests.slot_ptr[i] < requests.slot_ptr[i + 1]
    time = np.where(offers.timed & said, MICRO, UNKNOWN_COUNTS)
    bound = shelf.fixed + weight[0] * topic + weight[1] * time + weight[3] * _language(shelf, i)
    bound += np.where(anywhere, weight[2] * MICRO, 0)
    where = np.where(anywhere, ANYWHERE, BY_PLACE).astype(np.int8)
    if requests.modes[i]:
        where[usable == 0] = NOWHERE
    if requests.talks[i]:
        where[(offers.languages & requests.talks[i]) == 0] = NOWHERE
    return bound, _placed(shelf, where)


def _intern(shelf: Shelf, i: int) -> tuple[I64, npt.NDArray[np.int8]]:
    """Decide the major; wished posts, weeks, language and the distance of a post with a home stay open."""
    desk = shelf.desk
    requests, offers, weight = desk.requests, desk.offers, desk.ground.weight
    major = requests.major[i]
    named = np.diff(offers.major_ptr) > 0
    fits = np.zeros(len(named), np.bool_)
    if major >= 0:
        owner = np.repeat(np.arange(len(named)), np.diff(offers.major_ptr))
        fits[owner[offers.major == major]] = True
    elsewhere = np.where(named, 0 if major >= 0 else UNKNOWN_COUNTS, CLOSE)
    topic = np.where(fits, MICRO, elsewhere)
    time = MICRO if requests.free_from[i] != NO_DAY and requests.free_to[i] != NO_DAY else UNKNOWN_COUNTS
    bound = shelf.fixed + weight[0] * topic + int(weight[1]) * time + int(weight[3]) * MICRO
    bound += np.where(offers.housed, weight[2] * MICRO, 0)
    return bound, _placed(shelf, np.where(offers.housed, ANYWHERE, BY_PLACE).astype(np.int8))


def _sponsor(shelf: Shelf, i: int) -> tuple[I64, npt.NDArray[np.int8]]:
    """Kind and stage are decided; the sum and a preferred region are not."""
    topic = sponsor_topic(shelf.desk, np.full(len(shelf.fixed), i), np.arange(len(shelf.fixed)))
    weight = shelf.desk.ground.weight
    counted = np.where(topic < 0, UNKNOWN_COUNTS, topic)
    share_of_sum = MICRO if shelf.desk.requests.asked[i] >= 0 else UNKNOWN_COUNTS
    bound = shelf.fixed + weight[0] * counted + int(weight[1]) * share_of_sum + MICRO * int(weight[2] + weight[3])
    return bound, _placed(shelf, np.full(len(bound), ANYWHERE, np.int8))


def profiles(desk: Desk) -> npt.NDArray[np.int64]:
    """Key of the profile of every request, int64[n]: requests with equal keys share every ceiling."""
    rows = desk.requests
    likes, talks = rows.likes.astype(np.int64), rows.talks.astype(np.int64)
    if desk.family == SERVICE:
        said = (np.diff(rows.slot_ptr) > 0).astype(np.int64)
        return (((rows.sub.astype(np.int64) << 8 | rows.modes) << 8 | likes) << 8 | talks) << 1 | said
    if desk.family == INTERN:
        said = ((rows.free_from != NO_DAY) & (rows.free_to != NO_DAY)).astype(np.int64)
        wishing = (np.diff(desk.ground.set_ptr)[rows.posts] > 0).astype(np.int64)
        key: I64 = (rows.major.astype(np.int64) + 1) << 2 | wishing << 1 | said
        return key
    if desk.family == SPONSOR:
        said = (rows.asked >= 0).astype(np.int64)
        return (rows.sub.astype(np.int64) << 8 | rows.stage) << 1 | said
    return np.zeros(len(rows.number), np.int64)
