"""What a Meilisearch server holds: indexes, keys and the queue of tasks that one worker carries out in order."""

import copy
import itertools
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from tests.support import meili_ranking, meili_settings
from tests.support.meili_filter import Held, Judge
from tests.support.meili_settings import Refused
from tests.support.meili_text import Tokenizer

Doing = Callable[[], dict[str, Any]]


def now() -> str:
    """Return the time as the server writes it."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


@dataclass(slots=True)
class Index:
    """One index: documents, settings, and the words of each document."""

    uid: str
    primary_key: str | None = None
    created_at: str = field(default_factory=now)
    updated_at: str = field(default_factory=now)
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=lambda: copy.deepcopy(dict(meili_settings.DEFAULTS)))
    words: dict[str, meili_ranking.Words] = field(default_factory=dict)
    held: dict[str, Held] = field(default_factory=dict)
    synonyms: dict[frozenset[str], meili_ranking.Synonyms] = field(default_factory=dict)

    def tokenizer(self, locales: frozenset[str] = frozenset()) -> Tokenizer:
        """Return the tokenizer of this index for a text in the stated languages."""
        return Tokenizer(
            separators=frozenset(self.settings["separatorTokens"]),
            non_separators=frozenset(self.settings["nonSeparatorTokens"]),
            dictionary=frozenset(self.settings["dictionary"]),
            stop_words=frozenset(self.settings["stopWords"]),
            locales=locales,
        )

    def _locales_of(self, attribute: str) -> frozenset[str]:
        for rule in self.settings["localizedAttributes"] or ():
            if meili_settings.matches(rule["attributePatterns"], attribute):
                return frozenset(rule["locales"])
        return frozenset()

    def synonyms_in(self, locales: frozenset[str]) -> meili_ranking.Synonyms:
        """Return the synonyms as cut for a query in the stated languages; they are cut once."""
        if locales not in self.synonyms:
            self.synonyms[locales] = meili_ranking.synonyms_of(self.settings, self.tokenizer(locales))
        return self.synonyms[locales]

    def searchable(self, document: Mapping[str, Any]) -> list[str]:
        """Return the searchable attributes of a document, the most important first."""
        names: list[str] = self.settings["searchableAttributes"]
        return list(document) if names == ["*"] else names

    def read(self, document_id: str) -> None:
        """Cut the words of one document."""
        document, words = self.documents[document_id], meili_ranking.Words()
        for rank, name in enumerate(self.searchable(document)):
            tokenizer, start = self.tokenizer(self._locales_of(name)), 0
            value = document.get(name)
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, str | int | float) and not isinstance(one, bool):
                    start = words.add(rank, tokenizer.words(str(one)), start)
        self.words[document_id] = words
        self.held[document_id] = Held(document)

    def info(self) -> dict[str, Any]:
        """Return the index as the list of indexes shows it."""
        return {
            "uid": self.uid,
            "primaryKey": self.primary_key,
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
        }

    def stats(self, *, busy: bool) -> dict[str, Any]:
        """Return the figures of the index."""
        fields: dict[str, int] = {}
        for document in self.documents.values():
            for name in document:
                fields[name] = fields.get(name, 0) + 1
        size = sum(len(str(document)) for document in self.documents.values())
        return {
            "numberOfDocuments": len(self.documents),
            "rawDocumentDbSize": size,
            "avgDocumentSize": size // max(1, len(self.documents)),
            "isIndexing": busy,
            "numberOfEmbeddings": 0,
            "numberOfEmbeddedDocuments": 0,
            "fieldDistribution": fields,
        }


class State:
    """Everything the server holds; the worker thread carries out one task after the other."""

    def __init__(self, *, task_seconds: float = 0.0) -> None:
        self.lock = threading.RLock()
        self.indexes: dict[str, Index] = {}
        self.keys: dict[str, dict[str, Any]] = {}
        self.tasks: dict[int, dict[str, Any]] = {}
        self.task_seconds = task_seconds
        self.failing: list[str] = []
        self.paused = threading.Event()
        self._waiting: list[tuple[int, Doing]] = []
        self._numbers = itertools.count()
        self._something = threading.Condition(self.lock)
        self._stopping = False
        self._worker = threading.Thread(target=self._work, daemon=True)
        self._worker.start()

    def stop(self) -> None:
        """End the worker; what is still waiting stays undone."""
        with self._something:
            self._stopping = True
            self._something.notify_all()
        self._worker.join(timeout=10)

    def index(self, uid: str) -> Index:
        """Return an index or refuse."""
        if uid not in self.indexes:
            raise missing(uid)
        return self.indexes[uid]

    def enqueue(self, kind: str, uid: str | None, details: Mapping[str, Any], doing: Doing) -> dict[str, Any]:
        """Put a task at the end of the queue; return the short form the server answers with."""
        with self._something:
            number = next(self._numbers)
            self.tasks[number] = {
                "uid": number,
                "batchUid": None,
                "indexUid": uid,
                "status": "enqueued",
                "type": kind,
                "canceledBy": None,
                "details": dict(details),
                "error": None,
                "duration": None,
                "enqueuedAt": now(),
                "startedAt": None,
                "finishedAt": None,
            }
            self._waiting.append((number, doing))
            self._something.notify_all()
            task = self.tasks[number]
            return {
                "taskUid": number,
                "indexUid": uid,
                "status": "enqueued",
                "type": kind,
                "enqueuedAt": task["enqueuedAt"],
            }

    def busy(self, uid: str) -> bool:
        """Tell whether a task of this index is being carried out."""
        return any(task["indexUid"] == uid and task["status"] == "processing" for task in self.tasks.values())

    def _work(self) -> None:
        while True:
            with self._something:
                while not self._stopping and (not self._waiting or self.paused.is_set()):
                    self._something.wait(timeout=0.02 if self._waiting else 0.5)
                if self._stopping:
                    return
                number, doing = self._waiting.pop(0)
                task = self.tasks[number]
                task.update(status="processing", startedAt=now(), batchUid=number)
            if self.task_seconds:
                time.sleep(self.task_seconds)
            began = time.perf_counter()
            with self.lock:
                self._carry_out(task, doing)
                task.update(finishedAt=now(), duration=f"PT{time.perf_counter() - began:.6f}S")

    def _carry_out(self, task: dict[str, Any], doing: Doing) -> None:
        try:
            self._fail_if_asked(task["type"])
            task["details"].update(doing())
            task["status"] = "succeeded"
        except Refused as refused:
            task.update(status="failed", error=answer(refused))
            if "receivedDocuments" in task["details"]:
                task["details"]["indexedDocuments"] = 0

    def _fail_if_asked(self, kind: str) -> None:
        if kind in self.failing:
            self.failing.remove(kind)
            raise Refused(500, "internal", "An internal error has occurred. No space left on device.", "internal")

    def create(self, uid: str, primary_key: str | None) -> dict[str, Any]:
        """Make an index."""
        if uid in self.indexes:
            raise Refused(409, "index_already_exists", f"Index `{uid}` already exists.")
        self.indexes[uid] = Index(uid, primary_key)
        return {}

    def drop(self, uid: str) -> dict[str, Any]:
        """Delete an index."""
        index = self.index(uid)
        del self.indexes[uid]
        return {"deletedDocuments": len(index.documents)}

    def swap(self, pairs: list[tuple[str, str]]) -> dict[str, Any]:
        """Swap documents, settings and the task history; tasks that still wait keep their names."""
        lost = [uid for pair in pairs for uid in pair if uid not in self.indexes]
        if lost:
            raise missing(lost[0])
        for one, other in pairs:
            self.indexes[one], self.indexes[other] = self.indexes[other], self.indexes[one]
            self.indexes[one].uid, self.indexes[other].uid = one, other
            for task in self.tasks.values():
                if task["status"] not in {"enqueued", "processing"}:
                    task["indexUid"] = {one: other, other: one}.get(task["indexUid"], task["indexUid"])
        return {}

    def change_settings(self, uid: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Take settings and read every document anew."""
        index = self.indexes.setdefault(uid, Index(uid))
        index.settings = meili_settings.merged(index.settings, given)
        index.synonyms.clear()
        for document_id in index.documents:
            index.read(document_id)
        return {}

    def write(
        self, uid: str, documents: list[dict[str, Any]], primary_key: str | None, *, replace: bool
    ) -> dict[str, Any]:
        """Add or update documents; one bad document fails all of them."""
        index = self.indexes.setdefault(uid, Index(uid))
        name = index.primary_key or primary_key or "id"
        for document in documents:
            _check_document(document, name)
        index.primary_key = name
        for document in documents:
            key = str(document[name])
            index.documents[key] = document if replace else {**index.documents.get(key, {}), **document}
            index.read(key)
        index.updated_at = now()
        return {"indexedDocuments": len(documents)}

    def erase(self, uid: str, chosen: Judge) -> dict[str, Any]:
        """Delete the documents chosen."""
        index = self.index(uid)
        gone = [key for key, held in index.held.items() if chosen(held)]
        for key in gone:
            del index.documents[key]
            del index.words[key]
            del index.held[key]
        return {"deletedDocuments": len(gone)}

    def add_key(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Make a key; its value is as random as the real one is secret."""
        key = {
            "uid": given.get("uid") or str(uuid4()),
            "key": uuid4().hex + uuid4().hex,
            "name": given.get("name"),
            "description": given.get("description"),
            "actions": list(given["actions"]),
            "indexes": list(given["indexes"]),
            "expiresAt": given["expiresAt"],
            "createdAt": now(),
            "updatedAt": now(),
        }
        self.keys[key["key"]] = key
        return key


def missing(uid: str) -> Refused:
    """Return the refusal for an index that is not there."""
    return Refused(404, "index_not_found", f"Index `{uid}` not found.")


def answer(refused: Refused) -> dict[str, Any]:
    """Return the JSON of a refusal."""
    link = f"https://docs.meilisearch.com/errors#{refused.code}"
    return {"message": refused.message, "code": refused.code, "type": refused.type, "link": link}


def _check_document(document: Mapping[str, Any], name: str) -> None:
    if name not in document:
        raise Refused(400, "missing_document_id", f"Document doesn't have a `{name}` attribute: `{document}`.")
    key = document[name]
    text = str(key)
    legal = isinstance(key, int | str) and all(char.isascii() and (char.isalnum() or char in "-_") for char in text)
    if not legal or not text or len(text.encode()) > 511:
        raise Refused(400, "invalid_document_id", f"Document identifier `{key}` is invalid.")
    place = document.get("_geo")
    if place is None:
        return
    numbers = (
        isinstance(place, dict)
        and set(place) == {"lat", "lng"}
        and all(isinstance(one, int | float) for one in place.values())
    )
    if not numbers or abs(place["lat"]) > 90 or abs(place["lng"]) > 180:
        raise Refused(
            400, "invalid_document_geo_field", f"Could not parse the `_geo` field in the document with the id: `{key}`."
        )
