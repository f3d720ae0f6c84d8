"""Facts in a message, read with word lists and a calendar; no learning, so the same words always mean the same.

Entities and their values are those of the contract (design/intents, contract 4). All knowledge of languages is in
`data/lexicon/entities/*.tsv`: a further language is further rows.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from weakref import WeakValueDictionary

from bot.nlu import dates, paragraphs
from bot.nlu.lexicon import Lexicon, Match, Row, alternatives
from bot.nlu.normalise import normalise
from bot.nlu.reading import Reading, read

# Entities that are read from the lexicon as they stand there.
PLAIN = frozenset(
    {
        "residence_status",
        "activity",
        "procedure",
        "site",
        "language",
        "country",
        "benefit",
        "topic",
        "in_reception_centre",
        "language_level",
        "time_of_day",
        "means",
        "interpreter",
        "course_kind",
        "childcare",
        "free_places",
        "audience",
        "step",
    }
)
# 'Integration course' is a kind to look for only where courses are looked for; elsewhere it is what papers are for.
ABOUT_COURSES = frozenset({"find_language_course"})
ABOUT_PROCEDURE = frozenset({"ask_office_procedure", "inform", "nlu_fallback"})
# 'german' is the language being learned, unless the message is about the language we speak here (or an interpreter's).
ABOUT_LANGUAGE = frozenset({"change_language", "ask_interpreter"})
ABOUT_BOOKING = frozenset({"book_appointment", "request_human", "reschedule_appointment", "inform"})
# 'On the phone' and 'with an interpreter' answer our questions, whatever they are taken for.
HOW_TO_MEET = frozenset({"nlu_fallback", "ask_interpreter", "ask_contact"})
ABOUT_PAPERS = frozenset({"ask_required_documents", "inform"})
TOLERATED_FOR = frozenset({"ausbildungsduldung", "beschaeftigungsduldung"})
# 'What does a flat cost' is no statement about where someone lives.
ABOUT_FLATS = frozenset({"ask_housing"})
FEW_WORDS = 4
TIMES = frozenset({"duration", "duration_days", "day", "month", "year"})
DAYS_PER_MONTH = 30.4375  # 365.25 / 12
MONTHS_PER = {"month": 1, "year": 12}
DAYS_PER = {"day": 1, "week": 7}
LONGEST_DURATION = 1200  # months; more is no duration of a stay
_LEVEL = re.compile(r"\b([abc][12])\b")
_CLAUSE_END = re.compile(r"[.,;:!?]")
# A day's number with an ending beside a month: 3rd, 1er, 3-го, 15-inci, 3'ê.
_DAY_NUMBER = re.compile(r"(\d{1,2})[^\W\d_]{0,4}")
_DAY_ENDINGS = 4  # letters of an ending that is written apart ('3-го' is two words)
# Turkish and Kurdish write their endings behind the year: 2024'te, 2024an.
_YEAR_NUMBER = re.compile(r"(20[0-4]\d|19[4-9]\d)(?:[dt][ea]n?|y[ea]|an|ê|ên)?")


@dataclass(frozen=True)
class Found:
    """An entity with its value; start and end are places in the typed text, `key` orders by place in the clean text."""

    entity: str
    value: str
    start: int
    end: int
    key: tuple[int, int] = (0, 0)


# How the name of Kurmanji is told from 'Kurdish' alone.
_KURMANJI = tuple(
    map(normalise, ("kurman", "kirman", "کورمانج", "کرمانج", "badin", "bahdin", "behdin", "بادین", "بەهدین", "курманд"))
)


def in_own_kurdish(found: Sequence[Found], text: str, language: object) -> list[Found]:
    """Return the facts, 'Kurdish' meaning Sorani where that is the language of the conversation, unless Kurmanji is named."""
    if language != "ckb":
        return list(found)
    kept: dict[tuple[str, str, int], Found] = {}
    for fact in found:
        said = normalise(text[fact.start : fact.end])
        if (fact.entity, fact.value) == ("language", "ku") and not any(name in said for name in _KURMANJI):
            fact = replace(fact, value="ckb")
        kept.setdefault((fact.entity, fact.value, fact.start), fact)
    return list(kept.values())


@dataclass(frozen=True)
class _Span:
    """A meaning of the lexicon at words [first, last), its value, and the languages that say it so."""

    kind: str
    value: str
    first: int
    last: int
    languages: frozenset[str]

    def speaks_with(self, other: _Span) -> bool:
        """Return whether both are said in one language: English 'on' is no Turkish ten beside English 'months'."""
        return bool(self.languages & other.languages)


@dataclass(frozen=True)
class _Number:
    """A number at words [first, last); `spans` are its words, none if it is written with digits."""

    value: float
    last: int
    spans: tuple[_Span, ...] = ()

    def counts(self, unit: _Span) -> bool:
        return all(span.speaks_with(unit) for span in self.spans)


_ears: WeakValueDictionary[int, Ear] = WeakValueDictionary()


def ear_for(rows: Iterable[Row]) -> Ear:
    """Return an ear for these rows; whoever asks with the same rows shares it."""
    rows = tuple(rows)
    key = hash(rows)
    ear = _ears.get(key)
    if ear is None:
        ear = _ears[key] = Ear(rows)
    return ear


class Ear:
    """Hears facts; made once from the rows of the entity lexicon."""

    def __init__(self, rows: Iterable[Row]) -> None:
        rows = list(rows)
        self._lexicon = Lexicon(rows)
        # a message is heard twice: for what it wants, then for its facts
        self._heard: tuple[str, Reading, list[_Span]] = ("", read(""), [])

        def forms(meaning: str) -> list[str]:
            return [form for row in rows if row.meaning == meaning for form in row.forms]

        before = [*forms("since_date=yes"), *forms("in_date=yes")]
        self._paragraphs = paragraphs.Finder(forms("paragraph_sign=yes"), forms("paragraph_part=yes"), before)
        level_words = alternatives(forms("level_word=yes")) or "level"
        self._level_apart = re.compile(rf"(?<!\w)(?:{level_words})\s+([abc])\s?([12])\b|\b([bc])\s([12])\b")

    def hear(
        self, text: str, today: date | None = None, intent: str | None = None, asked: str | None = None
    ) -> list[Found]:
        """Return the facts of a message, in their order; see `hear_all`."""
        return self.hear_all(text, today, intent, asked)[0]

    def hear_all(
        self, text: str, today: date | None = None, intent: str | None = None, asked: str | None = None
    ) -> tuple[list[Found], list[str]]:
        """Return the facts of a message, in their order, and hints on how they are meant.

        `today` resolves 'tomorrow week' kinds of dates (None: they stay unresolved); `intent` is what the message wants, where that
        changes what a word means (None: unknown); `asked` is what the message answers (None: nothing was asked).
        """
        heard, reading, spans = self._heard
        if text != heard:
            reading = read(text)
            spans = self._spans(reading)
            self._heard = text, reading, spans
        if not reading.words:
            return [], []
        hearing = _Hearing(self, reading, spans, today, intent, asked)
        return hearing.facts(), hearing.hints()

    def _spans(self, reading: Reading) -> list[_Span]:
        matches = self._lexicon.all_matches([word.text for word in reading.words])
        spans = {self._span(match): None for match in matches}
        return list(spans)

    @staticmethod
    def _span(match: Match) -> _Span:
        kind, _, value = match.meaning.partition("=")
        return _Span(kind, value, match.start, match.end, match.languages)

    def papers(self, clean: str) -> list[paragraphs.Hit]:
        """Return the papers named by paragraph."""
        return self._paragraphs.find(clean)

    def levels_apart(self, clean: str) -> Iterator[re.Match[str]]:
        """Yield levels written as two words ('Kurs B 1')."""
        return self._level_apart.finditer(clean)


class _Hearing:
    """The reading of one message."""

    def __init__(
        self, ear: Ear, reading: Reading, spans: list[_Span], today: date | None, intent: str | None, asked: str | None
    ) -> None:
        self.ear = ear
        self.reading, self.today, self.intent, self.asked = reading, today, intent, asked
        self.words = reading.words
        self.by_kind: dict[str, list[_Span]] = defaultdict(list)
        for span in spans:
            self.by_kind[span.kind].append(span)
        self.taken: set[int] = set()  # words that are part of a date or a duration
        self.found: list[Found] = []

    def facts(self) -> list[Found]:
        """Return everything the message tells."""
        self._paragraphs()
        self._vague()
        self._digit_dates()
        self._named_dates()
        self._durations()
        self._days()
        self._levels()
        self._plain()
        unique = {(fact.entity, fact.value): fact for fact in reversed(self.found)}
        return sorted(unique.values(), key=lambda fact: (fact.key, fact.entity))

    def hints(self) -> list[str]:
        """Return what else matters for the law: `since` (a time is said to last or to have begun), `own:SY` (a country is somebody's
        own), `denied:duldung` (a paper is said not to be held).
        """
        found = {f"own:{s.value}": None for s in self.by_kind["country"] if self._own(s) and not self._negated(s)}
        found |= {f"denied:{s.value}": None for s in self.by_kind["residence_status"] if self._negated(s)}
        if any(fact.entity in TIMES and self._lasts(*fact.key) for fact in self.found):
            found["since"] = None
        return list(found)

    def _lasts(self, start: int, end: int) -> bool:
        """Return whether a word for 'since' stands beside the time at [start, end) of the clean text, or in it."""
        inside = [i for i, word in enumerate(self.words) if word.start < end and word.end > start]
        if not inside:
            return False
        first, last = inside[0], inside[-1] + 1
        # Tigrinya writes 'for' together with the number
        if self.words[first].text.startswith("ን") or (first and self.words[first - 1].text == "ን"):
            return True
        spans = [s for kind in ("since", "since_date", "since_after", "lasting") for s in self.by_kind[kind]]
        return any(s.first <= last and s.last >= first for s in spans)

    # -- small helpers -------------------------------------------------------------------------------------------

    def _put(self, entity: str, value: str, start: int, end: int) -> None:
        """Add a fact found at [start, end) of the clean text."""
        self.found.append(Found(entity, value, *self.reading.typed(start, end), key=(start, end)))

    def _put_words(self, entity: str, value: str, first: int, last: int) -> None:
        self._put(entity, value, self.words[first].start, self.words[last - 1].end)

    def _take(self, start: int, end: int) -> None:
        self.taken.update(i for i, word in enumerate(self.words) if word.start < end and word.end > start)

    def _typed(self, start: int, end: int) -> str:
        return self.reading.clean[start:end]

    def _at(self, kind: str, first: int) -> list[_Span]:
        """Return the spans of a kind that start at a word, longest first."""
        return sorted((s for s in self.by_kind[kind] if s.first == first), key=lambda s: -s.last)

    def _ends(self, kind: str, last: int) -> bool:
        return any(span.last == last for span in self.by_kind[kind])

    def _begins(self, kind: str, first: int) -> bool:
        return any(span.first == first for span in self.by_kind[kind])

    def _number(self, position: int) -> _Number | None:
        """Return the number that starts at a word; None if there is none."""
        if position >= len(self.words) or position in self.taken:
            return None
        word = self.words[position]
        if word.text.isdecimal() and len(word.text) <= 4:
            behind = position + 1
            if behind < len(self.words) and self.words[behind].text.isdecimal() and len(self.words[behind].text) == 1:
                between = self.reading.clean[word.end : self.words[behind].start]
                if between in (".", ","):
                    return _Number(float(f"{word.text}.{self.words[behind].text}"), behind + 1)
            return _Number(float(word.text), behind)
        spans = self._at("number", position)
        if not spans:
            return None
        return self._joined(spans[0]) or _Number(float(spans[0].value), spans[0].last, (spans[0],))

    def _joined(self, first: _Span) -> _Number | None:
        """'zwanzig fünf', 'bîst û pênc' and 'خمسة وعشرين' are one number: a ten and a unit next to each other."""
        behind = first.last
        for join in self._at("number_join", behind):
            behind = join.last
            break
        for second in self._at("number", behind):
            one, other = int(first.value), int(second.value)
            low, high = sorted((one, other))
            if 1 <= low <= 9 and high in range(20, 100, 10) and first.speaks_with(second):
                return _Number(float(one + other), second.last, (first, second))
        return None

    # -- papers by paragraph -------------------------------------------------------------------------------------

    def _paragraphs(self) -> None:
        for hit in self.ear.papers(self.reading.clean):
            self._take(hit.start, hit.end)
            self._put("residence_status", hit.status, hit.start, hit.end)

    # -- dates ---------------------------------------------------------------------------------------------------

    def _vague(self) -> None:
        """'Since last summer' is a time that only the person can make a date of: it is asked."""
        for span in self._longest(self.by_kind["vague"]):
            self._take(self.words[span.first].start, self.words[span.last - 1].end)
            self._put_words("vague_time", "yes", span.first, span.last)

    def _places(self, kind: str) -> list[tuple[int, int]]:
        return [(self.words[s.first].start, self.words[s.last - 1].end) for s in self.by_kind[kind]]

    def _digit_dates(self) -> None:
        since = self._places("since_date")
        # what stands behind a date is as good as what stands before it: both say that it has passed
        behind = [start for start, _ in self._places("since_after")]
        before = [end for _, end in [*since, *self._places("in_date")]]
        for hit in dates.in_digits(self.reading.clean, self.today, since, behind=behind, before=before):
            if any(i in self.taken for i, w in enumerate(self.words) if w.start < hit.end and w.end > hit.start):
                continue
            if hit.entity == "year" and self._number_before_unit(hit):
                continue
            self._take(hit.start, hit.end)
            self._put(hit.entity, hit.value or self._typed(hit.start, hit.end), hit.start, hit.end)

    def _number_before_unit(self, hit: dates.Dated) -> bool:
        behind = next((i for i, word in enumerate(self.words) if word.start >= hit.end), None)
        return behind is not None and bool(self._at("unit", behind))

    def _named_dates(self) -> None:
        """'3. oktober 2024', 'october 3rd', 'march 2024', 'seit märz', '15 مهر 1402', 'شهر 3'."""
        months = [span for kind in ("month", "month_in", "solar_month") for span in self.by_kind[kind]]
        for span in sorted(months, key=lambda s: (s.first, -s.last, s.kind != "month_in")):
            if self.taken.intersection(range(span.first, span.last)):
                continue
            if span.kind == "solar_month":
                self._solar_month(span)
            else:
                self._month_name(span)
        for span in self.by_kind["month_word"]:
            self._month_number(span)

    def _month_name(self, span: _Span) -> None:
        day, first, last = self._day_beside(span)
        year_at = self._year_at(last)
        if year_at is not None:
            last = year_at + 1
        elif (year_at := self._year_before(first)) is not None:
            first = year_at
        year = int(self.words[year_at].text[:4]) if year_at is not None else None
        if year_at is not None:
            self._forget_year(year_at)
        if day is None and year is None and not self._month_is_meant(span):
            return
        self._put_date(year, int(span.value), day, first, last)

    def _solar_month(self, span: _Span) -> None:
        """A month of the Solar Hijri calendar: a whole date is turned into ours, the rest is asked."""
        day, first, last = self._day_beside(span)
        year_at = next(
            (at for at in (last, last + 1) if at < len(self.words) and re.fullmatch(r"1[34]\d\d", self.words[at].text)),
            None,
        )
        if year_at is not None:
            last = year_at + 1
        if day is None and year_at is None and not self._month_is_meant(span):
            return
        year = int(self.words[year_at].text) if year_at is not None else None
        self.taken.update(range(first, last))
        if day is None or (year is None and self.today is None):
            self._put_words("vague_time", "yes", first, last)
            return
        if year is None and self.today is not None:
            meant = dates.nearest_solar(int(span.value), day, self.today, past=self._has_passed(first, last))
        else:
            meant = dates.from_solar(year or 0, int(span.value), day)
        if meant is None:
            self._put_words("bad_date", self._typed(self.words[first].start, self.words[last - 1].end), first, last)
        else:
            self._put_words("day", meant.isoformat(), first, last)

    def _day_beside(self, span: _Span) -> tuple[int | None, int, int]:
        """Return the day's number beside a month, and the words [first, last) of both."""
        before = self._day_before(span)
        if before is not None:
            return before[0], before[1], span.last
        after = self._day_after(span.last)
        if after is not None:
            return after[0], span.first, after[1]
        return None, span.first, span.last

    def _forget_year(self, position: int) -> None:
        """A year that belongs to a month is no year by itself."""
        start = self.words[position].start
        self.found = [f for f in self.found if not (f.entity == "year" and f.key[0] == start)]

    def _has_passed(self, first: int, last: int) -> bool:
        return (first > 0 and self._ends("since_date", first)) or self._begins("since_after", last)

    def _put_date(self, year: int | None, month: int, day: int | None, first: int, last: int) -> None:
        start, end = self.words[first].start, self.words[last - 1].end
        past = self._has_passed(first, last)
        self.taken.update(range(first, last))
        if day is not None and not dates.ever(month, day):
            self._put("bad_date", self._typed(start, end), start, end)
        elif day is not None:
            meant = None
            if year is not None:
                meant = dates.possible(year, month, day)
                if meant is None:
                    self._put("bad_date", self._typed(start, end), start, end)
            elif self.today:
                meant = dates.nearest(month, day, self.today, past=past)
            if meant:
                self._put("day", meant.isoformat(), start, end)
        elif year is not None:
            self._put("month", f"{year}-{month:02d}", start, end)
        elif self.today:
            self._put("month", dates.nearest_month(month, self.today, past=past), start, end)

    def _day_before(self, month: _Span) -> tuple[int, int] | None:
        """Return the day number written before a month and where it starts: '3.', '3rd of', '3-го', '31 شهر'."""
        position = month.first - 1
        while position >= 0 and self._is("before_month", position):
            position -= 1
        if position > 0 and self._is_ending(position):
            position -= 1
        if position < 0 or position in self.taken:
            return None
        match = _DAY_NUMBER.fullmatch(self.words[position].text)
        if match:
            return int(match[1]), position
        return self._spoken_day(position, month)

    def _spoken_day(self, position: int, month: _Span) -> tuple[int, int] | None:
        """'beş mart' is a day, too; 'ein' before a month is none."""
        for span in self.by_kind["number"]:
            if span.last == position + 1 and 2 <= int(span.value) <= 31 and span.speaks_with(month):
                return int(span.value), span.first
        return None

    def _is(self, kind: str, position: int) -> bool:
        return any(span.first <= position < span.last for span in self.by_kind[kind])

    def _is_ending(self, position: int) -> bool:
        """'го' in '3-го' is the ending of the number before it."""
        word, before = self.words[position], self.words[position - 1]
        return (
            self.reading.clean[before.end : word.start] == "-"
            and len(word.text) <= _DAY_ENDINGS
            and word.text.isalpha()
            and before.text.isdecimal()
        )

    def _day_after(self, last: int) -> tuple[int, int] | None:
        if last >= len(self.words) or last in self.taken:
            return None
        match = _DAY_NUMBER.fullmatch(self.words[last].text)
        if not match or self._at("unit", last + 1):
            return None
        return int(match[1]), last + 1

    def _year_at(self, position: int) -> int | None:
        """Return where the year behind a month stands: 'oktober 2024', 'october, 2024', 'شهر 3 سنة 2022'."""
        for candidate in (position, position + 1):
            if candidate < len(self.words) and _YEAR_NUMBER.fullmatch(self.words[candidate].text):
                return candidate if candidate == position or self._is("before_year", position) else None
        return None

    def _year_before(self, first: int) -> int | None:
        """'2022 mart': the year stands before the month."""
        for candidate in (first - 1, first - 2):
            if candidate >= 0 and _YEAR_NUMBER.fullmatch(self.words[candidate].text):
                return candidate if candidate == first - 1 or self._is("before_year", first - 1) else None
        return None

    def _month_is_meant(self, span: _Span) -> bool:
        """A month's name alone may be another word ('may', 'آب'): it needs 'since', 'in', 'until' beside it."""
        if span.kind == "month_in":
            return True
        beside = [
            other
            for kind in ("since_date", "in_date", "since_after")
            for other in self.by_kind[kind]
            if (other.first == span.last if kind == "since_after" else other.last == span.first)
        ]
        return any(other.speaks_with(span) for other in beside)

    def _month_number(self, span: _Span) -> None:
        """'شهر 3' and 'شهر 3 سنة 2022' mean March; '3 شهر' is a duration."""
        number = self._number(span.last)
        if number is None or span.first in self.taken or not 1 <= number.value <= 12 or number.value % 1:
            return
        before = self._number(span.first - 1) if span.first else None
        if before is not None and before.last == span.first and before.value > 31:
            return
        if self._at("unit", number.last) and self._year_at(number.last) is None:
            return
        first, last, day = span.first, number.last, None
        if before is not None and before.last == span.first and self.words[span.first - 1].text.isdecimal():
            day, first = int(before.value), span.first - 1
        year_at = self._year_at(last)
        year = int(self.words[year_at].text[:4]) if year_at is not None else None
        if year_at is not None:
            last = year_at + 1
            self._forget_year(year_at)
        self._put_date(year, int(number.value), day, first, last)

    # -- durations -----------------------------------------------------------------------------------------------

    def _durations(self) -> None:
        months = days = 0.0
        spoke_in_days = False
        place: tuple[int, int] | None = None
        position = 0
        while position < len(self.words):
            hit = self._duration_at(position)
            if hit is None or self._is_age(position, hit[3]):
                position += 1
                continue
            more_months, more_days, in_days, behind = hit
            if place is not None and position - place[1] > 1:  # a second duration, not 'a year and 3 months'
                break
            months, days = months + more_months, days + more_days
            spoke_in_days = spoke_in_days or in_days
            place = (place[0] if place else position, behind)
            self.taken.update(range(position, behind))
            position = behind
        if place is None or months > LONGEST_DURATION:
            return
        whole = int(months + days / DAYS_PER_MONTH + 1e-9)
        self._put_words("duration", str(whole), *place)
        if spoke_in_days:
            self._put_words("duration_days", str(int(days + months * DAYS_PER_MONTH)), *place)

    def _duration_at(self, position: int) -> tuple[float, float, bool, int] | None:
        """Return months, days, whether it was said in days or weeks, and the word behind; None if there is none."""
        if position in self.taken:
            return None
        for span in self._at("span_months", position):
            return float(span.value), 0.0, False, span.last
        for span in self._at("dual", position):
            unit, count = span.value.split(":")
            return self._measure(float(count), unit, span.last)
        number = self._number(position)
        if number is not None:
            count, behind = number.value, number.last
            if half := self._at("half", behind):
                count, behind = count + 0.5, half[0].last
            for unit in self._at("unit", behind):
                if not number.counts(unit):
                    continue
                behind = unit.last
                if half := self._at("half", behind):
                    count, behind = count + 0.5, half[0].last
                return self._measure(count, unit.value, behind)
        return self._one_unit(position)

    def _one_unit(self, position: int) -> tuple[float, float, bool, int] | None:
        """'Since a year' without a number: Arabic says so with any unit, others with some forms (`one=`)."""
        if position > 0 and self._ends("since", position) and self._arabic(position):
            for unit in self._at("unit", position):
                if not self._next_is_number(unit.last) and unit.value != "day" and "ar" in unit.languages:
                    return self._measure(1, unit.value, unit.last)
        if any(day.first <= position < day.last and day.last - day.first > 1 for day in self.by_kind["day"]):
            return None  # 'next week' is a day to come
        for unit in self._at("one", position):
            beside = [s for s in self.by_kind["since"] if s.last == unit.first or s.first == unit.last]
            beside += [s for s in self.by_kind["since_after"] if s.first == unit.last]
            few = len(self.words) <= FEW_WORDS and self.intent in (None, "nlu_fallback", "inform")
            if not self._next_is_number(unit.last) and (few or any(s.speaks_with(unit) for s in beside)):
                return self._measure(1, unit.value, unit.last)
        return None

    def _arabic(self, position: int) -> bool:
        return "\u0600" <= self.words[position].text[0] <= "\u06ff"

    def _next_is_number(self, position: int) -> bool:
        return position < len(self.words) and self.words[position].text.isdecimal()

    @staticmethod
    def _measure(count: float, unit: str, behind: int) -> tuple[float, float, bool, int] | None:
        if unit in MONTHS_PER:
            return count * MONTHS_PER[unit], 0.0, False, behind
        return 0.0, count * DAYS_PER[unit], True, behind

    def _is_age(self, first: int, behind: int) -> bool:
        """'15 years old' and 'عمري 15 سنة' tell an age."""
        return any(
            (span.first < behind <= span.last + 1 and span.last > first) or span.last == first
            for span in self.by_kind["age"]
        )

    # -- weekdays, today, times of day ---------------------------------------------------------------------------

    def _days(self) -> None:
        greeting = {i for span in self.by_kind["nothing"] for i in range(span.first, span.last)}
        self.taken |= greeting
        for span in self.by_kind["day_morning"]:
            self._put_words("day", span.value, span.first, span.last)
            self._put_words("time_of_day", "morning", span.first, span.last)
            self.taken.update(range(span.first, span.last))
        for kind in ("day", "weekday"):
            for span in self._longest(self.by_kind[kind]):
                if not self.taken.intersection(range(span.first, span.last)):
                    self._day(span)

    def _day(self, span: _Span) -> None:
        value = span.value
        if value == "overmorrow":
            if self.today is None:
                return
            value = (self.today + timedelta(days=2)).isoformat()
        self._put_words("day", value, span.first, span.last)
        self.taken.update(range(span.first, span.last))

    # -- language level ------------------------------------------------------------------------------------------

    def _levels(self) -> None:
        for match in _LEVEL.finditer(self.reading.clean):
            self._put("language_level", match[1].upper(), *match.span())
        for match in self.ear.levels_apart(self.reading.clean):
            level = f"{match[1] or match[3]}{match[2] or match[4]}".upper()
            self._put("language_level", level, *match.span())

    # -- what stands in the lexicon as it is ---------------------------------------------------------------------

    def _longest(self, spans: list[_Span]) -> list[_Span]:
        """Return the spans that are not inside a longer one of the list, by place."""
        return sorted(
            (
                s
                for s in spans
                if not any(
                    o is not s and o.first <= s.first and s.last <= o.last and o.last - o.first > s.last - s.first
                    for o in spans
                )
            ),
            key=lambda s: (s.first, s.last),
        )

    def _plain(self) -> None:
        self._bare_flat()
        self._bare_work()
        for kind in sorted(PLAIN):
            kept = [span for span in self._longest(self.by_kind[kind]) if self._wanted(span)]
            if kind == "procedure" and any(span.value != "appointment" for span in kept):
                kept = [span for span in kept if span.value != "appointment"]
            denied = False
            for span in sorted(kept, key=lambda span: span.first):
                denied = self._negated(span, after_denial=denied)
                self._put_plain(span, denied)
        self._settle_status()
        self._settle_activity()

    def _put_plain(self, span: _Span, denied: bool) -> None:
        if denied:
            # 'not in the camp' is an answer, too; 'no Duldung' only says what it is not
            if span.kind == "in_reception_centre" and span.value == "true":
                self._put_words(span.kind, "false", span.first, span.last)
            elif span.kind == "interpreter":
                self._put_words(span.kind, "none", span.first, span.last)
            return
        self._put_words(span.kind, span.value, span.first, span.last)

    def _wanted(self, span: _Span) -> bool:
        """Return whether a word means this here: it depends on what the message wants."""
        if self.taken.intersection(range(span.first, span.last)):
            return False
        few = len(self.words) <= FEW_WORDS
        if span.kind == "language":
            if self.intent in ABOUT_BOOKING and self.by_kind["interpreter"]:
                return True
            return self.intent in ABOUT_LANGUAGE or (
                few
                and self.intent in (None, "nlu_fallback", "inform")
                and not self.by_kind["language_level"]
                and not self._levelled()
            )
        if span.kind == "country":
            return self.intent not in ABOUT_LANGUAGE
        if span.kind == "topic":
            return self.intent in ABOUT_BOOKING or self.intent is None
        if span.kind in ("means", "interpreter"):
            return self.intent in ABOUT_BOOKING | HOW_TO_MEET or self.intent is None
        if span.kind == "procedure":
            return self.intent in ABOUT_PAPERS or self.intent in (None, "nlu_fallback")
        if span.kind == "in_reception_centre" and self.intent in ABOUT_FLATS:
            return bool(self.by_kind["lives"])
        if span.kind in ("course_kind", "audience", "free_places") or span.value == "weekend":
            return self.intent in ABOUT_COURSES
        if span.kind == "childcare":
            return self.intent in ABOUT_COURSES or (few and self.intent in ("inform", "nlu_fallback", "ask_childcare"))
        if span.kind == "step":
            return self.intent in ABOUT_PROCEDURE
        if span.kind == "activity":
            # 'Ausbildungsduldung' is a paper, whatever the first half of the word means
            return not any(
                paper.value in TOLERATED_FOR and paper.first <= span.first and span.last <= paper.last
                for paper in self.by_kind["residence_status"]
            )
        if span.kind == "language_level":
            return self.intent not in ABOUT_LANGUAGE
        return True

    def _own(self, country: _Span) -> bool:
        """Return whether words beside a country say that it is somebody's own ('I am from …', 'passport')."""
        for origin in self.by_kind["origin"]:
            before, behind = country.first - origin.last, origin.first - country.last
            gap = {"before": before, "behind": behind, "near": max(before, behind)}[origin.value]
            if 0 <= gap <= (origin.value == "near") and origin.speaks_with(country):
                return True
        return False

    def _levelled(self) -> bool:
        return any(fact.entity == "language_level" for fact in self.found)

    def _bare_flat(self) -> None:
        """'Wohnung.' answers where someone lives if it is all they say, or if they say that they live there."""
        short = len(self.words) <= FEW_WORDS and self.intent in ("inform", "nlu_fallback", None)
        lives = bool(self.by_kind["lives"]) and self.intent == "inform"
        if (short or lives) and not self.by_kind["in_reception_centre"]:
            for span in self.by_kind["flat_bare"]:
                self._put_words("in_reception_centre", "false", span.first, span.last)

    def _bare_work(self) -> None:
        """'Work' alone names no activity, but it answers what somebody would like to do."""
        if self.asked == "activity" and not self.by_kind["activity"]:
            for span in self.by_kind["work_bare"][:1]:
                self._put_words("activity", span.value, span.first, span.last)

    def _negated(self, span: _Span, after_denial: bool = False) -> bool:
        """Return whether a negation stands before or behind, with nothing but articles and the like between.

        `after_denial`: what came before was denied, so that 'nor', and 'or', deny this, too.
        """
        # 'ألماني' (German) without its article is 'ماني' (I am not), so a language is never a negation.
        languages = {(s.first, s.last) for s in self.by_kind["language"]}
        before = {s.last for s in self.by_kind["not"]} | {
            s.last for s in self.by_kind["particle"] if s.value == "not" and (s.first, s.last) not in languages
        }
        if any(s.first < span.first < s.last <= span.last for s in self.by_kind["particle"] if s.value == "not"):
            return True  # 'ما عندي' reaches into 'عندي إقامة'
        nor = self.by_kind["nor"]
        twice = [s for s in nor if s.value == "twice"]
        before |= {s.last for s in nor if after_denial} | {s.last for s in twice if len(twice) > 1}
        behind = {s.first for s in self.by_kind["not_after"]}
        thin = {i for s in self.by_kind["particle"] if s.value == "thin" for i in range(s.first, s.last)}
        return self._reaches(span.first, before, thin, -1) or self._reaches(span.last, behind, thin, 1)

    def _reaches(self, position: int, negations: set[int], thin: set[int], step: int) -> bool:
        """Walk over thin words from the border at `position`; return whether a negation comes before any other word."""
        while 0 < position < len(self.words):
            between = self.reading.clean[self.words[position - 1].end : self.words[position].start]
            if _CLAUSE_END.search(between):
                return False
            if position in negations:
                return True
            if (position - 1 if step < 0 else position) not in thin:
                return False
            position += step
        return False

    def _settle_activity(self) -> None:
        """'My own barber shop' and 'training as a cook': the trade says which one, not that it is a job like any other."""
        values = {fact.value for fact in self.found if fact.entity == "activity"}
        if len(values) > 1:
            self.found = [f for f in self.found if (f.entity, f.value) != ("activity", "employment")]

    def _settle_status(self) -> None:
        """'Aufenthaltserlaubnis nach § 25 Abs. 5' is one paper: the general name gives way to the exact one."""
        statuses = [fact for fact in self.found if fact.entity == "residence_status"]
        exact = [fact for fact in statuses if fact.value != "aufenthaltserlaubnis" and fact.value.startswith("ae_")]
        drop: set[str] = {"aufenthaltserlaubnis"} if exact else set()
        values = {fact.value for fact in statuses}
        if "ausbildungsduldung" in values or "beschaeftigungsduldung" in values:
            drop.add("duldung")
        if "niederlassungserlaubnis" in values:
            drop.add("aufenthaltserlaubnis")
        self.found = [f for f in self.found if f.entity != "residence_status" or f.value not in drop]
