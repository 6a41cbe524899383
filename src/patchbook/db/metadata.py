"""The one list of tables, and the kinds of column they share."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Dialect, MetaData, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from patchbook.errors import BadInput
from patchbook.period import FOREVER, from_microseconds, microseconds

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every table of the record; each store adds its own."""


class Instant(TypeDecorator[datetime]):
    """An instant in UTC: `timestamptz` in PostgreSQL, microseconds since 1970 in SQLite."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """What each database keeps it as."""
        return dialect.type_descriptor(TIMESTAMP(timezone=True) if dialect.name == "postgresql" else BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """To the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise BadInput(f"{value.isoformat()} says no time zone; instants are kept in UTC.")
        return value if dialect.name == "postgresql" else microseconds(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """And back."""
        if value is None:
            return None
        return value.astimezone(UTC) if isinstance(value, datetime) else from_microseconds(value)


class Json(TypeDecorator[Any]):
    """A small document: `jsonb` in PostgreSQL, text in SQLite, keys sorted."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """What each database keeps it as."""
        return dialect.type_descriptor(JSONB() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """To the database."""
        if value is None or dialect.name == "postgresql":
            return value
        return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """And back."""
        return json.loads(value) if isinstance(value, str) and dialect.name != "postgresql" else value


class each_of(FunctionElement[Any]):
    """The elements of a list in a `Json` column, each a row with the column `value`, on both databases."""

    inherit_cache = True


@compiles(each_of)
def _elements(call: each_of, compiler: SQLCompiler, **options: Any) -> str:
    name = "jsonb_array_elements" if compiler.dialect.name == "postgresql" else "json_each"
    return f"{name}({compiler.process(call.clauses, **options)})"


def valid_and_recorded() -> tuple[Column[datetime], ...]:
    """
    The four ends of a bitemporal fact: when it is true, and when we knew.

    `[valid_from, valid_to)` is the time the fact speaks of; `[recorded_from, recorded_to)` the time the record held it.
    What has no end yet ends at `FOREVER`.
    """
    return (
        Column("valid_from", Instant, nullable=False),
        Column("valid_to", Instant, nullable=False, default=FOREVER),
        Column("recorded_from", Instant, nullable=False),
        Column("recorded_to", Instant, nullable=False, default=FOREVER),
    )


def new_id(kind: str) -> str:
    """A name nobody can guess, for a thing the record makes: `plan-3f9c2a71d04b58e6`."""
    return f"{kind}-{secrets.token_hex(8)}"
