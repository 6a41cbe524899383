"""What moves do to a plan is known before anything is sent, and is what recounting the plan says."""

from __future__ import annotations

import json
from dataclasses import dataclass

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchbook.plans.effect import Effect, UnknownInPlan, effect


@dataclass(frozen=True)
class Grid:
    """The 3×3 grid, a column a territory: A1 A4 A7 in the West, A2 A5 A8 in the Middle, A3 A6 A9 in the East."""

    assignments: pl.DataFrame
    territories: pl.DataFrame
    measures: tuple[str, ...] = ("potential",)


PEOPLE = {"West": "ann", "Middle": "bo", "East": "cem", "New": None}
POTENTIAL = [1.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
FAMILIES = ["A1", "A2", "A2", "A1", "A5", "A6", "A7", None, "A6"]


def a_grid(territory: list[str | None] | None = None, locked: tuple[str, ...] = ()) -> Grid:
    places = territory or ["West", "Middle", "East"] * 3
    ids = [f"A{n}" for n in range(1, 10)]
    assignments = pl.DataFrame(
        {
            "account_id": ids,
            "territory": pl.Series(places, dtype=pl.String),
            "person": pl.Series([PEOPLE[name] if name else None for name in places], dtype=pl.String),
            "previous_owner": ["ann", "ann", "cem", "ann", "ann", "cem", "ann", "ann", None],
            "family_id": FAMILIES,
            "locked": [account in locked for account in ids],
            "measure_potential": POTENTIAL,
        }
    )
    names = list(PEOPLE)
    territories = pl.DataFrame(
        {
            "territory": names,
            "parent": ["Field"] * 4,
            "person": list(PEOPLE.values()),
            "potential_target": [10 / 3, 10 / 3, 10 / 3, None],
        }
    )
    return Grid(assignments, territories)


def load(found: Effect, territory: str, measure: str):
    return next(one for one in found.loads if (one.territory, one.measure) == (territory, measure))


def test_both_ends_of_a_move_are_told_with_every_measure():
    found = effect(a_grid(), {"A2": "West"}, tolerances={"potential": 0.2})

    west, middle = load(found, "West", "potential"), load(found, "Middle", "potential")
    assert (west.before, west.after, middle.before, middle.after) == (3.0, 5.0, 4.0, 2.0)
    assert west.deviation_after == pytest.approx(0.5)
    assert west.worsens_beyond
    assert load(found, "West", "accounts").after == 4
    assert found.territories == ("Middle", "West")


def test_a_move_that_brings_a_territory_nearer_its_target_never_worsens():
    found = effect(a_grid(["West"] * 6 + ["East"] * 3), {"A1": "Middle"}, tolerances={"potential": 0.05})

    assert not load(found, "West", "potential").worsens_beyond


def test_owners_and_disruption_are_counted_against_today():
    back = effect(a_grid(), {"A2": "West"})
    away = effect(a_grid(), {"A1": "East"})

    assert (back.moved_before, back.moved_after) == (3 / 8, 2 / 8)
    assert (away.moved_before, away.moved_after) == (3 / 8, 4 / 8)
    assert (back.change_owner, away.change_owner) == (1, 1)


def test_an_account_without_an_owner_today_disrupts_nothing():
    found = effect(a_grid(), {"A9": "West"})

    assert found.moved_before == found.moved_after


def test_torn_and_joined_families_are_named():
    torn = effect(a_grid(), {"A1": "East"})
    joined = effect(a_grid(), {"A3": "Middle"})
    whole = effect(a_grid(), {"A1": "East", "A4": "East"})

    assert (torn.families_torn, torn.families_joined) == (("A1",), ())
    assert (joined.families_torn, joined.families_joined) == ((), ("A2",))
    assert (whole.families_torn, whole.families_joined) == ((), ())
    assert "Tears 1 family apart." in torn.says
    assert "Brings 1 family together." in joined.says


def test_an_effect_is_told_in_plain_words():
    found = effect(a_grid(), {"A2": "West"}, tolerances={"potential": 0.2})

    assert found.says == (
        "Moves 1 account, 1 to another owner."
        " Middle goes from +20 % to -40 % of its target potential, beyond ±20 %."
        " West goes from -10 % to +50 % of its target potential, beyond ±20 %."
        " Accounts that leave today's owner go from 37.5 % to 25 %."
    )
    assert effect(a_grid(), {"A2": "Middle"}).says == "Nothing moves: every account is where it would go."


def test_accounts_nobody_had_and_territories_without_a_target_are_fine():
    found = effect(a_grid(["West", None, "East"] * 3), {"A2": "New"})

    assert load(found, "New", "potential").deviation_after is None
    assert load(found, "New", "potential").after == 2.0
    assert found.change_owner == 0


def test_what_the_plan_does_not_have_is_refused_with_the_nearest():
    with pytest.raises(UnknownInPlan, match=r"^The plan has no territory 'Wets'; the nearest is 'West'\.$"):
        effect(a_grid(), {"A2": "Wets"})
    with pytest.raises(UnknownInPlan, match=r"^The plan has no account 'A22'; the nearest is 'A2'\.$"):
        effect(a_grid(), {"A22": "West"})


def test_an_effect_comes_back_from_json_as_it_was():
    found = effect(a_grid(), {"A2": "West", "A1": "East"}, tolerances={"potential": 0.2})

    assert Effect.from_dict(json.loads(json.dumps(found.to_dict()))) == found


places = st.sampled_from([*PEOPLE, None])
moves = st.dictionaries(st.sampled_from([f"A{n}" for n in range(1, 10)]), st.sampled_from(list(PEOPLE)))


@given(st.lists(places, min_size=9, max_size=9), moves)
def test_an_effect_is_what_recounting_the_plan_with_the_moves_made_says(before, asked):
    after = [asked.get(f"A{n + 1}", place) for n, place in enumerate(before)]

    found = effect(a_grid(before), asked)
    recounted = a_grid(after)

    assert found.accounts == sum(old != new for old, new in zip(before, after, strict=True))
    for one in found.loads:
        rows = recounted.assignments.filter(pl.col("territory") == one.territory)
        expected = rows.height if one.measure == "accounts" else rows["measure_potential"].sum()
        assert one.after == pytest.approx(expected)
    had = recounted.assignments.filter(pl.col("previous_owner").is_not_null())
    assert found.moved_after == pytest.approx(had["person"].ne_missing(had["previous_owner"]).mean())
    old_people, new_people = a_grid(before).assignments["person"], recounted.assignments["person"]
    assert found.change_owner == int(old_people.ne_missing(new_people).sum())
    kin = recounted.assignments.drop_nulls("family_id").group_by("family_id").agg(pl.col("territory").n_unique())
    was = a_grid(before).assignments.drop_nulls("family_id").group_by("family_id").agg(pl.col("territory").n_unique())
    both = was.join(kin, on="family_id", suffix="_after").sort("family_id")
    torn = both.filter((pl.col("territory") == 1) & (pl.col("territory_after") > 1))["family_id"].to_list()
    assert list(found.families_torn) == torn
