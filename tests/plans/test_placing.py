"""A published plan places any record as it placed its accounts, and says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchbook.people.file import read_people
from patchbook.plans.edits import Merge, Move, Remove, Rename
from patchbook.plans.journal import Done, Draft
from patchbook.plans.layers import named_list
from patchbook.plans.placing import How, Placer, Placing
from patchbook.plans.plan import RuleLayer
from patchbook.plans.result import Result
from patchbook.rules import Context
from tests.plans.conftest import CITIES, FIELD, some_accounts, some_people

LAYERS = (
    "  - rule: {territory: Strategic, where: revenue_usd > 160}\n"
    "  - named: named.csv\n"
    "  - rule: {territory: Coast, where: \"state IN ('CA', 'WA', 'OR')\"}\n"
    "  - carve: {name: Field, where: revenue_usd > 106, balance: [potential], compact: true}\n"
    "  - house: rest\n"
)
NAMED = "account_id,territory\nA1,Top\nA3,Top\nA24,Top\nNEW,Top\nLATE,Later\n"


@pytest.fixture
def layered(carved, tmp_path) -> Result:
    """Every kind of layer over the tiny market."""
    (tmp_path / "named.csv").write_text(NAMED)
    return carved(layers=LAYERS)


def people_of(result: Result):
    return read_people(result.plan.beside(result.plan.people))[0]


def edited(result: Result, *edits) -> Placer:
    """The placer of the plan after some edits."""
    draft = Draft(
        plan=result.plan, accounts=result.accounts, assignments=result.assignments, territories=result.territories
    ).apply(Done(edit=edit, by="ann", at=datetime(2027, 1, 4, tzinfo=UTC)) for edit in edits)
    return Placer(result.plan, draft.assignments_now(), draft.territories_now(), result.accounts)


def test_every_account_of_the_plan_is_placed_where_the_plan_has_it(layered):
    placer = Placer.of_result(layered)
    placed = placer.place_frame(layered.accounts)

    for told, territory, layer in zip(
        placed.iter_rows(named=True), layered.assignments["territory"], layered.assignments["layer"], strict=True
    ):
        assert told["layer"] == layer
        if told["how"] == How.HOUSE:
            assert (territory, told["territory"]) == ("House", None)
        else:
            assert told["territory"] == territory
    assert set(placed["how"]) == {How.NAMED, How.RULE, How.CARVE, How.HOUSE}


def test_one_by_one_is_the_same_as_all_at_once(layered):
    placer = Placer.of_result(layered)

    for frame in (layered.accounts, layered.accounts.drop("account_id", "family_id", "latitude", "longitude")):
        assert placer.place_all(frame) == [placer.place(record) for record in frame.iter_rows(named=True)]


def test_a_record_joins_the_territory_of_the_nearest_account_and_hears_how_far_it_is(layered):
    placer = Placer.of_result(layered)
    atlanta = dict(layered.assignments.select("account_id", "territory").iter_rows())["A7"]

    placing = placer.place({"name": "New", "city": "Marietta", "state": "GA", "country": "US", "revenue_usd": 120.0})

    assert (placing.how, placing.territory, placing.layer, placing.layer_number) == (How.CARVE, atlanta, "Field", 3)
    assert placing.distance_km == pytest.approx(25, abs=10)
    assert placing.says == (
        "It meets the condition of layer 4, Field: revenue_usd is above 106. The nearest account is "
        f"{placing.distance_km:,.0f} km away and {atlanta}'s."
    )


def test_a_lead_of_which_no_place_is_known_is_undecided_between_territories_in_the_plans_order(layered):
    placing = Placer.of_result(layered).place({"revenue_usd": 120.0})

    field = layered.territories.filter(pl.col("layer") == "Field")["territory"]
    assert placing.how is How.UNDECIDED
    assert placing.territory is None
    assert placing.candidates == tuple(field)
    assert placing.says.endswith("since where it is, is not known.")


def test_a_lead_of_which_only_the_state_is_known_is_undecided_between_those_with_accounts_there(carved):
    result = carved(accounts=some_accounts(cities=2, city=lambda i: ("Austin", "Houston")[i % 2], state=lambda _: "TX"))
    placer = Placer.of_result(result)

    assert placer.place({"state": "TX", "country": "US"}).how is How.UNDECIDED
    assert "only its region is known (TX)" in placer.place({"state": "TX", "country": "US"}).says


def test_the_only_territory_with_accounts_in_a_state_takes_a_lead_of_that_state(layered):
    placing = Placer.of_result(layered).place({"revenue_usd": 120.0, "state": "GA", "country": "US"})

    assert placing.how is How.CARVE
    assert "is the only one with accounts in GA" in placing.says


def test_what_no_layer_takes_is_the_houses_and_nobodys(layered):
    placing = Placer.of_result(layered).place({"name": "Unknown"})

    assert (placing.how, placing.territory, placing.layer) == (How.HOUSE, None, "House")
    assert placing.says == "No other layer takes it, so it is the house's (House), which nobody owns."


def test_without_a_house_what_no_layer_takes_is_told_so(carved):
    result = carved(layers="  - rule: {territory: All, where: revenue_usd > 0}\n")

    placing = Placer.of_result(result).place({"name": "Unknown"})

    assert placing == Placing(how=How.NOBODY, says="No layer of the plan takes it; a house layer would.")


def test_a_list_names_accounts_that_came_after_the_carve(layered):
    placer = Placer.of_result(layered)

    assert placer.place({"account_id": "NEW", "revenue_usd": 110.0}).territory == "Top"
    assert placer.place({"account_id": "NEW", "revenue_usd": 110.0}).says == "Named in the list named.csv."
    assert placer.place({"account_id": "NEW", "revenue_usd": 999.0}).territory == "Strategic"


def test_an_account_that_changed_goes_where_its_fields_now_lead_and_else_stays(layered):
    placer = Placer.of_result(layered)
    account = layered.accounts.filter(pl.col("account_id") == "A7").row(0, named=True)
    home = dict(layered.assignments.select("account_id", "territory").iter_rows())["A7"]

    assert placer.place({**account, "state": "CA"}).territory == "Coast"
    moved_house = {**account, "city": "Seattle", "latitude": 47.6, "longitude": -122.3, "state": "GA"}
    assert placer.place(moved_house).territory == home
    assert placer.place(moved_house).says.endswith(f"It is in {home} already and stays.")


def test_a_subsidiary_goes_with_its_family(layered):
    home = dict(layered.assignments.select("account_id", "territory").iter_rows())["A7"]
    lead = {"revenue_usd": 120.0, "city": "Seattle", "state": "GA", "country": "US"}

    for kin in ({"parent_id": "A7"}, {"family_id": "A7"}):
        placing = Placer.of_result(layered).place(lead | kin)
        assert placing.territory == home
        assert placing.says.endswith(f"Its family is in {home}.")


def test_accounts_a_person_moved_stay_where_they_were_put(layered):
    placer = edited(layered, Move(accounts=("A2",), to="Coast"))

    placing = placer.place(layered.accounts.filter(pl.col("account_id") == "A2").row(0, named=True))

    assert (placing.how, placing.territory) == (How.NAMED, "Coast")
    assert placing.says == "Moved by ann on 2027-01-04."


def test_a_rule_follows_its_territory_when_it_is_renamed_merged_or_taken_away(layered):
    record = {"state": "CA", "revenue_usd": 10.0}

    assert edited(layered, Rename(territory="Coast", to="Pacific")).place(record).territory == "Pacific"
    assert edited(layered, Merge(territories=("Coast",), into="Strategic")).place(record).territory == "Strategic"
    emptied = (Move(accounts=tuple(layered.accounts["account_id"]), to="Strategic"), Remove(territory="Coast", to=None))
    assert edited(layered, *emptied).place(record).territory == "Strategic"


def test_a_rule_whose_territory_never_had_accounts_and_is_gone_leads_nowhere_and_says_so(carved):
    result = carved(layers="  - rule: {territory: Never, where: revenue_usd < 0}\n  - house: rest\n")

    placing = edited(result, Remove(territory="Never", to=None)).place({"revenue_usd": -1.0})

    assert placing.how is How.NOBODY
    assert "whose territory Never was taken out of the plan" in placing.says


def test_a_fields_value_leads_to_the_one_territory_that_has_it(carved):
    layers = "  - carve: {name: Verticals, by: industry, balance: [potential], people: \"person_id <> 'cy'\"}\n"
    result = carved(
        layers=layers, people=some_people(skills=("Energy", "Health", "")), measures="  potential: {from: '1'}\n"
    )
    assert result.assignments.group_by("territory").agg(result.accounts["industry"].n_unique()).height == 2
    placer = Placer.of_result(result)

    for industry in ("Energy", "Health"):
        placing = placer.place({"industry": industry})
        assert placing.territory is not None
        assert placing.says.endswith(f"{placing.territory} has the accounts whose industry is {industry}.")
    assert placer.place({"industry": "Mining"}).how is How.UNDECIDED


def test_only_who_has_what_a_lead_needs_can_take_it(carved):
    layers = "  - carve: {name: Field, balance: [potential], compact: true, require: {language: languages}}\n"
    result = carved(
        layers=layers,
        accounts=some_accounts(language=lambda _: "english"),
        people=some_people(languages=("english;french", "english", "english")),
    )
    placer = Placer.of_result(result, people=people_of(result))
    ann = result.territories.filter(pl.col("person") == "ann")["territory"][0]
    lead = {"city": "Seattle", "state": "WA", "country": "US"}

    assert placer.place(lead | {"language": "English"}).territory != ann
    assert placer.place(lead | {"language": "French"}).territory == ann
    assert f"{ann} alone has french, which it needs" in placer.place(lead | {"language": "French"}).says
    nobody = placer.place(lead | {"language": "finnish"})
    assert (nobody.how, nobody.candidates) == (How.NOBODY, ())
    assert "Nobody in Field has finnish, which it needs" in nobody.says


def test_a_county_belongs_to_the_territory_that_has_it(carved):
    result = carved(layers="  - carve: {name: Field, balance: [potential], contiguous: counties}\n")
    placer = Placer.of_result(result)
    county, home = result.accounts["county_fips"][0], result.assignments["territory"][0]

    placing = placer.place({"postal_code": "02134", "state": "MA", "country": "US"})

    assert (placing.territory, placing.distance_km) == (home, None)
    assert placing.says.endswith(f"{home} has its county ({county}).")
    frame = result.accounts.drop("account_id", "family_id", "county_fips")
    assert placer.place_all(frame) == [placer.place(record) for record in frame.iter_rows(named=True)]


def test_a_value_of_another_type_counts_as_missing_and_is_told(layered):
    placer = Placer.of_result(layered)

    placing = placer.place({"revenue_usd": "lots", "state": "CA"})

    assert placing.territory == "Coast"
    assert "of no use: revenue_usd, whose values are of another type" in placing.says
    assert placer.place_frame(pl.DataFrame({"revenue_usd": ["lots"], "state": ["CA"]}))["territory"].to_list() == [
        "Coast"
    ]


def test_an_earlier_placer_saves_parsing_and_changes_nothing(layered):
    first = Placer.of_result(layered)
    again = Placer(
        layered.plan, layered.assignments, layered.territories, layered.accounts,
        lists={1: named_list(layered.plan, layered.plan.layers[1])}, before=first,
    )  # fmt: skip

    assert again.place_all(layered.accounts) == first.place_all(layered.accounts)


@pytest.fixture(scope="module")
def any_placer(tmp_path_factory) -> Placer:
    from patchbook.plans.carve import carve
    from patchbook.plans.file import load
    from tests.plans.conftest import write_rows

    folder = tmp_path_factory.mktemp("placing")
    write_rows(folder / "accounts.csv", some_accounts(language=lambda i: ("english", "english;french")[i % 2]))
    write_rows(folder / "people.csv", some_people(languages=("english;french", "english", "french")))
    (folder / "named.csv").write_text(NAMED)
    (folder / "plan.yaml").write_text(
        "plan: Tiny\naccounts: accounts.csv\npeople: people.csv\nmeasures:\n  potential: {from: revenue_usd}\nlayers:\n"
        + LAYERS.replace("compact: true", "compact: true, by: industry, require: {language: languages}")
    )
    result = carve(load(folder / "plan.yaml"))
    return Placer.of_result(result, people=people_of(result))


records = st.fixed_dictionaries(
    {
        "account_id": st.sampled_from([None, "A1", "A7", "A9", "NEW", "LATE", "X"]),
        "parent_id": st.sampled_from([None, "A7", "nobody"]),
        "revenue_usd": st.sampled_from([None, 50.0, 107.0, 130.0, 200.0]),
        "state": st.sampled_from([None, "CA", "GA", "TX"]),
        "city": st.sampled_from([None, "", "Atlanta", "Nowhere", *(city for city, _ in CITIES)]),
        "country": st.sampled_from([None, "US", "DE"]),
        "postal_code": st.sampled_from([None, "30301", "80331", "98101"]),
        "industry": st.sampled_from([None, "Energy", "Mining"]),
        "language": st.sampled_from([None, "english", "french;english", "finnish"]),
    }
)


@given(st.lists(records, min_size=1, max_size=6))
def test_any_records_are_placed_alike_alone_and_together(any_placer, some):
    schema = dict.fromkeys(some[0], pl.String) | {"revenue_usd": pl.Float64}

    assert any_placer.place_all(pl.DataFrame(some, schema=schema)) == [any_placer.place(record) for record in some]


def test_the_fields_that_matter_are_told(any_placer):
    assert any_placer.fields == ("revenue_usd", "state", "industry", "language")


def test_the_field_layer_of_the_other_tests_is_as_its_name_says(carved):
    result = carved(layers=FIELD)

    assert {one.how for one in Placer.of_result(result).place_all(result.accounts)} == {How.CARVE}


def test_a_condition_about_today_is_asked_on_the_day_it_is_told(carved):
    accounts = some_accounts(signed_on=lambda i: f"2027-01-{i + 1:02}")
    result = carved(accounts=accounts, layers="  - rule: {territory: All, where: revenue_usd > 0}\n")
    layers = (RuleLayer(territory="Fresh", where="signed_on >= today - 30"), *result.plan.layers)
    january = Placer(
        replace(result.plan, layers=layers), result.assignments,
        pl.concat([result.territories.with_columns(pl.lit("Fresh").alias(name) for name in ("territory", "layer")),
                   result.territories]),
        result.accounts, context=Context(today=date(2027, 1, 20)),
    )  # fmt: skip
    record = {"signed_on": date(2027, 1, 2), "revenue_usd": 1.0}

    assert january.place(record).territory == "Fresh"
    assert january.on(date(2027, 3, 1)).place(record).territory == "All"
    assert january.on(date(2027, 1, 20)) is january
    assert january.place_all(pl.DataFrame([record])) == [january.place(record)]
