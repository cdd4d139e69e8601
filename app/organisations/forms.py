"""Forms of organisations and providers."""

from typing import Any
from uuid import UUID

from app.kit.forms import Form
from app.organisations.rules import CONSENT_SWITCHES, KINDS, LEVELS, ORG_STATUSES, SCHOOL_TYPES, children_levels
from app.organisations.service import ChangedOrganisation, NewOrganisation
from app.regions import rules as regions


def region_options() -> list[tuple[str, str]]:
    """Return the province, every city and county with its label."""
    rows = [(regions.province().code, regions.province().name)]
    for city in regions.cities():
        rows.append((city.code, city.name))
        rows.extend((county.code, f"{city.name} · {county.name}") for county in regions.counties(city.code))
    return rows


def level_options(parent_level: str | None) -> dict[str, str]:
    """Return the levels that may stand below a parent (without one: the province)."""
    levels = children_levels(parent_level) if parent_level else ("L1",)
    return {level: LEVELS[level] for level in levels}


def new(form: Form, parent_id: UUID | None, parent_level: str | None) -> NewOrganisation:
    """Read a new organisation."""
    level = form.choice("level", "层级", level_options(parent_level))
    read: dict[str, Any] = {
        "name": form.text("name", "名称", max_len=80, min_len=2),
        "code": form.text("code", "编码", max_len=40),
        "region_code": form.choice("region_code", "所在地", region_options()),
        "kind": form.choice("kind", "类型", KINDS, required=False) or "团委",
        "liaison_person": form.text("liaison_person", "联络人", required=False, max_len=40),
        "phone": form.phone("phone", "联系电话", required=False),
        "school_type": form.choice("school_type", "学校类型", SCHOOL_TYPES, required=level == "L4"),
        "grade": form.text("grade", "年级", required=False, max_len=20),
        "class_name": form.text("class_name", "班级", required=level == "L6", max_len=40),
    }
    form.check()
    return NewOrganisation(level=level, parent_id=parent_id, **read)


def changed(form: Form, level: str) -> ChangedOrganisation:
    """Read a changed organisation."""
    read: dict[str, Any] = {
        "name": form.text("name", "名称", max_len=80, min_len=2),
        "kind": form.choice("kind", "类型", KINDS),
        "status": form.choice("status", "状态", ORG_STATUSES),
        "liaison_person": form.text("liaison_person", "联络人", required=False, max_len=40),
        "school_type": form.choice("school_type", "学校类型", SCHOOL_TYPES, required=level == "L4"),
        "guardian_consent_switch": form.choice(
            "guardian_consent_switch", "监护人规则", CONSENT_SWITCHES, required=False
        ),
        "version": form.integer("version", "版本", min_value=1) or 1,
    }
    form.check()
    return ChangedOrganisation(**read)


def reason(form: Form) -> str:
    """Read the reason of a decision."""
    read = form.text("reason", "原因", max_len=300, multiline=True)
    form.check()
    return read
