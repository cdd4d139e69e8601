"""Single cells of the import sheets, each with the rule it leads to ("" when it is good)."""

from tests.support.sheets import GOOD

Case = tuple[str, dict[str, tuple[object, ...]]]

INTERNSHIPS: list[Case] = [
    (
        "开始日期",
        {"not_a_date": ("2027-13-08", "2027年2月30日", "待定", "6月8日", "08/06/2027"), "missing_value": ("",)},
    ),
    ("结束日期", {"end_before_start": ("2027-06-07",), "not_a_date": ("暑假",)}),
    (
        "招收人数",
        {
            "": ("３人", "十人", "3名", 2.0),
            "not_a_number": ("若干", "3-5人", "2.5"),
            "not_a_positive_number": (0.0, "-3"),
            "missing_value": ("",),
            "formula_error": ("#REF!",),
        },
    ),
    (
        "每周天数",
        {
            "": ("5天", "每周5天", "5天/周", "双休"),
            "days_per_week_over_5": (6.0, "7天", "单休"),
            "not_a_positive_number": (0,),
        },
    ),
    (
        "每天小时",
        {
            "": ("8小时", "7.5", "每天8小时", "八小时"),
            "hours_per_day_over_8": (9.0, "8.5小时", "24"),
            "not_a_positive_number": (0,),
            "not_a_number": ("9:00-18:00",),
        },
    ),
    (
        "月补贴(元)",
        {
            "": ("３，０００", "3,000", "¥3000元", "三千元", "2.6k", "每月3000元", "1500元/月+餐补"),
            "unpaid": (0.0, "无"),
            "not_a_positive_amount": (-100.0,),
            "not_a_number": ("面议", "2000-3000", "150元/天"),
            "missing_value": ("",),
        },
    ),
    (
        "是否收费",
        {
            "": ("", "否", "无", "不收费", "免费", "0", "无需缴费"),
            "fee_or_deposit": ("是", "收取服装押金300元", "服装费100元", "不收费，但需押金300元"),
        },
    ),
    (
        "保险",
        {
            "": ("意外险+雇主责任险", "人身意外伤害保险"),
            "no_insurance": ("", "无", "未购买", "学生自理", "-"),
            "unknown_choice": ("商业险", "已购买"),
        },
    ),
    (
        "最低年龄",
        {
            "": ("16", "满16周岁", "18岁以上", "16-25岁", "≥18", "十六", "18周岁（含）"),
            "min_age_below_16": (15.0, "15岁", "14周岁"),
            "not_a_number": ("不限",),
            "missing_value": ("",),
        },
    ),
    (
        "工作城市",
        {
            "": ("佛山", " 佛山市 ", "广东省佛山市", "佛山市南海区", "佛山（南海）", "广东", "", "佛山市/广州市"),
            "outside_province": ("长沙市", "湖南省长沙市", "香港", "火星"),
            "district_not_in_city": ("广州市",),
        },
    ),
    ("工作区县", {"": ("", "不限", "大沥镇", "顺德"), "district_not_in_city": ("天河区",)}),
    (
        "统一社会信用代码",
        {"no_credit_code": ("", "无", "#REF!"), "credit_code_check_digit": ("91440305LP542HU6PX", "123")},
    ),
    (
        "单位性质",
        {"": ("国有企业", "街道办", "私营", "NGO", "党政机关"), "unknown_choice": ("未知",), "missing_value": ("",)},
    ),
    ("学历要求", {"": ("", "不限", "本科、硕士", "研究生及以上", "高中"), "unknown_choice": ("小学",)}),
    ("带教老师", {"missing_value": ("",), "too_long": ("示" * 41,)}),
    (
        "联系电话",
        {"": ("", "0756-1234567", "+86 138 0000 0000", 13800000000.0, "400-800-1234"), "phone": ("12345", "见附件")},
    ),
    ("岗位名称", {"banned_venue_or_night": ("酒吧服务员", "KTV", "夜班保安"), "missing_value": ("",)}),
    (
        "岗位说明",
        {
            "": ("不收押金，中介费全免", "无夜班，不加班", "上网吧", "请关注实习动态"),
            "discrimination": ("仅限男生", "不招乙肝携带者"),
            "discrimination_words": ("男生优先", "要求本地户籍"),
            "banned_venue_or_night": ("夜场服务，晚班", "三班倒"),
            "overtime": ("经常加班",),
            "fee_or_deposit": ("需缴纳押金300元", "入职前先交钱"),
            "fee_words_in_text": ("押金", "有付费培训"),
            "papers_or_guarantee": ("需扣押身份证", "需提供担保人"),
            "loan": ("提供培训贷",),
            "brush_orders": ("刷单兼职", "代实名认证"),
            "pay_through_third_party": ("工资由中介代发", "购物卡抵工资"),
            "hazardous_work": ("井下作业",),
            "contact_in_text": (
                "加微信 demo_wx_001 详谈，需先参加付费培训",
                "VX: abc12345",
                "QQ 1234567",
                "见 http://example.com/a",
            ),
        },
    ),
]
HOUSES: list[Case] = [
    (
        "押金(月)",
        {
            "": (
                "押二付三",
                "押三付一",
                "免押金",
                "无",
                "两个月",
                "6000元",
                "押金1个月",
                "押0付1",
                0.0,
                3.0,
                "押一个月付一个月",
            ),
            "deposit_over_3_months": ("押四付一", 6.0, "四个月", "20000元"),
            "not_a_number": ("半个月", "1.5", "面议"),
            "not_a_positive_number": (-1.0,),
            "missing_value": ("",),
        },
    ),
    (
        "须先付款后看房",
        {
            "": ("", "不需要", "可先看房"),
            "pay_before_viewing": ("是", "需先交定金200", "先付定金"),
            "not_yes_or_no": ("看情况",),
        },
    ),
    (
        "厨房/阳台/地下室改房",
        {
            "": ("", "无", "没有改造"),
            "kitchen_balcony_basement": ("阳台改", "地下室", "是"),
            "not_yes_or_no": ("正规卧室",),
        },
    ),
    ("消防验收", {"": ("合格", "已通过", "是（2026年）"), "fire_safety": ("", "否", "办理中", "未验收")}),
    (
        "月租(元)",
        {
            "": ("1920", "4,800", "2880元/月"),
            "rent_below_60_percent": (1919, "９００"),
            "rent_above_150_percent": (4801.0,),
            "not_a_positive_amount": (0.0, -100.0),
            "not_a_number": ("面议", "2500-3000", "100元/天"),
            "missing_value": ("",),
        },
    ),
    ("市场参考租金(元)", {"": ("", "无", "3200元/月", 0.0), "not_a_number": ("不详",)}),
    (
        "面积(㎡)",
        {
            "": ("28㎡", "２２", "约30平"),
            "not_a_number": ("大",),
            "not_a_positive_number": (0.0,),
            "out_of_range": (3.0, 5000.0),
        },
    ),
    ("房源类型", {"": ("公租房", "青年人才驿站", "个人房源"), "unknown_choice": ("别墅",)}),
    ("可入住日期", {"": ("", "随时"), "not_a_date": ("2027-13-01",)}),
    ("城市", {"": ("",), "outside_province": ("长沙市",)}),
    ("地址", {"missing_value": ("",)}),
    ("统一社会信用代码", {"no_credit_code": ("",)}),
    (
        "说明",
        {
            "": ("不收中介费", "仅限女生"),
            "contact_in_text": ("看房请扫码加群，电话13800009999",),
            "agency_fee": ("中介费半个月租金",),
            "pay_before_viewing": ("看房前先交200元定金",),
            "not_lettable": ("违建",),
            "kitchen_balcony_basement": ("地下室改造",),
            "fire_safety": ("消防未通过",),
            "discrimination_words": ("不租给某省人",),
        },
    ),
]
VOLUNTEERS: list[Case] = [
    ("手机", {"": ("139 0000 1111", 13900001112.0, "１３９００００１１１３"), "phone": ("", "12345", "0756-1234567")}),
    (
        "资质",
        {
            "": ("国家三级心理咨询师", "中科院培训证书", "国家二级心理咨询师(2017年前)"),
            "no_credential": ("", "无"),
            "credential_not_for_counselling": ("律师",),
            "credential_not_recognised": ("催眠师",),
            "credential_after_2018": ("国家二级心理咨询师(2021年)",),
        },
    ),
    ("资质编号", {"no_credential_number": ("", "无")}),
    ("擅长", {"": ("情绪(焦虑/低落)", "网络/手机", "家庭亲子"), "missing_value": ("",), "unknown_choice": ("园艺",)}),
    ("服务方式", {"": ("线上文字/视频",), "unknown_choice": ("邮件",)}),
    ("语言", {"": ("", "普通话/潮汕话", "手语"), "unknown_choice": ("俄语",)}),
    (
        "每周上限(次)",
        {
            "": ("4次", "每周4次", ""),
            "not_a_number": ("若干",),
            "not_a_positive_number": (0.0,),
            "out_of_range": (99.0,),
        },
    ),
    (
        "可服务时段",
        {
            "": ("工作日晚上19点至21点", "周日14:00-18:00"),
            "not_a_time": ("随时", "周六9:00-9:30"),
            "missing_value": ("",),
        },
    ),
    ("可服务未成年人", {"": ("", "否"), "not_yes_or_no": ("不确定",)}),
    (
        "违法犯罪记录查询日期",
        {
            "": ("2025-11-23",),
            "record_check_older_than_12_months": ("2025/11/22", "2025年6月1日"),
            "no_record_check": ("", "无"),
            "record_check_in_future": ("2027/1/1",),
            "not_a_date": ("去年", "2026-13-1"),
        },
    ),
    ("城市", {"outside_province": ("长沙",)}),
    ("姓名", {"missing_value": ("",)}),
]
SPONSORS: list[Case] = [
    (
        "每年金额(元)",
        {
            "": ("1200元/月", "５０００", "1万元"),
            "not_a_positive_amount": (-500.0, 0.0),
            "not_a_number": ("面议", "300元/天"),
            "missing_value": ("",),
        },
    ),
    (
        "年限",
        {"": ("3年", "三年"), "not_a_number": ("长期",), "not_a_positive_number": (0.0,), "out_of_range": (20.0,)},
    ),
    ("名额", {"": ("5人",), "not_a_positive_number": (-2.0,)}),
    ("经办基金会", {"no_foundation": ("", "无", "个人直接转账")}),
    (
        "附加条件",
        {
            "": ("", "无", "无附加条件"),
            "condition_not_allowed": ("受助学生须公开照片并到公司参加活动", "须写感谢信"),
            "condition_to_check": ("仅用于学费",),
        },
    ),
    ("类型", {"": ("一对一", "物资", "奖学金"), "unknown_choice": ("股票",)}),
    ("学段偏好", {"": ("高中", "初中、高中", ""), "unknown_choice": ("幼儿园",)}),
    ("地区偏好", {"": ("粤东西北", "不限", "韶关市、梅州市"), "outside_province": ("湖南",)}),
    ("匿名", {"": ("",), "not_yes_or_no": ("随意",)}),
]
CELLS = [
    (sheet, column, rule, cell)
    for sheet, cases in zip(GOOD, (INTERNSHIPS, HOUSES, VOLUNTEERS, SPONSORS), strict=True)
    for column, by_rule in cases
    for rule, cells in by_rule.items()
    for cell in cells
]
