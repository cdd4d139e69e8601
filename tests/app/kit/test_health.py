"""The service says how it is."""

from litestar import Litestar

from tests.support.visitor import Visitor


async def test_it_is_alive_and_says_which_dependency_is_down(app: Litestar, db: str) -> None:
    assert db
    async with Visitor(app) as visitor:
        assert (await visitor.get("/health/live")).json() == {"state": "ok"}
        ready = await visitor.get("/health/ready")
        assert ready.status_code == 200
        assert ready.json() == {"state": "ok", "database": "ok", "broker": "down"}


async def test_an_unknown_page_is_a_sentence_with_hotlines(app: Litestar, db: str) -> None:
    assert db
    async with Visitor(app) as visitor:
        missing = await visitor.get("/nowhere")
        assert missing.status_code == 404
        assert "没有找到" in missing.text
        assert "12355" in missing.text
        assert "default-src 'self'" in missing.headers["content-security-policy"]


async def test_metrics_hold_no_personal_data(app: Litestar, db: str) -> None:
    assert db
    async with Visitor(app) as visitor:
        text = (await visitor.get("/metrics")).text
    assert "qingqiao_outbox_waiting" in text
