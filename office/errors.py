"""What the office refuses, each with a sentence that says what to do."""


class OfficeError(Exception):
    """Anything this package refuses; the text is for staff and logs, never for the person in the chat."""


class UnknownConversation(OfficeError):
    """No conversation has this id: it never existed, or it was erased."""


class UnknownSite(OfficeError):
    """No Integration Point with this id is configured."""


class UnknownAppointment(OfficeError):
    """No appointment has this id or code."""


class UnknownCase(OfficeError):
    """No case has this id."""


class SiteDataError(OfficeError):
    """A site file cannot be used; the text lists every fault with its place in the file."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class NoHours(OfficeError):
    """The site's opening hours are not known, so no slot can be offered; open a case without appointment."""


class SlotUnknown(OfficeError):
    """The slot id is malformed, or the office offers nothing then (closed, too soon, too far ahead)."""


class SlotTaken(OfficeError):
    """Somebody else holds this slot; offer the next ones."""


class TooManyAppointments(OfficeError):
    """The conversation already has as many open appointments as one conversation may have."""


class AppointmentError(OfficeError):
    """The appointment is in a state in which this cannot be done any more."""


class HandoffError(OfficeError):
    """The case is in a state in which this cannot be done; the text says what can."""


class StaffError(OfficeError):
    """A login that exists already, or a password that is too short."""
