"""The demo on a real database: what is there, that nothing is added twice, and that everybody can sign in."""

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pyotp
import pytest
import pytest_asyncio

from app.cli_demo import write_accounts
from app.cli_run import FILLED
from app.demo import service
from app.demo.rules import DemoAccount
from app.demo.service_stage import Stage
from app.kit.db import DB
from app.kit.viewer import NOBODY, STAFF_ROLES, Role
from app.needs.rules import STATES as NEED_STATES
from app.offers.rules import STATES as OFFER_STATES
from app.people import service_second_factor, service_sign_in
from app.people.queries import viewer_for_token

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


class _Undo(Exception):  # noqa: N818 - it only ends the transaction
    pass


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """The whole demo, filled once for this module in a transaction that is rolled back."""
    assert database
    with contextlib.suppress(_Undo):
        async with DB.transaction():
            yield await service.perform(NOW, folder=tmp_path_factory.mktemp("pictures"))
            raise _Undo


async def _counts(sql: str, *args: Any) -> dict[str, int]:
    return {str(row["name"]): row["count"] for row in await DB.rows(sql, *args)}


async def test_the_league_tree_and_the_people_are_there(stage: Stage) -> None:
    levels = await _counts("SELECT level AS name, count(*) FROM organisation WHERE demo GROUP BY 1")
    assert (levels["L1"], levels["L2"], levels["L3"]) == (1, 21, 122)
    assert levels["L4"] >= 60
    assert await DB.value(FILLED) is True
    assert len(stage.cast.accounts) == await DB.value("SELECT count(*) FROM person WHERE demo") >= 350
    roles = await _counts("SELECT role AS name, count(*) FROM appointment GROUP BY 1")
    assert set(roles) == {role.value for role in Role} - {"ANON"}
    assert await DB.value("SELECT count(*) FROM student_profile WHERE in_difficulty_since IS NOT NULL") >= 10


async def test_every_state_is_reached_at_least_once(stage: Stage) -> None:
    assert stage.offers
    for machine, states in (("need", NEED_STATES), ("offer", OFFER_STATES)):
        rows = await DB.rows("SELECT DISTINCT source, target FROM state_change WHERE machine = $1", machine)
        assert {row["source"] for row in rows} | {row["target"] for row in rows} == set(states)
    rest = await _counts("SELECT state AS name, count(*) FROM need GROUP BY 1")
    assert set(rest) == set(NEED_STATES) - {"DRAFT", "SUBMITTED"}
    assert sum(rest.values()) >= 400
    offers = await _counts("SELECT state AS name, count(*) FROM offer GROUP BY 1")
    assert set(offers) == set(OFFER_STATES) - {"SUBMITTED"}
    assert offers["PUBLISHED"] > sum(offers.values()) / 2


async def test_the_last_step_of_every_history_is_the_state_of_the_thing(stage: Stage) -> None:
    assert stage.cast.now == NOW
    for machine, table in (("need", "need"), ("offer", "offer"), ("match", "match"), ("provider", "provider")):
        wrong = await DB.value(
            f"""
            SELECT count(*) FROM "{table}" t JOIN LATERAL (
                SELECT target FROM state_change WHERE object_id = t.id AND machine = $1
                ORDER BY at DESC, id DESC LIMIT 1
            ) last ON true WHERE last.target <> t.state
            """,
            machine,
        )
        assert wrong == 0, machine
    assert await DB.value("SELECT count(*) FROM state_change WHERE at > $1", NOW) == 0


async def test_help_is_recorded_and_verified_by_the_students_word(stage: Stage) -> None:
    assert stage.cast.now == NOW
    records = await _counts("SELECT state AS name, count(*) FROM help_record GROUP BY 1")
    assert records["VERIFIED"] >= 80
    assert records["UNCONFIRMED"] >= 5
    assert await DB.value("SELECT count(*) FROM feedback WHERE by = 'STUDENT'") >= 60
    assert await DB.value("SELECT count(*) FROM crisis_alert") >= 8
    figures = await DB.value("SELECT array_agg(DISTINCT f) FROM help_record, unnest(counts_for) f")
    assert {"K11", "K13", "K15", "K25"} <= set(figures)


async def test_findings_hold_some_offers_and_send_others_back(stage: Stage) -> None:
    assert stage.offers
    held = "SELECT count(*) FROM offer WHERE state = 'VERIFYING' AND findings::text LIKE '%\"hold\"%'"
    assert await DB.value(held) >= 4
    assert await DB.value("SELECT count(*) FROM offer WHERE state = 'RETURNED' AND return_reason LIKE '%《%'") >= 5
    published = "SELECT count(*) FROM offer WHERE state = 'PUBLISHED' AND findings::text LIKE '%\"block\"%'"
    assert await DB.value(published) == 0


async def test_homes_have_pictures_and_no_two_providers_share_one(stage: Stage) -> None:
    assert stage.folder is not None
    assert await DB.value("SELECT count(*) FROM stored_file WHERE object_type = 'offer'") >= 40
    assert await DB.value("SELECT count(*) - count(DISTINCT sha256) FROM stored_file") == 0
    assert len(list(stage.folder.rglob("*-960.webp"))) >= 40


async def test_a_second_fill_adds_nothing(stage: Stage) -> None:
    before = await DB.value("SELECT count(*) FROM person")
    assert await service.fill(NOW) == []
    assert await DB.value("SELECT count(*) FROM person") == before == len(stage.cast.accounts)


async def test_one_account_of_every_role_can_sign_in(stage: Stage) -> None:
    first: dict[str, DemoAccount] = {}
    for account in stage.cast.accounts:
        first.setdefault(account.role, account)
    assert set(first) == {role.value for role in Role} - {"ANON"}
    for role, account in first.items():
        begun = await service_sign_in.sign_in(NOBODY, account.login, account.password, now=NOW, device="test")
        viewer = await viewer_for_token(begun.token, NOW)
        assert viewer.role.value == role
        assert (account.totp_secret is not None) == begun.has_second_factor == (viewer.role in STAFF_ROLES)
        if account.totp_secret:
            code = pyotp.TOTP(account.totp_secret).at(NOW)
            token = await service_second_factor.verify(viewer, code, now=NOW)
            assert (await viewer_for_token(token, NOW)).second_factor


def test_accounts_are_written_for_their_owner_only(tmp_path: Path) -> None:
    account = DemoAccount(
        role="STU", login="stu001", password="x", totp_secret=None, name="示例", organisation="（示例）"
    )
    write_accounts(tmp_path / "demo.json", [account])
    assert (tmp_path / "demo.json").stat().st_mode & 0o777 == 0o600
    read = msgspec.json.decode((tmp_path / "demo.json").read_bytes())
    assert read == [msgspec.structs.asdict(account)]
