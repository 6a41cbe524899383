"""Edits worked into a carve: the 3×3 grid of nine accounts, one territory a column."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.results import a_result
from patchbook.errors import PatchbookError
from patchbook.plans.edits import Add, Lock, Merge, Move, Part, Remove, Rename, Split, Staff, Unlock, Vacate
from patchbook.plans.effect import UnknownInPlan
from patchbook.plans.journal import Done, Draft, HoldsAccounts, LeftMeanwhile, LockedAccount, TakenName

MONDAY = datetime(2027, 1, 4, 9, tzinfo=UTC)
GRID = a_result()


def a_draft():
    return Draft(
        plan=GRID.plan, accounts=GRID.accounts, assignments=GRID.assignments, territories=GRID.territories
    )  # fmt: skip


def after(*edits, why="agreed", overruled=False):
    return a_draft().apply(Done(edit=one, by="ada", at=MONDAY, why=why, overruled=overruled) for one in edits)


def books(draft):
    """Territory → its accounts."""
    held = {name: [] for name in draft.territories_now()["territory"]}
    for account, territory in draft.assignments_now().select("account_id", "territory").iter_rows():
        if territory is not None:
            held[territory].append(account)
    return held


def row(draft, account):
    return draft.assignments_now().row(int(account[1:]) - 1, named=True)


def territory(draft, name):
    frame = draft.territories_now()
    return frame.row(frame["territory"].to_list().index(name), named=True)


def test_without_edits_nothing_changes():
    assert books(a_draft()) == {"East": ["A3", "A6", "A9"], "Middle": ["A2", "A5", "A8"], "West": ["A1", "A4", "A7"]}
    assert a_draft().territories_now().drop("parent", "interim").equals(GRID.territories.select(
        *a_draft().territories_now().drop("parent", "interim").columns
    ))  # fmt: skip


def test_a_move_says_who_moved_when_and_why_and_the_figures_follow():
    draft = after(Move(accounts=("A2", "A5"), to="East"))

    assert books(draft)["East"] == ["A2", "A3", "A5", "A6", "A9"]
    assert row(draft, "A2")["reason"] == "Moved by ada on 2027-01-04: agreed"
    assert row(draft, "A2")["person"] == "Cem"
    assert row(draft, "A2")["runner_up"] is None
    assert row(draft, "A2")["moved"] is True
    assert row(draft, "A1")["reason"] == "West is nearest and has room"
    east, middle = territory(draft, "East"), territory(draft, "Middle")
    assert (east["accounts"], east["potential_actual"]) == (5, 6.0)
    assert east["potential_deviation"] == pytest.approx(6.0 / east["potential_target"] - 1)
    assert (middle["accounts"], middle["potential_actual"]) == (1, 1.0)
    assert east["contiguous"] is None
    assert territory(draft, "West")["contiguous"] is True


def test_moving_an_account_where_it_is_changes_nothing():
    assert row(after(Move(accounts=("A1",), to="West")), "A1")["reason"] == "West is nearest and has room"


def test_a_locked_account_stays_until_it_is_unlocked_or_the_lock_is_overruled():
    with pytest.raises(LockedAccount, match=r"^Account 'A1' is locked in 'West'; unlock it before moving it\.$"):
        after(Lock(accounts=("A1",)), Move(accounts=("A4", "A1"), to="East"))

    assert row(after(Lock(accounts=("A1",))), "A1")["locked"] is True
    unlocked = after(Lock(accounts=("A1",)), Unlock(accounts=("A1",)), Move(accounts=("A1",), to="East"))
    assert row(unlocked, "A1")["territory"] == "East"
    draft = after(Lock(accounts=("A1",)), Move(accounts=("A1",), to="East"), overruled=True)
    assert (row(draft, "A1")["territory"], row(draft, "A1")["locked"]) == ("East", True)


def test_a_renamed_territory_is_called_so_everywhere():
    draft = after(Rename(territory="East", to="Far East"), Rename(territory="Far East", to="Orient"))

    assert list(books(draft)) == ["Orient", "Middle", "West"]
    assert row(draft, "A3")["territory"] == "Orient"
    runner_up = GRID.assignments["runner_up"].to_list()
    assert draft.assignments_now()["runner_up"].to_list() == [
        "Orient" if name == "East" else name for name in runner_up
    ]


def test_two_territories_may_swap_their_names_by_way_of_a_third():
    draft = after(
        Rename(territory="East", to="x"), Rename(territory="West", to="East"), Rename(territory="x", to="West")
    )

    assert books(draft) == {"West": ["A3", "A6", "A9"], "Middle": ["A2", "A5", "A8"], "East": ["A1", "A4", "A7"]}
    swapped = {"East": "West", "West": "East", "Middle": "Middle"}
    expected = [swapped[name] for name in GRID.assignments["runner_up"]]
    assert draft.assignments_now()["runner_up"].to_list() == expected


def test_a_new_territory_is_empty_and_vacant_unless_it_names_a_person():
    draft = after(Add(territory="North", layer="Field"), Add(territory="South", person="Dee"))

    assert (territory(draft, "North")["parent"], territory(draft, "North")["vacant"]) == ("Field", True)
    assert (territory(draft, "South")["parent"], territory(draft, "South")["person"]) == (None, "Dee")
    assert territory(draft, "North")["potential_target"] is None
    with pytest.raises(TakenName, match=r"has a territory 'East' already; choose another name, or merge the two\.$"):
        after(Add(territory="East"))


def test_a_territory_with_accounts_goes_only_with_a_place_for_them():
    with pytest.raises(HoldsAccounts, match=r"^'East' holds 3 accounts; say to which territory they go\.$"):
        after(Remove(territory="East"))
    with pytest.raises(HoldsAccounts, match="cannot be taken away into itself"):
        after(Remove(territory="East", to="East"))

    draft = after(Remove(territory="East", to="West"))
    assert books(draft) == {"Middle": ["A2", "A5", "A8"], "West": ["A1", "A3", "A4", "A6", "A7", "A9"]}
    assert "East" not in draft.assignments_now()["runner_up"].to_list()
    assert list(books(after(Add(territory="North"), Remove(territory="North")))) == ["East", "Middle", "West"]


def test_a_merged_territory_carries_the_sum_of_the_targets():
    draft = after(Merge(territories=("East", "Middle"), into="West"))

    assert books(draft) == {"West": [f"A{n}" for n in range(1, 10)]}
    total = GRID.accounts["measure_potential"].sum()
    assert territory(draft, "West")["potential_target"] == pytest.approx(total)
    assert territory(draft, "West")["potential_deviation"] == pytest.approx(0)


def test_who_staffs_a_territory_has_its_accounts():
    draft = after(Staff(territory="East", person="Dee"))

    assert (row(draft, "A3")["person"], territory(draft, "East")["person"]) == ("Dee", "Dee")
    assert row(draft, "A3")["moved"] is True  # Cem had it before
    assert row(draft, "A3")["reason"] == "East is nearest and has room"


def test_a_vacant_seat_may_have_somebody_meanwhile():
    draft = after(Vacate(territory="East", interim="Bo"))

    assert (territory(draft, "East")["vacant"], territory(draft, "East")["interim"]) == (True, "Bo")
    assert row(draft, "A3")["person"] is None
    draft = after(Vacate(territory="East", interim="Bo"), Staff(territory="East", person="Dee"))
    assert (territory(draft, "East")["vacant"], territory(draft, "East")["interim"]) == (False, None)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (Move(accounts=("A99",), to="East"), "The plan has no account 'A99'; the nearest is 'A9'."),
        (Move(accounts=("B1", "B2"), to="East"), "The plan has no account 'B1', nor 1 more of those named."),
        (Move(accounts=("A1",), to="Eats"), "The plan has no territory 'Eats'; the nearest is 'East'."),
        (Rename(territory="Nowhere", to="x"), "The plan has no territory 'Nowhere'."),
        (Merge(territories=("East", "q"), into="West"), "The plan has no territory 'q'."),
        (Staff(territory="Wset", person="Dee"), "The plan has no territory 'Wset'; the nearest is 'West'."),
    ],
)
def test_what_the_plan_does_not_have_is_refused_naming_the_nearest(edit, message):
    with pytest.raises(UnknownInPlan) as refusal:
        after(edit)

    assert str(refusal.value) == message


def in_three(whole="West", accounts=("A4", "A7")):
    first, second = accounts
    near = {"It is nearer": (first,)}
    return Split(
        territory=whole,
        parts=(
            Part(territory=f"{whole} 2", accounts=near),
            Part(territory=f"{whole} 3", accounts={"Balance": (second,)}),
        ),
    )


def test_a_split_cuts_target_and_accounts_and_keeps_the_reason_of_each_account():
    before = territory(a_draft(), "West")
    draft = after(in_three())

    held = books(draft)
    assert [held[name] for name in ("West", "West 2", "West 3")] == [["A1"], ["A4"], ["A7"]]
    assert row(draft, "A4")["reason"] == "Moved by ada on 2027-01-04, splitting West (agreed). It is nearer"
    assert row(draft, "A7")["reason"] == "Moved by ada on 2027-01-04, splitting West (agreed). Balance"
    assert row(draft, "A1")["reason"] == row(a_draft(), "A1")["reason"]
    for name in held.keys() & {"West", "West 2", "West 3"}:
        assert territory(draft, name)["potential_target"] == pytest.approx(before["potential_target"] / 3)
        assert territory(draft, name)["layer"] == before["layer"]
        assert territory(draft, name)["parent"] == before["parent"]
    assert territory(draft, "West")["person"] == before["person"]
    assert territory(draft, "West 2")["vacant"]
    assert row(draft, "A4")["person"] is None


def test_a_split_of_what_is_no_longer_there_is_refused():
    with pytest.raises(LeftMeanwhile, match="Account 'A4' is in 'East', not in 'West'; split 'West' as it is now"):
        after(Move(accounts=("A4",), to="East"), in_three())
    with pytest.raises(TakenName, match="'West 2' already"):
        after(Add(territory="West 2"), in_three())
    with pytest.raises(LockedAccount):
        after(Lock(accounts=("A4",)), in_three())


ACCOUNTS = st.lists(st.sampled_from([f"A{n}" for n in range(1, 10)]), min_size=1, max_size=4, unique=True).map(tuple)
NAMES = st.sampled_from(["East", "Middle", "West", "New", "Other"])
EDITS = st.lists(
    st.one_of(
        st.builds(Move, accounts=ACCOUNTS, to=NAMES),
        st.builds(Lock, accounts=ACCOUNTS),
        st.builds(Unlock, accounts=ACCOUNTS),
        st.builds(Rename, territory=NAMES, to=NAMES),
        st.builds(Add, territory=NAMES, layer=st.sampled_from([None, "Field"])),
        st.builds(Remove, territory=NAMES, to=st.none() | NAMES),
        st.builds(Merge, territories=st.lists(NAMES, min_size=1, max_size=3, unique=True).map(tuple), into=NAMES),
        st.builds(Staff, territory=NAMES, person=st.sampled_from(["Ann", "Bo", "Dee"])),
        st.builds(Vacate, territory=NAMES),
        st.builds(in_three, NAMES, st.permutations([f"A{n}" for n in range(1, 10)]).map(lambda ids: ids[:2])),
    ),
    max_size=12,
)


@given(EDITS)
def test_whatever_is_edited_no_account_is_lost_and_the_figures_add_up(edits):
    kept = []
    for one in edits:
        try:
            after(*kept, one)
        except PatchbookError:
            continue
        kept.append(one)
    draft = after(*kept)
    assignments, territories = draft.assignments_now(), draft.territories_now()

    assert assignments["account_id"].to_list() == GRID.assignments["account_id"].to_list()
    assert assignments["territory"].null_count() == 0
    assert territories["territory"].is_unique().all()
    assert set(assignments["territory"]) <= set(territories["territory"])
    assert territories["accounts"].sum() == 9
    assert territories["potential_actual"].sum() == pytest.approx(GRID.accounts["measure_potential"].sum())
    person = dict(territories.select("territory", "person").iter_rows())
    assert [person[name] for name in assignments["territory"]] == assignments["person"].to_list()
    assert set(assignments["runner_up"].drop_nulls()) <= set(territories["territory"])
