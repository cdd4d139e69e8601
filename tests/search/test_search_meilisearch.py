"""The Meilisearch engine beside the contract: its settings, rights, failing tasks, and what the server is sent."""

import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from meilisearch_python_sdk import AsyncClient
from meilisearch_python_sdk.errors import MeilisearchApiError
from meilisearch_python_sdk.models.client import KeyCreate

from search.documents import Document
from search.engine import EngineUnavailableError
from search.meilisearch import MeilisearchEngine
from search.meilisearch_filters import attribute, either, every, one_of, quoted
from search.meilisearch_index import SEARCH_RIGHTS, WRITE_RIGHTS, document_fields, settings, synonyms
from search.meilisearch_tasks import TaskFailedError
from search.pipeline import pipeline
from search.query import Plan, Question
from search.synthetic import listing, listings
from search.vocabulary import vocabulary
from tests.support.meili_fake import MeiliFake
from tests.support.meili_routes import MASTER, Request, Routes
from tests.support.meili_settings import Refused
from tests.support.search_rigs import meilisearch, planner_of, stream

EVERYTHING = Question(size=100)


@pytest.fixture
def fake() -> MeiliFake:
    return MeiliFake()


@pytest_asyncio.fixture(loop_scope="session")
async def engine(fake: MeiliFake) -> AsyncIterator[MeilisearchEngine]:
    async with meilisearch(fake, pipeline(), "offers") as one:
        yield one


async def test_the_server_takes_every_setting(fake: MeiliFake, engine: MeilisearchEngine) -> None:
    held = fake.state.index(engine.uid).settings
    assert held["searchableAttributes"] == ["s_title", "s_tags", "s_place", "s_body", "s_kw"]
    assert held["displayedAttributes"] == ["id", "version"]
    assert held["rankingRules"][0] == "sort"
    assert held["localizedAttributes"] == [{"locales": ["cmn"], "attributePatterns": ["*"]}]
    assert held["typoTolerance"]["disableOnNumbers"]
    assert held["pagination"] == {"maxTotalHits": 1000}
    assert held["searchCutoffMs"] == 500
    assert not held["facetSearch"]
    assert held["synonyms"] == synonyms(vocabulary())


def test_synonyms_are_those_of_the_reviewed_file_one_way_where_it_says_so() -> None:
    told = synonyms(vocabulary())
    assert "合租" in told["租房"]
    assert "租房" not in told.get("合租", [])
    for equal in vocabulary().equals[:20]:
        assert set(equal[1:6]) <= set(told[equal[0]])
    assert all(0 < len(others) <= 50 for others in told.values())
    assert settings(vocabulary()).synonyms == told


def test_only_public_words_and_numbers_leave_the_house() -> None:
    fields = document_fields(listing(1), pipeline())
    assert set(fields) == {
        "id", "version", "kind", "city", "county", "published", "amount", "open_until", "age_min", "age_max", "_geo",
        "facet_tag", "facet_mode", "terms", "s_title", "s_tags", "s_place", "s_body", "s_kw",
    }  # fmt: skip
    assert not {"owner", "phone", "account"} & set(fields)


@pytest.mark.parametrize("value", ['"', "\\", '\\"', "a\\", "'", '" OR kind EXISTS', "\n", "租 房"])
def test_a_quoted_value_is_one_value(value: str) -> None:
    text = quoted(value)
    assert text[0] == text[-1] == '"'
    assert text[1:-1].replace("\\\\", "").replace('\\"', "").count('"') == 0


def test_conditions_are_joined_without_loose_ends() -> None:
    assert every([]) == ""
    assert every(["a", "", "a"]) == "a"
    assert every(["a", "b"]) == "(a AND b)"
    assert either([]) == "kind IN []"
    assert one_of("kind", ["x" * 500, ""]) == "kind IN []"
    assert (attribute("kind"), attribute("tag"), attribute("a b")) == ("kind", "facet_tag", "facet_x612062")


async def test_words_are_sent_in_chinese_and_only_where_they_were_written(
    fake: MeiliFake, engine: MeilisearchEngine
) -> None:
    offers = list(listings(60))
    await engine.rebuild(stream(offers))
    fake.faults.sent.clear()
    found = await engine.find(planner_of(offers).plan("实习"), Question(facets=("kind",)))
    assert found.total > 0
    (body,) = fake.faults.sent
    sent: list[dict[str, Any]] = body["queries"]
    ranked = [query for query in sent if query["q"]]
    assert ranked
    assert all(query["locales"] == ["cmn"] and query["matchingStrategy"] == "all" for query in ranked)
    assert all(query["attributesToRetrieve"] == ["id"] for query in sent if query["limit"])
    assert all(query["filter"] for query in sent)


async def test_what_the_ranking_loses_is_found_all_the_same(fake: MeiliFake, engine: MeilisearchEngine) -> None:
    """The server's own cutting of a text is not ours; with no searchable words at all every hit must still be there."""
    offers = list(listings(60))
    await engine.rebuild(stream(offers))
    planner = planner_of(offers)
    wanted = await engine.find(planner.plan("实习"), EVERYTHING)
    fake.state.index(engine.uid).settings["searchableAttributes"] = ["nothing"]
    for one in offers:
        fake.state.index(engine.uid).read(str(one.id))
    found = await engine.find(planner.plan("实习"), EVERYTHING)
    assert set(found.ids) == set(wanted.ids)
    assert found.total == wanted.total == len(found.ids)


async def test_a_task_that_fails_is_told_to_the_writer_and_to_the_operations_page(
    fake: MeiliFake, engine: MeilisearchEngine
) -> None:
    assert await engine.failures() == ()
    fake.state.failing.append("documentAdditionOrUpdate")
    await engine.put([listing(1)])
    with pytest.raises(TaskFailedError, match="No space left") as failed:
        await engine.wait()
    assert failed.value.failures[0].code == "internal"
    (shown,) = await engine.failures()
    assert (shown.kind, shown.code) == ("documentAdditionOrUpdate", "internal")
    assert shown.at is not None
    await engine.put([listing(1)])
    await engine.wait()
    assert await engine.versions() == {listing(1).id: 1}


async def test_a_rebuild_that_fails_leaves_the_index_as_it_was(fake: MeiliFake, engine: MeilisearchEngine) -> None:
    await engine.rebuild(stream(list(listings(10))))

    async def broken() -> AsyncIterator[Document]:
        yield listing(100)
        raise OSError("the database went away")

    for failing, documents in (
        ("", broken()),
        ("documentAdditionOrUpdate", stream(list(listings(5)))),
        ("indexSwap", stream([])),
    ):
        fake.state.failing[:] = [failing] if failing else []
        with pytest.raises((OSError, TaskFailedError)):
            await engine.rebuild(documents)
        assert (await engine.find(Plan(), EVERYTHING)).total == 10
    fake.state.failing.clear()
    assert await engine.rebuild(stream([listing(3)])) == 1
    assert list(fake.state.indexes) == [engine.uid], "what a broken rebuild left is gone"


@pytest.mark.usefixtures("engine")
async def test_the_keys_need_no_more_than_their_rights(fake: MeiliFake) -> None:
    async with AsyncClient(fake.url, MASTER) as master:
        keys = [
            (await master.create_key(KeyCreate(description="", actions=list(rights), indexes=["offers*"]))).key
            for rights in (WRITE_RIGHTS, SEARCH_RIGHTS)
        ]
    async with MeilisearchEngine(fake.url, keys[0]) as writer, MeilisearchEngine(fake.url, keys[1]) as reader:
        assert await writer.rebuild(stream(list(listings(5)))) == 5
        await writer.put([listing(5)])
        await writer.wait()
        await writer.remove([listing(0).id])
        await writer.wait()
        assert len(await writer.versions()) == 5
        assert await writer.failures() == ()
        assert (await reader.find(Plan(), EVERYTHING)).total == 5
        assert (await reader.health()).ok
        with pytest.raises(EngineUnavailableError, match="invalid_api_key"):
            await reader.put([listing(6)])
        async with AsyncClient(fake.url, keys[0]) as client:
            with pytest.raises(MeilisearchApiError, match="invalid_api_key"):
                await client.get_keys()
    async with MeilisearchEngine(fake.url, None) as nobody:
        assert "missing_authorization_header" in (await nobody.health()).says


WRITER = """
import asyncio, sys
from search.meilisearch import MeilisearchEngine
from search.synthetic import listings

async def main():
    async with MeilisearchEngine(sys.argv[1], sys.argv[2]) as engine:
        offers = list(listings(400))
        for start in range(0, 400, 10):
            await engine.put(offers[start:start + 10])
            print(start, flush=True)

asyncio.run(main())
"""


async def test_a_killed_writer_loses_nothing_that_is_drained_again(fake: MeiliFake, engine: MeilisearchEngine) -> None:
    """The outbox still holds what the killed process had not marked as sent; sending all of it again is harmless."""
    command = [sys.executable, "-c", WRITER, fake.url, MASTER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as writer:  # noqa: ASYNC220 - it is killed
        assert writer.stdout is not None
        for _ in range(5):
            assert writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    newer = msgspec.structs.replace(listing(7), version=9)
    await engine.put([newer])
    for start in range(0, 400, 100):
        await engine.put(list(listings(100, start=start)))
    await engine.wait()
    assert await engine.versions() == {one.id: 1 for one in listings(400)} | {newer.id: 9}


def test_the_fake_is_what_the_documentation_says(fake: MeiliFake) -> None:
    """A few refusals, so that the fake stays strict: each is the documented code."""
    with fake:
        state = fake.state
        state.create("a", "id")
        assert fake._server is not None
        routes = fake._server.routes
        for path, body, code in (
            ("indexes/a/search", {"query": "x"}, "bad_request"),
            ("indexes/a/search", {"q": 1}, "invalid_search_q"),
            ("indexes/a/search", {"filter": "colour = red"}, "invalid_search_filter"),
            ("indexes/a/search", {"sort": ["colour:asc"]}, "invalid_search_sort"),
            ("indexes/a/search", {"facets": ["colour"]}, "invalid_search_facets"),
            ("indexes/a/search", {"locales": ["chi"]}, "invalid_search_locales"),
            ("indexes/a/search", {"matchingStrategy": "any"}, "invalid_search_matching_strategy"),
            ("indexes/b/search", {}, "index_not_found"),
            ("indexes", {"uid": "no blanks"}, "invalid_index_uid"),
            ("swap-indexes", [{"indexes": ["a"]}], "invalid_swap_indexes"),
            ("keys", {"actions": ["*"], "indexes": ["*"]}, "missing_api_key_expires_at"),
            ("nowhere", {}, "not_found"),
        ):
            assert refusal(routes, path, body) == code, (path, json.dumps(body))


def refusal(routes: Routes, path: str, body: Any) -> str:
    try:
        routes.answer(Request("POST", tuple(path.split("/")), {}, body, MASTER))
    except Refused as refused:
        return refused.code
    return ""
