"""Values in the language of the console: facts, sites, topics, times. Sentences are entries in `locales/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from babel.dates import format_date

from bot.replies import Replies
from bot.replies.kinds import BERLIN, ValueProblem, as_day, formatter
from bot.transcript import Shown
from eligibility import facts_schema
from office.conversations import Message

APPROXIMATE = "approximate"  # beside the facts: fact → [earliest, latest] day
NOT_SAID = ("unknown", "withheld")


@dataclass(frozen=True)
class Fact:
    """One line of the summary; `about`: the person gave no exact day."""

    name: str
    value: str
    about: str = ""


class Words:
    """Says names and values in one language."""

    def __init__(self, replies: Replies, language: str) -> None:
        self.replies = replies
        self.language = language

    def __call__(self, name: str, /, **values: Any) -> str:
        """Return an entry of `locales/`."""
        return self.replies.render(name, values, self.language)

    def named(self, prefix: str, code: str | None, otherwise: str | None = None) -> str:
        """Return the entry of a code, or the code itself where it has none; nothing for None."""
        if not code:
            return ""
        name = f"{prefix}.{code}"
        return self(name) if self.replies.has(name) else (code if otherwise is None else otherwise)

    def value(self, kind: str, value: Any) -> str:
        """Return a value of a kind (see bot.replies.kinds); as it is kept if it does not fit the kind."""
        try:
            return formatter(kind)(value, self.language, self.replies)
        except (ValueProblem, ValueError, KeyError, TypeError, AttributeError):
            return str(value)

    def site(self, site: str | None) -> str:
        """Return the name of a site; nothing if it is not known."""
        return self.value("site", site) if site else ""

    def name_of_language(self, code: str | None) -> str:
        """Return a language's name; a sentence of its own for one that nobody could tell."""
        if not code:
            return self("console.language.unknown")
        try:
            return formatter("language")(code, self.language, self.replies)
        except Exception:  # Babel has several ways of not knowing a code
            return code

    def day(self, moment: datetime | date) -> str:
        """Return the day in Germany, long."""
        return self.value("date", moment)

    def short_date(self, day: Any) -> str:
        """Return a day without its weekday, which says nothing of days long past."""
        try:
            return format_date(as_day(day), "long", self.replies.languages[self.language].locale)
        except (ValueError, TypeError):
            return str(day)

    def clock(self, moment: datetime) -> str:
        """Return the time of day in Germany."""
        return self.value("time", moment)

    def short_day(self, moment: datetime, now: datetime) -> str:
        """Return 'today' and the time, or day, month and time."""
        if moment.astimezone(BERLIN).date() == now.astimezone(BERLIN).date():
            return self("console.today_at", time=moment.isoformat())
        return self("console.day_at", day=moment.isoformat(), time=moment.isoformat())

    def for_how_long(self, since: datetime, now: datetime) -> str:
        """Return how long ago something was, in the largest unit that says something."""
        passed = max(now - since, timedelta(0))
        if passed < timedelta(hours=1):
            return self("console.minutes", n=int(passed.total_seconds() // 60))
        if passed < timedelta(days=1):
            return self("console.hours", n=int(passed.total_seconds() // 3600))
        return self("console.days", n=passed.days)

    def facts(self, facts: Mapping[str, Any]) -> list[Fact]:
        """Return what the person told, in the order of the law's vocabulary; what they do not know last."""
        order = list(facts_schema())
        ranges = facts.get(APPROXIMATE) or {}
        told = [(name, value) for name, value in facts.items() if name != APPROXIMATE]
        told.sort(
            key=lambda item: (
                item[1] in NOT_SAID if isinstance(item[1], str) else False,
                order.index(item[0]) if item[0] in order else len(order),
            )
        )
        return [
            Fact(self.named("fact", name), self._fact(name, value), self._range(ranges.get(name)))
            for name, value in told
        ]

    def _fact(self, name: str, value: Any) -> str:
        spec = facts_schema().get(name)
        if isinstance(value, str) and value in NOT_SAID:
            return self(f"console.fact.{value}")
        if isinstance(value, bool) or (spec is not None and spec.kind == "bool"):
            return self("console.fact.yes" if value in (True, "true") else "console.fact.no")
        if name == "site":
            return self.site(str(value))
        if spec is None:
            return str(value)
        if spec.kind == "code":
            return self.named(f"fact.{name}", str(value))
        return self.short_date(value) if spec.kind == "date" else self.value(spec.kind, value)

    def _range(self, days: Any) -> str:
        if not isinstance(days, list | tuple) or len(days) != 2:
            return ""
        return self("console.fact.between", first=self.short_date(days[0]), last=self.short_date(days[1]))


def pressed(message: Message, read: Shown) -> str:
    """Return what stood on the button a person pressed; its payload if it is no longer known."""
    return read.text or message.payload or ""
