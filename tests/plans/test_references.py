"""What the conditions of a plan refer to comes from the files that the plan names, in the folder and in the record."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from builders.plans import ADA, MONDAY, a_market
from patchbook.imports import snapshots
from patchbook.plans import actions as plans
from patchbook.plans.carve import carve
from patchbook.plans.check import check_with_data
from patchbook.plans.documents import laid_out, names_in
from patchbook.plans.file import dump, load, loads
from patchbook.plans.layers import divide
from patchbook.plans.placing import Placer
from patchbook.plans.plan import BadPlan, TableFile
from patchbook.plans.prepare import prepare
from patchbook.plans.problems import BadPlanFile
from patchbook.plans.references import context_of

ACCOUNTS = """\
account_id,name,domain,postal_code,country,latitude,longitude,created_on,parent_id
A1,One,one.com,02138,US,42.37,-71.11,2027-01-10,
A2,Two,two.com,30301,US,33.75,-84.39,2020-01-10,A1
A3,Three,three.com,30302,US,33.76,-84.38,2027-01-20,A2
A4,Four,four.com,94105,US,37.79,-122.39,,
"""

PLAN = """\
plan: References
effective: 2027-02-01
accounts: accounts.csv
lists:
  targets: targets.txt
tables:
  zips: {file: zips.csv, key: zip, country: US}
areas:
  atlanta: atlanta.geojson
layers:
  - rule: {territory: Listed, where: "in_list(domain, 'targets') AND created_on >= today - 90"}
  - rule: {territory: North, where: "lookup(postal_code, 'zips', 'region') = 'North'"}
  - rule: {territory: Heavy, where: "lookup(postal_code, 'zips', 'weight') > 5"}
  - rule: {territory: Atlanta, where: "within_area('atlanta')"}
  - house: rest
"""

SQUARE = {"type": "Polygon", "coordinates": [[[-85, 33], [-84, 33], [-84, 34], [-85, 34], [-85, 33]]]}

FILES = {
    "accounts.csv": ACCOUNTS,
    "targets.txt": "three.com\nfour.com\n",
    "zips.csv": "region,zip,weight\nNorth,2138,1\nSouth,30301,7\n",
    "atlanta.geojson": json.dumps({"type": "Feature", "properties": {}, "geometry": SQUARE}),
}


@pytest.fixture
def folder(tmp_path):
    """A plan with its files; a call with other texts writes those instead."""

    def written(plan: str = PLAN, **others: str):
        for name, text in {**FILES, **others, "plan.yaml": plan}.items():
            (tmp_path / name.replace("_csv", ".csv")).write_text(text)
        return tmp_path / "plan.yaml"

    return written


def taken(plan) -> list[list[int]]:
    prepared = prepare(plan)
    return [part.rows.tolist() for part in divide(prepared.plan, prepared.accounts)[0]]


def test_lists_tables_areas_and_today_decide_who_takes_what(folder):
    assert taken(load(folder())) == [[2], [0], [1], [], [3]]


def test_a_table_with_a_country_gives_lost_zeros_back(folder):
    without = PLAN.replace(", country: US", "")

    assert taken(load(folder(without))) == [[2], [], [1], [], [0, 3]]


def test_a_plan_with_references_is_written_as_it_was_read(folder):
    plan = load(folder())

    assert plan.tables == {"zips": TableFile(file=Path("zips.csv"), key="zip", country="US")}
    assert dump(loads(dump(plan), file=plan.file)) == dump(plan)


def test_in_the_record_the_files_come_with_the_plan(folder):
    folder()

    assert names_in(PLAN) == ("targets.txt", "zips.csv", "atlanta.geojson")
    files = {name: FILES[name] for name in names_in(PLAN)}
    with laid_out(PLAN, files) as plan:
        assert set(context_of(plan).lists["targets"].values) == {"three.com", "four.com"}
        assert context_of(plan).tables["zips"].columns == ("region", "weight")
    del files["zips.csv"]
    with pytest.raises(BadPlanFile, match=r"'zips.csv' did not come with the plan"), laid_out(PLAN, files):
        pass


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            ("zips.csv", "zip,region\n2138,A\n02138,B\n"),
            "zips.csv has the key '02138' twice with different values; keep one",
        ),
        (("zips.csv", "zipp,region\n1,A\n"), "zips.csv has no column 'zip', only zipp, region"),
        (("zips.csv", "zip\n02138\n"), "it has one column, 'zip'; a look-up table has a key and at least one value"),
        (("atlanta.geojson", "{"), "the area is no readable JSON"),
        (("atlanta.geojson", '{"type": "Point", "coordinates": [1, 2]}'), "'Point' is no area"),
        (("atlanta.geojson", "POLYGON((100 200, 1 1, 2 2))"), "is not on the globe"),
    ],
)
def test_a_file_that_cannot_be_meant_is_told_with_the_line_of_the_plan(folder, change, said):
    name, text = change
    plan = load(folder(**{name: text}))

    with pytest.raises(BadPlan) as caught:
        context_of(plan)

    assert said in str(caught.value)
    assert "plan.yaml line" in str(caught.value)
    assert said in str(check_with_data(plan).problems[0])


def test_today_needs_the_day_the_plan_takes_effect(folder):
    plan = load(folder(PLAN.replace("effective: 2027-02-01\n", "")))

    assert "today is the day a plan takes effect; say it" in str(check_with_data(plan).problems[0])
    with pytest.raises(BadPlan, match="today is the day a plan takes effect"):
        taken(plan)


def test_a_name_that_is_no_list_is_told_where_it_stands_and_what_is_near(folder):
    plan = load(folder(PLAN.replace("'targets'", "'target'")))

    problem = check_with_data(plan).problems[0]
    assert "no list is called 'target'; did you mean 'targets'?" in problem.message
    assert problem.line == 11


def test_a_value_nobody_has_is_a_warning_that_names_the_nearest(folder):
    plan = load(
        folder(PLAN.replace("= 'North'", "= 'Nroth'").replace("in_list(domain", "name = 'Thre' OR in_list(domain"))
    )

    checked = check_with_data(plan)
    messages = [problem.message for problem in checked.problems]
    assert checked.is_good
    assert any("nobody has the name 'Thre'; did you mean 'Three'?" in message for message in messages)
    assert any("'Nroth'; did you mean 'North'?" in message for message in messages)


def test_a_family_is_followed_through_the_whole_book(folder):
    plan = load(folder(PLAN.replace("within_area('atlanta')", "within_family('A1')")))

    assert taken(plan) == [[2], [0], [1], [], [3]]
    only = PLAN[: PLAN.index("layers:")] + "layers:\n  - rule: {territory: F, where: \"within_family('A1')\"}\n"
    assert taken(load(folder(only))) == [[0, 1, 2]]


def test_a_million_values_in_a_list_are_read(tmp_path):
    from patchbook.plans.references import read_list

    path = tmp_path / "many.txt"
    path.write_text("\n".join(f"d{n}.com" for n in range(1_000_000)))

    assert len(read_list(TableFile(file=path), path).values) == 1_000_000


def test_a_new_account_is_placed_by_the_lists_tables_and_areas_of_the_plan(folder):
    placer = Placer.of_result(carve(load(folder())))

    assert placer.place({"domain": "four.com", "created_on": date(2027, 1, 1)}).territory == "Listed"
    assert placer.place({"domain": "x.com", "postal_code": "02138"}).territory == "North"
    assert placer.on(date(2028, 1, 1)).place({"domain": "four.com", "created_on": date(2027, 1, 1)}).territory is None


def test_a_plan_of_the_record_is_carved_by_the_lists_and_groups_that_came_with_it(record):
    document = (
        "plan: Listed\neffective: 2027-02-01\naccounts: accounts.csv\nlists: {targets: targets.txt}\n"
        "groups:\n  North: {where: \"state IN ('MA', 'WA', 'IL')\", catch_all: Rest of the North}\n"
        "layers:\n  - rule: {territory: Targets, where: \"in_list(name, 'targets')\", under: North}\n  - house: rest\n"
    )
    a_market(record)
    files = {"targets.txt": "Company 1\nCompany 3\n"}

    with record.writing() as tx:
        plan = plans.start(tx, None, document, files=files, by=ADA, at=MONDAY)
    kept = plans.carve_now(record, plan.plan_id, by=ADA, clock=lambda: MONDAY).plan
    with record.reading() as tx:
        state = plans.state(tx, kept.plan_id, by=ADA, at=MONDAY)

    held = dict(state.assignments.select("account_id", "territory").iter_rows())
    assert [held[f"A{n}"] for n in (1, 2, 3, 5)] == ["Targets", "Rest of the North", "House", "Rest of the North"]
    placer = Placer.of(state, read_snapshot(record, kept), files=files)
    assert placer.place({"name": "Company 3", "state": "WA"}).territory == "Targets"


def read_snapshot(record, plan):
    with record.reading() as tx:
        return snapshots.taken(tx, plan.snapshot_id)
