"""Conversations and their messages: kept as typed, or as response name and values."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm.util import identity_key

from office.clock import utc
from office.errors import UnknownConversation
from office.store import Work
from office.tables import Author, Conversation, Message, MessageState, Owner

__all__ = [
    "Conversation",
    "Message",
    "add_message",
    "by_channel",
    "get_conversation",
    "mark_message",
    "mark_urgent",
    "messages",
    "recover_received",
    "set_language",
    "set_owner",
    "set_site",
    "start_conversation",
    "unanswered",
]

# What every turn asks, put together once: that costs more than running it.
_ONE = select(Conversation).where(Conversation.id == bindparam("id"))
_ONE_LOCKED = _ONE.with_for_update(key_share=True)
_LAST_OWN = (
    select(func.max(Message.id))
    .where(
        Message.conversation_id == bindparam("conversation"),
        Message.author == "person",
        Message.id < bindparam("before"),
    )
    .scalar_subquery()
)
_ANSWER_BEFORE = (
    select(Message)
    .where(
        Message.conversation_id == bindparam("conversation"),
        Message.id < bindparam("before"),
        Message.id > func.coalesce(_LAST_OWN, 0),
    )
    .order_by(Message.id)
)
_MARK = (
    update(Message)
    .where(Message.id == bindparam("message"), Message.conversation_id == bindparam("conversation"))
    .values(state=bindparam("become"))
    .execution_options(synchronize_session=False)
)


def start_conversation(
    work: Work,
    *,
    channel: str,
    now: datetime,
    language: str = "de",
    site: str | None = None,
    channel_ref: str | None = None,
) -> Conversation:
    """Begin a conversation with the bot; its id is a token nobody can guess.

    `channel_ref` is the channel's own name for the person (a chat id); None where the token is all there is.
    """
    conversation = Conversation(
        id=secrets.token_urlsafe(24),
        channel=channel,
        channel_ref=channel_ref,
        language=language,
        language_chosen=False,
        site=site,
        owner="bot",
        urgent=False,
        reminders=True,
        created_at=utc(now),
        last_message_at=utc(now),
    )
    work.session.add(conversation)
    work.session.flush()
    return conversation


def get_conversation(work: Work, id: str) -> Conversation:
    """Return the conversation; raises UnknownConversation.

    In a writing unit of work it stays locked until the end, so its owner cannot change in between. Others may
    still refer to it meanwhile (an offer of the waiting list is a row of theirs).
    """
    found = work.session.scalar(_ONE_LOCKED if work.writing else _ONE, {"id": id})
    if found is None:
        raise UnknownConversation("There is no such conversation; start a new one.")
    return found


def by_channel(work: Work, channel: str, channel_ref: str) -> Conversation | None:
    """Return the conversation a channel has its own name for; None if the person is new or was erased."""
    query = select(Conversation).where(Conversation.channel == channel, Conversation.channel_ref == channel_ref)
    return work.session.scalar(query.with_for_update(key_share=True) if work.writing else query)


def add_message(
    work: Work,
    conversation: Conversation,
    *,
    author: Author,
    now: datetime,
    text: str | None = None,
    payload: str | None = None,
    response: str | None = None,
    values: dict[str, Any] | None = None,
    choices: list[Any] | None = None,
    key: str | None = None,
    staff: int | None = None,
    state: MessageState = "done",
) -> Message:
    """Store a message. A key seen before in this conversation gives the first message, `duplicate` True.

    `state` is "received" until the bot has dealt with it, then "done" or "unanswered" (mark_message).
    A message by staff answers whatever was unanswered before it. `staff` is the id of the member of staff.
    """
    work.changing(conversation)
    if key is not None and (first := _by_key(work, conversation, key)) is not None:
        first.duplicate = True
        return first
    message = Message(
        conversation_id=conversation.id,
        author=author,
        # PostgreSQL keeps no NUL in a text, and nobody can type one.
        text=text.replace("\0", "") if text else text,
        payload=payload,
        response=response,
        values=values,
        choices=choices,
        key=key,
        staff_id=staff,
        state=state,
        created_at=utc(now),
    )
    if author == "staff":
        _answer_all(work, conversation)
    conversation.last_message_at = utc(now)
    work.session.add(message)
    work.session.flush()
    return message


def _by_key(work: Work, conversation: Conversation, key: str) -> Message | None:
    return work.session.scalar(select(Message).where(Message.conversation_id == conversation.id, Message.key == key))


def _answer_all(work: Work, conversation: Conversation) -> None:
    work.session.execute(
        update(Message)
        .where(Message.conversation_id == conversation.id, Message.state == "unanswered")
        .values(state="done")
    )


def messages(work: Work, conversation: Conversation, after: int | None = None) -> Sequence[Message]:
    """Return the messages in the order they came; `after`: only those after the one with this id."""
    query = select(Message).where(Message.conversation_id == conversation.id).order_by(Message.id)
    return work.session.scalars(query if after is None else query.where(Message.id > after)).all()


def answer_before(work: Work, conversation: Conversation, message: Message) -> Sequence[Message]:
    """Return what was said to the person since their message before this one, the oldest first."""
    asked = {"conversation": conversation.id, "before": message.id}
    return work.session.scalars(_ANSWER_BEFORE, asked).all()


def mark_message(work: Work, conversation: Conversation, message: int, state: MessageState) -> None:
    """Note what became of the message with this id; "unanswered" puts it before staff."""
    work.changing(conversation)
    loaded = work.session.identity_map.get(identity_key(Message, message))
    if isinstance(loaded, Message):
        if loaded.conversation_id == conversation.id:
            loaded.state = state
        return
    work.session.execute(_MARK, {"message": message, "conversation": conversation.id, "become": state})


def recover_received(work: Work, before: datetime) -> int:
    """Turn messages that were received before this moment and never dealt with into unanswered ones.

    To be called when the app starts: a process that was killed in the middle of a turn leaves them behind.
    Returns how many there were.
    """
    stale = work.session.scalars(
        select(Message).where(Message.state == "received", Message.created_at < utc(before))
    ).all()
    for message in stale:
        message.state = "unanswered"
    work.session.flush()
    return len(stale)


def unanswered(work: Work) -> Sequence[Message]:
    """Return the messages nobody has answered, the oldest first."""
    return work.session.scalars(select(Message).where(Message.state == "unanswered").order_by(Message.id)).all()


def set_language(work: Work, conversation: Conversation, language: str, *, chosen: bool = True) -> None:
    """Set the language; one that was only detected (`chosen` False) never replaces one that was chosen."""
    work.changing(conversation)
    if not chosen and conversation.language_chosen:
        return
    conversation.language = language
    conversation.language_chosen = chosen or conversation.language_chosen


def set_owner(work: Work, conversation: Conversation, owner: Owner, *, staff: int | None = None) -> None:
    """Set who speaks next; `staff` is the member of staff, and only a person's conversation has one."""
    work.changing(conversation)
    conversation.owner = owner
    conversation.staff_id = staff if owner == "person" else None


def set_site(work: Work, conversation: Conversation, site: str | None) -> None:
    """Set the Integration Point this conversation is about; None: not known."""
    work.changing(conversation)
    conversation.site = site


def mark_urgent(work: Work, conversation: Conversation, urgent: bool = True) -> None:
    """Put the conversation before all others in the console."""
    work.changing(conversation)
    conversation.urgent = urgent
