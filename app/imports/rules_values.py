"""What an import works with: what is known already, the report, and the commands of rows that are good."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

import msgspec

from app.kit.reading import shown
from app.offers.kinds.counselling import CounselTerms
from app.offers.kinds.housing import HousingTerms
from app.offers.kinds.internship import InternshipTerms
from app.offers.kinds.sponsorship import SponsorTerms
from app.offers.rules_legality import Finding

Outcome = Literal["accept", "review", "refuse", "duplicate", "skip"]


class KnownProvider(msgspec.Struct, frozen=True):
    """What the platform knows of a provider with a unified social credit code."""

    legal_name: str
    verified_on: date | None = None
    business_since: date | None = None
    listings_last_24h: int = 0


class KnownListings(msgspec.Struct, frozen=True):
    """What is stored already: fingerprints, who offers at an address, providers by code, rents by region in fen."""

    fingerprints: frozenset[str] = frozenset()
    address_owners: Mapping[str, str] = {}
    providers: Mapping[str, KnownProvider] = {}
    reference_rents: Mapping[str, int] = {}


class ImportedProvider(msgspec.Struct, frozen=True):
    """The provider named in a row; the service finds or creates it."""

    type: str
    legal_name: str
    uscc: str = ""
    region_code: str = ""
    address: str = ""
    unit_kind: str = ""
    contact_person: str = ""
    contact_phone: str = ""

    @property
    def key(self) -> str:
        """Return what tells providers apart: the credit code, or the name where there is none."""
        return self.uscc or self.legal_name


class ImportedOffer(msgspec.Struct, frozen=True, kw_only=True):
    """What every good row says about the offer it becomes."""

    title: str
    capacity: int
    region_code: str
    fingerprint: str
    findings: tuple[Finding, ...] = ()


class ImportedInternship(ImportedOffer, frozen=True, kw_only=True, tag="INTERN"):
    """A good row of the internship sheet."""

    provider: ImportedProvider
    text: str
    terms: InternshipTerms


class ImportedHousing(ImportedOffer, frozen=True, kw_only=True, tag="HOUSE"):
    """A good row of the housing sheet."""

    provider: ImportedProvider
    text: str
    terms: HousingTerms
    address_hash: str


class ImportedVolunteer(ImportedOffer, frozen=True, kw_only=True, tag="COUNSEL"):
    """A good row of the volunteer sheet: the applicant's data and the counselling they offer."""

    name: str
    phone: str
    credential: str
    credential_text: str
    credential_no: str
    record_check_on: date | None
    terms: CounselTerms


class ImportedSponsor(ImportedOffer, frozen=True, kw_only=True, tag="SPONSOR"):
    """A good row of the sponsorship sheet."""

    provider: ImportedProvider
    terms: SponsorTerms


Command = ImportedInternship | ImportedHousing | ImportedVolunteer | ImportedSponsor


def command_to_json(command: Command) -> dict[str, Any]:
    """Return a command as plain data for storage between preview and confirmation."""
    built: dict[str, Any] = msgspec.to_builtins(command)
    return built


def command_from_json(stored: Mapping[str, Any]) -> Command:
    """Return the command that was stored."""
    command: Command = msgspec.convert(stored, Command)
    return command


class RowReport(msgspec.Struct, frozen=True):
    """What became of one row: the row number as in the sheet, the outcome, the rules and a message for people."""

    row: int
    outcome: Outcome
    rules: tuple[str, ...]
    message: str
    cells: tuple[tuple[str, str], ...] = ()
    command: Command | None = None


class Report(msgspec.Struct, frozen=True):
    """Every row of every sheet that could be read, and notes about what was left out."""

    sheets: Mapping[str, tuple[RowReport, ...]]
    notes: tuple[str, ...] = ()

    def count(self, outcome: Outcome) -> int:
        """Return how many rows have an outcome."""
        return sum(row.outcome == outcome for rows in self.sheets.values() for row in rows)

    def to_json(self) -> dict[str, Any]:
        """Return the report as the command line writes it."""
        return {
            "sheets": {
                name: [
                    {"row": row.row, "outcome": row.outcome, "rules": list(row.rules), "message": row.message}
                    for row in rows
                ]
                for name, rows in self.sheets.items()
            },
            "notes": list(self.notes),
        }


def safe_cells(headings: Mapping[int, str], cells: list[object]) -> tuple[tuple[str, str], ...]:
    """Return heading and content of each filled cell, safe to show and to write into another sheet."""
    return tuple(
        (heading, text)
        for at, heading in headings.items()
        if at < len(cells) and (text := shown(cells[at], longest=60))
    )
