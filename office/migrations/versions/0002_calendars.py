"""Calendars of advisers, rooms and interpreters; holds; the waiting list; notifications."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002_calendars"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
OPEN = "state IN ('waiting', 'offered')"


def upgrade() -> None:
    columns()
    op.create_index("ix_appointment_held", "appointment", ["site", "held_until"], **where("state = 'held'"))
    op.create_index("ix_allocation_expires_at", "allocation", ["expires_at"], **where("expires_at IS NOT NULL"))
    absence()
    waiting()
    # The message of a cancellation has its name among the notifications now; those stored keep their words.
    op.execute(
        "UPDATE message SET response = 'notify.cancelled_by_office' WHERE response = 'appointments.cancelled_by_office'"
    )


def columns() -> None:
    # Adding a column with a constant default rewrites no row, and no table is copied.
    op.add_column("resource", sa.Column("gender", sa.String(length=16), nullable=True))
    op.add_column("resource", sa.Column("means", JSON, nullable=True))
    op.add_column("resource", sa.Column("weekly", JSON, nullable=True))
    op.add_column("resource", sa.Column("exceptions", JSON, nullable=True))
    op.add_column("conversation", sa.Column("reminders", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("appointment", sa.Column("gender", sa.String(length=16), nullable=True))
    op.add_column("appointment", sa.Column("means", sa.String(length=16), nullable=False, server_default="on_site"))
    op.add_column("appointment", sa.Column("held_until", MOMENT, nullable=True))
    op.add_column("appointment", sa.Column("replaces", sa.String(length=43), nullable=True))
    op.add_column("allocation", sa.Column("expires_at", MOMENT, nullable=True))
    op.add_column("outbox", sa.Column("not_before", MOMENT, nullable=True))


def absence() -> None:
    op.create_table(
        "absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.String(length=128), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_absence_resource_id_resource"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index(op.f("ix_absence_resource_id"), "absence", ["resource_id"], unique=False)


def waiting() -> None:
    op.create_table(
        "waiting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=43), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("wish", JSON, nullable=False),
        sa.Column("declined", JSON, nullable=False),
        sa.Column("replaces", sa.String(length=43), nullable=True),
        sa.Column("offer_id", sa.String(length=43), nullable=True),
        sa.Column("offered_until", MOMENT, nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("joined_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_waiting_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["replaces"], ["appointment.id"], name=op.f("fk_waiting_replaces_appointment"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["appointment.id"], name=op.f("fk_waiting_offer_id_appointment"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_waiting_conversation_id"), "waiting", ["conversation_id"], unique=False)
    op.create_index("uq_waiting_conversation_open", "waiting", ["conversation_id"], unique=True, **where(OPEN))
    op.create_index("ix_waiting_open", "waiting", ["site", "id"], unique=False, **where(OPEN))


def where(condition: str) -> dict[str, Any]:
    """The rows an index holds, for both databases."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
