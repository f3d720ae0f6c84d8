"""What the office tells by itself: due entries of the outbox become messages of their conversations.

The message is stored and the entry is done in one unit of work, so each is said once, whatever is killed when.
Telegram's sender and the open pages then take it from there, like any other message.
"""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import datetime
from typing import Any

from bot.events import CONSOLE, conversation_topic
from bot.gateway import TELEGRAM, Gateway
from office import conversations, outbox, waiting
from office.appointments import Appointment
from office.clock import berlin
from office.conversations import get_conversation
from office.notifications import KIND, Notification, due_notifications, said
from office.store import Work

log = logging.getLogger(__name__)

LOOK_S = 15.0  # how often is looked; whoever waits for a freed time loses no more than this
AT_ONCE = 50
LEAVE_S = 5.0

BOOK = {"label": "choice.book", "payload": "/book_appointment"}
PERSON = {"label": "choice.person", "payload": "/request_human"}
NO_REMINDERS = {"label": "choice.no_reminders", "payload": '/inform{"reminders": "off"}'}
DECLINE = {"label": "choice.decline_offer", "payload": '/inform{"slot": "decline"}'}


class Reminders:
    """The loop beside the web app."""

    def __init__(self, gateway: Gateway, look_s: float = LOOK_S) -> None:
        self.gateway = gateway
        self.look_s = look_s
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Start in the background."""
        self._task = asyncio.create_task(self._run(), name="reminders")

    async def stop(self) -> None:
        """Stop; what has begun is finished."""
        self._stopping.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=LEAVE_S)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                await self.round()
            except Exception as problem:
                # the class only: the text of an exception may hold what a person wrote
                log.error("notifications cannot be said", extra={"why": type(problem).__name__})
            try:
                await asyncio.wait_for(self._stopping.wait(), self.look_s)
            except TimeoutError:
                continue

    async def round(self) -> int:
        """Say what is due and pass on what became free; return how much was said."""
        await asyncio.to_thread(self._pass_on)
        told = await asyncio.to_thread(self._say_all)
        for conversation in told:
            self.gateway.events.publish(conversation_topic(conversation), "changed")
            self.gateway.events.publish(CONSOLE, "changed", conversation=conversation)
        return len(told)

    def _pass_on(self) -> None:
        now = self.gateway.clock()
        with self.gateway.store.read() as work:
            sites = waiting.sites_with_people_waiting(work)
        for site in sites:
            with self.gateway.store.begin() as work:
                waiting.pass_on(work, site, now)
                work.commit()

    def _say_all(self) -> list[str]:
        now = self.gateway.clock()
        with self.gateway.store.read() as work:
            # most looks find nothing: they must not wait for writers, nor make them wait
            if not outbox.due(work, now, 1, kind=KIND):
                return []
        with self.gateway.store.begin() as work:
            due = due_notifications(work, now, AT_ONCE)
            for notification in due:
                say(work, notification, now)
            work.commit()
        return [notification.conversation.id for notification in due]


def say(work: Work, notification: Notification, now: datetime) -> None:
    """Store a notification as a message of its conversation, and have Telegram send it where that is the channel."""
    conversation = get_conversation(work, notification.conversation.id)
    message = conversations.add_message(
        work,
        conversation,
        author="bot",
        now=now,
        response=notification.response,
        values=notification.values,
        choices=choices(notification),
        key=notification.entry.key,
    )
    if conversation.channel == TELEGRAM and conversation.channel_ref and not message.duplicate:
        outbox.put(
            work,
            TELEGRAM,
            {"chat": conversation.channel_ref, "message": message.id},
            key=f"{TELEGRAM}:{message.id}",
            conversation=conversation,
        )
    said(work, notification, now)


def choices(notification: Notification) -> list[dict[str, Any]]:
    """Return the buttons below a notification; each works whatever else is being talked about."""
    appointment = notification.appointment
    event = notification.response.removeprefix("notify.")
    if event == "waiting_offer" and appointment is not None:
        take = {"label": "choice.take_offer", "payload": _payload("book_appointment", slot=_slot(appointment))}
        return [take, DECLINE]
    if event in ("cancelled_by_person", "cancelled_by_office", "missed", "waiting_passed") or appointment is None:
        return [BOOK, PERSON] if event != "cancelled_by_person" else [BOOK]
    change = [
        {"label": "choice.move", "payload": _payload("reschedule_appointment", appointment=appointment.id)},
        {"label": "choice.cancel", "payload": _payload("cancel_appointment", appointment=appointment.id)},
    ]
    return [*change, NO_REMINDERS] if event.startswith("reminder") else change


def _payload(intent: str, **entities: str) -> str:
    return f"/{intent}{json.dumps(entities)}"


def _slot(appointment: Appointment) -> str:
    means = "" if appointment.means == "on_site" else f":{appointment.means}"
    return f"{appointment.site}:{berlin(appointment.starts_at):%Y-%m-%dT%H:%M}{means}"
