"""Course lists: what is refused, with line and reason; imported all or nothing; found as wished."""

from __future__ import annotations

import io
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from office.course_files import (
    COLUMNS,
    KINDS,
    LEVELS,
    MAX_ROWS,
    CourseFileError,
    CourseRow,
    as_cells,
    check_row,
    read_courses,
)
from office.courses import (
    EXAMPLES,
    UnknownCourse,
    Wish,
    all_courses,
    alternatives,
    change_course,
    course_cells,
    delete_course,
    get_course,
    import_courses,
    load_examples,
    remove_examples,
    search,
)
from office.sites import WEEKDAYS
from office.store import Store

ROOT = Path(__file__).parents[2]
HEAD = "number;title;provider;kind;level;start;end;days;from;to;town;childcare;places;audience;as_of"
ROW = "K1;Kurs;VHS;integration_course;B1;2024-09-02;2025-02-28;Mo Di Mi;08:30;12:00;Hilden;yes;3;everyone;2024-06-28"
TODAY = date(2024, 7, 1)


def read(text: str | bytes, **options) -> list[CourseRow]:
    return read_courses(io.BytesIO(text if isinstance(text, bytes) else text.encode()), **options)


def refused(text: str | bytes) -> list[str]:
    with pytest.raises(CourseFileError) as error:
        read(text)
    return [str(fault) for fault in error.value.faults]


def row(**cells: str) -> str:
    given_ = dict(zip(HEAD.split(";"), ROW.split(";"), strict=True)) | cells
    return ";".join(given_[name] for name in HEAD.split(";"))


def test_a_row_is_read_with_everything_in_it():
    [course] = read(f"{HEAD}\n{ROW}\n")
    assert (course.number, course.level, course.town, course.site) == ("K1", "B1", "Hilden", "mettmann")
    assert (course.starts_on, course.ends_on) == (date(2024, 9, 2), date(2025, 2, 28))
    assert (course.days, course.time_of_day) == (("monday", "tuesday", "wednesday"), "morning")
    assert (course.childcare, course.places, course.example) == (True, 3, False)


def test_a_german_table_with_commas_quotes_and_a_mark_at_its_beginning_is_read():
    text = (
        "Nummer,Titel,Träger,Art,Niveau,Beginn,Ort,Kinderbetreuung,Freie Plätze,Tage,Zielgruppe,Stand\r\n"
        '7,"Kurs, abends","Die ""Schule""",Berufssprachkurs,b2,01.09.2024,wuelfrath,ja,,Mo-Fr,Frauen,28.06.2024\r\n\r\n'
    )
    [course] = read(b"\xef\xbb\xbf" + text.encode())
    assert (course.title, course.provider) == ("Kurs, abends", 'Die "Schule"')
    assert (course.kind, course.level, course.town) == ("vocational_language_course", "B2", "Wülfrath")
    assert (course.starts_on, course.places, course.audience) == (date(2024, 9, 1), None, "women")
    assert course.days == WEEKDAYS[:5]


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"start": "31.02.2025"}, "line 2: start: '31.02.2025' is not a day that exists"),
        ({"start": "2025-02-31"}, "line 2: start: '2025-02-31' is not a day that exists"),
        ({"start": "next week"}, "line 2: start: 'next week' is not a day"),
        ({"start": "0024-09-01"}, "line 2: start: '0024-09-01' is not a day"),
        ({"end": "2024-08-01"}, "line 2: end: '2024-08-01' lies before the beginning"),
        ({"from": "8 Uhr"}, "line 2: from: '8 Uhr' is not a time of day like 08:30"),
        ({"from": "25:00"}, "line 2: from: '25:00' is not a time of day"),
        ({"to": "08:00"}, "line 2: to: '08:00' lies before the beginning"),
        ({"level": "B7"}, "line 2: level: 'B7' is not one of: none, A1"),
        ({"kind": "Kochkurs"}, "line 2: kind: 'Kochkurs' is not one of: integration_course"),
        ({"days": "Mo Mohntag"}, "line 2: days: 'Mohntag' is not one of: Mo, Di"),
        ({"childcare": "maybe"}, "line 2: childcare: 'maybe' is not one of: ja, nein"),
        ({"places": "-1"}, "line 2: places: '-1' begins like a formula"),
        ({"places": "many"}, "line 2: places: 'many' is not a whole number from 0 to 999"),
        ({"places": "1000"}, "line 2: places: '1000' is not a whole number"),
        ({"town": "Entenhausen"}, "line 2: town: 'Entenhausen' is a town that is not known here"),
        ({"town": "Hildn"}, "line 2: town: 'Hildn' is a town that is not known here"),
        ({"number": ""}, "line 2: number: must not be empty"),
        ({"title": "x" * 201}, "line 2: title: is longer than 200 characters"),
        ({"title": "Kurs\u202e"}, "line 2: title: holds a sign that cannot be shown"),
        ({"title": '=HYPERLINK("http://x")'}, "line 2: title: '=HYPERLINK(\"http://x\")' begins like a formula (=, +, -, @)"),
        ({"provider": "+49 2104 1"}, "line 2: provider: '+49 2104 1' begins like a formula"),
        ({"provider": "@SUM(A1)"}, "line 2: provider: '@SUM(A1)' begins like a formula"),
        ({"provider": " =1+1"}, "line 2: provider: '=1+1' begins like a formula"),
        ({"provider": "＝1+1"}, "begins like a formula"),
    ],
)  # fmt: skip
def test_a_cell_is_refused_with_line_column_and_reason(cells, fault):
    text = row(**{name: f'"{value.replace(chr(34), chr(34) * 2)}"' for name, value in cells.items()})
    [said] = refused(f"{HEAD}\n{text}\n")
    assert fault in said


def test_every_fault_is_told_with_its_line():
    text = "\n".join([HEAD, ROW, row(number="K2", level="X", start="1.1.1"), "", row(number="K3", town="Nirgends")])
    assert [said.split(":")[0:2] for said in refused(text)] == [
        ["line 3", " start"], ["line 3", " level"], ["line 5", " town"],
    ]  # fmt: skip


def test_a_quoted_cell_over_two_lines_does_not_confuse_the_count():
    text = f"{HEAD}\n{row(title=chr(34) + 'a' + chr(10) + 'b' + chr(34))}\n{row(number='K2', level='X')}\n"
    said = refused(text)
    assert said[0].startswith("line 3: title: holds a sign") and said[1].startswith("line 4: level")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{HEAD}\n".encode() + ROW.replace("VHS", "Träger").encode("latin-1"), "line 2: is not UTF-8. In the table"),
        (f"{HEAD}\n{ROW}".encode("utf-16"), "is no text table"),
        (b"PK\x03\x04 an Excel file", "is no text table"),
        (f"{HEAD}\n{ROW}\0".encode(), "line 2: is no text table"),
        (b"", "line 1: must hold the names of the columns"),
        (HEAD, "The file holds no courses"),
        (f"{HEAD}\n{ROW};extra", "line 2: has 16 cells, but the first line names 15"),
        (f'{HEAD}\n"{ROW}', "cannot be read as CSV"),
        (f"{HEAD}\n" + "x" * 70_000, "line 2: is longer than 65536"),
        (f"{HEAD}\n{ROW}\n{ROW}", "line 3: number: 'K1' stands in line 2 as well"),
        (f"{HEAD};colour\n{ROW};red", "line 1: There is no column 'colour'; there are: number (nummer)"),
        (f"{HEAD};level\n{ROW};B1", "line 1: The column level stands here twice"),
        (HEAD.replace(";level", "") + "\n" + ROW.replace(";B1", ""), "line 1: The column level (niveau) is missing"),
    ],
)  # fmt: skip
def test_a_file_is_refused_as_a_whole_with_the_reason(text, said):
    assert any(said in fault for fault in refused(text))


class Endless(io.RawIOBase):
    """A million rows that nobody has to hold in memory; counts what was read of them."""

    def __init__(self, rows: int) -> None:
        self.left, self.read_rows = rows, 0
        self.head = True

    def readline(self, limit: int = -1) -> bytes:
        if self.head:
            self.head = False
            return f"{HEAD}\n".encode()
        if not self.left:
            return b""
        self.left -= 1
        self.read_rows += 1
        return f"{row(number=f'K{self.read_rows}')}\n".encode()


def test_a_million_rows_are_refused_without_reading_them():
    stream = Endless(1_000_000)
    began = time.perf_counter()
    with pytest.raises(CourseFileError, match=rf"line {MAX_ROWS + 2}: is beyond the limit of {MAX_ROWS} courses"):
        read_courses(stream)
    assert stream.read_rows == MAX_ROWS + 1
    assert time.perf_counter() - began < 5


def test_more_than_a_hundred_faults_are_counted_not_listed():
    said = refused("\n".join([HEAD, *(row(number=f"K{n}", level="X") for n in range(150))]))
    assert len(said) == 101
    assert said[-1] == "and 50 more faults."


def test_example_rows_are_refused_outside_the_examples():
    assert "marks an example" in refused(f"{HEAD};example\n{ROW};yes")[0]
    assert read(f"{HEAD};example\n{ROW};yes", examples=True)[0].example


def test_the_examples_show_that_they_are_examples():
    with EXAMPLES.open("rb") as stream:
        rows = read_courses(stream, examples=True)
    assert len(rows) > 10
    assert all(row.example and "Beispiel" in row.title and "Beispiel" in row.provider for row in rows)
    assert {row.site for row in rows} == {"mettmann", "warendorf", "herford"}


COURSES = st.builds(
    CourseRow,
    number=st.from_regex(r"[A-Z][0-9]{1,6}", fullmatch=True),
    title=st.from_regex(r"[A-Za-zÄÖÜäöü][A-Za-zß ,;\"0-9]{0,30}[a-z]", fullmatch=True),
    provider=st.just("VHS"),
    kind=st.sampled_from(KINDS),
    level=st.sampled_from(LEVELS),
    starts_on=st.dates(date(2016, 1, 1), date(2030, 1, 1)),
    ends_on=st.none() | st.dates(date(2030, 1, 2), date(2031, 1, 1)),
    days=st.none() | st.sets(st.sampled_from(WEEKDAYS), min_size=1).map(lambda s: tuple(d for d in WEEKDAYS if d in s)),
    begins=st.just(None),
    ends=st.just(None),
    time_of_day=st.just(None),
    town=st.sampled_from(["Hilden", "Wülfrath"]),
    site=st.just("mettmann"),
    street=st.none() | st.just("Weg 1"),
    childcare=st.sampled_from([None, True, False]),
    places=st.none() | st.integers(0, 999),
    audience=st.sampled_from(["everyone", "women"]),
    contact=st.none(),
    as_of=st.dates(date(2016, 1, 1), date(2030, 1, 1)),
    example=st.just(False),
)


@given(COURSES)
def test_what_is_written_into_cells_is_read_back_the_same(course):
    again, faults = check_row(as_cells(course))
    assert faults == []
    expected = course if not course.days or set(course.days) - {"saturday", "sunday"} else None
    assert expected is None or again == expected


@given(st.binary(max_size=400))
def test_no_bytes_whatever_end_in_anything_but_courses_or_faults(data):
    try:
        read(f"{HEAD}\n".encode() + data)
    except CourseFileError as error:
        assert error.faults and all(str(fault) for fault in error.faults)


# importing -------------------------------------------------------------------------------------------------


def table(*rows: str) -> list[CourseRow]:
    return read("\n".join([HEAD, *rows]))


def numbers(work, wish: Wish = Wish(), on: date = TODAY) -> list[str]:  # noqa: B008 (frozen)
    return [hit.course.number for hit in search(work, wish, on)]


def test_an_import_adds_changes_and_leaves(work):
    import_courses(work, table(ROW, row(number="K2")))
    done = import_courses(work, table(ROW, row(number="K2", places="0"), row(number="K3")))
    assert (done.added, done.changed, done.unchanged, done.removed) == (("K3",), ("K2",), ("K1",), ())
    assert [course.number for course in all_courses(work)] == ["K1", "K2", "K3"]


def test_what_is_not_in_the_list_is_removed_only_if_that_is_wished(work):
    import_courses(work, table(ROW, row(number="K2")))
    assert import_courses(work, table(ROW)).removed == ()
    assert import_courses(work, table(ROW), replace_all=True).removed == ("K2",)
    assert numbers(work) == ["K1"]


def test_without_commit_nothing_is_imported(store):
    with store.begin() as work:
        assert import_courses(work, table(ROW)).added == ("K1",)
    with store.read() as work:
        assert all_courses(work) == []


def test_the_first_real_list_takes_the_examples_away(work):
    assert load_examples(work, TODAY) == 13
    assert load_examples(work, TODAY) == 0
    assert len(import_courses(work, table(ROW)).removed) == 13
    assert numbers(work) == ["K1"]


def test_the_examples_are_always_still_to_come(work):
    load_examples(work, date(2031, 5, 5))
    courses = all_courses(work)
    assert all(course.example and course.starts_on > date(2031, 5, 5) for course in courses)
    assert all(course.ends_on is None or course.ends_on > course.starts_on for course in courses)
    remove_examples(work)
    assert all_courses(work) == []


def test_a_course_is_corrected_with_the_same_checks(work):
    import_courses(work, table(ROW, row(number="K2")))
    course = all_courses(work)[0]
    cells = course_cells(course)
    [fault] = change_course(work, course, cells | {"start": "31.02.2025"})
    assert (fault.column, fault.code) == ("start", "no_date")
    assert change_course(work, course, cells | {"number": "K2"})[0].code == "double_number"
    assert course.starts_on == date(2024, 9, 2)
    assert change_course(work, course, cells | {"places": "9", "from": "18:00", "to": "20:00"}) == []
    assert (course.places, course.time_of_day) == (9, "evening")


def test_a_deleted_course_is_gone(work):
    import_courses(work, table(ROW))
    course = all_courses(work)[0]
    delete_course(work, course)
    with pytest.raises(UnknownCourse):
        get_course(work, course.id)


# searching -------------------------------------------------------------------------------------------------


@pytest.fixture
def listed(work):
    import_courses(
        work,
        table(
            ROW,
            row(number="full", places="0", start="2024-08-01"),
            row(number="night", **{"from": "18:00", "to": "21:00"}, childcare="no", start="2024-09-01"),
            row(number="a1", level="A1", town="Ratingen", places="", childcare=""),
            row(number="alpha", level="none", kind="literacy_course", town="Ahlen"),
            row(number="women", audience="women", town="Bünde", level="A2", days="Sa", start="2024-10-01"),
            row(number="over", start="2024-01-01", end="2024-06-30"),
            row(number="begun", start="2024-06-26", town="Velbert", level="C1"),
        ),
    )
    return work


@pytest.mark.parametrize(
    ("wish", "found"),
    [
        (Wish(level="B1"), ["night", "K1", "full"]),  # by beginning; full ones last
        (Wish(level="B1", childcare=True), ["K1", "full"]),
        (Wish(level="B1", free_places=True), ["night", "K1"]),
        (Wish(time_of_day="evening"), ["night"]),
        (Wish(time_of_day="weekend"), ["women"]),
        (Wish(audience="women"), ["women"]),
        (Wish(kind="literacy_course"), ["alpha"]),
        (Wish(level="none"), ["a1", "alpha"]),
        (Wish(site="herford"), ["women"]),
        (Wish(level="C1"), ["begun"]),
        (Wish(starts_from=date(2024, 9, 2), starts_until=date(2024, 9, 30)), ["K1", "a1", "alpha"]),
        (Wish(town="Ratingen", level="A1"), ["a1"]),
        (Wish(town="Hilden", level="A1", within_km=10), []),
        (Wish(town="Hilden", level="A1", within_km=30), ["a1"]),
        (Wish(town="Oelde", level="none"), ["alpha"]),
    ],
)
def test_courses_are_found_as_wished(listed, wish, found):
    assert numbers(listed, wish) == found


def test_a_course_that_is_over_or_long_begun_is_not_found(listed):
    assert "over" not in numbers(listed)
    assert "begun" not in numbers(listed, on=date(2024, 7, 4))


def test_the_way_is_told_where_both_towns_have_a_place(listed):
    hits = {hit.course.number: hit.km for hit in search(listed, Wish(town="Hilden"), TODAY)}
    assert hits["K1"] == 0
    assert (
        10 < {hit.course.number: hit.km for hit in search(listed, Wish(town="Hilden", within_km=99), TODAY)}["a1"] < 25
    )
    assert search(listed, Wish(site="mettmann"), TODAY)[0].km is None


def test_nothing_found_says_which_wish_stands_in_the_way(listed):
    wish = Wish(town="Hilden", level="B1", time_of_day="evening", childcare=True)
    assert numbers(listed, wish) == []
    assert alternatives(listed, wish, TODAY) == {"time_of_day": 2, "childcare": 1}
    assert alternatives(listed, Wish(), TODAY) == {}


# command ---------------------------------------------------------------------------------------------------


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "office.courses", *arguments],
        cwd=ROOT,
        env={"LOTSE_STATE": str(folder), "PATH": "", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
    )


def stored(folder: Path) -> list[str]:
    store = Store(f"sqlite:///{folder / 'lotse.db'}")
    with store.read() as work:
        found = [course.number for course in all_courses(work)]
    store.close()
    return found


def test_the_command_tries_imports_and_refuses(tmp_path):
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(f"{HEAD}\n{ROW}\n", encoding="utf-8")
    bad.write_text(f"{HEAD}\n{row(number='K2')}\n{row(number='K3', start='31.02.2025')}\n", encoding="utf-8")

    tried = command(tmp_path, "import", str(good), "--dry-run")
    assert (tried.returncode, stored(tmp_path)) == (0, [])
    assert tried.stdout.startswith("1 new, 0 changed") and "dry run" in tried.stdout

    assert command(tmp_path, "import", str(good)).returncode == 0
    refused_ = command(tmp_path, "import", str(bad))
    assert refused_.returncode == 1
    assert "line 3: start: '31.02.2025' is not a day that exists" in refused_.stderr
    assert "Nothing was imported." in refused_.stderr
    assert stored(tmp_path) == ["K1"]
    assert command(tmp_path, "import", str(tmp_path / "none.csv")).returncode == 2


def test_every_column_is_documented():
    text = (ROOT / "docs" / "courses.md").read_text(encoding="utf-8")
    assert [name for name, german in COLUMNS.items() if f"`{name}`" not in text or f"`{german}`" not in text] == []
