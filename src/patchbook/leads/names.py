"""People in what is kept for ever: named by a token, and told by name only to who reads it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

_TOKEN = re.compile(r"⟨([^⟨⟩]{1,200})⟩")


def token(person_id: str) -> str:
    """What stands for a person's name."""
    return f"⟨{person_id}⟩"


def named(text: str, name_of: Callable[[str], str]) -> str:
    """
    A text with names where tokens are.

    Examples
    --------
    >>> named("It goes to ⟨ann⟩.", {"ann": "Ann Archer"}.get)
    'It goes to Ann Archer.'
    """
    return _TOKEN.sub(lambda found: name_of(found[1]) or found[1], text)


def people_in(value: Any) -> Iterator[str]:
    """The ids of everybody a text, or a document of texts, names."""
    if isinstance(value, str):
        yield from _TOKEN.findall(value)
    elif isinstance(value, dict):
        for one in value.values():
            yield from people_in(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from people_in(one)
