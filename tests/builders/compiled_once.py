"""SQL put together once for a process: each test opens a record of its own, and would put all together anew."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

COMPILED: LRUCache[object, object] = LRUCache(5000)
"""Statements as text, for every engine of the process; as many as tests ask for."""


def compile_once() -> None:
    """Let every engine look for its statements where the others left theirs; a third of most tests went into that."""
    # The cache is by dialect, one for each engine. Ours are all made alike, so those of one server's version are one.
    DefaultDialect.__eq__ = _are_alike  # type: ignore[method-assign, assignment]
    DefaultDialect.__hash__ = _hash  # type: ignore[method-assign, assignment]
    event.listen(Engine, "engine_connect", _share)


def _are_alike(one: DefaultDialect, other: object) -> bool:
    return one is other or (
        type(one) is type(other) and one.server_version_info == getattr(other, "server_version_info", None)
    )


def _hash(dialect: DefaultDialect) -> int:
    return hash(type(dialect))


def _share(connection: Connection) -> None:
    connection.execution_options(compiled_cache=COMPILED)
