"""Uploaded pictures: what is taken, what is refused, and what is left of them."""

import asyncio
import io
import struct
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image, ImageDraw, ImageOps

from app.kit import images
from app.kit.ids import new_id
from app.kit.images import PictureRefused, arrange, difference_hash, pictures_of, prepare, recognise, scan, store

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def drawing(width: int = 640, height: int = 480, seed: int = 1) -> Image.Image:
    image = Image.new("RGB", (width, height), (230, 220, 205))
    pen = ImageDraw.Draw(image)
    for number in range(12):
        x, y = (number * 97 * seed) % width, (number * 61 * seed) % height
        pen.rectangle((x, y, x + 90, y + 60), fill=((number * 40) % 255, (number * 90 * seed) % 255, 120))
    return image


def encoded(image: Image.Image, format_name: str = "JPEG", **more: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format_name, **more)
    return out.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack("!I", len(body)) + name + body + struct.pack("!I", zlib.crc32(name + body))

    header = struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP"])
def test_ordinary_photos_are_drawn_anew_in_three_sizes(format_name: str) -> None:
    picture = prepare(encoded(drawing(2000, 1500), format_name))
    sizes = {size: Image.open(io.BytesIO(data)).size for size, data in picture.versions.items()}
    assert sizes == {320: (320, 240), 960: (960, 720), 1600: (1600, 1200)}
    assert all(Image.open(io.BytesIO(data)).format == "WEBP" for data in picture.versions.values())


def test_a_photo_of_an_iphone_is_read() -> None:
    out = io.BytesIO()
    pillow_heif.from_pillow(drawing()).save(out)
    assert recognise(out.getvalue()) == "HEIF"
    assert prepare(out.getvalue()).width == 640


def test_small_photos_are_not_enlarged() -> None:
    picture = prepare(encoded(drawing(200, 100)))
    assert Image.open(io.BytesIO(picture.versions[1600])).size == (200, 100)


def test_place_and_device_are_gone_and_the_picture_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "示例手机"
    exif.get_ifd(0x8825)[2] = (23.0, 1.0, 2.0)
    picture = prepare(encoded(drawing(800, 400), exif=exif))
    shown = Image.open(io.BytesIO(picture.versions[960]))
    assert (picture.width, picture.height) == (400, 800)
    assert shown.size == (400, 800)
    assert len(shown.getexif()) == 0
    assert "示例手机".encode() not in picture.versions[1600]


def test_a_transparent_picture_gets_a_white_ground() -> None:
    picture = prepare(encoded(Image.new("RGBA", (100, 100), (0, 0, 0, 0)), "PNG"))
    assert Image.open(io.BytesIO(picture.versions[320])).convert("RGB").getpixel((50, 50)) == (255, 255, 255)


PHOTO = encoded(drawing())
ATTACKS = {
    "svg": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', "SVG"),
    "html": (b"<!DOCTYPE html><html><body>hi</body></html>", "网页"),
    "pdf": (b"%PDF-1.7\n1 0 obj", "PDF"),
    "exe": (b"MZ\x90\x00" + b"\0" * 600, "程序"),
    "elf": (b"\x7fELF\x02\x01" + b"\0" * 600, "程序"),
    "zip": (b"PK\x03\x04" + b"\0" * 600, "压缩包"),
    "gif": (b"GIF89a" + b"\0" * 600, "GIF"),
    "text": ("你好，这不是照片。".encode(), "认不出"),
    "empty": (b"", "空"),
    "html at the end of a photo": (PHOTO + b"<html><script>alert(1)</script>", "夹带"),
    "php in a photo's comment": (encoded(drawing(), comment=b"<?php system($_GET[0]);"), "夹带"),
    "pdf behind a photo": (PHOTO + b"\n%PDF-1.4", "夹带"),
    "archive behind a photo": (PHOTO + b"PK\x03\x04" + b"\0" * 40 + b"PK\x05\x06" + b"\0" * 18, "夹带"),
    "cut off": (PHOTO[: len(PHOTO) // 2], "损坏"),
    "bomb of 30,000 x 30,000": (png_that_claims(30_000, 30_000), "安全"),
    "more pixels than we take": (png_that_claims(9_000, 9_000), "像素太多"),
    "speck": (encoded(drawing(20, 20)), "太小"),
    "over 15 MB": (PHOTO + b"\0" * (15 * 1024 * 1024), "15 MB"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_what_is_not_plainly_one_photo_is_refused_with_a_sentence(name: str) -> None:
    data, word = ATTACKS[name]
    with pytest.raises(PictureRefused) as refused:
        prepare(data)
    assert word in refused.value.said
    assert refused.value.status == 422


def test_the_same_room_has_nearly_the_same_hash_and_another_room_has_not() -> None:
    room, other = drawing(), drawing(seed=7)
    again = Image.open(io.BytesIO(encoded(room.resize((320, 240)), quality=40)))
    apart = (int(difference_hash(room), 16) ^ int(difference_hash(again), 16)).bit_count()
    far = (int(difference_hash(room), 16) ^ int(difference_hash(ImageOps.mirror(other)), 16)).bit_count()
    assert apart <= 4
    assert far > 10
    assert len(difference_hash(room)) == 16


def test_a_qualification_file_carries_its_purpose_all_over() -> None:
    plain = Image.new("RGB", (900, 600), "white")
    shown = Image.open(io.BytesIO(images.watermarked(encoded(plain)))).convert("RGB")
    for box in ((0, 0, 450, 300), (450, 0, 900, 300), (0, 300, 450, 600), (450, 300, 900, 600)):
        assert len(shown.crop(box).getcolors(1_000_000) or ()) > 10


def sizes_kept(folder: Path) -> list[str]:
    return sorted(path.name.rsplit("-")[1] for path in folder.rglob("*.webp"))


async def test_stored_pictures_keep_their_order_and_the_same_one_is_kept_once(db: str, tmp_path: Path) -> None:
    assert db
    offer = new_id()
    one = await store(PHOTO, object_type="offer", object_id=offer, folder=tmp_path, now=NOW, name="../../房间.jpg")
    two = await store(
        encoded(drawing(seed=5)), object_type="offer", object_id=offer, folder=tmp_path, now=NOW, name="b.jpg"
    )
    again = await store(PHOTO, object_type="offer", object_id=offer, folder=tmp_path, now=NOW)
    assert again.id == one.id
    assert one.name == "房间.jpg"
    assert one.address(320) == f"/files/{one.id}/320.webp"
    await arrange("offer", offer, [two.id, one.id], [])
    assert [picture.id for picture in (await pictures_of("offer", [offer]))[offer]] == [two.id, one.id]
    await arrange("offer", offer, [], [two.id, new_id()])
    assert [picture.id for picture in (await pictures_of("offer", [offer]))[offer]] == [one.id]
    assert sizes_kept(tmp_path) == ["1600.webp", "1600.webp", "320.webp", "320.webp", "960.webp", "960.webp"]


async def scanner(answer: bytes) -> tuple[asyncio.Server, str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\0")
        while size := struct.unpack("!I", await reader.readexactly(4))[0]:
            await reader.readexactly(size)
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    return server, f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_a_virus_scanner_is_asked_when_there_is_one() -> None:
    server, url = await scanner(b"stream: OK\0")
    async with server:
        await scan(PHOTO, url)
    server, url = await scanner(b"stream: Eicar-Signature FOUND\0")
    async with server:
        with pytest.raises(PictureRefused, match="没有通过"):
            await scan(PHOTO, url)


async def test_a_scanner_that_does_not_answer_lets_nothing_through() -> None:
    with pytest.raises(PictureRefused, match="暂时不可用"):
        await scan(PHOTO, "unix:///nowhere/clamd.sock")
