"""What the walk measures exactly, packed into one row of whole numbers for each request and each offer.

An offer's row is one cache line of 64 bytes. Rows of a CSR column stand in the row as begin and end. The meaning of
the later columns depends on the family of the kind; columns that a family does not use are 0.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from matching.pool.columns import I8, I32, I64, Bools
from matching.pool.desk import HOUSE, INTERN, SERVICE, SPONSOR, Desk
from matching.pool.words import ages_accepted

R_AGE, R_PLACE, R_BARRED, R_BARRED_END, R_LIST, R_LIST_END = 0, 1, 2, 3, 4, 5
"""Columns of a request: age, place, barred offers, and its list: free slots (services) or wanted places."""
R_FROM, R_TO, R_TALKS, R_LIKES, R_MAJOR, R_POSTS, R_POSTS_END = 6, 7, 8, 9, 10, 11, 12
R_WORK, R_KINDS, R_PERSONS, R_BUDGET, R_MOVE_IN = 6, 7, 8, 9, 10
R_ASKED = 6
R_WIDTH = 16

O_YOUNGEST, O_OLDEST, O_PLACE, O_LIST, O_LIST_END = 0, 1, 2, 3, 4
"""Columns of an offer: ages, place, and its list: slots (services), majors (internships) or preferred
regions (sponsors)."""
O_TIMED, O_MODES = 5, 6
O_CODES, O_STARTS, O_ENDS = 5, 6, 7
LANGUAGE_BITS, HOUSED_BIT, POST_SHIFT = 63, 64, 7
"""In `O_CODES`: languages asked for, whether a home is given, and the post above them."""
O_KIND, O_PERSONS, O_RENT, O_FREE = 4, 5, 6, 7
O_AMOUNT = 5
O_WIDTH = 8


class Facts(NamedTuple):
    """`request` int64[n, 16], `offer` int64[k, 8], the flat lists they point into, and the tables of the desk.

    `request_list` and `offer_list` int32: slots as start and end in turn, majors, or positions of places. `sets` int32:
    the sets of wished posts.
    """

    family: int
    widen: int
    request: I64
    offer: I64
    request_list: I32
    offer_list: I32
    barred: I32
    sets: I32
    near: I8
    covers: Bools
    weight: I64


def pack(desk: Desk) -> Facts:
    """Pack the facts of a desk."""
    requests, offers, ground = desk.requests, desk.offers, desk.ground
    request = np.zeros((len(requests.number), R_WIDTH), np.int64)
    offer = np.zeros((len(offers.number), O_WIDTH), np.int64)
    request[:, R_AGE], request[:, R_PLACE] = requests.age, requests.place
    request[:, R_BARRED], request[:, R_BARRED_END] = requests.barred_ptr[:-1], requests.barred_ptr[1:]
    offer[:, O_YOUNGEST], offer[:, O_OLDEST] = ages_accepted(desk)
    offer[:, O_PLACE] = offers.place
    request_list, offer_list = requests.wanted, offers.region
    request[:, R_LIST], request[:, R_LIST_END] = requests.wanted_ptr[:-1], requests.wanted_ptr[1:]
    columns: dict[int, tuple[dict[int, npt.NDArray[np.generic]], dict[int, npt.NDArray[np.generic]]]] = {
        SERVICE: (
            {R_LIST: 2 * requests.slot_ptr[:-1], R_LIST_END: 2 * requests.slot_ptr[1:]},
            {
                O_LIST: 2 * offers.slot_ptr[:-1],
                O_LIST_END: 2 * offers.slot_ptr[1:],
                O_TIMED: offers.timed,
                O_MODES: offers.modes,
            },
        ),
        INTERN: (
            {
                R_FROM: requests.free_from,
                R_TO: requests.free_to,
                R_TALKS: requests.talks,
                R_LIKES: np.where(requests.likes == 0, requests.talks, requests.likes),
                R_MAJOR: requests.major,
                R_POSTS: ground.set_ptr[requests.posts],
                R_POSTS_END: ground.set_ptr[requests.posts + 1],
            },
            {
                O_LIST: offers.major_ptr[:-1],
                O_LIST_END: offers.major_ptr[1:],
                O_CODES: offers.post.astype(np.int64) << POST_SHIFT
                | HOUSED_BIT * offers.housed.astype(np.int64)
                | offers.languages,
                O_STARTS: offers.starts,
                O_ENDS: offers.ends,
            },
        ),
        HOUSE: (
            {
                R_WORK: requests.workplace,
                R_KINDS: requests.house_kinds,
                R_PERSONS: requests.persons,
                R_BUDGET: requests.budget,
                R_MOVE_IN: requests.move_in,
            },
            {
                O_KIND: offers.house_kind,
                O_PERSONS: offers.persons_max,
                O_RENT: offers.rent,
                O_FREE: offers.free_from,
            },
        ),
        SPONSOR: (
            {R_ASKED: requests.asked},
            {O_LIST: offers.region_ptr[:-1], O_LIST_END: offers.region_ptr[1:], O_AMOUNT: offers.amount},
        ),
    }
    for rows, given in zip((request, offer), columns[desk.family], strict=True):
        for at, values in given.items():
            rows[:, at] = values
    if desk.family == INTERN:
        offer_list = offers.major
    if desk.family == SERVICE:
        request_list = np.stack([requests.slot_start, requests.slot_end], axis=1).ravel()
        offer_list = np.stack([offers.slot_start, offers.slot_end], axis=1).ravel()
    return Facts(
        family=desk.family,
        widen=ground.widen,
        request=request,
        offer=offer,
        request_list=np.array(request_list, np.int32),
        offer_list=np.array(offer_list, np.int32),
        barred=requests.barred,
        sets=ground.set_post,
        near=ground.near,
        covers=ground.covers,
        weight=ground.weight,
    )
