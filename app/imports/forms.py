"""Submitted forms of the import: the file, and what to write of it."""

from litestar.datastructures import UploadFile

from app.imports.service import MOST_BYTES
from app.kit.forms import Form


async def read_file(form: Form) -> tuple[str, bytes]:
    """Read the uploaded file, at most one byte more than is allowed; whether it is a workbook is judged later."""
    files: list[UploadFile] = form.files("file")
    if not files:
        form.fail("file", "请选择要导入的表格文件。")
    form.check()
    return files[0].filename, await files[0].read(MOST_BYTES + 1)


def read_choice(form: Form) -> bool:
    """Read whether rows that a reviewer has to look at are written too."""
    with_review = form.flag("with_review")
    form.check()
    return with_review
