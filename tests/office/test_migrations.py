"""An installation that runs: what it has kept is still there, and means the same, after the update."""

import sqlite3

from alembic import command
from alembic.config import Config

from office.appointments import by_code, cancel, free_slots
from office.conversations import get_conversation, messages
from office.store import MIGRATIONS, Store

OLD = """
INSERT INTO conversation VALUES ('c', 'web', NULL, 'ar', 1, 'mettmann', 'bot', NULL, 0, '2024-06-01', '2024-06-01');
INSERT INTO resource VALUES ('mettmann:counter:1', 'mettmann', 'counter', NULL, 1);
INSERT INTO appointment VALUES ('a', 'c', 'mettmann', 'work', NULL, '2024-07-02 07:00:00.000000',
  '2024-07-02 07:30:00.000000', 'booked', 'K7R4', NULL, 0, '2024-06-01 08:00:00.000000', '2024-06-01 08:00:00.000000');
INSERT INTO allocation VALUES ('mettmann:counter:1', '2024-07-02 07:00:00.000000', 'a'),
  ('mettmann:counter:1', '2024-07-02 07:15:00.000000', 'a');
INSERT INTO message (conversation_id, author, response, "values", state, created_at)
  VALUES ('c', 'bot', 'appointments.cancelled_by_office', '{"site": "mettmann"}', 'done', '2024-06-01 08:00:00.000000');
INSERT INTO outbox (kind, key, payload, conversation_id, state, attempts) VALUES ('telegram', 'k', '{}', 'c', 'pending', 0);
"""


def migrated_to(path, revision):
    store = Store(f"sqlite:///{path}")
    config = Config()
    config.set_main_option("script_location", MIGRATIONS.as_posix())
    with store._engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    store.close()


def test_appointments_messages_and_the_outbox_survive_the_update(tmp_path, now):
    path = tmp_path / "old.db"
    migrated_to(path, "0001")
    with sqlite3.connect(path) as connection:
        connection.executescript(OLD)
    store = Store(f"sqlite:///{path}")
    store.migrate()
    with store.begin() as work:
        appointment = by_code(work, "mettmann", "K7R4")
        assert (appointment.means, appointment.held_until, appointment.language) == ("on_site", None, None)
        assert free_slots(work, "mettmann", now, n=1)[0].id == "mettmann:2024-07-02T09:30"
        conversation = get_conversation(work, "c")
        assert conversation.reminders is True
        assert [message.response for message in messages(work, conversation)] == ["notify.cancelled_by_office"]
        cancel(work, appointment, now)
        assert free_slots(work, "mettmann", now, n=1)[0].id == "mettmann:2024-07-02T09:00"
    store.close()
