"""The best eligible offers of every request, exactly, and the pricing of all eligible pairs with one search.

Read it in this order: `shelves` (what is prepared once for a kind), `profiles` (requests that see the same upper
bounds share them), `lists` (offers of one profile ordered by upper bound), `walk` (down a list until nothing can
enter any more), `search` (all profiles, in threads), `best` (candidates as an instance), `pricing` (violated pairs).
"""
