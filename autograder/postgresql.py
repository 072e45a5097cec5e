"""A gradebook in PostgreSQL: its tables made once, and one grader at a time for each week.

Locks are PostgreSQL's advisory locks, held by a connection: they count for all machines, and the
server lets go of them when the process that holds them ends, however it ends.
"""

import os
import socket
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from autograder.database import spoken
from autograder.errors import CourseError

NAME_CHARACTERS = 128
"""The longest name of a student that nbgrader's tables take; SQLite does not count."""

_SPACE = 0x636F7572  # "cour": our locks, apart from other programs' in the same database
_SETTING_UP = 0
_WAIT = "120s"
_ALIVE = {"tcp_keepalives_idle": 60, "tcp_keepalives_interval": 15, "tcp_keepalives_count": 4}


class WeekLock:
    """A week's lock, and the connection that holds it; see `hold_week`."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def check(self) -> None:
        """See that the connection, and so the lock, is still there.

        Raises:
            sqlalchemy.exc.DBAPIError: it is not.
        """
        self._connection.exec_driver_sql("SELECT 1")

    @contextmanager
    def setting_up(self) -> Iterator[None]:
        """Let one process at a time make tables and save cells, whatever the week."""
        self._connection.exec_driver_sql(f"SET lock_timeout = '{_WAIT}'")
        self._connection.exec_driver_sql(f"SELECT pg_advisory_lock({_SPACE}, {_SETTING_UP})")
        try:
            yield
        finally:
            if not self._connection.invalidated:
                unlock = f"SELECT pg_advisory_unlock({_SPACE}, {_SETTING_UP})"
                self._connection.exec_driver_sql(unlock)


@contextmanager
def hold_week(url: str, week: str) -> Iterator[WeekLock]:
    """Hold the lock of one week in the database.

    Args:
        url: PostgreSQL's URL.
        week: the week's folder.

    Yields:
        The lock.

    Raises:
        CourseError: another process holds it, or the database cannot store every name.
        sqlalchemy.exc.DBAPIError: the database cannot be reached.
    """
    from sqlalchemy import create_engine, pool

    key = zlib.crc32(week.encode()) & 0x7FFFFFFF or 1
    name = f"course, process {os.getpid()} on {socket.gethostname()}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT set_config('application_name', %s, false)", (name,))
        for setting, value in _ALIVE.items():  # a machine that lost power holds it for two minutes
            connection.exec_driver_sql(f"SET {setting} = {value}")
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
        if encoding != "UTF8":
            raise CourseError(
                f"{spoken(url)}: the database's encoding is {encoding}, in which not every name "
                "can be written.",
                "Make it anew by `createdb --encoding UTF8 --template template0 DATABASE`.",
            )
        ours = f"SELECT pg_try_advisory_lock({_SPACE}, {key})"
        if not connection.exec_driver_sql(ours).scalar_one():
            who = connection.exec_driver_sql(_HOLDER.format(space=_SPACE, key=key)).scalar()
            raise CourseError(
                f"Another `course grade` is at work on {week} ({who or 'of another user'}).",
                "Wait for its end, or end it; then run this one again.",
            )
        yield WeekLock(connection)


_HOLDER = """
    SELECT application_name FROM pg_stat_activity JOIN pg_locks USING (pid)
    WHERE locktype = 'advisory' AND granted AND classid = {space} AND objid = {key}
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def make_tables(url: str) -> None:
    """Make nbgrader's tables where there are none, whole and with the mark of its version.

    nbgrader itself makes the tables first and the mark afterwards: whoever is killed in between
    leaves a gradebook that `nbgrader db upgrade` cannot read.

    Args:
        url: PostgreSQL's URL.

    Raises:
        sqlalchemy.exc.DBAPIError: the database refuses.
    """
    from nbgrader.api import Base, get_alembic_version
    from sqlalchemy import create_engine, inspect, text

    engine = create_engine(url)
    try:
        if inspect(engine).get_table_names():
            return
        version = get_alembic_version()
        with engine.begin() as connection:
            Base.metadata.create_all(connection)
            connection.execute(
                text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
            )
            connection.execute(
                text("INSERT INTO alembic_version (version_num) VALUES (:version)"),
                {"version": version},
            )
    finally:
        engine.dispose()
