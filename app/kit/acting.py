"""One way for handlers that read a form, do something with it, and go on or show the form again."""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Request, Response

from app.kit.errors import Refusal
from app.kit.forms import Form, FormInvalid, FormView

Act = Callable[[Form], Awaitable[str]]
"""Reads a form, calls a verb, and returns what is said afterwards."""


async def act_on_form(
    request: Request[Any, Any, Any],
    act: Act,
    *,
    again: Callable[[FormView], Awaitable[Response[bytes]]],
    done: Callable[[str], Response[bytes]],
) -> Response[bytes]:
    """Act on what was submitted and answer with `done`; what is wrong stands beside its field, all that was typed kept.

    A refusal that belongs to no field goes through to its own page.
    """
    form = Form.from_request_data(await request.form())
    try:
        said = await act(form)
    except FormInvalid as problem:
        view = problem.view
    except Refusal as problem:
        if not problem.field:
            raise
        form.fail(problem.field, problem.said)
        view = form.view()
    else:
        return done(said)
    return await again(view)
