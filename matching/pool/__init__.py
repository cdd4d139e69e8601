"""Requests and offers of a whole province as frozen arrays, in the meaning of the scalar library.

Read it in this order: `columns` (one array per fact), `places` (nearness of places), `desk` (one kind with its
requests and offers, and the pool of all kinds), `build` (from plain records), `words` (every gate that one side
alone or a set of codes decides, packed into one word), `calendars` (common free time), `refusals` (a reason code for
every refusal), `parts` (the seven parts of a score).

Score unit. The scalar library counts exact points, 0 to 100,000,000. The pool keeps them exact too; only an instance
for the solvers holds ten-thousandths, `(points + 5,000) // 10,000`, that is rounded to the nearest, halves up.
"""
