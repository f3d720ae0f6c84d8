"""What people do in Telegram → turns of the gateway; the answers go to the outbox."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from telegram import CallbackQuery, Chat, ChatMember, Update, User
from telegram.constants import ChatAction, ChatType
from telegram.error import TelegramError
from telegram.ext import (
    BaseHandler,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from bot.channels.telegram_patience import Patience
from bot.channels.telegram_sender import BLOCKED, IN_ALL_LANGUAGES, Sender, tell
from bot.channels.telegram_shape import parse_callback
from bot.gateway import TELEGRAM, Gateway, Outgoing
from bot.incoming import Incoming, Refused
from bot.limits import Limit
from bot.parts import accepted
from bot.transcript import LANGUAGE_BUTTON
from office import conversations, outbox
from office.conversations import Message
from office.errors import UnknownConversation

log = logging.getLogger(__name__)

Context = ContextTypes.DEFAULT_TYPE
PRIVATE = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE
EDITED = filters.ChatType.PRIVATE & filters.UpdateType.EDITED_MESSAGE
GROUP = filters.ChatType.GROUPS & filters.UpdateType.MESSAGE
# a yes belongs to the question before it; 'opening hours' means the same at any time
ANSWERS = ("/affirm", "/deny", "/dont_know", "/ask_why")
GONE, OLD, AGAIN = "telegram.button_gone", "telegram.button_old", "telegram.button_again"
TOAST = 200  # characters (Bot API, answerCallbackQuery)


@dataclass(frozen=True)
class Press:
    """What a button means: a payload to send, or (None) the name of what to say instead."""

    payload: str | None
    refusal: str = ""
    language: str = "de"


def key_of(update: Update) -> str:
    """Return the key under which an update is answered once, however often Telegram repeats it."""
    return f"tg:{update.update_id}"


class Talk:
    """The handlers: one per thing a person can do."""

    def __init__(self, gateway: Gateway, sender: Sender, patience: Patience, limit: Limit) -> None:
        self.gateway = gateway
        self.sender = sender
        self.patience = patience
        self.limit = limit
        self._beside: set[asyncio.Task[Any]] = set()

    def handlers(self) -> list[BaseHandler[Any, Any, Any]]:
        """Return the handlers; the first that fits an update gets it."""
        return [
            CommandHandler("start", self.start, PRIVATE),
            CommandHandler("language", self.choose_language, PRIVATE),
            CommandHandler("help", self.help, PRIVATE),
            CommandHandler("stop", self.stop, PRIVATE),
            MessageHandler(PRIVATE & filters.TEXT, self.text),
            MessageHandler(PRIVATE & filters.ATTACHMENT, self.attachment),
            MessageHandler(EDITED, self.edited),
            CallbackQueryHandler(self.pressed),
            MessageHandler(GROUP, self.group),
            ChatMemberHandler(self.joined, ChatMemberHandler.MY_CHAT_MEMBER),
        ]

    # commands ----------------------------------------------------------------------------------------------

    async def start(self, update: Update, context: Context) -> None:
        """Greet in a language we share; without one, offer ours. `t.me/<bot>?start=<site>` names the office."""
        site = next((word for word in context.args or () if word in self.gateway.store.sites), None)
        known = await asyncio.to_thread(self._language, _chat(update).id)
        if known is None and self._hint(update.effective_user) is None:
            await self._offer_languages(update, site)
        else:
            await self._turn(update, payload="/greet", site=site)

    async def choose_language(self, update: Update, _context: Context) -> None:
        await self._offer_languages(update, None)

    async def help(self, update: Update, _context: Context) -> None:
        await self._turn(update, payload="/ask_capabilities")

    async def stop(self, update: Update, _context: Context) -> None:
        await self._turn(update, payload="/stop")

    # messages ----------------------------------------------------------------------------------------------

    async def text(self, update: Update, _context: Context) -> None:
        await self._turn(update, text=_message(update).text)

    async def attachment(self, update: Update, _context: Context) -> None:
        """Say that only text is read; what is written under a picture is text."""
        message = _message(update)
        # the pictures of an album come one by one
        album = message.media_group_id
        await self._say(update, "system.only_text", key=f"tg:album:{album}" if album else key_of(update))
        if message.caption:
            await self._turn(update, text=message.caption, key=f"{key_of(update)}:caption")

    async def edited(self, update: Update, _context: Context) -> None:
        """Say once per message that changes are not seen (a shared position changes by itself)."""
        await self._say(update, "telegram.edited", key=f"tg:edited:{_message(update).message_id}")

    async def group(self, update: Update, _context: Context) -> None:
        """Say once per group why there is silence."""
        await asyncio.to_thread(self._tell_group, _chat(update).id, self._hint(update.effective_user))
        self.sender.wake()

    async def joined(self, update: Update, context: Context) -> None:
        """Say the same when somebody adds the bot; being blocked or removed needs no answer."""
        change = update.my_chat_member
        came = change is not None and change.new_chat_member.status in (ChatMember.MEMBER, ChatMember.ADMINISTRATOR)
        if came and _chat(update).type in (ChatType.GROUP, ChatType.SUPERGROUP):
            await self.group(update, context)

    def _tell_group(self, chat: int, language: str | None) -> None:
        # the key is kept for good; the group cannot be told from it
        mark = hashlib.sha256(f"lotse:{chat}".encode()).hexdigest()[:32]
        with self.gateway.store.begin() as work:
            payload = {"chat": str(chat), "response": "telegram.group", "language": language or "de"}
            outbox.put(work, TELEGRAM, payload, key=f"telegram:group:{mark}")
            work.commit()

    # buttons -----------------------------------------------------------------------------------------------

    async def pressed(self, update: Update, _context: Context) -> None:
        """Send what the button means; its keyboard goes, so that nobody presses twice."""
        query = update.callback_query
        if query is None or query.message is None or query.message.chat.type != ChatType.PRIVATE:
            return
        press = await asyncio.to_thread(self._meaning, query, key_of(update))
        self._do_beside(self._take_keyboard(query))
        if press.payload is None:
            await self._refuse_press(update, query, press)
            return
        self._do_beside(self._quietly(query.answer()))
        chosen = LANGUAGE_BUTTON.fullmatch(press.payload)
        await self._turn(
            update,
            payload=press.payload,
            # also while a person owns the conversation, when Rasa is not asked
            language=chosen[1] if chosen else None,
            key=self._press_key(update, query),
        )

    @staticmethod
    def _press_key(update: Update, query: CallbackQuery) -> str:
        return f"{key_of(update)}:{query.data}"

    async def _refuse_press(self, update: Update, query: CallbackQuery, press: Press) -> None:
        words = self.gateway.replies.render(press.refusal, {}, press.language)[:TOAST]
        if not await self._quietly(query.answer(words)):
            # too late for the brief notice (Telegram forgets the press after a while): say it in the chat
            await self._say(update, press.refusal, key=key_of(update))

    async def _take_keyboard(self, query: CallbackQuery) -> None:
        await self._quietly(query.edit_message_reply_markup(None))

    def _meaning(self, query: CallbackQuery, key: str) -> Press:
        """Look the button up in the message that offered it."""
        assert query.message is not None  # noqa: S101  checked by the caller
        place = parse_callback(query.data)
        with self.gateway.store.read() as work:
            conversation = conversations.by_channel(work, TELEGRAM, str(query.message.chat.id))
            if conversation is None:
                return Press(None, GONE, self._hint(query.from_user) or "de")
            language = conversation.language
            if place is None:
                return Press(None, GONE, language)
            # only messages of this chat are looked at: a button copied from elsewhere means nothing
            stored = conversations.messages(work, conversation, after=place[0] - 1)
        choices = (stored[0].choices or ()) if stored and stored[0].id == place[0] else ()
        if place[1] >= len(choices):
            return Press(None, GONE, language)
        payload = str(choices[place[1]]["payload"])
        why = _too_late(stored, payload, query, key)
        return Press(payload, language=language) if why is None else Press(None, why, language)

    # turns -------------------------------------------------------------------------------------------------

    async def _turn(
        self,
        update: Update,
        *,
        text: str | None = None,
        payload: str | None = None,
        language: str | None = None,
        site: str | None = None,
        key: str | None = None,
    ) -> None:
        chat = _chat(update)
        if not self.limit.take(str(chat.id)):
            minute = int(self.gateway.clock().timestamp()) // 60
            await self._say(update, "error.too_many", key=f"tg:fast:{minute}")
            return
        incoming = Incoming(
            channel=TELEGRAM,
            channel_ref=str(chat.id),
            text=text,
            payload=payload,
            language=language,
            hint=self._hint(update.effective_user),
            site=site,
            key=key or key_of(update),
        )
        try:
            async with self._typing(chat):
                outgoing = await self.gateway.turn(incoming)
        except Refused as refused:
            await self._say(update, f"error.{refused.code}", refused.values, key=key or key_of(update))
            return
        await self._answer(chat, outgoing)

    async def _answer(self, chat: Chat, outgoing: Outgoing) -> None:
        await asyncio.to_thread(self._post, chat.id, outgoing)
        self.sender.wake()
        last_words = [message.text for message in outgoing.messages if message.id is None]
        if last_words:
            await self.sender.say_once(str(chat.id), last_words)

    def _post(self, chat: int, outgoing: Outgoing) -> None:
        """Have the answers sent; what is in the outbox already is not sent again."""
        ids = [m.id for m in outgoing.messages if m.id is not None and m.response != BLOCKED]
        if not ids:
            return
        with self.gateway.store.begin() as work:
            try:
                conversation = conversations.get_conversation(work, outgoing.conversation)
            except UnknownConversation:
                return  # erased a moment ago on another page
            for message in ids:
                payload = {"chat": str(chat), "message": message}
                outbox.put(work, TELEGRAM, payload, key=f"{TELEGRAM}:{message}", conversation=conversation)
            work.commit()

    async def _offer_languages(self, update: Update, site: str | None) -> None:
        choices = [
            {"label": f"choice.language.{code}", "payload": f'/change_language{{"language": "{code}"}}'}
            for code in self.gateway.replies.languages.offered
        ]
        await self._say(update, IN_ALL_LANGUAGES, key=key_of(update), choices=choices, site=site)

    async def _say(
        self,
        update: Update,
        response: str,
        values: dict[str, Any] | None = None,
        *,
        key: str,
        choices: list[dict[str, Any]] | None = None,
        site: str | None = None,
    ) -> None:
        """Say something of the channel's own; it is kept like every other message."""
        said = (response, values or {}, choices or [], key)
        conversation = await asyncio.to_thread(
            self._keep, _chat(update).id, self._hint(update.effective_user), site, said
        )
        tell(self.gateway, conversation)
        self.sender.wake()

    def _keep(
        self, chat: int, hint: str | None, site: str | None, said: tuple[str, dict[str, Any], list[Any], str]
    ) -> str:
        response, values, choices, key = said
        now = self.gateway.clock()
        with self.gateway.store.begin() as work:
            conversation = conversations.by_channel(work, TELEGRAM, str(chat))
            if conversation is None:
                conversation = conversations.start_conversation(
                    work, channel=TELEGRAM, now=now, language=hint or "de", site=site, channel_ref=str(chat)
                )
            message = conversations.add_message(
                work, conversation, author="bot", now=now, response=response, values=values, choices=choices, key=key
            )
            payload = {"chat": str(chat), "message": message.id}
            outbox.put(work, TELEGRAM, payload, key=f"{TELEGRAM}:{message.id}", conversation=conversation)
            work.commit()
            return conversation.id

    def kept(self, updates: Sequence[Update]) -> bool:
        """True if each of these is in the database, so that Telegram may forget it."""
        with self.gateway.store.read() as work:
            for update in updates:
                chat = update.effective_chat
                conversation = conversations.by_channel(work, TELEGRAM, str(chat.id)) if chat else None
                stored = conversations.messages(work, conversation) if conversation else ()
                key = key_of(update)
                if not any(m.key == key or (m.key or "").startswith(f"{key}:") for m in stored):
                    return False
        return True

    # small things ------------------------------------------------------------------------------------------

    def _hint(self, user: User | None) -> str | None:
        """Return the language the person's Telegram is set to if we have it."""
        return accepted((user.language_code if user else None) or "", self.gateway.replies.languages.offered)

    def _language(self, chat: int) -> str | None:
        with self.gateway.store.read() as work:
            conversation = conversations.by_channel(work, TELEGRAM, str(chat))
            return conversation.language if conversation else None

    @asynccontextmanager
    async def _typing(self, chat: Chat) -> AsyncIterator[None]:
        """Show that an answer is coming, as long as the block lasts."""

        answered = asyncio.Event()

        async def show() -> None:
            # most answers are faster than this, and 'typing' must not come after them
            wait = self.patience.pace.thinking
            while not await _within(answered, wait) and await self._quietly(chat.send_action(ChatAction.TYPING)):
                wait = self.patience.pace.typing

        self._do_beside(show())
        try:
            yield
        finally:
            answered.set()

    async def _quietly(self, call: Coroutine[Any, Any, Any]) -> bool:
        """Do what is nice to have; return whether it worked."""
        try:
            await call
        except TelegramError as problem:
            log.debug("left out", extra={"why": type(problem).__name__})
            return False
        return True

    def _do_beside(self, call: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(call)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def leave(self) -> None:
        """Wait a moment for what runs beside the turns."""
        if self._beside:
            await asyncio.wait(self._beside, timeout=self.patience.pace.first)


def _too_late(stored: Sequence[Message], payload: str, query: CallbackQuery, key: str) -> str | None:
    """Return what to say to a press that comes too late; None if it counts. `stored` begins with its message."""
    later = [m for m in stored if m.author == "person" and not (m.key or "").startswith(f"{key}:")]
    if not later:
        return None
    if (later[-1].key or "").endswith(f":{query.data}"):
        return AGAIN
    return OLD if payload.partition("{")[0] in ANSWERS else None


async def _within(event: asyncio.Event, seconds: float) -> bool:
    try:
        return await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False


def _chat(update: Update) -> Chat:
    assert update.effective_chat is not None  # noqa: S101  every update we ask for has one
    return update.effective_chat


def _message(update: Update) -> Any:
    return update.effective_message
