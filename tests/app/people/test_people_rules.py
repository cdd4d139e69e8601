"""Bands, gates, passwords and lock-out."""

from datetime import date, timedelta

import pytest

from app.kit.viewer import Role
from app.people import rules, rules_roles, rules_roster, rules_sign_in

DAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("birth", "band"),
    [
        (date(2014, 11, 24), "A0"),
        (date(2014, 11, 23), "A1"),
        (date(2012, 11, 24), "A1"),
        (date(2012, 11, 23), "A2"),
        (date(2010, 11, 23), "A3"),
        (date(2008, 11, 23), "A4"),
        (date(2000, 11, 24), "A4"),
        (date(2000, 11, 23), "A5"),
    ],
)
def test_the_band_changes_on_the_birthday_itself(birth: date, band: str) -> None:
    assert rules.band_on(birth, DAY) == band


def test_the_target_group_is_twelve_to_twenty_five_and_in_school() -> None:
    assert rules.in_target_group(12, "JH")
    assert rules.in_target_group(25, "PG")
    assert not rules.in_target_group(26, "PG")
    assert not rules.in_target_group(11, "JH")
    assert not rules.in_target_group(23, "GR")


def test_a_graduate_is_gr_for_two_years_and_then_other() -> None:
    left = date(2025, 7, 1)
    assert rules.stage_on("UG", None, DAY) == "UG"
    assert rules.stage_on("UG", left, date(2025, 6, 30)) == "UG"
    assert rules.stage_on("UG", left, DAY) == "GR"
    assert rules.stage_on("UG", left, date(2027, 7, 3)) == "OT"
    assert rules.may_ask_for("GR", "EM", "EM5")
    assert not rules.may_ask_for("GR", "PS", "PS1")


def test_twelve_and_thirteen_ask_with_a_guardian_only() -> None:
    assert not rules.may_ask("A0", guardian_consent=True)
    assert not rules.may_ask("A1")
    assert rules.may_ask("A1", guardian_consent=True)
    assert rules.may_ask("A2")
    assert rules.counselling_gate("A1", guardian_consent=True)
    assert rules.needs_guardian("A1")
    assert not rules.needs_guardian("A2")
    assert not rules.may_write_messages("A1")


def test_internships_open_at_sixteen_with_a_guardian_and_not_in_the_first_vocational_year() -> None:
    assert not rules.internship_gate(15, "SH", 2, guardian_consent=True)
    assert not rules.internship_gate(17, "SV", 1, guardian_consent=True)
    assert not rules.internship_gate(17, "SV", 2)
    assert rules.internship_gate(17, "SV", 2, guardian_consent=True)
    assert rules.internship_gate(20, "UG", 1)
    assert not rules.internship_gate(30, "OT", 1, still_student=False)


def test_homes_open_at_eighteen() -> None:
    assert not rules.housing_gate(15, "SH", guardian_contracts=True)
    assert not rules.housing_gate(17, "SH")
    assert rules.housing_gate(17, "SH", guardian_contracts=True)
    assert rules.housing_gate(18, "UG")
    assert rules.housing_gate(27, "GR")
    assert not rules.housing_gate(27, "OT")
    assert rules.needs_guardian_for(17, "SPONSOR")
    assert not rules.needs_guardian_for(17, "COUNSEL")
    assert rules.needs_guardian_for(13, "COUNSEL")
    assert not rules.sponsorship_gate("A5")


def test_a_record_check_holds_twelve_months() -> None:
    assert rules.check_holds(date(2025, 11, 23), DAY)
    assert not rules.check_holds(date(2025, 11, 21), DAY)
    assert not rules.check_holds(None, DAY)


def test_names_and_numbers_are_masked() -> None:
    assert rules.masked_name("王小明") == "王**"
    assert rules.masked_name("") == ""
    assert rules.masked_phone("+8613800138000").endswith("8000")
    assert rules.masked_phone("") == ""


@pytest.mark.parametrize(
    "password",
    ["short", "aaaaaaaaaaaa", "739182645091", "my-password-1", "demo-login-x", "x" * 129, "示例同学甲的密码啊"],
)
def test_weak_passwords_are_named(password: str) -> None:
    assert rules_sign_in.password_problem(password, login="demo-login", name="示例同学甲")


def test_a_sentence_is_a_good_password() -> None:
    assert (
        rules_sign_in.password_problem("春天的操场有风吹过", login="demo", name="某某")
        == "密码至少 10 位。一句只有你知道的话就很好。"
    )
    assert rules_sign_in.password_problem("春天的操场上有风吹过来", login="demo", name="某某") == ""


def test_the_lock_grows() -> None:
    assert rules_sign_in.lock_after(4) is None
    assert rules_sign_in.lock_after(5) == timedelta(minutes=15)
    assert rules_sign_in.lock_after(6) == timedelta(minutes=30)
    assert rules_sign_in.lock_after(40) == timedelta(hours=24)


def test_staff_sessions_are_short() -> None:
    assert rules_sign_in.idle_life([Role.STU]) == timedelta(days=30)
    assert rules_sign_in.idle_life([Role.STU, Role.SCH]) == timedelta(hours=8)


def test_devices_have_short_names() -> None:
    assert rules_sign_in.device_of("Mozilla/5.0 (iPhone) Safari") == "Safari · iPhone"
    assert rules_sign_in.device_of("") == "浏览器 · 未知设备"


def test_nobody_holds_two_administrators_roles() -> None:
    assert rules_roles.clashes(Role.AUD, [Role.SYS_A])
    assert not rules_roles.clashes(Role.SYS_A, [Role.SYS_A, Role.PRV])
    assert not rules_roles.clashes(Role.PRV, [Role.SYS_A])


def test_roles_belong_to_levels() -> None:
    assert rules_roles.fits_level(Role.SCH, "L4")
    assert not rules_roles.fits_level(Role.SCH, "L3")
    assert rules_roles.fits_level(Role.SUP, "L1")
    assert rules_roles.may_appoint(Role.SCH, Role.GRA)
    assert not rules_roles.may_appoint(Role.SCH, Role.CIT)
    assert not rules_roles.may_appoint(Role.STU, Role.GRA)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("初二", ("JH", 2)),
        ("高一", ("SH", 1)),
        ("大三", ("UG", 3)),
        ("八年级", ("JH", 2)),
        ("2", ("", 2)),
        ("", ("", 1)),
        ("第三学年", ("", 3)),
    ],
)
def test_grades_are_read_as_written(text: str, read: tuple[str, int]) -> None:
    assert rules_roster.read_grade(text) == read
