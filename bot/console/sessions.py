"""Who is logged in: a signed cookie, the token that every form carries, and a brake for guessed passwords."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer

COOKIE = "lotse_staff"
PATH = "/console"
LASTS = timedelta(hours=10)  # a working day; then one logs in again
FREE_FAILURES = 5
LONGEST_WAIT = timedelta(minutes=15)
FORGET_AFTER = timedelta(hours=1)
KEPT = 10_000  # logins and addresses remembered; the one unused for longest goes first


@dataclass(frozen=True)
class Session:
    """What the cookie says. `staff` None: nobody has logged in, the session only carries the form token."""

    nonce: str
    began: datetime
    staff: int | None = None
    print: str = ""


class Sessions:
    """Makes and reads session cookies. Each login is a new session, so none can be fixed beforehand."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()
        self._serializer = URLSafeSerializer(key, salt="lotse.console.session")
        # in this process only; a session that is not named here ends by itself after LASTS
        self._ended: OrderedDict[str, None] = OrderedDict()

    def anonymous(self, now: datetime) -> Session:
        """Return a new session of nobody."""
        return Session(secrets.token_urlsafe(16), now)

    def logged_in(self, staff: int, password_hash: str, now: datetime) -> Session:
        """Return a new session of a member of staff; a changed password ends it."""
        return Session(secrets.token_urlsafe(16), now, staff, self.print_of(password_hash))

    def print_of(self, password_hash: str) -> str:
        """Return a short fingerprint of a password hash that gives nothing of it away."""
        return self._mac("password", password_hash)[:16]

    def write(self, session: Session) -> str:
        """Return the value of the cookie."""
        began = int(session.began.timestamp())
        return self._serializer.dumps([session.nonce, began, session.staff, session.print])

    def read(self, cookie: str | None, now: datetime) -> Session | None:
        """Return the session of a cookie; None if it is missing, forged, ended or too old."""
        if not cookie:
            return None
        try:
            nonce, began, staff, fingerprint = self._serializer.loads(cookie)
            session = Session(nonce, datetime.fromtimestamp(began, now.tzinfo), staff, fingerprint)
        except (BadSignature, ValueError, TypeError):
            return None
        over = now - session.began >= LASTS or session.nonce in self._ended
        return None if over else session

    def end(self, session: Session) -> None:
        """Let a session end now, wherever a copy of its cookie is."""
        self._ended[session.nonce] = None
        if len(self._ended) > KEPT:
            self._ended.popitem(last=False)

    def form_token(self, session: Session) -> str:
        """Return what every form of this session carries (CSRF)."""
        return self._mac("form", session.nonce)

    def form_is_ours(self, session: Session, token: str) -> bool:
        """True if a form was made by this session's pages."""
        return hmac.compare_digest(self.form_token(session).encode(), token.encode())

    def seal(self, number: int) -> str:
        """Return a number as it stands in an address: nobody can guess the next one."""
        return f"{number}-{self._mac('number', str(number))[:12]}"

    def unseal(self, sealed: str) -> int | None:
        """Return the number of an address; None if we did not make it."""
        number, _, _tag = sealed.partition("-")
        if not (number.isascii() and number.isdigit() and len(number) < 16):
            return None
        return int(number) if hmac.compare_digest(self.seal(int(number)).encode(), sealed.encode()) else None

    def _mac(self, purpose: str, text: str) -> str:
        return hmac.new(self._key, f"lotse.console.{purpose}:{text}".encode(), hashlib.sha256).hexdigest()


class Brake:
    """Slows down guessing: after five failures for a login from an address, each wait is twice the last."""

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[str, str], tuple[int, datetime]] = OrderedDict()

    def wait(self, login: str, address: str, now: datetime) -> timedelta:
        """Return how long to wait before the next try; nothing to wait for is timedelta(0)."""
        count, last = self._of(login, address, now)
        if count < FREE_FAILURES:
            return timedelta(0)
        # 2 ** 20 seconds is more than the longest wait; larger powers would only overflow
        pause = min(timedelta(seconds=2 ** min(count - FREE_FAILURES + 1, 20)), LONGEST_WAIT)
        return max(last + pause - now, timedelta(0))

    def failed(self, login: str, address: str, now: datetime) -> None:
        """Note a failed try."""
        count, _ = self._of(login, address, now)
        self._failures[_name(login), address] = (count + 1, now)
        self._failures.move_to_end((_name(login), address))
        if len(self._failures) > KEPT:
            self._failures.popitem(last=False)

    def succeeded(self, login: str, address: str) -> None:
        """Forget the failures of a login that has proved itself."""
        self._failures.pop((_name(login), address), None)

    def _of(self, login: str, address: str, now: datetime) -> tuple[int, datetime]:
        count, last = self._failures.get((_name(login), address), (0, now))
        return (0, now) if now - last > FORGET_AFTER else (count, last)


def _name(login: str) -> str:
    # as office.staff compares logins; longer ones do not exist
    return login.strip().casefold()[:64]
