"""Who may come in, and how forged forms, guessed passwords and old sessions stay out."""

from __future__ import annotations

from fastapi.routing import APIRoute

from bot.console.sessions import COOKIE, Brake, Sessions
from bot.parts import Parts
from office.staff import get_staff, set_password
from tests.console.conftest import NOW, PASSWORD, Browser, Clock

OPEN = {("GET", "/console/login"), ("POST", "/console/login"), ("POST", "/console/language")}


def console_routes() -> list[tuple[str, str]]:
    from bot.console.routes import routes

    found = [(m, r.path) for r in routes.routes if isinstance(r, APIRoute) for m in sorted(r.methods)]
    assert len(found) >= 16
    return found


def filled(path: str) -> str:
    for name in ("case", "conversation", "appointment", "rest:path"):
        path = path.replace("{" + name + "}", "1-abc")
    return path


async def test_every_page_and_form_but_the_login_sends_strangers_to_the_login(visitor: Browser) -> None:
    for method, path in console_routes():
        if (method, path) in OPEN:
            continue
        # a form with a valid token of an anonymous session: only the login is missing
        await visitor.get("/console/login")
        send = visitor.get if method == "GET" else visitor.post
        answer = await send(filled(path))
        if path.endswith("/events"):
            assert answer.status_code == 401, path
        else:
            assert answer.status_code == 303, f"{method} {path}"
            assert answer.headers["location"].startswith("/console/login"), path


async def test_every_form_needs_the_token_of_its_session(clerk: Browser) -> None:
    for method, path in console_routes():
        if method == "POST":
            answer = await clerk.post(filled(path), token="forged")
            assert answer.status_code == 403, path


async def test_a_token_of_another_session_is_refused(clerk: Browser, colleague: Browser) -> None:
    clerk.page = colleague.page
    answer = await clerk.post("/console/logout")
    assert answer.status_code == 403


async def test_after_the_login_the_page_asked_for_comes(visitor: Browser) -> None:
    answer = await visitor.get("/console/appointments?day=2024-07-08")
    assert answer.headers["location"] == "/console/login?to=%2Fconsole%2Fappointments%3Fday%3D2024-07-08"
    await visitor.get(answer.headers["location"])
    answer = await visitor.post(
        "/console/login", login="clerk", password=PASSWORD, to="/console/appointments?day=2024-07-08"
    )
    assert answer.headers["location"] == "/console/appointments?day=2024-07-08"


async def test_the_login_leads_nowhere_but_into_the_console(visitor: Browser) -> None:
    for to in ("https://example.org/", "//example.org", "/console/../admin", "/console\r\nX: y", "/consolex"):
        await visitor.get("/console/login")
        answer = await visitor.post("/console/login", login="clerk", password=PASSWORD, to=to)
        assert answer.headers["location"] == "/console", to


async def test_a_wrong_password_and_an_unknown_login_read_the_same(visitor: Browser) -> None:
    wrong = await visitor.log_in("clerk", "not the password")
    said = visitor.text
    unknown = await visitor.log_in("nobody", "not the password")
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert visitor.text == said


async def test_five_failures_slow_a_login_down_until_time_has_passed(visitor: Browser, clock: Clock) -> None:
    for _ in range(5):
        assert (await visitor.log_in("clerk", "wrong")).status_code == 401
    refused = await visitor.log_in()
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 2
    clock.pass_(seconds=int(refused.headers["retry-after"]))
    assert (await visitor.log_in()).status_code == 303


def test_each_further_failure_doubles_the_wait_up_to_a_quarter_of_an_hour() -> None:
    brake = Brake()
    waits = []
    for _ in range(20):
        brake.failed("Clerk ", "a", NOW)
        waits.append(brake.wait("clerk", "a", NOW).total_seconds())
    assert waits[:8] == [0, 0, 0, 0, 2, 4, 8, 16]
    assert waits[-1] == 900
    assert not brake.wait("clerk", "elsewhere", NOW)
    assert not brake.wait("other", "a", NOW)


async def test_the_login_begins_a_new_session_so_that_none_can_be_fixed(visitor: Browser) -> None:
    await visitor.get("/console/login")
    planted = visitor.http.cookies[COOKIE]
    await visitor.log_in()
    assert visitor.http.cookies[COOKIE] != planted
    visitor.http.cookies.clear()
    visitor.http.cookies.set(COOKIE, planted, domain="localhost.local", path="/console")
    assert (await visitor.get("/console")).status_code == 303


async def test_the_cookie_is_closed_to_scripts_and_other_sites(visitor: Browser) -> None:
    cookie = (await visitor.get("/console/login")).headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "path=/console" in cookie
    assert "secure" not in cookie


async def test_in_production_the_cookie_travels_encrypted_only(make) -> None:
    secret = "kJ8-vQ2xPz7LwRt5Yb9NcMf3HgDs6AeU4iOq"
    browser = Browser(make(mode="production", secret_key=secret))
    cookie = (await browser.get("/console/login")).headers["set-cookie"].lower()
    assert "; secure" in cookie
    await browser.http.aclose()


async def test_logging_out_ends_the_session_for_a_copied_cookie_too(clerk: Browser) -> None:
    copied = clerk.http.cookies[COOKIE]
    assert (await clerk.post("/console/logout")).status_code == 303
    clerk.http.cookies.set(COOKIE, copied, domain="localhost.local", path="/console")
    assert (await clerk.get("/console")).status_code == 303


async def test_a_session_ends_after_a_working_day(clerk: Browser, clock: Clock) -> None:
    clock.pass_(hours=9.9)
    assert (await clerk.get("/console")).status_code == 200
    clock.pass_(hours=0.2)
    assert (await clerk.get("/console")).status_code == 303


async def test_a_page_left_open_is_not_replaced_by_the_login(clerk: Browser, clock: Clock) -> None:
    clock.pass_(hours=11)
    answer = await clerk.http.get("/console", headers={"HX-Request": "true"})
    assert answer.status_code == 401 and not answer.text


async def test_a_changed_password_ends_all_sessions(clerk: Browser, parts: Parts, clerks: tuple[int, int]) -> None:
    with parts.store.begin() as work:
        set_password(work, get_staff(work, clerks[0]), "another long password")
        work.commit()
    assert (await clerk.get("/console")).status_code == 303


def test_a_session_signed_with_another_key_is_nobody() -> None:
    ours, theirs = Sessions("a" * 40), Sessions("b" * 40)
    forged = theirs.write(theirs.logged_in(1, "hash", NOW))
    assert ours.read(forged, NOW) is None
    for nonsense in ("", "x", "WzFd.abc", "\u00e9"):
        assert ours.read(nonsense, NOW) is None


def test_the_address_of_a_case_cannot_be_guessed() -> None:
    sessions = Sessions("a" * 40)
    sealed = sessions.seal(7)
    assert sessions.unseal(sealed) == 7
    for guess in ("7", "7-", "8" + sealed[1:], sealed + "0", "x" + sealed, "²-a"):
        assert sessions.unseal(guess) is None


async def test_the_console_speaks_english_after_the_switch(clerk: Browser) -> None:
    await clerk.post("/console/language", language="en", to="/console")
    await clerk.get("/console")
    assert '<html lang="en"' in clerk.page
    assert "What is most urgent?" in clerk.page


async def test_pages_are_kept_by_no_browser_and_run_no_inline_script(clerk: Browser) -> None:
    for path in ("/console", "/console/appointments", "/console/nowhere"):
        answer = await clerk.get(path)
        assert answer.headers["cache-control"] == "no-store"
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert "<script>" not in clerk.page and " onclick=" not in clerk.page and " style=" not in clerk.page
