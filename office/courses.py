"""German courses: search them, import a list of them all or nothing, correct one.

`python -m office.courses import FILE [--dry-run] [--replace]` (docs/courses.md).
"""

import argparse
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import delete, func, or_, select

from office.course_files import CourseFileError, CourseRow, Fault, as_cells, check_row, read_courses
from office.course_tables import Course
from office.errors import OfficeError
from office.sites import DATA
from office.store import Store, Work, default_url
from office.towns import distance_km

__all__ = [
    "Course",
    "Hit",
    "Imported",
    "UnknownCourse",
    "Wish",
    "all_courses",
    "alternatives",
    "change_course",
    "course_cells",
    "delete_course",
    "get_course",
    "import_courses",
    "load_examples",
    "remove_examples",
    "search",
]

EXAMPLES = DATA / "courses" / "example.csv"
# What is 'near' a town where nothing else is said.
NEAR_KM = 20
# A course that began a short time ago may still take people.
STILL_OPEN = timedelta(days=7)


class UnknownCourse(OfficeError):
    """No course has this id: it never existed, or it was deleted."""


@dataclass(frozen=True)
class Wish:
    """What a person looks for; None or False: does not matter.

    `town` means this town and its neighbours within `within_km`, `site` all towns of an Integration Point.
    """

    town: str | None = None
    site: str | None = None
    level: str | None = None
    kind: str | None = None
    time_of_day: str | None = None
    audience: str | None = None
    starts_from: date | None = None
    starts_until: date | None = None
    within_km: int = NEAR_KM
    childcare: bool = False
    free_places: bool = False


@dataclass(frozen=True)
class Hit:
    """A course that was found; `km` is the straight line from the person's town, None: not known."""

    course: Course
    km: int | None


@dataclass(frozen=True)
class Imported:
    """What an import does, or would do: the numbers of the courses."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]


def search(work: Work, wish: Wish, on: date) -> list[Hit]:
    """Return the courses that fit and are not over: those with free places first, then by beginning and way."""
    query = select(Course).where(Course.starts_on >= max(on - STILL_OPEN, wish.starts_from or date.min))
    query = query.where(or_(Course.ends_on.is_(None), Course.ends_on >= on))
    if wish.starts_until:
        query = query.where(Course.starts_on <= wish.starts_until)
    if wish.level:
        # A1 begins with nothing.
        query = query.where(Course.level.in_(("none", "A1") if wish.level == "none" else (wish.level,)))
    for column, wanted in (
        (Course.kind, wish.kind),
        (Course.time_of_day, wish.time_of_day),
        (Course.audience, wish.audience),
    ):
        if wanted:
            query = query.where(column == wanted)
    if wish.childcare:
        query = query.where(Course.childcare.is_(True))
    if wish.free_places:
        query = query.where(Course.places > 0)
    if wish.site and not wish.town:
        query = query.where(Course.site == wish.site)
    found = [
        Hit(course, distance_km(wish.town, course.town) if wish.town else None)
        for course in work.session.scalars(query)
    ]
    return sorted((hit for hit in found if _near(hit, wish)), key=_order)


def _near(hit: Hit, wish: Wish) -> bool:
    if wish.town is None or hit.course.town == wish.town:
        return True
    return hit.km is not None and hit.km <= wish.within_km


def _order(hit: Hit) -> tuple[bool, date, int, str]:
    return hit.course.places == 0, hit.course.starts_on, hit.km or 0, hit.course.number


# A wish -> what it is without it, in the order in which people give wishes up most easily.
DROPPED: Mapping[str, Mapping[str, object]] = {
    "free_places": {"free_places": False},
    "time_of_day": {"time_of_day": None},
    "start": {"starts_from": None, "starts_until": None},
    "audience": {"audience": None},
    "course_kind": {"kind": None},
    "town": {"town": None, "site": None},
    "childcare": {"childcare": False},
    "language_level": {"level": None},
}


def alternatives(work: Work, wish: Wish, on: date) -> dict[str, int]:
    """Return which single wish, given up, finds how many courses; only those that find any."""
    found: dict[str, int] = {}
    for name, without in DROPPED.items():
        other = replace(wish, **without)  # type: ignore[arg-type]
        if other != wish and (count := len(search(work, other, on))):
            found[name] = count
    return found


def all_courses(work: Work, *, site: str | None = None) -> Sequence[Course]:
    """Return every course, the next to begin first; `site` keeps to one Integration Point."""
    query = select(Course).order_by(Course.starts_on, Course.number)
    return work.session.scalars(query.where(Course.site == site) if site else query).all()


def get_course(work: Work, id: int) -> Course:
    """Return a course; raises UnknownCourse."""
    found = work.session.get(Course, id)
    if found is None:
        raise UnknownCourse(f"There is no course {id}; it may have been deleted meanwhile.")
    return found


def course_cells(course: Course) -> dict[str, str]:
    """Return a course as it stands in a file or a form."""
    return as_cells(course)


def change_course(work: Work, course: Course, cells: Mapping[str, str]) -> list[Fault]:
    """Change a course to what a form says; returns the faults, and changes nothing if there are any."""
    work.changing(course)
    row, faults = check_row(cells, examples=course.example)
    if row is None:
        return faults
    same = select(Course.id).where(Course.number == row.number, Course.id != course.id)
    if (other := work.session.scalar(same)) is not None:
        return [Fault(0, "double_number", "number", {"value": row.number, "allowed": other})]
    _write(course, row)
    work.session.flush()
    return []


def delete_course(work: Work, course: Course) -> None:
    """Delete a course."""
    work.changing(course)
    work.session.delete(course)
    work.session.flush()


def import_courses(work: Work, rows: Iterable[CourseRow], *, replace_all: bool = False) -> Imported:
    """Add the courses that are new and change those that differ; the caller commits, or not (dry run).

    `replace_all`: courses that are not in the list are removed. The first real list removes the examples.
    """
    known = {course.number: course for course in work.session.scalars(select(Course))}
    added, changed, unchanged = [], [], []
    listed: set[str] = set()
    real = False
    for row in rows:
        listed.add(row.number)
        real = real or not row.example
        course = known.get(row.number)
        if course is None:
            work.session.add(_write(Course(), row))
            added.append(row.number)
        elif _differs(course, row):
            _write(course, row)
            changed.append(row.number)
        else:
            unchanged.append(row.number)
    removed = [
        number
        for number, course in known.items()
        if number not in listed and (replace_all or (real and course.example))
    ]
    for number in removed:
        work.session.delete(known[number])
    work.session.flush()
    return Imported(tuple(added), tuple(changed), tuple(unchanged), tuple(removed))


_FIELDS = tuple(field.name for field in fields(CourseRow))


def _differs(course: Course, row: CourseRow) -> bool:
    return any(getattr(course, name) != value for name, value in _values(row).items())


def _write(course: Course, row: CourseRow) -> Course:
    for name, value in _values(row).items():
        setattr(course, name, value)
    return course


def _values(row: CourseRow) -> dict[str, object]:
    values = {name: getattr(row, name) for name in _FIELDS}
    return values | {"days": list(row.days) if row.days is not None else None}


def load_examples(work: Work, today: date) -> int:
    """Fill an empty table with the example courses, moved by whole weeks so that they are still to come.

    For development only. Returns how many were loaded.
    """
    if work.session.scalar(select(func.count()).select_from(Course)):
        return 0
    with EXAMPLES.open("rb") as stream:
        rows = read_courses(stream, examples=True)
    first = min(row.starts_on for row in rows)
    weeks = timedelta(weeks=(today - first).days // 7 + 2)
    import_courses(work, (_moved(row, weeks, today) for row in rows))
    return len(rows)


def _moved(row: CourseRow, by: timedelta, today: date) -> CourseRow:
    ends = row.ends_on + by if row.ends_on else None
    return CourseRow(**{**asdict(row), "starts_on": row.starts_on + by, "ends_on": ends, "as_of": today})


def remove_examples(work: Work) -> None:
    """Remove the example courses: real people must not see them."""
    work.session.execute(delete(Course).where(Course.example))


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code: 0 done, 1 refused, 2 no such file."""
    parser = argparse.ArgumentParser(prog="python -m office.courses", description="Import a list of German courses.")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("import", help="read a CSV file (docs/courses.md)")
    command.add_argument("file", type=Path)
    command.add_argument("--dry-run", action="store_true", help="only say what would be done")
    command.add_argument("--replace", action="store_true", help="remove the courses that are not in the file")
    options = parser.parse_args(arguments)
    try:
        with options.file.open("rb") as stream:
            rows = read_courses(stream)
    except OSError as error:
        sys.stderr.write(f"{options.file.name}: cannot be opened ({error.strerror}).\n")
        return 2
    except CourseFileError as error:
        sys.stderr.write(f"{error}\nNothing was imported.\n")
        return 1
    done = _import(rows, replace_all=options.replace, dry_run=options.dry_run)
    said = f"{len(done.added)} new, {len(done.changed)} changed, {len(done.unchanged)} as before, {len(done.removed)} removed"
    sys.stdout.write(f"{said}.{' This was a dry run: nothing was changed.' if options.dry_run else ''}\n")
    return 0


def _import(rows: list[CourseRow], *, replace_all: bool, dry_run: bool) -> Imported:
    store = Store(default_url(os.environ))
    try:
        store.migrate()
        with store.begin() as work:
            done = import_courses(work, rows, replace_all=replace_all)
            if not dry_run:
                work.commit()
            return done
    finally:
        store.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
