"""Forms of staff: persons, appointments and vetting."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from app.kit.forms import Form
from app.kit.viewer import ROLE_LABELS, Role
from app.people.rules import PROOFS, SEXES
from app.people.rules_roles import APPOINTS, CADRE_TYPES
from app.people.rules_vetting import TRAINING_PARTS
from app.people.service import NewAppointment, NewPerson
from app.people.service_vetting import Evidence

EARLIEST_BIRTH = date(1930, 1, 1)
FULL_MARK = 100


def roles_for(giver: Role) -> dict[str, str]:
    """Return the roles somebody may give, with their labels."""
    return {role.value: ROLE_LABELS[role] for role in Role if role in APPOINTS.get(giver, frozenset())}


class AppointmentStart(msgspec.Struct, frozen=True, kw_only=True):
    """An appointment before the organisation's name is looked up."""

    role: Role
    organisation: str
    start: date
    end: date | None
    position: str
    cadre_type: str

    def command(self, organisation_id: UUID) -> NewAppointment:
        """Return the command for an organisation that was found."""
        return NewAppointment(
            role=self.role,
            organisation_id=organisation_id,
            start=self.start,
            end=self.end,
            position=self.position,
            cadre_type=self.cadre_type,
        )


def appointment(form: Form, giver: Role, today: date) -> AppointmentStart:
    """Read an appointment."""
    role = form.choice("role", "角色", roles_for(giver))
    start = form.day("start", "开始日期", required=False) or today
    read: dict[str, Any] = {
        "organisation": form.text("organisation", "组织", max_len=80),
        "end": form.day("end", "最后一天", required=False, earliest=start),
        "position": form.text("position", "职务", required=False, max_len=40),
        "cadre_type": form.choice("cadre_type", "干部类型", CADRE_TYPES, required=False),
    }
    form.check()
    return AppointmentStart(role=Role(role), start=start, **read)


def person(form: Form, giver: Role, today: date) -> tuple[NewPerson, AppointmentStart]:
    """Read a person with their first appointment."""
    read: dict[str, Any] = {
        "name": form.text("name", "姓名", max_len=40),
        "birth_date": form.day("birth_date", "出生日期", required=False, earliest=EARLIEST_BIRTH, latest=today),
        "sex": form.choice("sex", "性别", SEXES, required=False),
        "phone": form.phone("phone", "手机号", required=False),
    }
    return NewPerson(**read), appointment(form, giver, today)


def last_day(form: Form) -> date:
    """Read the last day of an appointment."""
    day = form.day("end", "最后一天")
    form.check()
    assert day is not None
    return day


def proof(form: Form) -> str:
    """Read the kind of proof of a guardian."""
    read = form.choice("proof", "证明", PROOFS)
    form.check()
    return read


def reason(form: Form, label: str = "原因") -> str:
    """Read a reason."""
    read = form.text("reason", label, max_len=300, multiline=True)
    form.check()
    return read


def evidence(form: Form, today: date) -> Evidence:
    """Read what stands behind a vetting step; each step uses what it needs."""
    scores = {
        part: form.integer(part, label, required=False, min_value=0, max_value=FULL_MARK)
        for part, label in TRAINING_PARTS.items()
    }
    read = Evidence(
        reason=form.text("reason", "说明", required=False, max_len=300, multiline=True),
        reference=form.text("reference", "查询编号", required=False, max_len=40),
        checked_on=form.day("checked_on", "查询日期", required=False, latest=today),
        expiry=form.day("expiry", "证书有效期至", required=False),
        scores={part: score for part, score in scores.items() if score is not None},
    )
    form.check()
    return read
