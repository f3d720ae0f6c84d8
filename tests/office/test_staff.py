"""Logins and passwords."""

import pytest

from office.errors import StaffError
from office.staff import check_login, count_staff, create_staff, get_staff, set_password

PASSWORD = "correct horse battery"


def test_the_right_password_opens_and_a_wrong_one_does_not(store, work):
    staff = create_staff(work, "Counter", PASSWORD)
    work.commit()
    with store.read() as reading:
        assert check_login(reading, " counter ", PASSWORD).id == staff.id
        assert check_login(reading, "counter", PASSWORD + "x") is None
        assert check_login(reading, "nobody", PASSWORD) is None
        assert check_login(reading, "counter", "") is None


def test_the_password_is_kept_as_an_argon2_hash_only(work):
    staff = create_staff(work, "counter", PASSWORD)
    assert staff.password_hash.startswith("$argon2id$")
    assert PASSWORD not in staff.password_hash
    assert create_staff(work, "other", PASSWORD).password_hash != staff.password_hash


def test_an_unknown_login_costs_a_whole_check_of_a_password(work, monkeypatch):
    import office.staff

    checked = []
    real = office.staff._hasher

    class Spy:
        def verify(self, hash, password):
            checked.append(hash)
            return real.verify(hash, password)

    monkeypatch.setattr(office.staff, "_hasher", Spy())
    assert check_login(work, "nobody", PASSWORD) is None
    parameters = create_staff.__globals__["_NOBODY"].split("$")[3]
    assert len(checked) == 1
    assert real.hash(PASSWORD).split("$")[3] == parameters


def test_a_login_exists_once_whatever_its_case(work):
    create_staff(work, "counter", PASSWORD)
    with pytest.raises(StaffError, match="exists already"):
        create_staff(work, "COUNTER", PASSWORD)


@pytest.mark.parametrize(("login", "password"), [("counter", "short"), ("", PASSWORD), ("x" * 65, PASSWORD)])
def test_a_short_password_or_an_impossible_login_is_refused(work, login, password):
    with pytest.raises(StaffError):
        create_staff(work, login, password)
    assert count_staff(work) == 0


def test_a_login_that_was_switched_off_opens_nothing(work):
    staff = create_staff(work, "counter", PASSWORD)
    assert get_staff(work, staff.id) is staff
    staff.active = False
    assert check_login(work, "counter", PASSWORD) is None
    assert get_staff(work, staff.id) is None


def test_a_new_password_replaces_the_old_one(work):
    staff = create_staff(work, "counter", PASSWORD)
    set_password(work, staff, "another long password")
    assert check_login(work, "counter", PASSWORD) is None
    assert check_login(work, "counter", "another long password") is staff
