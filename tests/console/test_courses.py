"""Courses in the console: a list is tried before it is taken, refused with its lines, and corrected course by course."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy import select

from bot.app import create_app, start
from bot.console.courses import MOST_BYTES
from bot.parts import Parts
from office.courses import Course, import_courses
from tests.console.conftest import TOKEN, Browser, Clock
from tests.office.test_courses import HEAD, ROW, row, table

NASTY = "<script>alert(1)</script>"


async def send(clerk: Browser, text: str | bytes, path: str = "/console/courses/check", **fields: str):
    """Send a file as the form does."""
    data = {"token": TOKEN.search(clerk.page)[1], **fields}
    content = text if isinstance(text, bytes) else text.encode()
    answer = await clerk.http.post(path, data=data, files={"file": ("kurse.csv", content, "text/csv")})
    return clerk._seen(answer)


def numbers(parts: Parts) -> list[str]:
    with parts.store.read() as work:
        return list(work.session.scalars(select(Course.number).order_by(Course.number)))


@pytest.fixture
def listed(parts: Parts) -> None:
    with parts.store.begin() as work:
        import_courses(work, table(ROW, row(number="K2", title=NASTY, town="Ahlen")))
        work.commit()


async def test_an_empty_list_says_what_people_hear_instead(clerk: Browser, parts: Parts) -> None:
    await clerk.get("/console/courses")
    assert parts.replies.render("console.courses.none", {}, "de") in clerk.text


async def test_a_list_is_tried_first_and_then_taken(clerk: Browser, parts: Parts, listed: None) -> None:
    await clerk.get("/console/courses")
    answer = await send(clerk, "\n".join([HEAD, row(places="9"), row(number="K3")]))
    assert answer.status_code == 200
    figures = re.findall(r"<dd><strong>(\d+)</strong>", clerk.page)
    assert figures == ["1", "1", "0", "0"]
    assert numbers(parts) == ["K1", "K2"]

    kept = unescape(re.search(r'<textarea name="list" hidden>\n(.*?)</textarea>', clerk.page, re.S)[1])
    data = {"token": TOKEN.search(clerk.page)[1], "list": kept}
    done = await clerk.http.post("/console/courses/import", data=data, files={"": b""})
    assert done.status_code == 303
    assert numbers(parts) == ["K1", "K2", "K3"]
    await clerk.get(done.headers["location"])
    assert parts.replies.render("console.courses.done.imported", {}, "de") in clerk.text


async def test_courses_not_in_the_list_go_only_if_that_is_ticked(clerk: Browser, parts: Parts, listed: None) -> None:
    await clerk.get("/console/courses")
    await send(clerk, f"{HEAD}\n{ROW}\n", replace="yes")
    assert re.findall(r"<dd><strong>(\d+)</strong>", clerk.page) == ["0", "0", "1", "1"]
    assert 'name="replace" value="yes"' in clerk.page
    kept = re.search(r'<textarea name="list" hidden>\n(.*?)</textarea>', clerk.page, re.S)[1]
    await clerk.post("/console/courses/import", list=unescape(kept), replace="yes")
    assert numbers(parts) == ["K1"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"{HEAD}\n{ROW}\n{row(number='K2', start='31.02.2025')}", ("3", "beginn", "„31.02.2025“ ist kein Tag, den es gibt")),
        (f"{HEAD}\n{row(title='=1+1')}", ("2", "titel", "„=1+1“ beginnt wie eine Formel")),
        (f"{HEAD}\n".encode() + ROW.replace("VHS", "Träger").encode("latin-1"), ("2", "Das ist kein UTF-8")),
        (HEAD.replace(";level", ""), ("Die Spalte level (niveau) fehlt",)),
        ("\n".join([HEAD, *(row(number=f"K{n}") for n in range(5_001))])[: MOST_BYTES], ("mehr als 5000 Kurse",)),
        (b"x" * (MOST_BYTES + 1), ("größer als 900 kB",)),
    ],
)  # fmt: skip
async def test_a_faulty_list_is_refused_with_line_column_and_reason(
    clerk: Browser, parts: Parts, text: str | bytes, words: tuple[str, ...]
) -> None:
    await clerk.get("/console/courses")
    answer = await send(clerk, text)
    assert answer.status_code == 422
    assert all(word in clerk.text for word in words), clerk.text[:2000]
    assert numbers(parts) == []


async def test_a_list_that_was_changed_between_check_and_import_is_checked_again(clerk: Browser, parts: Parts) -> None:
    await clerk.get("/console/courses")
    answer = await clerk.post("/console/courses/import", list=f"{HEAD}\n{row(level='B7')}")
    assert answer.status_code == 422
    assert numbers(parts) == []


async def test_a_much_larger_file_is_refused_before_it_is_read(clerk: Browser) -> None:
    await clerk.get("/console/courses")
    answer = await send(clerk, b"x" * (2 * MOST_BYTES))
    assert answer.status_code == 413
    # and everything else keeps the small limit
    assert (await clerk.http.post("/api/chat", content=b"x" * 70_000)).status_code == 413


async def test_a_course_is_corrected_and_deleted(clerk: Browser, parts: Parts, listed: None) -> None:
    await clerk.get("/console/courses")
    [address] = re.findall(r'href="(/console/courses/\d+)"[^>]*K1', clerk.page)
    await clerk.get(address)
    fields = {
        name: unescape(value)
        for name, value in re.findall(
            r'<input class="kern-form-input__input" id="\w+" name="(\w+)" value="([^"]*)"', clerk.page
        )
    }
    for name, options in re.findall(r'<select [^>]*name="(\w+)">(.*?)</select>', clerk.page, re.S):
        fields[name] = re.search(r'<option value="(\w*)" selected', options)[1]
    assert (fields["kind"], fields["level"], fields["childcare"]) == ("integration_course", "B1", "yes")
    assert fields["town"] == "Hilden"
    wrong = await clerk.post(address, **{**fields, "start": "31.02.2025"})
    assert wrong.status_code == 422
    assert "kein Tag, den es gibt" in clerk.text and 'value="31.02.2025"' in clerk.page
    assert (await clerk.post(address, **{**fields, "places": "12"})).status_code == 303
    with parts.store.read() as work:
        assert work.session.scalar(select(Course.places).where(Course.number == "K1")) == 12
    await clerk.get(address)
    assert (await clerk.post(f"{address}/delete")).status_code == 303
    assert numbers(parts) == ["K2"]
    assert (await clerk.get(address)).status_code == 404


async def test_a_page_of_one_site_shows_its_courses_only(clerk: Browser, listed: None) -> None:
    await clerk.get("/console/courses?site=warendorf")
    assert ">K2<" in clerk.page and ">K1<" not in clerk.page
    await clerk.get("/console/courses?site=nowhere")
    assert ">K1<" in clerk.page


async def test_markup_in_a_course_stays_text(clerk: Browser, listed: None) -> None:
    await clerk.get("/console/courses")
    assert "alert(1)" in clerk.page and "<script>alert" not in clerk.page
    await send(clerk, f"{HEAD}\n{row(title=NASTY)}")
    assert "</textarea>" in clerk.page and "<script>alert" not in clerk.page


@pytest.mark.parametrize("path", ["/console/courses", "/console/courses/1"])
async def test_only_staff_see_courses_here(visitor: Browser, path: str) -> None:
    answer = await visitor.get(path)
    assert answer.status_code == 303 and "/console/login" in answer.headers["location"]


async def test_a_form_from_elsewhere_changes_nothing(clerk: Browser, parts: Parts, listed: None) -> None:
    await clerk.get("/console/courses")
    for path in ("/console/courses/import", "/console/courses/1/delete", "/console/courses/1"):
        answer = await clerk.http.post(path, data={"token": "wrong", "list": f"{HEAD}\n{ROW}"})
        assert answer.status_code == 403
    assert numbers(parts) == ["K1", "K2"]


async def test_the_examples_are_there_in_development_and_marked(clerk: Browser, parts: Parts, clock: Clock) -> None:
    await start(parts)
    await clerk.get("/console/courses")
    mark = parts.replies.render("course_mark.example", {}, "de")
    assert clerk.text.count(mark) == 13


async def test_in_production_there_are_no_examples(make, parts: Parts) -> None:
    await start(parts)
    assert numbers(parts)
    production = make(mode="production", secret_key="Zq8vN2xT7wLk4RbY9mHc3JpD6sGfU1aE", public_url="https://lotse.test")
    create_app(production.settings, production)
    await start(production)
    assert numbers(production) == []
