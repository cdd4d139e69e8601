"""The code lists pages write in Chinese, by name: `{{ code | label("need_state") }}`."""

from collections.abc import Mapping
from typing import Final

from app.kit.viewer import ROLE_LABELS
from app.ledger import rules as ledger
from app.matches import rules as matches
from app.needs import rules as needs
from app.offers import rules as offers
from app.sessions import rules as sessions

LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "role": {role.value: label for role, label in ROLE_LABELS.items()},
    "need_state": needs.STATES,
    "category": needs.CATEGORIES,
    "sub": needs.SUBS,
    "urgency": needs.URGENCIES,
    "offer_state": offers.STATES,
    "offer_type": offers.TYPES,
    "match_state": matches.STATES,
    "decline": matches.DECLINE_CODES,
    "session_state": sessions.STATES,
    "help_state": ledger.STATES,
    "stage": {
        "JH": "初中",
        "SH": "普通高中",
        "SV": "中职/技工",
        "HV": "高职高专",
        "UG": "本科",
        "PG": "研究生",
        "GR": "应届/离校2年内毕业生",
        "OT": "其他",
    },
    "mode": {"ON": "线上文字", "VO": "语音", "VI": "视频", "FF": "面谈", "GR": "团体"},
    "language": {"PTH": "普通话", "YUE": "粤语", "HAK": "客家话", "NAN": "潮汕话", "ENG": "英语", "SGN": "手语"},
    "gender": {"F": "女", "M": "男", "N": "不限"},
    "band": {
        "A0": "12 岁以下",
        "A1": "12–13 岁",
        "A2": "14–15 岁",
        "A3": "16–17 岁",
        "A4": "18–25 岁",
        "A5": "25 岁以上",
    },
    "provider_type": {
        "VOL": "志愿者",
        "EMP": "实习单位",
        "HOU": "住房租赁机构",
        "SPO": "资助方",
        "FND": "慈善组织/青基会",
        "HOS": "医院",
        "LEG": "法律援助",
        "EDU": "学业辅导",
    },
    "cadre_type": {"FT": "专职", "SEC": "挂职", "PT": "兼职"},
    "org_level": {"L1": "省", "L2": "市", "L3": "县(市、区)", "L4": "学校", "L5": "院系/年级", "L6": "团支部"},
    "route": {
        "A": "领办12355个案",
        "B": "结对资助",
        "C": "对接企业岗位",
        "D": "对接租赁房源",
        "E": "其他实际困难",
    },
}
