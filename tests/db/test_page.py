"""Pages of a list, and their cursors."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchbook.db.page import LARGEST, BadPage, cursor_of, key_of, limit_of, moment_of, page_of
from patchbook.period import microseconds


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), st.integers(-LARGEST, LARGEST))
def test_a_cursor_gives_back_its_key(name, number):
    assert key_of(cursor_of(name, number), str, int) == (name, number)


@pytest.mark.parametrize("cursor", ["", "?", "bm9uc2Vuc2U", "WyJhIl0", "é", cursor_of(1), cursor_of("a", "b")])
def test_a_cursor_of_something_else_is_refused(cursor):
    with pytest.raises(BadPage, match="is no cursor of this list; use the one its last page gave"):
        key_of(cursor, str, int)


@pytest.mark.parametrize(
    "cursor",
    [
        *(cursor_of("a", number) for number in (2**63, -(2**70))),
        *(cursor_of(text, 1) for text in ("a\0", "\ud800")),
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
    ],
    ids=["a large number", "a small number", "a zero byte", "half a character", "deep lists"],
)
def test_a_cursor_no_database_could_hold_is_refused(cursor):
    with pytest.raises(BadPage, match="is no cursor of this list"):
        key_of(cursor, str, int)


@given(st.text(max_size=60))
def test_no_text_is_taken_for_a_cursor_by_crashing(text):
    try:
        assert cursor_of(*key_of(text, str, int))
    except BadPage as refused:
        assert "cursor" in str(refused)  # noqa: PT017


@pytest.mark.parametrize("limit", [0, -5, 1001, True])
def test_a_page_has_from_1_to_1000_rows(limit):
    with pytest.raises(BadPage, match="ask for 1 to 1000"):
        limit_of(limit)


def test_the_last_page_has_no_cursor():
    assert page_of(["ann", "bob"], 2, lambda name: (name,)).next_cursor is None
    assert page_of([], 2, lambda name: (name,)).rows == ()


def test_a_list_in_order_of_time_goes_on_from_an_instant_and_an_id():
    monday = datetime(2027, 1, 4, 9, 0, 0, 1, tzinfo=UTC)

    assert moment_of(None) is None
    assert moment_of(cursor_of(microseconds(monday), "lead-1")) == (monday, "lead-1")
    with pytest.raises(BadPage, match="no cursor of this list"):
        moment_of(cursor_of("lead-1"))
