"""Edits as the journal, the API and files write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchbook.plans.edits import (
    KINDS,
    MOST_ACCOUNTS,
    Add,
    BadEdit,
    Lock,
    Merge,
    Move,
    Part,
    Remove,
    Rename,
    Split,
    Staff,
    Unlock,
    Vacate,
    kind_of,
    of,
    payload_of,
)

NAME = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=20)
NAMES = st.lists(NAME, min_size=1, max_size=4, unique=True).map(tuple)
PARTS = st.lists(NAME, min_size=1, max_size=6, unique=True).map(
    lambda ids: tuple(Part(territory=f"part {one}", accounts={f"near {one}": (one,)}) for one in ids)
)
EDIT = st.one_of(
    st.builds(Move, accounts=NAMES, to=NAME),
    st.builds(Lock, accounts=NAMES),
    st.builds(Unlock, accounts=NAMES),
    st.builds(Rename, territory=NAME, to=NAME),
    st.builds(Add, territory=NAME, layer=st.none() | NAME, person=st.none() | NAME),
    st.builds(Remove, territory=NAME, to=st.none() | NAME),
    st.builds(Merge, territories=NAMES, into=NAME),
    st.builds(Staff, territory=NAME, person=NAME),
    st.builds(Vacate, territory=NAME, interim=st.none() | NAME),
    st.builds(Split, territory=NAME, parts=PARTS),
)


@given(EDIT)
def test_an_edit_written_and_read_is_the_same_edit(edit):
    assert of(kind_of(edit), payload_of(edit)) == edit


def test_every_kind_has_a_name_of_its_own():
    assert len(set(KINDS.values())) == len(KINDS) == 10


@pytest.mark.parametrize(
    ("kind", "payload", "message"),
    [
        ("teleport", {}, "There is no edit 'teleport'; there are move, lock"),
        ("move", {"accounts": ["A1"]}, "The edit move needs to."),
        ("move", {"accounts": "A1", "to": "West"}, "accounts of the edit move is a list of at least one id or name."),
        ("move", {"accounts": [], "to": "West"}, "accounts of the edit move is a list of at least one id or name."),
        ("move", {"accounts": [7], "to": "West"}, "accounts of the edit move is 7; it must be text that is not empty."),
        ("rename", {"territory": "West", "to": " "}, "to of the edit rename is ' '; it must be text"),
        ("rename", {"territory": "West", "to": "a\nb"}, "to of the edit rename has a character that cannot be shown"),
        ("lock", {"accounts": ["A1"], "why": "x"}, "The edit lock has no part 'why'; it has accounts."),
        (
            "split",
            {"territory": "West", "parts": []},
            "parts of the edit split is a list of at least one new territory.",
        ),
        ("split", {"territory": "West", "parts": [{"territory": "W2"}]}, "has a territory and accounts, and nothing"),
        (
            "split",
            {"territory": "West", "parts": [{"territory": "W2", "accounts": ["A1"]}]},
            "are reasons, each with the list of its accounts.",
        ),
        (
            "split",
            {"territory": "West", "parts": [{"territory": "W2", "accounts": {"near": ["A1"], "fits": ["A1"]}}]},
            "'A1' is in parts of the edit split more than once; an account goes to one part.",
        ),
        ("lock", {"accounts": ["A1"] * (MOST_ACCOUNTS + 1)}, "one edit takes at most 100,000"),
    ],
)
def test_what_is_no_edit_is_refused_with_one_sentence(kind, payload, message):
    with pytest.raises(BadEdit) as refusal:
        of(kind, payload)

    assert message in str(refusal.value)


def test_an_account_named_twice_counts_once():
    assert of("lock", {"accounts": ["A1", "A1 ", "A2"]}) == Lock(accounts=("A1", "A2"))
