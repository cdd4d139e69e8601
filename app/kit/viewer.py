"""The viewer: who looks, in which role, for which part of the tree. Every query takes it first."""

from datetime import date
from enum import StrEnum
from uuid import UUID

import msgspec


class Role(StrEnum):
    """The roles of domain 8, plus UNI (student union) and ANON (nobody signed in)."""

    ANON = "ANON"
    STU = "STU"
    GUA = "GUA"
    MEM = "MEM"
    SEC = "SEC"
    GRA = "GRA"
    SCH = "SCH"
    SAF = "SAF"
    PSY = "PSY"
    CTY = "CTY"
    CIT = "CIT"
    PRV = "PRV"
    SEA = "SEA"
    SUP = "SUP"
    EXP = "EXP"
    VOL = "VOL"
    HOS = "HOS"
    EMP = "EMP"
    HOU = "HOU"
    SPO = "SPO"
    FND = "FND"
    REV = "REV"
    DPO = "DPO"
    UNI = "UNI"
    SYS_A = "SYS-A"
    SEC_A = "SEC-A"
    AUD = "AUD"


ROLE_LABELS = {
    Role.ANON: "访客",
    Role.STU: "学生",
    Role.GUA: "监护人",
    Role.MEM: "团支部委员",
    Role.SEC: "团支部书记",
    Role.GRA: "院系/年级团组织",
    Role.SCH: "学校团委",
    Role.SAF: "学生工作部门",
    Role.PSY: "学校心理教师",
    Role.CTY: "县区团委",
    Role.CIT: "地市团委",
    Role.PRV: "团省委",
    Role.SEA: "12355坐席",
    Role.SUP: "12355督导",
    Role.EXP: "专家",
    Role.VOL: "志愿者",
    Role.HOS: "医院联络员",
    Role.EMP: "实习单位",
    Role.HOU: "住房机构",
    Role.SPO: "资助方",
    Role.FND: "青基会经办",
    Role.REV: "审核员",
    Role.DPO: "个人信息保护负责人",
    Role.UNI: "学生会",
    Role.SYS_A: "系统管理员",
    Role.SEC_A: "安全管理员",
    Role.AUD: "审计管理员",
}

PROVIDER_ROLES = frozenset({Role.VOL, Role.EMP, Role.HOU, Role.SPO})
CADRE_ROLES = frozenset({Role.GRA, Role.SCH, Role.CTY, Role.CIT, Role.PRV})
CITIZEN_ROLES = frozenset({Role.ANON, Role.STU, Role.GUA})
STAFF_ROLES = frozenset(Role) - CITIZEN_ROLES - PROVIDER_ROLES - {Role.MEM, Role.SEC, Role.UNI}
"""Roles that sign in with a second factor (domain 8.2, rule 8)."""


class Hat(msgspec.Struct, frozen=True):
    """One appointment: a role at an organisation for a time. Permissions come from here, never from the person."""

    id: UUID
    role: Role
    org_id: UUID | None
    org_path: str
    org_name: str
    start: date
    end: date | None = None
    provider_id: UUID | None = None


class Viewer(msgspec.Struct, frozen=True):
    """Who looks. `hat` is the appointment worn now; `second_factor` tells whether this session passed it.

    `org_path` is the chain of organisation ids from the province down, joined by "/", so that "mine and below" is a
    prefix test. A student's own records are found by `person_id`.
    """

    account_id: UUID | None = None
    person_id: UUID | None = None
    name: str = ""
    hat: Hat | None = None
    hats: tuple[Hat, ...] = ()
    session_id: UUID | None = None
    second_factor: bool = False
    request_id: str = ""

    @property
    def role(self) -> Role:
        """The role worn now."""
        return self.hat.role if self.hat else Role.ANON

    @property
    def appointment_id(self) -> UUID | None:
        """The appointment worn now, for audit rows."""
        return self.hat.id if self.hat else None

    @property
    def org_id(self) -> UUID | None:
        """The organisation of the appointment worn now."""
        return self.hat.org_id if self.hat else None

    @property
    def org_path(self) -> str:
        """The path of that organisation, empty when there is none."""
        return self.hat.org_path if self.hat else ""

    @property
    def provider_id(self) -> UUID | None:
        """The provider the viewer acts for, when the role is a provider's."""
        return self.hat.provider_id if self.hat else None

    @property
    def signed_in(self) -> bool:
        """Whether somebody is there."""
        return self.account_id is not None

    def covers(self, org_path: str) -> bool:
        """Tell whether a path lies at or below the viewer's organisation."""
        return bool(self.org_path) and (org_path == self.org_path or org_path.startswith(self.org_path + "/"))


NOBODY = Viewer()
SYSTEM = Viewer(name="系统")
