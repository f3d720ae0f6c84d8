"""The person's own appointments: when, cancel, move, reminders."""

from __future__ import annotations

from actions import booking, holding, waiting_list
from actions.appointment_said import tell, when
from actions.base import UNASKED, SpokenAction, flow
from actions.context import Turn, choice, open_store
from actions.conversation import CONFIRMED, yes_no
from actions.holding import own_appointments
from actions.plan import like
from office import appointments
from office.appointments import Appointment
from office.conversations import get_conversation
from office.errors import OfficeError, UnknownConversation
from office.notifications import notification_key, set_reminders
from office.sites import sites


def _none(turn: Turn) -> None:
    turn.memory.close()
    turn.say(
        "appointment.you_have_none",
        choices=[choice("choice.book", "book_appointment"), choice("choice.person", "request_human")],
    )


def _which(turn: Turn, own: list[Appointment], intent: str, ask: str) -> Appointment | None:
    """Return the appointment that is meant: named by a button, or the only one. None: asked which."""
    named = turn.entity("appointment")
    if named is not None:
        found = next((a for a in own if a.id == named), None)
        if found is None:
            turn.say("appointment.not_open")
        return found
    if len(own) == 1:
        return own[0]
    turn.say(ask, choices=[_choice(a, intent) for a in own])
    return None


def _choice(appointment: Appointment, intent: str) -> dict[str, object]:
    return choice("choice.slot", intent, when(appointment.starts_at), appointment=appointment.id)


class ActionMyAppointment(SpokenAction):
    action_name = "action_my_appointment"

    def answer(self, turn: Turn) -> None:
        own = own_appointments(turn)
        for appointment in own:
            tell(turn, appointment, sites()[appointment.site], "appointment.yours")
        if own:
            turn.offer(_reminders_choice(_reminded(turn)))
        if not _say_waiting(turn) and not own:
            _none(turn)


def _say_waiting(turn: Turn) -> bool:
    try:
        with open_store().read() as work:
            conversation = get_conversation(work, turn.conversation)
            return waiting_list.say_place(turn, work, conversation, "waiting.yours")
    except UnknownConversation:
        return False


def _reminded(turn: Turn) -> bool:
    with open_store().read() as work:
        return bool(get_conversation(work, turn.conversation).reminders)


def _reminders_choice(on: bool) -> dict[str, object]:
    """The button that changes what is now."""
    if on:
        return choice("choice.no_reminders", "inform", reminders="off")
    return choice("choice.reminders", "inform", reminders="on")


def reminders(turn: Turn) -> bool:
    """Switch the reminders off or on, whatever else is asked now."""
    wanted = turn.entity("reminders")
    if wanted not in ("on", "off"):
        return False
    on = wanted == "on"
    try:
        with open_store().begin() as work:
            set_reminders(work, get_conversation(work, turn.conversation), on, turn.now)
            work.commit()
    except UnknownConversation:
        turn.say("appointment.only_in_chat")
    else:
        turn.say(f"reminders.{wanted}", choices=[_reminders_choice(on)])
    return True


UNASKED.append(reminders)


class ActionCancelAppointment(SpokenAction):
    """Cancels after one 'really?'; where there are several, asks which one first."""

    action_name = "action_cancel_appointment"

    def answer(self, turn: Turn) -> None:
        own = own_appointments(turn)
        if not own:
            _none(turn)
            return
        meant = _which(turn, own, "cancel_appointment", "appointment.which_cancel")
        if meant is None:
            return
        turn.memory.topic = "cancel"
        turn.memory.open_question = {"appointment": meant.id}
        begins = when(meant.starts_at)
        values = {"site": meant.site, **begins, "day_de": begins["day"]}
        turn.ask("cancel_confirmed", "appointment.really_cancel", values, yes_no())


@flow("cancel")
def ask_again(turn: Turn) -> None:
    """Neither yes nor no: ask once more."""
    turn.ask("cancel_confirmed", "ask.cancel_confirmed", choices=yes_no())


@flow("delete_my_data")
def ask_delete_again(turn: Turn) -> None:
    """Neither yes nor no: ask once more."""
    turn.ask("delete_confirmed", "privacy.really_delete", choices=yes_no())


def cancel(turn: Turn) -> None:
    """Cancel what was asked about; the slot is free again at once."""
    wanted = turn.memory.open_question.get("appointment")
    turn.memory.close()
    try:
        with open_store().begin() as work:
            conversation = get_conversation(work, turn.conversation)
            own = appointments.appointments_of(work, conversation, turn.now)
            found = next((a for a in own if a.id == wanted), None)
            if found is None:
                turn.say("appointment.not_open")
                return
            appointments.cancel(work, found, turn.now, by="person")
            values = {"site": found.site, **when(found.starts_at)}
            told = notification_key(found)
            work.commit()
    except OfficeError:
        turn.say("appointment.not_open")
        return
    turn.say("appointment.cancelled", values, [choice("choice.book", "book_appointment")], effects={"told": [told]})


CONFIRMED["cancel_confirmed"] = cancel


class ActionRescheduleAppointment(SpokenAction):
    action_name = "action_reschedule_appointment"

    def answer(self, turn: Turn) -> None:
        own = own_appointments(turn)
        if not own:
            _none(turn)
            return
        meant = _which(turn, own, "reschedule_appointment", "appointment.which_move")
        if meant is None:
            return
        if (turn.memory.suspended or {}).get("topic") == booking.TOPIC:
            # 'Move it' ends the booking of another one.
            turn.memory.suspended = None
        holding.release(turn)
        turn.memory.booking = {**like(meant), "moving": meant.id}
        turn.entities = {k: v for k, v in turn.entities.items() if k in ("day", "time_of_day", "bad_date", "means")}
        booking.booking(turn)
