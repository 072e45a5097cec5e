"""Where the gradebook is kept. One place decides, for `course` and for nbgrader's own commands.

The environment variable COURSE_GRADEBOOK comes first, then `gradebook` in course.toml; without
either it is an SQLite file in the private folder. A password may stand in the variable alone. It
is taken out of the URL at once, so that no setting, message or log of ours or of nbgrader's can
show it, and is handed to the driver when a connection is made.
"""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from autograder.errors import CourseError

VARIABLE = "COURSE_GRADEBOOK"
FILE_NAME = "gradebook.db"
PRIVATE = "private"  # in course.toml: an SQLite file in the private folder, whatever the variable
FORM = "postgresql://USER@HOST/DATABASE"
PACKAGE = "psycopg2-binary"

_SCHEMES = ("postgresql", "postgresql+psycopg2")
_DRIVER = "postgresql+psycopg2"  # SQLAlchemy 2.1 would take psycopg 3 unless told
_SECRETS = (VARIABLE, "PGPASSWORD")
_SECONDS_TO_CONNECT = "10"
_LONGEST_REASON = 300
_LOGS = (  # nbgrader's and SQLAlchemy's, which write tracebacks there, with students' names
    "tornado.application",
    "sqlalchemy.pool.impl.NullPool",
    "sqlalchemy.pool.impl.QueuePool",
)


class Mistake(Exception):
    """What is wrong with an address, and the cure; neither quotes what may be a password."""

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(what)
        self.what, self.cure = what, cure


def check_entry(entry: str) -> None:
    """Check what course.toml says.

    Args:
        entry: a URL of PostgreSQL without a password, or "private".

    Raises:
        Mistake: it is neither.
    """
    if entry == PRIVATE:
        return
    if _parse(entry).password is not None:
        raise Mistake(
            "gradebook holds a password, and this file is under version control",
            f"Take it out here and choose a new one; put the whole URL into {VARIABLE}, or the "
            "password into ~/.pgpass.",
        )


def choose_address(entry: str | None) -> str | None:
    """Decide where the gradebook is.

    Args:
        entry: what course.toml says, already checked.

    Returns:
        PostgreSQL's URL without the password, or None for a file in the private folder.

    Raises:
        CourseError: the variable holds no URL of PostgreSQL.
    """
    said = os.environ.get(VARIABLE, "").strip()
    if entry == PRIVATE or not (said or entry):
        return None
    try:
        url = _parse(said or entry or "")
    except Mistake as mistake:
        raise CourseError(f"{VARIABLE}: {mistake.what}", mistake.cure) from None
    _hand_out_passwords()
    return _without_password(url).render_as_string()


def sqlite_url(path: Path) -> str:
    """Give the URL of an SQLite file."""
    return f"sqlite:///{path}"


def is_postgresql(url: str) -> bool:
    """Say whether a URL leads to PostgreSQL."""
    return url.startswith(_DRIVER)


def spoken(url: str) -> str:
    """Write a URL for people: the file's path, or PostgreSQL's URL without driver and options."""
    from sqlalchemy.engine import make_url

    parts = make_url(url)
    if not is_postgresql(url):
        return parts.database or url
    host = parts.query.get("host", "")
    shown = parts.set(drivername="postgresql", query={"host": host} if host else {})
    return shown.render_as_string()


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """Copy an environment for a process that has nothing to do with the gradebook."""
    return {name: value for name, value in environment.items() if name not in _SECRETS}


def _parse(text: str) -> Any:
    """Read a URL of PostgreSQL; SQLAlchemy's own complaints may quote a password."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    scheme, separator, _ = text.partition("://")
    if not separator or scheme not in _SCHEMES:
        raise Mistake("the gradebook's address is no URL of PostgreSQL", f"Write it as {FORM}.")
    encode = "Write @ in a name or password as %40, / as %2F and : as %3A."
    if text.count("@") > 1:
        raise Mistake("there are two @ in the gradebook's URL", encode)
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise Mistake(
            "the gradebook's URL cannot be read", f"Write it as {FORM}. {encode}"
        ) from None
    if not url.database:
        raise Mistake("the gradebook's URL names no database", f"Write it as {FORM}.")
    if any("password" in key for key in url.query):
        raise Mistake(
            "the gradebook's URL has a password among its options",
            f"Write it as postgresql://USER:PASSWORD@HOST/DATABASE, in {VARIABLE} only.",
        )
    return url


def _without_password(url: Any) -> Any:
    from sqlalchemy.engine import URL

    return URL.create(_DRIVER, url.username, None, url.host, url.port, url.database, url.query)


def _hand_out_passwords() -> None:
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    if not event.contains(Engine, "do_connect", _complete):
        event.listen(Engine, "do_connect", _complete)


def _complete(dialect: Any, _record: Any, _arguments: Any, options: dict[str, Any]) -> None:
    """Add the variable's password to a connection to the variable's database, and a time limit."""
    if dialect.name != "postgresql":
        return
    said = os.environ.get(VARIABLE, "").strip()
    if said:
        try:
            url = _parse(said)
        except Mistake:
            url = None
        if url is not None and url.password is not None:
            same = dialect.create_connect_args(_without_password(url))[1]
            if options == same:
                options["password"] = url.password
    options.setdefault("connect_timeout", _SECONDS_TO_CONNECT)


@contextmanager
def database_errors(url: str) -> Iterator[None]:
    """Turn what a database cannot do into a sentence: no room, no right, no server, no password.

    Args:
        url: the gradebook's.

    Raises:
        CourseError: it could not be read or written.
    """
    from sqlalchemy.exc import DBAPIError, IntegrityError

    for name in _LOGS:
        logging.getLogger(name).addFilter(_nothing)
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != "psycopg2":
            raise
        raise CourseError(
            f"{spoken(url)}: the gradebook is in PostgreSQL, whose driver is not installed.",
            f"`make venv` installs it; so does `pip install {PACKAGE}`.",
        ) from None
    except IntegrityError:
        raise
    except DBAPIError as error:
        raise _refused(url, error) from error
    except ValueError as error:  # nbgrader's InvalidEntry, in place of what happened
        cause = error.__context__
        if not isinstance(cause, DBAPIError) or isinstance(cause, IntegrityError):
            raise
        raise _refused(url, cause) from error
    finally:
        for name in _LOGS:
            logging.getLogger(name).removeFilter(_nothing)


def _nothing(record: logging.LogRecord) -> bool:
    return False


def _refused(url: str, error: Any) -> CourseError:
    reason = " ".join(str(error.orig).split())
    if not is_postgresql(url):
        cure = next((cure for sign, cure in _CURES_OF_A_FILE.items() if sign in reason), _NO_ROOM)
        return CourseError(
            f"{spoken(url)}: the gradebook cannot be read or written ({reason}).", cure
        )
    cure = next(
        (cure for sign, cure in _CURES.items() if sign in reason),
        "See that the server runs and can be reached; what was finished is kept: run it again.",
    )
    shown = reason if len(reason) <= _LONGEST_REASON else reason[:_LONGEST_REASON] + " …"
    return CourseError(f"{spoken(url)}: the gradebook cannot be read or written ({shown}).", cure)


_NO_ROOM = "Make room there, or give this user the right to; what was finished is kept."
_DAMAGED = (
    "Put back a copy of it. Without one: move it away and run `course grade`, which makes a new "
    "one; marks given by hand are then lost."
)
_CURES_OF_A_FILE = {
    "locked": (
        "Another program is writing to it (formgrader, nbgrader, a database browser): let it end "
        "and run this again; what was finished is kept."
    ),
    "not a database": _DAMAGED,
    "malformed": _DAMAGED,
}
_OWNER = "Let the server's administrator make this user the database's owner."
_CURES = {
    "password authentication failed": (
        f"Put the right password into {VARIABLE}, or into ~/.pgpass (mode 600)."
    ),
    "no password supplied": f"Put the password into {VARIABLE}, or into ~/.pgpass (mode 600).",
    "does not exist": (
        "Let the server's administrator make it: `createuser USER`, "
        "`createdb --encoding UTF8 --owner USER DATABASE`."
    ),
    "permission denied": _OWNER,
    "no schema has been selected": _OWNER,
    "lock timeout": "Another process sets the gradebook up: wait for its end and run it again.",
    "No space left": "Make room on the server; what was finished is kept: run it again.",
    "invalid connection option": f"Mend the options behind the ? in {VARIABLE} or course.toml.",
}
