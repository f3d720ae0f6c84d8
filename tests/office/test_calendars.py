"""Calendar files: what they may say, and faults that a clerk understands."""

from datetime import date, time

import pytest

from office.calendars import Calendar, Member, calendars, load_calendars
from office.errors import SiteDataError

FULL = """
site: here
means: [phone, on_site]
buffer_minutes: 15
lengths: {work: 45}
appointments: {length_minutes: 30, notice_hours: 12, horizon_weeks: 4}
advisers:
  first:
    languages: [fa]
    gender: f
    means: [phone]
    weekly:
      monday: ["08:30-12:00", "13:00-16:00"]
      tuesday: closed
      wednesday: closed
      thursday: closed
      friday: closed
      saturday: closed
      sunday: closed
    exceptions: {2027-12-24: closed, 2027-12-27: ["10:00-11:00"]}
  second:
rooms:
  small: {}
interpreters:
  arabic: {languages: [ar, ku], gender: m}
"""


def read(tmp_path, words, name="here"):
    (tmp_path / f"{name}.yml").write_text(words, encoding="utf-8")
    return load_calendars(tmp_path)[name]


def faults(tmp_path, words):
    with pytest.raises(SiteDataError) as caught:
        read(tmp_path, words)
    return caught.value.faults


def test_the_calendars_of_the_house_can_be_read():
    assert calendars()["mettmann"].interpreters == (Member("arabic", ("ar",), "f"),)
    assert calendars()["mettmann"].advisers is None


def test_everything_that_can_be_said_is_read(tmp_path):
    found = read(tmp_path, FULL)
    first, second = found.advisers
    assert (found.means, found.buffer_minutes, dict(found.lengths)) == (("on_site", "phone"), 15, {"work": 45})
    assert (found.rules.notice_hours, found.rules.horizon_weeks) == (12, 4)
    assert (first.languages, first.gender, first.means) == (("fa",), "f", ("phone",))
    assert first.weekly[0] == ((time(8, 30), time(12)), (time(13), time(16)))
    assert first.exceptions == {date(2027, 12, 24): (), date(2027, 12, 27): ((time(10), time(11)),)}
    assert (second.languages, second.weekly, second.means) == ((), None, None)
    assert [one.handle for one in found.rooms] == ["small"]


def test_what_is_left_out_has_a_plain_meaning(tmp_path):
    assert read(tmp_path, "site: here\n") == Calendar("here")


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("site: there\n", "here.yml: site: is 'there' but the file is called here.yml; they must be the same."),
        ("site: here\nfoo: 1\n", "here.yml: the file: foo: there is no such entry; there are: site, means"),
        ("site: here\nmeans: [letter]\n", "'letter' is not one of on_site, phone, video."),
        ("site: here\nbuffer_minutes: 10\n", "here.yml: buffer_minutes: 10 is not a multiple of 15."),
        ("site: here\nlengths: {work: 500}\n", "lengths: work: '500' is not a whole number from 15 to 240."),
        ("site: here\nadvisers: {Anna: {}}\n", "use small letters a–z, digits and _ only, and no person's name."),
        ("site: here\ninterpreters: {a: {}}\n", "interpreters: a: name the languages, like 'languages: [ar]'."),
        ("site: here\nrooms: {a: {gender: x}}\n", "rooms: a: gender: 'x' is not one of f, m, unknown."),
        ("site: here\nrooms: {a: {weekly: {monday: closed}}}\n", "weekly: tuesday: is missing; write 'closed'"),
        ("site: here\nrooms: {a: {exceptions: {2027-02-30: closed}}}\n", "'2027-02-30' is not a day that exists"),
        ('site: here\nrooms: {a: {exceptions: {2027-03-01: ["9-10"]}}}\n', "'9-10' is not a time from–to"),
        ('site: here\nrooms: {a: {exceptions: {2027-03-01: ["25:00-26:00"]}}}\n', "has an hour above 23"),
        ('site: here\nrooms: {a: {exceptions: {2027-03-01: ["10:00-09:00"]}}}\n', "ends before it begins"),
        ("site: here\nappointments: {length_minutes: 30}\n", "appointments: notice_hours: is missing."),
        ("site: here\nsite: here\n", "line 2: 'site' stands here twice."),
        ("- a\n", "the file: must hold entries like 'name: …'."),
        ("site: [\n", "here.yml: line 2:"),
    ],
)
def test_a_fault_names_its_place_and_what_may_stand_there(tmp_path, words, fault):
    assert any(fault in line for line in faults(tmp_path, words)), faults(tmp_path, words)


def test_all_faults_are_told_at_once(tmp_path):
    assert len(faults(tmp_path, "site: there\nmeans: [letter]\nbuffer_minutes: 7\n")) == 4


def test_a_file_in_another_encoding_is_refused_with_the_byte(tmp_path):
    (tmp_path / "here.yml").write_bytes("site: här\n".encode("latin-1"))
    with pytest.raises(SiteDataError, match="save the file as UTF-8; byte 8 is not"):
        load_calendars(tmp_path)
