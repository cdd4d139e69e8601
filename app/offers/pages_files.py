"""Stored pictures: sent to whoever may see the thing they belong to."""

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from litestar import Request, get
from litestar.response import File

from app.kit.errors import NotFound
from app.kit.images import SIZES, path_of
from app.kit.permissions import open_to
from app.kit.viewer import Viewer
from app.offers import queries_page

PUBLIC_CACHE = "public, max-age=86400, stale-while-revalidate=604800"
"""An offer may be taken down: its public pictures leave caches within a day."""

PRIVATE_CACHE = "private, max-age=300"


@get("/files/{file_id:uuid}/{name:str}", **open_to("Pictures of published offers are everybody's; others are checked."))
async def picture(request: Request[Any, Any, Any], file_id: UUID, name: str, viewer: Viewer, now: datetime) -> File:
    """Send one size of a picture."""
    size, _, suffix = name.partition(".")
    if suffix != "webp" or size not in {str(known) for known in SIZES}:
        raise NotFound
    found = await queries_page.file_for(viewer, file_id, now=now)
    if found is None:
        raise NotFound
    folder: Path = request.app.state.settings.files
    path = path_of(folder, found.sha256, int(size))
    if not path.is_file():
        raise NotFound
    return File(
        path=path,
        media_type="image/webp",
        content_disposition_type="inline",
        filename=f"{file_id}-{size}.webp",
        headers={"Cache-Control": PUBLIC_CACHE if found.public else PRIVATE_CACHE},
    )


ROUTES = (picture,)
