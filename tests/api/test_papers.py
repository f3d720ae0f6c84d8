"""Lists of papers: to tick in the chat with and without JavaScript, to print in two languages."""

from __future__ import annotations

import re
from html import unescape

import pytest

from .conftest import Client, FakeRasa, says

BRING = says("documents.bring", values={"papers": ["status_paper", "tax_ids"], "procedure": "child_benefit"})
SHEET = "/print/papers?procedure=child_benefit&office=family_benefits_office&papers=status_paper.tax_ids"


async def test_a_list_of_papers_comes_with_name_looks_and_source(client: Client, rasa: FakeRasa) -> None:
    rasa.answer = BRING
    answer = await client.say("Welche Unterlagen brauche ich?", language="de")
    [message] = answer["messages"]
    assert [paper["id"] for paper in message["checklist"]] == ["status_paper", "tax_ids"]
    assert message["checklist"][1] == {
        "id": "tax_ids",
        "name": "Steuerliche Identifikationsnummer von einem Elternteil und vom Kind",
        "looks": "Ein Brief mit einer Nummer aus 11 Ziffern.",
        "source": "Er kommt mit der Post vom Bundeszentralamt für Steuern; Sie können ihn erneut anfordern.",
    }
    # Telegram and programs read the text, which holds everything, too.
    assert message["text"].count("• ") == 2


async def test_other_messages_have_no_list(client: Client) -> None:
    answer = await client.say("Hallo zusammen ihr da", language="de")
    assert all(message["checklist"] == [] for message in answer["messages"])


async def test_without_javascript_each_paper_is_a_box_to_tick_that_explains_itself(
    client: Client, rasa: FakeRasa
) -> None:
    rasa.answer = BRING
    page = await client.http.post("/", data={"text": "welche papiere", "shown": "ar"}, follow_redirects=True)
    assert re.findall(r'<input type="checkbox" value="(\w+)">', page.text) == ["status_paper", "tax_ids"]
    assert page.text.count("<details>") == 2
    assert "رسالة فيها رقم من 11 خانة." in page.text
    assert "• " not in page.text


async def test_the_sheet_stands_in_the_reader_s_language_and_in_german(client: Client) -> None:
    page = await client.http.get(f"{SHEET}&lang=ar")
    assert page.status_code == 200
    assert '<html lang="ar" dir="rtl">' in page.text
    text = unescape(page.text)
    assert text.count('class="box"') == 4
    for words in (
        "رسالة فيها رقم من 11 خانة.",
        "Ein Brief mit einer Nummer aus 11 Ziffern.",
        "1. Juli 2024",
        "Meine Unterlagen",
    ):
        assert words in text
    assert '<div lang="de" dir="ltr">' in text


async def test_the_german_sheet_has_one_column(client: Client) -> None:
    page = await client.http.get(f"{SHEET}&lang=de")
    assert page.text.count('class="box"') == 2


async def test_without_a_language_the_browser_s_is_taken(client: Client) -> None:
    page = await client.http.get(SHEET, headers={"accept-language": "ar-SY"})
    assert '<html lang="ar"' in page.text


@pytest.mark.parametrize(
    "query",
    ["", "papers=", "papers=gold", "papers=tax_ids.tax_ids", "papers=tax_ids&procedure=x", "papers=tax_ids&office=moon",
     "papers=" + ".".join(["tax_ids"] * 41), "papers=../etc", "papers=<script>"],
)  # fmt: skip
async def test_a_sheet_of_anything_else_is_not_made(client: Client, query: str) -> None:
    assert (await client.http.get(f"/print/papers?{query}&lang=de")).status_code == 404


async def test_the_sheet_names_nobody_and_its_files_are_there(client: Client) -> None:
    page = await client.http.get(f"{SHEET}&lang=ar")
    assert "<script" not in page.text and "conversation" not in page.text
    for part in re.findall(r'href="(/static/[^"]+)"', page.text):
        style = await client.http.get(part)
        assert style.status_code == 200 and "#fff" in style.text
    assert page.headers["referrer-policy"] == "no-referrer"
