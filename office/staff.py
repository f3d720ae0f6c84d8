"""Staff logins for the console; passwords are kept as argon2 hashes only."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, select

from office.errors import StaffError
from office.store import Work
from office.tables import Staff

__all__ = ["MIN_PASSWORD", "Staff", "check_login", "count_staff", "create_staff", "get_staff", "set_password"]

MIN_PASSWORD = 12
_hasher = PasswordHasher()
# Checked when the login is unknown, so that the time taken does not tell which logins exist.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$bm9ib2R5bm9ib2R5bm8$0000000000000000000000000000000000000000000"


def create_staff(work: Work, login: str, password: str) -> Staff:
    """Create a login (kept in lower case); raises StaffError if it exists or the password is too short."""
    name = _normal(login)
    if not name or len(name) > 64:
        raise StaffError("A login has between 1 and 64 characters.")
    # Hashing takes long on purpose: do it before the first statement takes the write lock.
    hashed = _hash(password)
    if work.session.scalar(select(Staff.id).where(Staff.login == name)) is not None:
        raise StaffError(f"The login {name!r} exists already; choose another one.")
    staff = Staff(login=name, password_hash=hashed, active=True)
    work.session.add(staff)
    work.session.flush()
    return staff


def set_password(work: Work, staff: Staff, password: str) -> None:
    """Replace the password; raises StaffError if it is too short."""
    staff.password_hash = _hash(password)
    work.session.flush()


def check_login(work: Work, login: str, password: str) -> Staff | None:
    """Return the member of staff; None if login or password is wrong, or the login was switched off.

    Takes about a tenth of a second on purpose: call it in a reading unit of work,
    so that no writer waits for it.
    """
    staff = work.session.scalar(select(Staff).where(Staff.login == _normal(login)))
    try:
        _hasher.verify(staff.password_hash if staff else _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return None
    return staff if staff is not None and staff.active else None


def get_staff(work: Work, id: int) -> Staff | None:
    """Return an active member of staff by id; None if there is none (a session that outlived its login)."""
    staff = work.session.get(Staff, id)
    return staff if staff is not None and staff.active else None


def count_staff(work: Work) -> int:
    """Return how many logins exist; 0 means that the installation still needs its first one."""
    return work.session.scalar(select(func.count()).select_from(Staff)) or 0


def _hash(password: str) -> str:
    if len(password) < MIN_PASSWORD:
        raise StaffError(f"A password needs at least {MIN_PASSWORD} characters.")
    return _hasher.hash(password)


def _normal(login: str) -> str:
    return login.strip().casefold()
