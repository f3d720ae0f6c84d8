"""An appointment in words: when and where, what to show at the counter, what to bring, how to change it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from actions.context import BERLIN, Turn, choice
from actions.documents import papers
from actions.places import choose_site
from office.appointments import Appointment
from office.notifications import notification_key
from office.sites import Site


def when(moment: datetime) -> dict[str, str]:
    """Return day and time of a beginning, as they are said."""
    local = moment.astimezone(BERLIN)
    return {"day": local.date().isoformat(), "time": f"{local:%H:%M}"}


def tell(turn: Turn, appointment: Appointment, site: Site, name: str, case_id: int | None = None) -> None:
    """Say the appointment with everything needed for it; with a case, also that staff know of it."""
    begins = when(appointment.starts_at)
    effects: dict[str, Any] = dict(choose_site(site, turn))
    if case_id is not None:
        effects["handoff"] = {"case": case_id}
        # said here, so the office need not tell it by itself
        effects["told"] = [notification_key(appointment)]
    turn.say(name, {"site": site.id, **begins, "day_de": begins["day"]}, effects=effects)
    if appointment.language:
        turn.say("appointment.interpreted", {"language": appointment.language})
    needed = {"papers": papers("appointment", "bring", turn.today)}
    if appointment.means == "on_site":
        if site.address:
            turn.say("location.address", {"site": site.id, "address": site.id})
        turn.say("appointment.at_counter", {"sentence": "appointment", "code": appointment.code})
        turn.say("appointment.bring", needed)
    else:
        turn.say(f"appointment.by_{appointment.means}", {"code": appointment.code})
        turn.say("appointment.have_ready", needed)
    turn.say(
        "appointment.keep",
        {"link": f"/api/appointments/{appointment.id}.ics"},
        [
            choice("choice.move", "reschedule_appointment", appointment=appointment.id),
            choice("choice.cancel", "cancel_appointment", appointment=appointment.id),
        ],
    )
