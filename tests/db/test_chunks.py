"""Values for statements, a chunk at a time."""

from __future__ import annotations

from patchbook.db.chunks import MOST, chunks


def test_no_chunk_is_larger_than_a_statement_takes_and_nothing_is_asked_twice():
    values = [f"A{number}" for number in range(2 * MOST + 1)]

    found = list(chunks([*values, *values]))

    assert [len(some) for some in found] == [MOST, MOST, 1]
    assert [value for some in found for value in some] == values


def test_nothing_to_ask_is_no_statement():
    assert list(chunks([])) == []
