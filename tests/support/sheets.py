"""Workbooks for tests: a good row of each sheet, and real .xlsx files made of rows."""

from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO

import xlsxwriter
from stdnum.cn import uscc

from app.imports.rules import judge_workbook
from app.imports.rules_values import KnownListings, Report, RowReport

TODAY = date(2026, 11, 23)
Cells = dict[str, object]

INTERN: Cells = {
    "单位名称": "（示例）甲实习单位",
    "统一社会信用代码": "91440305LP542HU6PK",
    "单位性质": "事业单位",
    "岗位名称": "新媒体运营实习生",
    "招收人数": 5.0,
    "学历要求": "大专",
    "专业要求": "会计学;财务管理",
    "工作城市": "佛山市",
    "工作区县": "南海区",
    "地址": "示例路1号",
    "开始日期": date(2027, 6, 8),
    "结束日期": "2027.08.03",
    "每周天数": 4.0,
    "每天小时": 6.0,
    "月补贴(元)": "2600元/月",
    "是否收费": "",
    "保险": "意外险",
    "带教老师": "示例老师",
    "最低年龄": "18周岁",
    "联系人": "示例联系人",
    "联系电话": "13800000000",
    "岗位说明": "（示例）负责日常工作，有带教，提供工作餐。",
}
HOUSE: Cells = {
    "提供方": "（示例）甲租赁机构",
    "统一社会信用代码": "91440605A0ENYFQ8FT",
    "房源类型": "人才房",
    "小区/项目": "示例青年公寓",
    "城市": "韶关",
    "区县": "浈江区",
    "地址": "示例大道1号1栋",
    "面积(㎡)": 25.5,
    "户型": "两室一厅",
    "可住人数": 1.0,
    "月租(元)": 2880.0,
    "市场参考租金(元)": 3200.0,
    "押金(月)": "押一付一",
    "须先付款后看房": "否",
    "厨房/阳台/地下室改房": "否",
    "消防验收": "是",
    "可入住日期": "2027-02-15",
    "说明": "（示例）近地铁，限毕业两年内青年。",
}
VOLUNTEER: Cells = {
    "姓名": "示例志愿者",
    "手机": "13900000000",
    "资质": "精神科医师",
    "资质编号": "DEMO-00000",
    "擅长": "学业压力、考试减压",
    "服务方式": "面谈",
    "语言": "普通话,客家话",
    "城市": " 汕头市 ",
    "每周上限(次)": 4.0,
    "可服务时段": "周一19:00-21:00；周六9:00-12:00",
    "可服务未成年人": "是",
    "违法犯罪记录查询日期": "2026/10/12",
}
SPONSOR: Cells = {
    "资助方": "（示例）热心人士",
    "类型": "专项基金",
    "每年金额(元)": 1200.0,
    "年限": 1.0,
    "名额": 1.0,
    "学段偏好": "不限",
    "地区偏好": "韶关市",
    "经办基金会": "（示例）青少年发展基金会",
    "匿名": "否",
    "附加条件": "",
}
GOOD: Mapping[str, Cells] = {"实习岗位": INTERN, "租赁房源": HOUSE, "志愿者": VOLUNTEER, "资助意向": SPONSOR}


def credit_code(number: int) -> str:
    """A unified social credit code with a right check character."""
    start = f"91440305MA5{number:06d}"
    return start + str(uscc.calc_check_digit(start))


def other(good: Cells, number: int, **changed: object) -> Cells:
    """The same good row for another provider, place and telephone, with some cells changed."""
    cells = dict(good)
    for name in ("单位名称", "提供方", "姓名", "资助方"):
        if name in cells:
            cells[name] = f"{cells[name]}{number}"
    if "统一社会信用代码" in cells:
        cells["统一社会信用代码"] = credit_code(number)
    if "手机" in cells:
        cells["手机"] = f"139{number:08d}"
    if "地址" in cells:
        cells["地址"] = f"示例路{number}号"
    return cells | changed


def rows_of(*data: Cells, columns: Sequence[str] = (), above: Sequence[Sequence[object]] = ()) -> list[list[object]]:
    """Rows of a sheet: what stands above, the header, and each row in the order of the header."""
    header = list(columns or data[0])
    return [*(list(row) for row in above), list(header), *([row.get(name, "") for name in header] for row in data)]


def judge(*data: Cells, known: KnownListings | None = None, name: str = "表") -> tuple[RowReport, ...]:
    """Judge rows of one sheet on the day of the tests."""
    return judge_all({name: rows_of(*data)}, known=known).sheets[name]


def judge_all(sheets: Mapping[str, Sequence[Sequence[object]]], *, known: KnownListings | None = None) -> Report:
    """Judge a workbook on the day of the tests."""
    return judge_workbook(sheets, known or KnownListings(), TODAY)


def xlsx(sheets: Mapping[str, Sequence[Sequence[object]]], *, hidden: Sequence[str] = ()) -> bytes:
    """A real .xlsx file of these sheets; a later column of equal titles is merged over the first row."""
    content = BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        if name in hidden:
            sheet.hide()
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(at, column, cell, day)
                elif cell != "":
                    sheet.write(at, column, cell)
    book.close()
    return content.getvalue()
