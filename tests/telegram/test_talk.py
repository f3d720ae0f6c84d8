"""What people do in Telegram and what they get."""

from __future__ import annotations

from bot.channels.telegram import Telegram
from bot.replies import Replies
from tests.api.conftest import FakeRasa, says
from tests.telegram.conftest import Kept
from tests.telegram.emulator import Emulator

HOURS = {"label": "choice.opening_hours", "payload": "/ask_opening_hours"}
YES, NO = (
    {"label": f"choice.{word}", "payload": f"/{payload}"} for word, payload in (("yes", "affirm"), ("no", "deny"))
)


async def test_a_text_is_answered_in_the_language_it_was_written_in(
    emulator: Emulator, channel: Telegram, rasa: FakeRasa, replies: Replies
) -> None:
    await emulator.say("Guten Morgen, wann haben Sie heute geöffnet?")
    (answer,) = await emulator.sent()
    assert answer.text == replies.render("greet.hello", {}, "de")
    assert rasa.last["message"] == "Guten Morgen, wann haben Sie heute geöffnet?"


async def test_the_addresses_in_an_answer_are_not_opened_for_a_preview(emulator: Emulator, channel: Telegram) -> None:
    await emulator.say("Hallo")
    (answer,) = await emulator.sent()
    assert "is_disabled" in answer.data["link_preview_options"]
    assert "parse_mode" not in answer.data
