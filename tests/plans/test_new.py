"""A new plan fits the data it was written from, whatever kind of selling it is for."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from patchbook.people.person import Person
from patchbook.plans.check import check
from patchbook.plans.file import loads
from patchbook.plans.new import TEMPLATES, Market, new_plan
from patchbook.plans.plan import CarveLayer, HouseLayer, Keep, Plan
from patchbook.plans.seats import people_frame
from patchbook.rules.schema import schema_of

ROWS = 400
FRAME = pl.DataFrame(
    {
        "account_id": [f"A{n}" for n in range(ROWS)],
        "industry": ["Retail", "Energy"] * (ROWS // 2),
        "revenue_usd": [float(n + 1) for n in range(ROWS - 1)] + [1e9],
        "visits": [3] * ROWS,
        "hours_per_visit": [1.5] * ROWS,
        "owner": ["P1"] * ROWS,
        "open_opportunities": [0] * (ROWS - 1) + [2],
        "language": ["English"] * ROWS,
        "latitude": [33.7] * ROWS,
        "county_fips": ["13121"] * ROWS,
    }
)
ANN = Person(person_id="P1", name="Ann", languages=frozenset({"English"}))


def a_plan(frame: pl.DataFrame = FRAME, people: tuple[Person, ...] = (ANN,), **options) -> Plan:
    market = Market(
        accounts_file="accounts.csv", accounts=frame, people_file="people.csv" if people else None, people=people
    )
    plan = loads(new_plan(market, name="Market: 2027", **options), file=Path("plan.yaml"), files=False)

    assert check(plan, schema_of(frame), schema_of(people_frame(people))) == ()
    return plan


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("people", [(), (ANN,)])
@pytest.mark.parametrize("columns", [FRAME.columns, ["account_id"], ["account_id", "revenue_usd"]])
def test_a_new_plan_loads_and_fits_its_data(template, people, columns):
    plan = a_plan(FRAME.select(columns), people, template=template)

    assert plan.name == "Market: 2027"
    assert isinstance(plan.layers[-1], HouseLayer)


def test_a_field_plan_uses_what_the_data_has():
    plan = a_plan()

    assert [(measure.name, measure.source, measure.transform) for measure in plan.measures] == [
        ("potential", "revenue_usd", "sqrt"),
        ("workload", "visits * hours_per_visit", "none"),
    ]
    assert plan.layers[0] == CarveLayer(
        name="Field",
        compact=True,
        contiguous="counties",
        require={"language": "languages"},
    )


def test_protection_is_left_out_where_territories_must_be_in_one_piece():
    market = Market(accounts_file="a.csv", accounts=FRAME)

    in_one_piece = new_plan(market, name="x", template="field")
    anywhere = new_plan(market, name="x", template="inside")

    assert '        # protect: "open_opportunities > 0"\n' in in_one_piece
    assert '        protect: "open_opportunities > 0"\n' in anywhere


def test_a_language_nobody_speaks_is_told_rather_than_required():
    frame = FRAME.with_columns(language=pl.Series(["English", "Dutch"] * (ROWS // 2)))

    text = new_plan(Market(accounts_file="a.csv", accounts=frame, people=(ANN,)), name="x")

    assert "nobody speaks Dutch." in text
    assert "\n      require" not in text


def test_without_places_a_plan_is_for_calling():
    plan = a_plan(FRAME.drop("latitude"), people=())

    assert plan.layers[0] == CarveLayer(
        name="Inside", seats=3, travel=0.0, by="industry", keep=Keep(protect="open_opportunities > 0")
    )


def test_an_enterprise_plan_takes_the_largest_tenth():
    plan = a_plan(template="enterprise", people=())

    layer = plan.layers[0]
    assert isinstance(layer, CarveLayer)
    assert (layer.where, layer.seats) == ("revenue_usd >= 360", 2)


def test_a_column_taken_for_a_field_is_written_down():
    market = Market(accounts_file="a b.csv", accounts=FRAME, renamed=[("Umsatz: $", "revenue_usd")])

    plan = loads(new_plan(market, name="x"), file=Path("plan.yaml"), files=False)

    assert plan.columns == {"revenue_usd": "Umsatz: $"}
    assert plan.accounts == Path("a b.csv")


def test_a_measure_that_could_not_be_balanced_is_not_proposed():
    frame = FRAME.with_columns(revenue_usd=pl.lit(-1.0), visits=pl.lit(None, dtype=pl.Int64))

    assert [measure.name for measure in a_plan(frame).measures] == ["accounts"]
