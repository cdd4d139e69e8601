"""What an import writes: providers, volunteers and offers through their own verbs, each row for itself, and once."""

import json
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from app.imports import queries, service, service_apply, service_read, service_write
from app.imports.errors import NothingChosen, NotReady, WrongFile
from app.imports.queries import Chosen, Run
from app.imports.service_judge import judge_alone, judge_stored, open_file
from app.imports.service_known import known_listings
from app.kit.crypto import vault
from app.kit.db import DB
from app.kit.errors import NotAllowed, NotFound
from app.kit.outbox import run_everything
from app.people import queries_vetting
from app.people.tables import Appointment
from tests.support.offers import submitted
from tests.support.sheets import HOUSE, INTERN, SPONSOR, VOLUNTEER, Cells, other, rows_of, xlsx
from tests.support.world import World

DATA = Path(__file__).parents[2] / "data"


def book(**sheets: list[Cells]) -> bytes:
    return xlsx({name: rows_of(*data) for name, data in sheets.items()})


FOUR = book(实习岗位=[INTERN], 租赁房源=[HOUSE], 志愿者=[VOLUNTEER], 资助意向=[SPONSOR])


async def read_in(world: World, content: bytes, by: str = "cit", name: str = "名单.xlsx") -> Run:
    """Upload a file and have it read."""
    run_id = await service.upload(world.viewer(by), name, content, now=world.now)
    await run_everything(world.now)
    return await queries.run(world.viewer(by), run_id)


async def brought(world: World, content: bytes, by: str = "cit", *, with_review: bool = True) -> Run:
    """Upload, confirm and have everything written."""
    run = await read_in(world, content, by)
    await service.confirm(world.viewer(by), run.id, with_review=with_review, now=world.now)
    await run_everything(world.now)
    return await queries.run(world.viewer(by), run.id)


async def offers_of(run: Run) -> list[dict[str, object]]:
    return await DB.rows(
        """
        SELECT o.*, p.legal_name, p.uscc, p.state AS provider_state, p.type AS provider_type, p.person_id
        FROM import_row w JOIN offer o ON o.id = w.object_id JOIN provider p ON p.id = o.provider_id
        WHERE w.run = $1 ORDER BY w.position
        """,
        run.id,
    )


async def test_nothing_is_written_before_the_confirmation(world: World) -> None:
    before = await DB.value("SELECT count(*) FROM offer"), await DB.value("SELECT count(*) FROM provider")
    run = await read_in(world, FOUR)
    assert (run.state, run.rows_total, run.count("accept")) == ("READY", 4, 4)
    assert (await DB.value("SELECT count(*) FROM offer"), await DB.value("SELECT count(*) FROM provider")) == before
    assert await DB.value("SELECT content_sealed FROM import_run WHERE id = $1", run.id) is None


async def test_each_kind_of_row_becomes_a_provider_and_an_offer_that_waits_for_a_reviewer(world: World) -> None:
    run = await brought(world, FOUR)
    assert (run.state, run.written, run.failed) == ("DONE", 4, 0)
    offers = await offers_of(run)
    assert [(o["type"], o["state"], o["provider_type"], o["provider_state"]) for o in offers] == [
        ("INTERN", "VERIFYING", "EMP", "APPLIED"),
        ("HOUSE", "VERIFYING", "HOU", "APPLIED"),
        ("COUNSEL", "VERIFYING", "VOL", "APPLIED"),
        ("SPONSOR", "VERIFYING", "SPO", "APPLIED"),
    ]
    cit = world.viewer("cit")
    for offer in offers:
        assert offer["source_appointment"] == cit.appointment_id
        assert offer["author_account"] == cit.account_id
        assert offer["org_path"] == cit.org_path
    intern, house, _counsel, sponsor = offers
    assert (intern["uscc"], intern["capacity"], intern["price_fen"]) == (INTERN["统一社会信用代码"], 5, 260_000)
    assert house["region_code"] == "440204"
    assert sponsor["capacity"] == 1
    kinds = await DB.rows("SELECT template FROM notification WHERE account_id = $1", cit.account_id)
    assert "import.done" in {row["template"] for row in kinds}
    audits = await DB.rows("SELECT what FROM audit_log WHERE object_id = $1 ORDER BY at, seq", run.id)
    assert [row["what"] for row in audits] == ["import.upload", "import.confirm", "import.done"]


async def test_a_volunteer_applies_and_nothing_about_them_is_taken_for_checked(world: World) -> None:
    run = await brought(world, book(志愿者=[VOLUNTEER]))
    offer = (await offers_of(run))[0]
    person = offer["person_id"]
    assert isinstance(person, UUID)
    rows = await DB.rows(
        """
        SELECT v.vetting, v.credential, v.adult_only, v.weekly_cap, v.languages, v.application, p.phone_sealed,
               p.phone_hash FROM volunteer_profile v JOIN person p ON p.id = v.person WHERE p.id = $1
        """,
        person,
    )
    found = rows[0]
    assert (found["vetting"], found["credential"], found["adult_only"]) == ("APPLIED", "CR06", False)
    assert json.loads(found["application"])["claimed_check_on"] == "2026-10-12"
    assert await DB.value("SELECT count(*) FROM record_check WHERE person = $1", person) == 0
    assert vault().unseal(bytes(found["phone_sealed"]), f"person.phone:{person}") == "13900000000"
    assert found["phone_hash"] == vault().lookup("13900000000")
    page = await queries_vetting.page(world.viewer("rev_prv"), person)
    assert "精神科医师" in page.motive


async def test_no_phone_number_is_stored_in_clear(world: World) -> None:
    run = await brought(world, FOUR)
    texts = await DB.rows(
        """
        SELECT t::text AS text FROM import_row t WHERE run = $1 UNION ALL SELECT t::text FROM import_run t WHERE id = $1
        UNION ALL SELECT t::text FROM person t UNION ALL SELECT t::text FROM provider t
        UNION ALL SELECT t::text FROM offer t
        """,
        run.id,
    )
    assert not [row["text"] for row in texts if "13900000000" in row["text"]]


async def test_importing_twice_adds_nothing(world: World) -> None:
    await brought(world, FOUR)
    offers = await DB.value("SELECT count(*) FROM offer")
    again = await read_in(world, FOUR, name="又一次.xlsx")
    assert again.earlier == world.now
    assert [again.count(outcome) for outcome in ("accept", "review", "duplicate")] == [0, 0, 4]
    with pytest.raises(NothingChosen):
        await service.confirm(world.viewer("cit"), again.id, with_review=True, now=world.now)
    assert await DB.value("SELECT count(*) FROM offer") == offers


async def test_a_file_previewed_twice_and_confirmed_twice_is_written_once(world: World) -> None:
    first, second = await read_in(world, FOUR), await read_in(world, FOUR)
    for run in (first, second):
        await service.confirm(world.viewer("cit"), run.id, with_review=True, now=world.now)
    await run_everything(world.now)
    done = [await queries.run(world.viewer("cit"), run.id) for run in (first, second)]
    assert sorted((run.written, run.failed) for run in done) == [(0, 4), (4, 0)]
    late = next(run for run in done if run.failed)
    lines, _pages = await queries.rows(late.id, Chosen(state="FAILED"))
    assert {line.problem for line in lines} == {service_write.KNOWN_NOW}


async def test_a_listing_brought_by_hand_is_known_to_the_import(world: World) -> None:
    await submitted(world, "INTERN")
    offer = (await DB.rows("SELECT terms, provider_id FROM offer WHERE type = 'INTERN'"))[0]
    name = await DB.value("SELECT legal_name FROM provider WHERE id = $1", offer["provider_id"])
    terms = json.loads(offer["terms"])
    row = INTERN | {
        "单位名称": name,
        "统一社会信用代码": "",
        "岗位名称": terms["post"],
        "开始日期": terms["start"],
        "结束日期": terms["end"],
    }
    report = await judge_stored(open_file(book(实习岗位=[row])), world.now)
    assert [line.outcome for line in report.sheets["实习岗位"]] == ["duplicate"]


async def test_an_expired_listing_may_be_brought_again(world: World) -> None:
    run = await brought(world, book(租赁房源=[HOUSE]))
    await DB.rows("UPDATE offer SET state = 'EXPIRED' WHERE id = $1", (await offers_of(run))[0]["id"])
    again = await brought(world, book(租赁房源=[HOUSE]))
    assert (again.written, again.failed) == (1, 0)
    providers = {offer["provider_id"] for one in (run, again) for offer in await offers_of(one)}
    assert len(providers) == 1, "the same provider is found again"


async def test_a_volunteer_who_signed_up_is_known_by_the_number(world: World) -> None:
    somebody = world["vol"].person
    await DB.rows("UPDATE person SET phone_hash = $2 WHERE id = $1", somebody, vault().lookup("13900000000"))
    report = await judge_stored(open_file(book(志愿者=[VOLUNTEER])), world.now)
    assert [(line.outcome, line.rules) for line in report.sheets["志愿者"]] == [
        ("duplicate", ("same_volunteer_phone",))
    ]


async def test_providers_addresses_and_rents_are_known(world: World) -> None:
    await brought(world, book(租赁房源=[HOUSE]))
    known = await known_listings(world.now)
    assert HOUSE["统一社会信用代码"] in set(known.address_owners.values())
    other_owner = other(HOUSE, 7, 地址=HOUSE["地址"])
    differs = other(HOUSE, 8, 提供方="（示例）另一个名字", 统一社会信用代码=HOUSE["统一社会信用代码"])
    dear = other(HOUSE, 9) | {"市场参考租金(元)": "", "月租(元)": 9000.0}
    report = await judge_stored(open_file(book(租赁房源=[other_owner, differs, dear])), world.now)
    assert [line.rules for line in report.sheets["租赁房源"]] == [
        ("same_address_elsewhere",),
        ("name_differs_from_register",),
        ("rent_above_150_percent",),
    ]


async def test_a_row_for_review_carries_its_findings_to_the_reviewer(world: World) -> None:
    row = INTERN | {"统一社会信用代码": "91440305LP542HU6P1", "工作区县": "福田区"}
    left_out = await read_in(world, book(实习岗位=[row]))
    assert left_out.count("review") == 1
    with pytest.raises(NothingChosen):
        await service.confirm(world.viewer("cit"), left_out.id, with_review=False, now=world.now)
    run = await brought(world, book(实习岗位=[row]))
    offer = (await offers_of(run))[0]
    rules = {finding["rule"] for finding in json.loads(str(offer["findings"]))}
    assert offer["state"] == "VERIFYING"
    assert {"credit_code_check_digit", "district_not_in_city"} <= rules


async def test_good_rows_stay_when_others_fail(world: World) -> None:
    bad = other(INTERN, 3)
    content = book(实习岗位=[other(INTERN, 1), bad, other(INTERN, 4)])
    run = await read_in(world, content)
    await world.provider("gone", "（示例）甲实习单位3", "EMP", uscc=str(bad["统一社会信用代码"]), state="SUSPENDED")
    await service.confirm(world.viewer("cit"), run.id, with_review=True, now=world.now)
    await run_everything(world.now)
    done = await queries.run(world.viewer("cit"), run.id)
    assert (done.state, done.written, done.failed) == ("DONE", 2, 1)
    lines, _pages = await queries.rows(run.id, Chosen(state="FAILED"))
    assert "没有通过核验，或已被停用" in lines[0].problem


async def test_what_the_database_refuses_fails_alone(world: World) -> None:
    run = await read_in(world, book(实习岗位=[other(INTERN, 1), other(INTERN, 2)]))
    rows = await DB.rows("SELECT id, sealed FROM import_row WHERE run = $1 ORDER BY position", run.id)
    place = f"import_row:{rows[0]['id']}"
    opened = json.loads(vault().unseal(bytes(rows[0]["sealed"]), place))
    opened["command"]["title"] = "很" * 80
    await DB.rows(
        "UPDATE import_row SET sealed = $2 WHERE id = $1", rows[0]["id"], vault().seal(json.dumps(opened), place)
    )
    await service.confirm(world.viewer("cit"), run.id, with_review=False, now=world.now)
    await run_everything(world.now)
    lines, _pages = await queries.rows(run.id, Chosen())
    assert [(line.state, line.problem) for line in lines] == [("FAILED", service_write.NOT_TAKEN), ("DONE", "")]


async def test_a_run_that_was_cut_short_goes_on_where_it_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_write, "BATCH", 2)
    run = await read_in(world, book(实习岗位=[other(INTERN, number) for number in range(1, 6)]))
    await service.confirm(world.viewer("cit"), run.id, with_review=True, now=world.now)
    assert await service_write.write_batch(run.id, now=world.now)
    half = await queries.run(world.viewer("cit"), run.id)
    assert (half.state, half.written, half.rows_done, half.rows_total) == ("WRITING", 2, 2, 5)
    await run_everything(world.now)
    done = await queries.run(world.viewer("cit"), run.id)
    assert (done.state, done.written, done.failed) == ("DONE", 5, 0)
    assert not await service_write.write_batch(run.id, now=world.now)
    assert len(await offers_of(done)) == 5


async def test_an_importer_whose_appointment_has_ended_writes_nothing_more(world: World) -> None:
    run = await read_in(world, FOUR)
    await service.confirm(world.viewer("cit"), run.id, with_review=True, now=world.now)
    yesterday = world.now.date() - timedelta(days=1)
    await Appointment.update({Appointment.end: yesterday}).where(Appointment.id == world.viewer("cit").appointment_id)
    await run_everything(world.now)
    done = await queries.run(world.viewer("cit"), run.id)
    assert (done.state, done.written, done.failed) == ("DONE", 0, 4)
    assert done.problem == service_write.NO_LONGER


async def test_a_run_belongs_to_its_account(world: World) -> None:
    run = await read_in(world, FOUR)
    for key in ("cit2", "prv", "cty"):
        with pytest.raises(NotFound):
            await queries.run(world.viewer(key), run.id)
        with pytest.raises(NotFound):
            await service.confirm(world.viewer(key), run.id, with_review=True, now=world.now)
        with pytest.raises(NotFound):
            await service.discard(world.viewer(key), run.id, now=world.now)
    for key in ("stu", "emp", "gra", "rev"):
        with pytest.raises(NotAllowed):
            await service.upload(world.viewer(key), "名单.xlsx", FOUR, now=world.now)


async def test_a_run_is_confirmed_once_and_given_up_only_before(world: World) -> None:
    run = await brought(world, FOUR)
    with pytest.raises(NotReady):
        await service.confirm(world.viewer("cit"), run.id, with_review=True, now=world.now)
    with pytest.raises(NotReady):
        await service.discard(world.viewer("cit"), run.id, now=world.now)
    other_run = await read_in(world, FOUR)
    await service.discard(world.viewer("cit"), other_run.id, now=world.now)
    assert await DB.value("SELECT count(*) FROM import_row WHERE run = $1", other_run.id) == 0


async def test_a_workbook_without_a_known_sheet_ends_with_a_sentence(world: World) -> None:
    run = await read_in(world, xlsx({"说明": [["怎样填写"]]}))
    assert run.state == "FAILED"
    assert run.problem.startswith("表格里没有找到可以导入的工作表。")


def old_office(stream: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + stream.encode("utf-16-le") + b"\0" * 512


def test_files_are_known_by_their_content() -> None:
    service.check_file(FOUR)
    service.check_file(old_office("Workbook"))
    for content in (b"", b"a,b\n1,2", b"%PDF-1.7", b"PK\x03\x04rest", old_office("WordDocument")):
        with pytest.raises(WrongFile):
            service.check_file(content)
    with pytest.raises(WrongFile, match="密码"):
        service.check_file(old_office("EncryptedPackage"))


async def test_a_file_that_only_looks_like_a_workbook_ends_with_a_sentence(world: World) -> None:
    run = await read_in(world, old_office("Workbook"))
    assert run.state == "FAILED"
    assert run.problem.startswith("这个文件不是能读取的表格。")


async def test_old_runs_are_forgotten(world: World) -> None:
    waiting, done = await read_in(world, FOUR), await brought(world, FOUR)
    await service_read.forget_old(now=world.now + timedelta(days=29))
    assert await DB.value("SELECT count(*) FROM import_row WHERE sealed IS NOT NULL") == 8
    await service_read.forget_old(now=world.now + timedelta(days=31))
    assert [row["id"] for row in await DB.rows("SELECT id FROM import_run")] == [done.id]
    lines, _pages = await queries.rows(done.id, Chosen())
    assert [line.cells for line in lines] == [()] * 4
    with pytest.raises(NotFound):
        await queries.run(world.viewer("cit"), waiting.id)


async def test_the_workbook_of_the_product_is_judged_and_written_whole(world: World) -> None:
    content = (DATA / "listings_import.xlsx").read_bytes()
    expected = json.loads((DATA / "listings_import_expected.json").read_text(encoding="utf-8"))["sheets"]
    run = await read_in(world, content, by="prv")
    found: dict[str, list[tuple[int, str]]] = {}
    for line in await queries.all_rows(run.id):
        found.setdefault(line.sheet, []).append((line.row, line.outcome))
    assert found == {sheet: [(row["row"], row["outcome"]) for row in rows] for sheet, rows in expected.items()}
    report = judge_alone(open_file(content), date(2026, 11, 23))
    written, failed = await service_apply.apply_report(
        world.viewer("prv"), "名单.xlsx", content, report, with_review=True, now=world.now
    )
    assert (written, failed) == (232, 0)
    assert {
        row["state"]
        for row in await DB.rows(
            "SELECT DISTINCT state FROM offer WHERE author_account = $1", world.viewer("prv").account_id
        )
    } == {"VERIFYING"}
