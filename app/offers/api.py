"""The public JSON interface: the same questions as the list, typed payloads, refusals as sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIType, Operation, Parameter, Reference, Schema

from app.kit.errors import Refusal
from app.kit.forms import Form
from app.kit.permissions import open_to
from app.kit.viewer import Viewer
from app.offers import forms_search, queries, queries_found, service_counts
from app.offers.kinds import KINDS
from app.offers.queries_found import Results
from app.offers.rules import TYPES
from app.offers.rules_search import FACETS
from app.regions import rules as regions

MOST: Final = 50


class OfferOut(msgspec.Struct, frozen=True, kw_only=True):
    """One public offer; `title_html` marks the words found and is safe to show as it is."""

    id: UUID
    kind: str
    kind_label: str
    title: str
    title_html: str
    excerpt_html: str
    provider: str
    region_code: str
    place: str
    price: str
    amount_fen: int | None
    tags: tuple[str, ...]
    open_until: date
    published_at: datetime | None
    href: str


class FoundOut(msgspec.Struct, frozen=True, kw_only=True):
    """One page of results; `facets` counts values by the names of the parameters.

    `showing` is what was searched for when it is not what was asked (`rewritten_from`); `partial` is set when some
    results meet all but one of the words; `exact` is false when counts are estimated; `degraded` when the second
    engine answered.
    """

    offers: tuple[OfferOut, ...]
    total: int
    page: int
    pages: int
    facets: Mapping[str, Mapping[str, int]]
    showing: str
    rewritten_from: str
    partial: bool
    exact: bool
    engine: str
    degraded: bool


class SuggestedOfferOut(msgspec.Struct, frozen=True):
    """An offer whose title fits what was typed."""

    title: str
    href: str


class SuggestOut(msgspec.Struct, frozen=True):
    """Whole searches and offers that begin as typed."""

    words: tuple[str, ...]
    offers: tuple[SuggestedOfferOut, ...]


class ProblemOut(msgspec.Struct, frozen=True):
    """A refusal: a code and a sentence for a person."""

    code: str
    sentence: str
    next_step: str = ""


class QuestionWrong(Refusal):
    """The parameters do not make a question."""

    status = 400
    code = "question_wrong"
    sentence = "有参数看不懂。"
    next_step = "请对照 /api/v1/schema 里的说明。"


class SearchResting(Refusal):
    """The index is being rebuilt."""

    status = 503
    code = "search_resting"
    sentence = "搜索正在整理，请过几分钟再试。"


_MANY: Final = "可以重复给出多个值，满足其一即可。"
_WORDS: Final = ("q", "要找的词，最长 60 字；简繁、拼音、首字母、错字都可以。")
PARAMETERS: Final = (
    _WORDS,
    ("type", "类型：" + "、".join(f"{code} {label}" for code, label in TYPES.items())),
    ("city", "城市的六位代码，如 440100。"),
    ("district", "区县的六位代码，须在 city 里。"),
    *((name, f"{title}。{_MANY}") for name, (_, title) in FACETS.items()),
    ("price_min", "最低金额（元），只在 INTERN、HOUSE、SPONSOR 下有效。"),
    ("price_max", "最高金额（元），只在 INTERN、HOUSE、SPONSOR 下有效。"),
    ("stage", "学段：JH SH SV HV UG PG GR。"),
    ("near", "纬度,经度（WGS 84），如 23.13,113.26。"),
    ("radius", "公里：5、10、30、100；需要 near 或 city。"),
    ("sort", "best 最相关，new 最新，low 金额从低到高，high 从高到低，near 距离。"),
    ("exact", "yes：只按原字搜索。"),
    ("page", "页码，从 1 起；只能看到前 1000 条。"),
    ("size", "每页条数，1 到 50，默认 20。"),
)
"""The parameters of a search with their explanations; what they may be is decided where the list's own are read."""


def _described(parameters: tuple[tuple[str, str], ...]) -> list[Parameter | Reference]:
    one = Schema(type=OpenAPIType.STRING)
    several = Schema(type=OpenAPIType.ARRAY, items=one)
    return [
        Parameter(name=name, param_in="query", description=says, schema=several if name in FACETS else one)
        for name, says in parameters
    ]


@dataclass
class SearchOperation(Operation):
    """The search in the schema."""

    def __post_init__(self) -> None:
        """Describe the parameters."""
        self.parameters = _described(PARAMETERS)


@dataclass
class SuggestOperation(Operation):
    """The suggestions in the schema."""

    def __post_init__(self) -> None:
        """Describe the parameter."""
        self.parameters = _described((_WORDS,))


REFUSALS: Final = {
    400: ResponseSpec(ProblemOut, description="参数看不懂，sentence 说明哪里不对。"),
    503: ResponseSpec(ProblemOut, description="搜索正在整理，请稍后再试。"),
}


@get(
    "/api/v1/offers",
    include_in_schema=True,
    summary="搜索公开的供给",
    operation_class=SearchOperation,
    responses=REFUSALS,
    tags=["offers"],
    **open_to("Published offers are everybody's."),
)
async def offers(request: Request[Any, Any, Any], viewer: Viewer, now: datetime) -> FoundOut:
    """Search public offers."""
    form = Form.from_request_data(request.query_params)
    asked = forms_search.read(form)
    if form.errors:
        raise QuestionWrong("；".join(f"{name}：{sentence}" for name, sentence in form.errors.items()))
    number = _size(form)
    if asked.page * number > 1000:  # noqa: PLR2004 - no engine answers beyond a thousand
        raise QuestionWrong("page：只能看到前 1000 条。")
    found = await queries_found.search(viewer, asked, now=now, size=number)
    if found.resting:
        raise SearchResting
    await service_counts.count(asked, found.total, now=now)
    return _out(found, min(asked.page, found.pages))


def _size(form: Form) -> int:
    given = form.raw("size") or "20"
    if not (given.isascii() and given.isdigit() and len(given) <= 3 and 1 <= int(given) <= MOST):  # noqa: PLR2004 - three digits
        raise QuestionWrong(f"size：请给 1 到 {MOST}。")
    return int(given)


def _out(found: Results, page: int) -> FoundOut:
    return FoundOut(
        offers=tuple(
            OfferOut(
                id=row["id"],
                kind=row["type"],
                kind_label=KINDS[row["type"]].label,
                title=row["title"],
                title_html=str(card.title.__html__()) if hasattr(card.title, "__html__") else card.title,
                excerpt_html=str(card.excerpt),
                provider=card.provider,
                region_code=row["region_code"],
                place=regions.label(row["region_code"]),
                price=card.price,
                amount_fen=row["price_fen"],
                tags=card.tags,
                open_until=row["valid_to"],
                published_at=row["published_at"],
                href=card.href,
            )
            for row, card in zip(found.rows, found.cards, strict=True)
        ),
        total=found.total,
        page=page,
        pages=found.pages,
        facets=found.counts,
        showing=found.showing,
        rewritten_from=found.rewritten_from,
        partial=found.partial,
        exact=found.exact,
        engine=found.engine,
        degraded=found.degraded,
    )


@get(
    "/api/v1/offers/suggest",
    include_in_schema=True,
    summary="边输入边建议",
    operation_class=SuggestOperation,
    tags=["offers"],
    **open_to("Suggestions come from published offers only."),
)
async def suggest(request: Request[Any, Any, Any], viewer: Viewer, now: datetime) -> SuggestOut:
    """Return whole searches and offers that begin as typed."""
    form = Form.from_request_data(request.query_params)
    asked = forms_search.read(form, await queries.hidden_from(viewer, now))
    words, found = await queries_found.suggestions(viewer, asked.words, asked, now=now)
    return SuggestOut(words, tuple(SuggestedOfferOut(title, href) for title, href in found))


ROUTES = (offers, suggest)
