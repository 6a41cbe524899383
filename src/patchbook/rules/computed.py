"""A field that no file has, since a function computes it: `lookup(postal_code, 'zips')`."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class FieldName:
    """A field as an argument of a function."""

    name: str


Argument = FieldName | str | int | float


@dataclass(frozen=True)
class Call:
    """A function of the rule language with its arguments."""

    function: str
    arguments: tuple[Argument, ...]


class Computed(str):
    """
    The name of a computed field, which is its call in the one canonical spelling.

    Being a text, it stands wherever a field's name stands: in a condition, in an index, as a column of a frame.

    Examples
    --------
    >>> Computed(Call("lookup", (FieldName("postal_code"), "zips")))
    "lookup(postal_code, 'zips')"
    """

    __slots__ = ("call",)

    call: Call

    def __new__(cls, call: Call) -> Computed:
        made = super().__new__(cls, f"{call.function}({', '.join(_to_sql(part) for part in call.arguments)})")
        made.call = call
        return made

    def __reduce__(self) -> tuple[type[Computed], tuple[Call]]:
        return Computed, (self.call,)


def name_to_sql(name: str) -> str:
    """A field's name, in double quotes where SQL or this language could read it as something else."""
    from sqlglot.parser import Parser
    from sqlglot.tokens import Tokenizer

    if isinstance(name, Computed):
        return str(name)
    words = Tokenizer.KEYWORDS.keys() | Parser.NO_PAREN_FUNCTION_PARSERS.keys() | {"TODAY"}
    if re.fullmatch(r"[a-z_][a-z0-9_]*", name) and name.upper() not in words:
        return name
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def text_to_sql(text: str) -> str:
    """A text as a literal."""
    escaped = text.replace("'", "''")
    return f"'{escaped}'"


def _to_sql(argument: Argument) -> str:
    if isinstance(argument, FieldName):
        return name_to_sql(argument.name)
    return text_to_sql(argument) if isinstance(argument, str) else repr(argument)
