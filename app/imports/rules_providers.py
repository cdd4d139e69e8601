"""The provider of a row: who it is, and what that says about the listing."""

import re

from stdnum.cn import uscc as credit_code

from app.imports.rules_rows import Around, Row, region_code
from app.imports.rules_values import ImportedProvider
from app.kit.reading import is_error_cell, plain
from app.offers.rules_legality import ListingFacts


def read_provider(row: Row, around: Around, provider_type: str, *, needs_code: bool) -> ImportedProvider:
    """Read name, credit code, place and contact of the provider; a missing code is looked at where one is due."""
    name = row.required_text("unit", longest=80)
    uscc = re.sub(r"[\s\-]", "", plain(row.cell("uscc"))).upper()
    if is_error_cell(uscc) or uscc in ("无", "暂无", "没有"):
        uscc = ""
    if needs_code and not uscc:
        row.add("no_credit_code", "uscc", "没有填写统一社会信用代码，将由审核员核实单位身份。", severity="hold")
    place = row.place() if "city" in row.columns else None
    if uscc and credit_code.is_valid(uscc) and uscc not in around.known.providers:
        _compare_names(row, around, uscc, name)
    return ImportedProvider(
        type=provider_type,
        legal_name=name,
        uscc=uscc,
        region_code=region_code(place),
        address=row.text("place")[:120],
        unit_kind="",
        contact_person=row.text("contact")[:40],
        contact_phone=row.phone("phone"),
    )


def _compare_names(row: Row, around: Around, uscc: str, name: str) -> None:
    """Hold a row whose credit code stood beside another name earlier in the same workbook."""
    earlier = around.names.setdefault(uscc, name)
    if plain(earlier).replace(" ", "") != plain(name).replace(" ", ""):
        row.add(
            "name_differs_from_register",
            "unit",
            f"同一个统一社会信用代码在前面写的是“{earlier}”，这里写的是“{name}”，请对照营业执照核对。",
            severity="hold",
        )


def provider_facts(
    provider: ImportedProvider, around: Around, *, reference_rent_fen: int | None = None, same_address: bool = False
) -> ListingFacts:
    """Return what is known around a listing of this provider, earlier rows of the workbook included."""
    known = around.known.providers.get(provider.uscc) if provider.uscc else None
    return ListingFacts(
        today=around.today,
        provider_type=provider.type,
        uscc=provider.uscc,
        legal_name=provider.legal_name,
        register_name=known.legal_name if known else "",
        provider_verified_on=known.verified_on if known else None,
        business_since=known.business_since if known else None,
        listings_last_24h=(known.listings_last_24h + around.counts.get(provider.key, 0)) if known else 0,
        reference_rent_fen=reference_rent_fen,
        same_address_elsewhere=same_address,
    )
