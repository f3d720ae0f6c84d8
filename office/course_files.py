"""Course lists as CSV files: read line by line, checked cell by cell, all faults told with their line."""

import csv
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, BinaryIO

from office.errors import OfficeError
from office.sites import WEEKDAYS, find_town

__all__ = [
    "AUDIENCES",
    "COLUMNS",
    "KINDS",
    "LEVELS",
    "NEEDED",
    "TIMES",
    "CourseFileError",
    "CourseRow",
    "Fault",
    "check_row",
    "read_courses",
]

MAX_ROWS = 5_000
MAX_LINE = 64 * 1024
MAX_CELL = 200
MAX_NUMBER = 64
# More faults than this help nobody; the rest is told by a count.
MAX_FAULTS = 100
YEARS = range(2015, 2100)
FORMULA = ("=", "+", "-", "@")

KINDS = ("integration_course", "literacy_course", "vocational_language_course", "first_orientation_course", "other")
LEVELS = ("none", "A1", "A2", "B1", "B2", "C1", "C2")
TIMES = ("morning", "afternoon", "evening", "weekend")
AUDIENCES = ("everyone", "women", "parents", "young")
# Name of a column -> its German name. Either may stand in the first line.
COLUMNS = {
    "number": "nummer",
    "title": "titel",
    "provider": "traeger",
    "kind": "art",
    "level": "niveau",
    "start": "beginn",
    "end": "ende",
    "days": "tage",
    "from": "von",
    "to": "bis",
    "town": "ort",
    "street": "strasse",
    "childcare": "kinderbetreuung",
    "places": "freie_plaetze",
    "audience": "zielgruppe",
    "contact": "kontakt",
    "as_of": "stand",
    "example": "beispiel",
}
NEEDED = ("number", "title", "provider", "kind", "level", "start", "town", "as_of")
_GERMAN = {
    "kind": {
        "integrationskurs": "integration_course",
        "alphabetisierungskurs": "literacy_course",
        "berufssprachkurs": "vocational_language_course",
        "erstorientierungskurs": "first_orientation_course",
        "anderer": "other",
    },
    "level": {"ohne": "none", "keins": "none", "alpha": "none"},
    "audience": {"alle": "everyone", "frauen": "women", "eltern": "parents", "jugendliche": "young"},
    "yes_no": {"ja": "yes", "nein": "no", "yes": "yes", "no": "no"},
}
_GERMAN_DAYS = ("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag")
_DAYS = {
    spelling: number
    for number, (english, german) in enumerate(zip(WEEKDAYS, _GERMAN_DAYS, strict=True))
    for spelling in (english, english[:3], german, german[:2])
}
_GERMAN_DATE = re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})$")
_CLOCK = re.compile(r"^(\d{1,2}):(\d{2})$")

# What is wrong -> the sentence in English; the console says it in its own language (course_fault.<code>).
SENTENCES = {
    "not_utf8": "is not UTF-8. In the table program choose 'CSV UTF-8' when saving.",
    "not_text": "is no text table, but an Excel or another program's file. Save it as 'CSV UTF-8'.",
    "too_large": "The file is larger than {limit} kB. Split it.",
    "long_line": "is longer than {limit} characters. A quotation mark may be missing.",
    "too_many_rows": "is beyond the limit of {limit} courses. Split the file, or leave out courses that are over.",
    "broken_csv": "cannot be read as CSV. A quotation mark may be missing.",
    "no_header": "must hold the names of the columns.",
    "no_rows": "The file holds no courses.",
    "missing_column": "The column {value} is missing.",
    "unknown_column": "There is no column {value!r}; there are: {allowed}.",
    "double_column": "The column {value} stands here twice.",
    "columns": "has {value} cells, but the first line names {allowed}.",
    "formula": "{value!r} begins like a formula (=, +, -, @). Write it without; a telephone number as 02104 or 0049.",
    "empty": "must not be empty.",
    "too_long": "is longer than {limit} characters.",
    "control": "holds a sign that cannot be shown.",
    "not_allowed": "{value!r} is not one of: {allowed}.",
    "no_date": "{value!r} is not a day that exists. Write it like 2027-03-01 or 01.03.2027.",
    "no_time": "{value!r} is not a time of day like 08:30.",
    "no_number": "{value!r} is not a whole number from 0 to {limit}.",
    "end_before_start": "{value!r} lies before the beginning.",
    "unknown_town": "{value!r} is a town that is not known here. Write its name as on its own website.",
    "double_number": "{value!r} stands in line {allowed} as well; each course needs its own number.",
    "example": "marks an example. Examples are not imported.",
    "more": "and {value} more faults.",
}


@dataclass(frozen=True)
class Fault:
    """Something wrong in line `line` (0: the whole file), in a column if one is named."""

    line: int
    code: str
    column: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line else ""
        column = f"{self.column}: " if self.column else ""
        return f"{place}{column}{SENTENCES[self.code].format(**self.values)}"


class CourseFileError(OfficeError):
    """A list that cannot be taken; nothing of it was. `faults` say where and why."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


@dataclass(frozen=True)
class CourseRow:
    """One checked row; the fields are those of the table."""

    number: str
    title: str
    provider: str
    kind: str
    level: str
    starts_on: date
    ends_on: date | None
    days: tuple[str, ...] | None
    begins: str | None
    ends: str | None
    time_of_day: str | None
    town: str
    site: str | None
    street: str | None
    childcare: bool | None
    places: int | None
    audience: str
    contact: str | None
    as_of: date
    example: bool


def read_courses(stream: BinaryIO, *, examples: bool = False) -> list[CourseRow]:
    """Read a whole list; raises CourseFileError with every fault. Rows marked as examples only if `examples`.

    The file is read line by line and no further than the limit, so that a list of any size is refused quickly.
    """
    faults: list[Fault] = []
    rows: list[CourseRow] = []
    seen: dict[str, int] = {}
    hidden = 0
    try:
        for line, cells, found in _cells(stream):
            if len(rows) + hidden >= MAX_ROWS:
                raise CourseFileError([Fault(line, "too_many_rows", values={"limit": MAX_ROWS})])
            row, wrong = (None, found) if found else check_row(cells, line, examples=examples)
            if row is not None and row.number in seen:
                wrong = [Fault(line, "double_number", "number", {"value": row.number, "allowed": seen[row.number]})]
            if wrong or row is None:
                faults += wrong
                hidden += 1
                continue
            seen[row.number] = line
            rows.append(row)
    except CourseFileError as error:
        raise CourseFileError([*_first(faults), *error.faults]) from None
    if faults:
        raise CourseFileError(_first(faults))
    if not rows:
        raise CourseFileError([Fault(0, "no_rows")])
    return rows


def _first(faults: list[Fault]) -> list[Fault]:
    if len(faults) <= MAX_FAULTS:
        return faults
    return [*faults[:MAX_FAULTS], Fault(0, "more", values={"value": len(faults) - MAX_FAULTS})]


def _cells(stream: BinaryIO) -> Iterator[tuple[int, dict[str, str], list[Fault]]]:
    """Yield line, cells by column, and what is wrong with the row as a whole; raises CourseFileError."""
    lines = _lines(stream)
    first = next(lines, "")
    if not first.strip():
        raise CourseFileError([Fault(1, "no_header")])
    reader = csv.reader(
        _again(first, lines), delimiter=";" if first.count(";") >= first.count(",") else ",", strict=True
    )
    try:
        names = _header(next(reader))
        for cells in reader:
            line = reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(names):
                yield line, {}, [Fault(line, "columns", values={"value": len(cells), "allowed": len(names)})]
            else:
                yield line, dict(zip(names, cells, strict=True)), []
    except csv.Error:
        raise CourseFileError([Fault(reader.line_num, "broken_csv")]) from None


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _lines(stream: BinaryIO) -> Iterator[str]:
    number = 0
    while raw := stream.readline(MAX_LINE):
        number += 1
        if number == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
            if raw.startswith((b"PK", b"\xff\xfe", b"\xfe\xff", b"\xd0\xcf")):
                raise CourseFileError([Fault(0, "not_text")])
        if len(raw) == MAX_LINE and not raw.endswith(b"\n"):
            raise CourseFileError([Fault(number, "long_line", values={"limit": MAX_LINE})])
        if b"\0" in raw:
            raise CourseFileError([Fault(number, "not_text")])
        try:
            yield raw.decode("utf-8")
        except UnicodeDecodeError:
            raise CourseFileError([Fault(number, "not_utf8")]) from None


def _header(cells: list[str]) -> list[str]:
    """Return the columns by their English names; raises CourseFileError."""
    english = {german: name for name, german in COLUMNS.items()}
    english |= {"träger": "provider", "straße": "street", "freie plätze": "places", "freie_plätze": "places"}
    faults: list[Fault] = []
    names: list[str] = []
    for cell in cells:
        said = cell.strip().lower()
        name = english.get(said, said)
        if name not in COLUMNS:
            allowed = ", ".join(f"{a} ({b})" for a, b in COLUMNS.items())
            faults.append(Fault(1, "unknown_column", values={"value": cell.strip()[:40], "allowed": allowed}))
        elif name in names:
            faults.append(Fault(1, "double_column", values={"value": name}))
        names.append(name)
    for name in NEEDED:
        if name not in names:
            faults.append(Fault(1, "missing_column", values={"value": f"{name} ({COLUMNS[name]})"}))
    if faults:
        raise CourseFileError(faults)
    return names


class _Row:
    """One row while it is checked: reads cells, collects faults."""

    def __init__(self, cells: Mapping[str, str], line: int) -> None:
        self.cells, self.line = cells, line
        self.faults: list[Fault] = []

    def wrong(self, column: str, code: str, **values: Any) -> None:
        self.faults.append(Fault(self.line, code, column, values))

    def text(self, column: str, limit: int = MAX_CELL) -> str | None:
        value = self.cells.get(column, "").strip()
        if not value:
            if column in NEEDED:
                self.wrong(column, "empty")
            return None
        # A full-width '＝' is taken for '=' by some table programs.
        if unicodedata.normalize("NFKC", value).lstrip().startswith(FORMULA):
            self.wrong(column, "formula", value=value[:40])
        elif len(value) > limit:
            self.wrong(column, "too_long", limit=limit)
        elif any(unicodedata.category(sign) in ("Cc", "Cf", "Cs") for sign in value):
            self.wrong(column, "control")
        else:
            return value
        return None

    def code(self, column: str, allowed: tuple[str, ...]) -> str | None:
        value = self.text(column)
        if value is None:
            return None
        known = {name.lower(): name for name in allowed} | _GERMAN.get(column, {})
        found = known.get(value.lower())
        if found is None:
            spellings = [*allowed, *_GERMAN.get(column, {})]
            self.wrong(column, "not_allowed", value=value[:40], allowed=", ".join(spellings))
        return found

    def yes_no(self, column: str) -> bool | None:
        value = self.text(column)
        if value is None:
            return None
        found = _GERMAN["yes_no"].get(value.lower())
        if found is None:
            self.wrong(column, "not_allowed", value=value[:40], allowed=", ".join(_GERMAN["yes_no"]))
        return None if found is None else found == "yes"

    def date(self, column: str) -> date | None:
        value = self.text(column)
        if value is None:
            return None
        german = _GERMAN_DATE.match(value)
        try:
            found = date(int(german[3]), int(german[2]), int(german[1])) if german else date.fromisoformat(value)
        except ValueError:
            found = None
        if found is None or found.year not in YEARS:
            self.wrong(column, "no_date", value=value[:40])
            return None
        return found

    def clock(self, column: str) -> str | None:
        value = self.text(column)
        if value is None:
            return None
        parts = _CLOCK.match(value)
        try:
            if parts:
                return f"{time(int(parts[1]), int(parts[2])):%H:%M}"
        except ValueError:
            pass
        self.wrong(column, "no_time", value=value[:40])
        return None

    def number(self, column: str, limit: int) -> int | None:
        value = self.text(column)
        if value is None:
            return None
        if not (value.isascii() and value.isdecimal() and int(value) <= limit):
            self.wrong(column, "no_number", value=value[:40], limit=limit)
            return None
        return int(value)

    def days(self) -> tuple[str, ...] | None:
        value = self.text("days")
        if value is None:
            return None
        numbers: set[int] = set()
        for word in re.split(r"[\s,/;.]+", re.sub(r"\s*[-–]\s*", "-", value).strip(" .,")):
            known = [_DAYS.get(name) for name in word.lower().split("-")]
            first, last = known[0], known[-1]
            if first is None or last is None or len(known) > 2:
                self.wrong("days", "not_allowed", value=word[:40], allowed="Mo, Di, Mi, Do, Fr, Sa, So, Mo-Fr")
                return None
            numbers.update(range(first, last + 1))
        return tuple(WEEKDAYS[number] for number in sorted(numbers)) or None


def check_row(
    cells: Mapping[str, str], line: int = 0, *, examples: bool = False
) -> tuple[CourseRow | None, list[Fault]]:
    """Check one row; returns it, or None and what is wrong with it."""
    row = _Row(cells, line)
    town = row.text("town")
    match = find_town(town) if town else None
    if town and (match is None or not match.exact):
        row.wrong("town", "unknown_town", value=town[:40])
    starts, ends_on = row.date("start"), row.date("end")
    if starts and ends_on and ends_on < starts:
        row.wrong("end", "end_before_start", value=cells["end"].strip())
    begins, ends = row.clock("from"), row.clock("to")
    if begins and ends and ends <= begins:
        row.wrong("to", "end_before_start", value=ends)
    example = row.yes_no("example") or False
    if example and not examples:
        row.wrong("example", "example")
    days = row.days()
    found: dict[str, Any] = {
        "number": row.text("number", MAX_NUMBER),
        "title": row.text("title"),
        "provider": row.text("provider"),
        "kind": row.code("kind", KINDS),
        "level": row.code("level", LEVELS),
        "starts_on": starts,
        "ends_on": ends_on,
        "days": days,
        "begins": begins,
        "ends": ends,
        "time_of_day": time_of_day(days, begins),
        "town": match.town if match else "",
        "site": match.site.id if match and match.site else None,
        "street": row.text("street"),
        "childcare": row.yes_no("childcare"),
        "places": row.number("places", 999),
        "audience": row.code("audience", AUDIENCES) or "everyone",
        "contact": row.text("contact"),
        "as_of": row.date("as_of"),
        "example": example,
    }
    return (None, row.faults) if row.faults else (CourseRow(**found), [])


def time_of_day(days: tuple[str, ...] | None, begins: str | None) -> str | None:
    """Return the part of the day a course is in; None if its times are not known."""
    if days and set(days) <= {"saturday", "sunday"}:
        return "weekend"
    if begins is None:
        return None
    return "morning" if begins < "12:00" else "afternoon" if begins < "17:00" else "evening"


def as_cells(course: Any) -> dict[str, str]:
    """Return a course or a row as the cells of a file: what `check_row` reads back as the same."""
    yes_no: Callable[[bool | None], str] = lambda value: "" if value is None else "yes" if value else "no"  # noqa: E731
    return {
        "number": course.number,
        "title": course.title,
        "provider": course.provider,
        "kind": course.kind,
        "level": course.level,
        "start": course.starts_on.isoformat(),
        "end": course.ends_on.isoformat() if course.ends_on else "",
        "days": " ".join(day[:3] for day in course.days or ()),
        "from": course.begins or "",
        "to": course.ends or "",
        "town": course.town,
        "street": course.street or "",
        "childcare": yes_no(course.childcare),
        "places": "" if course.places is None else str(course.places),
        "audience": course.audience,
        "contact": course.contact or "",
        "as_of": course.as_of.isoformat(),
        "example": "yes" if course.example else "",
    }
