"""Who may do what: domain 8.1 as one table, used by pages, API, exports and search.

Verbs: C create, R read, U update, A approve or decide. Scopes: OWN (my records), ASG (assigned to me), ORG (my
organisation and below), ALL (the province). `masked` names the fields that are left out or shown only as a count.
"""

from enum import StrEnum
from typing import Any

import msgspec

from app.kit.errors import NotAllowed, SignInNeeded
from app.kit.viewer import STAFF_ROLES, Role, Viewer


class Scope(StrEnum):
    """How far a grant reaches."""

    OWN = "own"
    ASG = "asg"
    ORG = "org"
    ALL = "all"


class Grant(msgspec.Struct, frozen=True):
    """What one role may do with one kind of thing."""

    verbs: frozenset[str]
    scope: Scope
    masked: frozenset[str] = frozenset()

    @property
    def counted(self) -> bool:
        """Whether the role sees only numbers."""
        return "*" in self.masked


CARD = "name phone school text student"
"""What a provider's card leaves out (domain 8.2, rule 4)."""
PS_TEXT = "text"
COUNT = "*"

_TABLE = """
need            STU  CRU own
need            GUA  CRU own
need            GRA  CR  org  text:PS
need            SCH  CRU org  text:PS
need            SAF  R   org  text:PS
need            PSY  R   org
need            CTY  CR  org  text:PS
need            CIT  CR  org  text:PS
need            PRV  R   all  *
need            SEA  C   all
need            SUP  R   all
need            VOL  R   asg  card
need            EMP  R   asg  card
need            HOU  R   asg  card
need            SPO  R   asg  card
need            FND  R   asg  card
need            REV  A   org
need.list       GRA  R   org  text:PS
need.list       SCH  R   org  text:PS
need.list       SAF  R   org  text:PS
need.list       PSY  R   org
need.list       CTY  R   org  text:PS
need.list       CIT  R   org  text:PS
need.list       PRV  R   all  *
need.review     SCH  A   org  text:PS
need.review     PSY  A   org
need.review     CTY  A   org  text:PS
need.review     CIT  A   org  text:PS
need.review     REV  A   org
offer           ANON R   all
offer           STU  R   all
offer           GUA  R   all
offer           MEM  R   all
offer           SEC  R   all
offer           GRA  R   all
offer           SCH  CR  org
offer           SAF  R   all
offer           PSY  R   all
offer           CTY  CR  org
offer           CIT  CR  org
offer           PRV  CR  org
offer           SEA  R   all
offer           SUP  R   all
offer           EXP  R   all
offer           VOL  CRU own
offer           EMP  CRU own
offer           HOU  CRU own
offer           SPO  CRU own
offer           FND  R   all
offer           REV  A   org
offer.review    REV  A   org
provider        VOL  CRU own
provider        EMP  CRU own
provider        HOU  CRU own
provider        SPO  CRU own
provider        SCH  CR  org
provider        CTY  CR  org
provider        CIT  CR  org
provider        PRV  CR  org
provider        REV  A   org
match           STU  A   own
match           GUA  A   own
match           GRA  R   org  *
match           SCH  R   org  *
match           PSY  R   asg
match           CTY  R   org  *
match           CIT  R   org  *
match           PRV  R   all  *
match           SUP  R   all
match           VOL  A   own
match           EMP  A   own
match           HOU  A   own
match           SPO  A   own
match           FND  A   asg
match           REV  R   org
match.dispute   SUP  A   all
match.stop      PSY  A   org
match.stop      SEA  A   all
match.stop      SUP  A   all
match.run       CTY  R   org
match.run       CIT  CR  org
match.run       PRV  CR  all
match.run       SYS-A R  all  *
match.supply    CTY  R   org
match.supply    CIT  CR  org
match.supply    PRV  CR  all
match.rule      SCH  CR  org
match.rule      CTY  CR  org
match.rule      CIT  CR  org
session.note    STU  R   own  note
session.note    PSY  CRU asg
session.note    SUP  R   asg
session.note    EXP  CR  asg
session.note    VOL  CRU asg
availability    VOL  RU  own
availability    EMP  RU  own
hours           VOL  CR  own
hours           SUP  RA  all
hours           CIT  RA  org
hours           PRV  RA  all
crisis          ANON C   own
crisis          STU  C   own
crisis          GUA  C   own
crisis          PSY  RUA org
crisis          SEA  RU  all
crisis          SUP  RUA all
risk            PSY  CRUA org
risk            SEA  CR  all
risk            SUP  CRUA all
guardian        PSY  RU  org
guardian        SUP  RU  all
help            STU  U   own
help            GUA  U   own
help            MEM  C   own
help            SEC  C   own
help            GRA  CRA org
help            SCH  CRA org
help            SAF  C   own
help            PSY  C   own
help            CTY  A   org
help            CIT  A   org
help            PRV  R   all  name
help            SEA  C   own
help            VOL  C   own
help            FND  C   own
help            UNI  C   own
duty            GRA  R   own
duty            SCH  R   org
duty            CTY  R   org
duty            CIT  R   org
duty            PRV  R   all
vetting         SCH  C   org
vetting         CTY  CR  org
vetting         CIT  CRA org
vetting         PRV  RA  all
vetting         SUP  RA  all
vetting         EXP  A   asg
vetting         VOL  CRU own
vetting         REV  A   org
consent         STU  CRU own
consent         GUA  CRU own
consent         DPO  RA  all
organisation    SCH  CRU org
organisation    CTY  CRU org
organisation    CIT  CRU org
organisation    PRV  CRU all
organisation    SYS-A CRU all
people          SCH  CRU org
people          CTY  CRU org
people          CIT  CRU org
people          PRV  CRU all
people          SEC-A CRU all
people          SYS-A C   all
import          SCH  CR  org
import          CTY  CR  org
import          CIT  CR  org
import          PRV  CR  all
operations      SYS-A RU  all
demand          CTY  R   org
demand          CIT  R   org
demand          PRV  R   all
season          PRV  RU  all
season          SYS-A RU  all
audit           AUD  R   all
"""


def _read_table(text: str) -> dict[tuple[str, Role], Grant]:
    table: dict[tuple[str, Role], Grant] = {}
    for line in text.strip().splitlines():
        thing, role, verbs, scope, *masked = line.split()
        fields = {"card": CARD.split(), "*": [COUNT], "": []}.get(" ".join(masked), masked)
        table[thing, Role(role)] = Grant(frozenset(verbs), Scope(scope), frozenset(fields))
    return table


PERMISSIONS = _read_table(_TABLE)
THINGS = frozenset(thing for thing, _role in PERMISSIONS)


def grant_for(viewer: Viewer, thing: str, verb: str) -> Grant | None:
    """Return the grant that lets the viewer do the verb, or None. Staff without a second factor have no grants."""
    assert thing in THINGS, thing
    if viewer.role in STAFF_ROLES and not viewer.second_factor:
        return None
    grant = PERMISSIONS.get((thing, viewer.role))
    return grant if grant is not None and verb in grant.verbs else None


def require(viewer: Viewer, thing: str, verb: str) -> Grant:
    """Return the grant, or refuse: 401 when nobody is signed in, 403 otherwise."""
    grant = grant_for(viewer, thing, verb)
    if grant is None:
        raise NotAllowed if viewer.signed_in else SignInNeeded
    return grant


def may(thing: str, verb: str) -> dict[str, Any]:
    """Declare a route's permission: `@get("/x", **may("need", "R"))`. Checked before the handler by the guard."""
    assert thing in THINGS, thing
    return {"opt": {"permission": (thing, verb)}}


def open_to(reason: str, *, signed_in: bool = False) -> dict[str, Any]:
    """Declare a route that needs no grant, with the reason; `signed_in` asks for an account all the same."""
    return {"opt": {"open_to": reason, "signed_in": signed_in}}
