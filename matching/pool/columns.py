"""One array per fact: the columns of the requests and of the offers of one kind.

Both are named tuples of arrays, because compiled kernels read them directly. A missing fact has a code of its own
and never a number that could be taken for a fact: -1 for numbers, `NO_DAY` for days, 0 for codes that begin at 1.
Columns that a kind does not use hold that code. Variable-length facts are in CSR form: `x_ptr` int64[n+1] and `x`.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from matching.pool.refused import PoolRefused

Bools = npt.NDArray[np.bool_]
U8 = npt.NDArray[np.uint8]
U16 = npt.NDArray[np.uint16]
U64 = npt.NDArray[np.uint64]
I8 = npt.NDArray[np.int8]
I16 = npt.NDArray[np.int16]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

Whole = Any
"""A whole number inside a kernel: Python's where it runs uncompiled, a machine word where it is compiled."""

NO_DAY = -(1 << 30)
"""A day that nobody told us. Days are proleptic ordinals, as `date.toordinal` gives them."""
NO_STAGE = 8
"""Stage code of a student whose stage is not known."""


class RequestColumns(NamedTuple):
    """n requests of one kind, ascending by `number`.

    Masks hold one bit per code in the order of the enumeration; `place`, `wanted` and `workplace` are positions in
    `Places.codes`; `slot_start` and `slot_end` are minutes from now, 0 to 20,160, sorted and apart; `barred` are
    positions of offers of this desk, ascending, with the reasons as bits of `refusals.BIT`.
    """

    number: I32
    """Number of the request in the whole pool."""
    tier: I8
    open: Bools
    risk: I8
    """0 unknown, then 1 NONE to 5 RED."""
    sub: I16
    """Position in `Desk.subs`."""
    age: I16
    stage: I8
    grade: I16
    place: I32
    guardian: I8
    """-1 unknown, 0 refused, 1 given."""
    gender_wish: I8
    """0 no wish, 1 F, 2 M."""
    modes: U8
    likes: U8
    """Languages the student would rather use."""
    talks: U8
    """Languages the student can talk in or would rather use."""
    wanted_ptr: I64
    wanted: I32
    slot_ptr: I64
    slot_start: I32
    slot_end: I32
    barred_ptr: I64
    barred: I32
    barred_bits: U64
    major: I32
    posts: I32
    """Number of the set of wished posts in `Ground.set_ptr`; 0 is the empty set."""
    free_from: I32
    free_to: I32
    house_kinds: U8
    persons: I32
    budget: I64
    move_in: I32
    workplace: I32
    asked: I64


class OfferColumns(NamedTuple):
    """k offers of one kind in the order of the tie rule: never matched first, then longest idle, then lowest id.

    Money is in fen, `quality` in millionths (of a part), days are ordinals, `slot_*` as for requests.
    """

    number: I32
    """Number of the offer in the whole pool."""
    published: Bools
    verified: Bools
    begins: I32
    expires: I32
    capacity: I32
    used: I32
    age_min: I16
    age_max: I16
    stages: U16
    place: I32
    level: I8
    """0 unknown, 1 A, 2 B, 3 C."""
    gender: I8
    """0 unknown, 1 F, 2 M."""
    volunteer: I8
    """0 unknown, 1 active, 2 active for adults, 3 anything else."""
    vetted: Bools
    """Whether a person's state must be known: volunteers and counsellors."""
    check: I8
    """Record check today: 0 missing, 1 hit, 2 expired, 3 clear."""
    idle: I32
    """Whole days since the last match; -1 for never."""
    quality: I32
    weekly_full: Bools
    exact: U64
    """Bit s: the topics name sub-code s of `Desk.subs`."""
    close: U64
    """Bit s: the topics name something of the category of sub-code s."""
    topical: Bools
    """Whether any topic is named."""
    modes: U8
    languages: U8
    timed: Bools
    """Whether the provider said when; False means "agreed later"."""
    slot_ptr: I64
    slot_start: I32
    slot_end: I32
    post: I32
    trainee: Bools
    starts: I32
    ends: I32
    major_ptr: I64
    major: I32
    education: I8
    """-1 nothing asked, else 0 to 4 as in `practicalities.EDUCATION`."""
    housed: Bools
    min_age: I16
    house_kind: I8
    persons_max: I32
    rent: I64
    free_from: I32
    sponsor_kind: I8
    amount: I64
    relation: I8
    """-1 not said, 0 a relation is declared, 1 no relation is declared."""
    contact: Bools
    stage_pref: U16
    region_ptr: I64
    region: I32


_Kind = tuple[Any, int]
_FLAG: _Kind = (np.bool_, 0)
_MASK: _Kind = (np.uint8, 0)
_PLACE: _Kind = (np.int32, -1)
_DAY: _Kind = (np.int32, NO_DAY)
_MONEY: _Kind = (np.int64, -1)
_CODE: _Kind = (np.int8, 0)
_POINTER: _Kind = (np.int64, 0)

REQUEST_KINDS: Mapping[str, _Kind] = {
    "number": (np.int32, 0),
    "tier": _CODE,
    "open": (np.bool_, 1),
    "risk": _CODE,
    "sub": (np.int16, 0),
    "age": (np.int16, -1),
    "stage": (np.int8, NO_STAGE),
    "grade": (np.int16, -1),
    "place": _PLACE,
    "guardian": (np.int8, -1),
    "gender_wish": _CODE,
    "modes": _MASK,
    "likes": _MASK,
    "talks": _MASK,
    "wanted_ptr": _POINTER,
    "wanted": _PLACE,
    "slot_ptr": _POINTER,
    "slot_start": (np.int32, 0),
    "slot_end": (np.int32, 0),
    "barred_ptr": _POINTER,
    "barred": (np.int32, 0),
    "barred_bits": (np.uint64, 0),
    "major": (np.int32, -1),
    "posts": (np.int32, 0),
    "free_from": _DAY,
    "free_to": _DAY,
    "house_kinds": _MASK,
    "persons": (np.int32, -1),
    "budget": _MONEY,
    "move_in": _DAY,
    "workplace": _PLACE,
    "asked": _MONEY,
}
"""Type and "not told" code of every request column."""

OFFER_KINDS: Mapping[str, _Kind] = {
    "number": (np.int32, 0),
    "published": (np.bool_, 1),
    "verified": (np.bool_, 1),
    "begins": (np.int32, 0),
    "expires": (np.int32, 1 << 30),
    "capacity": (np.int32, 0),
    "used": (np.int32, 0),
    "age_min": (np.int16, 0),
    "age_max": (np.int16, 1 << 14),
    "stages": (np.uint16, 0),
    "place": (np.int32, 0),
    "level": _CODE,
    "gender": _CODE,
    "volunteer": _CODE,
    "vetted": _FLAG,
    "check": _CODE,
    "idle": (np.int32, -1),
    "quality": (np.int32, 0),
    "weekly_full": _FLAG,
    "exact": (np.uint64, 0),
    "close": (np.uint64, 0),
    "topical": _FLAG,
    "modes": _MASK,
    "languages": _MASK,
    "timed": _FLAG,
    "slot_ptr": _POINTER,
    "slot_start": (np.int32, 0),
    "slot_end": (np.int32, 0),
    "post": (np.int32, -1),
    "trainee": _FLAG,
    "starts": _DAY,
    "ends": _DAY,
    "major_ptr": _POINTER,
    "major": (np.int32, 0),
    "education": (np.int8, -1),
    "housed": _FLAG,
    "min_age": (np.int16, 0),
    "house_kind": _CODE,
    "persons_max": (np.int32, 0),
    "rent": (np.int64, 0),
    "free_from": _DAY,
    "sponsor_kind": _CODE,
    "amount": (np.int64, 0),
    "relation": (np.int8, -1),
    "contact": _FLAG,
    "stage_pref": (np.uint16, 0),
    "region_ptr": _POINTER,
    "region": (np.int32, 0),
}
"""Type and "not told" code of every offer column."""

_VALUES_OF: Mapping[str, str] = {
    "wanted": "wanted_ptr",
    "slot_start": "slot_ptr",
    "slot_end": "slot_ptr",
    "barred": "barred_ptr",
    "barred_bits": "barred_ptr",
    "major": "major_ptr",
    "region": "region_ptr",
}

_Columns = TypeVar("_Columns", RequestColumns, OfferColumns)


def request_columns(number: Any, **given: Any) -> RequestColumns:
    """Make checked request columns; what is not given is not told. Raises PoolRefused."""
    return _made(RequestColumns, REQUEST_KINDS, {"number": number, **given})


def offer_columns(number: Any, **given: Any) -> OfferColumns:
    """Make checked offer columns; what is not given is not told. Raises PoolRefused."""
    return _made(OfferColumns, OFFER_KINDS, {"number": number, **given})


def _made(made: type[_Columns], kinds: Mapping[str, _Kind], given: Mapping[str, Any]) -> _Columns:
    unknown = sorted(set(given) - set(kinds))
    if unknown:
        raise PoolRefused(unknown[0], "no such column")
    rows = len(given["number"])
    pointers = {name for name in kinds if name.endswith("_ptr")}
    arrays: dict[str, npt.NDArray[Any]] = {}
    for name, (kind, missing) in kinds.items():
        if name in pointers:
            arrays[name] = _column(name, given.get(name, np.zeros(rows + 1, np.int64)), kind, rows + 1)
            continue
        pointer = _VALUES_OF.get(name, "")
        length = int(arrays[pointer][-1]) if pointer in pointers else rows
        filled = given[name] if name in given else np.full(length, missing, kind)
        arrays[name] = _column(name, filled, kind, length)
    for name in pointers:
        if arrays[name][0] != 0 or bool((np.diff(arrays[name]) < 0).any()):
            raise PoolRefused(name, "must begin with 0 and not descend")
    return made(**arrays)


def _column(name: str, values: Any, kind: Any, length: int) -> npt.NDArray[Any]:
    """Give a contiguous read-only array of the right type and length, or refuse what would lose something."""
    given = np.asarray(values)
    if given.shape != (length,):
        raise PoolRefused(name, f"{length} values expected, shape {given.shape} found")
    if given.size and given.dtype != kind:
        whole = given.dtype.kind in "iub"
        with np.errstate(all="ignore"):
            kept = whole and bool((given.astype(kind) == given).all())
        if not kept:
            raise PoolRefused(name, f"values of type {np.dtype(kind)} expected")
    frozen = np.array(given, dtype=kind, order="C", copy=given.dtype != kind or not given.flags.c_contiguous).view()
    frozen.flags.writeable = False
    return frozen
