"""What is refused, with which status, and with a sentence in the person's language where it is known."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from bot.guard import MAX_BODY
from bot.parts import Parts

from .conftest import Client, FakeRasa, names

REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "no text at all": ({}, 422, "empty"),
    "an empty text": ({"text": ""}, 422, "empty"),
    "only spaces": ({"text": " \n\t "}, 422, "empty"),
    "only control characters": ({"text": "\x00\x07\x1b\x7f\u0085"}, 422, "empty"),
    "only invisible characters": ({"text": "\u200b\u200f\u2067\ufeff"}, 422, "empty"),
    "2,001 characters": ({"text": "a" * 2001}, 422, "text_too_long"),
    "text and payload": ({"text": "a", "payload": "/greet"}, 422, "text_or_payload"),
    "a text that is a number": ({"text": 5}, 422, "bad_request"),
    "a conversation that is a list": ({"text": "a", "conversation": []}, 422, "bad_request"),
    "an unknown conversation": ({"text": "a", "conversation": "nobody"}, 404, "unknown_conversation"),
    "an endless conversation id": ({"text": "a", "conversation": "x" * 5000}, 422, "bad_request"),
    "an unknown language": ({"text": "a", "language": "xx"}, 422, "unknown_language"),
    "a language that exists but not here": ({"text": "a", "language": "es"}, 422, "unknown_language"),
    "an unknown site": ({"text": "a", "site": "berlin"}, 422, "unknown_site"),
    "an unknown intent": ({"payload": "/hack"}, 422, "unknown_payload"),
    "a payload that is a sentence": ({"payload": "hello"}, 422, "unknown_payload"),
    "a payload of Rasa's own": ({"payload": "/restart"}, 422, "unknown_payload"),
    "a payload with broken JSON": ({"payload": '/inform{"site": }'}, 422, "unknown_payload"),
    "a payload with an unknown entity": ({"payload": '/inform{"is_admin": "true"}'}, 422, "unknown_payload"),
    "a payload with a number": ({"payload": '/inform{"site": 5}'}, 422, "unknown_payload"),
    "a payload with an object": ({"payload": '/inform{"site": {"a": "b"}}'}, 422, "unknown_payload"),
    "a payload with a long value": ({"payload": f'/inform{{"site": "{"x" * 300}"}}'}, 422, "unknown_payload"),
    "a payload with an empty value": ({"payload": '/inform{"site": ""}'}, 422, "unknown_payload"),
    "a day that does not exist": ({"text": "a", "now": "2024-02-31T10:00:00"}, 422, "bad_now"),
    "a now that is a word": ({"text": "a", "now": "tomorrow"}, 422, "bad_now"),
    "a now in the year 1": ({"text": "a", "now": "0001-01-01T00:00:00+14:00"}, 422, "bad_now"),
    "an endless key": ({"text": "a", "key": "k" * 101}, 422, "bad_request"),
}


@pytest.mark.parametrize("what", REFUSED, ids=str)
async def test_refuses(what: str, client: Client, rasa: FakeRasa) -> None:
    body, status, code = REFUSED[what]
    answer = await client.http.post("/api/chat", json=body)
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert set(answer.json()) == {"error", "message"} and answer.json()["message"].endswith((".", "!"))
    assert rasa.got == []


async def test_2000_characters_are_taken(client: Client) -> None:
    assert (await client.post(text="a" * 2000)).status_code == 200


async def test_100000_characters_are_refused_before_they_are_read(client: Client) -> None:
    answer = await client.post(text="a" * 100_000)
    assert (answer.status_code, answer.json()["error"]) == (413, "body_too_large")


async def test_a_large_body_without_a_length_is_refused_as_well(client: Client) -> None:
    async def endless() -> Any:
        for _ in range(MAX_BODY // 1024 + 2):
            yield b" " * 1024

    answer = await client.http.post("/api/chat", content=endless())
    assert answer.status_code == 413


@pytest.mark.parametrize("body", [b"", b"{", b"nul", b"\xff\xfe", b"[" * 60_000])
async def test_broken_json_is_a_400(body: bytes, client: Client) -> None:
    answer = await client.http.post("/api/chat", content=body)
    assert (answer.status_code, answer.json()["error"]) == (400, "broken_json")


@pytest.mark.parametrize("body", [b"[]", b"null", b'"text"', b"5"])
async def test_json_that_is_no_object_is_a_422(body: bytes, client: Client) -> None:
    assert (await client.http.post("/api/chat", content=body)).status_code == 422


async def test_control_characters_and_lone_surrogates_are_removed(client: Client, rasa: FakeRasa) -> None:
    body = b'{"text": "Hal\\ud83dlo\\u0000 \\u001b[31mrot\\nzwei"}'
    answer = await client.http.post("/api/chat", content=body)
    assert answer.status_code == 200
    assert rasa.last["message"].split(" ") == ["Hallo", "", "", "[31mrot\nzwei"]


@pytest.mark.parametrize("text", ["😀😀", "<script>alert(1)</script>", "٣١ فبراير", "31. Februar", "؟؟؟"])
async def test_strange_text_is_a_normal_turn_and_comes_back_as_typed(text: str, client: Client, rasa: FakeRasa) -> None:
    answer = await client.say(text)
    assert names(answer) == ["greet.hello"] and rasa.last["message"] == text
    assert (await client.read(answer["conversation"]))["messages"][0]["text"] == text


async def test_the_day_cannot_be_chosen_in_production(make: Callable[..., Parts]) -> None:
    client = Client(make(mode="production", secret_key="yT3k9-QwLmZp4Xv7Rb2Nc8Hd5Gf1Js6A"))
    answer = await client.post(text="Hallo", now="2024-07-01T10:00:00")
    assert (answer.status_code, answer.json()["error"]) == (422, "now_in_production")
    assert (await client.post(text="Hallo")).status_code == 200
    await client.http.aclose()


async def test_a_refusal_speaks_the_language_of_the_conversation(client: Client, parts: Parts) -> None:
    first = await client.say("مرحبا كيف حالك اليوم")
    answer = await client.post(first["conversation"], text="")
    assert answer.json()["message"] == parts.replies.render("error.empty", {}, "ar")
    named = await client.post(text="", language="de")
    assert named.json()["message"] == parts.replies.render("error.empty", {}, "de")
    browser = await client.http.post(
        "/api/chat", json={"text": ""}, headers={"Accept-Language": "xx, ar-SY;q=0.9, en;q=0.1"}
    )
    assert browser.json()["message"] == parts.replies.render("error.empty", {}, "ar")
    nothing = await client.post(text="")
    assert nothing.json()["message"] == parts.replies.render("error.empty", {}, "en")


async def test_nothing_is_stored_of_what_is_refused(client: Client) -> None:
    first = await client.say("Hallo")
    await client.post(first["conversation"], text="a" * 2001)
    await client.post(first["conversation"], payload="/hack")
    assert len((await client.read(first["conversation"]))["messages"]) == 2


async def test_too_many_messages_of_one_conversation_are_refused_kindly(make: Callable[..., Parts]) -> None:
    client = Client(make(rate_conversation=3))
    first = await client.say("Hallo")
    answers = [await client.post(first["conversation"], text="Hallo") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].json()["error"] == "too_many" and "Retry-After" in answers[-1].headers
    # another conversation is not held up
    assert (await client.post(text="Hallo")).status_code == 200
    await client.http.aclose()


async def test_reading_refuses_the_unknown(client: Client) -> None:
    first = await client.say("Hallo")
    for path, status in {
        "/api/chat/nobody": 404,
        "/api/chat/nobody/messages": 404,
        "/api/chat/nobody/events": 404,
        f"/api/chat/{first['conversation']}?language=xx": 422,
        f"/api/chat/{first['conversation']}/messages?after=x": 422,
        f"/api/chat/{first['conversation']}/messages?after=-1": 422,
        "/api/appointments/nothing.ics": 404,
        "/api/nothing": 404,
    }.items():
        answer = await client.http.get(path)
        assert answer.status_code == status, path
        assert set(answer.json()) == {"error", "message"}, path
    assert (await client.http.delete("/api/chat")).status_code == 405


async def test_a_fault_of_ours_is_a_500_with_a_sentence_and_no_detail(
    client: Client, parts: Parts, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(_incoming: Any) -> None:
        raise ValueError("Ich heisse Geheim")

    monkeypatch.setattr(parts.gateway, "turn", fail)
    answer = await client.post(text="Hallo")
    assert (answer.status_code, answer.json()["error"]) == (500, "internal")
    assert "Geheim" not in answer.text and "Geheim" not in caplog.text


async def test_what_people_write_is_not_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="bot")
    answer = await client.say("Meine Mutter heisst Fatima")
    logged = json.dumps([vars(record) for record in caplog.records], default=str)
    assert "turn" in logged and "Fatima" not in logged and answer["conversation"] not in logged
