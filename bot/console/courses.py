"""The list of courses: see it, try a new list, import it, correct or delete one course."""

from __future__ import annotations

import asyncio
import io
import logging
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from bot.console.door import Reader, StaffVisit, Writer
from bot.console.routes import ConsoleRoute, page
from bot.console.words import Words
from bot.incoming import Refused
from office.course_files import (
    AUDIENCES,
    COLUMNS,
    KINDS,
    LEVELS,
    NEEDED,
    CourseFileError,
    CourseRow,
    Fault,
    read_courses,
)
from office.courses import (
    Course,
    Imported,
    UnknownCourse,
    all_courses,
    change_course,
    course_cells,
    delete_course,
    get_course,
    import_courses,
)

log = logging.getLogger(__name__)
PATH = "/console/courses"
# A list of the most courses allowed is smaller; a form field may not be larger than 1 MB.
MOST_BYTES = 900_000
# How large requests to these addresses may be (bot.guard): the file, and the form around it.
UPLOADS = {f"{PATH}/check": MOST_BYTES + 64 * 1024, f"{PATH}/import": MOST_BYTES + 64 * 1024}

routes = APIRouter(prefix=PATH, route_class=ConsoleRoute, include_in_schema=False)


def _show(visit: StaffVisit, template: str, status: int = 200, **context: Any) -> Response:
    words = Words(visit.desk.parts.replies, visit.language)
    return page(visit, template, status, words=words, here=PATH, limit=MOST_BYTES // 1000, **context)


@routes.get("")
def courses(visit: Reader, site: Annotated[str, Query(max_length=64)] = "", done: str = "") -> Response:
    """Which courses do people find?"""
    words = Words(visit.desk.parts.replies, visit.language)
    sites = visit.desk.parts.store.sites
    chosen = site if site in sites else ""
    with visit.desk.parts.store.read() as work:
        rows = [_row(words, course) for course in all_courses(work, site=chosen or None)]
    return _show(
        visit,
        "courses.html",
        rows=rows,
        site=chosen,
        sites=[(id, words.site(id)) for id in sites],
        done=done if done in ("imported", "changed", "deleted") else "",
    )


def _row(words: Words, course: Course) -> dict[str, Any]:
    return {
        "id": course.id,
        "number": course.number,
        "title": course.title,
        "level": words.named("course_word", course.level),
        "starts": words.short_date(course.starts_on),
        "town": course.town,
        "places": words.value("places", "unknown" if course.places is None else course.places),
        "as_of": words.short_date(course.as_of),
        "example": course.example,
    }


@routes.post("/check")
async def check(
    visit: Writer,
    list_file: Annotated[UploadFile, File(alias="file")],
    replace: Annotated[str, Form(max_length=8)] = "",
) -> Response:
    """Say what a list would do, line by line where it is wrong; nothing is changed."""
    data = await list_file.read(MOST_BYTES + 1)
    return await asyncio.to_thread(_preview, visit, data, bool(replace))


@routes.post("/import")
async def take(
    visit: Writer,
    list_text: Annotated[str, Form(alias="list")] = "",
    replace: Annotated[str, Form(max_length=8)] = "",
) -> Response:
    """Import the list that was checked; it is checked again."""
    return await asyncio.to_thread(_import, visit, list_text.encode(), bool(replace))


def _preview(visit: StaffVisit, data: bytes, replace: bool) -> Response:
    try:
        rows = _read(data)
    except CourseFileError as error:
        return _faults(visit, error.faults)
    with visit.desk.parts.store.begin() as work:
        # Done and not kept: what is shown is exactly what would happen.
        would = import_courses(work, rows, replace_all=replace)
    return _show(
        visit,
        "courses_check.html",
        would=would,
        rows=rows[:10],
        n=len(rows),
        list=_text(data),
        replace=replace,
        faults=[],
    )


def _import(visit: StaffVisit, data: bytes, replace: bool) -> Response:
    try:
        rows = _read(data)
    except CourseFileError as error:
        return _faults(visit, error.faults)
    with visit.desk.parts.store.begin() as work:
        done = import_courses(work, rows, replace_all=replace)
        work.commit()
    log.info(
        "courses imported", extra={"staff": visit.staff.id, "added": len(done.added), "removed": len(done.removed)}
    )
    return RedirectResponse(f"{PATH}?done=imported", 303)


def _read(data: bytes) -> list[CourseRow]:
    if len(data) > MOST_BYTES:
        raise CourseFileError([Fault(0, "too_large", values={"limit": MOST_BYTES // 1000})])
    return read_courses(io.BytesIO(data))


def _text(data: bytes) -> str:
    return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8")


def _faults(visit: StaffVisit, faults: list[Fault]) -> Response:
    words = Words(visit.desk.parts.replies, visit.language)
    told = [told_fault(words, fault) for fault in faults]
    nothing = Imported((), (), (), ())
    return _show(visit, "courses_check.html", 422, faults=told, would=nothing, rows=[], n=0, list="", replace=False)


def told_fault(words: Words, fault: Fault) -> dict[str, Any]:
    """Return a fault in the language of the console."""
    return {
        "line": fault.line,
        "column": COLUMNS.get(fault.column, fault.column) if words.language == "de" else fault.column,
        "why": words(f"course_fault.{fault.code}", **{name: str(value) for name, value in fault.values.items()}),
    }


# one course ------------------------------------------------------------------------------------------------


@routes.get("/{course}")
def edit(visit: Reader, course: int) -> Response:
    """Show one course as a form."""
    with visit.desk.parts.store.read() as work:
        found = _course(work, course)
        return _form(visit, found, course_cells(found), [])


def _course(work: Any, id: int) -> Course:
    try:
        return get_course(work, id)
    except UnknownCourse:
        raise Refused("not_found", 404) from None


def _options(words: Words, name: str) -> list[tuple[str, str]]:
    """Return what a field may hold and the words for it; nothing for a field of free text."""
    if name == "childcare":
        return [(code, words(f"course_childcare.{code or 'unknown'}")) for code in ("", "yes", "no")]
    codes = {"kind": KINDS, "level": LEVELS, "audience": AUDIENCES}.get(name, ())
    return [(code, words(f"course_word.{code}")) for code in codes]


def _form(visit: StaffVisit, course: Course, cells: dict[str, str], faults: list[Fault]) -> Response:
    words = Words(visit.desk.parts.replies, visit.language)
    german = visit.language == "de"
    fields = [
        {
            "name": name,
            "label": COLUMNS[name] if german else name,
            "value": cells.get(name, ""),
            "must": name in NEEDED,
            "options": _options(words, name),
        }
        for name in COLUMNS
        if name != "example"
    ]
    return _show(
        visit,
        "course.html",
        422 if faults else 200,
        course=course,
        fields=fields,
        faults=[told_fault(words, fault) for fault in faults],
    )


@routes.post("/{course}")
async def change(request: Request, visit: Writer, course: int) -> Response:
    """Change one course, with the checks of the import."""
    form = await request.form()
    cells = {name: str(form.get(name, ""))[:500] for name in COLUMNS if name != "example"}
    return await asyncio.to_thread(_change, visit, course, cells)


def _change(visit: StaffVisit, id: int, cells: dict[str, str]) -> Response:
    with visit.desk.parts.store.begin() as work:
        found = _course(work, id)
        faults = change_course(work, found, cells | {"example": "yes" if found.example else ""})
        if faults:
            return _form(visit, found, cells, faults)
        work.commit()
    return RedirectResponse(f"{PATH}?done=changed", 303)


@routes.post("/{course}/delete")
def delete(visit: Writer, course: int) -> Response:
    """Delete one course."""
    with visit.desk.parts.store.begin() as work:
        delete_course(work, _course(work, course))
        work.commit()
    return RedirectResponse(f"{PATH}?done=deleted", 303)
