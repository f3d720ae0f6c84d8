"""What the office refuses, each with a sentence that says what to do."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from office.slots import Slot
    from office.tables import Means


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


class OtherSlots(OfficeError):
    """The wished time cannot be had; `next` are the next free slots for the same wish, perhaps none."""

    def __init__(self, sentence: str, next: "Sequence[Slot]" = ()) -> None:
        super().__init__(sentence)
        self.next = list(next)


class SlotUnknown(OtherSlots):
    """The slot id is malformed, or the office offers nothing then (closed, too soon, too far ahead)."""


class SlotTaken(OtherSlots):
    """Somebody else holds this slot; offer the next ones."""


class HoldExpired(OtherSlots):
    """The slot is no longer held for this conversation; if it is still free it is the first of `next`."""


class NoMeans(OfficeError):
    """The office gives no appointments by this means; `means` are those it has."""

    def __init__(self, sentence: str, means: "Sequence[Means]") -> None:
        super().__init__(sentence)
        self.means = tuple(means)


class NoInterpreter(OfficeError):
    """Nobody of the office interprets this; `because` says what cannot be met, `languages` what can."""

    def __init__(
        self, sentence: str, languages: "Sequence[str]", because: Literal["language", "gender", "means"]
    ) -> None:
        super().__init__(sentence)
        self.languages = tuple(languages)
        self.because = because


class TooManyAppointments(OfficeError):
    """The conversation already has as many open appointments as one conversation may have."""


class TooManyHolds(OfficeError):
    """The conversation holds as many slots as it may; `minutes` until it may hold another one."""

    def __init__(self, sentence: str, minutes: int) -> None:
        super().__init__(sentence)
        self.minutes = minutes


class WaitingError(OfficeError):
    """This cannot be done with the place on the waiting list; the text says why."""


class ImpossibleDay(OfficeError):
    """A day that no calendar has, such as 30 February."""


class AppointmentError(OfficeError):
    """The appointment is in a state in which this cannot be done any more."""


class HandoffError(OfficeError):
    """The case is in a state in which this cannot be done; the text says what can."""


class StaffError(OfficeError):
    """A login that exists already, or a password that is too short."""
