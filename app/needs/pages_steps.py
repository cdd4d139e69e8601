"""The page structs of the wizard and of what follows it."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request

from app.kit.forms import FormView
from app.kit.parts import WizardStep
from app.kit.render import Page

AnyRequest = Request[Any, Any, Any]
LABELS = ("什么事", "说一说", "怎么帮", "确认")
ABOUT, WORDS, HOW, CHECK = "/needs/new", "/needs/new/words", "/needs/new/how", "/needs/new/check"
HREFS = (ABOUT, WORDS, HOW, CHECK)


def steps_at(number: int) -> tuple[WizardStep, ...]:
    """Return the four steps as seen from one of them; earlier ones lead back."""
    return tuple(
        WizardStep(label, "done" if place < number else "now" if place == number else "next", href)
        for place, (label, href) in enumerate(zip(LABELS, HREFS, strict=True), 1)
    )


class AboutPage(Page, frozen=True, kw_only=True):
    """Step 1: what it is about, and for cadres whom it is for."""

    form: FormView
    steps: tuple[WizardStep, ...]
    categories: tuple[tuple[str, str], ...]
    category: str
    subs: tuple[tuple[str, str], ...]
    picking: bool
    by_guardian: bool
    who: str
    found: tuple[tuple[str, str], ...]
    student_id: str
    student_name: str
    offer: str
    resume: str


class StopPage(Page, frozen=True, kw_only=True):
    """Why this student cannot ask here yet, and what to do instead."""

    band: str
    code: str = ""


class WordsPage(Page, frozen=True, kw_only=True):
    """Step 2: title and text, with what points at a person."""

    form: FormView
    steps: tuple[WizardStep, ...]
    about: str
    cadre: bool
    hits: tuple[tuple[str, str], ...]
    masked_title: str
    masked_text: str


class HowPage(Page, frozen=True, kw_only=True):
    """Step 3: where, how and when, and what only this kind asks."""

    form: FormView
    steps: tuple[WizardStep, ...]
    about: str
    kind: str
    category: str
    by_people: bool
    gentle: bool
    choices: Mapping[str, Mapping[str, str]]


class ConsentRow(msgspec.Struct, frozen=True, kw_only=True):
    """One purpose to agree to."""

    purpose: str
    label: str
    text: str
    required: bool


class CheckPage(Page, frozen=True, kw_only=True):
    """Step 4: everything once more, and consents."""

    form: FormView
    steps: tuple[WizardStep, ...]
    need_title: str
    need_text: str
    rows: tuple[tuple[str, str], ...]
    consents: tuple[ConsentRow, ...]
    given: tuple[str, ...]
    methods: tuple[tuple[str, str], ...]
    draft_id: str
    student_name: str
