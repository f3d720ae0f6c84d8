"""Notifications become messages: once, in the conversation, whatever is killed when; and the chat may say it first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.events import conversation_topic
from bot.gateway import Gateway
from bot.parts import Parts
from bot.reminders import Reminders
from bot.replies import Replies
from office.appointments import book, cancel, get_appointment, mark
from office.conversations import get_conversation, messages, start_conversation
from office.notifications import notification_key
from office.slots import Wish
from office.tables import Message, Outbox
from office.waiting import join, offer_of
from tests.api.conftest import NOW, Client, FakeRasa, says

SLOT = "mettmann:2024-07-08T09:00"


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock(parts: Parts) -> Clock:
    parts.gateway.clock = Clock()
    return parts.gateway.clock


@pytest.fixture
def reminders(parts: Parts) -> Reminders:
    return Reminders(parts.gateway)


Booked = Callable[..., tuple[str, str]]


@pytest.fixture
def booked(parts: Parts) -> Booked:
    """Book an appointment; gives the conversation's and the appointment's id."""

    def make(language: str = "ar", **more: str) -> tuple[str, str]:
        with parts.store.begin() as work:
            conversation = start_conversation(work, channel="web", now=NOW, language=language, **more)
            appointment = book(work, SLOT, conversation, topic="asylum_secret", now=NOW)
            work.commit()
            return conversation.id, appointment.id

    return make


def said(gateway: Gateway, conversation: str) -> list[Message]:
    with gateway.store.read() as work:
        return list(messages(work, get_conversation(work, conversation)))


async def test_a_confirmation_is_said_once_in_the_persons_language(
    parts: Parts, clock: Clock, reminders: Reminders, booked: Booked, replies: Replies
) -> None:
    conversation, appointment = booked()
    assert await reminders.round() == 0
    clock.later(minutes=1)
    assert await reminders.round() == 1
    assert await reminders.round() == 0
    [message] = said(parts.gateway, conversation)
    assert (message.author, message.response) == ("bot", "notify.booked")
    [shown] = (await parts.gateway.read(conversation)).messages
    assert "تم حجز موعدك" in shown.text and f"/api/appointments/{appointment}.ics" in shown.text
    assert [b.payload.partition("{")[0] for b in shown.buttons] == ["/reschedule_appointment", "/cancel_appointment"]


async def test_open_pages_hear_of_it(parts: Parts, clock: Clock, reminders: Reminders, booked: Booked) -> None:
    conversation, _ = booked()
    clock.later(minutes=1)
    with parts.gateway.subscribe(conversation_topic(conversation)) as subscription:
        await reminders.round()
        assert (await asyncio.wait_for(subscription.get(), 1)).kind == "changed"


async def test_two_workers_at_once_say_it_once(parts: Parts, clock: Clock, booked: Booked) -> None:
    conversation, _ = booked()
    clock.later(minutes=1)
    await asyncio.gather(*(Reminders(parts.gateway).round() for _ in range(4)))
    assert len(said(parts.gateway, conversation)) == 1


@pytest.mark.parametrize("language", ["ar", "de", "en"])
async def test_everything_that_is_told_has_words_and_no_reason_of_the_visit(
    parts: Parts, clock: Clock, reminders: Reminders, booked: Booked, language: str
) -> None:
    conversation, id = booked(language)
    clock.later(days=5, minutes=30)
    await reminders.round()
    clock.now = datetime.fromisoformat("2024-07-08T06:00:00+02:00")
    await reminders.round()
    with parts.store.begin() as work:
        mark(work, get_appointment(work, id), "missed", clock.now + timedelta(hours=3))
        work.commit()
    clock.later(hours=4)
    await reminders.round()
    shown = (await parts.gateway.read(conversation)).messages
    assert [m.response for m in shown] == [
        "notify.booked", "notify.reminder_days", "notify.reminder_hours", "notify.missed",
    ]  # fmt: skip
    assert all(m.text and "{" not in m.text and "asylum" not in m.text for m in shown)
    if language == "de":
        assert "um \u206809:00\u2069 Uhr" in shown[1].text or "09:00 Uhr" in shown[1].text


async def test_what_the_answer_says_itself_is_not_said_again(
    client: Client, parts: Parts, clock: Clock, reminders: Reminders, rasa: FakeRasa, booked: Booked
) -> None:
    conversation, id = booked("de")
    with parts.store.read() as work:
        key = notification_key(get_appointment(work, id))
    rasa.answer = says("conversation.stopped", effects={"told": [key]})
    await client.say("Ja bitte, diesen Termin", conversation)
    clock.later(minutes=5)
    assert await reminders.round() == 0


async def test_an_answer_that_got_lost_is_made_up_for(
    client: Client, parts: Parts, clock: Clock, reminders: Reminders, rasa: FakeRasa, booked: Booked
) -> None:
    conversation, _ = booked("de")
    rasa.answer = RuntimeError("the process was killed after the booking")
    clock.later(minutes=5)
    assert await reminders.round() == 1
    assert said(parts.gateway, conversation)[-1].response == "notify.booked"


async def test_a_freed_time_is_offered_with_a_yes_and_a_no(
    parts: Parts, clock: Clock, reminders: Reminders, booked: Booked
) -> None:
    with parts.store.begin() as work:
        one, two = (start_conversation(work, channel="web", now=NOW, language="en").id for _ in range(2))
        for who in (one, two):
            join(work, get_conversation(work, who), "mettmann", Wish(), NOW)
        work.commit()
    await reminders.round()
    offer = (await parts.gateway.read(one)).messages[0]
    assert offer.response == "notify.waiting_offer"
    assert offer.buttons[0].payload == '/book_appointment{"slot": "mettmann:2024-07-02T10:00"}'
    assert offer.buttons[1].payload == '/inform{"slot": "decline"}'
    clock.later(hours=3)
    await reminders.round()
    assert [m.response for m in (await parts.gateway.read(one)).messages][1:] == ["notify.waiting_passed"]


async def test_what_ran_out_passes_on_without_anybody_coming_by(
    parts: Parts, clock: Clock, reminders: Reminders
) -> None:
    """The only free times are taken by a hold and an offer; both run out while nobody does anything."""
    from office.slots import search

    with parts.store.begin() as work:
        first, second = (start_conversation(work, channel="web", now=NOW).id for _ in range(2))
        wish = Wish.on(datetime(2024, 7, 5).date())
        for slot in search(work, "mettmann", NOW, wish, n=100)[1:]:
            book(work, slot.id, start_conversation(work, channel="web", now=NOW), topic="x", now=NOW)
        for who in (first, second):
            join(work, get_conversation(work, who), "mettmann", wish, NOW)
        work.commit()
    clock.later(hours=3)
    await reminders.round()
    with parts.store.read() as work:
        assert offer_of(work, get_conversation(work, first), clock()) is None
        assert offer_of(work, get_conversation(work, second), clock()) is not None


async def test_telegram_gets_it_through_its_own_outbox(
    parts: Parts, clock: Clock, reminders: Reminders, booked: Booked
) -> None:
    with parts.store.begin() as work:
        conversation = start_conversation(work, channel="telegram", channel_ref="4711", now=NOW, language="ar")
        cancel(work, book(work, SLOT, conversation, topic="x", now=NOW), NOW, by="office")
        work.commit()
        id = conversation.id
    await reminders.round()
    [message] = said(parts.gateway, id)
    with parts.store.read() as work:
        entry = work.session.scalars(select(Outbox).where(Outbox.kind == "telegram")).one()
    assert entry.payload == {"chat": "4711", "message": message.id}


async def test_a_broken_look_does_not_end_the_loop(parts: Parts, clock: Clock, booked: Booked) -> None:
    conversation, _ = booked()
    clock.later(minutes=1)
    loop = Reminders(parts.gateway, look_s=0.01)
    whole, broken = loop.round, asyncio.Event()

    async def first_fails() -> int:
        loop.round = whole  # type: ignore[method-assign]
        broken.set()
        raise RuntimeError("database away")

    loop.round = first_fails  # type: ignore[method-assign]
    with parts.gateway.subscribe(conversation_topic(conversation)) as subscription:
        loop.begin()
        await asyncio.wait_for(subscription.get(), 5)
    await loop.stop()
    assert broken.is_set()
    assert len(said(parts.gateway, conversation)) == 1
