"""Text a person wrote, turned into SQLGlot's tree, with where each part stands in the text.

Both little languages here (conditions and expressions) start with this and then take only what they know from the tree.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from patchbook.errors import BadInput
from patchbook.rules.schema import Schema

if TYPE_CHECKING:
    from sqlglot import exp

MAX_CHARACTERS = 200_000
MAX_DEPTH = 20
"""SQLGlot takes some twenty of Python's thousand stack frames for each level."""
SHOWN_CHARACTERS = 60
MAX_DIGITS = 300


class BadRule(BadInput):
    """A condition or expression cannot be meant as written; the message says where, what was found and what would be
    right."""

    def __init__(self, problem: str, *, text: str, position: int, offending: str = "", nearest: str | None = None):
        hint = f"; did you mean {nearest!r}?" if nearest else "."
        sentence = problem.rstrip(".") + hint
        super().__init__(f"At character {position} of {shorten(text)!r}: {sentence}")
        self.problem = sentence
        self.text = text
        self.position = position
        """Counted from 1."""
        self.offending = offending
        self.nearest = nearest


@dataclass(frozen=True)
class Source:
    """The text, the tree SQLGlot made of it, and the fields it may name."""

    text: str
    tree: exp.Expression
    schema: Schema | None

    def error(self, node: exp.Expression, problem: str, *, nearest: str | None = None) -> BadRule:
        """A `BadRule` that points at a node."""
        start, end = span(node)
        return BadRule(
            problem, text=self.text, position=start + 1, offending=self.text[start : end + 1], nearest=nearest
        )

    def position(self, node: exp.Expression) -> int:
        """Where a node begins, counted from 1."""
        return span(node)[0] + 1

    def shown(self, node: exp.Expression) -> str:
        """The text a node was made from, shortened for a message."""
        start, end = span(node)
        return shorten(self.text[start : end + 1])

    def field(self, node: exp.Expression) -> str:
        """The name of the field a column node means, in the schema's own spelling."""
        if set(_given(node)) != {"this"}:
            raise self.error(node, f"{self.shown(node)!r} has a dot; a field is one name, in double quotes if it needs")
        name = node.name
        if self.schema is None or name in self.schema:
            return name
        same = [field for field in self.schema if field.lower() == name.lower()]
        if len(same) == 1:
            return same[0]
        raise self.error(node, f"no field is called {name!r}", nearest=nearest(name, self.schema))

    def number(self, node: exp.Expression) -> int | float:
        """The number a literal is; SQLGlot takes `1e3.5` and `²` for numbers too."""
        text = str(node.this)
        if not re.fullmatch(r"[0-9]*\.?[0-9]*([eE][-+]?[0-9]+)?", text) or not re.match(r"\.?[0-9]", text):
            raise self.error(node, f"{shorten(text)!r} is no number; write it like 500 or 0.5")
        if len(text) > MAX_DIGITS or math.isinf(float(text)):
            raise self.error(node, f"{shorten(text)} is too large a number")
        return int(text) if text.isdigit() else float(text)

    def only(self, node: exp.Expression, allowed: Iterable[str]) -> None:
        """Refuse a node with arguments that the language does not know, since SQLGlot keeps meaning in them."""
        unknown = set(_given(node)) - set(allowed)
        if unknown:
            raise self.error(node, f"{self.shown(node)!r} has a part that is not in the rule language")


def read_source(text: str, schema: Schema | None, *, what: str) -> Source:
    """The tree of a text, or a `BadRule` that points at the first thing that is wrong with it."""
    from sqlglot import exp
    from sqlglot.errors import ParseError, TokenError

    if not text.strip():
        raise BadRule(f"the {what} is empty", text=text, position=1)
    if len(text) > MAX_CHARACTERS:
        raise BadRule(
            f"the {what} has {len(text):,} characters, and at most {MAX_CHARACTERS:,} are read; keep a long list in "
            "a file and ask in_list(field, 'name of the list')",
            text=text,
            position=1,
        )
    dialect = _dialect()
    try:
        tokens = dialect.tokenize(text)
    except TokenError:
        raise BadRule(
            "a quote is opened and never closed", text=text, position=_open_quote(text) + 1, offending=text[-1]
        ) from None
    if not tokens:
        raise BadRule(f"the {what} is empty", text=text, position=1)
    _bound(text, tokens, what)
    if any(name in text.lower() for name in _SCALAR):
        tokens = [_renamed(token, after) for token, after in zip(tokens, [*tokens[1:], None], strict=True)]
    try:
        trees = dialect.parser().parse_into(exp.Condition, tokens, text)
    except (ParseError, RecursionError) as error:
        raise _unreadable(text, tokens, error, what) from None
    tree = trees[0] if trees else None
    if not isinstance(tree, exp.Expression):
        raise BadRule(f"{text.strip()!r} is no {what}", text=text, position=1, offending=text.strip())
    return Source(text, tree, schema)


def nearest(name: str, names: Collection[str]) -> str | None:
    """The known name a person most likely meant, or None when nothing is near."""
    by_lower = {known.lower(): known for known in names}
    found = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.7)
    return by_lower[found[0]] if found else None


def shorten(text: str) -> str:
    """A text that fits into a message."""
    flat = " ".join(text.split())
    return flat if len(flat) <= SHOWN_CHARACTERS else flat[: SHOWN_CHARACTERS - 1] + "…"


def span(node: exp.Expr) -> tuple[int, int]:
    """The first and last character a node was made from, as far as SQLGlot tells."""
    metas = [part.meta for part in node.walk() if "start" in part.meta]
    if not metas and node.parent is not None:
        # SQLGlot keeps no place of NULL, TRUE and the like; what they stand in is near enough.
        return span(node.parent)
    return min((meta["start"] for meta in metas), default=0), max((meta["end"] for meta in metas), default=0)


def _given(node: exp.Expression) -> list[str]:
    """The arguments a node was really given: SQLGlot fills others with None, False or an empty list."""
    return [name for name, value in node.args.items() if value is not None and value is not False and value != []]


def _dialect() -> Any:
    from sqlglot.dialects.dialect import Dialect

    return Dialect.get_or_raise("duckdb")


def _bound(text: str, tokens: list[Any], what: str) -> None:
    """Refuse what SQLGlot must not even see: deep nesting, several statements, words that start other statements."""
    from sqlglot import TokenType

    depth = 0
    opening = {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}
    repeated = (TokenType.NOT, TokenType.DASH, TokenType.PLUS)
    other_words = _dialect().parser_class.NO_PAREN_FUNCTION_PARSERS
    values = (TokenType.STRING, TokenType.NUMBER, TokenType.COMMA, TokenType.IDENTIFIER)
    before = None
    for token in tokens:
        kind = token.token_type
        if kind in values:
            before = kind
            continue
        problem = None
        depth += opening.get(kind, 0) + (kind in repeated and kind is before)
        if depth > MAX_DEPTH:
            problem = f"more than {MAX_DEPTH} levels are nested"
        elif kind is TokenType.SEMICOLON:
            problem = f"the {what} must be one expression, without ';'"
        elif token.text.upper() in other_words:
            problem = f"{token.text!r} is not in the rule language; a field of that name stands in double quotes"
        if problem:
            raise BadRule(problem, text=text, position=token.start + 1, offending=token.text)
        before = kind


_SCALAR = {"min": "least", "max": "greatest"}


def _renamed(token: Any, after: Any) -> Any:
    """`min(` and `max(` as SQL's LEAST and GREATEST: SQLGlot takes the former for aggregates of two arguments."""
    from sqlglot import Token, TokenType

    name = _SCALAR.get(token.text.lower())
    if name is None or after is None or after.token_type is not TokenType.L_PAREN:
        return token
    return Token(token.token_type, name, line=token.line, col=token.col, start=token.start, end=token.end)


def _unreadable(text: str, tokens: list[Any], error: Exception, what: str) -> BadRule:
    found = getattr(error, "errors", None) or [{}]
    line, column = found[0].get("line"), found[0].get("col")
    here = next((token for token in tokens if (token.line, token.col) == (line, column)), tokens[-1])
    is_at_the_end = text[here.end + 1 :].strip() == ""
    surplus = text.count("(") - text.count(")")
    if isinstance(error, RecursionError):
        problem = f"the {what} is nested too deeply"
    elif is_at_the_end and surplus > 0:
        problem = "a '(' is never closed"
    elif here.text == ")" and surplus < 0:
        problem = "a ')' has no '(' before it"
    elif is_at_the_end and "Required keyword" in found[0].get("description", ""):
        problem = f"the {what} ends after {here.text!r}, where something more is expected"
    else:
        problem = f"{here.text!r} cannot stand here"
    return BadRule(problem, text=text, position=here.start + 1, offending=here.text)


def _open_quote(text: str) -> int:
    """Where the quote that is never closed opens."""
    opened = 0
    quote = ""
    for index, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote, opened = sign, index
    return opened
