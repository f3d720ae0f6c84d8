"""Telegram inside the web app: polls for updates, answers through the gateway, sends through the outbox."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from typing import Any

from telegram import BotCommand, Update
from telegram.error import TelegramError
from telegram.ext import Application, ContextTypes

from bot.channels.telegram_patience import Pace, Patience
from bot.channels.telegram_sender import Sender
from bot.channels.telegram_talk import Talk
from bot.gateway import Gateway
from bot.limits import Limit
from bot.settings import Settings

log = logging.getLogger(__name__)

ALLOWED = [Update.MESSAGE, Update.EDITED_MESSAGE, Update.CALLBACK_QUERY, Update.MY_CHAT_MEMBER]
TRIES = 4  # to handle one update; then it is given up, or one bad update would silence everybody
COMMANDS = {
    "language": "telegram.command_language",
    "help": "telegram.command_help",
    "stop": "telegram.command_stop",
}


async def start(gateway: Gateway, settings: Settings, pace: Pace | None = None) -> Telegram:
    """Start the channel beside the web app. Returns at once: whether Telegram answers is no condition."""
    channel = Telegram(gateway, settings, pace or Pace())
    channel.begin()
    return channel


class Telegram:
    """The channel: connects, polls and sends until it is stopped.

    python-telegram-bot's own Updater is not used: it lets Telegram forget an update as soon as it has
    been fetched, and a stop in that moment would lose it. Here Telegram forgets it once it is stored.
    """

    def __init__(self, gateway: Gateway, settings: Settings, pace: Pace) -> None:
        token = settings.telegram_token
        self.application = (
            Application.builder()
            .token(token.get_secret_value() if token else "")
            .base_url(f"{settings.telegram_api_url}/bot")
            .updater(None)
            .job_queue(None)
            .build()
        )
        self.gateway = gateway
        self.patience = Patience(pace)
        self.sender = Sender(gateway, self.application.bot, self.patience)
        self.talk = Talk(gateway, self.sender, self.patience, Limit(settings.rate_conversation))
        self.application.add_handlers(self.talk.handlers())
        self.application.add_error_handler(self._note_problem)
        self._problems: dict[int, Exception] = {}
        # the last update of each chat that is being handled: the next one waits for it
        self._tails: dict[int, asyncio.Task[None]] = {}
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Start in the background."""
        self._task = asyncio.create_task(self._run(), name="telegram")

    async def stop(self) -> None:
        """Stop; what has begun may finish, what has not is kept here or by Telegram."""
        self.patience.stopping.set()
        self.sender.wake()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=2 * self.patience.pace.leave)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.application.shutdown()

    async def _run(self) -> None:
        try:
            await self.patience.retrying("start", TelegramError)(self._connect)
        except TelegramError:
            return  # stopped before Telegram ever answered
        log.info("telegram is connected")
        await asyncio.gather(self._menu(), self._poll(), self.sender.run())
        await self.talk.leave()

    async def _connect(self) -> None:
        await self.application.initialize()
        # a webhook of an earlier installation would keep every update from us
        await self.application.bot.delete_webhook()

    async def _menu(self) -> None:
        """Show the commands in the menu, in each language; not worth a second try."""
        render = self.gateway.replies.render
        try:
            # Telegram knows languages of two letters only; whoever reads another sees the English menu
            known = [code for code in self.gateway.replies.languages.offered if len(code) == 2]
            for language in (None, *known):
                commands = [BotCommand(name, render(words, {}, language or "en")) for name, words in COMMANDS.items()]
                await self.application.bot.set_my_commands(commands, language_code=language)
        except TelegramError as problem:
            log.warning("no menu", extra={"why": type(problem).__name__})

    # updates -----------------------------------------------------------------------------------------------

    async def _poll(self) -> None:
        offset: int | None = None
        fetch = self.patience.retrying("poll", TelegramError)
        while not self.patience.stopping.is_set():
            updates = await self._unless_stopped(fetch(self._fetch, offset))
            if updates:
                await self._take(updates)
                # asking for what comes after them lets Telegram forget these
                offset = updates[-1].update_id + 1
        if self._tails:
            await asyncio.wait(self._tails.values(), timeout=self.patience.pace.leave)

    async def _fetch(self, offset: int | None) -> Sequence[Update]:
        return await self.application.bot.get_updates(
            offset=offset, timeout=self.patience.pace.poll, allowed_updates=ALLOWED
        )

    async def _unless_stopped(self, call: Coroutine[Any, Any, Sequence[Update]]) -> Sequence[Update] | None:
        """Return what the call gives; None if the app stops before."""
        asking = asyncio.ensure_future(call)
        stopping = asyncio.ensure_future(self.patience.stopping.wait())
        try:
            await asyncio.wait((asking, stopping), return_when=asyncio.FIRST_COMPLETED)
            return asking.result() if asking.done() else None
        except TelegramError:
            return None  # only raised once the app stops
        except Exception as problem:
            log.error("updates cannot be fetched", extra={"why": type(problem).__name__})
            await self.patience.rest(self.patience.pace.longest)
            return None
        finally:
            stopping.cancel()
            asking.cancel()
            await asyncio.gather(asking, stopping, return_exceptions=True)

    async def _take(self, updates: Sequence[Update]) -> None:
        """Handle updates, those of one chat in order; return once each is answered or at least stored."""
        running = {self._begin(update): update for update in updates}
        while running:
            await asyncio.wait(running, timeout=self.patience.pace.slow)
            running = {task: update for task, update in running.items() if not task.done()}
            if self.patience.stopping.is_set():
                return
            if running and await asyncio.to_thread(self.talk.kept, list(running.values())):
                return

    def _begin(self, update: Update) -> asyncio.Task[None]:
        chat = update.effective_chat.id if update.effective_chat else 0
        task = asyncio.create_task(self._handle(update, self._tails.get(chat)))
        self._tails[chat] = task

        def forget(done: asyncio.Task[None]) -> None:
            if self._tails.get(chat) is done:
                del self._tails[chat]

        task.add_done_callback(forget)
        return task

    async def _handle(self, update: Update, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait([before])
        for attempt in range(TRIES):
            await self.application.process_update(update)
            problem = self._problems.pop(update.update_id, None)
            if problem is None:
                return
            log.error("update not handled", extra={"why": type(problem).__name__, "attempt": attempt + 1})
            await self.patience.rest(self.patience.pace.first * 2**attempt)

    async def _note_problem(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        if isinstance(update, Update) and context.error is not None:
            self._problems[update.update_id] = context.error
