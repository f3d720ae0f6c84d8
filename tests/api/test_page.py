"""The public chat page: works as a plain form, in both directions, and shows text as text."""

from __future__ import annotations

import httpx
import pytest

from bot.channels.widget import linked

from .conftest import Client, FakeRasa, says

CHOICE = {"label": "choice.person", "payload": "/request_human"}


async def form(client: Client, **fields: str) -> httpx.Response:
    """Post the form as a browser without JavaScript does, and follow to the page."""
    return await client.http.post("/", data=fields, follow_redirects=True)


async def test_the_empty_page_greets_and_offers_topics_before_anything_is_stored(
    client: Client, rasa: FakeRasa
) -> None:
    page = (await client.http.get("/", headers={"accept-language": "ar-SY,de;q=0.5"})).text
    assert '<html lang="ar" dir="rtl">' in page
    assert 'value="/ask_work_permission"' in page
    assert rasa.got == []


async def test_a_page_without_a_language_we_have_is_german(client: Client) -> None:
    assert '<html lang="de" dir="ltr">' in (await client.http.get("/", headers={"accept-language": "ja"})).text


async def test_a_typed_question_is_answered_after_a_reload(client: Client, rasa: FakeRasa) -> None:
    page = await form(client, text="Wann ist geöffnet?", shown="de")
    assert page.url.path == "/" and page.history[0].status_code == 303
    assert "Wann ist geöffnet?" in page.text
    assert client.http.cookies["lotse_chat"]
    assert rasa.last["message"] == "Wann ist geöffnet?"


async def test_a_button_works_without_javascript_and_shows_its_words(client: Client, rasa: FakeRasa) -> None:
    page = await form(client, payload="/request_human", shown="en")
    assert rasa.last["message"] == "/request_human"
    assert "Talk to someone" in page.text


async def test_the_buttons_of_the_last_answer_are_offered(client: Client, rasa: FakeRasa) -> None:
    rasa.answer = says("greet.hello", choices=[CHOICE])
    page = await form(client, text="Hallo zusammen ihr da", shown="de")
    assert page.text.count('name="payload"') == 1


async def test_html_in_a_message_stays_text(client: Client) -> None:
    page = await form(client, text="<script>alert(1)</script>", shown="de")
    assert "<script>alert(1)</script>" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text


async def test_what_is_refused_stays_in_the_field_with_a_sentence(client: Client, rasa: FakeRasa) -> None:
    page = await form(client, text="x" * 2001, shown="en")
    assert page.status_code == 422
    assert 'role="alert"' in page.text and "x" * 2001 in page.text
    assert rasa.got == []


async def test_a_conversation_that_is_gone_begins_anew(client: Client) -> None:
    client.http.cookies.set("lotse_chat", "no-such-conversation")
    assert (await client.http.get("/")).status_code == 200
    page = await form(client, conversation="no-such-conversation", text="Hallo", shown="de")
    assert page.status_code == 404 and 'role="alert"' in page.text


async def test_an_erased_conversation_leaves_no_cookie(client: Client, rasa: FakeRasa) -> None:
    first = await form(client, text="Hallo zusammen ihr da", shown="de")
    assert first.status_code == 200
    rasa.answer = says("greet.hello", effects={"erase": True})
    token = client.http.cookies["lotse_chat"]
    page = await form(client, conversation=token, text="lösche alles was du weißt", shown="de")
    assert page.status_code == 200
    assert "lotse_chat" not in client.http.cookies


async def test_a_language_button_changes_the_language_of_the_conversation(client: Client, rasa: FakeRasa) -> None:
    await form(client, text="Wann ist bei euch geöffnet?", shown="de")
    rasa.answer = says("language.changed", effects={"language": "ar"})
    page = await form(client, conversation=client.http.cookies["lotse_chat"], language="ar", shown="de")
    assert rasa.last["message"] == '/change_language{"language": "ar"}'
    assert '<html lang="ar" dir="rtl">' in page.text


async def test_no_script_stands_in_the_page_and_every_file_it_names_is_there(client: Client) -> None:
    page = await client.http.get("/")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "<script>" not in page.text and " onclick" not in page.text
    for part in page.text.split('"'):
        if part.startswith("/static/"):
            assert (await client.http.get(part)).status_code == 200, part


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a < b & c", "a &lt; b &amp; c"),
        (
            "see https://example.org/a?b=1 now",
            'see <a href="https://example.org/a?b=1" rel="noopener noreferrer">example.org/a/…</a> now',
        ),
        ("\u2068https://example.org\u2069", '\u2068<a href="https://example.org" rel="noopener noreferrer">example.org</a>\u2069'),
        ('https://x"><script>', '<a href="https://x&#34;&gt;&lt;script&gt;" rel="noopener noreferrer">x&#34;&gt;&lt;script&gt;</a>'),
        ("javascript:alert(1)", "javascript:alert(1)"),
    ],
)  # fmt: skip
def test_addresses_become_links_and_nothing_else_does(text: str, html: str) -> None:
    assert linked(text) == html
