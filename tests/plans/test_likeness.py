"""A carve puts accounts together that are similar, as far as balance lets it, and says so without a kilometre."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchbook.demo.generate import write_demo
from patchbook.errors import BadInput
from patchbook.plans.axes import MOST_VALUES
from patchbook.plans.carve import carve
from patchbook.plans.file import load
from patchbook.plans.likeness import UNLIKE_KM, Likeness, NothingShared, likeness_of
from patchbook.plans.placing import How, Placer
from patchbook.plans.plan import BadPlan
from patchbook.plans.report.map import territory_map
from patchbook.plans.report.matrix import matrix
from patchbook.plans.studies import STUDIES, Asked, settled
from patchbook.plans.studies.cells import csv_of
from tests.builders.sharing import made_once
from tests.plans.conftest import seat_of, some_accounts, told

ALIKE = "  - carve: {name: Books, seats: 3, similar: [industry, employees]}\n"


def alike_accounts(number: int = 30, **columns):
    """Accounts of three industries, and of a size that goes from 10 to 40,000 employees in each."""
    industry = ("Energy", "Health", "Retail")
    made = {
        "industry": lambda i: industry[i % 3],
        "employees": lambda i: round(10 * 1.32**i),
        "owner": lambda i: "",
        **columns,
    }
    return some_accounts(number, **made)


def likeness(**columns) -> Likeness:
    """The likeness of a few accounts, every field with the weight 1."""
    found, _ = likeness_of(dict.fromkeys(columns, 1.0), pl.DataFrame(columns, strict=False), "Books")
    assert found is not None
    return found


def apart(found: Likeness) -> np.ndarray:
    """How unlike each account is every other."""
    sites = found.sites / UNLIKE_KM
    return np.linalg.norm(sites[:, None] - sites[None], axis=2)


@pytest.fixture(scope="module")
def companies(tmp_path_factory):
    """Real US companies with 1,000 to 19,999 employees in six books: carved by likeness, and without any preference."""
    folder = made_once(tmp_path_factory, "demo-files", lambda folder: write_demo(folder, seed=1))
    plan = tmp_path_factory.mktemp("alike") / "plan.yaml"

    def books(setting: str):
        plan.write_text(
            f"plan: Real\naccounts: {folder / 'accounts.csv'}\ncolumns: {{owner: sector_owner}}\nmeasures:\n"
            "  potential: {from: potential_usd, transform: sqrt, tolerance: 5%}\n  accounts: {from: '1'}\nlayers:\n"
            f"  - carve: {{name: Books, where: employees BETWEEN 1000 AND 19999, seats: 6, {setting}}}\n"
            "  - house: rest\n"
        )
        return carve(load(plan))

    return books("similar: [industry, employees]"), books("travel: 0")


def main_share(result) -> float:
    """The part of all accounts that is of its book's main industry."""
    held = result.assignments.filter(pl.col("layer") == "Books").join(
        result.accounts.select("account_id", "industry"), on="account_id"
    )
    most = held.drop_nulls("industry").group_by("territory", "industry").len().group_by("territory").agg(
        pl.col("len").max().alias("most"), pl.col("len").sum().alias("all")
    )  # fmt: skip
    return most["most"].sum() / most["all"].sum()


def test_books_of_real_companies_are_mostly_of_one_industry_and_as_balanced_as_any(companies):
    alike, plain = companies

    assert main_share(alike) > 0.65
    assert main_share(plain) < 0.35
    assert alike.summary["feasible"]
    assert 0 <= alike.summary["gap"] < 0.05
    assert alike.territories.filter(pl.col("layer") == "Books")["potential_deviation"].abs().max() <= 0.05 + 1e-9


def test_real_companies_of_one_book_are_of_like_size(companies):
    def spread(result) -> float:
        sizes = result.assignments.filter(pl.col("layer") == "Books").join(
            result.carved_layers[0].accounts.select("account_id", "employees"), on="account_id"
        )
        return sizes.group_by("territory").agg(pl.col("employees").log().std())["employees"].mean()

    alike, plain = companies

    assert spread(alike) < 0.95 * spread(plain)


def test_every_word_of_a_carve_by_likeness_is_about_likeness(companies):
    alike, _ = companies
    mine = alike.assignments.filter(pl.col("layer") == "Books")
    sentences = [
        *mine["reason"], *mine["would_change_if"], *alike.borders["reason"],
        *alike.borders.select(pl.col("territory")).to_series(),
    ]  # fmt: skip

    assert [one for one in sentences if re.search(r"\bkm\b|travel|near", one)] == []
    assert mine["reason"].str.contains(r"[Ll]ike the accounts of Books \d .*: .*industry \w+").mean() > 0.5
    assert mine["would_change_if"].str.contains("of unlikeness").any()
    assert alike.borders["price_here_km"].null_count() == alike.borders.height


def test_a_territory_is_called_by_what_its_accounts_share(companies):
    alike, _ = companies

    names = alike.territories.filter(pl.col("layer") == "Books")["territory"].to_list()

    assert all(re.fullmatch(r"Books \d [A-Z].*", name) for name in names)
    assert any("Financials" in name for name in names)
    assert any(name.endswith(("(large)", "(small)")) for name in names)


def test_books_by_likeness_are_on_no_map_though_the_accounts_are(companies):
    alike, _ = companies

    assert "latitude" in alike.accounts.columns
    assert not alike.areas.height
    assert territory_map(alike).svg == ""
    assert matrix(alike).field == "industry"


def test_the_order_of_the_accounts_changes_nothing(carved):
    rows = alike_accounts(revenue_usd=lambda i: 100 + 7 * ((i * 11) % 30))
    mixed = [rows[place] for place in np.random.default_rng(4).permutation(len(rows))]

    first = carved(accounts=rows, layers=ALIKE)
    again = carved(accounts=mixed, layers=ALIKE)

    assert seat_of(again) == seat_of(first)
    assert again.summary["objective"] == pytest.approx(first.summary["objective"])


def test_families_locks_and_balance_hold_as_ever(carved):
    rows = alike_accounts(parent_id=lambda i: "A1" if i in {0, 7} else "")

    result = carved(accounts=rows, layers=ALIKE, more="locks: [{account: A5, seat: Books 2}]\n")

    seats = seat_of(result)
    assert result.summary["feasible"]
    assert seats["A1"] == seats["A8"]
    assert seats["A5"] == "Books 2"
    assert result.territories["potential_deviation"].abs().max() <= 0.3 + 1e-9


def test_an_owner_is_kept_where_likeness_is_not_worth_a_change(carved):
    rows = alike_accounts(owner=lambda i: ("ann", "bob", "cy")[i % 3])

    result = carved(accounts=rows, layers="  - carve: {name: Books, similar: [industry]}\n")

    assert not result.assignments["moved"].any()
    assert result.assignments["reason"][0].startswith("Stays with today's owner; like the accounts of ")
    assert set(result.assignments["reason"].str.split(": ").list[-1]) == {
        f"industry {name}" for name in ("Energy", "Health", "Retail")
    }


def test_two_different_words_are_one_apart_and_the_same_words_are_not():
    distance = apart(likeness(industry=["Retail", "Energy", " retail", "Health"]))

    assert distance[0].tolist() == pytest.approx([0, 1, 0, 1])
    assert distance[1, 3] == pytest.approx(1)


def test_lists_are_the_more_alike_the_more_they_share():
    distance = apart(likeness(products=[["a", "b"], ["b", "a"], ["b"], ["c"], ["a", "b", "c", "d"]]))

    assert distance[0].tolist() == pytest.approx([0, 0, np.sqrt(1 - 1 / np.sqrt(2)), 1, np.sqrt(1 - 2 / np.sqrt(8))])


def test_a_number_counts_by_its_logarithm_where_most_are_small_and_a_few_are_huge():
    distance = apart(likeness(employees=[10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 100_000]))

    assert distance[0, 3] == pytest.approx(distance[3, 6])
    assert distance[3, 6] == pytest.approx(distance[6, 9])


def test_no_outlier_has_a_number_to_itself():
    usual = list(range(10, 110, 5))

    distance = apart(likeness(margin=[*usual, 1e12]))

    assert distance[0, len(usual) - 1] >= 0.9
    assert distance[0, -1] <= 2


def test_the_unit_of_a_number_changes_nothing():
    dollars = [0.0, 3e4, 2e5, 5e5, 2e6, 9e6, 4e7, None]

    in_dollars = likeness(revenue=dollars).sites
    in_millions = likeness(revenue=[None if one is None else one / 1e6 for one in dollars]).sites

    assert in_dollars == pytest.approx(in_millions)


def test_days_are_apart_by_how_many_lie_between_them():
    days = pl.Series(["2020-01-01", "2022-01-01", "2024-01-01"]).str.to_date()

    distance = apart(likeness(since=days))

    assert distance[0, 2] == pytest.approx(1)
    assert distance[0, 1] == pytest.approx(0.5, abs=0.001)


def test_weights_stretch_their_field_alone():
    frame = pl.DataFrame({"industry": ["Retail", "Energy", "Retail"], "employees": [1, 2, 3]})
    once, _ = likeness_of({"industry": 1.0, "employees": 1.0}, frame, "Books")
    thrice, _ = likeness_of({"industry": 3.0, "employees": 1.0}, frame, "Books")

    assert apart(thrice)[0, 2] == pytest.approx(apart(once)[0, 2])
    assert apart(thrice)[0, 1] ** 2 - apart(once)[0, 1] ** 2 == pytest.approx(9 - 1)


def test_accounts_without_a_value_are_in_the_middle_and_are_counted(carved):
    rows = alike_accounts(
        employees=lambda i: "" if i < 4 else 10 * i, industry=lambda i: "" if i == 9 else "ABC"[i % 3]
    )

    result = carved(accounts=rows, layers=ALIKE)

    assert told(result, "no value") == [
        "1 account of Books without industry; in that it is like all others alike.",
        "4 accounts of Books without employees; in that they are like all others alike.",
    ]
    distance = apart(likeness(industry=["a", "b", "c", None]))
    assert distance[3, :3].tolist() == pytest.approx([np.sqrt(1 / 3)] * 3)


def test_rare_words_beyond_the_commonest_are_like_all_others_alike():
    words = [f"w{n:02d}" for n in range(MOST_VALUES) for _ in range(2)] + ["rare", "rarer"]

    found, remarks = likeness_of({"tag": 1.0}, pl.DataFrame({"tag": words}), "Books")

    assert found.sites.shape[1] == MOST_VALUES
    assert remarks[0].message == (
        f"tag has {MOST_VALUES + 2} values in Books, of which the {MOST_VALUES} commonest make accounts alike; "
        "2 accounts with another; in that they are like all others alike."
    )


def test_a_field_that_is_nearly_everybodys_own_is_refused_with_its_line(carved):
    with pytest.raises(
        BadPlan,
        match=r"plan\.yaml line 7 .*similar\): 30 of 30 accounts of Books have a value of name that no",
    ):
        carved(accounts=alike_accounts(), layers="  - carve: {name: Books, seats: 3, similar: [name]}\n")


def test_a_field_the_accounts_do_not_have_names_the_nearest(carved):
    with pytest.raises(BadPlan, match=r"similar\): the accounts have no field 'industri'; did you mean 'industry'\?"):
        carved(accounts=alike_accounts(), layers="  - carve: {name: Books, seats: 3, similar: industri}\n")


def test_where_no_field_tells_accounts_apart_balance_alone_decides(carved):
    result = carved(accounts=alike_accounts(industry=lambda i: "Energy", employees=lambda i: 5), layers=ALIKE)

    assert result.summary["feasible"]
    assert len(told(result, "nothing to tell apart")) == 2
    assert result.territories["territory"].to_list() == ["Books 1", "Books 2", "Books 3"]


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        ("contiguous: neighbours", "contiguous"), ("compact: true", "compact"), ("travel: 2", "travel"),
        ("travel: 1", "travel"), ("travel_by: potential", "travel_by"),
    ],
)  # fmt: skip
def test_a_carve_is_on_the_ground_or_by_likeness_and_not_both(a_plan, setting, name):
    layer = f"  - carve: {{name: Books, seats: 3, similar: [industry], {setting}}}\n"

    with pytest.raises(BadInput, match=rf"line 7: .*wherever they are; drop {name}, or similar"):
        load(a_plan(layers=layer))


def test_travel_may_be_off_beside_likeness(a_plan):
    layer = "  - carve: {name: Books, seats: 3, similar: [industry], travel: 0}\n"

    assert load(a_plan(layers=layer)).layers[0].similar == {"industry": 1.0}


@settings(max_examples=60, deadline=None)
@given(
    column=st.one_of(
        st.lists(st.none() | st.text(max_size=3), max_size=30),
        st.lists(st.none() | st.floats(), max_size=30),
        st.lists(st.none() | st.integers(-(2**60), 2**60), max_size=30),
        st.lists(st.none() | st.booleans(), max_size=30),
        st.lists(st.none() | st.dates(), max_size=30),
        st.lists(st.none() | st.lists(st.none() | st.text(max_size=2), max_size=4), max_size=30),
    )
)
def test_no_values_whatever_put_an_account_anywhere_but_at_a_point(column):
    frame = pl.DataFrame({"field": pl.Series("field", column, strict=False)})

    try:
        found, _ = likeness_of({"field": 1.0}, frame, "Books")
    except NothingShared:
        return
    if found is not None:
        assert np.isfinite(found.sites).all()
        assert apart(found).max(initial=0.0) <= 2 + 1e-9
        assert found.sites_of(frame).tolist() == found.sites.tolist()
        assert isinstance(found.name_of(np.arange(len(column))), str)


def test_a_new_account_joins_the_book_it_is_most_like(carved):
    result = carved(accounts=alike_accounts(60), layers="  - carve: {name: Books, seats: 3, similar: [industry]}\n")
    placer = Placer.of_result(result)
    new = [{"account_id": f"N{n}", "industry": name} for n, name in enumerate(("Energy", "health ", "Retail", None))]

    placed = [placer.place(one) for one in new]

    names = result.territories["territory"].to_list()
    book_of = {industry: next(name for name in names if name.endswith(industry)) for industry in ("Energy", "Health")}
    assert placed[0].territory == book_of["Energy"]
    assert placed[0].says.endswith(f"It is most like the accounts of {book_of['Energy']}: industry Energy.")
    assert placed[1].territory == book_of["Health"]
    assert placed[3].how is How.UNDECIDED
    together = placer.place_frame(pl.DataFrame(new))
    assert together["territory"].to_list() == [one.territory for one in placed]
    assert together["says"].to_list() == [one.says for one in placed]


ASKED = {
    "balance": {}, "borders": {}, "ensemble": {"carves": "40"}, "frontier": {"points": "2"}, "prices": {"top": "1"},
    "next-seat": {"solve": "1"}, "sizing": {"fewer": "1", "more": "1"},
}  # fmt: skip
"""The studies that tell what a way to a centre costs, asked for little."""


@pytest.mark.parametrize("study", [study for study in STUDIES if study.name in ASKED], ids=lambda study: study.name)
def test_a_study_tells_unlikeness_where_it_would_tell_kilometres(study, a_plan):
    rows = alike_accounts(12, owner=lambda i: ("ann", "bob", "cy")[(i // 2) % 3])
    layer = "  - carve: {name: Books, similar: [industry, employees]}\n"
    plan = load(a_plan(accounts=rows, layers=layer, more="seconds: 5\n"))

    found = study.run(Asked(plan=plan, choices=settled(study, ASKED[study.name])))

    spoken = [one for one in found.says if re.search(r"\d km\b|travel", one)]
    assert spoken == [one for one in spoken if one.endswith("count as 200 km for 1 of unlikeness.")]
    assert [column.name for table in found.tables for column in table.columns if column.unit == "km"] == []
    for table in found.tables:
        assert csv_of(table)
