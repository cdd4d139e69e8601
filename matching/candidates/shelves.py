"""What is prepared once for a kind before any list is made: words, calendars and the points of the offers alone."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.candidates.facts import Facts, pack
from matching.model import MICRO
from matching.pool.calendars import offer_calendars, request_calendars
from matching.pool.columns import I64, U64
from matching.pool.desk import HOUSE, INTERN, SERVICE, SPONSOR, Desk
from matching.pool.parts import fairness, load, sponsor_topic
from matching.pool.words import REMOTE_BITS, offer_words, request_words
from matching.scoring import CLOSE, UNKNOWN_COUNTS

NOWHERE, ANYWHERE, BY_PLACE = -1, 0, 1
"""On which kind of list an offer stands for a profile: on none, on the list of the province, on that of its place."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shelf:
    """Prepared facts of one desk with n requests and k offers.

    `fixed` int64[k]: points that depend on the offer alone (load, fairness, quality).
    """

    desk: Desk
    request_word: U64
    request_time: U64
    offer_word: U64
    offer_time: U64
    fixed: I64
    facts: Facts


def shelve(desk: Desk) -> Shelf:
    """Prepare a desk."""
    weight = desk.ground.weight
    fixed = weight[4] * load(desk.offers) + weight[5] * fairness(desk.offers) + weight[6] * desk.offers.quality
    return Shelf(
        desk=desk,
        request_word=request_words(desk),
        request_time=request_calendars(desk.requests),
        offer_word=offer_words(desk),
        offer_time=offer_calendars(desk.offers) if desk.family == SERVICE else np.full(len(fixed), ~np.uint64(0)),
        fixed=fixed,
        facts=pack(desk),
    )


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
    where[shelf.offer_word == 0] = NOWHERE
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
    time = np.where(offers.timed, MICRO, UNKNOWN_COUNTS)
    common = offers.modes & requests.modes[i] if requests.modes[i] else offers.modes
    usable = common | (offers.modes & REMOTE_BITS) if shelf.desk.ground.widen else common
    anywhere = ((usable & REMOTE_BITS) != 0) | (usable == 0)
    bound = shelf.fixed + weight[0] * topic + weight[1] * time + weight[3] * _language(shelf, i)
    bound += np.where(anywhere, weight[2] * MICRO, 0)
    where = np.where(anywhere, ANYWHERE, BY_PLACE).astype(np.int8)
    if requests.modes[i]:
        where[usable == 0] = NOWHERE
    if requests.talks[i]:
        where[(offers.languages & requests.talks[i]) == 0] = NOWHERE
    return bound, _placed(shelf, where)


def _intern(shelf: Shelf, i: int) -> tuple[I64, npt.NDArray[np.int8]]:
    """The subject is decided; the weeks and the language are not, nor the distance of a post with a home."""
    desk = shelf.desk
    requests, offers, weight = desk.requests, desk.offers, desk.ground.weight
    major, wished = requests.major[i], requests.posts[i]
    posts = desk.ground.set_post[desk.ground.set_ptr[wished] : desk.ground.set_ptr[wished + 1]]
    named = np.diff(offers.major_ptr) > 0
    fits = np.isin(offers.post, posts)
    if major >= 0:
        owner = np.repeat(np.arange(len(named)), np.diff(offers.major_ptr))
        fits[owner[offers.major == major]] = True
    elsewhere = np.where(named, 0 if major >= 0 else UNKNOWN_COUNTS, CLOSE)
    topic = np.where(fits, MICRO, elsewhere)
    bound = shelf.fixed + weight[0] * topic + MICRO * int(weight[1] + weight[3])
    bound += np.where(offers.housed, weight[2] * MICRO, 0)
    return bound, _placed(shelf, np.where(offers.housed, ANYWHERE, BY_PLACE).astype(np.int8))


def _sponsor(shelf: Shelf, i: int) -> tuple[I64, npt.NDArray[np.int8]]:
    """Kind and stage are decided; the sum and a preferred region are not."""
    topic = sponsor_topic(shelf.desk, np.full(len(shelf.fixed), i), np.arange(len(shelf.fixed)))
    weight = shelf.desk.ground.weight
    counted = np.where(topic < 0, UNKNOWN_COUNTS, topic)
    bound = shelf.fixed + weight[0] * counted + MICRO * int(weight[1] + weight[2] + weight[3])
    return bound, _placed(shelf, np.full(len(bound), ANYWHERE, np.int8))


def profiles(desk: Desk) -> npt.NDArray[np.int64]:
    """Key of the profile of every request, int64[n]: requests with equal keys share every ceiling."""
    rows = desk.requests
    likes, talks = rows.likes.astype(np.int64), rows.talks.astype(np.int64)
    if desk.family == SERVICE:
        return ((rows.sub.astype(np.int64) << 8 | rows.modes) << 8 | likes) << 8 | talks
    if desk.family == INTERN:
        return (rows.major.astype(np.int64) + 1) << 32 | rows.posts
    if desk.family == SPONSOR:
        return rows.sub.astype(np.int64) << 8 | rows.stage
    return np.zeros(len(rows.number), np.int64)
