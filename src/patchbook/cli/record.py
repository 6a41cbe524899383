"""What every command of the record shares: opening it, who acts and when, and the options that say so."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypedDict

import typer

from patchbook.errors import BadInput, Conflict, NotAllowed, NotFound
from patchbook.period import instant

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from patchbook.db.record import Record
    from patchbook.people.principal import Principal

ACTS_SETTING = "PATCHBOOK_AS"
SETTINGS_FILE = "cli.json"
"""In the data folder: who acts where nothing else says so."""

Data = Annotated[
    Path | None,
    typer.Option("--data", metavar="FOLDER", help="The record's folder; else PATCHBOOK_DATA, else patchbook-data."),
]
Acting = Annotated[
    str | None,
    typer.Option("--as", metavar="PERSON", help="Who does this; else PATCHBOOK_AS, else the admin `init` made."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print everything as JSON.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="Most rows to print.")]
After = Annotated[str | None, typer.Option("--after", metavar="CURSOR", help="Go on where an earlier list stopped.")]
On = Annotated[
    datetime | None, typer.Option("--on", metavar="DATE", parser=instant, help="The day asked about; else now.")
]
AsKnownOn = Annotated[
    datetime | None,
    typer.Option("--as-known-on", metavar="DATE", parser=instant, help="What the record held then; else now."),
]
Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason, which the record keeps.")]
Revision = Annotated[
    int | None,
    typer.Option("--revision", min=1, help="Refuse if somebody changed it since this revision; else take it as it is."),
]


class NobodyActs(BadInput):
    """A command needs to know who acts, and nothing says it."""


class NoRole(NotAllowed):
    """Whoever is to act holds no role, is not employed today, or is not in the record."""


class NoFile(NotFound):
    """A file that was named is not there, or is no text."""


class Who(TypedDict):
    """Who acts, and when: the last two arguments of every deed."""

    by: Principal
    at: datetime


def now() -> datetime:
    """This moment; the only clock of the command line."""
    return datetime.now(UTC)


@contextmanager
def opened(data: Path | None) -> Iterator[Record]:
    """The record that is there, closed again at the end."""
    from sqlalchemy.exc import IntegrityError

    from patchbook.db.record import open_record

    record = open_record(data)
    try:
        yield record
    except IntegrityError as error:
        said = str(error.orig).splitlines()[0].removeprefix("ERROR:").strip().rstrip(".")
        raise Conflict(f"The record refuses this: {said}. Look at what is there now and try again.") from error
    finally:
        record.close()


@contextmanager
def writing(data: Path | None, acting: str | None) -> Iterator[tuple[Connection, Who]]:
    """One transaction of the record, and who acts in it; on an error or Ctrl-C nothing of it stays."""
    from patchbook.publishing.actions import advance

    with opened(data) as record, record.writing() as tx:
        asking = who(record, tx, acting)
        advance(tx, asking["at"])  # plans whose date has come
        yield tx, asking


@contextmanager
def reading(data: Path | None, acting: str | None) -> Iterator[tuple[Connection, Who]]:
    """A view of the record at one moment, and who looks; plans whose date has come are active before."""
    from patchbook.publishing.actions import advance, is_behind

    with opened(data) as record:
        at = now()
        with record.reading() as tx:
            behind = is_behind(tx, at)
        if behind:
            with record.writing() as tx:
                advance(tx, at)
        with record.reading() as tx:
            yield tx, who(record, tx, acting)


def who(record: Record, tx: Connection, acting: str | None) -> Who:
    """
    The person meant, with the rights they hold now.

    Whoever can read the data folder could read the database itself, so no password is asked for here; the rights of the
    person named are still checked as for anybody.
    """
    from patchbook import access

    at = now()
    by = access.principal(tx, actor(record, acting), at=at)
    if not by.grants:
        raise NoRole(f"{by.person_id!r} holds no role here today; an admin gives one with `patchbook user grant`.")
    return {"by": by, "at": at}


def actor(record: Record, acting: str | None) -> str:
    """The id of who acts: named, set in the environment, or kept in the data folder."""
    kept = record.folder / SETTINGS_FILE
    named = acting or os.environ.get(ACTS_SETTING)
    if not named and kept.is_file():
        named = json.loads(kept.read_text(encoding="utf-8")).get("as")
    if not named:
        raise NobodyActs(f"Nobody acts here yet; name a person with --as or {ACTS_SETTING}, or run `patchbook init`.")
    return str(named)


def text_of(file: Path) -> str:
    """What a file says, in UTF-8."""
    try:
        return bytes_of(file).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NoFile(f"{file} cannot be read as text in UTF-8; name a text file.") from None


def bytes_of(file: Path) -> bytes:
    """What is in a file."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise NoFile(f"There is no file {file} here; name one that is there.") from None
    except OSError as error:
        raise NoFile(f"{file} cannot be read ({type(error).__name__}); name a file that can.") from None
