"""Every route of the service, capability by capability."""

from litestar.types import ControllerRouterHandler

from app.consents.pages import ROUTES as CONSENTS
from app.imports.pages import ROUTES as IMPORTS
from app.kit.health import ROUTES as HEALTH
from app.kit.pages import ROUTES as KIT_PAGES
from app.kit.pages_operations import ROUTES as OPERATIONS
from app.ledger.pages import ROUTES as LEDGER
from app.matches.pages import ROUTES as MATCHES
from app.matches.pages_desk import ROUTES as MATCH_DESK
from app.matches.pages_rulings import ROUTES as MATCH_RULINGS
from app.matches.pages_runs import ROUTES as MATCH_RUNS
from app.needs.pages_mine import ROUTES as MY_NEEDS
from app.needs.pages_review import ROUTES as NEED_REVIEW
from app.needs.pages_wizard import ROUTES as NEED_WIZARD
from app.needs.pages_wizard_end import ROUTES as NEED_WIZARD_END
from app.offers.pages import ROUTES as OFFERS
from app.organisations.pages import ROUTES as ORGANISATIONS
from app.organisations.pages_providers import ROUTES as PROVIDERS
from app.people.pages_account import ROUTES as ACCOUNT
from app.people.pages_guardians import ROUTES as GUARDIANS
from app.people.pages_papers import ROUTES as PAPERS
from app.people.pages_people import ROUTES as PEOPLE
from app.people.pages_provider import ROUTES as MY_PROVIDER
from app.people.pages_roster import ROUTES as ROSTER
from app.people.pages_sign_in import ROUTES as SIGN_IN
from app.people.pages_sign_up import ROUTES as SIGN_UP
from app.people.pages_vetting import ROUTES as VETTING
from app.safety.pages import ROUTES as SAFETY
from app.safety.pages_desk import ROUTES as CRISIS_DESK
from app.sessions.pages import ROUTES as SESSIONS
from app.sessions.pages_calendar import ROUTES as SESSIONS_CALENDAR
from app.sessions.pages_hours import ROUTES as SESSIONS_HOURS
from app.sessions.pages_notes import ROUTES as SESSIONS_NOTES
from app.sessions.pages_provider import ROUTES as SESSIONS_PROVIDER
from app.sessions.pages_times import ROUTES as SESSIONS_TIMES

ROUTES: tuple[ControllerRouterHandler, ...] = (
    *HEALTH,
    *KIT_PAGES,
    *OPERATIONS,
    *SIGN_IN,
    *SIGN_UP,
    *ACCOUNT,
    *PEOPLE,
    *GUARDIANS,
    *ROSTER,
    *VETTING,
    *PAPERS,
    *MY_PROVIDER,
    *ORGANISATIONS,
    *PROVIDERS,
    *CONSENTS,
    *NEED_WIZARD,
    *NEED_WIZARD_END,
    *MY_NEEDS,
    *NEED_REVIEW,
    *SAFETY,
    *CRISIS_DESK,
    *OFFERS,
    *IMPORTS,
    *LEDGER,
    *MATCHES,
    *MATCH_RULINGS,
    *MATCH_RUNS,
    *MATCH_DESK,
    *SESSIONS,
    *SESSIONS_PROVIDER,
    *SESSIONS_TIMES,
    *SESSIONS_CALENDAR,
    *SESSIONS_NOTES,
    *SESSIONS_HOURS,
)
