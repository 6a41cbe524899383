"""Who a comment is addressed to: `@` and the id of a person. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_AT = re.compile(r"(?<![\w@.])@(\w(?:[\w.-]*\w)?)")


@dataclass(frozen=True)
class Piece:
    """A stretch of a comment: plain words, or the id of somebody who is addressed."""

    text: str
    person_id: str | None = None


def pieces(text: str) -> Iterator[Piece]:
    """
    A comment in order, with whom it addresses apart.

    Examples
    --------
    >>> [piece.person_id or piece.text for piece in pieces("See @P101, or mail ann@example.com.")]
    ['See ', 'P101', ', or mail ann@example.com.']
    """
    end = 0
    for found in _AT.finditer(text):
        if found.start() > end:
            yield Piece(text[end : found.start()])
        yield Piece(found.group(), found.group(1))
        end = found.end()
    if end < len(text):
        yield Piece(text[end:])


def mentioned(text: str) -> tuple[str, ...]:
    """
    The ids of those a comment addresses, each once.

    Examples
    --------
    >>> mentioned("@P101 and @M04: agreed, @P101?")
    ('P101', 'M04')
    """
    return tuple(dict.fromkeys(piece.person_id for piece in pieces(text) if piece.person_id is not None))
