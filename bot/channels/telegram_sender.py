"""The outbox to Telegram: each message is put into words when it is sent, at least once, in order within a chat."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from telegram import Bot, InlineKeyboardMarkup, InputFile, LinkPreviewOptions
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from bot.api import calendar_file
from bot.channels.telegram_patience import Patience
from bot.channels.telegram_shape import keyboard, split
from bot.events import CONSOLE, Subscription, conversation_topic
from bot.gateway import TELEGRAM, Gateway, short
from bot.incoming import Refused
from bot.transcript import shown
from office import conversations, outbox
from office.clock import utc
from office.conversations import Conversation, Message
from office.errors import UnknownConversation
from office.outbox import LEASE, Outbox
from office.store import Work

log = logging.getLogger(__name__)

AT_ONCE = 20  # chats; Telegram takes about 30 messages a second from one bot
LOOK_AT = 500  # entries; what waits for other channels must not hide what is ours
SEND_S = 50.0  # shorter than the lease, so that nobody else sends the same meanwhile
CALENDAR = re.compile(r"/api/appointments/([A-Za-z0-9_-]+)\.ics")
CALENDAR_NAME = "termin.ics"
BLOCKED = "telegram.blocked"
FROM_OFFICE = "telegram.from_office"
# said before we know which language the person reads, so in all of them
IN_ALL_LANGUAGES = "language.which"
# a preview would make Telegram's servers open the addresses we send
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


@dataclass(frozen=True)
class Letter:
    """What goes out for one outbox entry: texts in order, then perhaps a file; the buttons hang on the last."""

    texts: Sequence[str]
    markup: InlineKeyboardMarkup | None = None
    file: bytes | None = None


class Sender:
    """Empties the outbox of kind "telegram" as long as it runs."""

    def __init__(self, gateway: Gateway, bot: Bot, patience: Patience) -> None:
        self.gateway = gateway
        self.bot = bot
        self.patience = patience
        self._wake = asyncio.Event()
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._hold = 0.0  # seconds Telegram asked us to be silent
        self._lost = False  # True while Telegram does not answer at all
        self._closed: list[str] = []  # conversations whose chat was found closed, for open pages to look again

    def wake(self) -> None:
        """Look at the outbox now."""
        self._wake.set()

    async def run(self) -> None:
        """Send until the app stops."""
        with self.gateway.subscribe(CONSOLE) as subscription:
            listening = asyncio.create_task(self._listen(subscription))
            try:
                while not self.patience.stopping.is_set():
                    await self._round()
            finally:
                listening.cancel()
                if self._sending:
                    await asyncio.wait(self._sending.values(), timeout=self.patience.pace.leave)

    async def _listen(self, subscription: Subscription) -> None:
        # whatever staff do is told there, replies among it
        async for _event in subscription:
            self.wake()

    async def _round(self) -> None:
        await self._hold_off()
        self._wake.clear()
        try:
            entries = await asyncio.to_thread(self._claim)
        except Exception as problem:
            log.error("outbox cannot be read", extra={"why": type(problem).__name__})
            entries = []
        for entry in entries:
            chat = str(entry.payload.get("chat"))
            self._sending[chat] = asyncio.create_task(self._send(entry, chat))
        try:
            await asyncio.wait_for(self._wake.wait(), self.patience.pace.look)
        except TimeoutError:
            return

    async def _hold_off(self) -> None:
        hold, self._hold = self._hold, 0.0
        if hold:
            await self.patience.rest(hold)
        if self._lost:
            try:
                await self.patience.retrying("send", TelegramError)(self.bot.get_me)
            except TelegramError:
                return  # the app stops; what waits is sent by the next one
            self._lost = False
            log.info("telegram answers again")

    def _claim(self) -> list[Outbox]:
        """Take the first entry of each chat that is not busy."""
        now = self.gateway.clock()
        free = AT_ONCE - len(self._sending)
        with self.gateway.store.read() as work:
            # most looks find nothing: they must not wait for writers, nor make them wait
            if free <= 0 or not any(entry.kind == TELEGRAM for entry in outbox.due(work, now, LOOK_AT)):
                return []
        taken: dict[str, Outbox] = {}
        with self.gateway.store.begin() as work:
            # not `claim`: it would also take what is meant for others, and more than one of a chat
            for entry in outbox.due(work, now, LOOK_AT):
                chat = str(entry.payload.get("chat"))
                if entry.kind == TELEGRAM and chat not in taken and chat not in self._sending and len(taken) < free:
                    taken[chat] = entry
                    entry.next_try_at = utc(now) + LEASE
            work.commit()
        return list(taken.values())

    async def _send(self, entry: Outbox, chat: str) -> None:
        """Send one entry and note what became of it."""
        start = int(entry.payload.get("sent") or 0)
        progress = [start]
        try:
            letter = await asyncio.to_thread(self._letter, entry)
            async with asyncio.timeout(SEND_S):
                await self._deliver(chat, letter, progress)
        except RetryAfter as problem:
            # its attribute changes its type with the version, the one behind it does not
            self._hold = max(self._hold, problem._retry_after.total_seconds())
            step = self._again
        except (Forbidden, BadRequest) as problem:
            step = self._undeliverable if _is_closed(problem) else self._hopeless(problem)
        except (TelegramError, TimeoutError) as problem:
            step = await self._whose_fault(problem)
        except Exception as problem:
            log.error("message cannot be sent", extra={"why": type(problem).__name__, "entry": entry.id})
            step = self._later(problem)
        else:
            step = self._done
        try:
            await asyncio.to_thread(self._note, step, entry, progress[0])
        except Exception as problem:
            # the lease runs out and it is sent again
            log.error("outbox cannot be written", extra={"why": type(problem).__name__, "entry": entry.id})
        finally:
            self._sending.pop(chat, None)
            self._tell_closed()
            self.wake()

    async def _deliver(self, chat: str, letter: Letter, progress: list[int]) -> None:
        """Send the parts that have not been sent; `progress` counts them, so that a retry repeats none."""
        last = len(letter.texts) - 1
        for place in range(progress[0], len(letter.texts)):
            markup = letter.markup if place == last else None
            if place == last and letter.file is not None:
                file = InputFile(letter.file, filename=CALENDAR_NAME)
                await self.bot.send_document(chat, file, caption=letter.texts[place], reply_markup=markup)
            else:
                await self.bot.send_message(
                    chat, letter.texts[place], reply_markup=markup, link_preview_options=NO_PREVIEW
                )
            progress[0] += 1

    async def say_once(self, chat: str, texts: Sequence[str]) -> None:
        """Send words that are not kept anywhere (the last ones before an erasure); a few tries, then they are lost."""
        for text in texts:
            for part in split(text):
                for _ in range(3):
                    try:
                        await self.bot.send_message(chat, part, link_preview_options=NO_PREVIEW)
                        break
                    except TelegramError as problem:
                        log.warning("last words not sent", extra={"why": type(problem).__name__})
                        await self.patience.rest(self.patience.pace.first)

    # words -------------------------------------------------------------------------------------------------

    def _letter(self, entry: Outbox) -> Letter:
        """Return what to send, in the language the conversation has now; no texts: nobody is left to tell."""
        payload = entry.payload
        if "message" not in payload:
            return self._plain(payload)
        with self.gateway.store.read() as work:
            try:
                conversation = conversations.get_conversation(work, entry.conversation_id or "")
            except UnknownConversation:
                return Letter(())
            stored = conversations.messages(work, conversation)
        message = next((m for m in stored if m.id == payload["message"]), None)
        if message is None:
            return Letter(())
        before = [m for m in stored if m.id < message.id]
        return self._words(message, conversation.language, before)

    def _plain(self, payload: dict[str, Any]) -> Letter:
        render = self.gateway.replies.render
        return Letter(split(render(payload["response"], payload.get("values") or {}, payload["language"])))

    def _words(self, message: Message, language: str, before: Sequence[Message]) -> Letter:
        replies = self.gateway.replies
        read = shown(replies, message, language)
        markup = keyboard(message.id, read.buttons)
        if message.response == IN_ALL_LANGUAGES:
            words = [replies.render(IN_ALL_LANGUAGES, {}, code) for code in _first(language, replies)]
            return Letter(["\n".join(words)], markup)
        if message.author == "staff" and not _staff_spoke_last(before):
            return Letter(split(f"{replies.render(FROM_OFFICE, {}, language)}\n{read.text}"), markup)
        link = CALENDAR.search(str((message.values or {}).get("link", "")))
        if message.response is not None and link is not None:
            file = self._calendar(link[1], language)
            if file is not None:
                # the file hangs on the message: its name stands where the address would
                named = {**(message.values or {}), "link": CALENDAR_NAME}
                return Letter([replies.render(message.response, named, language)], markup, file)
        return Letter(split(read.text), markup)

    def _calendar(self, appointment: str, language: str) -> bytes | None:
        try:
            # asks for `store` and `replies` only, which the gateway has, too
            return calendar_file(self.gateway, appointment, language)  # type: ignore[arg-type]
        except Refused:
            return None

    # what became of it -------------------------------------------------------------------------------------

    def _note(self, step: Any, entry: Outbox, sent: int) -> None:
        with self.gateway.store.begin() as work:
            row = work.session.get(Outbox, entry.id)
            if row is None:
                return  # erased meanwhile
            if sent:
                row.payload = {**row.payload, "sent": sent}
            step(work, row)
            work.commit()

    def _done(self, work: Work, row: Outbox) -> None:
        outbox.done(work, row, self.gateway.clock())

    def _again(self, work: Work, row: Outbox) -> None:
        """Not the fault of the message, so no try is counted: it goes first when Telegram listens again."""
        row.next_try_at = None

    def _later(self, problem: BaseException) -> Any:
        def step(work: Work, row: Outbox) -> None:
            outbox.failed(work, row, self.gateway.clock(), type(problem).__name__)

        return step

    def _hopeless(self, problem: BaseException) -> Any:
        def step(work: Work, row: Outbox) -> None:
            log.error("telegram refuses a message", extra={"why": type(problem).__name__, "entry": row.id})
            outbox.failed(work, row, self.gateway.clock(), type(problem).__name__, for_good=True)

        return step

    def _undeliverable(self, work: Work, row: Outbox) -> None:
        """The person closed the chat: note it where staff read, once until the person writes again."""
        if row.conversation_id is not None:
            try:
                self._note_blocked(work, conversations.get_conversation(work, row.conversation_id))
            except UnknownConversation:
                return
        outbox.done(work, row, self.gateway.clock())

    def _note_blocked(self, work: Work, conversation: Conversation) -> None:
        for message in reversed(conversations.messages(work, conversation)):
            if message.author == "person":
                break
            if message.response == BLOCKED:
                return
        conversations.add_message(work, conversation, author="bot", now=self.gateway.clock(), response=BLOCKED)
        log.info("chat is closed", extra={"conversation": short(conversation.id)})
        self._closed.append(conversation.id)

    async def _whose_fault(self, problem: BaseException) -> Any:
        """A failure of this message alone is counted; if Telegram is not there at all, everything waits."""
        try:
            await self.bot.get_me()
        except TelegramError:
            self._lost = True
            return self._again
        return self._later(problem)

    def _tell_closed(self) -> None:
        while self._closed:
            tell(self.gateway, self._closed.pop())


def tell(gateway: Gateway, conversation_id: str) -> None:
    """Let open pages look again. Only on the event loop."""
    gateway.events.publish(conversation_topic(conversation_id), "changed")
    gateway.events.publish(CONSOLE, "changed", conversation=conversation_id)


def _is_closed(problem: TelegramError) -> bool:
    """True if nobody can be reached in this chat any more: blocked, deleted, never begun."""
    return isinstance(problem, Forbidden) or "chat not found" in problem.message.lower()


def _staff_spoke_last(before: Sequence[Message]) -> bool:
    """True if the last words the person got were from staff, too."""
    last = next((m for m in reversed(before) if m.author != "person"), None)
    return last is not None and last.author == "staff"


def _first(language: str, replies: Any) -> list[str]:
    """Return the languages offered, the reader's first."""
    return sorted(replies.languages.offered, key=lambda code: code != language)
