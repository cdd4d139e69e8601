"""The command line: quick help, lazy commands, sentences instead of tracebacks."""

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import COMMANDS, cli
from tests.support.stack import qingqiao


@pytest.fixture
def runner(tmp_path: Path) -> CliRunner:
    return CliRunner(env={"QINGQIAO_DATA": str(tmp_path / "data")})


def test_help_lists_every_command(runner: CliRunner) -> None:
    result = runner.invoke(cli, ["--help"])
    assert result.exit_code == 0
    for name in COMMANDS:
        assert f"\n  {name} " in result.output


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_can_be_loaded_and_explains_itself(runner: CliRunner, name: str) -> None:
    result = runner.invoke(cli, [name, "--help"])
    assert result.exit_code == 0
    assert result.output.startswith(f"Usage: cli {name}")


def test_an_unknown_command_is_refused(runner: CliRunner) -> None:
    result = runner.invoke(cli, ["fly"])
    assert result.exit_code == 2
    assert "No such command 'fly'" in result.output


def test_a_bad_setting_is_a_sentence(runner: CliRunner) -> None:
    result = runner.invoke(cli, ["up"], env={"QINGQIAO_PORT": "x"})
    assert result.exit_code == 1
    assert result.output.startswith("QINGQIAO_PORT 应为")


@pytest.mark.parametrize("name", ["web", "worker", "scheduler"])
def test_a_single_program_needs_the_addresses_of_its_servers(runner: CliRunner, name: str) -> None:
    result = runner.invoke(cli, [name])
    assert result.exit_code == 1
    assert "QINGQIAO_DATABASE_URL" in result.output


def test_an_unreachable_database_is_a_sentence(runner: CliRunner) -> None:
    result = runner.invoke(cli, ["migrate"], env={"QINGQIAO_DATABASE_URL": "postgresql://me:secret-word@127.0.0.1:1/x"})
    assert result.exit_code == 1
    assert result.output.startswith("连不上数据库")
    assert "secret-word" not in result.output


def test_demo_accounts_are_named_as_missing_when_there_are_none(runner: CliRunner) -> None:
    result = runner.invoke(cli, ["demo-accounts"])
    assert result.exit_code == 1
    assert "没有示例数据" in result.output


def test_the_doctor_says_what_is_wrong(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = qingqiao(
            "doctor",
            QINGQIAO_DATA=str(tmp_path / "data"),
            QINGQIAO_PORT=str(taken.getsockname()[1]),
            QINGQIAO_DATABASE_URL="postgresql://me@127.0.0.1:1/x",
            QINGQIAO_BROKER_URL="redis://127.0.0.1:1/0",
            QINGQIAO_SMTP_URL="smtp://127.0.0.1:1",
            QINGQIAO_MEILI_URL="http://127.0.0.1:1",
        )
    wrong = [line for line in said.stdout.splitlines() if line.startswith("✗")]
    assert len(wrong) == 6, said.stdout + said.stderr
    for word in ("连不上数据库", "任务队列", "会话缓存", "邮件服务器", "Meilisearch", "已被其他程序占用"):
        assert any(word in sentence for sentence in wrong), word
