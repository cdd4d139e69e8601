"""Talking to Meilisearch: every fault becomes one of two refusals, and tasks are followed to their end."""

import asyncio
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final

import httpx2
import msgspec
from meilisearch_python_sdk import AsyncClient
from meilisearch_python_sdk.errors import MeilisearchApiError, MeilisearchError
from meilisearch_python_sdk.models.task import TaskInfo, TaskResult

from search.engine import EngineUnavailableError, IndexOutdatedError

FIRST_PAUSE: Final = 0.01
LONGEST_PAUSE: Final = 0.5
_OVER: Final = frozenset({"succeeded", "failed", "canceled"})
_UNREADABLE: Final = (ValueError, TypeError, KeyError, AttributeError)


class TaskFailure(msgspec.Struct, frozen=True, kw_only=True):
    """A task that Meilisearch took and could not carry out, for the operations page."""

    uid: int
    kind: str
    code: str
    says: str
    at: datetime | None = None


class TaskFailedError(EngineUnavailableError):
    """Meilisearch accepted changes and then failed to make them."""

    def __init__(self, failures: Sequence[TaskFailure]) -> None:
        self.failures = tuple(failures)
        super().__init__("; ".join(f"task {one.uid} ({one.kind}): {one.code} {one.says}" for one in failures))


@contextmanager
def talking() -> Generator[None, None, None]:
    """Turn whatever a server or a network can do wrong into `EngineUnavailableError` or `IndexOutdatedError`."""
    try:
        yield
    except MeilisearchApiError as error:
        if error.code == "index_not_found":
            raise IndexOutdatedError("there is no index of this text pipeline; a rebuild makes one") from error
        raise EngineUnavailableError(f"{error.status_code} {error.code} {error.message}") from error
    except (MeilisearchError, httpx2.HTTPError, OSError) as error:
        raise EngineUnavailableError(f"{type(error).__name__}: {error}") from error
    except _UNREADABLE as error:
        raise EngineUnavailableError(f"not an answer of Meilisearch: {type(error).__name__}") from error


class Tasks:
    """The tasks this process has asked for and not yet seen the end of."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client
        self._open: list[int] = []

    def __len__(self) -> int:
        return len(self._open)

    def follow(self, task: TaskInfo) -> None:
        """Remember a task that was just asked for."""
        self._open.append(task.task_uid)

    async def wait(self) -> None:
        """Wait until every task is over; raise :class:`TaskFailedError` if one failed."""
        uids, self._open = self._open, []
        failures: list[TaskFailure] = []
        for uid in uids:
            result = await self._over(uid)
            if result.status != "succeeded":
                failures.append(failure_of(result))
        if failures:
            raise TaskFailedError(failures)

    async def _over(self, uid: int) -> TaskResult:
        pause = FIRST_PAUSE
        while True:
            with talking():
                result = await self._client.get_task(uid)
            if result.status in _OVER:
                return result
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)


def failure_of(result: TaskResult) -> TaskFailure:
    """Return a failed task as the operations page shows it."""
    error = result.error or {}
    return TaskFailure(
        uid=result.uid,
        kind=str(result.task_type),
        code=str(error.get("code", result.status)),
        says=str(error.get("message", "")),
        at=result.finished_at,
    )
