"""A plan file is read whole, or refused with every problem, its line and what would be right."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchbook.plans.file import dump, load, loads
from patchbook.plans.plan import (
    CarveLayer,
    HouseLayer,
    Keep,
    Lock,
    Match,
    Mix,
    NamedLayer,
    Plan,
    PlanMeasure,
    RuleLayer,
    Sizing,
)
from patchbook.plans.problems import BadPlanFile

SKETCH = """\
plan: Americas 2027
effective: 2027-02-01
accounts: accounts.csv          # a comment
people: people.csv
measures:
  potential: {from: revenue_usd, transform: sqrt, tolerance: 5%}
  workload:  {from: "visits * hours_per_visit", tolerance: 10%}
layers:                          # first layer that takes an account wins
  - named: strategic.csv
  - rule: {territory: Public sector, where: "industry = 'Government' OR domain LIKE '%.gov'"}
  - carve: {name: Mid-market, where: "employees BETWEEN 100 AND 500", by: vertical, seats: 12,
            balance: [potential, workload], keep: {families: true, owners: prefer, moved_at_most: 15%}}
  - carve: {name: Field, where: "country = 'US'", seats: from people, compact: true, contiguous: counties}
  - house: rest
"""

SMALL = """\
plan: Small
accounts: accounts.csv
measures:
  potential: revenue_usd
layers:
  - carve: {name: All, seats: 3}
"""


def read(text: str) -> Plan:
    return loads(text, file=Path("plan.yaml"), files=False)


def problems_of(text: str) -> list[str]:
    with pytest.raises(BadPlanFile) as caught:
        read(text)
    return [str(problem) for problem in caught.value.problems]


def test_the_sketch_of_a_plan_reads_as_it_is_meant():
    plan = read(SKETCH)

    assert plan.name == "Americas 2027"
    assert plan.effective == date(2027, 2, 1)
    assert (plan.accounts, plan.people) == (Path("accounts.csv"), Path("people.csv"))
    assert plan.measures == (
        PlanMeasure(name="potential", source="revenue_usd", transform="sqrt", tolerance=0.05),
        PlanMeasure(name="workload", source="visits * hours_per_visit", tolerance=0.1),
    )
    assert plan.layers == (
        NamedLayer(file=Path("strategic.csv")),
        RuleLayer(territory="Public sector", where="industry = 'Government' OR domain LIKE '%.gov'"),
        CarveLayer(
            name="Mid-market",
            where="employees BETWEEN 100 AND 500",
            by="vertical",
            seats=12,
            balance=("potential", "workload"),
            keep=Keep(moved_at_most=0.15),
        ),
        CarveLayer(name="Field", where="country = 'US'", compact=True, contiguous="counties"),
        HouseLayer(),
    )
    assert plan.at("layers[2].where") == "plan.yaml line 11 (layers[2].where)"


def test_every_setting_of_a_carve_is_read():
    plan = read(
        """\
plan: Everything
accounts: a.csv
people: p.csv
join: visits.csv
columns: {account_id: Id}
types: {tier: text}
road_factor: 1.3
seed: 7
seconds: 5
measures: {workload: {from: hours, cap: 900}}
locks: [{account: A1, seat: P1}]
layers:
  - carve:
      name: Field
      people: role = 'rep'
      seats: {from: workload, capacity: 1800}
      vacant: 2
      keep: {families: no, owners: ignore, protect: "open_opportunities > 0"}
      mix: {field: tier, tolerance: 10%}
      apart: [[A1, A2], [B1, B2, B3]]
      together: parent_id
      require: {language: languages}
      contiguous: neighbours
      travel: 0
      travel_by: workload
"""
    )

    assert plan.join == (Path("visits.csv"),)
    assert (plan.columns, plan.types) == ({"account_id": "Id"}, {"tier": "text"})
    assert (plan.road_factor, plan.seed, plan.seconds) == (1.3, 7, 5.0)
    assert plan.locks == (Lock(account_id="A1", seat="P1", line=11),)
    assert plan.measure("workload").cap == 900
    assert plan.layers == (
        CarveLayer(
            name="Field",
            people="role = 'rep'",
            seats=Sizing(measure="workload", capacity=1800),
            vacant=2,
            keep=Keep(families=False, owners="ignore", protect="open_opportunities > 0"),
            mix=Mix(field="tier", tolerance=0.1),
            apart=(("A1", "A2"), ("B1", "B2"), ("B1", "B3"), ("B2", "B3")),
            together="parent_id",
            require={"language": "languages"},
            contiguous="neighbours",
            travel=0.0,
            travel_by="workload",
        ),
    )


def test_a_country_called_no_stays_no():
    plan = read(SMALL + "  - rule: {territory: NO, where: country = 'NO'}\n")

    assert plan.layers[1].name == "NO"


def test_a_file_with_its_neighbours_is_loaded_and_missing_ones_are_named(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text(SMALL + "locks: locks.csv\n", encoding="utf-8")

    with pytest.raises(BadPlanFile, match=r"^plan.yaml line 2: the file 'accounts.csv' is not in .* \(and 1 more\)$"):
        load(path)

    (tmp_path / "accounts.csv").write_text("account_id\nA1\n", encoding="utf-8")
    (tmp_path / "locks.csv").write_text("\ufeffaccount_id,seat\nA1,East\n\nA2,West\n", encoding="utf-8")

    plan = Plan.load(path)
    assert plan.file == path
    assert [(lock.account_id, lock.seat, lock.line) for lock in plan.locks] == [("A1", "East", 2), ("A2", "West", 4)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("account,owner\nA1,x\n", "needs the columns account_id and seat, and its columns are account, owner"),
        ("", "its columns are none"),
        ("account_id,seat\nA1,East\nA2\n", "line 3 lacks an account_id or a seat"),
    ],
)
def test_a_file_of_locks_that_cannot_be_read_says_why(tmp_path, content, said):
    (tmp_path / "accounts.csv").write_text("account_id\nA1\n", encoding="utf-8")
    (tmp_path / "locks.csv").write_text(content, encoding="utf-8")

    with pytest.raises(BadPlanFile, match=said):
        loads(SMALL + "locks: locks.csv\n", file=tmp_path / "plan.yaml")


def test_a_misspelt_setting_is_named_with_its_line_and_the_right_one():
    text = SMALL.replace("potential: revenue_usd", "potential: {from: revenue_usd, tolerence: 5%}")

    assert problems_of(text) == ["line 4: 'tolerence' is not a setting of a measure; did you mean 'tolerance'?"]


def test_all_problems_are_told_together_form_before_meaning():
    text = """\
plan: Wrong
accounts: accounts.csv
measures:
  potential: {from: "revenue_usd +", tolerance: 150%}
  workload: {from: hours, transform: square}
layers:
  - carve: {name: Field, where: "employees > ", seats: many, contiguous: provinces}
  - hause: rest
colour: red
"""
    found = problems_of(text)

    assert found[:6] == [
        "line 4: tolerance: 150% is outside 0% to 100%",
        "line 5: transform: 'square' is none of none, sqrt, log",
        "line 7: seats: 'many' is neither 'from people', a number above 0, nor {from: workload, capacity: 1800}",
        "line 7: contiguous: 'provinces' is none of counties, postal codes, states, neighbours",
        "line 8: 'hause' is not a kind of layer; did you mean 'house'?",
        "line 9: 'colour' is not a setting of a plan; it has plan, accounts, people, effective, measures, groups, "
        "layers, lists, tables, areas, locks, assert, columns, types, join, road_factor, seed, seconds",
    ]
    assert [line.split(":")[0] for line in found[6:]] == ["line 4", "line 7"]
    with pytest.raises(BadPlanFile, match=r"^plan.yaml line 4: tolerance: .* \(and 7 more\)$"):
        read(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the plan is empty"),
        ("# only a comment\n", "the plan is empty"),
        ("plan: A\n\taccounts: b\n", "line 2: the line is indented with a tab; YAML wants spaces"),
        ("plan: A\naccounts:\tb\n", "line 2: a tab stands where YAML wants spaces"),
        ("plan: A\nlayers: [\n", "opened and never closed"),
        ("plan: A\n  accounts: b\n", "line 2: a ':' stands where none is expected"),
        ("plan: 'A\n", "opened and never closed"),
        ("plan: A\nmeasures:\n  a: {from: b\nlayers: []\n", "missing"),
        ("plan: A\nlayers:\n  - house: rest\n - house: rest\n", "indentation"),
        ("plan: &x A\naccounts: *x\n", "line 1: anchors"),
        ("- plan\n", "line 1: a plan is a group of settings"),
        ("just text\n", "line 1: a plan is a group of settings"),
        ("plan: A\nplan: B\naccounts: a\nlayers: [house: rest]\n", "line 2: 'plan' is there twice, first in line 1"),
        ("plan: A\naccounts: a\nlayers: house\n", "line 3: layers: a text stands here; give a list"),
        ("plan: A\naccounts: a\nlayers: [{rule: x, house: rest}]\n", "line 3: a layer is one of named, rule, carve"),
        ("plan: A\naccounts: a\nlayers: [house: all]\n", "house takes the rest: write house: rest, not 'all'"),
        ("plan: A\naccounts: a\nlayers: []\n", "no layer takes any account"),
        ("plan: A\nlayers: [house: rest]\n", "line 1: a plan needs 'accounts': the accounts file"),
        ("plan:\naccounts: a\nlayers: [house: rest]\n", "line 1: plan: a value is missing"),
        (SMALL.replace("seats: 3", "seats: 0"), "seats: '0' is neither"),
        (SMALL.replace("seats: 3", "seats: -3"), "seats: '-3' is neither"),
        (SMALL.replace("seats: 3", "compact: maybe, seats: 3"), "compact: 'maybe' is neither yes nor no"),
        (SMALL.replace("seats: 3", "travel: -1, seats: 3"), "travel: -1 is below 0"),
        (SMALL.replace("seats: 3", "vacant: 1.5, seats: 3"), "vacant: '1.5' is not a whole number"),
        (SMALL.replace("seats: 3", "apart: [[A1]], seats: 3"), "two different account ids"),
        (SMALL.replace("seats: 3", "keep: {moved_at_most: 15}, seats: 3"), "did you mean 15%?"),
        (SMALL.replace("seats: 3", "seats: {from: potential}"), "seats needs 'capacity'"),
        (SMALL.replace("seats: 3", "seats: {from: potential, capacity: 0}"), "capacity: 0 is not above 0"),
        (SMALL.replace("seats: 3", "require: language, seats: 3"), "require: a text stands here; write pairs"),
        (
            SMALL.replace("revenue_usd", "{from: min(a, b)}"),
            "line 4: 'b)' is not a setting of a measure; text that holds",
        ),
        (SMALL + "effective: tomorrow\n", "effective: 'tomorrow' is not a date; write it as 2027-02-01"),
        (SMALL + "seconds: .inf\n", "seconds: '.inf' is not a number"),
        (SMALL + "seconds: inf\n", "seconds: 'inf' is not a finite number"),
        (SMALL + "types: {tier: txt}\n", "tier: 'txt' is none of text, number"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_would_be_right(text, said):
    assert said in "\n".join(problems_of(text))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("balance: [potental], seats: 3", "no measure is called 'potental'; did you mean 'potential'?"),
        ("travel_by: visits, seats: 3", "no measure is called 'visits'; the plan has potential"),
        ("fewest: visits, seats: 3", "no measure is called 'visits'; the plan has potential"),
        ("seats: {from: hours, capacity: 3}", "no measure is called 'hours'"),
        ("seats: from people", "'All' has no seats: the plan names no people file"),
        ("people: role = 'rep', seats: 3", "people chooses from the people file, and the plan names none"),
        ("goal: rebalance, keep: {owners: ignore}, seats: 3", "rebalance starts from today's owners"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(change, said):
    [problem] = problems_of(SMALL.replace("seats: 3", change))

    assert problem.startswith("line 6: ")
    assert said in problem


def test_layers_out_of_order_or_of_one_name_are_refused():
    assert problems_of(SMALL.replace("layers:\n", "layers:\n  - house: rest\n")) == [
        "line 6: house takes the rest, so it is the last layer"
    ]
    assert problems_of(SMALL + "  - carve: {name: All, seats: 2}\n") == [
        "line 7: two layers are called 'All'; give each its own name"
    ]
    assert problems_of(SMALL + "  - rule: {territory: All, where: 'TRUE'}\n") == [
        "line 7: two layers are called 'All'; give each its own name"
    ]


def test_several_rules_may_feed_one_territory():
    rules = "".join(f"  - rule: {{territory: Public, where: employees > {n}}}\n" for n in range(3))

    assert len(read(SMALL + rules).layers) == 4


def test_one_account_locked_to_two_seats_is_refused():
    [problem] = problems_of(SMALL + "locks:\n  - {account: A1, seat: East}\n  - {account: A1, seat: West}\n")

    assert problem == "line 9: account 'A1' is locked to 'East' and to 'West'"


def test_a_lock_of_a_file_is_told_by_the_line_of_that_file(tmp_path):
    (tmp_path / "accounts.csv").write_text("account_id\nA1\n", encoding="utf-8")
    (tmp_path / "locks.csv").write_text("account_id,seat\nA1,East\nA1,West\n", encoding="utf-8")

    with pytest.raises(BadPlanFile, match=r"line 7: .* to 'East' and to 'West' \(line 3 of the file of locks\)$"):
        loads(SMALL + "locks: locks.csv\n", file=tmp_path / "plan.yaml")


def test_a_file_that_is_not_there_or_not_text_is_one_sentence(tmp_path):
    with pytest.raises(BadPlanFile, match="there is no file"):
        load(tmp_path / "nothing.yaml")
    (tmp_path / "plan.yaml").write_bytes(b"plan: M\xfcnchen\n")
    with pytest.raises(BadPlanFile, match=r"plan.yaml: byte 8 is not UTF-8"):
        load(tmp_path / "plan.yaml")
    with pytest.raises(BadPlanFile, match="it cannot be read"):
        load(tmp_path)


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cn"]), min_size=1).filter(
    lambda text: text.strip() != ""
)
paths = words.map(Path)
shares = st.integers(0, 1000).map(lambda thousandths: thousandths / 1000) | st.floats(0, 1)
conditions = st.sampled_from(["employees > 5", "name LIKE '%: #%'", "\"from\" = 'a''b'", "country = 'NO'"])
measures = st.lists(
    st.builds(
        PlanMeasure,
        name=words,
        source=st.sampled_from(["revenue_usd", "visits * 2", "coalesce(a, 0)"]),
        transform=st.sampled_from(["none", "sqrt", "log"]),
        cap=st.none() | st.floats(1e-3, 1e9),
        tolerance=shares,
    ),
    unique_by=lambda measure: measure.name,
    min_size=1,
    max_size=3,
).map(tuple)
locks = st.builds(Lock, account_id=words, seat=words)
keeps = st.builds(
    Keep,
    families=st.booleans(),
    owners=st.just("prefer"),
    moved_at_most=st.none() | shares,
    protect=st.none() | conditions,
)


def by_likeness(layer):
    """A carve with what only the ground has left out, where it is by likeness."""
    return replace(layer, compact=False, contiguous=None, travel=1.0, travel_by=None) if layer.similar else layer


@st.composite
def plans(draw):
    of_plan = draw(measures)
    names = st.sampled_from([measure.name for measure in of_plan])
    carves = st.builds(
        CarveLayer,
        name=words,
        where=st.none() | conditions,
        people=st.none() | conditions,
        seats=st.integers(1, 99)
        | st.just("from people")
        | st.builds(Sizing, measure=names, capacity=st.floats(0.1, 1e6))
        | st.lists(st.builds(Sizing, measure=names, capacity=st.floats(0.1, 1e6)), min_size=1, max_size=2).map(tuple),
        vacant=st.integers(0, 9),
        by=st.none() | words,
        similar=st.dictionaries(words, st.just(1.0) | st.floats(1e-3, 1e3), max_size=2),
        balance=st.lists(names, max_size=2).map(tuple),
        keep=keeps,
        compact=st.booleans(),
        contiguous=st.sampled_from([None, "counties", "neighbours"]),
        require=st.dictionaries(words, words, max_size=2),
        mix=st.none() | st.builds(Mix, field=words, tolerance=shares),
        together=st.none() | words,
        apart=st.lists(st.tuples(words, words).filter(lambda pair: pair[0] != pair[1]), unique=True, max_size=2).map(
            tuple
        ),
        travel=st.floats(0, 1e3),
        travel_by=st.none() | names,
        fewest=st.none() | names,
        goal=st.sampled_from(["carve", "rebalance"]),
        match=st.none()
        | st.builds(Match, home=st.floats(0, 9), incumbency=st.floats(0, 9), contacts=st.none() | words),
    )
    carves = carves.map(by_likeness)
    layer = (
        st.builds(NamedLayer, file=paths, name=words)
        | st.builds(RuleLayer, territory=words, where=conditions, person=st.none() | words)
        | carves
    )
    layers = draw(st.lists(layer, min_size=1, max_size=4, unique_by=lambda layer: layer.name))
    return Plan(
        name=draw(words),
        accounts=draw(paths),
        people=draw(paths),
        effective=draw(st.none() | st.dates()),
        measures=of_plan,
        layers=(*layers, HouseLayer(name="What is left")) if draw(st.booleans()) else tuple(layers),
        locks=tuple(draw(st.lists(locks, unique_by=lambda lock: lock.account_id))),
        columns=draw(st.dictionaries(words, words, max_size=2)),
        types=draw(st.dictionaries(words, st.sampled_from(["text", "money"]), max_size=2)),
        join=draw(st.lists(paths, max_size=2).map(tuple)),
        road_factor=draw(st.floats(0.5, 3)),
        seed=draw(st.integers(0, 2**63)),
        seconds=draw(st.floats(0.1, 1e5)),
    )


@settings(max_examples=200, deadline=None)
@given(plan=plans())
def test_a_plan_written_and_read_again_is_the_same(plan):
    again = read(dump(plan))

    locks = tuple(replace(lock, line=None) for lock in again.locks)
    assert replace(again, lines={}, file=None, locks=locks) == plan


@settings(max_examples=200, deadline=None)
@given(text=st.text(st.sampled_from("plan: {}[]-\n '\"#&*!|>%@`,abc0\t\\~?"), max_size=60))
def test_no_text_whatever_crashes_the_reader(text):
    with contextlib.suppress(BadPlanFile):
        assert read(text).layers
