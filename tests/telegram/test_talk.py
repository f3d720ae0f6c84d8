"""What people do in Telegram and what they get."""

from __future__ import annotations

from bot.channels.telegram import Telegram
from bot.replies import Replies
from tests.api.conftest import FakeRasa, says
from tests.telegram.conftest import Kept
from tests.telegram.emulator import BOT, Emulator, message

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


async def test_a_button_sends_its_payload_and_its_keyboard_goes(
    emulator: Emulator, channel: Telegram, rasa: FakeRasa, replies: Replies
) -> None:
    rasa.answer = says("greet.hello", choices=[HOURS, NO])
    await emulator.say("Hallo")
    (offer,) = await emulator.sent()
    assert [title for title, _ in offer.keys] == [
        replies.render("choice.opening_hours", {}, "de"),
        replies.render("choice.no", {}, "de"),
    ]
    rasa.answer = says("conversation.what_next")
    await emulator.press(offer.keys[0][1], on=offer.message_id)
    await emulator.sent(2)
    assert rasa.last["message"] == "/ask_opening_hours"
    (answered,) = await emulator.called("answerCallbackQuery")
    assert "text" not in answered.data
    (removed,) = await emulator.called("editMessageReplyMarkup")
    assert (int(removed.data["message_id"]), "reply_markup" in removed.data) == (offer.message_id, False)


async def test_a_button_pressed_twice_is_answered_once(
    emulator: Emulator, channel: Telegram, rasa: FakeRasa, kept: Kept, replies: Replies
) -> None:
    rasa.answer = says("greet.hello", choices=[HOURS])
    await emulator.say("Hallo")
    (offer,) = await emulator.sent()
    await emulator.press(offer.keys[0][1])
    await emulator.press(offer.keys[0][1])
    toasts = await emulator.called("answerCallbackQuery", 2)
    assert [toast.data.get("text") for toast in toasts] == [None, replies.render("telegram.button_again", {}, "de")]
    assert kept.names().count("/ask_opening_hours") == 1


async def test_a_yes_to_an_earlier_question_is_not_taken_for_the_newest(
    emulator: Emulator, channel: Telegram, rasa: FakeRasa, kept: Kept, replies: Replies
) -> None:
    rasa.answer = says("privacy.really_delete", choices=[YES, NO])
    await emulator.say("Bitte löschen Sie alles")
    (offer,) = await emulator.sent()
    rasa.answer = says("conversation.what_next")
    await emulator.say("Wann haben Sie denn eigentlich geöffnet?")
    await emulator.sent(2)
    await emulator.press(offer.keys[0][1])
    (toast,) = await emulator.called("answerCallbackQuery")
    assert toast.data["text"] == replies.render("telegram.button_old", {}, "de")
    assert "/affirm" not in kept.names()


async def test_a_topic_under_an_old_message_still_works(
    emulator: Emulator, channel: Telegram, rasa: FakeRasa, kept: Kept
) -> None:
    rasa.answer = says("greet.hello", choices=[HOURS])
    await emulator.say("Hallo")
    (offer,) = await emulator.sent()
    await emulator.say("Ich habe da noch eine andere Frage")
    await emulator.sent(2)
    await emulator.press(offer.keys[0][1])
    await emulator.sent(3)
    assert kept.names()[-2] == "/ask_opening_hours"


async def test_a_button_of_another_chat_or_of_nobody_means_nothing(
    emulator: Emulator, channel: Telegram, rasa: FakeRasa, kept: Kept, replies: Replies
) -> None:
    rasa.answer = says("greet.hello", choices=[HOURS])
    await emulator.say("Hallo", chat=8)
    (offer,) = await emulator.sent(chat=8)
    gone = {code: replies.render("telegram.button_gone", {}, code) for code in ("de", "ar")}
    await emulator.press(offer.keys[0][1], chat=7, language="ar")
    (first,) = await emulator.called("answerCallbackQuery")
    assert first.data["text"] == gone["ar"]
    for count, data in enumerate(("m999999:0", "m1:0", "/affirm"), start=2):
        await emulator.press(data, chat=8)
        assert (await emulator.called("answerCallbackQuery", count))[-1].data["text"] == gone["de"]
    assert (len(rasa.got), kept.messages(7)) == (1, [])


async def test_a_press_too_old_for_a_notice_is_answered_in_the_chat(
    emulator: Emulator, channel: Telegram, replies: Replies
) -> None:
    emulator.fail("answerCallbackQuery", 400, "Bad Request: query is too old")
    await emulator.press("m999999:0", language="en")
    (answer,) = await emulator.sent()
    assert answer.text == replies.render("telegram.button_gone", {}, "en")


async def test_start_greets_in_the_language_of_the_persons_telegram(
    emulator: Emulator, channel: Telegram, rasa: FakeRasa, kept: Kept, replies: Replies
) -> None:
    await emulator.say("/start warendorf", language="ar-EG")
    (answer,) = await emulator.sent()
    assert answer.text == replies.render("greet.hello", {}, "ar")
    assert rasa.last["message"] == "/greet"
    assert kept.conversation().site == "warendorf"


async def test_start_offers_the_languages_if_we_share_none(
    emulator: Emulator, channel: Telegram, rasa: FakeRasa, kept: Kept, replies: Replies
) -> None:
    await emulator.say("/start", language="so")
    (offer,) = await emulator.sent()
    offered = replies.languages.offered
    assert all(replies.render("language.which", {}, code) in offer.text for code in offered)
    assert [title for title, _ in offer.keys] == [replies.render(f"choice.language.{c}", {}, c) for c in offered]
    rasa.answer = says("language.changed", effects={"language": "ar"})
    arabic = next(data for title, data in offer.keys if title == "العربية")
    await emulator.press(arabic)
    answer = (await emulator.sent(2))[-1]
    assert answer.text == replies.render("language.changed", {}, "ar")
    assert (kept.conversation().language, kept.conversation().language_chosen) == ("ar", True)


async def test_the_commands_ask_what_their_names_say(
    emulator: Emulator, channel: Telegram, rasa: FakeRasa, replies: Replies
) -> None:
    await emulator.say("/help")
    await emulator.sent(1)
    await emulator.say("/stop@lotse_test_bot")
    await emulator.sent(2)
    assert [body["message"] for body in rasa.got] == ["/ask_capabilities", "/stop"]
    await emulator.say("/language")
    assert len((await emulator.sent(3))[-1].keys) == len(replies.languages.offered)


async def test_a_command_nobody_knows_is_a_text(emulator: Emulator, channel: Telegram, rasa: FakeRasa) -> None:
    await emulator.say("/affirm")
    await emulator.sent()
    assert rasa.last["message"] == "affirm"


async def test_the_menu_explains_the_commands_in_each_language_that_telegram_knows(
    emulator: Emulator, channel: Telegram, replies: Replies
) -> None:
    known = {code for code in replies.languages.offered if len(code) == 2}
    menus = await emulator.called("setMyCommands", len(known) + 1)
    assert {menu.data.get("language_code") for menu in menus} == {None, *known}


async def test_a_photo_is_not_opened_but_its_caption_is_read(
    emulator: Emulator, channel: Telegram, rasa: FakeRasa, replies: Replies
) -> None:
    photo = [{"file_id": "f", "file_unique_id": "u", "width": 9, "height": 9}]
    await emulator.send(photo=photo, caption="Was steht in diesem Brief, bitte?")
    first, second = await emulator.sent(2)
    assert first.text == replies.render("system.only_text", {}, "de")
    assert second.text == replies.render("greet.hello", {}, "de")
    assert rasa.last["message"] == "Was steht in diesem Brief, bitte?"
    assert not emulator.of("getFile")


async def test_an_album_is_answered_once_and_every_other_kind_too(
    emulator: Emulator, channel: Telegram, rasa: FakeRasa, replies: Replies
) -> None:
    file = {"file_id": "f", "file_unique_id": "u"}
    photo = [file | {"width": 9, "height": 9}]
    for _ in range(3):
        await emulator.send(photo=photo, media_group_id="a1")
    await emulator.send(voice=file | {"duration": 3})
    sticker = {"width": 9, "height": 9, "is_animated": False, "is_video": False, "type": "regular"}
    await emulator.send(sticker=file | sticker)
    await emulator.send(document=file)
    last = await emulator.send(location={"latitude": 51.2, "longitude": 6.9})
    await emulator.sent(5)
    await emulator.forgotten(last)
    assert {call.text for call in emulator.got()} == {replies.render("system.only_text", {}, "de")}
    assert (len(emulator.got()), rasa.got) == (5, [])


async def test_a_changed_message_is_explained_once(emulator: Emulator, channel: Telegram, replies: Replies) -> None:
    body = message(text="geändert")
    for _ in range(2):
        last = await emulator.put("edited_message", body | {"edit_date": 1719820900})
    await emulator.forgotten(last)
    (answer,) = await emulator.sent()
    assert answer.text == replies.render("telegram.edited", {}, "de")


async def test_a_group_gets_one_sentence_and_then_silence(
    emulator: Emulator, channel: Telegram, rasa: FakeRasa, kept: Kept, replies: Replies
) -> None:
    await emulator.say("/start", chat=-100)
    (answer,) = await emulator.sent(chat=-100)
    assert answer.text == replies.render("telegram.group", {}, "de")
    last = await emulator.say("Hallo?", chat=-100)
    await emulator.forgotten(last)
    await emulator.say("Hallo")
    await emulator.sent()
    assert len(emulator.got(-100)) == 1
    assert kept.messages(-100) == []
    assert len(rasa.got) == 1


async def test_a_group_that_adds_the_bot_gets_the_sentence(
    emulator: Emulator, channel: Telegram, replies: Replies
) -> None:
    member = {"user": BOT, "status": "left"}
    body = message(chat=-100) | {"old_chat_member": member, "new_chat_member": member | {"status": "member"}}
    await emulator.put("my_chat_member", {key: value for key, value in body.items() if key != "message_id"})
    (answer,) = await emulator.sent(chat=-100)
    assert answer.text == replies.render("telegram.group", {}, "de")


async def test_danger_gets_the_numbers_at_once_while_rasa_hangs_in_another_chat(
    emulator: Emulator, channel: Telegram, rasa: FakeRasa, kept: Kept, replies: Replies
) -> None:
    asked, go = rasa.think()
    slow = await emulator.say("Guten Morgen, wann haben Sie geöffnet?", chat=8)
    await asked.wait()
    await emulator.say("he hits me", language="en")
    (answer,) = await emulator.sent()
    assert answer.text == replies.render("emergency.numbers", {}, "en")
    assert kept.conversation().urgent
    assert (await emulator.called("sendChatAction"))[0].chat == 8
    # Telegram may forget what is stored, even before it is answered
    await emulator.forgotten(slow)
    assert emulator.got(8) == []
    go.set()
    await emulator.sent(chat=8)


async def test_messages_of_one_chat_are_answered_in_order(
    emulator: Emulator, channel: Telegram, rasa: FakeRasa
) -> None:
    words = [f"Das ist die Frage Nummer {n}" for n in range(6)]
    for text in words:
        await emulator.say(text)
    await emulator.sent(6)
    assert [body["message"] for body in rasa.got] == words


async def test_a_text_that_is_too_long_gets_a_kind_sentence(
    emulator: Emulator, channel: Telegram, rasa: FakeRasa, replies: Replies
) -> None:
    await emulator.say("wort " * 500)
    (answer,) = await emulator.sent()
    assert answer.text == replies.render("error.text_too_long", {"n": 2000}, "de")
    assert rasa.got == []


async def test_erasing_says_its_last_words_and_keeps_nothing(
    emulator: Emulator, channel: Telegram, rasa: FakeRasa, kept: Kept, replies: Replies
) -> None:
    await emulator.say("Bitte löschen Sie alles")
    await emulator.sent()
    rasa.answer = says("privacy.deleted", effects={"erase": True})
    await emulator.say("Ja, bitte wirklich alles löschen")
    answer = (await emulator.sent(2))[-1]
    assert answer.text == replies.render("privacy.deleted", {}, "de")
    assert (kept.messages(), kept.outbox()) == ([], [])
