from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.datastructures import FormMultiDict, UploadFile

from app.kit.forms import FORM_WIDE, Form, FormInvalid, FormView, option_rows

COLOURS = {"RED": "红", "BLUE": "蓝"}


def form_of(**values: str) -> Form:
    return Form({name: [value] for name, value in values.items()})


def test_a_text_loses_its_margins_and_invisible_characters_but_no_word() -> None:
    form = form_of(title="  想找\u200b一位 倾听者 \r\n")
    assert form.text("title", "标题") == "想找一位 倾听者"
    assert form.errors == {}


def test_a_single_line_text_turns_line_breaks_into_spaces_and_a_long_one_keeps_them() -> None:
    form = form_of(text="第一行\r\n第二行")
    assert form.text("text", "说明") == "第一行 第二行"
    assert form.text("text", "说明", multiline=True) == "第一行\n第二行"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "请填写标题。"),
        ("   ", "请填写标题。"),
        ("一二三四五六", "标题最多 5 个字，现在是 6 个字，请精简一些。"),
        ("一", "标题至少 2 个字，现在是 1 个字，请再补充一些。"),
    ],
)
def test_a_text_out_of_its_bounds_gets_a_sentence(typed: str, sentence: str) -> None:
    form = form_of(title=typed)
    form.text("title", "标题", max_len=5, min_len=2)
    assert form.errors == {"title": sentence}


def test_an_optional_field_may_be_left_empty_whatever_its_kind() -> None:
    form = Form({})
    assert form.text("a", "甲", required=False, min_len=5) == ""
    assert form.integer("b", "乙", required=False) is None
    assert form.yuan("c", "丙", required=False) is None
    assert form.day("d", "丁", required=False) is None
    assert form.moment("e", "戊", required=False) is None
    assert form.choice("f", "己", COLOURS, required=False) == ""
    assert form.many("g", "庚", COLOURS) == ()
    assert form.yesno("h", "辛", required=False) is None
    assert form.phone("i", "壬", required=False) == ""
    assert form.uscc("j", "癸", required=False) == ""
    assert form.email("k", "子", required=False) == ""
    assert form.flag("l", "丑") is False
    form.check()


REQUIRED: list[Callable[[Form], object]] = [
    lambda form: form.integer("x", "名额"),
    lambda form: form.yuan("x", "补贴"),
    lambda form: form.day("x", "日期"),
    lambda form: form.moment("x", "时间"),
    lambda form: form.choice("x", "方面", COLOURS),
    lambda form: form.many("x", "时段", COLOURS, required=True),
    lambda form: form.yesno("x", "是否着急"),
    lambda form: form.phone("x", "手机号"),
    lambda form: form.uscc("x", "信用代码"),
    lambda form: form.email("x", "邮箱"),
    lambda form: form.password("x", "密码"),
    lambda form: form.flag("x", "我同意", required=True),
]


@pytest.mark.parametrize("read", REQUIRED)
def test_every_required_field_left_empty_gets_a_sentence_that_ends(read: Callable[[Form], object]) -> None:
    form = Form({})
    read(form)
    assert form.errors["x"].startswith("请")
    assert form.errors["x"].endswith("。")
    with pytest.raises(FormInvalid):
        form.check()


def test_numbers_are_read_as_people_write_them() -> None:
    assert form_of(seats="８").integer("seats", "名额") == 8
    assert form_of(pay="3,000元").yuan("pay", "补贴") == 300_000


@pytest.mark.parametrize(
    ("typed", "sentence"), [("0", "名额不能小于 1 人。"), ("21", "名额不能大于 20 人。"), ("几个", None)]
)
def test_a_number_out_of_its_bounds_gets_a_sentence(typed: str, sentence: str | None) -> None:
    form = form_of(seats=typed)
    form.integer("seats", "名额", min_value=1, max_value=20, unit="人")
    assert sentence is None or form.errors == {"seats": sentence}
    assert form.errors["seats"].startswith("名额")


def test_an_amount_is_bounded_in_fen_and_said_in_yuan() -> None:
    form = form_of(pay="900")
    form.yuan("pay", "补贴", min_value=100_000)
    assert form.errors == {"pay": "补贴不能小于 1,000 元。"}


def test_a_day_is_bounded_on_both_sides() -> None:
    early, late = date(2026, 11, 23), date(2026, 12, 31)
    form = form_of(a="2026年11月22日", b="2027-01-01", c="2026/12/1")
    form.day("a", "开始", earliest=early, latest=late)
    form.day("b", "结束", earliest=early, latest=late)
    assert form.day("c", "中间", earliest=early, latest=late) == date(2026, 12, 1)
    assert form.errors == {"a": "开始不能早于2026年11月23日。", "b": "结束不能晚于2026年12月31日。"}


def test_a_moment_is_typed_in_guangdong_and_kept_in_utc() -> None:
    expected = datetime(2026, 11, 23, 10, 5, tzinfo=UTC)
    for typed in ("2026-11-23T18:05", "2026-11-23 18：05", "2026年11月23日 18时05分"):
        assert form_of(at=typed).moment("at", "时间") == expected


@pytest.mark.parametrize("typed", ["2026-02-30T10:00", "明天下午", "2026-11-23"])
def test_an_impossible_moment_gets_a_sentence(typed: str) -> None:
    form = form_of(at=typed)
    assert form.moment("at", "时间") is None
    assert form.errors["at"].startswith("时间：")


def test_a_moment_too_early_gets_a_sentence() -> None:
    form = form_of(at="2026-11-23T18:05")
    form.moment("at", "时间", earliest=datetime(2026, 11, 24, 0, 0, tzinfo=UTC))
    assert form.errors == {"at": "时间不能早于 11月24日 08:00。"}


@pytest.mark.parametrize("options", [COLOURS, ["RED", "BLUE"], [("RED", "红"), ("BLUE", "蓝", "冷色")]])
def test_a_choice_is_one_of_its_options_however_they_are_given(options: object) -> None:
    form = form_of(colour="RED", other="GREEN")
    assert form.choice("colour", "颜色", options) == "RED"  # type: ignore[arg-type]
    assert form.choice("other", "颜色", options) == ""  # type: ignore[arg-type]
    assert form.errors == {"other": "颜色的选项里没有这一项，请重新选择。"}


def test_many_choices_are_kept_once_and_in_order() -> None:
    form = Form({"c": ["BLUE", "RED", "BLUE", ""]})
    assert form.many("c", "颜色", COLOURS) == ("BLUE", "RED")
    assert form.many("c", "颜色", COLOURS, max_items=1) == ("BLUE", "RED")
    assert form.errors == {"c": "颜色最多选 1 项。"}
    forged = Form({"c": ["BLUE", "PINK"]})
    assert forged.many("c", "颜色", COLOURS) == ("BLUE",)
    assert "c" in forged.errors


def test_a_question_is_answered_yes_or_no() -> None:
    assert form_of(a="yes").yesno("a", "着急") is True
    assert form_of(a="no").yesno("a", "着急") is False
    assert form_of(a="on").flag("a", "同意") is True


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("13800138000", "+8613800138000"),
        ("１３８ 0013 8000", "+8613800138000"),
        ("020-83333333", "+862083333333"),
        ("+853 6612 3456", "+85366123456"),
    ],
)
def test_a_phone_number_becomes_e164(typed: str, number: str) -> None:
    form = form_of(p=typed)
    assert form.phone("p", "手机号") == number
    assert form.errors == {}


@pytest.mark.parametrize("typed", ["1380013800", "没有", "+1 202 555 0100"])
def test_a_wrong_phone_number_gets_a_sentence(typed: str) -> None:
    form = form_of(p=typed)
    assert form.phone("p", "手机号") == ""
    assert form.errors["p"].startswith("手机号：")


def test_a_credit_code_must_have_its_check_character() -> None:
    assert form_of(c="91110000600037341l").uscc("c", "信用代码") == "91110000600037341L"
    wrong = form_of(c="911100006000373418")
    assert wrong.uscc("c", "信用代码") == ""
    assert "校验位" in wrong.errors["c"]


def test_a_mail_address_needs_its_parts() -> None:
    assert form_of(m="demo@example.com").email("m", "邮箱") == "demo@example.com"
    wrong = form_of(m="demo@example")
    wrong.email("m", "邮箱")
    assert wrong.errors["m"].startswith("邮箱：")


def test_passwords_are_read_exactly_and_never_shown_again() -> None:
    form = form_of(password=" a b ", pin="1234", name="示例")
    assert form.password("password", "密码") == " a b "
    form.password("pin", "口令", min_len=6)
    form.password("password", "密码", max_len=3)
    assert form.errors == {"pin": "口令至少 6 位。", "password": "密码最多 3 位。"}
    assert form.view().value("pin") == ""
    assert form.view().value("password") == ""
    assert form_of(password_again="x").view().value("password_again") == ""


def test_the_first_sentence_beside_a_field_stays() -> None:
    form = Form({})
    form.fail("a", "第一句。")
    form.fail("a", "第二句。")
    form.fail(FORM_WIDE, "整张表。")
    with pytest.raises(FormInvalid) as refused:
        form.check()
    assert refused.value.form is form
    assert refused.value.view.errors == {"a": "第一句。", FORM_WIDE: "整张表。"}


def test_a_form_is_made_of_request_data_and_keeps_files_apart() -> None:
    picture = UploadFile(content_type="image/png", filename="a.png", file_data=b"x")
    nothing = UploadFile(content_type="application/octet-stream", filename="", file_data=b"")
    data = FormMultiDict([("c", "RED"), ("c", "BLUE"), ("photo", picture), ("photo", nothing)])
    form = Form.from_request_data(data)
    assert form.many("c", "颜色", COLOURS) == ("RED", "BLUE")
    assert form.files("photo") == [picture]
    assert form.files("none") == []
    picture.file.close()
    nothing.file.close()
    plain = Form.from_request_data({"a": "1", "b": ["2", "3"], "c": None})
    assert plain.raw("a") == "1"
    assert plain.view().values("b") == ("2", "3")


def test_a_view_knows_whether_anything_was_typed() -> None:
    assert FormView().blank()
    assert FormView(values_by_name={"a": ("",)}).blank()
    assert not FormView.of(a="x").blank()
    assert not FormView(errors={"a": "错。"}).blank()


def test_a_view_of_present_values_fills_a_form() -> None:
    view = FormView.of(title="标题", seats=3, days=("SA", "SU"), nothing=None)
    assert view.value("title") == "标题"
    assert view.value("seats") == "3"
    assert view.values("days") == ("SA", "SU")
    assert view.value("nothing", "空") == "空"
    assert view.error("title") == ""


def test_options_of_any_form_become_complete_rows() -> None:
    assert option_rows({"A": "甲"}) == [("A", "甲", "", "")]
    assert option_rows(["A"]) == [("A", "A", "", "")]
    assert option_rows([("A", "甲", "说明", "phone")]) == [("A", "甲", "说明", "phone")]


@given(st.text())
def test_nothing_typed_is_lost_and_no_reader_raises(typed: str) -> None:
    form = form_of(x=typed)
    for read in REQUIRED:
        if "password" not in read.__code__.co_names:
            read(form)
    form.text("x", "说明")
    assert form.view().value("x") == typed
