"""The gateway owns the conversation: its language, its owner, its site; every channel goes through it.

One turn: (a) a unit of work stores the message; danger, a person who took over and a language we lack are
answered there; (b) Rasa answers; (c) a unit of work looks at the owner again and stores the answer.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from bot import choices, languages
from bot.candidates import RESPONSE as DID_YOU_MEAN
from bot.candidates import Candidates
from bot.emergency import Emergency
from bot.events import CONSOLE, Events, Subscription, conversation_topic
from bot.incoming import Domain, Incoming, Refused, checked_payload, checked_text, for_rasa
from bot.rasa import Rasa, RasaFailed, Reply
from bot.replies import Replies
from bot.replies.kinds import BERLIN
from bot.transcript import Shown, buttons, shown, transcript
from office import cases, conversations, notifications, outbox
from office.conversations import Conversation, Message
from office.erasure import erase_conversation
from office.errors import UnknownConversation
from office.staff import Staff, get_staff
from office.store import Store, Work

log = logging.getLogger(__name__)

PERSON_CHOICE = {"label": "choice.person", "payload": "/request_human"}
# Goes on with the question that danger interrupted.
CONTINUE_CHOICE = {"label": "choice.continue", "payload": "/inform"}
StaffStep = Callable[[Work, Conversation, int, datetime], None]
DANGER = "emergency.numbers"
RECEIVED = "system.received_by_person"
# Buttons whose whole words are understood at any time, whether or not they are on the screen.
ALWAYS: tuple[dict[str, Any], ...] = (
    PERSON_CHOICE,
    {"label": "choice.change_answer", "payload": '/inform{"change": "list"}'},
    {"label": "choice.dont_know", "payload": "/dont_know"},
    {"label": "choice.why", "payload": "/ask_why"},
    {"label": "choice.more", "payload": "/ask_more"},
    {"label": "choice.when_allowed", "payload": "/ask_when_allowed"},
    {"label": "choice.my_appointment", "payload": "/ask_my_appointment"},
    {"label": "choice.stop", "payload": "/stop"},
)
# Questions whose name does not say what they ask for ('ask.…' does).
QUESTIONS = {
    "appointment.offer": "slot",
    "appointment.offer_by": "slot",
    "confirm.residence_status": "residence_status",
    "confirm.nationality": "nationality",
    "confirm.residence_status.for_another": "residence_status",
    "confirm.nationality.for_another": "nationality",
}
# Answers (without buttons) to which a question before them is still open: nothing was understood or done.
LEAVES_OPEN = ("system.unavailable", "system.office_")
LANGUAGE_WHICH = "language.which"
LETTER = "system.letter"
NUMBERS = "emergency.in_short"
TELEGRAM = "telegram"


@dataclass(frozen=True)
class Outgoing:
    """The answer to one message, ready to be shown."""

    conversation: str
    language: str
    owner: str
    messages: list[Shown]


@dataclass(frozen=True)
class _Received:
    """What is known of a message once it is stored; `answered` if nothing is left to do."""

    conversation: str
    message: int
    language: str
    site: str | None
    answered: bool
    asked: str | None = None
    """What the answer before this message asked for (a fact, a topic, a slot); None if it asked nothing."""
    pressed: str | None = None
    """The payload of the button whose words were typed; None if none was meant."""
    before: tuple[str, ...] = ()
    """The responses of the answer whose question is open on the person's screen."""


def short(token: str) -> str:
    """Return enough of a conversation's id to find it in the log, too little to open it."""
    return token[:6]


class Gateway:
    """Turns of conversations, and what staff do in them. `clock` gives the present; tests give their own."""

    def __init__(
        self,
        store: Store,
        rasa: Rasa,
        replies: Replies,
        emergency: Emergency,
        domain: Domain,
        *,
        events: Events | None = None,
        default_site: str = "mettmann",
        candidates: Candidates | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.store = store
        self.rasa = rasa
        self.replies = replies
        self.emergency = emergency
        self.domain = domain
        self.events = events or Events()
        self.default_site = default_site
        self.candidates = candidates
        self.clock = clock
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}

    # turns -----------------------------------------------------------------------------------------------

    async def turn(self, incoming: Incoming) -> Outgoing:
        """Answer one message. Raises Refused for input that cannot be taken."""
        began = time.perf_counter()
        incoming = self._checked(incoming)
        now = incoming.now or self.clock()
        if incoming.conversation is None and incoming.channel_ref is None:
            outgoing = await self._turn(incoming, now)
        else:
            async with self._alone(incoming.conversation or f"{incoming.channel}:{incoming.channel_ref}"):
                outgoing = await self._turn(incoming, now)
        log.info(
            "turn",
            extra={
                "conversation": short(outgoing.conversation),
                "channel": incoming.channel,
                "owner": outgoing.owner,
                "language": outgoing.language,
                "ms": round((time.perf_counter() - began) * 1000, 1),
            },
        )
        return outgoing

    def _checked(self, incoming: Incoming) -> Incoming:
        if (incoming.text is None) == (incoming.payload is None):
            raise Refused("text_or_payload" if incoming.text is not None else "empty", 422)
        offered = self.replies.languages.offered
        if incoming.language is not None and incoming.language not in offered:
            raise Refused("unknown_language", 422, languages=list(offered))
        if incoming.site is not None and incoming.site not in self.store.sites:
            raise Refused("unknown_site", 422, sites=list(self.store.sites))
        changed: dict[str, Any] = {}
        if incoming.text is not None:
            changed["text"] = checked_text(incoming.text)
        if incoming.payload is not None:
            changed["payload"] = checked_payload(incoming.payload, self.domain)
        if incoming.hint not in offered:
            changed["hint"] = None
        return Incoming(**{**incoming.__dict__, **changed})

    async def _turn(self, incoming: Incoming, now: datetime) -> Outgoing:
        received = await asyncio.to_thread(self._receive, incoming, now)
        self._tell(received.conversation)
        if received.answered:
            return await asyncio.to_thread(self._answered, received)
        metadata = {
            "now": now.astimezone(BERLIN).isoformat(timespec="seconds"),
            "language": received.language,
            "languages": list(self.replies.languages.offered),
            "site": received.site,
            "conversation": received.conversation,
            "asked": received.asked,
            "before": list(received.before),
        }
        message = incoming.payload or received.pressed or for_rasa(incoming.text or "")
        try:
            replies = await self.rasa.send(received.conversation, message, metadata)
        except RasaFailed as problem:
            log.error("rasa failed", extra={"conversation": short(received.conversation), "why": str(problem)})
            outgoing = await asyncio.to_thread(self._unanswered, received, now)
        else:
            outgoing = await asyncio.to_thread(self._finish, received, replies, now)
        self._tell(received.conversation)
        return outgoing

    def _receive(self, incoming: Incoming, now: datetime) -> _Received:
        """Store the message; answer it at once where Rasa has no say."""
        with self.store.begin() as work:
            conversation, new = self._conversation(work, incoming, now)
            message = conversations.add_message(
                work,
                conversation,
                author="person",
                now=now,
                text=incoming.text,
                payload=incoming.payload,
                key=incoming.key,
                state="received",
            )
            repeated = bool(message.duplicate) and message.state != "received"
            answered = repeated or self._answer_at_once(work, conversation, message, incoming, now, new)
            if answered and not repeated:
                conversations.mark_message(work, conversation, message.id, "done")
            before = [] if answered else self._open_answer(work, conversation, message)
            asked, pressed = (None, None) if answered else self._context(work, conversation, message, before)
            work.commit()
            return _Received(
                conversation.id,
                message.id,
                conversation.language,
                conversation.site,
                answered,
                asked,
                pressed,
                tuple(m.response for m in before if m.response),
            )

    def _context(
        self, work: Work, conversation: Conversation, message: Message, before: Sequence[Message]
    ) -> tuple[str | None, str | None]:
        """Return what the answer `before` this message asked, and the button that its words mean."""
        asked = next((name for m in reversed(before) if (name := _asked(m.response))), None)
        self._keep_choice(work, conversation, message, before)
        if message.text is None or not choices.could_be_pressed(message.text):
            return asked, None
        offered = [choice for m in before for choice in m.choices or ()]
        spoken = dict.fromkeys((conversation.language, "de", "en"))
        rows = [buttons(self.replies, offered, language) for language in spoken]
        screen = next((m.choices for m in reversed(before) if m.choices), ())
        found = choices.pressed(
            message.text,
            rows,
            asked=asked is not None,
            counted=buttons(self.replies, screen, conversation.language),
        )
        if found is None:
            always = [buttons(self.replies, ALWAYS, language) for language in spoken]
            found = choices.pressed(message.text, always, asked=False)
        return asked, found

    @staticmethod
    def _open_answer(work: Work, conversation: Conversation, message: Message) -> Sequence[Message]:
        """Return the bot's answer before a message; the one before that while its question is still open."""
        while True:
            before = [m for m in conversations.answer_before(work, conversation, message) if m.author == "bot"]
            if not before or not all((m.response or "").startswith(LEAVES_OPEN) and not m.choices for m in before):
                return before
            earlier = [m for m in conversations.messages(work, conversation) if m.author == "person"]
            own = [m for m in earlier if m.id < message.id]
            if not own:
                return before
            message = own[-1]

    def _keep_choice(self, work: Work, conversation: Conversation, message: Message, before: Sequence[Message]) -> None:
        """A button that answers 'What do you mean?' may become a training example."""
        asked_back = next((m for m in before if m.response == DID_YOU_MEAN), None)
        if self.candidates is None or message.payload is None or asked_back is None:
            return
        said = [
            m.text for m in conversations.messages(work, conversation) if m.author == "person" and m.id < message.id
        ]
        self.candidates.keep(
            message.created_at.date(),
            conversation.language,
            asked_back.choices or (),
            message.payload,
            said[-1] if said else None,
        )

    def _conversation(self, work: Work, incoming: Incoming, now: datetime) -> tuple[Conversation, bool]:
        """Return the conversation and whether it has just begun; explicit choices are applied to it."""
        conversation: Conversation | None = None
        if incoming.conversation is not None:
            conversation = self._existing(work, incoming.conversation)
        elif incoming.channel_ref is not None:
            conversation = conversations.by_channel(work, incoming.channel, incoming.channel_ref)
        new = conversation is None
        if conversation is None:
            conversation = conversations.start_conversation(
                work,
                channel=incoming.channel,
                now=now,
                language=incoming.language or incoming.hint or "de",
                site=incoming.site,
                channel_ref=incoming.channel_ref,
            )
        if incoming.language is not None:
            conversations.set_language(work, conversation, incoming.language)
        if incoming.site is not None and conversation.site != incoming.site:
            conversations.set_site(work, conversation, incoming.site)
        return conversation, new

    @staticmethod
    def _existing(work: Work, conversation_id: str) -> Conversation:
        try:
            return conversations.get_conversation(work, conversation_id)
        except UnknownConversation:
            raise Refused("unknown_conversation", 404) from None

    def _answer_at_once(
        self,
        work: Work,
        conversation: Conversation,
        message: Message,
        incoming: Incoming,
        now: datetime,
        new: bool,
    ) -> bool:
        """Answer danger, a conversation a person owns, and a language we lack; False: Rasa answers."""
        if conversation.owner == "closed":
            conversations.set_owner(work, conversation, "bot")
        unsupported = None if incoming.text is None else self._listen(work, conversation, incoming, new)
        if incoming.text is not None and self.emergency.kind(incoming.text) is not None:
            conversations.mark_urgent(work, conversation)
            open_question = any(_asked(m.response) for m in conversations.answer_before(work, conversation, message))
            ways = [PERSON_CHOICE, CONTINUE_CHOICE] if open_question else [PERSON_CHOICE]
            self._say(work, conversation, now, DANGER, choices=ways)
            if unsupported is not None and conversation.owner != "person":
                self._say_unsupported(work, conversation, unsupported, now, numbers=False)
            log.warning("emergency", extra={"conversation": short(conversation.id)})
            return True
        if conversation.owner == "person":
            self._received_by_person(work, conversation, now)
            return True
        if unsupported is not None:
            self._say_unsupported(work, conversation, unsupported, now)
            return True
        if incoming.text is None:
            return False
        if self._language_unsure(work, conversation, incoming.text, new):
            self._say(
                work, conversation, now, LANGUAGE_WHICH, choices=self._language_choices(languages.OF_ARABIC_SCRIPT)
            )
            return True
        if languages.is_letter(incoming.text):
            self._say(work, conversation, now, LETTER, choices=[PERSON_CHOICE])
            return True
        return False

    def _listen(self, work: Work, conversation: Conversation, incoming: Incoming, new: bool) -> str | None:
        """Follow the language the person writes; return the code of one we lack ("" for one nobody knows)."""
        decision = languages.decide(
            incoming.text or "",
            current=conversation.language,
            chosen=conversation.language_chosen,
            new=new,
            fresh=lambda: new or self._wrote_nothing(work, conversation),
            offered=self.replies.languages.offered,
            greeted=lambda: conversation.language != "ar" and self._only_greeted(work, conversation, but_last=True),
        )
        if decision.language != conversation.language:
            # clear evidence against a choice made earlier is a new choice
            conversations.set_language(work, conversation, decision.language, chosen=conversation.language_chosen)
        return decision.unsupported

    @staticmethod
    def _wrote_nothing(work: Work, conversation: Conversation) -> bool:
        """True if the person has typed at most the present message (buttons have no language)."""
        typed = [m for m in conversations.messages(work, conversation) if m.author == "person" and m.text]
        return len(typed) <= 1

    @staticmethod
    def _only_greeted(work: Work, conversation: Conversation, *, but_last: bool) -> bool:
        """True if all that came from the person is a bare 'سلام'; `but_last`: before the present message."""
        said = [m for m in conversations.messages(work, conversation) if m.author == "person"]
        before = said[:-1] if but_last else said
        return bool(before) and all(languages.only_greets(m.text or "") for m in before)

    def _language_unsure(self, work: Work, conversation: Conversation, text: str, new: bool) -> bool:
        """True if a bare 'سلام' is all we know of somebody on a page in another script."""
        return (
            languages.only_greets(text)
            and conversation.language not in languages.OF_ARABIC_SCRIPT
            and (new or not conversation.language_chosen)
            and self._only_greeted(work, conversation, but_last=False)
        )

    def _language_choices(self, first: Sequence[str] = ()) -> list[dict[str, Any]]:
        """One button for each language, those of `first` before the others."""
        return [
            {"label": f"choice.language.{name}", "payload": f'/change_language{{"language": "{name}"}}'}
            for name in sorted(self.replies.languages.offered, key=lambda name: name not in first)
        ]

    def _say_unsupported(
        self, work: Work, conversation: Conversation, code: str, now: datetime, *, numbers: bool = True
    ) -> None:
        """Say which languages we have; `numbers`: and last of all, in case it is danger that we cannot read, the numbers."""
        values: dict[str, Any] = {"languages": list(self.replies.languages.offered)}
        if code:
            values["language"] = code
        response = "system.language_not_supported" if code else "system.language_unknown"
        said: list[tuple[str, dict[str, Any]]] = [(f"unsupported.{code}", {})] if code in languages.GREETED else []
        said.append((response, values))
        if numbers:
            said.append((NUMBERS, {}))
        # the buttons of the last message are those on the screen
        for place, (name, given) in enumerate(said, 1):
            choices = [*self._language_choices(), PERSON_CHOICE] if place == len(said) else []
            self._say(work, conversation, now, name, given, choices)

    def _received_by_person(self, work: Work, conversation: Conversation, now: datetime) -> None:
        """Tell once per take-over that a person reads this; after that the bot is silent."""
        case = cases.open_case_of(work, conversation)
        since = case.accepted_at if case is not None else None
        for message in reversed(conversations.messages(work, conversation)):
            if since is not None and message.created_at < since:
                break
            if message.response == RECEIVED or message.author == "staff":
                return
        self._say(work, conversation, now, RECEIVED)

    def _answered(self, received: _Received) -> Outgoing:
        """Return the answer that is stored already: what follows up to the person's next message."""
        with self.store.read() as work:
            conversation = conversations.get_conversation(work, received.conversation)
            following: list[Message] = []
            for message in conversations.messages(work, conversation, after=received.message):
                if message.author == "person":
                    break
                following.append(message)
            return self._outgoing(conversation, following)

    def _finish(self, received: _Received, replies: Sequence[Reply], now: datetime) -> Outgoing:
        """Store the answer unless a person took over meanwhile; apply what it does to the conversation."""
        with self.store.begin() as work:
            try:
                conversation = conversations.get_conversation(work, received.conversation)
            except UnknownConversation:
                # erased on another page while Rasa was thinking: there is nobody left to tell
                return Outgoing(received.conversation, received.language, "closed", [])
            conversations.mark_message(work, conversation, received.message, "done")
            danger = [reply for reply in replies if reply.response == DANGER]
            if danger and received.asked:
                danger[-1].choices.append(CONTINUE_CHOICE)
            if danger:
                # the classifier heard what the word list did not
                conversations.mark_urgent(work, conversation)
                log.warning("emergency", extra={"conversation": short(conversation.id)})
            if conversation.owner == "person":
                for reply in danger:
                    self._say(work, conversation, now, reply.response, reply.values, reply.choices)
                self._received_by_person(work, conversation, now)
                work.commit()
                return self._outgoing(conversation, self._after(work, conversation, received))
            for reply in replies:
                self._apply(work, conversation, reply.effects, now)
            if any(reply.effects.get("erase") is True for reply in replies):
                return self._erase(work, conversation, replies, now)
            stored = [
                self._say(work, conversation, now, reply.response, reply.values, reply.choices) for reply in replies
            ]
            work.commit()
            return self._outgoing(conversation, stored)

    @staticmethod
    def _after(work: Work, conversation: Conversation, received: _Received) -> Sequence[Message]:
        return conversations.messages(work, conversation, after=received.message)

    def _apply(self, work: Work, conversation: Conversation, effects: dict[str, Any], now: datetime) -> None:
        if isinstance(keys := effects.get("told"), list):
            # said in this answer, so it need not be said by itself
            notifications.told(work, conversation, [str(key) for key in keys], now)
        language, site, owner = effects.get("language"), effects.get("site"), effects.get("owner")
        if language in self.replies.languages.offered:
            conversations.set_language(work, conversation, language)
        if site in self.store.sites:
            conversations.set_site(work, conversation, site)
        if effects.get("handoff") and conversation.owner == "bot":
            conversations.set_owner(work, conversation, "waiting")
        if owner in ("bot", "waiting", "closed"):
            conversations.set_owner(work, conversation, owner)

    def _erase(self, work: Work, conversation: Conversation, replies: Sequence[Reply], now: datetime) -> Outgoing:
        """Erase everything; the last words are shown and not kept."""
        last = [
            Message(
                id=None,
                author="bot",
                response=r.response,
                values=r.values,
                choices=[],
                state="done",
                created_at=now,
            )
            for r in replies
        ]
        outgoing = Outgoing(
            conversation.id,
            conversation.language,
            "closed",
            [shown(self.replies, message, conversation.language) for message in last],
        )
        erase_conversation(work, conversation, now)
        work.commit()
        self.rasa.forget(outgoing.conversation)
        return outgoing

    def _unanswered(self, received: _Received, now: datetime) -> Outgoing:
        """Keep the message for staff and tell the person how else to reach the office."""
        with self.store.begin() as work:
            conversation = conversations.get_conversation(work, received.conversation)
            conversations.mark_message(work, conversation, received.message, "unanswered")
            stored = []
            if conversation.owner != "person":
                stored = [
                    self._say(work, conversation, now, response, values, [])
                    for response, values in self._how_to_reach(conversation.site)
                ]
            work.commit()
            return self._outgoing(conversation, stored)

    def _how_to_reach(self, site_id: str | None) -> list[tuple[str, dict[str, Any]]]:
        site = self.store.sites.get(site_id or "") or self.store.sites[self.default_site]
        if not site.email:
            found: list[tuple[str, dict[str, Any]]] = [("system.unavailable_plain", {})]
        else:
            found = [("system.unavailable", {"site": site.id, "email": list(site.email)})]
        if site.phone is not None:
            found.append(("system.office_phone", {"phone": site.phone}))
        if site.hours is not None:
            found.append(("system.office_hours", {"site": site.id, "hours": site.id}))
        return found

    def _say(
        self,
        work: Work,
        conversation: Conversation,
        now: datetime,
        response: str,
        values: dict[str, Any] | None = None,
        choices: list[dict[str, Any]] | None = None,
    ) -> Message:
        return conversations.add_message(
            work,
            conversation,
            author="bot",
            now=now,
            response=response,
            values=values or {},
            choices=choices or [],
        )

    def _outgoing(self, conversation: Conversation, stored: Sequence[Message]) -> Outgoing:
        language = conversation.language
        return Outgoing(
            conversation.id,
            language,
            conversation.owner,
            [shown(self.replies, message, language) for message in stored],
        )

    # reading ---------------------------------------------------------------------------------------------

    async def read(self, conversation_id: str, *, after: int | None = None, language: str | None = None) -> Outgoing:
        """Return a conversation, or what came after a message, in its own language or another."""
        if language is not None and language not in self.replies.languages.offered:
            raise Refused("unknown_language", 422, languages=list(self.replies.languages.offered))
        return await asyncio.to_thread(self._read, conversation_id, after, language)

    def _read(self, conversation_id: str, after: int | None, language: str | None) -> Outgoing:
        with self.store.read() as work:
            conversation = self._existing(work, conversation_id)
            stored = conversations.messages(work, conversation)
            reader = language or conversation.language
            return Outgoing(
                conversation.id, reader, conversation.owner, transcript(self.replies, stored, reader, after)
            )

    def subscribe(self, topic: str) -> AbstractContextManager[Subscription]:
        """Listen to what happens (see bot.events)."""
        return self.events.subscribe(topic)

    # staff -----------------------------------------------------------------------------------------------

    async def staff_reply(
        self, conversation_id: str, staff: Staff | int, text: str, now: datetime | None = None
    ) -> Shown:
        """Send what a member of staff wrote, taking the conversation over if nobody has.

        Raises Refused for a text that cannot be sent, HandoffError if a colleague has the conversation.
        """
        moment = now or self.clock()
        result = await asyncio.to_thread(
            self._staff_reply, conversation_id, _staff_id(staff), checked_text(text), moment
        )
        self._tell(conversation_id)
        return result

    def _staff_reply(self, conversation_id: str, staff: int, text: str, now: datetime) -> Shown:
        with self.store.begin() as work:
            conversation = self._existing(work, conversation_id)
            if conversation.owner != "person" or conversation.staff_id != staff:
                self._take(work, conversation, staff, now)
            message = conversations.add_message(work, conversation, author="staff", now=now, text=text, staff=staff)
            if conversation.channel == TELEGRAM and conversation.channel_ref:
                outbox.put(
                    work,
                    TELEGRAM,
                    {"chat": conversation.channel_ref, "message": message.id, "words": text},
                    key=f"{TELEGRAM}:{message.id}",
                    conversation=conversation,
                )
            work.commit()
            return shown(self.replies, message, conversation.language)

    async def take_over(self, conversation_id: str, staff: Staff | int, now: datetime | None = None) -> None:
        """Let a member of staff speak; the bot is silent from now on. Raises Refused or HandoffError."""
        await self._by_staff(conversation_id, self._take, staff, now)

    async def give_back(
        self,
        conversation_id: str,
        staff: Staff | int,
        now: datetime | None = None,
        *,
        to: Literal["bot", "waiting"] = "bot",
    ) -> None:
        """Let the bot speak again ("bot") or another member of staff ("waiting"). Raises HandoffError."""

        def give(work: Work, conversation: Conversation, who: int, at: datetime) -> None:
            if (case := cases.open_case_of(work, conversation)) is not None:
                cases.give_back(work, case, _member(work, who), at, to=to)
            else:
                conversations.set_owner(work, conversation, to)

        await self._by_staff(conversation_id, give, staff, now)

    async def close(self, conversation_id: str, staff: Staff | int, now: datetime | None = None) -> None:
        """Close the conversation; the person's next message opens it with the bot. Raises HandoffError."""

        def end(work: Work, conversation: Conversation, who: int, at: datetime) -> None:
            if (case := cases.open_case_of(work, conversation)) is not None:
                cases.close(work, case, _member(work, who), at)
            else:
                conversations.set_owner(work, conversation, "closed")

        await self._by_staff(conversation_id, end, staff, now)

    async def _by_staff(self, conversation_id: str, step: StaffStep, staff: Staff | int, now: datetime | None) -> None:
        def run() -> None:
            with self.store.begin() as work:
                step(work, self._existing(work, conversation_id), _staff_id(staff), moment)
                work.commit()

        moment = now or self.clock()
        await asyncio.to_thread(run)
        self._tell(conversation_id)

    @staticmethod
    def _take(work: Work, conversation: Conversation, staff: int, now: datetime) -> None:
        case = cases.open_case_of(work, conversation)
        if case is None:
            case = cases.open_case(
                work, conversation, topic=None, site=conversation.site, facts={}, now=now, kind="takeover"
            )
        cases.accept(work, case, _member(work, staff), now)

    # order -----------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _alone(self, name: str) -> AsyncIterator[None]:
        """Let one turn of a conversation run at a time, in the order they came."""
        lock, waiting = self._locks.get(name, (asyncio.Lock(), 0))
        self._locks[name] = (lock, waiting + 1)
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self._locks[name]
            if waiting == 1:
                del self._locks[name]
            else:
                self._locks[name] = (lock, waiting - 1)

    def _tell(self, conversation_id: str) -> None:
        self.events.publish(conversation_topic(conversation_id), "changed")
        self.events.publish(CONSOLE, "changed", conversation=conversation_id)


def _asked(response: str | None) -> str | None:
    """Return what a response asks for; None if it is no question."""
    return QUESTIONS.get(response or "") or (response or "").partition("ask.")[2] or None


def _staff_id(staff: Staff | int) -> int:
    return staff if isinstance(staff, int) else staff.id


def _member(work: Work, staff: int) -> Staff:
    member = get_staff(work, staff)
    if member is None:
        raise Refused("not_found", 404)
    return member
