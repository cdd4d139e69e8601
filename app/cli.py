"""The command line `qingqiao`: a table of commands, each loaded only when it is used."""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass

import click

from app.kit.assets import AssetError
from app.kit.errors import Refusal
from app.kit.stack.errors import StackError
from app.settings import SettingError


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a command lives, and its line in the list of commands."""

    module: str
    function: str
    line: str


COMMANDS = {
    "up": Entry("app.cli_run", "up", "启动整套服务，Ctrl-C 停止。 Start everything."),
    "demo": Entry("app.cli_run", "demo", "启动并填入广东示例数据。 Start everything with demo data."),
    "demo-accounts": Entry("app.cli_run", "demo_accounts", "列出示例账号。 Show the demo accounts."),
    "seed-demo": Entry("app.cli_demo", "seed_demo", "只填入示例数据。 Fill in the demo data alone."),
    "web": Entry("app.cli_run", "web", "只启动网页服务。 Run the web server alone."),
    "worker": Entry("app.cli_run", "worker", "只启动后台任务。 Run the job workers alone."),
    "scheduler": Entry("app.cli_run", "scheduler", "只启动定时任务。 Run the timetable alone."),
    "admin-link": Entry("app.cli_admin", "admin_link", "创建首位管理员的链接。 Link for the first administrator."),
    "migrate": Entry("app.cli_data", "migrate", "升级数据库结构。 Bring the database up to date."),
    "backup": Entry("app.cli_data", "backup", "备份数据库、文件和密钥。 Write a backup."),
    "restore": Entry("app.cli_data", "restore", "从备份恢复。 Restore a backup."),
    "import": Entry("app.cli_import", "import_", "核对或导入 Excel 表格。 Judge or import a workbook."),
    "bench": Entry("app.cli_bench", "bench", "测量从审核通过到推荐的时间。 Measure approval to proposals."),
    "match": Entry("app.cli_match", "match", "求解匹配问题。 Solve matching problems."),
    "search": Entry("app.cli_search", "search", "重建、核对和评测搜索索引。 Rebuild and judge the search index."),
    "doctor": Entry("app.cli_doctor", "doctor", "检查安装和连接。 Check the installation."),
    "assets": Entry("app.cli_assets", "assets", "生成网页样式、脚本和图标。 Build styles, scripts and icons."),
}


class Failure(click.ClickException):
    """A failure that was foreseen: its sentences are printed, without a traceback, and the exit code is 1."""

    def show(self, file: object = None) -> None:
        """Print the sentences to standard error."""
        del file
        click.echo(self.message, err=True)


class CommandTable(click.Group):
    """A group that imports a command's module when the command is called, so that `--help` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command; the one place where the command line imports late."""
        del ctx
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        command = getattr(importlib.import_module(entry.module), entry.function)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.line) for name, entry in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; turn every foreseen failure into its sentences."""
        try:
            return super().invoke(ctx)
        except (StackError, SettingError, AssetError) as error:
            raise Failure(f"{error.chinese}\n{error.english}") from error
        except Refusal as refusal:
            raise Failure(f"{refusal.said}{refusal.next}") from refusal


@click.group(cls=CommandTable, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Run 青桥 Qingqiao.

    设置写在以 QINGQIAO_ 开头的环境变量里，见 docs/settings.md。

    Settings are environment variables that begin with QINGQIAO_.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    cli.main(args=list(arguments) if arguments is not None else None, prog_name="qingqiao")


if __name__ == "__main__":
    main()
