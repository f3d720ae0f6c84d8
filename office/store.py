"""The store: one database, units of work that roll back unless committed."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import URL, Connection, Engine, StaticPool, create_engine, event, make_url, text
from sqlalchemy.orm import Session

from office.calendars import Calendar, calendars
from office.sites import Site, sites
from office.tables import Base
from office.writers import Writers

MIGRATIONS = Path(__file__).parent / "migrations"
# How long a writer waits for another one, in seconds, before it gives up with 'database is locked'.
BUSY_TIMEOUT = 10.0
# The same on PostgreSQL, with more patience for a crowd; and a process that hangs in the middle of a unit of work
# does not keep everybody else out.
POSTGRESQL_PATIENCE = "-c lock_timeout=30s -c idle_in_transaction_session_timeout=60s"
# Any number will do, as long as nothing else in the database uses it as an advisory lock.
MIGRATION_LOCK = 5_114_027


def default_url(environ: Mapping[str, str]) -> str:
    """Return LOTSE_DATABASE_URL, or the SQLite file in the state folder (LOTSE_STATE, else var)."""
    url = environ.get("LOTSE_DATABASE_URL")
    return url or f"sqlite:///{(Path(environ.get('LOTSE_STATE') or 'var') / 'lotse.db').as_posix()}"


class Work:
    """One unit of work. Leaving it without `commit()` undoes everything done in it."""

    def __init__(
        self, session: Session, sites: Mapping[str, Site], calendars: Mapping[str, Calendar], *, writing: bool
    ) -> None:
        self.session = session
        self.sites = sites
        self.calendars = calendars
        self.writing = writing
        # Set by an erasure: the write-ahead log is emptied after the commit, so that nothing stays there.
        self.shred = False

    def commit(self) -> None:
        """Keep what was done; what is done afterwards belongs to a new transaction of the same unit."""
        bind = self.session.get_bind()
        self.session.commit()
        if self.shred and isinstance(bind, Engine):
            self.shred = False
            _empty_log(bind)

    def rollback(self) -> None:
        """Undo everything since the beginning or the last commit."""
        self.session.rollback()

    def changing(self, row: Base) -> None:
        """Refuse to change a row that this unit of work would not save: the change would be lost silently."""
        if not self.writing:
            raise RuntimeError("A reading unit of work changes nothing; use store.begin().")
        if row not in self.session:
            raise RuntimeError(f"This {type(row).__name__} is from another unit of work; load it again in this one.")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.session.close()


class Store:
    """A database behind a URL (SQLite file, or PostgreSQL), and the sites it serves.

    Making a Store opens nothing; `migrate()` creates or updates the tables.
    """

    def __init__(
        self,
        url: str,
        sites: Mapping[str, Site] | None = None,
        calendars: Mapping[str, Calendar] | None = None,
        *,
        synchronous: str = "FULL",
    ) -> None:
        self.url: URL = _with_driver(make_url(url))
        self._sites = sites
        # Whoever gives the sites gives their calendars, too.
        self._calendars = {} if calendars is None and sites is not None else calendars
        self._engine = _engine(self.url, synchronous)
        self._reading = self._engine.execution_options(**_reading_options(self.url))

    @property
    def sites(self) -> Mapping[str, Site]:
        """The Integration Points this store serves: those given, else all of the site files."""
        if self._sites is None:
            self._sites = sites()
        return self._sites

    @property
    def calendars(self) -> Mapping[str, Calendar]:
        """Who takes part in appointments at these sites: those given, else all of the calendar files."""
        if self._calendars is None:
            self._calendars = calendars()
        return self._calendars

    def begin(self) -> Work:
        """Start a unit of work that may write. On SQLite it is the only one from its first statement on."""
        return Work(Session(self._engine, expire_on_commit=False), self.sites, self.calendars, writing=True)

    def read(self) -> Work:
        """Start a unit of work that only reads: one consistent picture, never waiting for a writer."""
        return Work(Session(self._reading, expire_on_commit=False), self.sites, self.calendars, writing=False)

    def migrate(self) -> None:
        """Bring the tables to the newest version; safe to call from several processes at once."""
        from alembic import command
        from alembic.config import Config

        from office.resources import sync_resources

        _make_private_file(self.url)
        config = Config()
        config.set_main_option("script_location", MIGRATIONS.as_posix().replace("%", "%%"))
        with self._engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        with self.begin() as work:
            sync_resources(work)
            work.commit()

    def close(self) -> None:
        """Close all connections; the store can be used again afterwards."""
        self._engine.dispose()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A bare connection for maintenance and tests; rolls back unless committed."""
        with self._engine.connect() as connection:
            yield connection


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _with_driver(url: URL) -> URL:
    """Return the address with our driver where it names none."""
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgresql", "postgres") else url


def _reading_options(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {"lotse_reading": True}
    # One consistent picture for as long as the unit of work lasts; SQLite's readers have that anyway.
    return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def _is_memory(url: URL) -> bool:
    return url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:")


def _make_private_file(url: URL) -> None:
    if url.get_backend_name() != "sqlite" or _is_memory(url) or url.database is None:
        return
    path = Path(url.database)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Only the account that runs the service may read what people wrote; the log files inherit this.
    path.touch(mode=0o600, exist_ok=True)


def _engine(url: URL, synchronous: str) -> Engine:
    if url.get_backend_name() != "sqlite":
        # Enough connections that the threads of one process never wait for each other's.
        return create_engine(
            url,
            json_serializer=_dumps,
            pool_pre_ping=True,
            pool_size=20,
            max_overflow=20,
            connect_args={"options": POSTGRESQL_PATIENCE},
        )
    options: dict[str, Any] = {"json_serializer": _dumps, "connect_args": {"timeout": BUSY_TIMEOUT}}
    if _is_memory(url):
        # One connection for all threads: another one would see another, empty database.
        options["poolclass"] = StaticPool
        options["connect_args"]["check_same_thread"] = False
    engine = create_engine(url, **options)
    if not _is_memory(url) and url.database is not None:
        # Before the other handlers: the line comes before the door.
        _queue_writers(engine, Writers(Path(url.database), BUSY_TIMEOUT))
    _prepare_sqlite(engine, synchronous)
    return engine


def _queue_writers(engine: Engine, writers: Writers) -> None:
    """Let writers wait in line from before their first statement until their connection is given back."""

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        if not connection.get_execution_options().get("lotse_reading", False):
            writers.enter(connection.info)

    @event.listens_for(engine, "checkin")
    def on_checkin(_connection: Any, record: Any) -> None:
        writers.leave(record.info)

    @event.listens_for(engine, "invalidate")
    def on_invalidate(_connection: Any, record: Any, _error: Any) -> None:
        writers.leave(record.info)

    @event.listens_for(engine, "engine_disposed")
    def on_dispose(_engine: Engine) -> None:
        writers.close()


def _prepare_sqlite(engine: Engine, synchronous: str) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        # The driver must not open transactions by itself: it would begin them as readers, and two readers
        # that both turn writer are a dead-lock that no waiting resolves.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "foreign_keys=ON",
            # Deleted text is overwritten with zeros, not merely forgotten.
            "secure_delete=ON",
            "temp_store=MEMORY",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("lotse_reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _empty_log(engine: Engine) -> None:
    """Move the write-ahead log into the database file and empty it, unless somebody is reading."""
    if engine.dialect.name != "sqlite":
        return
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
