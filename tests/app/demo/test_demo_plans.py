"""The plans of the demo are pure: they can be judged without a database."""

from collections import Counter
from datetime import date
from io import BytesIO

import pytest
from PIL import Image
from stdnum.cn import uscc

from app.demo import rules_needs, rules_offers, rules_offers_places, rules_people, rules_places, rules_providers
from app.demo.rules import MARK, chance, rows_of, spread
from app.demo.rules_pictures import draw
from app.kit.clock import age_on
from app.kit.images import difference_hash
from app.kit.viewer import Role
from app.needs.rules import SUBS
from app.needs.rules_request import TEXT_MOST, TITLE_MOST, closed_subs
from app.offers.kinds import KINDS
from app.offers.queries_around import REFERENCE_RENT
from app.offers.rules_legality import ListingFacts, blocks
from app.regions.rules import city_of, region
from app.texts.rules import find_private, scan_crisis

DAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def orgs() -> tuple[rules_places.OrgPlan, ...]:
    return rules_places.organisations(2026)


@pytest.fixture(scope="module")
def students(orgs: tuple[rules_places.OrgPlan, ...]) -> tuple[rules_people.PersonPlan, ...]:
    return rules_people.students(orgs, DAY)


@pytest.fixture(scope="module")
def offers() -> tuple[rules_offers.OfferPlan, ...]:
    providers = rules_providers.providers(DAY)
    good = (
        *rules_offers.counselling(providers),
        *rules_offers.study(providers),
        *rules_offers.legal(providers),
        *rules_offers.sponsorship(providers),
        *rules_offers_places.internships(providers, DAY),
        *rules_offers_places.homes(providers),
    )
    return (*good, *rules_offers_places.held_and_refused(good))


def test_chance_repeats_itself_and_shares_keep_their_proportion() -> None:
    assert chance("a").random() == chance("a").random() != chance("b").random()
    assert Counter(spread(10, {"x": 3, "y": 1})) == {"x": 8, "y": 2}
    assert len(spread(7, {"x": 1.0, "y": 1.0, "z": 1.0})) == 7


def test_the_tree_is_guangdong(orgs: tuple[rules_places.OrgPlan, ...]) -> None:
    levels = Counter(org.level for org in orgs)
    assert (levels["L1"], levels["L2"], levels["L3"]) == (1, 21, 122)
    assert levels["L4"] >= 60
    assert {org.school_type for org in orgs if org.level == "L4"} == set(rules_places.PARTS)
    assert len({org.key for org in orgs}) == len(orgs)
    assert len({org.name for org in orgs if org.level == "L4"}) == levels["L4"]
    assert all(org.name.startswith(MARK) for org in orgs if org.level in {"L1", "L2", "L3", "L4"})
    assert all(region(org.region) for org in orgs)
    below = {org.parent for org in orgs if org.level == "L4"}
    assert rules_places.PROVINCE in below
    assert not any(org.parent in {"441900", "442000"} and org.level == "L3" for org in orgs)


def test_everybody_is_plainly_an_example(
    orgs: tuple[rules_places.OrgPlan, ...], students: tuple[rules_people.PersonPlan, ...]
) -> None:
    guardians = rules_people.guardians(students, DAY)
    acting = [plan.person for plan in rules_providers.providers(DAY) if plan.person]
    everybody = [*rules_people.staff(orgs, DAY), *students, *guardians, *acting]
    assert all(person.name.startswith("示例") for person in everybody)
    assert len({person.key for person in everybody}) == len(everybody) >= 350
    roles = {hat.role for person in everybody for hat in person.hats}
    assert roles == set(Role) - {Role.ANON}
    wards = {guardian.ward for guardian in guardians}
    assert all(person.key in wards for person in students if age_on(person.birth, DAY) < 14)
    three = [
        {hat.role for hat in person.hats} & {Role.SYS_A, Role.SEC_A, Role.AUD} for person in everybody if person.hats
    ]
    assert all(len(held) <= 1 for held in three)


def test_credit_codes_have_a_right_check_digit_and_names_say_example() -> None:
    providers = rules_providers.providers(DAY)
    assert all(uscc.is_valid(plan.credit_code) for plan in providers if plan.credit_code)
    assert all(plan.name.startswith((MARK, "示例")) for plan in providers)
    assert {plan.vetting.state for plan in providers if plan.vetting} >= {"ACTIVE", "ACTIVE_ADULT", "LAPSED", "APPLIED"}


def test_offers_keep_the_law_unless_they_show_what_it_forbids(offers: tuple[rules_offers.OfferPlan, ...]) -> None:
    kinds = Counter(plan.kind for plan in offers if plan.fate != "JUDGED")
    assert kinds == {"COUNSEL": 110, "INTERN": 90, "HOUSE": 50, "SPONSOR": 20, "STUDY": 20, "LEGAL": 10}
    seen = Counter[str]()
    for plan in offers:
        city = city_of(plan.region)
        assert city is not None
        facts = ListingFacts(
            today=date(2026, 7, 1),
            provider_verified_on=date(2026, 1, 1),
            reference_rent_fen=REFERENCE_RENT[city.code] if plan.kind == "HOUSE" else None,
        )
        found = KINDS[plan.kind].legality(plan.terms, (plan.title, plan.text), facts)
        assert KINDS[plan.kind].parse(KINDS[plan.kind].fill(plan.terms)).errors == {}
        if plan.fate != "JUDGED":
            assert not found, (plan.key, found)
        else:
            assert found, plan.key
            seen["block" if blocks(found) else "hold"] += 1
    assert seen["block"] >= 5
    assert seen["hold"] >= 4


def test_texts_are_many_fit_their_fields_and_point_at_nobody() -> None:
    texts = rows_of("need_texts.csv")
    assert len({row["text"] for row in texts}) >= 60
    assert {row["sub"] for row in texts} == set(SUBS)
    for row in texts:
        assert len(row["title"]) <= TITLE_MOST
        assert len(row["text"]) <= TEXT_MOST - 60
        assert not find_private(f"{row['title']}\n{row['text']}"), row
        assert scan_crisis(f"{row['title']}\n{row['text']}") is None, row
    assert all(scan_crisis(row["text"]) for row in rows_of("crisis_texts.csv"))


def test_requests_are_open_to_who_makes_them(students: tuple[rules_people.PersonPlan, ...]) -> None:
    plans = rules_needs.needs(students, DAY)
    assert len(plans) >= 400
    assert {plan.story for plan in plans} == set(rules_needs.STORIES)
    by_key = {person.key: person for person in students}
    for plan in plans:
        person = by_key[plan.student]
        assert person.student is not None
        stage = "GR" if person.student.graduated_days else person.student.stage
        closed = closed_subs(age_on(person.birth, DAY), stage, person.student.grade_year)
        assert plan.sub not in closed, plan
    assert plans == rules_needs.needs(students, DAY)


def test_pictures_differ_and_repeat() -> None:
    drawn = {
        f"{what}{number}": draw(what, f"{number}")
        for what in ("room", "office", "building", "skyline")
        for number in (1, 2)
    }
    assert draw("room", "1") == drawn["room1"]
    hashes = []
    for data in drawn.values():
        with Image.open(BytesIO(data)) as image:
            assert image.size == (960, 640)
            hashes.append(int(difference_hash(image), 16))
    pairs = [(a ^ b).bit_count() for number, a in enumerate(hashes) for b in hashes[:number]]
    assert min(pairs) > 4
