"""The sheets the import knows: their columns under all usual names, and how a header row is found."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from app.kit.reading import plain

Columns = Mapping[str, tuple[str, ...]]

HEADER_WITHIN: Final = 40
FEWEST_COLUMNS: Final = 4
LONGEST_HEADING: Final = 24
_EXACT: Final = 1000
_DECORATION: Final = re.compile(r"\([^)]*\)|【[^】]*】|\[[^\]]*\]|[\s*★※:：、.。_\-/\\]|必填|选填|请填写")

INTERNSHIP: Final[Columns] = {
    "unit": (
        "单位名称",
        "实习单位",
        "用人单位",
        "企业名称",
        "公司名称",
        "接收单位",
        "招聘单位",
        "机构名称",
        "单位",
        "企业",
        "公司",
    ),
    "uscc": ("统一社会信用代码", "社会信用代码", "信用代码", "组织机构代码", "营业执照号", "营业执照"),
    "unit_kind": ("单位性质", "单位类型", "单位类别", "企业性质", "性质"),
    "post": ("岗位名称", "实习岗位", "见习岗位", "职位名称", "岗位", "职位", "工作岗位"),
    "headcount": (
        "招收人数",
        "招聘人数",
        "需求人数",
        "计划人数",
        "拟招人数",
        "岗位数",
        "岗位数量",
        "名额",
        "人数",
        "数量",
    ),
    "education_min": ("学历要求", "学历", "学历层次", "最低学历"),
    "majors": ("专业要求", "专业", "所需专业", "专业类别"),
    "city": ("工作城市", "城市", "所在城市", "地市", "地级市", "所在市", "所在地市", "市"),
    "district": ("工作区县", "区县", "县", "县区", "所在区县", "所在区", "区", "县市区", "区域"),
    "place": ("地址", "详细地址", "工作地址", "单位地址", "工作地点", "实习地点", "地点"),
    "start": ("开始日期", "开始时间", "起始日期", "起始时间", "实习开始", "上岗日期", "到岗时间", "到岗日期", "开始"),
    "end": ("结束日期", "结束时间", "终止日期", "截止日期", "实习结束", "离岗日期", "结束"),
    "days_per_week": ("每周天数", "每周工作天数", "周工作天数", "每周工作日", "天周", "每周出勤"),
    "hours_per_day": (
        "每天小时",
        "每日小时",
        "每天工时",
        "每日工时",
        "每天工作小时",
        "每日工作小时",
        "每天时长",
        "工作时长",
        "小时天",
        "日工时",
    ),
    "pay": (
        "月补贴",
        "实习补贴",
        "补贴",
        "月薪",
        "薪酬",
        "报酬",
        "月报酬",
        "待遇",
        "工资",
        "薪资",
        "津贴",
        "补助",
        "月补助",
    ),
    "fee": ("是否收费", "收费情况", "收费", "收费项目", "是否收取费用", "费用"),
    "insurance": ("保险", "购买保险", "保险情况", "投保", "投保情况", "保险类型"),
    "mentor": ("带教老师", "带教", "带教人", "指导老师", "导师", "指导人", "实习导师", "带教师傅"),
    "min_age": ("最低年龄", "年龄要求", "年龄下限", "最小年龄", "年龄"),
    "contact": ("联系人", "联系人姓名", "负责人"),
    "phone": ("联系电话", "联系人电话", "电话", "手机", "手机号", "手机号码", "联系方式"),
    "text": ("岗位说明", "岗位描述", "岗位职责", "工作内容", "说明", "备注", "职责", "描述", "其他说明"),
}
HOUSING: Final[Columns] = {
    "unit": (
        "提供方",
        "房源提供方",
        "提供单位",
        "出租方",
        "出租人",
        "租赁机构",
        "机构名称",
        "企业名称",
        "单位名称",
        "房东",
        "运营单位",
        "单位",
    ),
    "uscc": INTERNSHIP["uscc"],
    "house_kind": ("房源类型", "住房类型", "房屋类型", "房源类别", "房屋性质", "类型"),
    "community": ("小区项目", "小区", "项目", "项目名称", "小区名称", "楼盘"),
    "city": INTERNSHIP["city"],
    "district": INTERNSHIP["district"],
    "place": ("地址", "详细地址", "房屋地址", "房源地址", "坐落", "位置"),
    "area": ("面积", "建筑面积", "使用面积", "房屋面积", "套内面积"),
    "layout": ("户型", "房型", "格局"),
    "homes": ("套数", "房源数量", "房源套数", "可租套数", "数量"),
    "persons": ("可住人数", "入住人数", "居住人数", "最多人数", "人数", "可住"),
    "rent": ("月租", "月租金", "租金", "房租", "租价", "月租价格"),
    "reference": ("市场参考租金", "参考租金", "市场租金", "市场价", "参考月租", "同区参考租金", "市场参考价"),
    "deposit": ("押金", "押付方式", "付款方式", "押金月数", "押几付几", "租金押金"),
    "pay_first": ("须先付款后看房", "先付款后看房", "是否先付款", "看房前付款", "看房前须付款", "看房前收费", "先付款"),
    "rooms": (
        "厨房阳台地下室改房",
        "厨房阳台地下室改造",
        "是否改房",
        "改房",
        "厨卫阳台改",
        "隔断",
        "是否隔断",
        "非居住空间改造",
    ),
    "fire": ("消防验收", "消防", "消防合格", "消防安全", "消防情况"),
    "available": ("可入住日期", "入住日期", "可入住时间", "入住时间", "起租日期", "可入住"),
    "free_days": ("免费天数", "免费入住天数", "免费住宿天数"),
    "agency_fee": ("中介费", "服务费", "佣金"),
    "contact": INTERNSHIP["contact"],
    "phone": INTERNSHIP["phone"],
    "text": ("说明", "房源说明", "房源描述", "备注", "描述", "其他说明"),
}
VOLUNTEER: Final[Columns] = {
    "name": ("姓名", "志愿者姓名", "志愿者", "名字"),
    "phone": ("手机", "手机号", "手机号码", "联系电话", "电话", "联系方式"),
    "credential": ("资质", "专业资质", "资格", "资格证书", "证书", "职业资格", "资质名称", "专业资格"),
    "credential_no": ("资质编号", "证书编号", "资格证号", "证书号", "资格编号", "证号", "编号"),
    "topics": ("擅长", "擅长领域", "擅长话题", "服务领域", "专长", "服务内容"),
    "modes": ("服务方式", "服务形式", "方式", "形式"),
    "languages": ("语言", "服务语言", "语种", "方言"),
    "city": INTERNSHIP["city"],
    "district": INTERNSHIP["district"],
    "weekly_cap": ("每周上限", "每周次数", "每周服务次数", "周上限", "每周最多", "上限"),
    "slots": ("可服务时段", "服务时段", "可服务时间", "服务时间", "时段", "空闲时间", "时间"),
    "minors": ("可服务未成年人", "是否服务未成年人", "服务未成年人", "愿意服务未成年人", "未成年人"),
    "record_check": (
        "违法犯罪记录查询日期",
        "无犯罪记录查询日期",
        "犯罪记录查询日期",
        "记录查询日期",
        "查询日期",
        "无犯罪记录",
        "犯罪记录查询",
    ),
    "text": ("备注", "说明", "自我介绍", "个人简介"),
}
SPONSOR: Final[Columns] = {
    "unit": ("资助方", "资助人", "捐赠方", "捐赠人", "资助单位", "爱心单位", "爱心人士", "资助方名称", "单位名称"),
    "uscc": INTERNSHIP["uscc"],
    "kind": ("类型", "资助类型", "资助方式", "方式", "类别"),
    "amount": ("每年金额", "年金额", "资助金额", "每人每年金额", "每生每年金额", "金额", "资助标准"),
    "years": ("年限", "资助年限", "期限", "年数", "资助期限"),
    "students": ("名额", "资助人数", "人数", "资助名额", "学生人数"),
    "stages": ("学段偏好", "学段", "资助学段", "意向学段"),
    "region": ("地区偏好", "地区", "资助地区", "意向地区", "区域"),
    "foundation": ("经办基金会", "基金会", "经办机构", "经办单位", "执行机构", "慈善组织"),
    "anonymous": ("匿名", "是否匿名"),
    "relation": ("关联关系", "利害关系", "是否有亲属关系", "亲属关系", "是否关联"),
    "conditions": ("附加条件", "条件", "其他要求", "资助要求", "要求"),
    "contact": INTERNSHIP["contact"],
    "phone": INTERNSHIP["phone"],
    "text": ("备注", "说明"),
}


@dataclass(frozen=True, slots=True)
class SheetKind:
    """One kind of sheet: its columns, the columns without which it is not this kind, words of its usual name."""

    code: str
    label: str
    columns: Columns
    anchors: tuple[tuple[str, ...], ...]
    name_column: str
    hints: tuple[str, ...]


SHEET_KINDS: Final = (
    SheetKind(
        "INTERN", "实习岗位", INTERNSHIP, (("post",), ("unit", "headcount", "start")), "unit", ("实习", "见习", "岗位")
    ),
    SheetKind(
        "HOUSE",
        "租赁房源",
        HOUSING,
        (("rent",), ("place", "community", "deposit", "area")),
        "unit",
        ("房源", "租", "安居"),
    ),
    SheetKind(
        "COUNSEL", "志愿者", VOLUNTEER, (("name",), ("credential", "slots", "topics")), "name", ("志愿", "心理", "报名")
    ),
    SheetKind(
        "SPONSOR",
        "资助意向",
        SPONSOR,
        (("unit", "amount"), ("foundation", "years", "conditions")),
        "unit",
        ("资助", "助学"),
    ),
)


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header ends and which column of the sheet holds what."""

    kind: SheetKind
    last_row: int
    places: Mapping[str, int]
    headings: Mapping[int, str]

    def missing(self) -> tuple[str, ...]:
        """Return the usual names of columns that the sheet does not have."""
        return tuple(names[0] for column, names in self.kind.columns.items() if column not in self.places)


def heading_text(cell: object) -> str:
    """Return a heading without brackets, marks and spaces: “月补贴(元)*” becomes 月补贴."""
    return _DECORATION.sub("", plain(cell))


def find_header(name: str, rows: Sequence[Sequence[object]]) -> Header | None:
    """Find the header among the first rows; a header may take two rows, one above the other."""
    best: Header | None = None
    best_score = 0
    for at in range(min(len(rows), HEADER_WITHIN)):
        for height in (1, 2):
            cells = _joined(rows[at : at + height])
            for kind in SHEET_KINDS:
                places = _match(kind, cells)
                hinted = any(hint in name for hint in kind.hints)
                score = len(places) * 4 + hinted - (height - 1) * 2
                if score > best_score and _fits(kind, places):
                    headings = {i: plain(cell) for i, cell in enumerate(cells) if plain(cell)}
                    best, best_score = Header(kind, at + height - 1, places, headings), score
    return best


def _joined(rows: Sequence[Sequence[object]]) -> list[object]:
    """Return the headings; where two rows make the header the lower one counts, and the upper one where it is empty."""
    if len(rows) == 1:
        return list(rows[0])
    width = max(len(row) for row in rows)
    lower = [row[i] if i < len(row) else "" for row in rows[-1:] for i in range(width)]
    upper = [row[i] if i < len(row) else "" for row in rows[:1] for i in range(width)]
    return [low if plain(low) else up for low, up in zip(lower, upper, strict=True)]


def _fits(kind: SheetKind, places: Mapping[str, int]) -> bool:
    return len(places) >= FEWEST_COLUMNS and all(any(column in places for column in group) for group in kind.anchors)


def _match(kind: SheetKind, cells: Sequence[object]) -> dict[str, int]:
    """Give each column of the kind the cell that names it best, and each cell to one column only."""
    found = sorted(
        (
            (score, -at, column)
            for at, cell in enumerate(cells)
            for column, score in _named_by(kind.code, heading_text(cell))
        ),
        reverse=True,
    )
    places: dict[str, int] = {}
    for _score_found, minus_at, column in found:
        if column not in places and -minus_at not in places.values():
            places[column] = -minus_at
    return places


@lru_cache(maxsize=4096)
def _named_by(code: str, text: str) -> tuple[tuple[str, int], ...]:
    """Return the columns of a kind of sheet that a heading may name, each with how well it does."""
    if not 0 < len(text) <= LONGEST_HEADING:
        return ()
    kind = next(kind for kind in SHEET_KINDS if kind.code == code)
    scored = ((column, _score(text, names)) for column, names in kind.columns.items())
    return tuple((column, score) for column, score in scored if score)


def _score(text: str, names: Sequence[str]) -> int:
    if text in names:
        return _EXACT - names.index(text)
    return max((len(name) for name in names if len(name) > 1 and name in text), default=0)
