"""Building a lexicon from documents: a job of the worker, which alone loads the readings of characters."""

from collections.abc import Iterable

from search.documents import Document
from search.lexicon import Lexicon, LexiconData, Tally, Term
from search.pinyin import readings, syllables
from search.pipeline import LONGEST_TAG, Lexemes, Pipeline


class LexiconBuilder:
    """Gathers a lexicon while documents go by."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._tally = Tally()

    def add(self, document: Document, lexemes: Lexemes | None = None) -> None:
        """Count one document."""
        known = lexemes or self._pipeline.lexemes(document)
        tags = [tag for tag in map(self._pipeline.fold, document.tags) if 1 < len(tag) <= LONGEST_TAG]
        place = [self._pipeline.fold(word) for word in document.place]
        self._tally.add(known.anywhere, known.title, tags, place)

    def data(self) -> LexiconData:
        """Return what was gathered, with synonyms weighed by what they lead to and with readings."""
        self._weigh_synonyms()
        terms = tuple(Term(text, df, weight, syllables(text)) for text, df, weight in sorted(self._tally.terms()))
        characters = {character for term in terms for character in term.text}
        return LexiconData(self._tally.documents, terms, readings(characters), tuple(sorted(self._tally.places)))

    def build(self) -> Lexicon:
        """Return the lexicon of everything added."""
        return Lexicon(self.data())

    def _weigh_synonyms(self) -> None:
        """Let words nobody writes lead where their synonyms stand: who types zf means 租房, whatever owners write."""
        tally, words = self._tally, self._pipeline.vocabulary
        if not self._pipeline.tricks.synonyms:
            return
        for concept in words.concepts:
            tally.raise_to(concept.head, tally.weight(f"={concept.head}"))
        for each in words.equals:
            heaviest = max(tally.weight(word) for word in each)
            for word in each:
                tally.raise_to(word, heaviest // 2 if word != each[0] else heaviest)
        for head, rest in words.narrower.items():
            tally.raise_to(head, max(tally.weight(word) for word in rest) // 3)


def lexicon_of(pipeline: Pipeline, documents: Iterable[Document]) -> Lexicon:
    """Return the lexicon of these documents."""
    builder = LexiconBuilder(pipeline)
    for document in documents:
        builder.add(document)
    return builder.build()
