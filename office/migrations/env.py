"""Runs migrations on the connection that Store.migrate() hands over."""

from alembic import context

import office.course_tables  # noqa: F401 (its tables belong to the metadata)
from office.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # SQLite can undo a half-made table as well; the store begins its transactions itself.
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
