"""Talk about the talk: hello, language, easier words, begin again, leave, privacy, not understood."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from actions import facts as known
from actions import whom
from actions.base import DANGER, FLOWS, FOLLOW_UPS, ON_LEAVING, SHORT_ANSWERS, UNASKED, SpokenAction, perhaps_danger
from actions.change import change_answer
from actions.context import DANGEROUS, FREE, HINT, MOST_LIKELY, Turn, choice
from actions.house import COMPANION, asked_of_house
from actions.interview import ANSWERS, step
from actions.memory import Memory
from actions.office_procedure import office_procedure
from eligibility import facts_schema

# Twice not understood: offer a person.
PATIENCE = 2
# words of a message that is a name and no sentence ('Farsi', 'yes, Farsi')
BARE = 2
QUESTION_MARKS = "?؟⁉"
# What a booking asks for -> the entities that answer it.
WISHES = ("day", "time_of_day", "means", "interpreter")
# A wish for the appointment is taken whichever of them was asked ('next week' where the topic was).
BOOKING_ANSWERS = {
    "topic": (*WISHES, "activity"),
    "site": WISHES,
    "interpreter": (*WISHES, "language"),
    "gender": WISHES,
    "slot": WISHES,
    "hold": WISHES,
}
# What a question about the house, or about somebody to come along, may be taken for.
ABOUT_OFFICE = frozenset({"ask_office_procedure", "ask_location", "ask_interpreter", "ask_childcare"})
# The button that goes on with what is open.
CONTINUE = "/inform"
# Of two papers or countries in one message nobody knows whose they are.
UNSURE_OF_TWO = frozenset({"residence_status", "country"})


def main_topics() -> list[dict[str, Any]]:
    """Buttons of the four main topics."""
    return [
        choice("choice.opening_hours", "ask_opening_hours"),
        choice("choice.documents", "ask_required_documents"),
        choice("choice.language_course", "ask_language_course"),
        choice("choice.work_permission", "ask_work_permission"),
    ]


def person(turn: Turn) -> dict[str, Any]:
    """The button that leads to a person."""
    return choice("choice.person", "request_human")


def language_choices(turn: Turn) -> list[dict[str, Any]]:
    """One button per language that is offered, each in its own words."""
    return [choice(f"choice.language.{code}", "change_language", language=code) for code in turn.languages]


class ActionGreet(SpokenAction):
    action_name = "action_greet"

    def answer(self, turn: Turn) -> None:
        turn.say("greet.hello", choices=[*main_topics(), choice("meaning.change_language", "change_language")])


class ActionChangeLanguage(SpokenAction):
    action_name = "action_change_language"
    interrupts = False

    def answer(self, turn: Turn) -> None:
        wanted = turn.entity("language")
        if turn.memory.awaiting == "interpreter" and wanted and _to_interpret(turn, wanted):
            # 'Farsi' to 'for which language?' is no wish to chat in it.
            proceed(turn)
        elif wanted in turn.languages:
            turn.language = wanted
            turn.say("language.changed", effects={"language": wanted})
            repeat_question(turn)
        elif wanted:
            turn.say("language.not_yet", {"language": wanted}, language_choices(turn))
        else:
            turn.say("language.which", choices=language_choices(turn))


def _to_interpret(turn: Turn, wanted: str) -> bool:
    """Return whether a language is more likely the one to be interpreted: said by its bare name, or spoken or lacked here anyway."""
    if wanted not in turn.languages:
        return True
    own = turn.language in turn.entities.get("language", [])
    return not turn.text.startswith("/") and (own or len(turn.text.split()) <= BARE)


class ActionRepeatSimpler(SpokenAction):
    action_name = "action_repeat_simpler"
    interrupts = False

    def answer(self, turn: Turn) -> None:
        if not turn.previous:
            turn.say("conversation.nothing_to_repeat", choices=main_topics())
        for message in turn.previous:
            # `simple` asks the renderer for the easier wording; the facts of the answer stay the same.
            turn.say(
                message["response"],
                {**message.get("values", {}), "simple": True},
                [dict(c) for c in message.get("choices", [])],
            )


class ActionRestart(SpokenAction):
    action_name = "action_restart"
    interrupts = False

    def answer(self, turn: Turn) -> None:
        leave(turn)
        turn.memory = Memory()
        turn.say("conversation.restarted", choices=main_topics())


class ActionStop(SpokenAction):
    action_name = "action_stop"
    interrupts = False

    def answer(self, turn: Turn) -> None:
        leave(turn)
        memory = turn.memory
        memory.close()
        memory.suspended = None
        memory.booking = {}
        memory.topic = None
        turn.say("conversation.stopped", choices=[*main_topics(), person(turn)])


class ActionComplain(SpokenAction):
    action_name = "action_complain"

    def answer(self, turn: Turn) -> None:
        turn.say(
            "conversation.sorry",
            choices=[person(turn), choice("choice.change_answer", "inform", change="list")],
        )


class ActionDeleteMyData(SpokenAction):
    """Asks once, then erases: a wrong word must not cost a person their appointment."""

    action_name = "action_delete_my_data"

    def answer(self, turn: Turn) -> None:
        turn.memory.topic = "delete_my_data"
        turn.ask("delete_confirmed", "privacy.really_delete", choices=yes_no())


def erase(turn: Turn) -> None:
    """Forget everything, here and in the house's database."""
    turn.memory = Memory()
    turn.say("privacy.deleted", effects={"erase": True})


class ActionNotUnderstood(SpokenAction):
    """The classifier gave up: perhaps the message is the answer to our question all the same."""

    action_name = "action_not_understood"
    interrupts = False

    def answer(self, turn: Turn) -> None:
        if answers_the_question(turn):
            proceed(turn)
            return
        if followed_up(turn) or about_the_house(turn):
            return
        turn.understood = False
        if turn.previous_intent != "nlu_fallback":
            # Answered meanwhile without an action (thanks, privacy …): that was understood.
            turn.memory.misunderstood = 0
        turn.memory.misunderstood = min(turn.memory.misunderstood + 1, PATIENCE)
        if turn.likely:
            turn.say("fallback.did_you_mean", choices=meanings(turn))
            return
        if turn.memory.misunderstood >= PATIENCE:
            turn.say("fallback.offer_person", choices=[person(turn), *main_topics()])
            return
        turn.say("fallback.not_understood", choices=main_topics())
        repeat_question(turn)


def about_the_house(turn: Turn) -> bool:
    """Answer a half understood question that names a lift, numbers, somebody to come along; returns whether it did.

    Asked as the way, an interpreter or how the office works, it has the same answer, so there is nothing to ask back.
    """
    if not ABOUT_OFFICE.intersection(turn.likely) or not (COMPANION in turn.hints or asked_of_house(turn)):
        return False
    turn.memory.suspend()
    office_procedure(turn)
    return True


def meanings(turn: Turn) -> list[dict[str, Any]]:
    """Buttons of what the message may mean, with the facts it told, and a way out; a person from the second time on."""
    told = {name: values[0] for name, values in turn.entities.items() if len(values) == 1 or name not in UNSURE_OF_TWO}
    if UNSURE_OF_TWO & told.keys() or (turn.memory.facts and told.keys() & set(known.TIME_ENTITIES)):
        told[HINT] = ",".join(sorted({FREE, *turn.hints}))
    likely = turn.likely
    if perhaps_danger(turn) and DANGEROUS not in likely:
        likely = [DANGEROUS, *likely[: MOST_LIKELY - 1]]
    found = [choice(f"meaning.{intent}", intent, **told) for intent in likely]
    found.append(choice("choice.something_else", "ask_capabilities"))
    if turn.memory.misunderstood >= PATIENCE and "request_human" not in likely:
        found.append(person(turn))
    return found


class ActionInform(SpokenAction):
    """A fact was told, or a button pressed."""

    action_name = "action_inform"
    interrupts = False

    def answer(self, turn: Turn) -> None:
        if turn.text == CONTINUE and not turn.entities and turn.memory.awaiting:
            repeat_question(turn)
        else:
            proceed(turn)


class ActionAffirm(SpokenAction):
    action_name = "action_affirm"
    interrupts = False

    def answer(self, turn: Turn) -> None:
        yes_or_no(turn, yes=True)


class ActionDeny(SpokenAction):
    action_name = "action_deny"
    interrupts = False

    def answer(self, turn: Turn) -> None:
        yes_or_no(turn, yes=False)


class ActionDontKnow(SpokenAction):
    """'I don't know' and 'I would rather not say' are full answers."""

    action_name = "action_dont_know"
    interrupts = False

    def answer(self, turn: Turn) -> None:
        # The button says to which question it belongs; so an old one does not answer a newer question.
        named = any(known.UNKNOWN in values for values in turn.entities.values())
        asked = turn.memory.awaiting
        if asked is not None and not named:
            turn.entities = {**turn.entities, asked: [known.UNKNOWN]}
        if asked is None and not named:
            turn.say("conversation.that_is_fine", choices=[*main_topics(), person(turn)])
        else:
            proceed(turn)


class ActionAskWhy(SpokenAction):
    action_name = "action_ask_why"
    interrupts = False

    def answer(self, turn: Turn) -> None:
        if turn.memory.awaiting is None:
            say_more(turn)
            return
        turn.say(f"why.{turn.memory.awaiting}")
        repeat_question(turn)


class ActionAskMore(SpokenAction):
    action_name = "action_ask_more"
    interrupts = False

    def answer(self, turn: Turn) -> None:
        say_more(turn)


def leave(turn: Turn) -> None:
    """Give back what the open questions keep from others."""
    for give_back in ON_LEAVING:
        give_back(turn)


def yes_no() -> list[dict[str, Any]]:
    """The two buttons of a question that is answered by yes or no."""
    return [choice("choice.yes", "affirm"), choice("choice.no", "deny")]


def say_more(turn: Turn) -> None:
    """Add what the last answer left out."""
    more = turn.memory.last_answer.get("more", [])
    if not more:
        turn.say("conversation.nothing_more", choices=[*main_topics(), person(turn)])
    for message in more:
        turn.say(message["response"], message.get("values"), message.get("choices"))
    if more:
        turn.offer(person(turn))


def yes_or_no(turn: Turn, *, yes: bool) -> None:
    """Read a yes or no as the answer to what was asked last."""
    asked = turn.memory.awaiting
    spec = facts_schema().get(asked or "")
    if DANGER in (turn.before or ()) and yes:
        # 'Yes, I am': nothing else was asked on the screen
        turn.say(DANGER, choices=[person(turn)])
        return
    if asked and not turn.answers_the_last_word:
        repeat_question(turn)
        return
    if asked and asked in turn.memory.unconfirmed and asked not in turn.entities:
        _paper_or_nation(turn, asked, yes=yes)
    elif asked and spec is not None and spec.kind == "bool":
        # 'No, in the camp' says where; 'no, I may not work' is no answer to 'was a ban written to you?'
        unclear = turn.free and "forbidden" in turn.hints and len(turn.text.split()) > 1
        if asked not in turn.entities and not unclear:
            turn.entities = {**turn.entities, asked: ["true" if yes else "false"]}
        proceed(turn)
    elif asked in CONFIRMED:
        _confirmed(turn, CONFIRMED[asked], yes=yes)
    elif asked is not None:
        # 'No' to 'which paper' may come with facts ('no, a Duldung'); otherwise the question stays.
        proceed(turn)
    elif (turn.memory.suspended and yes) or _tells(turn):
        proceed(turn)
    else:
        turn.say(
            "conversation.what_next" if yes else "conversation.that_is_fine",
            choices=[*main_topics(), person(turn)],
        )


def _tells(turn: Turn) -> bool:
    """Return whether a yes or no that nobody asked for tells a fact ('no, I only have a Duldung')."""
    heard = known.hear(turn, answering=None)
    return bool(heard.exact or heard.ranges or heard.unconfirmed or heard.denied)


def _paper_or_nation(turn: Turn, asked: str, *, yes: bool) -> None:
    """Take a yes or no to 'is this your own paper today?'. A no leaves what was known before, else the paper itself is asked."""
    memory = turn.memory
    topic = memory.topic or ""
    value = memory.unconfirmed[asked]
    memory.unconfirmed = {name: heard for name, heard in memory.unconfirmed.items() if name != asked}
    if yes:
        turn.entities = {**turn.entities, asked: [value]}
        turn.hints = frozenset()
    if not yes and memory.open_question.get(whom.TOPIC):
        # 'No' to the brother's paper: the paper known before is not his either
        whom.forget_person(turn)
    if yes or topic not in ANSWERS:
        proceed(turn)
    else:
        step(turn, topic)


def _confirmed(turn: Turn, act: Callable[[Turn], None], *, yes: bool) -> None:
    if yes:
        act(turn)
        return
    turn.memory.close()
    turn.memory.topic = None
    turn.say("conversation.nothing_changed", choices=main_topics())


# field that asks for a yes -> what the yes does
CONFIRMED: dict[str, Callable[[Turn], None]] = {"delete_confirmed": erase}


def answers_the_question(turn: Turn) -> bool:
    """Return whether a message that no intent fits can be the answer to the open question."""
    asked = turn.memory.awaiting
    if asked is None:
        return False
    heard = known.hear(turn, answering=asked)
    booking = asked in turn.entities or any(name in turn.entities for name in BOOKING_ANSWERS.get(asked, ()))
    return bool(heard.exact or heard.ranges or heard.unconfirmed or booking or turn.entity("bad_date"))


def short_answer(turn: Turn) -> bool:
    """Take 'in einer Wohnung' for the answer to where a person lives, whatever else the classifier made of it.

    Only a few words without a question mark, only if they hold the very fact that was asked; a button is never
    taken for something else. Returns whether the message was used up.
    """
    asked = turn.memory.awaiting
    words = turn.text.split()
    is_question = any(mark in turn.text for mark in QUESTION_MARKS)
    if turn.text.startswith("/") or is_question or len(words) > known.SHORT_ANSWER:
        return False
    if any(name in turn.entities for name in BOOKING_ANSWERS.get(asked or "", ())):
        proceed(turn)
        return True
    if asked not in facts_schema():
        return False
    timely = any(name in turn.entities for name in known.TIME_ENTITIES) or asked in (known.PAPER, known.NATIONALITY)
    heard = known.hear(turn, answering=asked if timely else None)
    if asked not in heard.exact and asked not in heard.ranges and asked not in heard.unconfirmed:
        return False
    proceed(turn)
    return True


SHORT_ANSWERS.append(short_answer)


def proceed(turn: Turn) -> None:
    """Go on with what is open, with the facts of this message."""
    if turn.entity("change"):
        change_answer(turn)
        return
    if any(taken(turn) for taken in UNASKED):
        return
    memory = turn.memory
    if followed_up(turn):
        return
    if memory.awaiting is None:
        turn.resumed = memory.resume()
    if memory.awaiting and memory.topic in FLOWS:
        FLOWS[memory.topic](turn)
        return
    _told_unasked(turn)


def followed_up(turn: Turn) -> bool:
    """Go on with the last topic if this message adds to its answer ('rather in the evening')."""
    memory = turn.memory
    follow_up = FOLLOW_UPS.get(memory.topic or "")
    return memory.awaiting is None and follow_up is not None and follow_up(turn)


def _told_unasked(turn: Turn) -> None:
    """A fact that nobody asked for: remember it, and go on with the last topic of the law if there is one."""
    changed = known.learn(turn, known.hear(turn, answering=None))
    if turn.memory.topic in ANSWERS and changed:
        FLOWS[turn.memory.topic](turn)
    elif changed or turn.entity("activity") or turn.entity("procedure"):
        turn.say("conversation.noted", choices=[*main_topics(), person(turn)])
    else:
        turn.say("conversation.what_next", choices=[*main_topics(), person(turn)])


def repeat_question(turn: Turn) -> None:
    """Ask the open question again: after a change of language, a 'why', or a message not understood."""
    memory = turn.memory
    if memory.awaiting is None and not memory.resume():
        return
    if memory.topic in FLOWS:
        turn.entities, turn.resumed = {}, True
        FLOWS[memory.topic](turn)
