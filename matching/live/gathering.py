"""The rows of a state laid together in the form of an instance."""

from matching.live.book import LENGTH, LOW, ROW, WIDE, Book, Ints32, Ints64
from matching.solvers.jit import kernel


@kernel
def gather(book: Book, numbers: Ints64, indptr: Ints64, offer: Ints32, score: Ints32) -> None:
    """Write the arcs of these requests one after the other, by offer; rows are nearly in order, so insertion is quick.

    `indptr` int64[len(numbers) + 1], filled; `offer` and `score` int32[indptr[-1]], written.
    """
    for nth in range(numbers.shape[0]):
        record = numbers[nth] * WIDE
        begin = indptr[nth]
        for step in range(book.who[record + LENGTH]):
            word = book.arcs[book.who[record + ROW] + step]
            one = word >> 32
            at = begin + step
            while at > begin and offer[at - 1] > one:
                offer[at] = offer[at - 1]
                score[at] = score[at - 1]
                at -= 1
            offer[at] = one
            score[at] = word & LOW
