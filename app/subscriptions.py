"""Every module that subscribes to facts, as one explicit list; entry points import it before the first fact."""

from app.consents import jobs as consents_jobs
from app.imports import jobs as imports_jobs
from app.kit import audit_chain, outbound
from app.ledger import jobs as ledger_jobs
from app.matches import jobs as matches_jobs
from app.matches import jobs_runs as matches_jobs_runs
from app.needs import jobs as needs_jobs
from app.offers import jobs as offers_jobs
from app.offers import jobs_search as offers_jobs_search
from app.organisations import jobs as organisations_jobs
from app.people import jobs as people_jobs
from app.safety import jobs as safety_jobs
from app.sessions import jobs as sessions_jobs

MODULES = (
    audit_chain,
    outbound,
    matches_jobs,
    matches_jobs_runs,
    sessions_jobs,
    ledger_jobs,
    needs_jobs,
    safety_jobs,
    offers_jobs,
    offers_jobs_search,
    people_jobs,
    consents_jobs,
    organisations_jobs,
    imports_jobs,
)
