"""What the student reads: each part, each refusal, and what would make it fit."""

from datetime import date, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from matching.codes import GenderWish, Kind, Language, Mode, PartCode, PartState
from matching.explain import Opening, explain, openings
from matching.model import HouseWish, InternWish, Offer, Request, SponsorWish
from matching.reasons import ReasonCode
from matching.solvers.queue import propose
from matching.wording import STEPS, UNITS
from tests.matching.makers import NOW, POLICY, TODAY, ask, give, slot, terms_of


def told(request: Request, offer: Offer, code: PartCode, widen: int = 0) -> tuple[PartState, str, str]:
    answer = explain(request, offer, today=TODAY, now=NOW, widen=widen, policy=POLICY)
    found = next(part for part in answer.parts if part.code is code)
    return found.state, found.sentence, found.remedy


def test_every_kind_has_a_sentence_for_every_value_of_every_part() -> None:
    assert set(STEPS) == set(UNITS) == set(Kind)
    for sentences in STEPS.values():
        assert list(sentences) == list(PartCode)
        for steps in sentences.values():
            values = [step.at_least for step in steps if step.at_least is not None]
            assert values == sorted(values, reverse=True)
            for step in steps:
                assert step.sentence.endswith(("。", "{reach}"))
                assert (step.state is PartState.UNKNOWN) is (step.at_least is None)
                assert (step.state is not PartState.CONFLICTS) or step.remedy


@pytest.mark.parametrize("kind", list(Kind))
def test_a_pair_that_fits_says_so_in_seven_parts(kind: Kind) -> None:
    answer = explain(ask(kind), give(kind), today=TODAY, now=NOW, policy=POLICY)
    assert answer.eligible
    assert answer.score is not None
    assert answer.score >= 97.5
    assert [part.code for part in answer.parts] == list(PartCode)
    assert {part.state for part in answer.parts} == {PartState.FITS}
    assert answer.remedies == ()
    assert not any("{" in part.sentence for part in answer.parts)


@pytest.mark.parametrize("kind", list(Kind))
def test_facts_that_nobody_told_are_unknown_and_never_a_number(kind: Kind) -> None:
    bare = Request(need_id="n", student_id="s", kind=kind, sub="OT9")
    answer = explain(bare, give(kind), today=TODAY, now=NOW, policy=POLICY)
    assert not answer.eligible
    assert answer.score is None
    assert {reason.code for reason in answer.reasons} >= {ReasonCode.AGE_UNKNOWN, ReasonCode.RISK_UNKNOWN}
    unknown = [part for part in answer.parts if part.state is PartState.UNKNOWN]
    assert unknown
    assert all(part.value is None for part in unknown)
    assert all(part.value is not None for part in answer.parts if part not in unknown)


def test_the_hours_and_the_place_are_told_as_they_are() -> None:
    one = ask(slots=(slot(1, 12, 1.5),))
    assert told(one, give(), PartCode.AVAILABILITY)[1] == "最近 7 天里有 1.5 小时你们都有空。"
    little = told(ask(slots=(slot(1, 12, 5 / 6),)), give(), PartCode.AVAILABILITY)
    assert little[:2] == (PartState.CONFLICTS, "最近 7 天你们都有空的时间只有 0.8 小时。")
    near = told(ask(modes=frozenset({Mode.FF})), give(), PartCode.DISTANCE)
    assert near[1] == "就在你所在的区，见面方便。"
    far = told(ask(modes=frozenset({Mode.FF}), region="440604"), give(), PartCode.DISTANCE)
    assert far == (PartState.CONFLICTS, "在邻近的城市，见面要多走一段路。", "如果可以接受线上服务，就不用跑路。")
    assert told(ask(), give(used=3), PartCode.LOAD)[1] == "还有 1 个名额。"
    assert told(ask(), give(used=9), PartCode.LOAD)[1] == "名额不多了，还剩 0 个。"
    assert told(ask(slots=()), give(), PartCode.AVAILABILITY)[1] == "时间再约。"
    tired = give(last_match_on=TODAY - timedelta(days=1))
    assert told(ask(), tired, PartCode.FAIRNESS)[0] is PartState.FITS


def test_an_internship_tells_about_housing() -> None:
    here = ask(Kind.INTERN, region="440104")
    assert told(here, give(Kind.INTERN), PartCode.DISTANCE)[1] == "和你在同一个城市。"
    housed = give(Kind.INTERN, terms=replace(terms_of(Kind.INTERN), housing_given=True))
    assert told(here, housed, PartCode.DISTANCE)[1] == "提供住宿，不用担心路程。"


def test_low_parts_say_what_would_make_them_fit() -> None:
    request = ask(Kind.INTERN, intern=InternWish("会计", free_from=date(2027, 8, 20), free_to=date(2027, 9, 1)))
    answer = explain(request, give(Kind.INTERN), today=TODAY, now=NOW, policy=POLICY)
    assert answer.eligible
    assert answer.remedies == (
        "如果愿意跨专业试试，可以先问用人单位。",
        "如果能调整空闲的日子，或者先问能否缩短，就更合适。",
    )
    home = explain(
        ask(Kind.HOUSE, house=HouseWish(persons=5, budget_fen_month=1, workplace="445102")),
        give(Kind.HOUSE), today=TODAY, now=NOW,
    )  # fmt: skip
    assert home.remedies[0] == "如果预算或类型可以放宽一点，选择会更多。"
    money = explain(ask(Kind.SPONSOR, sponsor=SponsorWish(3_000_000)), give(Kind.SPONSOR), today=TODAY, now=NOW)
    assert "不够的部分，可以请团干部再帮你找别的办法。" in money.remedies


def test_a_refused_pair_keeps_its_parts_and_its_remedies() -> None:
    answer = explain(ask(gender_wish=GenderWish.M), give(), today=TODAY, now=NOW)
    assert answer.score is None
    assert [reason.sentence for reason in answer.reasons] == ["和你希望的性别不一样。"]
    assert answer.remedies == ("如果性别都可以，选择会更多。",)
    other = explain(ask(), give(Kind.HOUSE), today=TODAY, now=NOW)
    assert other.parts == ()
    assert other.remedies == ("如果你也需要这类帮助，可以另外发起一个求助。",)


def opened(request: Request, offers: list[Offer], widen: int = 0) -> tuple[Opening, ...]:
    answer = propose(request, offers, today=TODAY, now=NOW, widen=widen, policy=POLICY)
    return openings(request, offers, answer.refused, today=TODAY, now=NOW, widen=widen, policy=POLICY)


def _far(name: str) -> Offer:
    return give(offer_id=name, region="445102")


C = Kind.COUNSEL
FACE_ONLY = {"modes": frozenset({Mode.FF})}
HAKKA_ONLY = {"speaks": frozenset(), "languages": frozenset({Language.HAK})}
IN_FOSHAN = {"wanted": frozenset({"440604"})}
REFUSED = {"age": 17, "guardian_consent": False}
ONLINE = "如果可以接受线上服务，就多 3 位志愿者可选。"


def test_online_would_bring_three_more_volunteers() -> None:
    request = ask(modes=frozenset({Mode.FF}))
    offers = [give(), _far("a"), _far("b"), _far("c"), give(offer_id="d", region="445102", capacity=0)]
    assert opened(request, offers) == (Opening("ONLINE", 3, ONLINE),)


@pytest.mark.parametrize(
    ("kind", "wanted", "terms", "code", "sentence"),
    [
        (C, {"modes": frozenset({Mode.VI})}, FACE_ONLY, "FACE", "如果可以面谈，就多 1 位志愿者可选。"),
        (Kind.STUDY, {"gender_wish": GenderWish.M}, {}, "GENDER", "如果对方的性别都可以，就多 1 位辅导老师可选。"),
        (Kind.LEGAL, HAKKA_ONLY, {}, "LANGUAGE", "如果可以用普通话交流，就多 1 位法律援助人员可选。"),
        (C, {"slots": (slot(3, 1, 1),)}, {}, "TIME", "如果时间可以再商量，就多 1 位志愿者可选。"),
        (Kind.HOUSE, IN_FOSHAN, {}, "NEARBY", "如果可以考虑邻近的区和城市，就多 1 处房源可选。"),
        (Kind.INTERN, {"age": 17}, {}, "GUARDIAN", "如果家长（监护人）同意，就多 1 个岗位可选。"),
        (Kind.SPONSOR, REFUSED, {}, "GUARDIAN", "如果家长（监护人）同意，就多 1 份资助可选。"),
    ],
)
def test_each_change_is_counted(kind: Kind, wanted: Any, terms: Any, code: str, sentence: str) -> None:
    offer = give(kind, terms=replace(terms_of(kind), **terms))
    assert opened(ask(kind, **wanted), [offer]) == (Opening(code, 1, sentence),)


def test_nothing_is_promised_that_another_gate_would_still_refuse() -> None:
    offer = give(terms=replace(terms_of(Kind.COUNSEL), modes=frozenset({Mode.FF}), slots=()))
    assert opened(ask(modes=frozenset({Mode.ON})), [offer]) == ()
    assert opened(ask(modes=frozenset(), region=None), [give(region="445102", used=4)]) == ()
    unsaid = give(terms=replace(terms_of(Kind.COUNSEL), modes=frozenset({Mode.FF})), region="445102")
    assert opened(ask(modes=frozenset()), [unsaid]) == ()
    home = give(Kind.HOUSE)
    assert opened(ask(Kind.HOUSE, wanted=frozenset({"445102"})), [home], widen=1) == ()
