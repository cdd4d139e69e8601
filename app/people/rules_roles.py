"""Who may appoint whom, and where a role belongs in the tree (domain 2.3, 8)."""

from collections.abc import Iterable, Mapping
from typing import Final

from app.kit.viewer import CADRE_ROLES, Role

ADMIN_ROLES: Final = frozenset({Role.SYS_A, Role.SEC_A, Role.AUD})
"""Nobody holds two of these."""

_SCHOOL_ROLES: Final = frozenset({Role.SCH, Role.GRA, Role.PSY, Role.SAF, Role.MEM, Role.SEC, Role.UNI})
_COUNTY_ROLES: Final = _SCHOOL_ROLES | {Role.CTY, Role.REV}
_CITY_ROLES: Final = _COUNTY_ROLES | {Role.CIT, Role.EXP}
_PROVINCE_ROLES: Final = _CITY_ROLES | {Role.PRV, Role.SEA, Role.SUP, Role.HOS, Role.FND, Role.DPO}

APPOINTS: Final[Mapping[Role, frozenset[Role]]] = {
    Role.SYS_A: ADMIN_ROLES | {Role.PRV},
    Role.SEC_A: _PROVINCE_ROLES | ADMIN_ROLES,
    Role.PRV: _PROVINCE_ROLES,
    Role.CIT: _CITY_ROLES,
    Role.CTY: _COUNTY_ROLES,
    Role.SCH: _SCHOOL_ROLES,
}
"""The roles that each role may give, at its own organisation or below."""

LEVELS: Final[Mapping[Role, frozenset[str]]] = {
    Role.PRV: frozenset({"L1"}),
    Role.CIT: frozenset({"L2"}),
    Role.CTY: frozenset({"L3"}),
    Role.SCH: frozenset({"L4"}),
    Role.PSY: frozenset({"L4"}),
    Role.SAF: frozenset({"L4"}),
    Role.UNI: frozenset({"L4"}),
    Role.GRA: frozenset({"L4", "L5"}),
    Role.MEM: frozenset({"L5", "L6"}),
    Role.SEC: frozenset({"L5", "L6"}),
    Role.REV: frozenset({"L1", "L2", "L3"}),
}
"""Where a role belongs; a role that is not named belongs to the province or a city."""

CADRE_TYPES: Final[Mapping[str, str]] = {"FT": "专职", "SEC": "挂职", "PT": "兼职"}
COMMITTEE_ROLES: Final = frozenset({Role.MEM, Role.SEC})
COMMITTEE_DAYS: Final = 366
"""Committees of school branches serve one year (domain 2.2)."""


def may_appoint(giver: Role, role: Role) -> bool:
    """Tell whether one role may give another."""
    return role in APPOINTS.get(giver, frozenset())


def fits_level(role: Role, level: str) -> bool:
    """Tell whether a role belongs at an organisation of this level."""
    return level in LEVELS.get(role, frozenset({"L1", "L2"}))


def clashes(role: Role, held: Iterable[Role]) -> bool:
    """Tell whether a new role would give one person two of the three administrators' roles."""
    return role in ADMIN_ROLES and any(other in ADMIN_ROLES and other is not role for other in held)


def has_cadre_type(role: Role) -> bool:
    """Tell whether an appointment is a cadre's, with 专职, 挂职 or 兼职."""
    return role in CADRE_ROLES
