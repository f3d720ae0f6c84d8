"""Slots for a wish: means, interpreter, length, buffers, absences, and what the office never offers."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from office.appointments import appointments_with, book, free_slots, resources_of
from office.availability import quanta
from office.calendars import Calendar, Member
from office.conversations import start_conversation
from office.errors import ImpossibleDay, NoHours, NoInterpreter, NoMeans, SlotTaken, SlotUnknown
from office.resources import add_absence, remove_absence
from office.sites import AppointmentRules, sites
from office.slots import Wish, a_day, offered, search, slot_start
from office.store import Store

BERLIN = ZoneInfo("Europe/Berlin")
TUESDAY = date(2024, 7, 2)
WEEK = (((time(14), time(16)),), (), ((time(9), time(10)),), (), (), (), ())


@pytest.fixture
def open_office(tmp_path):
    """Open the office with a calendar of a test's own; gives a unit of work."""
    made = []

    def begin(site="mettmann", **calendar):
        store = Store(f"sqlite:///{tmp_path / 'own.db'}", sites(), {site: Calendar(site, **calendar)})
        store.migrate()
        made.append(store.begin())
        return made[-1]

    yield begin
    for work in made:
        work.session.close()


def starts(slots):
    return [f"{slot.starts_at:%H:%M}" for slot in slots]


def person(work, now):
    return start_conversation(work, channel="web", now=now)


def test_a_means_the_office_does_not_have_is_refused_with_those_it_has(work, now):
    with pytest.raises(NoMeans) as caught:
        search(work, "mettmann", now, Wish(means="video"))
    assert caught.value.means == ("on_site", "phone")


def test_the_id_of_a_slot_names_the_means(open_office, now):
    work = open_office(means=("on_site", "phone", "video"))
    ids = [search(work, "mettmann", now, Wish(means=means), n=1)[0].id for means in ("on_site", "phone", "video")]
    assert ids == ["mettmann:2024-07-02T09:00", "mettmann:2024-07-02T09:00:phone", "mettmann:2024-07-02T09:00:video"]
    assert slot_start(ids[1]) == datetime(2024, 7, 2, 9, tzinfo=BERLIN)


def test_kurmanji_is_not_sorani(open_office, now):
    work = open_office(interpreters=(Member("i", ("ku",)),))
    assert search(work, "mettmann", now, Wish(interpreter="ku"))
    with pytest.raises(NoInterpreter) as caught:
        search(work, "mettmann", now, Wish(interpreter="ckb"))
    assert (caught.value.because, caught.value.languages) == ("language", ("ku",))


def test_the_gender_of_the_interpreter_can_be_wished(open_office, now):
    work = open_office(
        advisers=(Member("a"), Member("b")),
        interpreters=(Member("she", ("ar",), "f"), Member("he", ("ar", "fa"), "m")),
    )
    her = book(work, "mettmann:2024-07-02T09:00", person(work, now), topic="x", now=now, language="ar", gender="f")
    assert resources_of(work, her) == ["mettmann:adviser:a", "mettmann:interpreter:file:she"]
    assert starts(search(work, "mettmann", now, Wish(interpreter="ar", gender="f"), n=1)) == ["09:30"]
    assert starts(search(work, "mettmann", now, Wish(interpreter="ar"), n=1)) == ["09:00"]
    with pytest.raises(NoInterpreter) as caught:
        search(work, "mettmann", now, Wish(interpreter="fa", gender="f"))
    assert caught.value.because == "gender"
    assert offered(work, "mettmann").interpreters == {"ar": {"f", "m"}, "fa": {"m"}}


def test_an_interpreter_who_only_comes_by_phone_is_offered_by_phone_only(open_office, now):
    work = open_office(means=("on_site", "phone"), interpreters=(Member("i", ("ti",), means=("phone",)),))
    assert search(work, "mettmann", now, Wish(interpreter="ti", means="phone"))
    with pytest.raises(NoInterpreter) as caught:
        search(work, "mettmann", now, Wish(interpreter="ti"))
    assert caught.value.because == "means"


def test_an_adviser_who_speaks_the_language_needs_no_interpreter(open_office, now):
    work = open_office(advisers=(Member("german"), Member("arabic", ("ar",))), interpreters=(Member("i", ("ar",)),))
    first, second, third = (person(work, now) for _ in range(3))
    slot = "mettmann:2024-07-02T09:00"
    one = book(work, slot, first, topic="x", now=now, language="ar")
    assert resources_of(work, one) == ["mettmann:adviser:arabic"]
    two = book(work, slot, second, topic="x", now=now, language="ar")
    assert resources_of(work, two) == ["mettmann:adviser:german", "mettmann:interpreter:file:i"]
    with pytest.raises(SlotTaken):
        book(work, slot, third, topic="x", now=now)


def test_the_interpreter_with_few_languages_goes_first(open_office, now):
    work = open_office(
        advisers=(Member("a"), Member("b")),
        interpreters=(Member("a_many", ("ar", "fa", "ku")), Member("z_one", ("ar",))),
    )
    book(work, "mettmann:2024-07-02T09:00", person(work, now), topic="x", now=now, language="ar")
    assert starts(search(work, "mettmann", now, Wish(interpreter="fa"), n=1)) == ["09:00"]


def test_a_room_is_needed_on_site_only(open_office, now):
    work = open_office(means=("on_site", "phone"), advisers=(Member("a"), Member("b")), rooms=(Member("r"),))
    book(work, "mettmann:2024-07-02T09:00", person(work, now), topic="x", now=now)
    assert starts(search(work, "mettmann", now, n=1)) == ["09:30"]
    assert starts(search(work, "mettmann", now, Wish(means="phone"), n=1)) == ["09:00"]


def test_a_topic_may_take_longer(open_office, now):
    work = open_office(lengths={"recognition": 60})
    found = search(work, "mettmann", now, Wish(topic="recognition"), n=2)
    assert [slot.ends_at - slot.starts_at for slot in found] == [timedelta(hours=1)] * 2
    assert starts(found) == ["09:30", "10:30"]  # 8:30 would be too soon
    book(work, found[0].id, person(work, now), topic="recognition", now=now)
    assert starts(search(work, "mettmann", now, n=2)) == ["09:00", "10:30"]


def test_a_buffer_keeps_time_between_appointments_but_not_after_closing(open_office, now):
    work = open_office(buffer_minutes=15)
    found = search(work, "mettmann", now, Wish.on(date(2024, 7, 4)), n=20)
    assert starts(found) == ["08:30", "09:15", "10:00", "10:45", "11:30", "12:15", "13:00"]
    book(work, found[1].id, person(work, now), topic="x", now=now)
    assert starts(search(work, "mettmann", now, Wish.on(date(2024, 7, 4)), n=2)) == ["08:30", "10:00"]


def test_an_adviser_with_hours_of_their_own_is_there_when_the_door_is_closed(open_office, now):
    work = open_office(advisers=(Member("a", weekly=WEEK, exceptions={date(2024, 7, 10): ()}),))
    assert [slot.id[9:] for slot in search(work, "mettmann", now, n=6)] == [
        "2024-07-03T09:00", "2024-07-03T09:30",
        "2024-07-08T14:00", "2024-07-08T14:30", "2024-07-08T15:00", "2024-07-08T15:30",
    ]  # fmt: skip
    assert search(work, "mettmann", now, Wish.on(date(2024, 7, 10))) == []


def test_on_a_holiday_nobody_is_there_unless_an_exception_says_so(open_office):
    before = datetime(2024, 9, 30, 8, 0, tzinfo=BERLIN)
    unity = date(2024, 10, 3)
    always = tuple(((time(9), time(10)),) for _ in range(7))
    assert search(open_office(advisers=(Member("a", weekly=always),)), "mettmann", before, Wish.on(unity)) == []


def test_an_exception_opens_a_holiday(open_office):
    before = datetime(2024, 9, 30, 8, 0, tzinfo=BERLIN)
    unity = date(2024, 10, 3)
    work = open_office(advisers=(Member("a", exceptions={unity: ((time(10), time(11)),)}),))
    assert starts(search(work, "mettmann", before, Wish.on(unity))) == ["10:00", "10:30"]


def test_a_site_whose_hours_are_unknown_can_still_have_advisers_with_hours(open_office, now):
    rules = AppointmentRules(30, 24, 8, 0)
    work = open_office("herford", rules=rules, advisers=(Member("a", weekly=WEEK),))
    assert starts(search(work, "herford", now, n=1)) == ["09:00"]
    with pytest.raises(NoHours):
        search(work, "warendorf", now)


def test_an_absence_takes_the_time_away_and_gives_it_back(work, now, conversation):
    booked = book(work, "mettmann:2024-07-02T10:00", conversation, topic="x", now=now)
    at = [datetime(2024, 7, 2, hour, tzinfo=BERLIN) for hour in (9, 12)]
    absence = add_absence(work, "mettmann:counter:1", *at)
    assert starts(free_slots(work, "mettmann", now, n=1)) == ["12:00"]
    assert [one.id for one in appointments_with(work, "mettmann:counter:1", *at)] == [booked.id]
    remove_absence(work, absence.id)
    assert starts(free_slots(work, "mettmann", now, n=2)) == ["09:00", "09:30"]
    with pytest.raises(ValueError, match="end after it begins"):
        add_absence(work, "mettmann:counter:1", at[1], at[0])


def test_part_of_the_day_weekday_and_days_narrow_the_search(work, now):
    assert starts(search(work, "mettmann", now, Wish(part="afternoon"), n=3)) == ["12:00", "12:30", "13:00"]
    found = search(work, "mettmann", now, Wish(weekdays=frozenset({4}), part="morning"), n=8)
    assert {slot.starts_at.weekday() for slot in found} == {4}
    assert {slot.starts_at.date() for slot in found} == {date(2024, 7, 5), date(2024, 7, 12)}
    between = Wish(first_day=date(2024, 7, 8), last_day=date(2024, 7, 9))
    assert {slot.starts_at.day for slot in search(work, "mettmann", now, between, n=100)} == {8, 9}
    assert search(work, "mettmann", now, Wish(first_day=date(2024, 7, 9), last_day=date(2024, 7, 8))) == []


def test_who_finds_a_slot_taken_hears_of_the_next_three(work, now):
    slot = "mettmann:2024-07-02T09:30"
    book(work, slot, person(work, now), topic="x", now=now)
    with pytest.raises(SlotTaken) as caught:
        book(work, slot, person(work, now), topic="x", now=now)
    assert starts(caught.value.next) == ["10:00", "10:30", "11:00"]
    with pytest.raises(SlotUnknown) as unknown:
        book(work, "mettmann:2024-07-03T09:00", person(work, now), topic="x", now=now)
    assert [slot.id[9:] for slot in unknown.value.next] == ["2024-07-04T08:30", "2024-07-04T09:00", "2024-07-04T09:30"]


def test_at_the_end_of_the_calendar_earlier_times_are_offered_instead(work, now):
    last = search(work, "mettmann", now, n=10_000)[-1]
    book(work, last.id, person(work, now), topic="x", now=now)
    with pytest.raises(SlotTaken) as caught:
        book(work, last.id, person(work, now), topic="x", now=now)
    assert [slot.id[9:] for slot in caught.value.next] == ["2024-07-02T09:00", "2024-07-02T09:30", "2024-07-02T10:00"]


@pytest.mark.parametrize("text", ["2024-02-30", "2023-02-29", "2024-13-01", "gestern", "", "0000-00-00"])
def test_a_day_that_does_not_exist_is_refused(text):
    with pytest.raises(ImpossibleDay, match="not a day that exists"):
        a_day(text)


@pytest.mark.parametrize(
    "id",
    ["", "mettmann", "mettmann:2024-02-30T09:00", "mettmann:2024-03-31T02:30", "mettmann:2024-07-02T24:00",
     "mettmann:2024-07-02T09:00:letter", "mettmann:0001-01-01T00:00"],
)  # fmt: skip
def test_what_is_no_time_has_no_beginning(id):
    """Half past two does not exist in the night when summer time begins."""
    found = slot_start(id)
    assert found is None or found.year == 1


def test_a_wish_comes_back_as_it_was_stored():
    wish = Wish("work", "phone", "ku", "f", TUESDAY, date(2024, 7, 9), "morning", frozenset({0, 4}))
    assert Wish.from_json(wish.as_json()) == wish
    assert Wish.from_json(Wish().as_json()) == Wish()


def test_quarters_are_those_of_the_clock_so_that_odd_times_exclude_each_other():
    at = datetime(2024, 7, 2, 8, 20, tzinfo=BERLIN)
    assert [f"{one:%H:%M}" for one in quanta(at, at + timedelta(minutes=30))] == ["06:15", "06:30", "06:45"]


def test_the_night_when_summer_time_ends_is_an_hour_longer(open_office):
    """From 0:00 to 4:00 there are five hours then."""
    night = tuple(((time(0), time(4)),) for _ in range(7))
    work = open_office(advisers=(Member("a", weekly=night),), rules=AppointmentRules(60, 0, 8, 0))
    sunday = Wish.on(date(2024, 10, 27))
    found = search(work, "mettmann", datetime(2024, 10, 20, tzinfo=BERLIN), sunday, n=20)
    assert starts(found) == ["00:00", "01:00", "02:00", "02:00", "03:00"]


def test_hours_until_midnight_end_at_midnight(open_office, now):
    late = tuple(((time(22), time(0)),) for _ in range(7))
    work = open_office(advisers=(Member("a", weekly=late),), rules=AppointmentRules(60, 0, 8, 0))
    assert starts(search(work, "mettmann", now, n=3)) == ["22:00", "23:00", "22:00"]


def test_counters_follow_the_site_file(tmp_path, now):
    rules = replace(sites()["mettmann"].appointments, counters=3)
    store = Store(f"sqlite:///{tmp_path / 'c.db'}", {"mettmann": replace(sites()["mettmann"], appointments=rules)})
    store.migrate()
    with store.begin() as work:
        for _ in range(3):
            book(work, "mettmann:2024-07-02T09:00", person(work, now), topic="x", now=now)
        with pytest.raises(SlotTaken):
            book(work, "mettmann:2024-07-02T09:00", person(work, now), topic="x", now=now)
