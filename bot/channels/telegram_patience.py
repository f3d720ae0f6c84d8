"""Waiting for Telegram: how long, how often again, and how to be woken when the app stops."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_exponential

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pace:
    """Times in seconds; tests give shorter ones."""

    first: float = 1.0  # wait after the first failure; doubles from there
    longest: float = 60.0
    look: float = 5.0  # how often the outbox is looked at when nothing wakes the sender
    poll: int = 30  # how long Telegram holds a request for news open
    slow: float = 1.0  # from when on a turn no longer keeps others waiting
    thinking: float = 0.4  # from when on 'typing' is shown
    typing: float = 4.0  # Telegram shows 'typing' for five seconds
    leave: float = 5.0  # how long what has begun may take when the app stops


class Patience:
    """Waits that end when the app stops."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.stopping = asyncio.Event()

    async def rest(self, seconds: float) -> None:
        """Wait so long, or until the app stops."""
        try:
            await asyncio.wait_for(self.stopping.wait(), seconds)
        except TimeoutError:
            return

    def retrying(self, what: str, *errors: type[BaseException]) -> AsyncRetrying:
        """Try again after these errors, ever more slowly; raises the last one once the app stops."""

        def tell(state: RetryCallState) -> None:
            error = state.outcome.exception() if state.outcome else None
            # the class only: the text of an error may hold the token
            log.warning(
                "telegram does not answer",
                extra={"what": what, "why": type(error).__name__, "attempt": state.attempt_number},
            )

        return AsyncRetrying(
            retry=retry_if_exception_type(errors),
            wait=wait_exponential(multiplier=self.pace.first, max=self.pace.longest),
            stop=lambda _state: self.stopping.is_set(),
            sleep=self.rest,
            before_sleep=tell,
            reraise=True,
        )
