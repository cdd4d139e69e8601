"""Reads of the league tree; names of providers."""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from app.kit.db import DB
from app.kit.errors import NotFound
from app.kit.permissions import Scope, require
from app.kit.viewer import Viewer
from app.organisations.rules import folded


class OrgLine(msgspec.Struct, frozen=True):
    """An organisation in one line."""

    id: UUID
    name: str
    level: str
    path: str
    region_code: str
    parent_id: UUID | None = None


async def lines(ids: Iterable[UUID]) -> dict[UUID, OrgLine]:
    """Return organisations by id."""
    rows = await DB.rows(
        "SELECT id, name, level, path, region_code, parent_id FROM organisation WHERE id = ANY($1::uuid[])", list(ids)
    )
    return {row["id"]: OrgLine(**row) for row in rows}


async def line(org_id: UUID) -> OrgLine | None:
    """Return one organisation, or None."""
    return (await lines([org_id])).get(org_id)


async def provider_names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return legal names of providers by id."""
    rows = await DB.rows("SELECT id, legal_name FROM provider WHERE id = ANY($1::uuid[])", list(ids))
    return {row["id"]: row["legal_name"] for row in rows}


class OrgPage(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation with everything its page shows."""

    id: UUID
    code: str
    name: str
    level: str
    parent_id: UUID | None
    path: str
    region_code: str
    kind: str
    status: str
    liaison_person: str
    version: int
    school_type: str = ""
    guardian_consent_switch: str = ""
    above: tuple[OrgLine, ...] = ()
    below: tuple[OrgLine, ...] = ()


async def page(viewer: Viewer, org_id: UUID) -> OrgPage:
    """Return one organisation of the viewer's scope with the line above it and what stands below it."""
    grant = require(viewer, "organisation", "R")
    rows = await DB.rows(
        """
        SELECT o.id, o.code, o.name, o.level, o.parent_id, o.path, o.region_code, o.kind, o.status, o.liaison_person,
               o.version, coalesce(s.school_type, '') AS school_type,
               coalesce(s.guardian_consent_switch, '') AS guardian_consent_switch
        FROM organisation o LEFT JOIN school s ON s.organisation = o.id WHERE o.id = $1
        """,
        org_id,
    )
    if not rows or not (grant.scope is Scope.ALL or viewer.covers(rows[0]["path"])):
        raise NotFound
    row = rows[0]
    above_ids = [UUID(part) for part in row["path"].split("/")[:-1]]
    found = await lines(above_ids)
    return OrgPage(
        **row,
        above=tuple(found[org] for org in above_ids if org in found),
        below=await children(org_id),
    )


async def children(org_id: UUID | None) -> tuple[OrgLine, ...]:
    """Return what stands directly below an organisation (below nothing: the province)."""
    rows = await DB.rows(
        """
        SELECT id, name, level, path, region_code, parent_id FROM organisation
        WHERE parent_id IS NOT DISTINCT FROM $1 AND status = 'ACTIVE' ORDER BY level, region_code, name LIMIT 500
        """,
        org_id,
    )
    return tuple(OrgLine(**row) for row in rows)


class Below(msgspec.Struct, frozen=True):
    """How much stands below an organisation."""

    parts: int = 0
    schools: int = 0


async def below(ids: Iterable[UUID]) -> dict[UUID, Below]:
    """Count what stands below each organisation: its direct parts, and the schools at any depth."""
    rows = await DB.rows(
        """
        SELECT above::uuid AS id, count(*) FILTER (WHERE o.parent_id = above::uuid) AS parts,
               count(*) FILTER (WHERE o.level = 'L4') AS schools
        FROM organisation o CROSS JOIN LATERAL unnest(string_to_array(o.path, '/')) AS above
        WHERE o.status = 'ACTIVE' AND above = ANY($1::text[]) AND above <> o.id::text
        GROUP BY above
        """,
        [str(one) for one in ids],
    )
    return {row["id"]: Below(row["parts"], row["schools"]) for row in rows}


PAGE_SIZE = 50


class Subtree(msgspec.Struct, frozen=True, kw_only=True):
    """One page of everything at and below the viewer's organisation, with the counts of each level."""

    lines: tuple[OrgLine, ...]
    parents: dict[UUID, str]
    counts: dict[str, int]
    pages: int


async def subtree(viewer: Viewer, *, words: str = "", level: str = "", page: int = 1) -> Subtree:
    """Return the viewer's whole part of the tree, level by level, then by region and name; words search the names.

    `counts` are of everything that was found, whatever level is chosen. A page beyond the last one is the last one.
    """
    grant = require(viewer, "organisation", "R")
    where = """
        (status = 'ACTIVE' OR $3 <> '') AND ($1 OR path = $2 OR starts_with(path, $2 || '/'))
        AND ($3 = '' OR replace(normalize(name, NFKC), ' ', '') ILIKE '%' || $3 || '%')
    """
    scope = (grant.scope is Scope.ALL, viewer.org_path, folded(words))
    counted = await DB.rows(f"SELECT level, count(*)::int AS n FROM organisation WHERE {where} GROUP BY level", *scope)  # noqa: S608 - our own clause
    counts = {row["level"]: row["n"] for row in sorted(counted, key=lambda row: row["level"])}
    found = counts.get(level, 0) if level else sum(counts.values())
    pages = max(1, -(-found // PAGE_SIZE))
    rows = await DB.rows(
        f"""
        SELECT id, name, level, path, region_code, parent_id FROM organisation
        WHERE {where} AND ($4 = '' OR level = $4) ORDER BY level, region_code, name, id LIMIT $5 OFFSET $6
        """,  # noqa: S608 - our own clause
        *scope,
        level,
        PAGE_SIZE,
        (min(max(page, 1), pages) - 1) * PAGE_SIZE,
    )
    above = await lines({row["parent_id"] for row in rows if row["parent_id"]})
    return Subtree(
        lines=tuple(OrgLine(**row) for row in rows),
        parents={org.id: org.name for org in above.values()},
        counts=counts,
        pages=pages,
    )


async def schools_named(words: str, *, limit: int = 6) -> tuple[OrgLine, ...]:
    """Return schools by their name: the exact one alone, otherwise those that contain the words."""
    rows = await DB.rows(
        """
        SELECT id, name, level, path, region_code, parent_id FROM organisation
        WHERE level = 'L4' AND status = 'ACTIVE' AND replace(normalize(name, NFKC), ' ', '') ILIKE '%' || $1 || '%'
        ORDER BY length(name), name LIMIT $2
        """,
        folded(words),
        limit,
    )
    found = tuple(OrgLine(**row) for row in rows)
    exact = tuple(school for school in found if folded(school.name) == folded(words))
    return exact or found


async def branch_named(school_path: str, class_name: str) -> UUID | None:
    """Return the branch of a class in a school, or None."""
    found: UUID | None = await DB.value(
        """
        SELECT o.id FROM organisation o JOIN branch b ON b.organisation = o.id
        WHERE o.path LIKE $1 || '/%' AND o.status = 'ACTIVE' AND (b.class_name = $2 OR b.grade || b.class_name = $2)
        ORDER BY o.name LIMIT 1
        """,
        school_path,
        class_name,
    )
    return found


async def org_for_region(region_code: str) -> OrgLine | None:
    """Return the league committee nearest to a region: county, else city, else province."""
    rows = await DB.rows(
        """
        SELECT id, name, level, path, region_code, parent_id FROM organisation
        WHERE status = 'ACTIVE' AND level IN ('L1', 'L2', 'L3')
          AND (region_code = $1 OR (level = 'L2' AND left(region_code, 4) = left($1, 4)) OR level = 'L1')
        ORDER BY level DESC, code LIMIT 1
        """,
        region_code,
    )
    return OrgLine(**rows[0]) if rows else None


async def search_scope(viewer: Viewer, words: str, *, thing: str, limit: int = 20) -> tuple[OrgLine, ...]:
    """Return organisations by name within the scope of the viewer's grant on another thing (people, import)."""
    grant = require(viewer, thing, "C")
    rows = await DB.rows(
        """
        SELECT id, name, level, path, region_code, parent_id FROM organisation
        WHERE replace(normalize(name, NFKC), ' ', '') ILIKE '%' || $1 || '%' AND status = 'ACTIVE'
          AND ($2 OR path = $3 OR path LIKE $3 || '/%')
        ORDER BY length(name), level, name LIMIT $4
        """,
        folded(words),
        grant.scope is Scope.ALL,
        viewer.org_path,
        limit,
    )
    return tuple(OrgLine(**row) for row in rows)


async def school_type(school_id: UUID) -> str:
    """Return the type of a school, or an empty text."""
    return await DB.value("SELECT school_type FROM school WHERE organisation = $1", school_id) or ""
