"""The database, and the way to it from async code."""

import fcntl
import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError

from voice_agent.adapters.sql.tables import make_tables
from voice_agent.core.words import Seconds
from voice_agent.errors import ConfigError, PortError
from voice_agent.pool import WorkerPool

log = logging.getLogger(__name__)
T = TypeVar("T")


class Database:
    """Runs jobs on a connection, in a transaction, on a few threads of its own.

    A write takes the database's write lock at its start: a transaction that reads first and asks for the lock later
    fails at once, whatever the timeout, when another process has written in between.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(voice_agent_writes=True)
        self._pool = WorkerPool("database", workers=4, waiting=256)

    async def read(self, job: Callable[[Connection], T]) -> T:
        return await self._pool.run(lambda: _run(self._engine, job))

    async def write(self, job: Callable[[Connection], T]) -> T:
        """All of the job or, when it raises, nothing."""
        return await self._pool.run(lambda: _run(self._writing, job))

    def read_now(self, job: Callable[[Connection], T]) -> T:
        """On the caller's own thread. For a short read only: a reader never waits for a writer here."""
        return _run(self._engine, job)

    async def scrub(self) -> None:
        """Leave nothing of what was deleted in the file or its log. Costs a copy of the database."""
        await self._pool.run(self._scrub)

    def _scrub(self) -> None:
        connection = self._engine.raw_connection()
        try:
            for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                connection.cursor().execute(statement).fetchall()
        except sqlite3.Error as error:
            raise PortError(f"the database could not be scrubbed: {error}", code="store-failed", retry=True) from error
        finally:
            connection.close()

    def create_tables(self) -> None:
        _run(self._writing, make_tables)

    def close(self) -> None:
        self._pool.close()
        self._engine.dispose()


def open_database(url: str, *, busy_timeout: Seconds = 2.0) -> Database:
    """Open or create the database at `url`, such as sqlite:///data/calls.db, with its folder and tables.

    `busy_timeout` bounds the wait for another process that is writing.

    Raises:
        ConfigError: the URL is not one of a SQLite file.
        PortError: code "store-failed", when the file cannot be opened.
    """
    path = _file_of(url)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # briefs are in it; SQLite gives its other files the same rights
    except OSError as error:
        raise PortError(f"cannot make the folder of the database: {error}", code="store-failed") from error
    engine = create_engine(url, connect_args={"timeout": busy_timeout})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    database = Database(engine)
    try:
        with _alone_in(path.parent):
            database.create_tables()
    except PortError:
        database.close()
        raise
    return database


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Hold off other processes that open a database here.

    Two that switch a new file to its write-ahead log in the same moment hold a read lock each and want to write: SQLite
    fails one of them at once with "database is locked", whatever its timeout. The system lets go of a dead process's lock.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _file_of(url: str) -> Path:
    mend = "write sqlite:/// and the path of a file, such as sqlite:///data/calls.db"
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigError(f"the database's URL cannot be read; {mend}", code="database-url") from None
    if parsed.drivername != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise ConfigError(f"the database must be a SQLite file, not {parsed.drivername!r} without one; {mend}", code="database-url")
    return Path(parsed.database)


def _prepare(connection: Any, _: object) -> None:
    # The sqlite3 module begins transactions by itself, and late; _begin does it in its place.
    connection.isolation_level = None
    # With a write-ahead log readers and the writer do not wait for each other. It is synced at checkpoints: a crash of
    # the process loses nothing, a power cut may lose the last moments, as it does the calls they belong to.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    # What is deleted is overwritten with zeros at once; `scrub` sees to the log.
    connection.execute("PRAGMA secure_delete = ON")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("voice_agent_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _run(engine: Engine, job: Callable[[Connection], T]) -> T:
    try:
        with engine.begin() as connection:
            return job(connection)
    except SQLAlchemyError as error:
        # The statement's parameters stay out of the message: a brief is among them.
        cause = getattr(error, "orig", None) or type(error).__name__
        locked = isinstance(error, OperationalError) and "locked" in str(cause)
        log.warning("the database failed: %s", cause)
        raise PortError(f"the database failed: {cause}", code="store-failed", retry=locked) from None
