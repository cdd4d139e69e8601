"""Asking a virus scanner about what somebody uploaded, before anything else looks at it."""

import asyncio
import struct
from typing import ClassVar, Final
from urllib.parse import urlsplit

from app.kit.errors import Refusal

_CHUNK: Final = 64 * 1024
_SECONDS: Final = 20.0
_PORT: Final = 3310


class ScanRefused(Refusal):
    """A scanner is configured, and it has found something or does not answer."""

    status: ClassVar[int] = 422
    code: ClassVar[str] = "scan_refused"
    sentence: ClassVar[str] = "病毒扫描没有通过，文件没有保存。"
    next_step: ClassVar[str] = "请在自己的电脑上查杀病毒，或换一份文件。"


async def scan_upload(data: bytes, clamd_url: str, *, what: str = "文件", field: str = "") -> None:
    """Ask a ClamAV daemon (tcp://host:port or unix:///path) about some bytes; refuse what it finds, or its silence.

    Nothing is asked when no daemon is configured (an empty address).
    """
    if not clamd_url:
        return
    try:
        answer = await _ask(data, clamd_url)
    except (OSError, TimeoutError, asyncio.IncompleteReadError) as problem:
        raise ScanRefused(f"病毒扫描暂时不可用，{what}没有保存。", next_step="请稍后再试。", field=field) from problem
    if not answer.rstrip(b"\0").endswith(b"OK"):
        raise ScanRefused(f"病毒扫描没有通过，{what}没有保存。", field=field)


async def _ask(data: bytes, clamd_url: str) -> bytes:
    parts = urlsplit(clamd_url)
    async with asyncio.timeout(_SECONDS):
        reader, writer = await (
            asyncio.open_unix_connection(parts.path)
            if parts.scheme == "unix"
            else asyncio.open_connection(parts.hostname, parts.port or _PORT)
        )
        try:
            writer.write(b"zINSTREAM\0")
            for start in range(0, len(data), _CHUNK):
                chunk = data[start : start + _CHUNK]
                writer.write(struct.pack("!I", len(chunk)) + chunk)
            writer.write(struct.pack("!I", 0))
            await writer.drain()
            return await reader.readuntil(b"\0")
        finally:
            writer.close()
