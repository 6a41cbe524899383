"""The rule language: conditions as SQL means them, an index that matches many at once, and arithmetic for measures."""

from patchbook.rules.book import RuleBook, holds_in
from patchbook.rules.condition import Condition, fields, to_sql, truth
from patchbook.rules.context import NOTHING, Context, LookupTable, ValueList
from patchbook.rules.index import NO_RULE, RuleIndex
from patchbook.rules.parse import parse
from patchbook.rules.schema import Schema, schema_of
from patchbook.rules.source import BadRule

__all__ = [
    "NOTHING",
    "NO_RULE",
    "BadRule",
    "Condition",
    "Context",
    "LookupTable",
    "RuleBook",
    "RuleIndex",
    "Schema",
    "ValueList",
    "fields",
    "holds_in",
    "parse",
    "schema_of",
    "to_sql",
    "truth",
]
