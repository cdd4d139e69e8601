"""Rows that come in and rows that go out: checked and packed, or laid together in the form of an instance."""

from matching.live.book import LENGTH, LOW, ROW, WIDE, Book, Ints32, Ints64, Whole
from matching.solvers.jit import kernel

OUTSIDE, TWICE, UNUSUAL = 1, 2, 3
"""What `pack` may find: a number outside its range, a number twice, a score outside what was seen so far."""


@kernel
def pack(numbers: Ints64, scores: Ints64, below: Whole, top: Whole, words: Ints64) -> Whole:
    """Write (number << 32 | score) by number; give 0, or what is wrong with the row."""
    for nth in range(numbers.shape[0]):
        number = numbers[nth]
        if number < 0 or number >= below:
            return OUTSIDE
        if scores[nth] < 0 or scores[nth] > top:
            return UNUSUAL
        word = (number << 32) | scores[nth]
        at = nth
        while at > 0 and words[at - 1] > word:
            words[at] = words[at - 1]
            at -= 1
        words[at] = word
    for nth in range(1, numbers.shape[0]):
        if words[nth] >> 32 == words[nth - 1] >> 32:
            return TWICE
    return 0


@kernel
def gather(book: Book, numbers: Ints64, indptr: Ints64, offer: Ints32, score: Ints32) -> None:
    """Write the arcs of these requests one after the other, which every row keeps by offer.

    `indptr` int64[len(numbers) + 1], filled; `offer` and `score` int32[indptr[-1]], written.
    """
    for nth in range(numbers.shape[0]):
        record = numbers[nth] * WIDE
        for step in range(book.who[record + LENGTH]):
            word = book.arcs[book.who[record + ROW] + step]
            offer[indptr[nth] + step] = word >> 32
            score[indptr[nth] + step] = word & LOW
