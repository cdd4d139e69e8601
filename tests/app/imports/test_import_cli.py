"""`qingqiao import` as an auditor types it, and what it writes when asked."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner, Result

from app.cli import cli
from app.kit.stack.embedded import embedded_servers
from tests.support.sheets import GOOD, rows_of, xlsx

ROOT = Path(__file__).parents[3]
BOOK = ROOT / "tests" / "data" / "listings_import.xlsx"
EXPECTED = json.loads((ROOT / "tests" / "data" / "listings_import_expected.json").read_text(encoding="utf-8"))["sheets"]


def run(data: Path, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    """Run the command line in a process of its own, with its own data directory."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("QINGQIAO_")}
    env |= {"QINGQIAO_DATA": str(data), "PYTHONPATH": str(ROOT), **more}
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def outcomes(target: Path) -> dict[str, list[tuple[int, str]]]:
    report = json.loads(target.read_text(encoding="utf-8"))
    assert list(report) == ["sheets"]
    for rows in report["sheets"].values():
        assert all(list(row) == ["row", "outcome", "rules", "message"] for row in rows)
    return {sheet: [(row["row"], row["outcome"]) for row in rows] for sheet, rows in report["sheets"].items()}


WANTED = {sheet: [(row["row"], row["outcome"]) for row in rows] for sheet, rows in EXPECTED.items()}


def test_without_a_database_the_report_equals_the_expected_one(tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    done = run(tmp_path / "data", "import", str(BOOK), "--report", str(target))
    assert done.returncode == 0, done.stderr
    assert outcomes(target) == WANTED
    assert not (tmp_path / "data").exists(), "a preview starts no servers"
    assert "可导入 accept: 201" in done.stdout


def test_a_file_that_is_no_workbook_is_one_sentence(tmp_path: Path) -> None:
    source = tmp_path / "photo.png"
    source.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 200)
    done = run(tmp_path / "data", "import", str(source), "--report", str(tmp_path / "out.json"))
    assert done.returncode == 1
    assert done.stderr.startswith("这个文件不是能读取的表格。")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out.json").exists()


@pytest.fixture
def call(tmp_path: Path) -> Callable[..., Result]:
    """The command in this process, without a database."""
    runner = CliRunner(env={"QINGQIAO_DATA": str(tmp_path / "data"), "QINGQIAO_DATABASE_URL": ""})
    return lambda *arguments: runner.invoke(cli, ["import", *arguments])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("没有表格".encode(), "这个文件不是能读取的表格。"),
        (b"PK\3\4", "这个文件不是能读取的表格。"),
        (xlsx({"说明": [["怎样填写"]]}), "表格里没有找到可以导入的工作表。"),
    ],
)
def test_other_files_are_one_sentence_too(
    tmp_path: Path, call: Callable[..., Result], content: bytes, said: str
) -> None:
    source = tmp_path / "book.xlsx"
    source.write_bytes(content)
    done = call(str(source), "--report", str(tmp_path / "out.json"))
    assert (done.exit_code, done.stderr.startswith(said)) == (1, True)


def test_a_missing_file_and_a_report_that_cannot_be_written_are_sentences(
    tmp_path: Path, call: Callable[..., Result]
) -> None:
    done = call(str(tmp_path / "no.xlsx"), "--report", str(tmp_path / "out.json"))
    assert (done.exit_code, done.stderr.startswith("读不到")) == (1, True)
    done = call(str(BOOK), "--report", str(tmp_path / "no" / "out.json"))
    assert (done.exit_code, done.stderr.startswith("写不了")) == (1, True)


def test_apply_needs_somebody(tmp_path: Path, call: Callable[..., Result]) -> None:
    done = call(str(BOOK), "--report", str(tmp_path / "out.json"), "--apply")
    assert done.exit_code == 2
    assert "--as" in done.stderr


SEED = """
INSERT INTO organisation (id, code, name, level, path, region_code) VALUES
 ('00000000-0000-7000-8000-000000000001', 'DEMO-P', '（示例）团省委', 'L1',
  '00000000-0000-7000-8000-000000000001', '440000');
INSERT INTO person (id, name) VALUES ('00000000-0000-7000-8000-000000000002', '示例干部');
INSERT INTO account (id, login, person) VALUES
 ('00000000-0000-7000-8000-000000000003', 'importer@demo.test', '00000000-0000-7000-8000-000000000002');
INSERT INTO appointment (id, person, role, organisation_id, start) VALUES
 ('00000000-0000-7000-8000-000000000004', '00000000-0000-7000-8000-000000000002', 'PRV',
  '00000000-0000-7000-8000-000000000001', '2020-01-01');
"""


@pytest.mark.asyncio(loop_scope="function")
async def test_with_a_database_good_rows_are_written_once(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with embedded_servers(data) as servers:
        external = {"QINGQIAO_DATABASE_URL": servers.database_url, "QINGQIAO_SECRET_KEY": "a-secret-for-tests-only-01"}
        target = tmp_path / "out.json"
        call = ("import", str(BOOK), "--report", str(target))
        empty = run(data, *call, **external)
        assert (empty.returncode, empty.stderr.startswith("数据库结构需要升级。")) == (1, True)
        assert run(data, "migrate", **external).returncode == 0
        connection = await asyncpg.connect(servers.database_url)
        try:
            await connection.execute(SEED)
            previewed = run(data, *call, **external)
            assert previewed.returncode == 0, previewed.stderr
            assert outcomes(target) == WANTED
            assert await connection.fetchval("SELECT count(*) FROM offer") == 0
            assert await connection.fetchval("SELECT count(*) FROM import_run") == 0
            refused = run(data, *call, "--apply", "--as", "nobody@demo.test", **external)
            assert (refused.returncode, refused.stderr.startswith("这个账号没有可以导入的任职。")) == (1, True)
            small = tmp_path / "small.xlsx"
            small.write_bytes(xlsx({name: rows_of(row) for name, row in GOOD.items()}))
            call = ("import", str(small), "--report", str(target))
            written = run(data, *call, "--apply", "--as", "importer@demo.test", **external)
            assert written.returncode == 0, written.stderr
            assert "已写入 4 行，没有写入 0 行。" in written.stdout
            states = await connection.fetch("SELECT state, count(*) FROM offer GROUP BY state")
            assert [tuple(row) for row in states] == [("VERIFYING", 4)]
            again = run(data, *call, "--apply", "--as", "importer@demo.test", **external)
            assert "已写入 0 行，没有写入 0 行。" in again.stdout
            assert await connection.fetchval("SELECT count(*) FROM offer") == 4
        finally:
            await connection.close()
