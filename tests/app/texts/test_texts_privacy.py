"""Private details in free text: what is found, what is left alone, and the suggestion."""

import pytest

from app.texts.rules import PrivateKind, find_contacts, find_private, masked


def kinds(text: str) -> list[str]:
    return [hit.kind.value for hit in find_private(text)]


def words(text: str, kind: PrivateKind) -> list[str]:
    return [hit.found for hit in find_private(text) if hit.kind is kind]


@pytest.mark.parametrize(
    "text",
    [
        "电话13800000000",
        "＋86 138-0000-0000",
        "１３８００００００００",
        "一三八零零零零零零零零",
        "座机0757-83000000",
        "(020)83000000",
    ],
)
def test_phone_numbers_are_found(text: str) -> None:
    assert kinds(text) == ["PHONE"]


@pytest.mark.parametrize("text", ["拨打12355", "110或120", "12356", "月租2600元", "2027-06-08入住", "订单20270608001"])
def test_hotlines_and_plain_numbers_are_left_alone(text: str) -> None:
    assert kinds(text) == []


@pytest.mark.parametrize(
    "text", ["44060520080101123X", "440605 20080101 1234", "学号：20230112", "卡号6222 0000 0000 0000 000"]
)
def test_id_and_card_numbers_are_found(text: str) -> None:
    assert kinds(text) == ["ID_NO"]


@pytest.mark.parametrize(
    "text",
    [
        "加微信 demo_wx_001 详谈",
        "微信号：demo_wx",
        "vx demo123",
        "加V聊",
        "QQ 123456789",
        "demo@example.org",
        "https://example.org/a",
        "www.example.org",
        "看 example.com/room",
        "小红书号: demo123",
    ],
)
def test_accounts_and_links_are_found(text: str) -> None:
    assert kinds(text) == ["CONTACT"]
    assert [hit.kind for hit in find_contacts(text)] == [PrivateKind.CONTACT]


def test_a_mobile_number_given_as_a_chat_account_counts_once() -> None:
    assert kinds("微信13800000000") == ["CONTACT"]


def test_a_listing_may_not_ask_to_scan_a_code() -> None:
    assert [hit.found for hit in find_contacts("看房请扫码加群，电话13800009999")] == ["扫码", "13800009999"]
    assert kinds("我扫码付款被骗了") == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("我叫林一诺今年16岁", "林一诺"),
        ("我叫王可", "王可"),
        ("姓名：李响，男", "李响"),
        ("她同学叫赵敏", "赵敏"),
        ("张三丰同学家里困难", "张三丰"),
        ("周老师帮我报名", "周"),
        ("我班学生张伟家庭困难", "张伟"),
        ("联系人：陈小明", "陈小明"),
        ("刘一一，女，家里缺钱", "刘一一"),
        ("吴小明的父亲生病", "吴小明"),
        ("欧阳小明同学", "欧阳小明"),
        ("我班罗丹（18岁）家里困难", "罗丹"),
        ("郑浩，20，大二", "郑浩"),
    ],
)
def test_names_are_found_by_the_words_around_them(text: str, name: str) -> None:
    assert words(text, PrivateKind.NAME) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "示例同学03想租房",
        "快期末了，总睡不好，怕让爸妈失望",
        "和高中同学关系不好",
        "感谢老师",
        "对于老师的要求我做不到",
        "也许同学们不喜欢我",
        "历史老师讲得快",
        "江门同学多",
        "母亲高血压，父亲常年在外",
        "孩子马上，要高考",
        "周末想学英语，女生优先合租",
        "其余同学都走了",
        "课程老师安排太满",
        "我是大一学生",
        "班主任老师很严格",
        "押金要三个月，我真的租不起",
    ],
)
def test_everyday_words_are_not_taken_for_names(text: str) -> None:
    assert words(text, PrivateKind.NAME) == []


@pytest.mark.parametrize(
    ("text", "school"),
    [
        ("我在佛山市示范中学读书", "佛山市示范中学"),
        ("就读于中山大学", "中山大学"),
        ("上海大学的交流生", "上海大学"),
        ("佛山一中的学生", "佛山一中"),
        ("高二(3)班", "高二(3)班"),
        ("八年级5班", "八年级5班"),
        ("2025级会计2班", "2025级会计2班"),
        ("在新会职业学校学汽修", "新会职业学校"),
    ],
)
def test_schools_and_classes_are_found(text: str, school: str) -> None:
    assert words(text, PrivateKind.SCHOOL) == [school]


@pytest.mark.parametrize(
    "text",
    ["我想考大学", "读职业学校", "在学校睡不好", "初中学习压力大", "别的学校", "其中一项", "喜欢集中学习", "一所中学"],
)
def test_schools_in_general_are_left_alone(text: str) -> None:
    assert words(text, PrivateKind.SCHOOL) == []


def test_only_a_school_name_does_not_stop_a_cadre() -> None:
    hits = find_private("我叫林一诺，在佛山市示范中学，电话13800000000")
    assert {hit.kind: hit.blocking for hit in hits} == {
        PrivateKind.NAME: True,
        PrivateKind.SCHOOL: False,
        PrivateKind.PHONE: True,
    }
    assert all(hit.advice.endswith("。") for hit in hits)


def test_a_span_points_into_the_text_as_written() -> None:
    text = "你好，\u200b我叫 林一诺，手机１３８-００００-００００。"
    assert [text[hit.start : hit.end] for hit in find_private(text)] == ["林一诺", "１３８-００００-００００"]
    assert [hit.found for hit in find_private(text)] == ["林一诺", "１３８-００００-００００"]


def test_the_suggestion_keeps_the_sense_and_loses_the_person() -> None:
    text = "我叫林一诺，在佛山市示范中学高二(3)班，佛山一中转来，电话13800000000，想找人聊聊"
    assert masked(text) == "我叫○○，在○○中学○○班，○○转来，电话○○，想找人聊聊"
    assert find_private(masked(text)) == ()


def test_a_text_without_private_details_is_its_own_suggestion() -> None:
    assert masked("想找人聊聊考试压力") == "想找人聊聊考试压力"
