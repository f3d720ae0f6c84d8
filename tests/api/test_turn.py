"""One turn through the gateway, seen from POST /api/chat."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from bot.emergency import load_emergency
from bot.parts import Parts
from bot.replies.languages import load_languages
from office import cases, conversations, outbox
from office.errors import HandoffError

from .conftest import NOW, Client, FakeRasa, names, says

KEYS = {"id", "author", "response", "values", "text", "buttons", "at", "state", "checklist"}


async def test_a_first_message_starts_a_conversation_and_every_key_is_there(client: Client) -> None:
    answer = await client.say("Hallo")
    assert set(answer) == {"conversation", "language", "owner", "messages"}
    assert answer["language"] == "de" and answer["owner"] == "bot"
    assert set(answer["messages"][0]) == KEYS
    assert answer["messages"][0]["response"] == "greet.hello"
    assert answer["messages"][0]["buttons"] == [] and answer["messages"][0]["values"] == {}


async def test_rasa_learns_the_moment_in_berlin_the_language_and_the_site(client: Client, rasa: FakeRasa) -> None:
    answer = await client.say("When do you open?", site="mettmann")
    assert rasa.last["sender"] == answer["conversation"]
    assert rasa.last["metadata"] == {
        "now": "2024-07-01T10:00:00+02:00",
        "language": "en",
        "languages": list(load_languages().offered),
        "site": "mettmann",
        "conversation": answer["conversation"],
        "asked": None,
        "before": [],
    }
    await client.say("And on Friday?", conversation=answer["conversation"])
    assert rasa.last["metadata"]["before"] == [message["response"] for message in answer["messages"]]


async def test_the_day_can_be_given(client: Client, rasa: FakeRasa) -> None:
    await client.say("Hallo", now="2016-02-29T09:00:00")
    assert rasa.last["metadata"]["now"] == "2016-02-29T09:00:00+01:00"


async def test_buttons_are_titled_in_the_readers_language(client: Client, rasa: FakeRasa) -> None:
    choice = {"label": "choice.language.ar", "values": {}, "payload": '/change_language{"language": "ar"}'}
    rasa.answer = says("language.which", choices=[choice])
    answer = await client.say("Hallo")
    assert answer["messages"][0]["buttons"] == [{"title": "العربية", "payload": choice["payload"]}]


async def test_a_button_is_sent_as_payload_and_shown_as_its_title(client: Client, rasa: FakeRasa) -> None:
    payload = '/inform{"in_reception_centre": "false"}'
    rasa.answer = says("greet.hello", choices=[{"label": "choice.language.de", "payload": payload}])
    first = await client.say("Hallo")
    await client.post(first["conversation"], payload=payload)
    assert rasa.last["message"] == payload
    whole = await client.read(first["conversation"])
    assert [m["text"] for m in whole["messages"] if m["author"] == "person"] == ["Hallo", "Deutsch"]


async def test_the_words_of_a_button_press_it_and_stay_as_typed(client: Client, rasa: FakeRasa) -> None:
    payload = '/inform{"in_reception_centre": "false"}'
    rasa.answer = says("ask.in_reception_centre", choices=[{"label": "choice.no", "payload": payload}])
    first = await client.say("Hallo, darf ich arbeiten?")
    await client.say("nein!", first["conversation"])
    assert rasa.last["message"] == payload
    assert rasa.last["metadata"]["asked"] == "in_reception_centre"
    whole = await client.read(first["conversation"])
    assert [m["text"] for m in whole["messages"] if m["author"] == "person"][-1] == "nein!"


@pytest.mark.parametrize(
    ("hello", "language"),
    [("Guten Morgen zusammen", "de"), ("Good morning everybody", "en"), ("صباح الخير يا جماعة", "ar")],
)
async def test_some_words_are_understood_at_any_time(
    client: Client, rasa: FakeRasa, parts: Parts, hello: str, language: str
) -> None:
    first = await client.say(hello)
    await client.say(parts.replies.render("choice.change_answer", {}, language), first["conversation"])
    assert rasa.last["message"] == '/inform{"change": "list"}'


async def test_an_old_button_is_not_pressed_by_words(client: Client, rasa: FakeRasa) -> None:
    rasa.answer = says("ask.topic", choices=[{"label": "choice.no", "payload": "/deny"}])
    first = await client.say("Hallo")
    rasa.answer = says("greet.hello")
    await client.say("Guten Morgen", first["conversation"])
    await client.say("nein", first["conversation"])
    assert rasa.last["message"] == "nein"


async def test_typed_text_is_never_a_payload(client: Client, rasa: FakeRasa) -> None:
    await client.say('/inform{"in_reception_centre": "false"}')
    assert rasa.last["message"] == 'inform{"in_reception_centre": "false"}'
    await client.say("////")
    assert not rasa.last["message"].startswith("/")


async def test_effects_change_the_conversation(client: Client, rasa: FakeRasa) -> None:
    rasa.answer = says("language.changed", effects={"language": "ar", "site": "warendorf"})
    answer = await client.say("عربي")
    assert answer["language"] == "ar"
    rasa.answer = says("greet.hello")
    await client.say("ok", answer["conversation"])
    assert rasa.last["metadata"]["language"] == "ar" and rasa.last["metadata"]["site"] == "warendorf"


async def test_an_effect_outside_the_contract_changes_nothing(client: Client, rasa: FakeRasa) -> None:
    rasa.answer = says("greet.hello", effects={"language": "xx", "site": "berlin", "owner": "person"})
    answer = await client.say("Hallo")
    assert (answer["language"], answer["owner"]) == ("de", "bot")


async def test_a_hand_off_lets_the_conversation_wait_and_the_bot_goes_on(client: Client, rasa: FakeRasa) -> None:
    rasa.answer = says("greet.hello", effects={"handoff": {"case": 1}})
    answer = await client.say("Ich möchte mit jemandem sprechen")
    assert answer["owner"] == "waiting"
    rasa.answer = says("greet.hello")
    assert names(await client.say("Wann ist offen?", answer["conversation"])) == ["greet.hello"]


BROKEN: dict[str, Any] = {
    "refuses the connection": httpx.ConnectError("refused"),
    "is too slow": httpx.ReadTimeout("slow"),
    "hangs up": httpx.RemoteProtocolError("gone"),
    "answers 500": httpx.Response(500, text="oops"),
    "answers broken JSON": httpx.Response(200, text="[{"),
    "answers nothing": httpx.Response(200, json=[]),
    "answers something else": httpx.Response(200, json={"status": "failure"}),
    "answers a sentence": httpx.Response(200, json=[{"text": "Hallo"}]),
}


@pytest.mark.parametrize("fault", BROKEN, ids=str)
async def test_the_message_is_kept_and_the_office_named_when_rasa(
    fault: str, client: Client, rasa: FakeRasa, parts: Parts
) -> None:
    rasa.answer = lambda _body: BROKEN[fault]
    answer = await client.say("Darf ich arbeiten?")
    assert names(answer) == ["system.unavailable", "system.office_hours"]
    assert "@" in answer["messages"][0]["text"] and "08:30–13:30" in answer["messages"][1]["text"]
    with parts.store.read() as work:
        assert [message.text for message in conversations.unanswered(work)] == ["Darf ich arbeiten?"]


async def test_the_next_turn_works_again_after_a_failure(client: Client, rasa: FakeRasa) -> None:
    rasa.answer = lambda _body: httpx.ConnectError("refused")
    answer = await client.say("Hallo")
    rasa.answer = says("greet.hello")
    assert names(await client.say("Hallo", answer["conversation"])) == ["greet.hello"]


async def test_a_question_is_still_on_the_screen_after_a_failure_but_not_after_danger(
    client: Client, rasa: FakeRasa
) -> None:
    rasa.answer = says("privacy.really_delete")
    conversation = (await client.say("Alles löschen"))["conversation"]
    rasa.answer = lambda _body: httpx.ConnectError("refused")
    await client.say("vielleicht", conversation)
    rasa.answer = says("greet.hello")
    await client.say("ja", conversation)
    assert rasa.last["metadata"]["before"] == ["privacy.really_delete"]
    rasa.answer = says("privacy.really_delete")
    await client.say("Alles löschen", conversation)
    await client.say("Ich will sterben!!!", conversation)
    await client.say("ja", conversation)
    assert rasa.last["metadata"]["before"] == ["emergency.numbers"]


async def test_danger_is_answered_first_also_without_rasa(client: Client, rasa: FakeRasa, parts: Parts) -> None:
    rasa.answer = lambda _body: httpx.ConnectError("refused")
    answer = await client.say("Ich will sterben!!!")
    assert names(answer) == ["emergency.numbers"]
    assert rasa.got == []
    for number in ("110", "112", "116 016", "0800 111 0 111"):
        assert number in answer["messages"][0]["text"]
    assert answer["messages"][0]["buttons"][0]["payload"] == "/request_human"
    with parts.store.read() as work:
        assert conversations.get_conversation(work, answer["conversation"]).urgent


async def test_danger_is_answered_while_a_person_owns_the_conversation(
    client: Client, parts: Parts, staff: int
) -> None:
    first = await client.say("Hallo")
    await parts.gateway.take_over(first["conversation"], staff)
    assert "emergency.numbers" in names(await client.say("he hits me", first["conversation"]))


async def test_danger_that_only_the_classifier_hears_is_urgent_too(
    client: Client, rasa: FakeRasa, parts: Parts, staff: int
) -> None:
    rasa.answer = says("emergency.numbers")
    answer = await client.say("etwas Schlimmes passiert gerade")
    with parts.store.read() as work:
        assert conversations.get_conversation(work, answer["conversation"]).urgent
    # … and is said even if a person takes over in that moment
    asked, go = rasa.think()
    turn = asyncio.create_task(client.say("es hört nicht auf", answer["conversation"]))
    await asked.wait()
    await parts.gateway.take_over(answer["conversation"], staff)
    go.set()
    assert names(await turn) == ["emergency.numbers", "system.received_by_person"]


async def test_a_language_we_lack_is_answered_in_its_own_words_first(client: Client, rasa: FakeRasa) -> None:
    answer = await client.say("hola necesito ayuda con mis papeles por favor")
    assert names(answer) == ["unsupported.es", "system.language_not_supported", "emergency.in_short"]
    assert "español" in answer["messages"][0]["text"] and not rasa.got


@pytest.mark.parametrize("text", ["szukam pracy w restauracji od zaraz bardzo proszę", "我可以工作吗 现在 可以 吗"])
async def test_the_answer_to_a_language_we_lack_ends_with_the_numbers_and_has_the_buttons(
    client: Client, text: str
) -> None:
    last = (await client.say(text))["messages"][-1]
    assert "110" in last["text"] and "112" in last["text"]
    assert len(last["buttons"]) == len(load_languages().offered) + 1


async def test_danger_in_a_language_we_lack_is_answered_first_and_the_languages_follow(
    client: Client, rasa: FakeRasa, parts: Parts
) -> None:
    parts.gateway.emergency = load_emergency()
    answer = await client.say("ayuda por favor mi marido me quiere matar")
    assert names(answer) == ["emergency.numbers", "unsupported.es", "system.language_not_supported"]
    assert answer["messages"][-1]["buttons"][-1]["payload"] == "/request_human" and not rasa.got
    with parts.store.read() as work:
        assert conversations.get_conversation(work, answer["conversation"]).urgent


HOURS = {"label": "choice.opening_hours", "payload": "/ask_opening_hours"}
GREET = {"label": "meaning.greet", "payload": "/greet"}
ENDS = {"label": "choice.no", "payload": '/inform{"in_reception_centre": "false"}'}
LIVES = {"label": "choice.yes", "payload": '/inform{"in_reception_centre": "true"}'}
WAYS_OUT = {"label": "choice.dont_know", "payload": "/dont_know"}


@pytest.mark.parametrize("response", ["fallback.did_you_mean", "greet.hello", "fallback.not_understood"])
@pytest.mark.parametrize(("typed", "payload"), [("1", "/greet"), ("٢", "/ask_opening_hours"), ("5", None)])
async def test_a_number_presses_a_button_of_the_last_answer_whatever_it_was(
    client: Client, rasa: FakeRasa, response: str, typed: str, payload: str | None
) -> None:
    rasa.answer = says(response, choices=[GREET, HOURS])
    first = await client.say("Hallo")
    await client.say(typed, first["conversation"])
    assert rasa.last["message"] == (payload or typed)


async def test_a_number_after_the_emergency_numbers_leads_to_a_person(client: Client, rasa: FakeRasa) -> None:
    first = await client.say("Ich will sterben")
    await client.say("1", first["conversation"])
    assert rasa.last["message"] == "/request_human"


async def test_a_number_after_a_question_asked_again_counts_the_buttons_of_the_question(
    client: Client, rasa: FakeRasa
) -> None:
    def asks(*buttons: dict[str, Any]) -> Any:
        items = [
            {"custom": {"response": "fallback.not_understood", "choices": [GREET, HOURS]}},
            {"custom": {"response": "ask.in_reception_centre", "choices": list(buttons)}},
        ]
        return lambda _body: httpx.Response(200, json=items)

    rasa.answer = asks(LIVES, ENDS, WAYS_OUT)
    first = await client.say("Hallo")
    await client.say("2", first["conversation"])
    assert rasa.last["message"] == ENDS["payload"]
    # a question for a number has no button but the ways out
    rasa.answer = asks(WAYS_OUT)
    await client.say("hm", first["conversation"])
    await client.say("2", first["conversation"])
    assert rasa.last["message"] == "2"


async def test_a_question_stays_open_while_rasa_fails_and_no_longer(client: Client, rasa: FakeRasa) -> None:
    rasa.answer = says("ask.in_reception_centre", choices=[LIVES, ENDS])
    first = await client.say("Hallo")
    rasa.answer = lambda _body: httpx.ConnectError("refused")
    await client.say("hm", first["conversation"])
    await client.say("hm?", first["conversation"])
    rasa.answer = says("greet.hello")
    await client.say("1", first["conversation"])
    assert rasa.last["message"] == LIVES["payload"] and rasa.last["metadata"]["asked"] == "in_reception_centre"
    await client.say("1", first["conversation"])
    assert rasa.last["message"] == "1" and rasa.last["metadata"]["asked"] is None


async def test_a_bare_salam_is_asked_for_its_language_and_one_word_then_tells_it(
    client: Client, rasa: FakeRasa, parts: Parts
) -> None:
    asked = await client.say("سلام", language="de")
    assert names(asked) == ["language.which"] and asked["language"] == "de" and not rasa.got
    offered = [button["payload"] for button in asked["messages"][0]["buttons"]]
    assert len(offered) == len(load_languages().offered) and '"ar"' in offered[0] and '"ps"' in offered[3]
    assert (await client.say("کمک", asked["conversation"]))["language"] == "fa"
    # once only: later it is a greeting like others
    assert names(await client.say("سلام", asked["conversation"])) == ["greet.hello"]


@pytest.mark.parametrize("page", ["fa", "ps", "ckb", "ar"])
async def test_a_bare_salam_keeps_the_language_of_a_page_in_its_script(client: Client, page: str) -> None:
    answer = await client.say("سلام", language=page)
    assert (names(answer), answer["language"]) == (["greet.hello"], page)


async def test_a_pasted_letter_is_not_classified_and_a_person_is_offered(client: Client, rasa: FakeRasa) -> None:
    first = await client.say("مرحبا يا جماعة الخير")
    letter = (
        "Sehr geehrte Frau Haddad, Ihr Antrag wird abgelehnt. " + "Es fehlen die geforderten Unterlagen. " * 8
        + "Gegen diesen Bescheid können Sie innerhalb eines Monats Widerspruch erheben. Mit freundlichen Grüßen"
    )  # fmt: skip
    answer = await client.say(letter, first["conversation"])
    assert (names(answer), answer["language"]) == (["system.letter"], "ar")
    assert answer["messages"][0]["buttons"][0]["payload"] == "/request_human" and len(rasa.got) == 1


async def test_a_chosen_meaning_is_kept_without_the_message(client: Client, rasa: FakeRasa, parts: Parts) -> None:
    choices = [
        {"label": "meaning.greet", "payload": "/greet"},
        {"label": "meaning.ask_opening_hours", "payload": "/ask_opening_hours"},
    ]
    rasa.answer = says("fallback.did_you_mean", choices=choices)
    first = await client.say("mittwoch wo")
    await client.post(first["conversation"], payload="/ask_opening_hours")
    kept = (parts.settings.state / "candidates.jsonl").read_text(encoding="utf-8")
    assert '"chosen": "ask_opening_hours"' in kept and "mittwoch" not in kept
    assert first["conversation"] not in kept


async def test_the_bot_is_silent_while_a_person_owns_the_conversation(
    client: Client, rasa: FakeRasa, parts: Parts, staff: int
) -> None:
    first = await client.say("Hallo")
    await parts.gateway.take_over(first["conversation"], staff)
    told = await client.say("Sind Sie da?", first["conversation"])
    again = await client.say("Hallo?", first["conversation"])
    assert (names(told), names(again)) == (["system.received_by_person"], [])
    assert again["owner"] == "person" and len(rasa.got) == 1
    # the next take-over says it once more
    await parts.gateway.give_back(first["conversation"], staff)
    await parts.gateway.take_over(first["conversation"], staff, NOW.replace(hour=9))
    assert names(await client.say("Und jetzt?", first["conversation"], now="2024-07-01T12:00:00")) == [
        "system.received_by_person"
    ]


async def test_an_answer_of_the_bot_is_dropped_if_a_person_took_over_meanwhile(
    client: Client, rasa: FakeRasa, parts: Parts, staff: int
) -> None:
    first = await client.say("Hallo")
    asked, go = rasa.think()
    turn = asyncio.create_task(client.say("Darf ich arbeiten?", first["conversation"]))
    await asked.wait()
    await parts.gateway.take_over(first["conversation"], staff)
    go.set()
    assert names(await turn) == ["system.received_by_person"]


async def test_staff_take_reply_and_give_back(client: Client, parts: Parts, staff: int, rasa: FakeRasa) -> None:
    first = await client.say("Hello there, I need help please")
    shown = await parts.gateway.staff_reply(first["conversation"], staff, "Guten Tag!\u2067")
    assert (shown.author, shown.text) == ("staff", "Guten Tag!")
    whole = await client.read(first["conversation"])
    assert whole["owner"] == "person" and whole["messages"][-1]["text"] == "Guten Tag!"
    await parts.gateway.give_back(first["conversation"], staff)
    assert names(await client.say("thanks", first["conversation"])) == ["greet.hello"]


async def test_a_colleague_cannot_reply_into_a_conversation_of_another(
    client: Client, parts: Parts, staff: int
) -> None:
    from office.staff import create_staff

    with parts.store.begin() as work:
        other = create_staff(work, "other", "another long password").id
        work.commit()
    first = await client.say("Hallo")
    await parts.gateway.take_over(first["conversation"], staff)
    with pytest.raises(HandoffError):
        await parts.gateway.staff_reply(first["conversation"], other, "Ich auch")
    assert len((await client.read(first["conversation"]))["messages"]) == 2


async def test_a_closed_conversation_opens_again_with_the_bot(client: Client, parts: Parts, staff: int) -> None:
    first = await client.say("Hallo")
    await parts.gateway.take_over(first["conversation"], staff)
    await parts.gateway.close(first["conversation"], staff)
    answer = await client.say("Noch eine Frage", first["conversation"])
    assert (names(answer), answer["owner"]) == (["greet.hello"], "bot")


async def test_a_reply_to_telegram_goes_to_the_outbox_in_the_same_unit_of_work(parts: Parts, staff: int) -> None:
    from bot.incoming import Incoming

    out = await parts.gateway.turn(Incoming(channel="telegram", channel_ref="4711", text="Hallo"))
    shown = await parts.gateway.staff_reply(out.conversation, staff, "Guten Tag")
    with parts.store.read() as work:
        (entry,) = outbox.due(work, NOW)
        assert entry.payload == {"chat": "4711", "message": shown.id, "words": "Guten Tag"}
        assert entry.conversation_id == out.conversation


async def test_the_same_person_on_telegram_keeps_their_conversation(parts: Parts) -> None:
    from bot.incoming import Incoming

    first = await parts.gateway.turn(Incoming(channel="telegram", channel_ref="4711", text="Hallo"))
    second = await parts.gateway.turn(Incoming(channel="telegram", channel_ref="4711", text="Hallo"))
    other = await parts.gateway.turn(Incoming(channel="telegram", channel_ref="4712", text="Hallo"))
    assert first.conversation == second.conversation != other.conversation


async def test_the_same_key_is_answered_once(client: Client, rasa: FakeRasa) -> None:
    first = await client.say("Hallo")
    one = await client.say("Darf ich arbeiten?", first["conversation"], key="k1")
    two = await client.say("Darf ich arbeiten?", first["conversation"], key="k1")
    assert one == two
    assert len(rasa.got) == 2
    await client.say("Darf ich arbeiten?", first["conversation"], key="k2")
    assert len(rasa.got) == 3


async def test_the_same_key_at_the_same_time_is_answered_once(client: Client, rasa: FakeRasa) -> None:
    first = await client.say("Hallo")
    both = await asyncio.gather(*(client.say("Darf ich arbeiten?", first["conversation"], key="k1") for _ in range(2)))
    assert both[0] == both[1] and len(rasa.got) == 2


async def test_turns_of_one_conversation_do_not_overlap(client: Client, rasa: FakeRasa) -> None:
    first = await client.say("Hallo")
    other = await client.say("Hallo")
    asked, go = rasa.think()
    slow = asyncio.create_task(client.say("eins", first["conversation"]))
    await asked.wait()
    second = asyncio.create_task(client.say("zwei", first["conversation"]))
    elsewhere = asyncio.create_task(client.say("drei", other["conversation"]))
    while len(rasa.got) < 4:
        await asyncio.sleep(0)
    # the other conversation is not held up; the second message of the first one waits
    assert [body["message"] for body in rasa.got[2:]] == ["eins", "drei"]
    go.set()
    await asyncio.gather(slow, second, elsewhere)
    whole = await client.read(first["conversation"])
    assert [m["author"] for m in whole["messages"]] == ["person", "bot"] * 3


async def test_a_message_left_by_a_killed_process_is_answered_when_it_comes_again(client: Client, parts: Parts) -> None:
    first = await client.say("Hallo")
    with parts.store.begin() as work:
        conversation = conversations.get_conversation(work, first["conversation"])
        conversations.add_message(
            work, conversation, author="person", text="Frage", now=NOW, key="k1", state="received"
        )
        work.commit()
    assert names(await client.say("Frage", first["conversation"], key="k1")) == ["greet.hello"]
    whole = await client.read(first["conversation"])
    assert [m["text"] for m in whole["messages"] if m["author"] == "person"] == ["Hallo", "Frage"]


async def test_deleting_everything_answers_once_more_and_leaves_nothing(
    client: Client, rasa: FakeRasa, parts: Parts
) -> None:
    first = await client.say("Hallo")
    rasa.answer = says("privacy.deleted", effects={"erase": True})
    last = await client.say("ja", first["conversation"])
    assert names(last) == ["privacy.deleted"] and last["messages"][0]["id"] is None
    assert (await client.post(first["conversation"], text="Hallo")).status_code == 404


async def test_a_case_is_opened_when_staff_take_over_by_themselves(client: Client, parts: Parts, staff: int) -> None:
    first = await client.say("Hallo")
    await parts.gateway.take_over(first["conversation"], staff)
    with parts.store.read() as work:
        (case,) = cases.open_cases(work)
        assert (case.conversation, case.state, case.staff_id) == (first["conversation"], "accepted", staff)
