"""The words of a question one by one: cut, with longer synonyms kept together and empty words left out."""

from typing import Final, NamedTuple

from search.pipeline import Pipeline
from search.text import layouts, pieces

LONGEST_QUESTION: Final = 64
MOST_UNITS: Final = 10
_LONGEST_KEY: Final = 6


class Unit(NamedTuple):
    """One thing asked for: its text as folded, its script, and whether it is the last word as typed so far."""

    text: str
    script: str
    start: int
    end: int
    key: bool = False
    singles: tuple[str, ...] = ()


class Cutter:
    """Cuts questions; knows which phrases have synonyms."""

    def __init__(self, pipeline: Pipeline, keys: frozenset[str]) -> None:
        self._pipeline = pipeline
        self._keys = keys

    def cut(self, text: str) -> list[Unit]:
        """Return at most ten units of a folded text, without words that carry no wish unless there are no others."""
        atoms = self._atoms(text[:LONGEST_QUESTION])
        units = self._joined(atoms)
        stop = self._pipeline.vocabulary.stop
        kept = [unit for unit in units if unit.text not in stop]
        return _runs_joined(kept or units)[:MOST_UNITS]

    def _atoms(self, text: str) -> list[Unit]:
        atoms: list[Unit] = []
        for piece in pieces(text):
            if piece.script != "han":
                atoms.append(Unit(piece.text, piece.script, piece.start, piece.start + len(piece.text)))
                continue
            at = piece.start
            for word in self._pipeline.segmenter.cut(piece.text):
                atoms.append(Unit(word, "han", at, at + len(word)))
                at += len(word)
        return atoms

    def _joined(self, atoms: list[Unit]) -> list[Unit]:
        """Join neighbouring atoms that together have synonyms, the longest first."""
        units: list[Unit] = []
        at = 0
        while at < len(atoms):
            taken = 1
            for count in range(min(_LONGEST_KEY, len(atoms) - at), 0, -1):
                text = "".join(atom.text for atom in atoms[at : at + count])
                if text in self._keys:
                    last = atoms[at + count - 1]
                    units.append(Unit(text, "key", atoms[at].start, last.end, key=True))
                    taken = count
                    break
            else:
                units.append(self._layout(atoms, at) or atoms[at])
                taken = max(1, sum(1 for atom in atoms[at:] if atom.start < units[-1].end))
            at += taken
        return units

    def _layout(self, atoms: list[Unit], at: int) -> Unit | None:
        """Return a layout of rooms that the dictionary cut apart, such as 2 | 室 | 1 | 厅."""
        for count in range(min(4, len(atoms) - at), 0, -1):
            text = "".join(atom.text for atom in atoms[at : at + count])
            if len(text) == 4 and layouts(text):  # noqa: PLR2004 - rooms and halls
                return Unit(text, "han", atoms[at].start, atoms[at + count - 1].end)
        return None


def _runs_joined(units: list[Unit]) -> list[Unit]:
    """Make one unit of neighbouring single characters the dictionary has no word for."""
    joined: list[Unit] = []
    for unit in units:
        last = joined[-1] if joined else None
        single = unit.script == "han" and len(unit.text) == 1
        if single and last is not None and last.singles and last.end == unit.start:
            joined[-1] = Unit(last.text + unit.text, "han", last.start, unit.end, singles=(*last.singles, unit.text))
        elif single:
            joined.append(unit._replace(singles=(unit.text,)))
        else:
            joined.append(unit)
    return joined
