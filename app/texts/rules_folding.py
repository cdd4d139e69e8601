"""Bring text into one comparable form and remember where each character stood in the original."""

import re
import unicodedata

import msgspec

_CHINESE = re.compile(r"[㐀-䶿一-鿿]")
_SEPARATORS = frozenset("*·•・_-~.|/\\+^#`'\"")
_TRADITIONAL = str.maketrans(
    "殺樓遺書結輕燒農藥沒無強姦騷擾媽師傷殘撐們嘗劃體臉東廣學門頭號電話點難過為還這個來說見長開關氣嚇熱無愛帥機鎖黨記線預訓課價師闆親兒壓實習廳與從讓後養領導發藏編裸傳",
    "杀楼遗书结轻烧农药没无强奸骚扰妈师伤残撑们尝划体脸东广学门头号电话点难过为还这个来说见长开关气吓热无爱帅机锁党记线预训课价师板亲儿压实习厅与从让后养领导发藏编裸传",
)


class Folded(msgspec.Struct, frozen=True):
    """Folded text, and for each of its characters the place of its origin in the text as written."""

    text: str
    places: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Half-open span in the original for a non-empty half-open span of the folded text."""
        return self.places[start], self.places[end - 1] + 1

    def without(self, character: str) -> "Folded":
        """Leave out every occurrence of one character."""
        kept = [(c, place) for c, place in zip(self.text, self.places, strict=True) if c != character]
        return Folded("".join(c for c, _ in kept), tuple(place for _, place in kept))

    def veiled(self, pattern: re.Pattern[str]) -> "Folded":
        """Cover each match of the pattern, one placeholder per character."""
        return Folded(pattern.sub(lambda match: "□" * len(match[0]), self.text), self.places)


def fold_width(text: str) -> Folded:
    """Unify width and case and drop invisible characters; line breaks and single spaces stay."""
    characters: list[str] = []
    places: list[int] = []
    for place, written in enumerate(text):
        if written in "\r\n\u2028\u2029":
            characters.append("\n")
            places.append(place)
            continue
        for character in unicodedata.normalize("NFKC", written).lower():
            if unicodedata.category(character) in {"Cf", "Mn"}:
                continue
            characters.append(" " if character.isspace() else character)
            places.append(place)
    return Folded("".join(characters), tuple(places))


def fold(text: str) -> Folded:
    """Fold hard: also drop spaces and separators between Chinese characters, and simplify characters."""
    loose = fold_width(text).without(" ")
    kept: list[int] = []
    waiting: list[int] = []
    for index, character in enumerate(loose.text):
        if _is_separator(character):
            waiting.append(index)
            continue
        if not (kept and _CHINESE.match(loose.text[kept[-1]]) and _CHINESE.match(character)):
            kept.extend(waiting)
        waiting.clear()
        kept.append(index)
    kept.extend(waiting)
    characters = "".join(loose.text[index] for index in kept)
    return Folded(characters.translate(_TRADITIONAL), tuple(loose.places[index] for index in kept))


def replace(folded: Folded, pattern: re.Pattern[str], replacement: str) -> Folded:
    """Put a spelled-out word in place of each match; its characters point at the ends of what was written."""
    characters: list[str] = []
    places: list[int] = []
    done = 0
    for match in pattern.finditer(folded.text):
        characters.append(folded.text[done : match.start()] + replacement)
        places.extend(folded.places[done : match.start()])
        first, last = folded.places[match.start()], folded.places[match.end() - 1]
        places.extend([first] * (len(replacement) - 1) + [last])
        done = match.end()
    characters.append(folded.text[done:])
    places.extend(folded.places[done:])
    return Folded("".join(characters), tuple(places))


def _is_separator(character: str) -> bool:
    return character in _SEPARATORS or unicodedata.category(character) in {"So", "Sk"}
