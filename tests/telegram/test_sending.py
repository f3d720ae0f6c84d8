"""What the office sends, and what happens while Telegram is away."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import pytest

from bot.app import create_app
from bot.channels.telegram import Telegram
from bot.channels.telegram_shape import units
from bot.gateway import Gateway
from bot.parts import Parts
from bot.replies import Replies
from office import conversations, outbox
from office.appointments import book, free_slots
from office.conversations import Conversation
from office.store import Work
from tests.api.conftest import NOW, FakeRasa, says
from tests.telegram.conftest import FAST, Begin, Clock, Kept
from tests.telegram.emulator import Emulator

BOOK = {"label": "choice.book", "payload": "/greet"}


def put(work: Work, conversation: Conversation, response: str, **more: object) -> None:
    """Have something said by the bot, as the console does."""
    message = conversations.add_message(work, conversation, author="bot", now=NOW, response=response, **more)
    payload = {"chat": conversation.channel_ref, "message": message.id, "words": "not these"}
    outbox.put(work, "telegram", payload, key=f"telegram:{message.id}", conversation=conversation)


async def hello(emulator: Emulator) -> None:
    """Let a conversation begin."""
    await emulator.say("Guten Morgen, ich habe eine Frage")
    await emulator.sent()


async def test_a_reply_by_staff_reaches_the_chat_and_the_bot_is_silent(
    emulator: Emulator, channel: Telegram, gateway: Gateway, rasa: FakeRasa, staff: int, kept: Kept, replies: Replies
) -> None:
    rasa.answer = says("handoff.meanwhile", effects={"handoff": {"case": 1}})
    await emulator.say("Ich möchte bitte mit einem Menschen sprechen")
    await emulator.sent()
    assert kept.conversation().owner == "waiting"
    await gateway.staff_reply(kept.conversation().id, staff, "Kommen Sie morgen um 9 Uhr.")
    await gateway.staff_reply(kept.conversation().id, staff, "Bitte bringen Sie den Ausweis mit.")
    await emulator.say("Vielen Dank für Ihre Hilfe", language="de")
    _, first, second = await emulator.sent(3)
    assert first.text == replies.render("telegram.from_office", {}, "de") + "\nKommen Sie morgen um 9 Uhr."
    assert second.text == "Bitte bringen Sie den Ausweis mit."
    last = await emulator.say("Bis morgen")
    await emulator.forgotten(last)
    assert (len(emulator.got()), len(rasa.got)) == (3, 1)


async def test_words_are_chosen_when_they_are_sent_and_carry_their_buttons(
    emulator: Emulator, channel: Telegram, gateway: Gateway, kept: Kept, replies: Replies
) -> None:
    await hello(emulator)
    with gateway.store.begin() as work:
        conversation = conversations.get_conversation(work, kept.conversation().id)
        put(work, conversation, "conversation.stopped", choices=[BOOK])
        conversations.set_language(work, conversation, "ar")
        work.commit()
    answer = (await emulator.sent(2))[-1]
    assert answer.text == replies.render("conversation.stopped", {}, "ar")
    assert answer.keys[0][0] == replies.render("choice.book", {}, "ar")
    await emulator.press(answer.keys[0][1])
    await emulator.sent(3)
    assert "/greet" in kept.names()


async def test_nothing_is_lost_while_telegram_is_down(
    emulator: Emulator, channel: Telegram, gateway: Gateway, staff: int, kept: Kept
) -> None:
    await hello(emulator)
    await emulator.change(down=True)
    for number in range(3):
        await gateway.staff_reply(kept.conversation().id, staff, f"Nachricht {number}")
    await emulator.say("Eine Frage, die Telegram noch behält")
    await emulator.called("down", 6)
    assert len(emulator.got()) == 1
    assert kept.states() == ["done", "pending", "pending", "pending"]
    await emulator.change(down=False)
    texts = [call.text for call in await emulator.sent(4)]
    assert [text.splitlines()[-1] for text in texts[1:]] == ["Nachricht 0", "Nachricht 1", "Nachricht 2"]
    await emulator.wait(lambda: "Eine Frage, die Telegram noch behält" in kept.names())
    assert all(entry.attempts <= 1 for entry in kept.outbox())


async def test_the_web_is_served_while_telegram_is_down_and_telegram_joins_later(
    emulator: Emulator, parts: Parts, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.telegram.Pace", lambda: FAST)
    await emulator.change(down=True)
    app = create_app(parts.settings, parts)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            assert (await client.post("/api/chat", json={"text": "Hallo"})).status_code == 200
        await emulator.called("down", 2)
        await emulator.change(down=False)
        await hello(emulator)


async def test_a_wrong_token_is_tried_again_and_never_written_to_the_log(
    emulator: Emulator, begin: Begin, parts: Parts, caplog: pytest.LogCaptureFixture
) -> None:
    await emulator.change(token="999:another")
    await begin()
    await emulator.wait(lambda: any(getattr(record, "why", "") == "InvalidToken" for record in caplog.records))
    await emulator.change(token=parts.settings.telegram_token.get_secret_value())
    await hello(emulator)
    assert not any("TEST-token" in str(vars(r)) for r in caplog.records if r.name.startswith("bot"))


async def test_an_update_that_comes_twice_is_answered_once(
    emulator: Emulator, channel: Telegram, rasa: FakeRasa, kept: Kept
) -> None:
    number = await emulator.say("Wann haben Sie geöffnet, bitte?")
    await emulator.sent()
    await emulator.forgotten(number)
    await emulator.say("Wann haben Sie geöffnet, bitte?", update_id=number)
    last = await emulator.say("Und noch eine andere Frage dazu")
    await emulator.sent(2)
    await emulator.forgotten(last)
    assert (len(emulator.got()), len(rasa.got)) == (2, 2)
    assert len([name for name in kept.names() if name == "Wann haben Sie geöffnet, bitte?"]) == 1


async def test_an_answer_a_killed_app_could_not_send_is_sent_by_the_next_one(
    emulator: Emulator, begin: Begin, rasa: FakeRasa, clock: Clock
) -> None:
    emulator.fail("sendMessage", 502)
    first = await begin()
    await emulator.called("setMyCommands", 4)
    # having failed it asks whether Telegram is there at all, and is killed while it waits for the answer
    await emulator.change(hanging="getMe")
    await emulator.say("Wann haben Sie geöffnet, bitte?")
    await emulator.called("failed sendMessage")
    for task in (first._task, *first.sender._sending.values()):
        task.cancel()
    await asyncio.gather(first._task, return_exceptions=True)
    await emulator.change(hanging="")
    clock.later(minutes=2)  # the lease of the dead one has run out
    await begin()
    await emulator.sent()
    assert len(rasa.got) == 1


async def test_a_blocked_bot_leaves_a_note_for_staff_once(
    emulator: Emulator, channel: Telegram, gateway: Gateway, staff: int, kept: Kept
) -> None:
    await hello(emulator)
    emulator.fail("sendMessage", 403, "Forbidden: bot was blocked by the user", times=2)
    for number in range(2):
        await gateway.staff_reply(kept.conversation().id, staff, f"Nachricht {number}")
    await emulator.called("failed sendMessage", 2)
    await emulator.say("Ich bin wieder da, hallo zusammen", chat=8)
    await emulator.sent(chat=8)
    await emulator.wait(lambda: set(kept.states()) == {"done"})
    assert kept.names().count("telegram.blocked") == 1
    assert all(entry.payload == {} and entry.last_error is None for entry in kept.outbox())


async def test_a_message_telegram_refuses_is_given_up_and_the_next_one_goes(
    emulator: Emulator, channel: Telegram, gateway: Gateway, staff: int, kept: Kept
) -> None:
    await hello(emulator)
    emulator.fail("sendMessage", 400, "Bad Request: can't parse 'geheim'")
    for number in range(2):
        await gateway.staff_reply(kept.conversation().id, staff, f"Nachricht {number}")
    assert (await emulator.sent(2))[-1].text.endswith("Nachricht 1")
    assert kept.states()[:2] == ["done", "given_up"]
    assert kept.outbox()[1].last_error == "BadRequest"


async def test_telegram_says_how_long_to_wait_and_gets_it(
    emulator: Emulator, channel: Telegram, gateway: Gateway, staff: int, kept: Kept
) -> None:
    await hello(emulator)
    emulator.fail("sendMessage", 429, "Too Many Requests", retry_after=1)
    await gateway.staff_reply(kept.conversation().id, staff, "Nachricht")
    (refused,) = await emulator.called("failed sendMessage")
    last = (await emulator.sent(2))[-1]
    assert last.at - refused.at >= 0.99
    await emulator.wait(lambda: kept.outbox()[-1].attempts == 1)


async def test_a_long_text_is_sent_in_parts_and_a_retry_repeats_none(
    emulator: Emulator, channel: Telegram, gateway: Gateway, kept: Kept, clock: Clock, staff: int
) -> None:
    await hello(emulator)
    lines = [f"{n:03d} " + "x" * 90 for n in range(100)]
    with gateway.store.begin() as work:
        conversation = conversations.get_conversation(work, kept.conversation().id)
        message = conversations.add_message(
            work, conversation, author="staff", now=NOW, text="\n".join(lines), staff=staff, choices=[BOOK]
        )
        payload = {"chat": "7", "message": message.id}
        outbox.put(work, "telegram", payload, key="k", conversation=conversation)
        # the second part fails, alone: Telegram is there, so it is the message that waits
        original = emulator._do

        async def once(method: str, data: dict[str, str]) -> object:
            result = await original(method, data)
            if method == "sendMessage":
                emulator._do = original  # type: ignore[method-assign]
                emulator.fail("sendMessage", 500, "Internal Server Error")
            return result

        emulator._do = once  # type: ignore[method-assign]
        work.commit()
    await emulator.called("failed sendMessage")
    await emulator.wait(lambda: kept.outbox()[-1].attempts == 1)
    clock.later(seconds=3)
    parts = (await emulator.sent(4))[1:]
    assert [line for part in parts for line in part.text.split("\n")][1:] == lines
    assert all(units(part.text) <= 4096 for part in parts)
    assert [bool(part.keys) for part in parts] == [False, False, True]


async def test_a_booked_appointment_comes_as_a_calendar_file(
    emulator: Emulator, channel: Telegram, gateway: Gateway, kept: Kept
) -> None:
    await hello(emulator)
    with gateway.store.begin() as work:
        conversation = conversations.get_conversation(work, kept.conversation().id)
        slot = free_slots(work, "mettmann", NOW, n=1)[0]
        appointment = book(work, slot.id, conversation, topic="work", now=NOW)
        put(work, conversation, "appointment.keep", values={"link": f"/api/appointments/{appointment.id}.ics"})
        work.commit()
    file = (await emulator.sent(2))[-1]
    assert file.method == "sendDocument"
    name, data = next(value for value in file.data.values() if isinstance(value, tuple))
    assert name == "termin.ics"
    assert f"DTSTART;TZID=Europe/Berlin:{slot.starts_at.astimezone().strftime('%Y')}".encode() in data
    # the address opens the appointment for whoever has it: it stays in the house
    assert appointment.id not in file.text


async def test_an_entry_for_another_channel_is_left_alone(
    emulator: Emulator, channel: Telegram, gateway: Gateway, kept: Kept
) -> None:
    with gateway.store.begin() as work:
        outbox.put(work, "mail", {"chat": "7"}, key="mail:1")
        work.commit()
    await hello(emulator)
    with gateway.store.read() as work:
        (entry,) = outbox.due(work, NOW + timedelta(seconds=1))
    assert (entry.kind, entry.attempts, entry.next_try_at) == ("mail", 0, None)
