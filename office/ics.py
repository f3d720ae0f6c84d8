"""The appointment as a calendar file; it never says what the visit is about."""

import hashlib
from datetime import datetime, timedelta

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard

from office.clock import berlin
from office.sites import Site
from office.tables import Appointment

__all__ = ["ics"]

PRODUCT = "-//Lotse//Appointments//DE"


def ics(appointment: Appointment, site: Site, *, summary: str, description: str, location: str) -> bytes:
    """Return the calendar file. The words are the caller's and must not name the reason of the visit.

    The same appointment always has the same UID; SEQUENCE grows when it is moved or cancelled, so that a
    calendar that has it changes it. A cancelled one says METHOD:CANCEL and STATUS:CANCELLED: some calendars
    look at the one, some at the other.
    """
    cancelled = appointment.state.startswith("cancelled")
    starts_at, ends_at = berlin(appointment.starts_at), berlin(appointment.ends_at)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "CANCEL" if cancelled else "PUBLISH")
    calendar.add_component(_berlin())
    event = Event()
    event.add("uid", _uid(appointment))
    event.add("dtstamp", appointment.changed_at)
    event.add("created", appointment.created_at)
    event.add("last-modified", appointment.changed_at)
    event.add("sequence", appointment.sequence)
    event.add("dtstart", starts_at)
    event.add("dtend", ends_at)
    event.add("summary", summary)
    event.add("description", description)
    event.add("location", location)
    if site.email:
        # RFC 5546 wants to know who says so before an entry is taken away.
        event.add("organizer", f"mailto:{site.email[0]}")
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if cancelled else "OPAQUE")
    event.add("class", "PRIVATE")
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _berlin() -> Timezone:
    """Return Europe/Berlin under the rules of the EU, in force since 1996.

    Written out because icalendar's own table puts the beginning of summer time at 3:00 instead of 2:00.
    """
    # Without a zone on purpose: these are what the rule itself says in local time.
    zone = Timezone()
    zone.add("tzid", "Europe/Berlin")
    for kind, name, before, after, first, month in (
        (TimezoneDaylight, "CEST", 1, 2, datetime(1996, 3, 31, 2), 3),  # noqa: DTZ001
        (TimezoneStandard, "CET", 2, 1, datetime(1996, 10, 27, 3), 10),  # noqa: DTZ001
    ):
        part = kind()
        part.add("tzname", name)
        part.add("tzoffsetfrom", timedelta(hours=before))
        part.add("tzoffsetto", timedelta(hours=after))
        part.add("dtstart", first)
        part.add("rrule", {"freq": "yearly", "bymonth": month, "byday": "-1su"})
        zone.add_component(part)
    return zone


def _uid(appointment: Appointment) -> str:
    # The id opens the appointment, the UID travels through calendars: one must not give the other away.
    return hashlib.sha256(f"lotse:{appointment.id}".encode()).hexdigest()[:32] + "@lotse"
