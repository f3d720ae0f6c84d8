"""What staff see and do: urgent first, both languages side by side, replies, hand-over, appointments."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest
from sqlalchemy import select

from bot.console.routes import changes
from bot.console.talk import drafts
from bot.console.words import Words
from bot.events import CONSOLE
from bot.parts import Parts
from office import conversations
from office.appointments import get_appointment
from office.tables import Conversation, Message, Outbox
from tests.console.conftest import Browser, Clock, FakeRasa

OpenCase = Callable[..., tuple[int, str]]
NO_CAMP = '/inform{"in_reception_centre": "false"}'
HELLO_AR = "السلام عليكم ورحمة الله وبركاته"
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def side(page: str, name: str) -> list[str]:
    """What stands in one column, message by message."""
    return [
        re.sub(r"<[^>]+>|[\u2066-\u2069]", "", found).strip()
        for found in re.findall(rf'<div class="{name}"[^>]*><p>(.*?)</p>', page, re.S)
    ]


def owner_of(parts: Parts, conversation: str) -> str:
    with parts.store.read() as work:
        return conversations.get_conversation(work, conversation).owner


async def test_an_empty_console_says_so_in_sentences(clerk: Browser, parts: Parts) -> None:
    await clerk.get("/console")
    for name in ("console.cases.none", "console.failed.none", "console.overview.calm"):
        assert parts.replies.render(name, {}, "de") in clerk.text


async def test_danger_stands_before_the_case_that_waits_longest(
    clerk: Browser, clock: Clock, open_case: OpenCase
) -> None:
    old = (await clerk.chat(text="Hallo"))["conversation"]
    open_case(old)
    clock.pass_(hours=3)
    new = (await clerk.chat(text="please help he hits me"))["conversation"]
    await clerk.get("/console")
    rows = re.findall(r'<tr class="kern-table__row.*?</tr>', clerk.page, re.S)[1:]
    assert len(rows) == 2
    assert f"/console/conversations/{new}" in rows[0] and "kern-badge--danger" in rows[0]
    assert "/console/cases/" in rows[1]


async def test_danger_that_was_looked_at_no_longer_stands_in_front(clerk: Browser) -> None:
    chat = (await clerk.chat(text="please help he hits me"))["conversation"]
    await clerk.get(f"/console/conversations/{chat}")
    await clerk.post(f"/console/conversations/{chat}/settled")
    await clerk.get("/console")
    assert chat not in clerk.page


async def test_what_nobody_answered_is_shown_until_staff_reply(clerk: Browser, rasa: FakeRasa) -> None:
    rasa.down = True
    chat = (await clerk.chat(text="Wann ist morgen geöffnet?"))["conversation"]
    await clerk.get("/console")
    assert "Wann ist morgen geöffnet?" in clerk.text
    await clerk.post(f"/console/conversations/{chat}/reply", text="Morgen ab 8:30 Uhr.")
    await clerk.get("/console")
    assert "Wann ist morgen geöffnet?" not in clerk.text


class Marked:
    """A catalogue that says which language it is, however far the project's own have come."""

    def __init__(self, code: str) -> None:
        self.code = code

    def sentence(self, context: str, text: str) -> str:
        return f"{self.code}: {text}"

    def counted(self, context: str, text: str, plural: str, n: int) -> str:
        return f"{self.code}: {plural}"


async def test_the_conversation_reads_in_german_beside_the_persons_language(
    clerk: Browser, rasa: FakeRasa, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    for code in ("de", "ar"):
        monkeypatch.setitem(parts.replies._catalogues, code, Marked(code))
    rasa.answer = [
        {
            "response": "ask.in_reception_centre",
            "values": {},
            "choices": [{"label": "choice.no", "values": {}, "payload": NO_CAMP}],
        }
    ]
    chat = (await clerk.chat(text=HELLO_AR, language="ar"))["conversation"]
    rasa.answer = [{"response": "opening_hours.closed_on_day", "values": {"site": "mettmann", "day": "2024-07-03"}}]
    await clerk.chat(chat, payload=NO_CAMP)
    await clerk.get(f"/console/conversations/{chat}")

    def said(name: str, language: str, **values: str) -> str:
        return re.sub(r"[\u2066-\u2069]", "", parts.replies.render(name, values, language))

    closed = {"site": "mettmann", "day": "2024-07-03"}
    for column, language in (("ours", "de"), ("theirs", "ar")):
        assert side(clerk.page, column) == [
            HELLO_AR,
            said("ask.in_reception_centre", language),
            said("choice.no", language),
            said("opening_hours.closed_on_day", language, **closed),
        ]
        assert all(f"{language}:" in said for said in side(clerk.page, column)[1:])
    assert 'class="theirs" lang="ar" dir="rtl"' in clerk.page
    # the free text is marked with its language, also in the German column
    assert parts.replies.render("console.talk.typed_in", {"language": "Arabisch"}, "de") in clerk.text


@pytest.mark.parametrize("state", ["begun", "draft"])
def test_a_translation_no_native_speaker_has_read_is_named(parts: Parts, state: str) -> None:
    def unread(arabic: str, german: str) -> list[str]:
        known = parts.replies.languages.all
        states = {
            "ar": replace(known["ar"], state=arabic),
            "de": replace(known["de"], state=german),
            "en": known["en"],
        }
        words = SimpleNamespace(language="de", replies=SimpleNamespace(languages=states))
        return drafts(cast(Words, words), Conversation(language="ar"))

    assert unread(state, state) == ["ar", "de"]
    assert unread(state, "reviewed") == ["ar"]
    assert unread("reviewed", "reviewed") == []


async def test_the_page_names_the_translations_nobody_has_read(
    clerk: Browser, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.console.pages.drafts", lambda *_: ["ar"])
    chat = (await clerk.chat(text=HELLO_AR, language="ar"))["conversation"]
    await clerk.get(f"/console/conversations/{chat}")
    assert parts.replies.render("console.note.drafts", {"languages": ["ar"]}, "de") in clerk.text


async def test_a_german_conversation_needs_one_column(clerk: Browser) -> None:
    chat = (await clerk.chat(text="Guten Tag, ich habe eine Frage"))["conversation"]
    await clerk.get(f"/console/conversations/{chat}")
    assert side(clerk.page, "ours") and not side(clerk.page, "theirs")


async def test_markup_in_a_message_stays_text(clerk: Browser, rasa: FakeRasa, open_case: OpenCase) -> None:
    rasa.down = True
    chat = (await clerk.chat(text=SCRIPT))["conversation"]
    open_case(chat, something=SCRIPT, work_district=SCRIPT)
    for path in ("/console", f"/console/conversations/{chat}"):
        await clerk.get(path)
        assert "alert(1)" in clerk.page
        assert "<script>" not in clerk.page and "<img" not in clerk.page
    await clerk.post(f"/console/conversations/{chat}/reply", text="x" * 2001 + SCRIPT)
    assert "onerror" in clerk.page and "<img" not in clerk.page


async def test_the_case_shows_facts_in_german_with_what_is_not_exact_or_not_known(
    clerk: Browser, open_case: OpenCase, parts: Parts
) -> None:
    chat = (await clerk.chat(text="Hello, how are you today?"))["conversation"]
    open_case(
        chat,
        residence_status="duldung",
        status_since="2024-02-01",
        in_reception_centre=False,
        nationality="SY",
        german_level="unknown",
        approximate={"status_since": ["2024-02-01", "2024-02-29"]},
    )
    await clerk.get("/console")
    address = re.search(r"/console/cases/[^\"]+", clerk.page)
    assert address is not None
    assert (await clerk.get(address[0])).status_code == 200
    render = parts.replies.render
    for words in (
        render("fact.residence_status.duldung", {}, "de"),
        "1. Februar 2024",
        render("console.fact.between", {"first": "1. Februar 2024", "last": "29. Februar 2024"}, "de"),
        "Syrien",
        render("console.fact.no", {}, "de"),
        render("console.fact.unknown", {}, "de"),
    ):
        assert words in clerk.text
    assert (await clerk.get("/console/cases/1-0123456789ab")).status_code == 404


async def test_a_finding_whose_rule_nobody_released_says_so(clerk: Browser, rasa: FakeRasa, parts: Parts) -> None:
    basis = {"cite": ["§ 60a Abs. 5b AufenthG"], "as_of": "2024-07-01", "verified": "2024-03-01"}
    rasa.answer = [
        {"response": "work_permission.permit_with_consent.should", "values": {}},
        {"response": "finding.basis_unverified", "values": basis},
    ]
    chat = (await clerk.chat(text="Darf ich als Küchenhilfe arbeiten?"))["conversation"]
    warning = parts.replies.render("console.finding.unchecked", {}, "de")
    await clerk.get(f"/console/conversations/{chat}")
    assert warning in clerk.text
    rasa.answer = [
        {"response": "work_permission.permit_with_consent.should", "values": {}},
        {"response": "finding.basis", "values": {k: basis[k] for k in ("cite", "as_of")}},
    ]
    await clerk.chat(chat, text="Darf ich heute als Küchenhilfe arbeiten?")
    await clerk.get(f"/console/conversations/{chat}")
    assert warning not in clerk.text
    assert parts.replies.render("console.finding.title", {}, "de") in clerk.text


async def test_a_reply_reaches_the_chat_and_the_assistant_falls_silent(
    clerk: Browser, rasa: FakeRasa, parts: Parts, clerks: tuple[int, int]
) -> None:
    chat = (await clerk.chat(text="Ich brauche Hilfe von einem Menschen"))["conversation"]
    await clerk.get(f"/console/conversations/{chat}")
    answer = await clerk.post(f"/console/conversations/{chat}/reply", text="Guten Tag, ich helfe Ihnen.")
    assert answer.status_code == 303
    seen = (await clerk.http.get(f"/api/chat/{chat}")).json()
    assert (seen["owner"], seen["messages"][-1]["author"]) == ("person", "staff")
    assert seen["messages"][-1]["text"] == "Guten Tag, ich helfe Ihnen."
    asked = len(rasa.got)
    after = await clerk.chat(chat, text="Vielen Dank, wann kann ich kommen?")
    assert len(rasa.got) == asked
    assert all(m["response"] in (None, "system.received_by_person") for m in after["messages"])


async def test_a_reply_goes_to_telegram_through_the_outbox(clerk: Browser, parts: Parts, clock: Clock) -> None:
    with parts.store.begin() as work:
        row = conversations.start_conversation(work, channel="telegram", channel_ref="4711", now=clock(), language="ar")
        work.commit()
    await clerk.get(f"/console/conversations/{row.id}")
    await clerk.post(f"/console/conversations/{row.id}/reply", text="Guten Tag")
    with parts.store.read() as work:
        entry = work.session.scalars(select(Outbox)).one()
    assert (entry.kind, entry.payload["chat"], entry.payload["words"]) == ("telegram", "4711", "Guten Tag")


async def test_given_back_the_assistant_answers_again(clerk: Browser, rasa: FakeRasa, parts: Parts) -> None:
    chat = (await clerk.chat(text="Hallo"))["conversation"]
    await clerk.get(f"/console/conversations/{chat}")
    await clerk.post(f"/console/conversations/{chat}/take")
    assert owner_of(parts, chat) == "person"
    await clerk.post(f"/console/conversations/{chat}/give-back", to="bot")
    assert owner_of(parts, chat) == "bot"
    asked = len(rasa.got)
    await clerk.chat(chat, text="Und jetzt?")
    assert len(rasa.got) == asked + 1


async def test_put_back_into_the_queue_a_colleague_can_take_it(
    clerk: Browser, colleague: Browser, parts: Parts
) -> None:
    chat = (await clerk.chat(text="Hallo"))["conversation"]
    await clerk.get(f"/console/conversations/{chat}")
    await clerk.post(f"/console/conversations/{chat}/take")
    await clerk.post(f"/console/conversations/{chat}/give-back", to="waiting")
    assert owner_of(parts, chat) == "waiting"
    assert (await colleague.post(f"/console/conversations/{chat}/take")).status_code == 303
    await clerk.get(f"/console/conversations/{chat}")
    assert parts.replies.render("console.owner.person", {"login": "colleague"}, "de") in clerk.text


async def test_closed_it_leaves_the_list_and_the_next_message_opens_it_with_the_assistant(
    clerk: Browser, rasa: FakeRasa, parts: Parts
) -> None:
    chat = (await clerk.chat(text="Hallo"))["conversation"]
    await clerk.get(f"/console/conversations/{chat}")
    await clerk.post(f"/console/conversations/{chat}/take")
    assert (await clerk.post(f"/console/conversations/{chat}/close")).status_code == 303
    assert owner_of(parts, chat) == "closed"
    await clerk.get("/console")
    assert "/console/cases/" not in clerk.page
    asked = len(rasa.got)
    assert (await clerk.chat(chat, text="Noch eine Frage"))["owner"] == "bot"
    assert len(rasa.got) == asked + 1


async def test_what_a_colleague_has_cannot_be_answered_and_the_typed_text_stays(
    clerk: Browser, colleague: Browser, parts: Parts
) -> None:
    chat = (await clerk.chat(text="Hallo"))["conversation"]
    await colleague.get(f"/console/conversations/{chat}")
    await colleague.post(f"/console/conversations/{chat}/take")
    for step, more in (("reply", {"text": "Meine Antwort"}), ("take", {}), ("give-back", {}), ("close", {})):
        answer = await clerk.post(f"/console/conversations/{chat}/{step}", **more)
        assert answer.status_code == 409, step
        assert parts.replies.render("console.error.handoff", {}, "de") in clerk.text
        if step == "reply":
            assert "Meine Antwort</textarea>" in clerk.page
    seen = (await clerk.http.get(f"/api/chat/{chat}")).json()
    assert not [m for m in seen["messages"] if m["author"] == "staff"]


async def test_an_empty_reply_is_refused_with_a_sentence(clerk: Browser, parts: Parts) -> None:
    chat = (await clerk.chat(text="Hallo"))["conversation"]
    await clerk.get(f"/console/conversations/{chat}")
    assert (await clerk.post(f"/console/conversations/{chat}/reply", text="  ")).status_code == 422
    assert parts.replies.render("error.empty", {}, "de") in clerk.text
    assert owner_of(parts, chat) == "bot"


async def test_an_appointment_cancelled_by_the_office_is_free_again_and_the_person_is_told(
    clerk: Browser, parts: Parts, open_case: OpenCase
) -> None:
    chat = (await clerk.chat(text="Hello, how are you today?", language="en"))["conversation"]
    _, booked = open_case(chat)
    await clerk.get("/console/appointments")
    assert booked in clerk.page
    for _ in range(2):  # pressed twice, told once
        assert (await clerk.post(f"/console/appointments/{booked}/cancel")).status_code == 303
    with parts.store.read() as work:
        assert get_appointment(work, booked).state == "cancelled_by_office"
    told = [
        m
        for m in (await clerk.http.get(f"/api/chat/{chat}")).json()["messages"]
        if m["response"] == "notify.cancelled_by_office"
    ]
    assert len(told) == 1
    assert "Mettmann" in told[0]["text"] and told[0]["buttons"][0]["payload"] == "/book_appointment"
    await clerk.get("/console/appointments")
    assert booked not in clerk.page


async def test_a_cancellation_reaches_telegram_in_the_persons_language(
    clerk: Browser, parts: Parts, clock: Clock, open_case: OpenCase
) -> None:
    with parts.store.begin() as work:
        row: Conversation = conversations.start_conversation(
            work, channel="telegram", channel_ref="4711", now=clock(), language="en"
        )
        work.commit()
    _, booked = open_case(row.id)
    await clerk.get("/console/appointments")
    await clerk.post(f"/console/appointments/{booked}/cancel")
    with parts.store.read() as work:
        entry = work.session.scalars(select(Outbox).where(Outbox.kind == "telegram")).one()
        message = work.session.get(Message, entry.payload["message"])
    words = parts.replies.render(message.response, message.values, "en")
    assert words.startswith("The office had to cancel your appointment")


async def test_an_appointment_that_has_begun_is_not_cancelled(
    clerk: Browser, parts: Parts, clock: Clock, open_case: OpenCase
) -> None:
    chat = (await clerk.chat(text="Hallo"))["conversation"]
    _, booked = open_case(chat)
    with parts.store.read() as work:
        begins = get_appointment(work, booked).starts_at
    clock.now = begins
    await clerk.log_in()
    assert (await clerk.post(f"/console/appointments/{booked}/cancel")).status_code == 409
    assert parts.replies.render("console.error.appointment", {}, "de") in clerk.text


async def test_the_calendar_shows_the_days_and_the_place_asked_for(
    clerk: Browser, parts: Parts, open_case: OpenCase
) -> None:
    _, booked = open_case((await clerk.chat(text="Hallo"))["conversation"])
    with parts.store.read() as work:
        day = get_appointment(work, booked).starts_at.date()
    for query, there in (
        (f"day={day}", True),
        (f"day={day}&site=mettmann", True),
        (f"day={day}&site=herford", False),
        ("day=2024-06-01", False),
    ):
        assert (await clerk.get(f"/console/appointments?{query}")).status_code == 200
        assert (booked in clerk.page) is there, query
    for nonsense in ("2024-02-31", "x", "0001-01-01"):
        assert (await clerk.get(f"/console/appointments?day={nonsense}")).status_code == 404


async def test_what_does_not_exist_is_a_page_that_says_so(clerk: Browser, parts: Parts) -> None:
    for path in ("/console/conversations/none", "/console/cases/9-abc", "/console/cases/x", "/console/nowhere/at/all"):
        assert (await clerk.get(path)).status_code == 404, path
        assert parts.replies.render("console.error.title", {}, "de") in clerk.text
    await clerk.get("/console")
    for path in ("/console/conversations/none/reply", "/console/appointments/none/cancel"):
        assert (await clerk.post(path, text="x")).status_code == 404, path
        await clerk.get("/console")


async def test_open_pages_hear_of_changes_at_once_and_at_the_start(parts: Parts) -> None:
    stream = changes(parts, CONSOLE)
    first = await anext(stream)
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    assert not waiting.done()
    parts.events.publish(CONSOLE, "changed", conversation="x")
    second = await asyncio.wait_for(waiting, 5)
    assert first.event == second.event == "changed"
    await stream.aclose()
    assert parts.events.listeners(CONSOLE) == 0


async def test_a_stream_ends_so_that_the_session_is_asked_for_again(parts: Parts) -> None:
    found = [event.event async for event in changes(parts, CONSOLE, lasts=0)]
    assert found == ["changed"]
