"""Pictures people upload: recognised by content, drawn anew as WebP without metadata, kept by their hash.

Nothing of the uploaded bytes is stored. What is not plainly one picture (SVG, HTML, PDF, programs, two formats in one
file, decompression bombs) is refused with a sentence.
"""

import asyncio
import hashlib
import io
import os
import struct
import tempfile
import warnings
from collections.abc import Sequence
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import ClassVar, Final
from uuid import UUID

import filetype
import msgspec
from PIL import Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError
from pillow_heif import register_heif_opener

from app.kit.db import DB
from app.kit.errors import Refusal
from app.kit.ids import new_id
from app.kit.scanning import ScanRefused, scan_upload
from app.kit.tables import StoredFile

SIZES: Final = (320, 960, 1600)
"""Longest side of the stored versions in pixels; a small picture is never enlarged."""

MOST_BYTES: Final = 15 * 1024 * 1024
MOST_PIXELS: Final = 60_000_000
LEAST_SIDE: Final = 64
WATERMARK: Final = "仅供12355审核使用"
_FORMATS: Final = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/heic": "HEIF",
    "image/heif": "HEIF",
}
_NOT_PICTURES: Final = {
    b"%PDF-": "PDF 文件",
    b"MZ": "程序文件",
    b"\x7fELF": "程序文件",
    b"PK\x03\x04": "压缩包或 Office 文件",
    b"Rar!": "压缩包",
    b"GIF8": "GIF 动图",
}
_FOREIGN: Final = (b"<script", b"<html", b"<!doctype", b"<svg", b"<?php", b"%pdf-", b"<iframe")
_ZIP_END: Final = b"PK\x05\x06"

register_heif_opener()
warnings.simplefilter("error", Image.DecompressionBombWarning)


class PictureRefused(Refusal):
    """The upload is not a picture we take."""

    status: ClassVar[int] = 422
    code: ClassVar[str] = "picture_refused"
    sentence: ClassVar[str] = "这个文件不能作为照片上传。"
    next_step: ClassVar[str] = "请换一张 JPG、PNG、WebP 或手机直接拍的照片。"


class Picture(msgspec.Struct, frozen=True):
    """A picture ready to be stored: WebP bytes by size, the hash of the largest, a perceptual hash, width, height."""

    versions: dict[int, bytes]
    sha256: str
    phash: str
    width: int
    height: int


class StoredPicture(msgspec.Struct, frozen=True):
    """A stored picture of something; its address is `/files/<id>/<size>.webp`."""

    id: UUID
    position: int
    width: int
    height: int
    phash: str
    name: str = ""

    def address(self, size: int = 960) -> str:
        """Return where a browser finds one of its sizes."""
        return f"/files/{self.id}/{size}.webp"


def recognise(data: bytes) -> str:
    """Return the Pillow format of a picture, or refuse; the file's name and declared type do not count."""
    if not data:
        raise PictureRefused("这个文件是空的。")
    if len(data) > MOST_BYTES:
        raise PictureRefused(f"照片不能超过 15 MB，这一张有 {len(data) / 1024 / 1024:.0f} MB。请压缩后再上传。")
    for start, what in _NOT_PICTURES.items():
        if data.startswith(start):
            raise PictureRefused(f"这是{what}，不是照片。")
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"<"):
        raise PictureRefused("这是网页或 SVG 文件，不是照片。")
    kind = filetype.guess(data)
    format_name = _FORMATS.get(kind.mime if kind else "", "")
    if not format_name:
        raise PictureRefused("认不出这是什么照片格式。")
    lowered = data.lower()
    if any(mark in lowered for mark in _FOREIGN) or (_ZIP_END in data[-66_000:] and b"PK\x03\x04" in data):
        raise PictureRefused("照片里夹带了别的文件或代码，为了安全没有接收。")
    return format_name


def prepare(data: bytes) -> Picture:
    """Decode an upload and draw it anew in every size, upright and without metadata. Takes time: run in a thread."""
    image = _opened(data, recognise(data))
    versions = {size: _webp(image, size) for size in SIZES}
    return Picture(
        versions=versions,
        sha256=hashlib.sha256(versions[SIZES[-1]]).hexdigest(),
        phash=difference_hash(image),
        width=image.width,
        height=image.height,
    )


def _opened(data: bytes, format_name: str) -> Image.Image:
    try:
        with Image.open(io.BytesIO(data), formats=(format_name,)) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise PictureRefused("照片的像素太多，为了安全没有接收。请缩小后再上传。")
            if min(opened.size) < LEAST_SIDE:
                raise PictureRefused(f"照片太小，看不清。每边至少要有 {LEAST_SIDE} 个像素。")
            opened.load()
            upright = ImageOps.exif_transpose(opened)
            if upright.mode in {"RGBA", "LA", "P", "PA"}:
                white = Image.new("RGB", upright.size, "white")
                layer = upright.convert("RGBA")
                white.paste(layer, mask=layer.getchannel("A"))
                return white
            return upright.convert("RGB")
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as problem:
        raise PictureRefused("照片展开后大得不正常，为了安全没有接收。") from problem
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, struct.error) as problem:
        raise PictureRefused("照片打不开，可能没有传完整或已经损坏。") from problem


def _webp(image: Image.Image, longest: int) -> bytes:
    drawn = image.copy()
    drawn.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    drawn.save(out, "WEBP", quality=82, method=4)
    return out.getvalue()


def difference_hash(image: Image.Image) -> str:
    """Return 64 bits as 16 hex digits: for each cell of an 8 x 8 grid, whether it is darker than its right neighbour.

    Recompression, scaling and slight colour changes alter only a few bits; two different rooms differ in many.
    """
    grey = image.convert("L").resize((9, 8), Image.Resampling.LANCZOS)
    pixels = grey.tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            left, right = pixels[row * 9 + column], pixels[row * 9 + column + 1]
            bits = bits << 1 | (left < right)
    return f"{bits:016x}"


def watermarked(data: bytes, text: str = WATERMARK) -> bytes:
    """Return a qualification file as WebP with the text drawn across it many times, so that a copy serves no one."""
    image = _opened(data, recognise(data))
    image.thumbnail((SIZES[-1], SIZES[-1]), Image.Resampling.LANCZOS)
    size = max(16, image.width // 28)
    path = files("justmytype_intl_cjk").joinpath("fonts", "ofl", "notosanssc", "NotoSansSC[wght].ttf")
    font = ImageFont.truetype(str(path), size)
    layer = Image.new("RGBA", (image.width * 2, image.height * 2), (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    step_x, step_y = int(size * (len(text) + 3)), size * 5
    for row, y in enumerate(range(0, layer.height, step_y)):
        for x in range(-(row % 2) * step_x // 2, layer.width, step_x):
            pen.text((x, y), text, font=font, fill=(200, 16, 46, 110), stroke_width=1, stroke_fill=(255, 255, 255, 90))
    turned = layer.rotate(24, resample=Image.Resampling.BICUBIC)
    left, top = (turned.width - image.width) // 2, (turned.height - image.height) // 2
    shown = turned.crop((left, top, left + image.width, top + image.height))
    out = io.BytesIO()
    Image.alpha_composite(image.convert("RGBA"), shown).convert("RGB").save(out, "WEBP", quality=85)
    return out.getvalue()


async def store(
    data: bytes, *, object_type: str, object_id: UUID, folder: Path, now: datetime, name: str = "", clamd_url: str = ""
) -> StoredPicture:
    """Check, draw anew and keep one picture of something; the same picture twice is kept once."""
    await scan(data, clamd_url)
    picture = await asyncio.to_thread(prepare, data)
    async with DB.transaction():
        known = await pictures_of(object_type, [object_id])
        position = 1 + max((picture.position for picture in known.get(object_id, ())), default=-1)
        found = await DB.value(
            "SELECT id FROM stored_file WHERE object_type = $1 AND object_id = $2 AND sha256 = $3",
            object_type,
            object_id,
            picture.sha256,
        )
        if found:
            return next(kept for kept in known[object_id] if kept.id == found)
        await asyncio.to_thread(_write, picture, folder)
        file_id = new_id()
        await StoredFile(
            id=file_id,
            object_type=object_type,
            object_id=object_id,
            kind="photo",
            name=Path(name).name[-120:],
            media_type="image/webp",
            size=sum(len(version) for version in picture.versions.values()),
            width=picture.width,
            height=picture.height,
            sha256=picture.sha256,
            phash=picture.phash,
            position=position,
            created_at=now,
            updated_at=now,
        ).save()
    return StoredPicture(file_id, position, picture.width, picture.height, picture.phash, Path(name).name[-120:])


def _write(picture: Picture, folder: Path) -> None:
    for size, content in picture.versions.items():
        path = path_of(folder, picture.sha256, size)
        if path.exists():
            continue
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, waiting = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as out:
            out.write(content)
        Path(waiting).replace(path)


def path_of(folder: Path, sha256: str, size: int) -> Path:
    """Return where one size of a stored picture lies."""
    return folder / sha256[:2] / f"{sha256}-{size}.webp"


async def pictures_of(object_type: str, object_ids: Sequence[UUID]) -> dict[UUID, tuple[StoredPicture, ...]]:
    """Return the pictures of many things, each in its order, in one statement."""
    rows = await DB.rows(
        """
        SELECT id, object_id, position, width, height, phash, name FROM stored_file
        WHERE object_type = $1 AND object_id = ANY($2::uuid[]) AND kind = 'photo' ORDER BY object_id, position, id
        """,
        object_type,
        list(object_ids),
    )
    found: dict[UUID, tuple[StoredPicture, ...]] = {}
    for row in rows:
        object_id = row.pop("object_id")
        found[object_id] = (*found.get(object_id, ()), StoredPicture(**row))
    return found


async def arrange(object_type: str, object_id: UUID, order: Sequence[UUID], removed: Sequence[UUID]) -> None:
    """Put the pictures of something into a new order and drop some; ids that are not its own change nothing."""
    await DB.rows(
        "DELETE FROM stored_file WHERE object_type = $1 AND object_id = $2 AND id = ANY($3::uuid[])",
        object_type,
        object_id,
        list(removed),
    )
    await DB.rows(
        """
        UPDATE stored_file SET position = array_position($3::uuid[], id) - 1
        WHERE object_type = $1 AND object_id = $2 AND id = ANY($3::uuid[])
        """,
        object_type,
        object_id,
        list(order),
    )


async def scan(data: bytes, clamd_url: str) -> None:
    """Ask the virus scanner about a picture; what it finds, or its silence, refuses the picture."""
    try:
        await scan_upload(data, clamd_url, what="照片")
    except ScanRefused as problem:
        raise PictureRefused(problem.said, next_step=problem.next) from problem
