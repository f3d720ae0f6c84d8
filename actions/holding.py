"""Hold, confirm, book, move: each step one unit of work, with the case that staff see opened in it."""

from __future__ import annotations

from typing import Any

from actions.context import BERLIN, Turn, open_store
from actions.plan import wish_of
from office import appointments, waiting
from office.appointments import Appointment
from office.cases import open_case
from office.conversations import get_conversation
from office.errors import UnknownConversation
from office.tables import Means


def means_of(slot_id: str) -> Means:
    """Return the means a slot id names."""
    last = slot_id.rpartition(":")[2]
    return "phone" if last == "phone" else "video" if last == "video" else "on_site"


def slot_of(appointment: Appointment) -> str:
    """Return the id of the slot an appointment or hold has."""
    local = appointment.starts_at.astimezone(BERLIN)
    means = "" if appointment.means == "on_site" else f":{appointment.means}"
    return f"{appointment.site}:{local:%Y-%m-%dT%H:%M}{means}"


def offered_to(turn: Turn, slot_id: str) -> bool:
    """Return whether the waiting list keeps this time for the conversation now."""
    try:
        with open_store().read() as work:
            offer = waiting.offer_of(work, get_conversation(work, turn.conversation), turn.now)
            return offer is not None and slot_of(offer) == slot_id
    except UnknownConversation:
        return False


def reserve(turn: Turn, slot_id: str) -> Appointment:
    """Hold a slot for the plan; what the plan held before is given back. Raises what hold() raises."""
    plan = turn.memory.booking
    with open_store().begin() as work:
        conversation = get_conversation(work, turn.conversation)
        before = appointments.hold_of(work, plan.get("hold") or "", conversation, turn.now)
        if before is not None and slot_of(before) != slot_id:
            appointments.release_hold(work, before, turn.now)
        moving = own(work, conversation, turn, plan.get("moving"))
        held = appointments.hold(work, slot_id, conversation, wish_of(plan), turn.now, replaces=moving)
        work.commit()
        return held


def held_now(turn: Turn) -> Appointment | None:
    """Return what the plan holds; None if it holds nothing, or its time ran out."""
    try:
        with open_store().read() as work:
            conversation = get_conversation(work, turn.conversation)
            return appointments.hold_of(work, turn.memory.booking.get("hold") or "", conversation, turn.now)
    except UnknownConversation:
        return None


def own_appointments(turn: Turn) -> list[Appointment]:
    """Return the coming appointments; none for a conversation the house does not know."""
    try:
        with open_store().read() as work:
            conversation = get_conversation(work, turn.conversation)
            return list(appointments.appointments_of(work, conversation, turn.now))
    except UnknownConversation:
        return []


def release(turn: Turn) -> None:
    """Give back what the plan holds."""
    hold_id = turn.memory.booking.pop("hold", None)
    if hold_id is None:
        return
    try:
        with open_store().begin() as work:
            conversation = get_conversation(work, turn.conversation)
            held = appointments.hold_of(work, hold_id, conversation, turn.now)
            offer = waiting.offer_of(work, conversation, turn.now)
            # What the waiting list offers is declined by its own button only.
            if held is not None and (offer is None or offer.id != held.id):
                appointments.release_hold(work, held, turn.now)
                work.commit()
    except UnknownConversation:
        return


def confirm(turn: Turn, hold_id: str) -> tuple[Appointment, int]:
    """Book what is held; returns the appointment and its case. Raises HoldExpired or TooManyAppointments."""
    with open_store().begin() as work:
        conversation = get_conversation(work, turn.conversation)
        appointment = appointments.confirm(work, hold_id, conversation, turn.now)
        case = _case(work, conversation, appointment, turn)
        work.commit()
        return appointment, case


def book(turn: Turn, slot_id: str) -> tuple[Appointment, int]:
    """Book, move or book again in one step; returns the appointment and its case."""
    plan = turn.memory.booking
    with open_store().begin() as work:
        conversation = get_conversation(work, turn.conversation)
        if moving := own(work, conversation, turn, plan.get("moving")):
            appointment = appointments.move(work, moving, slot_id, turn.now)
        elif plan.get("again"):
            earlier = appointments.get_appointment(work, plan["again"])
            appointment = appointments.rebook(work, earlier, slot_id, turn.now)
        else:
            appointment = appointments.book(
                work,
                slot_id,
                conversation,
                topic=plan["topic"],
                now=turn.now,
                key=f"{turn.conversation}:{slot_id}",
            )
        case = _case(work, conversation, appointment, turn)
        work.commit()
        return appointment, case


def _case(work: Any, conversation: Any, appointment: Appointment, turn: Turn) -> int:
    return open_case(
        work,
        conversation,
        topic=appointment.topic,
        site=appointment.site,
        facts=facts_for_staff(turn),
        now=turn.now,
        appointment=appointment,
        kind="appointment",
    ).id


def own(work: Any, conversation: Any, turn: Turn, appointment_id: str | None) -> Appointment | None:
    """Return the conversation's own open appointment of this id; None if it has none such."""
    found = appointments.appointments_of(work, conversation, turn.now)
    return next((a for a in found if a.id == appointment_id), None)


def facts_for_staff(turn: Turn) -> dict[str, Any]:
    """Return the facts told so far, with the range beside a day that was only approximately known."""
    facts = dict(turn.memory.facts)
    if turn.memory.approximate:
        facts["approximate"] = dict(turn.memory.approximate)
    return facts
