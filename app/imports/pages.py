"""Pages of the import: upload, progress, preview, confirmation, result and report."""

from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlencode
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post

from app.imports import queries, service, service_report
from app.imports.forms import read_choice, read_file
from app.imports.queries import OUTCOMES, ROW_STATES, STATES, Chosen, Run, RunLine
from app.kit.errors import Refusal
from app.kit.forms import FORM_STATUS, Form, FormInvalid, FormView
from app.kit.parts import Pager, page_number
from app.kit.permissions import may
from app.kit.render import NavItem, Notice, Page, Renderer, Shell, wants_block
from app.kit.viewer import Viewer

AnyRequest = Request[Any, Any, Any]

TONES: Final = {"accept": "good", "review": "wait", "duplicate": "neutral", "refuse": "bad", "skip": "neutral"}
STATE_TONES: Final = {"READING": "wait", "READY": "go", "WRITING": "wait", "DONE": "good", "FAILED": "bad"}
ROW_TONES: Final = {"DONE": "good", "FAILED": "bad", "WAIT": "wait"}
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class UploadPage(Page, frozen=True, kw_only=True):
    """The form for a file, and the viewer's runs."""

    form: FormView
    runs: tuple[RunLine, ...]
    states: dict[str, str]
    tones: dict[str, str]


class RunPage(Page, frozen=True, kw_only=True):
    """One run: being read, to be confirmed, being written, or done."""

    run: Run
    rows: tuple[queries.RowLine, ...]
    sheet_tabs: tuple[NavItem, ...]
    outcome_tabs: tuple[NavItem, ...]
    pager: Pager
    outcomes: dict[str, str]
    tones: dict[str, str]
    row_states: dict[str, str]
    row_tones: dict[str, str]
    state_label: str
    percent: int


async def _upload_page(viewer: Viewer, shell: Shell, form: FormView | None = None) -> UploadPage:
    return UploadPage(
        shell=shell,
        title="批量导入",
        form=form or FormView(),
        runs=tuple(await queries.mine(viewer)),
        states=dict(STATES),
        tones=STATE_TONES,
    )


@get("/imports", **may("import", "R"))
async def uploads(request: AnyRequest, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show the form for a file and the viewer's runs."""
    return pages.render(request, "imports/upload.html", await _upload_page(viewer, shell))


@post("/imports", **may("import", "C"))
async def upload(request: AnyRequest, viewer: Viewer, shell: Shell, pages: Renderer, now: datetime) -> Response[bytes]:
    """Take a file."""
    form = Form.from_request_data(await request.form())
    try:
        try:
            name, content = await read_file(form)
            run_id = await service.upload(
                viewer, name, content, now=now, clamd_url=request.app.state.settings.clamd_url
            )
        except Refusal as problem:
            if not problem.field:
                raise
            form.fail(problem.field, f"{problem.said}{problem.next}")
            form.check()
            raise
    except FormInvalid as wrong:
        page = await _upload_page(viewer, shell, wrong.view)
        return pages.render(request, "imports/upload.html", page, status=FORM_STATUS)
    return pages.redirect(request, f"/imports/{run_id}")


@get("/imports/{run_id:uuid}", **may("import", "R"))
async def show(request: AnyRequest, run_id: UUID, viewer: Viewer, shell: Shell, pages: Renderer) -> Response[bytes]:
    """Show a run; while a job is at work the part with the progress renews itself."""
    run = await queries.run(viewer, run_id)
    if wants_block(request) and not run.busy:
        return pages.redirect(request, f"/imports/{run_id}")
    chosen, page = _chosen(request, run)
    rows, count = ((), 1) if run.busy else await queries.rows(run_id, chosen, page=page)
    drawn = RunPage(
        shell=shell,
        title="批量导入",
        run=run,
        rows=rows,
        sheet_tabs=_sheet_tabs(run, chosen),
        outcome_tabs=_outcome_tabs(run, chosen),
        pager=_pager(run, chosen, page if 0 < page <= count else 1, count),
        outcomes=dict(OUTCOMES),
        tones=TONES,
        row_states=dict(ROW_STATES),
        row_tones=ROW_TONES,
        state_label=STATES[run.state],
        percent=100 * run.rows_done // run.rows_total if run.rows_total else 0,
    )
    return pages.render(request, "imports/run.html", drawn, block="progress")


def _chosen(request: AnyRequest, run: Run) -> tuple[Chosen, int]:
    """Read the filters and the page number of the address; what makes no sense counts as not chosen."""
    given = {name: str(value) for name, value in request.query_params.items()}
    sheet, outcome, state = given.get("sheet", ""), given.get("outcome", ""), given.get("written", "")
    chosen = Chosen(
        sheet=sheet if sheet in {one.name for one in run.sheets} else "",
        outcome=outcome if outcome in OUTCOMES else "",
        state=state if state in ROW_STATES else "",
    )
    return chosen, page_number(given.get("page", ""))


def _address(run: Run, chosen: Chosen, page: int = 1) -> str:
    parts = {"sheet": chosen.sheet, "outcome": chosen.outcome, "written": chosen.state}
    query = urlencode({name: value for name, value in parts.items() if value} | ({"page": page} if page > 1 else {}))
    return f"/imports/{run.id}?{query}" if query else f"/imports/{run.id}"


def _sheet_tabs(run: Run, chosen: Chosen) -> tuple[NavItem, ...]:
    tabs = [NavItem("全部工作表", _address(run, _with(chosen, sheet="")), "list", current=chosen.sheet == "")]
    for one in run.sheets:
        where = _address(run, _with(chosen, sheet=one.name))
        tabs.append(NavItem(f"{one.name} {one.rows}", where, "list", current=chosen.sheet == one.name))
    return tuple(tabs)


def _outcome_tabs(run: Run, chosen: Chosen) -> tuple[NavItem, ...]:
    plain = chosen.outcome == "" and chosen.state == ""
    tabs = [NavItem("全部", _address(run, Chosen(sheet=chosen.sheet)), "list", current=plain)]
    if run.state == "DONE":
        for state, number in (("DONE", run.written), ("FAILED", run.failed)):
            where = _address(run, Chosen(sheet=chosen.sheet, state=state))
            tabs.append(NavItem(f"{ROW_STATES[state]} {number}", where, "list", current=chosen.state == state))
    for code, label in OUTCOMES.items():
        where = _address(run, Chosen(sheet=chosen.sheet, outcome=code))
        number = run.count(code, chosen.sheet)
        tabs.append(NavItem(f"{label} {number}", where, "list", current=chosen.outcome == code))
    return tuple(tabs)


def _with(chosen: Chosen, *, sheet: str) -> Chosen:
    return msgspec.structs.replace(chosen, sheet=sheet)


def _pager(run: Run, chosen: Chosen, number: int, pages: int) -> Pager:
    return Pager(
        number=number,
        pages=pages,
        previous_href=_address(run, chosen, number - 1) if number > 1 else "",
        next_href=_address(run, chosen, number + 1) if number < pages else "",
    )


@post("/imports/{run_id:uuid}/confirm", **may("import", "C"))
async def confirm(request: AnyRequest, run_id: UUID, viewer: Viewer, pages: Renderer, now: datetime) -> Response[bytes]:
    """Have the good rows written."""
    form = Form.from_request_data(await request.form())
    number = await service.confirm(viewer, run_id, with_review=read_choice(form), now=now)
    return pages.redirect(request, f"/imports/{run_id}", Notice("success", f"已确认，正在写入 {number} 行。"))


@post("/imports/{run_id:uuid}/discard", **may("import", "C"))
async def discard(request: AnyRequest, run_id: UUID, viewer: Viewer, pages: Renderer, now: datetime) -> Response[bytes]:
    """Give a run up."""
    await service.discard(viewer, run_id, now=now)
    return pages.redirect(request, "/imports", Notice("info", "已放弃这次导入，文件和预览都已删除。"))


@get("/imports/{run_id:uuid}/report.json", **may("import", "R"))
async def report_json(run_id: UUID, viewer: Viewer) -> Response[bytes]:
    """Give the report as the command line writes it."""
    run = await queries.run(viewer, run_id)
    content = msgspec.json.encode(service_report.as_json(await queries.all_rows(run.id)))
    return _file(content, "application/json", f"导入报告-{run.created_at:%Y%m%d}.json")


@get("/imports/{run_id:uuid}/report.xlsx", **may("import", "R"))
async def report_xlsx(run_id: UUID, viewer: Viewer) -> Response[bytes]:
    """Give the report as a workbook."""
    run = await queries.run(viewer, run_id)
    content = service_report.as_workbook(await queries.all_rows(run.id))
    return _file(content, XLSX, f"导入报告-{run.created_at:%Y%m%d}.xlsx")


def _file(content: bytes, media_type: str, name: str) -> Response[bytes]:
    return Response(
        content,
        media_type=media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "Cache-Control": "no-store",
        },
    )


ROUTES = (uploads, upload, show, confirm, discard, report_json, report_xlsx)
