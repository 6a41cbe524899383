"""Counting the statements a question takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from sqlalchemy import event

from patchbook.db import Record


@pytest.fixture
def statements() -> Callable[[Record], AbstractContextManager[list[str]]]:
    """The statements sent to a record's database while a block runs."""

    @contextmanager
    def counted(record: Record) -> Iterator[list[str]]:
        seen: list[str] = []

        def note(connection: object, cursor: object, statement: str, *_: object) -> None:
            seen.append(statement)

        event.listen(record.engine, "before_cursor_execute", note)
        yield seen
        event.remove(record.engine, "before_cursor_execute", note)

    return counted
