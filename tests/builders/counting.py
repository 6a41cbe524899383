"""Count the statements a deed sends to the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, event


@dataclass
class Counted:
    """The statements seen so far."""

    statements: list[str] = field(default_factory=list)

    @property
    def number(self) -> int:
        """How many they are."""
        return len(self.statements)


@contextmanager
def statements(tx: Connection) -> Iterator[Counted]:
    """Count what a transaction sends within the block; a statement for many rows is one."""
    counted = Counted()

    def seen(_: object, __: object, statement: str, *___: object) -> None:
        counted.statements.append(statement)

    event.listen(tx, "before_cursor_execute", seen)
    try:
        yield counted
    finally:
        event.remove(tx, "before_cursor_execute", seen)
