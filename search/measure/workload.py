"""The two hundred questions of a measurement: the mix a listing page sees, made from a seed."""

import random
from typing import Final

import msgspec

from search.planner import Planner
from search.query import Near, Plan, Question, Sort
from search.synthetic import CITIES, KINDS, TAGS, TITLE_WORDS, centre, rare_words, words

COUNTS: Final = ("kind", "city")
COMMON: Final = 400
LAST_PAGE: Final = 50


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One question of the mix with its plan, and the part of the mix it belongs to."""

    part: str
    plan: Plan
    question: Question


def questions(seed: int = 7) -> list[tuple[str, Question]]:
    """Return 67 single words, 35 pairs, 35 beginnings, 15 browses, 16 by pay, 11 near, 7 last pages, 14 rare words."""
    chance = random.Random(seed)  # noqa: S311 - a workload is no secret
    heads = [word for some in TITLE_WORDS.values() for word in some]
    common = [*heads, *TAGS, *CITIES, *words()[:COMMON]]
    mix = [("one word", Question(words=_frequent(chance, common), facets=COUNTS)) for _ in range(67)]
    for number in range(35):
        pair = f"{chance.choice(heads)} {chance.choice((chance.choice(CITIES), _frequent(chance, common)))}"
        chosen = {"kind": (chance.choice(KINDS),)} if number % 5 < 3 else {}  # noqa: PLR2004 - three of five
        mix.append(("two words", Question(words=pair, any_of=chosen, facets=COUNTS)))
    for _ in range(35):
        word = _frequent(chance, common)
        mix.append(("beginning", Question(words=word[: chance.randint(1, max(1, len(word) - 1))], size=10)))
    for _ in range(15):
        chosen = {"kind": (chance.choice(KINDS),), "city": (_city(chance),)}
        mix.append(("browse", Question(any_of=chosen, sort=Sort.NEWEST, facets=("county",))))
    for number in range(16):
        order = Sort.CHEAPEST if number % 2 else Sort.DEAREST
        mix.append(("by pay", Question(words=chance.choice(heads), any_of={"city": (_city(chance),)}, sort=order)))
    for _ in range(11):
        near = Near(point=centre(chance.randrange(len(CITIES))), radius_km=10.0)
        mix.append(("near", Question(words=chance.choice(("", *heads)), near=near, sort=Sort.NEAREST)))
    mix += [("last page", Question(words=_frequent(chance, common), page=LAST_PAGE, facets=COUNTS)) for _ in range(7)]
    mix += [("rare", Question(words=word, facets=COUNTS)) for word in chance.sample(rare_words(), 14)]
    chance.shuffle(mix)
    return mix


def _frequent(chance: random.Random, common: list[str]) -> str:
    """Return a word, the first of the list more often."""
    return common[min(int(chance.paretovariate(0.6)) * 3 + chance.randrange(3), len(common) - 1)]


def _city(chance: random.Random) -> str:
    return f"{4401 + min(int(chance.paretovariate(0.9)) - 1, len(CITIES) - 1):04d}00"


def workload(planner: Planner, seed: int = 7) -> list[Asked]:
    """Return the mix with its plans, so that every engine is asked the very same."""
    return [
        Asked(part=part, plan=planner.plan(question.words), question=question) for part, question in questions(seed)
    ]
