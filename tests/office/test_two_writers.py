"""What fakes cannot prove: real writers, each with its own connection, want the same slot at once."""

import multiprocessing
import threading
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from office.appointments import book, cancel, free_slots, get_appointment
from office.cases import accept, open_case
from office.conversations import add_message, get_conversation, messages, start_conversation
from office.errors import HandoffError, SlotTaken
from office.staff import create_staff
from office.store import Store

NOW = datetime(2024, 7, 1, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))
SLOT = "mettmann:2024-07-02T09:00"


def at_once(count, act):
    """Run act(0) … act(count - 1) in threads that start together; return what each returned or raised."""
    barrier = threading.Barrier(count)
    results = [None] * count

    def run(number):
        barrier.wait()
        try:
            results[number] = act(number)
        except Exception as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def people(store, count):
    with store.begin() as work:
        ids = [start_conversation(work, channel="web", now=NOW).id for _ in range(count)]
        work.commit()
    return ids


def count(store, table):
    with store.read() as work:
        return work.session.execute(text(f"SELECT count(*) FROM {table}")).scalar()


def test_of_eight_people_exactly_one_gets_the_slot(store):
    ids = people(store, 8)

    def attempt(number):
        own = Store(str(store.url))
        try:
            with own.begin() as work:
                appointment = book(work, SLOT, get_conversation(work, ids[number]), topic="work", now=NOW)
                work.commit()
                return appointment.id
        finally:
            own.close()

    results = at_once(8, attempt)
    assert sum(isinstance(result, str) for result in results) == 1
    assert sum(isinstance(result, SlotTaken) for result in results) == 7
    assert (count(store, "appointment"), count(store, "allocation")) == (1, 2)


def test_a_double_tap_books_once_and_both_taps_hear_the_same(store):
    [id] = people(store, 1)

    def tap(_):
        with store.begin() as work:
            appointment = book(work, SLOT, get_conversation(work, id), topic="work", now=NOW, key="tap")
            work.commit()
            return appointment.id

    results = at_once(4, tap)
    assert len(set(results)) == 1
    assert isinstance(results[0], str)
    assert (count(store, "appointment"), count(store, "allocation")) == (1, 2)


def _book_first_free(store, id):
    """Return slot and code; no code: the other one was quicker, which only happens where both may look at once."""
    with store.begin() as work:
        conversation = get_conversation(work, id)
        for slot in free_slots(work, "mettmann", NOW, n=1, day=NOW.date().replace(day=2)):
            try:
                code = book(work, slot.id, conversation, topic="work", now=NOW).code
            except SlotTaken:
                return slot.id, None
            work.commit()
            return slot.id, code


def _book_until_nothing_is_left(url, ids, barrier, queue):
    store = Store(url)
    won = []
    barrier.wait(60)
    for id in ids:
        while found := _book_first_free(store, id):
            if found[1]:
                won.append(found)
                break
    store.close()
    queue.put(won)


def test_two_processes_share_a_day_without_one_double_booking(store):
    ids = people(store, 20)
    context = multiprocessing.get_context("spawn")
    barrier, queue = context.Barrier(2), context.Queue()
    processes = [
        context.Process(target=_book_until_nothing_is_left, args=(str(store.url), ids[half::2], barrier, queue))
        for half in range(2)
    ]
    for process in processes:
        process.start()
    won = [line for _ in processes for line in queue.get(timeout=60)]
    for process in processes:
        process.join(60)
    # Tuesday has nine half hours from 9:00 on.
    assert len(won) == 9
    assert len({slot for slot, _ in won}) == 9
    assert len({code for _, code in won}) == 9
    assert count(store, "allocation") == 18


def test_a_slot_freed_while_others_want_it_goes_to_exactly_one(store):
    ids = people(store, 5)
    with store.begin() as work:
        held = book(work, SLOT, get_conversation(work, ids[0]), topic="work", now=NOW).id
        work.commit()

    def act(number):
        with store.begin() as work:
            if number == 0:
                cancel(work, get_appointment(work, held), NOW)
            else:
                book(work, SLOT, get_conversation(work, ids[number]), topic="work", now=NOW)
            work.commit()
            return "done"

    results = at_once(5, act)
    assert results[0] == "done"
    assert results[1:].count("done") <= 1
    assert all(result == "done" or isinstance(result, SlotTaken) for result in results)
    assert count(store, "allocation") == 2 * results[1:].count("done")


def test_a_message_sent_twice_at_once_is_kept_once(store):
    [id] = people(store, 1)

    def send(_):
        with store.begin() as work:
            message = add_message(work, get_conversation(work, id), author="person", now=NOW, text="hello", key="k")
            work.commit()
            return message.id, message.duplicate

    results = at_once(4, send)
    assert len({message for message, _ in results}) == 1
    assert [duplicate for _, duplicate in results].count(False) == 1
    with store.read() as work:
        assert len(messages(work, get_conversation(work, id))) == 1


def test_two_colleagues_who_accept_at_once_do_not_both_get_the_case(store):
    [id] = people(store, 1)
    with store.begin() as work:
        staff = [create_staff(work, login, "correct horse battery").id for login in ("first", "second")]
        conversation = get_conversation(work, id)
        case = open_case(work, conversation, topic="work", site=None, facts={}, now=NOW).id
        work.commit()

    def take(number):
        from office.cases import get_case
        from office.staff import get_staff

        with store.begin() as work:
            accept(work, get_case(work, case), get_staff(work, staff[number]), NOW)
            work.commit()
            return staff[number]

    results = at_once(2, take)
    winner = [result for result in results if isinstance(result, int)]
    assert len(winner) == 1
    assert [type(result) for result in results if not isinstance(result, int)] == [HandoffError]
    with store.read() as work:
        assert get_conversation(work, id).staff_id == winner[0]


def test_fifty_units_of_work_at_once_all_come_through(store):
    """Readers that turn into writers would meet 'database is locked' here at once."""
    ids = people(store, 10)

    def talk(number):
        for step in range(5):
            with store.begin() as work:
                conversation = get_conversation(work, ids[number])
                add_message(work, conversation, author="person", now=NOW, text=str(step))
                work.commit()
        return "done"

    assert at_once(10, talk) == ["done"] * 10
    assert count(store, "message") == 50


@pytest.mark.parametrize("language", [None, "ar"])
def test_an_interpreter_is_never_in_two_places(store, language):
    from office.resources import add_interpreter

    with store.begin() as work:
        add_interpreter(work, "mettmann", "a", ["ar"])
        work.commit()
    ids = people(store, 4)

    def attempt(number):
        with store.begin() as work:
            conversation = get_conversation(work, ids[number])
            book(work, SLOT, conversation, topic="work", now=NOW, language=language)
            work.commit()
            return "booked"

    assert at_once(4, attempt).count("booked") == 1
    assert count(store, "allocation") == (4 if language else 2)
