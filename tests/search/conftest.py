"""The judged listings, read once."""

from pathlib import Path

import pytest

from search.documents import Document
from search.evaluate import Judged, load

JUDGED = Path(__file__).parents[1] / "data" / "search_judged.json"


@pytest.fixture(scope="session")
def _judged() -> tuple[list[Document], list[Judged]]:
    return load(JUDGED)


@pytest.fixture(scope="session")
def judged_documents(_judged: tuple[list[Document], list[Judged]]) -> list[Document]:
    return _judged[0]


@pytest.fixture(scope="session")
def judged_queries(_judged: tuple[list[Document], list[Judged]]) -> list[Judged]:
    return _judged[1]


@pytest.fixture(scope="session")
def judged_words(judged_queries: list[Judged]) -> list[str]:
    return [query.words for query in judged_queries]
