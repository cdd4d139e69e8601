"""Backup and restore: one tar file with the dump of the database, the uploaded files and the secret key."""

import io
import os
import tarfile
from pathlib import Path

from app.kit.stack.child import Command
from app.kit.stack.datadir import SECRET, DataDirectory
from app.kit.stack.errors import BackupBrokenError
from app.kit.stack.postgres import connection_env, program
from app.kit.stack.servers import PlainHost, run_to_end
from app.settings import Settings

_DUMP = "database.dump"
_FILES = "files"


def write_backup(home: DataDirectory, settings: Settings, url: str, target: Path) -> None:
    """Write the backup; ``target`` appears only when it is complete, readable by its owner alone."""
    dump = home.write_private(_DUMP, "")
    draft = target.with_name(f".{target.name}-{os.getpid()}")
    try:
        _run(home, url, ["pg_dump", "--format=custom", "--no-owner", f"--file={dump}"])
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file, tarfile.open(fileobj=file, mode="w") as archive:
            archive.add(dump, _DUMP)
            key = (settings.secret_key or home.secret(SECRET)).encode()
            entry = tarfile.TarInfo(SECRET)
            entry.size, entry.mode = len(key), 0o600
            archive.addfile(entry, io.BytesIO(key))
            if settings.files.is_dir():
                archive.add(settings.files, _FILES)
        draft.replace(target)
    finally:
        dump.unlink(missing_ok=True)
        draft.unlink(missing_ok=True)


def read_backup(home: DataDirectory, settings: Settings, url: str, source: Path) -> None:
    """Replace database, files and key by those of the backup; the database changes wholly or not at all."""
    dump = home.folder / _DUMP
    try:
        with tarfile.open(source) as archive:
            names = set(archive.getnames())
            if not {_DUMP, SECRET} <= names:
                raise BackupBrokenError(source)
            archive.extract(_DUMP, home.folder, filter="data")
            dump.chmod(0o600)
            database = connection_env(url)["PGDATABASE"]
            options = ["--clean", "--if-exists", "--no-owner", "--single-transaction", f"--dbname={database}"]
            _run(home, url, ["pg_restore", *options, str(dump)])
            key = archive.extractfile(SECRET)
            if key is not None and not settings.secret_key:
                home.write_private(SECRET, key.read().decode("ascii") + "\n")
            for member in archive.getmembers():
                if member.name.startswith(f"{_FILES}/"):
                    member.name = member.name.removeprefix(f"{_FILES}/")
                    archive.extract(member, settings.files, filter="data")
    except tarfile.TarError as error:
        raise BackupBrokenError(source) from error
    finally:
        dump.unlink(missing_ok=True)


def _run(home: DataDirectory, url: str, arguments: list[str]) -> None:
    name, *rest = arguments
    log = home.logs / "backup.log"
    run_to_end(PlainHost(), Command(name=name, argv=[str(program(name)), *rest], log=log, env=connection_env(url)))
