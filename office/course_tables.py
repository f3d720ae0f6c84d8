"""The table of courses: what staff have imported; nothing in it is about a person."""

from datetime import date

from sqlalchemy import Boolean, CheckConstraint, Date, String
from sqlalchemy.orm import Mapped, mapped_column

from office.tables import Base, Json, Name, Short

Text = String(200)


class Course(Base):
    """One German course. None means: not known. `site` is the Integration Point of its town, None: elsewhere."""

    __tablename__ = "course"
    __table_args__ = (CheckConstraint("places IS NULL OR places >= 0", name="ck_course_places"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(Name, unique=True)
    title: Mapped[str] = mapped_column(Text)
    provider: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(32))
    level: Mapped[str] = mapped_column(Short)
    starts_on: Mapped[date] = mapped_column(Date, index=True)
    ends_on: Mapped[date | None] = mapped_column(Date)
    days: Mapped[list[str] | None] = mapped_column(Json)
    begins: Mapped[str | None] = mapped_column(String(5))
    ends: Mapped[str | None] = mapped_column(String(5))
    time_of_day: Mapped[str | None] = mapped_column(Short)
    town: Mapped[str] = mapped_column(Name)
    site: Mapped[str | None] = mapped_column(Name)
    street: Mapped[str | None] = mapped_column(Text)
    childcare: Mapped[bool | None] = mapped_column(Boolean)
    places: Mapped[int | None]
    audience: Mapped[str] = mapped_column(Short, default="everyone")
    contact: Mapped[str | None] = mapped_column(Text)
    as_of: Mapped[date] = mapped_column(Date)
    example: Mapped[bool] = mapped_column(Boolean, default=False)
