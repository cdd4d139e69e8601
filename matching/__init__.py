"""Matching of requests with offers: a pure library without web, database, queue, clock or randomness.

Read it in this order: `model` (the frozen values), `eligibility` (which pairs may exist), `scoring` (how good a
pair is), `explain` (why, in words for the student), `solvers` (who is proposed), `verify` (the independent judge).
The rules are those of the domain reference, section 9; the age gates are those of its section 4.
"""
