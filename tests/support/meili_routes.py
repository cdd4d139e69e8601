"""The routes of Meilisearch that the product uses: rights, bodies and answers as documented, and nothing beyond."""

import fnmatch
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.support import meili_bodies as bodies
from tests.support import meili_filter, meili_search, meili_settings
from tests.support.meili_settings import Refused
from tests.support.meili_state import Index, State

MASTER = "a-master-key-for-tests-only"
UID = re.compile(r"[A-Za-z0-9_-]{1,400}")
_ACTIONS = """
* search documents.* documents.add documents.get documents.delete indexes.* indexes.create indexes.get
indexes.update indexes.delete indexes.swap tasks.* tasks.cancel tasks.delete tasks.get settings.* settings.get
settings.update stats.* stats.get metrics.* metrics.get dumps.* dumps.create snapshots.* snapshots.create version
keys.create keys.get keys.update keys.delete experimental.get experimental.update
"""
ACTIONS = frozenset(_ACTIONS.split())
_TASK_TYPES = """
documentAdditionOrUpdate documentEdition documentDeletion settingsUpdate indexCreation indexDeletion indexUpdate
indexSwap taskCancelation taskDeletion dumpCreation snapshotCreation
"""
TASK_TYPES = frozenset(_TASK_TYPES.split())
STATUSES = frozenset({"enqueued", "processing", "succeeded", "failed", "canceled"})


@dataclass(frozen=True, slots=True)
class Request:
    """One request, already read."""

    method: str
    parts: tuple[str, ...]
    query: Mapping[str, str]
    body: Any
    key: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The status and the JSON of an answer."""

    status: int
    body: Any


Handler = Callable[[Request], Answer]


class Routes:
    """All routes over one state."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._table: dict[tuple[str, str], tuple[str | None, Handler]] = {
            ("GET", "health"): (None, lambda _: Answer(200, {"status": "available"})),
            ("GET", "version"): ("version", self._version),
            ("GET", "indexes"): ("indexes.get", self._list_indexes),
            ("POST", "indexes"): ("indexes.create", self._create_index),
            ("GET", "indexes/*"): ("indexes.get", lambda request: Answer(200, self._index(request).info())),
            ("DELETE", "indexes/*"): ("indexes.delete", self._delete_index),
            ("GET", "indexes/*/stats"): ("stats.get", self._index_stats),
            ("GET", "indexes/*/settings"): ("settings.get", lambda request: Answer(200, self._index(request).settings)),
            ("PATCH", "indexes/*/settings"): ("settings.update", self._change_settings),
            ("GET", "indexes/*/documents"): ("documents.get", self._list_documents),
            ("POST", "indexes/*/documents/fetch"): ("documents.get", self._fetch_documents),
            ("POST", "indexes/*/documents"): ("documents.add", lambda request: self._write(request, replace=True)),
            ("PUT", "indexes/*/documents"): ("documents.add", lambda request: self._write(request, replace=False)),
            ("DELETE", "indexes/*/documents"): ("documents.delete", self._delete_all),
            ("POST", "indexes/*/documents/delete-batch"): ("documents.delete", self._delete_batch),
            ("POST", "indexes/*/documents/delete"): ("documents.delete", self._delete_filtered),
            ("POST", "indexes/*/search"): ("search", self._search),
            ("POST", "multi-search"): ("search", self._multi_search),
            ("POST", "swap-indexes"): ("indexes.swap", self._swap),
            ("GET", "tasks"): ("tasks.get", self._list_tasks),
            ("GET", "tasks/*"): ("tasks.get", self._task),
            ("GET", "keys"): ("keys.get", self._list_keys),
            ("POST", "keys"): ("keys.create", self._create_key),
        }

    def answer(self, request: Request) -> Answer:
        """Answer one request, or raise the server's refusal."""
        for (method, pattern), (action, handler) in self._table.items():
            wanted = pattern.split("/")
            same = len(wanted) == len(request.parts) and all(
                one in ("*", given) for one, given in zip(wanted, request.parts, strict=True)
            )
            if method == request.method and same:
                if action is not None:
                    self._allow(request, action)
                return handler(request)
        raise Refused(404, "not_found", f"The path `{'/'.join(request.parts)}` does not exist.")

    def _allow(self, request: Request, action: str) -> None:
        if request.key is None:
            raise Refused(
                401,
                "missing_authorization_header",
                "The Authorization header is missing. It must use the bearer authorization method.",
                "auth",
            )
        if request.key == MASTER:
            return
        key = self.state.keys.get(request.key)
        family = action.split(".", maxsplit=1)[0] + ".*"
        if key is None or not {action, family, "*"} & set(key["actions"]) or bodies.expired(key):
            raise bodies.forbidden()
        if request.parts[0] == "indexes" and len(request.parts) > 1:
            self._allow_index(request.key, request.parts[1])

    def _allow_index(self, given: str | None, uid: str) -> None:
        key = self.state.keys.get(given or "")
        if key is not None and not any(fnmatch.fnmatchcase(uid, pattern) for pattern in key["indexes"]):
            raise bodies.forbidden()

    def _index(self, request: Request) -> Index:
        return self.state.index(request.parts[1])

    def _version(self, request: Request) -> Answer:
        del request
        return Answer(200, {"commitSha": "0" * 40, "commitDate": "2026-10-26T00:00:00Z", "pkgVersion": "1.56.0"})

    def _list_indexes(self, request: Request) -> Answer:
        offset, limit = bodies.window(request.query, "index")
        everything = [index.info() for uid, index in sorted(self.state.indexes.items()) if self._sees(request.key, uid)]
        return Answer(
            200,
            {
                "results": everything[offset : offset + limit],
                "offset": offset,
                "limit": limit,
                "total": len(everything),
            },
        )

    def _sees(self, given: str | None, uid: str) -> bool:
        key = self.state.keys.get(given or "")
        return key is None or any(fnmatch.fnmatchcase(uid, pattern) for pattern in key["indexes"])

    def _create_index(self, request: Request) -> Answer:
        body = bodies.an_object(request.body, {"uid", "primaryKey"})
        uid = body.get("uid")
        if not isinstance(uid, str) or not UID.fullmatch(uid):
            raise Refused(400, "invalid_index_uid", f"`{uid}` is not a valid index uid.")
        self._allow_index(request.key, uid)
        primary_key = body.get("primaryKey")
        return self._task_of(
            "indexCreation", uid, {"primaryKey": primary_key}, lambda: self.state.create(uid, primary_key)
        )

    def _delete_index(self, request: Request) -> Answer:
        uid = request.parts[1]
        return self._task_of("indexDeletion", uid, {}, lambda: self.state.drop(uid))

    def _index_stats(self, request: Request) -> Answer:
        index = self._index(request)
        return Answer(200, index.stats(busy=self.state.busy(index.uid)))

    def _change_settings(self, request: Request) -> Answer:
        given, uid = meili_settings.checked(request.body), request.parts[1]
        return self._task_of("settingsUpdate", uid, given, lambda: self.state.change_settings(uid, given))

    def _list_documents(self, request: Request) -> Answer:
        bodies.only(request.query, {"offset", "limit", "fields", "filter", "retrieveVectors", "ids", "sort"})
        offset, limit = bodies.window(request.query, "document")
        fields = request.query["fields"].split(",") if "fields" in request.query else None
        return self._documents(request, offset, limit, fields, request.query.get("filter"))

    def _fetch_documents(self, request: Request) -> Answer:
        body = bodies.an_object(request.body, {"offset", "limit", "fields", "filter", "retrieveVectors", "ids", "sort"})
        return self._documents(
            request,
            body.get("offset", 0),
            body.get("limit", 20),
            body.get("fields"),
            body.get("filter"),
            body.get("ids"),
        )

    def _documents(
        self,
        request: Request,
        offset: int,
        limit: int,
        fields: list[str] | None,
        chosen: Any,
        ids: list[Any] | None = None,
    ) -> Answer:
        index = self._index(request)
        judge = self._judge(index, chosen) if chosen is not None else lambda _: True
        wanted = None if ids is None else {str(one) for one in ids}
        found = [held.document for key, held in index.held.items() if judge(held) and (wanted is None or key in wanted)]
        shown = [meili_search.displayed(index, one, fields) for one in found[offset : offset + limit]]
        return Answer(200, {"results": shown, "offset": offset, "limit": limit, "total": len(found)})

    def _judge(self, index: Index, given: Any) -> meili_filter.Judge:
        patterns = index.settings["filterableAttributes"]
        names = [name for name in re.findall(r"[\w.\-]+", str(given)) if meili_settings.matches(patterns, name)]
        try:
            return meili_filter.compile_filter(given, names)
        except meili_filter.FilterError as error:
            raise Refused(400, "invalid_document_filter", str(error)) from error

    def _write(self, request: Request, *, replace: bool) -> Answer:
        bodies.only(request.query, {"primaryKey", "csvDelimiter", "customMetadata", "skipCreation"})
        documents = request.body if isinstance(request.body, list) else [request.body]
        if not all(isinstance(one, dict) for one in documents):
            raise Refused(400, "malformed_payload", "The `json` payload provided is malformed.")
        uid, primary_key = request.parts[1], request.query.get("primaryKey")
        details = {"receivedDocuments": len(documents), "indexedDocuments": None}
        return self._task_of(
            "documentAdditionOrUpdate",
            uid,
            details,
            lambda: self.state.write(uid, documents, primary_key, replace=replace),
        )

    def _delete_all(self, request: Request) -> Answer:
        uid = request.parts[1]
        details = {"providedIds": 0, "deletedDocuments": None, "originalFilter": None}
        return self._task_of("documentDeletion", uid, details, lambda: self.state.erase(uid, lambda _: True))

    def _delete_batch(self, request: Request) -> Answer:
        if not isinstance(request.body, list) or not all(isinstance(one, str | int) for one in request.body):
            raise Refused(400, "invalid_document_id", "The ids must be strings or integers.")
        uid, ids = request.parts[1], {str(one) for one in request.body}
        details = {"providedIds": len(request.body), "deletedDocuments": None, "originalFilter": None}

        def erase() -> dict[str, Any]:
            name = self.state.index(uid).primary_key or "id"
            return self.state.erase(uid, lambda held: str(held.document[name]) in ids)

        return self._task_of("documentDeletion", uid, details, erase)

    def _delete_filtered(self, request: Request) -> Answer:
        given, uid = bodies.an_object(request.body, {"filter"}).get("filter"), request.parts[1]
        if given is None:
            raise Refused(400, "missing_document_filter", "Missing field `filter`")
        details = {"providedIds": 0, "deletedDocuments": None, "originalFilter": str(given)}
        return self._task_of(
            "documentDeletion", uid, details, lambda: self.state.erase(uid, self._judge(self.state.index(uid), given))
        )

    def _search(self, request: Request) -> Answer:
        body = meili_search.checked(request.body)
        return Answer(200, meili_search.search(self._index(request), body))

    def _multi_search(self, request: Request) -> Answer:
        body = bodies.an_object(request.body, {"queries", "federation"})
        if body.get("federation") is not None:
            raise Refused(400, "feature_not_enabled", "This server for tests does not federate.")
        results = []
        for number, given in enumerate(body.get("queries", [])):
            uid = given.get("indexUid") if isinstance(given, dict) else None
            if not isinstance(uid, str):
                raise Refused(400, "missing_index_uid", f"Missing field `indexUid` inside `.queries[{number}]`")
            self._allow_index(request.key, uid)
            try:
                query = meili_search.checked(given, more=frozenset({"indexUid"}))
                results.append({"indexUid": uid, **meili_search.search(self.state.index(uid), query)})
            except Refused as refused:
                raise Refused(
                    refused.status, refused.code, f"Inside `.queries[{number}]`: {refused.message}", refused.type
                ) from refused
        return Answer(200, {"results": results})

    def _swap(self, request: Request) -> Answer:
        if not isinstance(request.body, list):
            raise Refused(400, "bad_request", "Invalid value type: expected an array.")
        pairs = []
        for one in request.body:
            indexes = bodies.an_object(one, {"indexes", "rename"}).get("indexes")
            if not isinstance(indexes, list) or len(indexes) != 2:
                raise Refused(400, "invalid_swap_indexes", "Two indexes must be given for each swap.")
            for uid in indexes:
                self._allow_index(request.key, uid)
            pairs.append((indexes[0], indexes[1]))
        named = [uid for pair in pairs for uid in pair]
        if len(set(named)) < len(named):
            raise Refused(
                400, "invalid_swap_duplicate_index_found", "Indexes must be declared only once during a swap."
            )
        swaps = [{"indexes": list(pair), "rename": False} for pair in pairs]
        return self._task_of("indexSwap", None, {"swaps": swaps}, lambda: self.state.swap(pairs))

    def _list_tasks(self, request: Request) -> Answer:
        given = request.query
        times = {
            "beforeEnqueuedAt",
            "afterEnqueuedAt",
            "beforeStartedAt",
            "afterStartedAt",
            "beforeFinishedAt",
            "afterFinishedAt",
        }
        bodies.only(
            given,
            {"limit", "from", "reverse", "uids", "batchUids", "statuses", "types", "indexUids", "canceledBy", *times},
        )
        for name, legal in (("statuses", STATUSES), ("types", TASK_TYPES)):
            unknown = set(given.get(name, "*").split(",")) - legal - {"*"}
            if unknown:
                raise Refused(400, f"invalid_task_{name}", f"Invalid value in parameter `{name}`: `{unknown.pop()}`.")
        limit = bodies.whole_number(given, "limit", 20, "task")
        found = [task for task in reversed(self.state.tasks.values()) if self._chosen(request, task)]
        start = [task for task in found if "from" not in given or task["uid"] <= int(given["from"])]
        page = start[:limit]
        following = start[limit]["uid"] if len(start) > limit else None
        return Answer(
            200,
            {
                "results": page,
                "total": len(found),
                "limit": limit,
                "from": page[0]["uid"] if page else None,
                "next": following,
            },
        )

    def _chosen(self, request: Request, task: Mapping[str, Any]) -> bool:
        given = request.query
        for name, field in (("uids", "uid"), ("statuses", "status"), ("types", "type"), ("indexUids", "indexUid")):
            wanted = given.get(name, "*").split(",")
            if "*" not in wanted and str(task[field]) not in wanted:
                return False
        for name, value in given.items():
            match = re.fullmatch("(before|after)(Enqueued|Started|Finished)At", name)
            if match is None:
                continue
            at = task[f"{match[2].lower()}At"]
            if at is None or (bodies.moment_of(at) < bodies.moment_of(value)) != (match[1] == "before"):
                return False
        return task["indexUid"] is None or self._sees(request.key, task["indexUid"])

    def _task(self, request: Request) -> Answer:
        number = request.parts[1]
        if not number.isdecimal() or int(number) not in self.state.tasks:
            raise Refused(404, "task_not_found", f"Task `{number}` not found.")
        return Answer(200, self.state.tasks[int(number)])

    def _list_keys(self, request: Request) -> Answer:
        offset, limit = bodies.window(request.query, "api_key")
        keys = list(self.state.keys.values())
        return Answer(
            200, {"results": keys[offset : offset + limit], "offset": offset, "limit": limit, "total": len(keys)}
        )

    def _create_key(self, request: Request) -> Answer:
        body = bodies.an_object(request.body, {"uid", "name", "description", "actions", "indexes", "expiresAt"})
        for name in ("actions", "indexes", "expiresAt"):
            if name not in body:
                code = "missing_api_key_" + re.sub("([A-Z])", r"_\1", name).lower()
                raise Refused(400, code, f"Missing field `{name}`")
        unknown = set(body["actions"]) - ACTIONS
        if unknown:
            raise Refused(400, "invalid_api_key_actions", f"Unknown value `{unknown.pop()}` at `.actions`.")
        return Answer(201, self.state.add_key(body))

    def _task_of(
        self, kind: str, uid: str | None, details: Mapping[str, Any], doing: Callable[[], dict[str, Any]]
    ) -> Answer:
        return Answer(202, self.state.enqueue(kind, uid, details, doing))
