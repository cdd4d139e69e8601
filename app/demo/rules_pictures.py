"""Pictures of the demo, drawn by code: rooms, offices, houses and skylines, every one different."""

import io
import math
from collections.abc import Callable, Mapping
from random import Random
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

from app.demo.rules import chance

WIDTH, HEIGHT = 960, 640
Colour = tuple[int, int, int]
_WALLS: Final[tuple[Colour, ...]] = (
    (236, 228, 214),
    (222, 233, 232),
    (240, 225, 222),
    (229, 232, 218),
    (224, 226, 238),
)
_WOODS: Final[tuple[Colour, ...]] = ((176, 132, 92), (198, 160, 118), (140, 104, 76), (120, 128, 132), (205, 184, 156))
_CLOTHS: Final[tuple[Colour, ...]] = ((74, 124, 140), (196, 112, 88), (98, 134, 92), (120, 104, 156), (212, 168, 76))
_SKIES: Final[tuple[tuple[Colour, Colour], ...]] = (
    ((126, 178, 216), (232, 240, 244)),
    ((246, 190, 150), (252, 232, 208)),
    ((96, 128, 176), (224, 206, 212)),
    ((150, 200, 198), (240, 244, 230)),
)


def draw(what: str, seed: str) -> bytes:
    """Return a JPEG of 960 x 640 pixels; `what` is room, office, building or skyline."""
    luck = chance("picture", what, seed)
    image = Image.new("RGB", (WIDTH, HEIGHT), luck.choice(_WALLS))
    _PAINTERS[what](image, luck)
    image = image.filter(ImageFilter.GaussianBlur(0.6))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=86)
    return out.getvalue()


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    return (
        round(one[0] + (other[0] - one[0]) * share),
        round(one[1] + (other[1] - one[1]) * share),
        round(one[2] + (other[2] - one[2]) * share),
    )


def _shade(colour: Colour, share: float) -> Colour:
    return _mixed(colour, (0, 0, 0) if share > 0 else (255, 255, 255), abs(share))


def _sky(pen: ImageDraw.ImageDraw, luck: Random, box: tuple[int, int, int, int]) -> None:
    top, bottom = luck.choice(_SKIES)
    left, upper, right, lower = box
    for y in range(upper, lower):
        pen.line((left, y, right, y), fill=_mixed(top, bottom, (y - upper) / max(1, lower - upper)))


def _window(pen: ImageDraw.ImageDraw, luck: Random, left: int, top: int, width: int, height: int) -> None:
    box = (left, top, left + width, top + height)
    _sky(pen, luck, box)
    for _ in range(luck.randint(3, 7)):
        x, tall = luck.randint(left, left + width - 30), luck.randint(height // 6, height // 2)
        pen.rectangle(
            (x, top + height - tall, min(x + luck.randint(18, 60), left + width), top + height), fill=_grey(luck)
        )
    pen.rectangle(box, outline=(250, 250, 248), width=10)
    pen.line((left + width // 2, top, left + width // 2, top + height), fill=(250, 250, 248), width=8)
    cloth = luck.choice(_CLOTHS)
    for side in (left - 34, left + width - 6):
        pen.rectangle((side, top - 20, side + 40, top + height + 40), fill=_shade(cloth, -0.25))
        for fold in range(side + 8, side + 40, 10):
            pen.line((fold, top - 20, fold, top + height + 40), fill=_shade(cloth, 0.08), width=2)


def _grey(luck: Random) -> Colour:
    tone = luck.randint(130, 200)
    return (tone, tone + 4, tone + 10)


def _floor(pen: ImageDraw.ImageDraw, luck: Random, horizon: int) -> None:
    wood = luck.choice(_WOODS)
    pen.rectangle((0, horizon, WIDTH, HEIGHT), fill=wood)
    middle = luck.randint(300, 660)
    for step in range(-20, 21):
        pen.line((middle + step * 24, horizon, middle + step * 90, HEIGHT), fill=_shade(wood, 0.12), width=2)
    pen.rectangle((0, horizon - 12, WIDTH, horizon), fill=_shade(wood, -0.45))


def _room(image: Image.Image, luck: Random) -> None:
    pen = ImageDraw.Draw(image)
    horizon = luck.randint(380, 440)
    _floor(pen, luck, horizon)
    window_left = luck.randint(80, 620)
    _window(pen, luck, window_left, luck.randint(70, 110), luck.randint(180, 260), luck.randint(180, 230))
    left, bottom = luck.choice(((40, 590), (430, 600))) if window_left > 350 else (430, 596)  # noqa: PLR2004 - bed and window stand apart
    cloth, wood = luck.choice(_CLOTHS), luck.choice(_WOODS)
    pen.rectangle((left, bottom - 230, left + 30, bottom), fill=wood)
    pen.rounded_rectangle((left + 20, bottom - 130, left + 470, bottom - 20), 24, fill=(244, 242, 236))
    pen.rounded_rectangle((left + 170, bottom - 134, left + 474, bottom - 16), 24, fill=cloth)
    for stripe in range(left + 200, left + 460, luck.choice((26, 38, 52))):
        pen.line((stripe, bottom - 130, stripe, bottom - 20), fill=_shade(cloth, -0.3), width=5)
    pen.rounded_rectangle((left + 40, bottom - 168, left + 160, bottom - 108), 18, fill=(255, 255, 252))
    _plant(pen, luck, luck.randint(20, 60) if left > 200 else 860, horizon + 60)  # noqa: PLR2004 - the free corner
    frame = luck.randint(60, 800)
    if abs(frame - window_left) > 240:  # noqa: PLR2004 - a picture needs wall
        pen.rectangle((frame, 110, frame + 90, 220), fill=_shade(luck.choice(_CLOTHS), -0.4), outline=wood, width=8)


def _plant(pen: ImageDraw.ImageDraw, luck: Random, x: int, y: int) -> None:
    pen.polygon(((x, y), (x + 60, y), (x + 50, y + 70), (x + 10, y + 70)), fill=(196, 132, 100))
    for _ in range(luck.randint(7, 13)):
        angle, reach = luck.uniform(-2.6, -0.5), luck.randint(50, 110)
        tip = (x + 30 + math.cos(angle) * reach, y + math.sin(angle) * reach)
        green = (60 + luck.randint(0, 50), 128 + luck.randint(0, 40), 84)
        pen.polygon(((x + 22, y), (x + 38, y), tip), fill=green)


def _office(image: Image.Image, luck: Random) -> None:
    pen = ImageDraw.Draw(image)
    horizon = luck.randint(360, 420)
    _floor(pen, luck, horizon)
    for left in range(luck.randint(40, 90), 860, luck.randint(250, 310)):
        _window(pen, luck, left, 80, luck.randint(150, 190), 200)
    wood = luck.choice(_WOODS)
    for place in range(luck.randint(30, 80), 800, luck.randint(280, 330)):
        pen.polygon(((place, 480), (place + 240, 480), (place + 270, 520), (place - 30, 520)), fill=wood)
        pen.rectangle((place - 20, 520, place - 4, 620), fill=_shade(wood, 0.3))
        pen.rectangle((place + 240, 520, place + 256, 620), fill=_shade(wood, 0.3))
        pen.rounded_rectangle((place + 60, 390, place + 180, 470), 6, fill=(52, 60, 70))
        pen.rectangle((place + 68, 398, place + 172, 462), fill=_shade(luck.choice(_CLOTHS), -0.5))
        pen.ellipse((place + 80, 540, place + 170, 590), fill=_shade(luck.choice(_CLOTHS), 0.1))
    _plant(pen, luck, luck.choice((10, 880)), horizon + 20)


def _building(image: Image.Image, luck: Random) -> None:
    pen = ImageDraw.Draw(image)
    _sky(pen, luck, (0, 0, WIDTH, 520))
    pen.rectangle((0, 520, WIDTH, HEIGHT), fill=(150, 176, 132))
    pen.polygon(((380, HEIGHT), (580, HEIGHT), (510, 520), (450, 520)), fill=(206, 202, 192))
    left = luck.randint(40, 120)
    for _ in range(luck.randint(2, 3)):
        width, height = luck.randint(190, 300), luck.randint(260, 450)
        wall, glass = luck.choice(_WALLS), luck.choice(((90, 130, 150), (110, 140, 136), (84, 104, 128)))
        pen.rectangle((left, 520 - height, left + width, 520), fill=_shade(wall, luck.uniform(0.0, 0.2)))
        column, row = luck.randint(36, 56), luck.randint(40, 58)
        for x in range(left + 16, left + width - 24, column):
            for y in range(540 - height, 490, row):
                lit = luck.random() < 0.18  # noqa: PLR2004 - some lamps are on
                pen.rectangle((x, y, x + column // 2, y + row // 2), fill=(250, 222, 150) if lit else glass)
        pen.rectangle((left - 8, 512 - height, left + width + 8, 524 - height), fill=_shade(wall, 0.3))
        left += width + luck.randint(16, 60)
    for _ in range(luck.randint(5, 9)):
        x, size = luck.randint(0, WIDTH), luck.randint(30, 64)
        pen.rectangle((x - 4, 520 - size // 2, x + 4, 540), fill=(120, 92, 68))
        pen.ellipse((x - size, 500 - size * 2, x + size, 510), fill=(70 + luck.randint(0, 40), 130, 84))


def _skyline(image: Image.Image, luck: Random) -> None:
    pen = ImageDraw.Draw(image)
    _sky(pen, luck, (0, 0, WIDTH, HEIGHT))
    sun = (luck.randint(120, 840), luck.randint(90, 240))
    pen.ellipse((sun[0] - 46, sun[1] - 46, sun[0] + 46, sun[1] + 46), fill=(255, 240, 208))
    for layer, tone in enumerate((188, 150, 112)):
        x = -luck.randint(0, 60)
        while x < WIDTH:
            width, height = luck.randint(40, 110), luck.randint(110, 330) - layer * 24
            colour = (tone - 20, tone, tone + 14)
            pen.rectangle((x, 500 - height, x + width, 520), fill=colour)
            if luck.random() < 0.2:  # noqa: PLR2004 - a tower now and then
                pen.polygon(((x, 500 - height), (x + width, 500 - height), (x + width // 2, 430 - height)), fill=colour)
            x += width + luck.randint(0, 14)
    pen.rectangle((0, 500, WIDTH, HEIGHT), fill=(126, 160, 176))
    for _ in range(luck.randint(30, 60)):
        x, y = luck.randint(0, WIDTH), luck.randint(510, HEIGHT)
        pen.line((x, y, x + luck.randint(20, 120), y), fill=(170, 196, 206), width=2)


_PAINTERS: Final[Mapping[str, Callable[[Image.Image, Random], None]]] = {
    "room": _room,
    "office": _office,
    "building": _building,
    "skyline": _skyline,
}
