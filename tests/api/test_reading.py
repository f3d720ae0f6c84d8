"""Reading a conversation: whole, in part, in another language, as it happens; calendar, health, headers."""

from __future__ import annotations

import asyncio
import json
from datetime import date
from typing import Any

import httpx
import pytest

from bot.api import health_of, stream
from bot.events import QUEUE_LIMIT, Events, conversation_topic
from bot.parts import Parts, accepted
from office import conversations
from office.appointments import book
from office.slots import free_slots

from .conftest import NOW, Client, FakeRasa, says


async def test_the_whole_conversation_is_read_again_in_another_language(client: Client, rasa: FakeRasa) -> None:
    rasa.answer = says("opening_hours.open_on_day", values={
        "site": "mettmann", "day": "2024-07-02", "periods": [["08:30", "13:30"]]
    })  # fmt: skip
    first = await client.say("Is it open tomorrow, please?")
    assert "Tuesday, 2 July 2024" in first["messages"][0]["text"]
    german = await client.read(first["conversation"], "?language=de")
    assert german["language"] == "de" and german["messages"][0]["text"] == "Is it open tomorrow, please?"
    assert german["messages"][1]["values"]["day"] == "2024-07-02"
    assert (await client.read(first["conversation"]))["language"] == "en"


async def test_newer_messages_are_those_after_an_id(client: Client) -> None:
    first = await client.say("Hallo")
    await client.say("Hallo", first["conversation"])
    last = first["messages"][-1]["id"]
    newer = await client.read(first["conversation"], f"/messages?after={last}")
    assert [m["author"] for m in newer["messages"]] == ["person", "bot"]
    assert all(m["id"] > last for m in newer["messages"])


async def next_of(events: Any) -> Any:
    return await asyncio.wait_for(anext(events), 5)


async def test_a_reply_by_staff_is_pushed_with_the_change_of_owner(client: Client, parts: Parts, staff: int) -> None:
    first = await client.say("Hallo")
    known = await parts.gateway.read(first["conversation"])
    events = stream(parts, known, known.messages[-1].id or 0)
    waiting = asyncio.ensure_future(next_of(events))
    while not parts.events.listeners(conversation_topic(first["conversation"])):
        await asyncio.sleep(0)
    await parts.gateway.staff_reply(first["conversation"], staff, "Guten Tag")
    message, owner = await waiting, await next_of(events)
    shown = json.loads(message.data)
    assert (message.event, shown["author"], shown["text"]) == ("message", "staff", "Guten Tag")
    assert message.id == str(shown["id"])
    assert json.loads(owner.data) == {"owner": "person"}
    await events.aclose()
    assert parts.events.listeners(conversation_topic(first["conversation"])) == 0


async def test_what_was_missed_while_offline_comes_first(client: Client, parts: Parts) -> None:
    first = await client.say("Hallo")
    known = await parts.gateway.read(first["conversation"])
    events = stream(parts, known, 0)
    authors = [json.loads((await next_of(events)).data)["author"] for _ in range(2)]
    assert authors == ["person", "bot"]
    await events.aclose()


async def test_a_listener_that_is_far_behind_is_told_to_look(parts: Parts) -> None:
    events = Events()
    with events.subscribe("console") as subscription:
        for number in range(QUEUE_LIMIT + 1):
            events.publish("console", "changed", number=number)
        assert (await subscription.get()).kind == "lagging"
    events.publish("console", "changed")


async def test_an_appointment_comes_as_a_calendar_file_without_its_reason(client: Client, parts: Parts) -> None:
    first = await client.say("Hallo")
    with parts.store.begin() as work:
        from office.resources import sync_resources

        sync_resources(work)
        conversation = conversations.get_conversation(work, first["conversation"])
        slot = free_slots(work, "mettmann", NOW)[0]
        appointment = book(work, slot.id, conversation, topic="benefits", now=NOW)
        work.commit()
    answer = await client.http.get(f"/api/appointments/{appointment.id}.ics")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/calendar")
    text = answer.text.replace("\r\n ", "")
    assert "BEGIN:VEVENT" in text and "TZID=Europe/Berlin" in text and appointment.code in text
    assert "40822 Mettmann" in text.replace("\\", "") and "benefits" not in text
    assert "\u2068" not in text


async def test_health_names_each_part(parts: Parts, rasa: FakeRasa) -> None:
    # nothing listens on the port of the action server
    found = await health_of(parts)
    assert found["app"] == "ok" and found["database"] == "ok" and found["rasa"] == "ok"
    assert found["actions"] == "down"
    rasa.answer = lambda _body: httpx.ConnectError("gone")
    assert (await health_of(parts))["rasa"] == "down"


async def test_health_is_a_503_while_a_part_is_down(client: Client) -> None:
    answer = await client.http.get("/health")
    assert answer.status_code == 503 and set(answer.json()) == {"app", "database", "rasa", "actions"}


async def test_every_answer_carries_the_security_headers(client: Client) -> None:
    for path in ("/", "/health", "/docs", "/api/nothing", "/console"):
        headers = (await client.http.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert ("frame-ancestors 'none'" in policy) == path.startswith("/console")
    assert "no-store" in (await client.http.get("/health")).headers["cache-control"]


async def test_the_api_is_described_with_examples(client: Client) -> None:
    document = (await client.http.get("/openapi.json")).json()
    chat = document["paths"]["/api/chat"]["post"]
    schema = chat["requestBody"]["content"]["application/json"]["schema"]
    assert {"conversation", "text", "payload", "language", "site", "now", "key"} <= set(schema["properties"])
    assert schema["examples"] and {"400", "404", "413", "422", "429"} <= set(chat["responses"])
    page = await client.http.get("/docs")
    assert "POST /api/chat" in page.text and "<script" not in page.text


async def test_static_files_are_kept_for_ever_only_with_their_version(client: Client, parts: Parts) -> None:
    versioned = await client.http.get(parts.assets.url("chat.css"))
    assert versioned.status_code == 200 and "immutable" in versioned.headers["cache-control"]
    assert (await client.http.get("/static/chat.css")).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("ar-SY,ar;q=0.9,en;q=0.8", "ar"),
        ("fr, de;q=0.5, en;q=0.7", "en"),
        ("tlh", None),
        ("", None),
        ("de;q=0", None),
        ("en;q=x, de", "de"),
    ],
)
def test_the_browser_says_which_language_to_begin_with(header: str, language: str | None) -> None:
    assert accepted(header, ("ar", "de", "en")) == language


def test_the_test_day_is_a_monday() -> None:
    assert NOW.date() == date(2024, 7, 1) and NOW.weekday() == 0
