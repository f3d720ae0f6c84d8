"""The first staff login of an installation: random, made once, kept where only the operator can read it."""

from __future__ import annotations

import secrets

from bot.settings import Settings
from office.staff import count_staff, create_staff
from office.store import Store

LOGIN = "staff"


def first_login(store: Store, settings: Settings) -> tuple[str, str] | None:
    """Return login and password of the first member of staff; None once the operator removed the note.

    The first call creates them and writes `<state>/staff-login.txt` (readable by its owner only). The
    database keeps an argon2 hash; deleting the note leaves the login valid and stops it from being printed.
    """
    note = settings.state / "staff-login.txt"
    with store.begin() as work:
        if count_staff(work) == 0:
            # 16 random bytes, spoken as 22 letters and digits
            password = secrets.token_urlsafe(16)
            create_staff(work, LOGIN, password)
            note.touch(mode=0o600)
            note.write_text(f"{LOGIN} {password}\n", encoding="utf-8")
            work.commit()
    if not note.exists():
        return None
    login, password = note.read_text(encoding="utf-8").split()
    return login, password
