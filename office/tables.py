"""The tables of the store; rules about them live in the modules named after their subject."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from sqlalchemy import JSON, ForeignKey, Index, MetaData, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from office.clock import UtcDateTime

Owner = Literal["bot", "waiting", "person", "closed"]
Author = Literal["person", "bot", "staff"]
MessageState = Literal["received", "done", "unanswered"]
AppointmentState = Literal["held", "booked", "cancelled_by_person", "cancelled_by_office", "missed", "done"]
Means = Literal["on_site", "phone", "video"]
Gender = Literal["f", "m"]
ResourceKind = Literal["counter", "adviser", "room", "interpreter"]
WaitingState = Literal["waiting", "offered", "accepted", "passed", "left"]
CaseState = Literal["waiting", "accepted", "closed"]
OutboxState = Literal["pending", "done", "given_up"]

Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
Token = String(43)
Name = String(64)
Short = String(16)


class Base(DeclarativeBase):
    # Named constraints can be changed by a later migration on both databases.
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime()}


class Staff(Base):
    """Someone of the office who may log in to the console."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(Name, unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)


class Conversation(Base):
    """One person on one channel. The id is unguessable, for it is all a widget needs to come back."""

    __tablename__ = "conversation"
    __table_args__ = (UniqueConstraint("channel", "channel_ref"),)

    id: Mapped[str] = mapped_column(Token, primary_key=True)
    channel: Mapped[str] = mapped_column(Short)
    channel_ref: Mapped[str | None] = mapped_column(Name)
    language: Mapped[str] = mapped_column(Short)
    language_chosen: Mapped[bool] = mapped_column(default=False)
    site: Mapped[str | None] = mapped_column(Name)
    owner: Mapped[Owner] = mapped_column(Short, default="bot")
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    urgent: Mapped[bool] = mapped_column(default=False)
    # False once the person does not want to be reminded of appointments.
    reminders: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    last_message_at: Mapped[datetime]


class Message(Base):
    """One message: text as typed, a button's payload, or a response name with its values."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "key"),
        Index("ix_message_conversation_id_id", "conversation_id", "id"),
        Index(
            "ix_message_open",
            "state",
            "id",
            sqlite_where=text("state != 'done'"),
            postgresql_where=text("state != 'done'"),
        ),
        # An id is never given twice, so 'after this message' stays true after an erasure.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    author: Mapped[Author] = mapped_column(Short)
    text: Mapped[str | None]
    payload: Mapped[str | None]
    response: Mapped[str | None] = mapped_column(String(128))
    values: Mapped[dict[str, Any] | None] = mapped_column(Json)
    choices: Mapped[list[Any] | None] = mapped_column(Json)
    key: Mapped[str | None] = mapped_column(String(128))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    state: Mapped[MessageState] = mapped_column(Short, default="done")
    created_at: Mapped[datetime]

    # Not stored: True on an object that add_message found instead of adding it again.
    duplicate = False


class Resource(Base):
    """Something that can be in one place at a time: a counter or adviser, a room, an interpreter.

    None means: no restriction (`means`), follows the opening hours (`weekly`), not known (`gender`).
    """

    __tablename__ = "resource"

    id: Mapped[str] = mapped_column(String(128), primary_key=True)
    site: Mapped[str] = mapped_column(Name, index=True)
    kind: Mapped[ResourceKind] = mapped_column(Short)
    languages: Mapped[list[str] | None] = mapped_column(Json)
    gender: Mapped[Gender | None] = mapped_column(Short)
    means: Mapped[list[Means] | None] = mapped_column(Json)
    # Seven lists of times like "08:30-12:00", Monday first.
    weekly: Mapped[list[list[str]] | None] = mapped_column(Json)
    # Days on which other times hold, like {"2027-12-24": []}.
    exceptions: Mapped[dict[str, list[str]] | None] = mapped_column(Json)
    active: Mapped[bool] = mapped_column(default=True)


class Absence(Base):
    """When a resource is not there, entered by staff. Why is nobody's business and has no column."""

    __tablename__ = "absence"

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[str] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class Appointment(Base):
    """A held or booked time. The id is a public token (ICS link); the code is what one can say at the counter.

    `language` is the language to be interpreted, None: no interpreter. A held one has no code yet, and
    `replaces` names the appointment that moves here once it is confirmed.
    """

    __tablename__ = "appointment"
    __table_args__ = (
        UniqueConstraint("conversation_id", "key"),
        Index("ix_appointment_site_starts_at", "site", "starts_at"),
        Index(
            "uq_appointment_site_code_booked",
            "site",
            "code",
            unique=True,
            sqlite_where=text("state = 'booked'"),
            postgresql_where=text("state = 'booked'"),
        ),
        Index(
            "ix_appointment_held",
            "site",
            "held_until",
            sqlite_where=text("state = 'held'"),
            postgresql_where=text("state = 'held'"),
        ),
    )

    id: Mapped[str] = mapped_column(Token, primary_key=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id", ondelete="SET NULL"))
    site: Mapped[str] = mapped_column(Name)
    topic: Mapped[str] = mapped_column(Name)
    language: Mapped[str | None] = mapped_column(Short)
    gender: Mapped[Gender | None] = mapped_column(Short)
    means: Mapped[Means] = mapped_column(Short, default="on_site")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    state: Mapped[AppointmentState] = mapped_column(String(32), default="booked")
    held_until: Mapped[datetime | None]
    replaces: Mapped[str | None] = mapped_column(Token)
    code: Mapped[str] = mapped_column(Short)
    key: Mapped[str | None] = mapped_column(String(256))
    sequence: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    # Not stored: True on an object that book(), hold() or confirm() found instead of doing it again.
    duplicate = False

    @property
    def conversation(self) -> str | None:
        """The conversation's id; None once the person has erased it."""
        return self.conversation_id


class AppointmentEvent(Base):
    """What happened to an appointment and when; it may be needed as evidence."""

    __tablename__ = "appointment_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[str] = mapped_column(ForeignKey("appointment.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(32))
    starts_at: Mapped[datetime]


class Allocation(Base):
    """One quarter of an hour of one resource. Its primary key is what makes a double booking impossible.

    `expires_at` is set while it is only held: from then on anybody may take it.
    """

    __tablename__ = "allocation"
    __table_args__ = (
        Index(
            "ix_allocation_expires_at",
            "expires_at",
            sqlite_where=text("expires_at IS NOT NULL"),
            postgresql_where=text("expires_at IS NOT NULL"),
        ),
    )

    resource_id: Mapped[str] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    quantum_start: Mapped[datetime] = mapped_column(primary_key=True)
    appointment_id: Mapped[str] = mapped_column(ForeignKey("appointment.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime | None]


class Waiting(Base):
    """A place on a site's waiting list: what the person wishes, and what is offered to them at present."""

    __tablename__ = "waiting"
    __table_args__ = (
        # One place per conversation, whatever two devices do.
        Index(
            "uq_waiting_conversation_open",
            "conversation_id",
            unique=True,
            sqlite_where=text("state IN ('waiting', 'offered')"),
            postgresql_where=text("state IN ('waiting', 'offered')"),
        ),
        Index(
            "ix_waiting_open",
            "site",
            "id",
            sqlite_where=text("state IN ('waiting', 'offered')"),
            postgresql_where=text("state IN ('waiting', 'offered')"),
        ),
        # The order of the ids is the order of the list.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    site: Mapped[str] = mapped_column(Name)
    wish: Mapped[dict[str, Any]] = mapped_column(Json)
    # Slots that were offered and did not suit.
    declined: Mapped[list[str]] = mapped_column(Json)
    replaces: Mapped[str | None] = mapped_column(ForeignKey("appointment.id", ondelete="SET NULL"))
    offer_id: Mapped[str | None] = mapped_column(ForeignKey("appointment.id", ondelete="SET NULL"))
    offered_until: Mapped[datetime | None]
    state: Mapped[WaitingState] = mapped_column(Short, default="waiting")
    joined_at: Mapped[datetime]

    # Not stored: True on an object that join() found instead of adding another.
    duplicate = False


class Case(Base):
    """A person's matter for staff: the facts known, the topic, and who looks after it."""

    __tablename__ = "handoff_case"
    __table_args__ = (
        # One open case per conversation, whatever two writers do.
        Index(
            "uq_handoff_case_conversation_open",
            "conversation_id",
            unique=True,
            sqlite_where=text("state != 'closed'"),
            postgresql_where=text("state != 'closed'"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    appointment_id: Mapped[str | None] = mapped_column(ForeignKey("appointment.id", ondelete="SET NULL"))
    kind: Mapped[str] = mapped_column(Short)
    topic: Mapped[str | None] = mapped_column(Name)
    site: Mapped[str | None] = mapped_column(Name)
    facts: Mapped[dict[str, Any]] = mapped_column(Json)
    state: Mapped[CaseState] = mapped_column(Short, default="waiting")
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    @property
    def conversation(self) -> str:
        """The conversation's id."""
        return self.conversation_id


class Outbox(Base):
    """Something that must leave the house, at least once; the key lets the other side see a repetition."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_pending",
            "next_try_at",
            "id",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Name)
    key: Mapped[str] = mapped_column(String(256), unique=True)
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    state: Mapped[OutboxState] = mapped_column(Short, default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    # Planned for later; until then it holds nothing back. None: as soon as possible.
    not_before: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(256))

    # Not stored: True on an object that put() found under the same key.
    duplicate = False


class Tally(Base):
    """How often something happened on a day at a site: what is left of an erased conversation."""

    __tablename__ = "tally"

    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    site: Mapped[str] = mapped_column(Name, primary_key=True)
    name: Mapped[str] = mapped_column(Name, primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
