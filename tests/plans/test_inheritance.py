"""What stands under a group asks what the group asks, and what nothing under it takes is the group's own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from patchbook.plans.carve import carve
from patchbook.plans.check import check_with_data
from patchbook.plans.file import dump, load, loads
from patchbook.plans.inheritance import asked_by, effective
from patchbook.plans.layers import divide
from patchbook.plans.placing import Placer
from patchbook.plans.prepare import prepare
from patchbook.plans.problems import BadPlanFile
from patchbook.plans.rule_book import rules_of
from patchbook.rules.prove.finding import Kind
from patchbook.rules.prove.proof import prove
from patchbook.rules.schema import schema_of

PLAN = """\
plan: Groups
accounts: accounts.csv
groups:
  Americas: {where: "country IN ('US', 'CA')", catch_all: Rest of Americas}
  West: {where: "state IN ('CA', 'WA')", under: Americas, catch_all: Rest of West}
  Alps: {where: "country = 'CH'", catch_all: Rest of Alps}
layers:
  - rule: {territory: Big West, where: employees >= 100, under: West}
  - rule: {territory: Big, where: employees >= 100 OR state = 'WA', under: Americas}
  - house: rest
"""

ACCOUNTS = """\
account_id,name,country,state,employees
A1,One,US,CA,500
A2,Two,US,WA,5
A3,Three,US,TX,500
A4,Four,US,TX,5
A5,Five,CH,ZH,500
A6,Six,DE,BY,500
"""


@pytest.fixture
def plan(tmp_path):
    (tmp_path / "accounts.csv").write_text(ACCOUNTS)
    (tmp_path / "plan.yaml").write_text(PLAN)
    return load(tmp_path / "plan.yaml")


def test_a_layer_takes_what_its_groups_and_it_ask_and_each_level_catches_its_rest(plan):
    prepared = prepare(plan)
    taken, _ = divide(prepared.plan, prepared.accounts)

    assert [(part.layer.name, part.rows.tolist()) for part in taken] == [
        ("Big West", [0]),
        ("Rest of West", [1]),
        ("Big", [2]),
        ("Rest of Americas", [3]),
        ("Rest of Alps", [4]),
        ("House", [5]),
    ]


def test_the_whole_condition_of_a_layer_can_be_seen(plan):
    assert effective(plan, 0) == "(country IN ('US', 'CA')) AND (state IN ('CA', 'WA')) AND (employees >= 100)"
    assert effective(plan, 1) == "(country IN ('US', 'CA')) AND (state IN ('CA', 'WA'))"
    assert effective(plan, 5) is None
    assert [asked.whose for asked in asked_by(plan, 0)] == ["Americas", "West", "Big West"]


def test_that_a_catch_all_overlaps_the_rules_of_its_group_is_by_design_and_not_told(plan):
    prepared = prepare(plan)
    rules = rules_of(prepared.plan, schema_of(prepared.accounts))
    proof = prove(rules, prepared.accounts)

    overlaps = [
        tuple(rules.rules[number - 1].outcome for number in finding.rules)
        for finding in proof.findings
        if finding.kind is Kind.OVERLAP
    ]
    assert overlaps == [("Big", "Big West"), ("Big", "Rest of West")], "of other groups they are told"
    plain = replace(rules, rules=tuple(replace(one, catches_all_of=None) for one in rules.rules))
    assert len([one for one in prove(plain, prepared.accounts).findings if one.kind is Kind.OVERLAP]) > 2


def test_a_catch_all_that_takes_nothing_is_no_reason_to_warn(plan):
    (plan.file.parent / "accounts.csv").write_text(ACCOUNTS.replace("A5,Five,CH,ZH,500\n", ""))

    assert [str(problem.message) for problem in check_with_data(plan).problems] == []


def test_the_reason_tells_the_catch_all_and_the_inherited_rule(plan):
    book = carve(plan).assignments

    reasons = dict(zip(book["account_id"], book["reason"], strict=True))
    assert reasons["A1"].startswith("Meets the rule (country IN ('US', 'CA')) AND (state IN ('CA', 'WA')) AND")
    assert reasons["A2"] == (
        "Nothing under West takes it, so it is in the catch-all of West: it meets (country IN ('US', 'CA')) AND "
        "(state IN ('CA', 'WA'))"
    )


def test_catch_alls_are_not_written_twice_and_lines_stay_right(plan):
    assert dump(loads(dump(plan), file=plan.file)) == dump(plan)
    assert dump(plan).count("Rest of West") == 1
    assert plan.lines["layers[0].where"] == 8
    assert plan.lines["layers[2].where"] == 9
    assert plan.lines["layers[5]"] == 10


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (PLAN.replace("under: West}", "under: Wset}"), "line 8: no group is called 'Wset'; did you mean 'West'?"),
        (
            PLAN.replace("where: \"country IN ('US', 'CA')\"", 'where: "TRUE", under: West'),
            "the groups Americas → West → Americas stand under each other",
        ),
        (PLAN.replace("employees >= 100, under", "employees >=, under"), "where: At character 11"),
        (PLAN.replace("where: \"country = 'CH'\", ", ""), "a group needs 'where'"),
    ],
)
def test_groups_that_cannot_be_meant_are_told_with_their_line(tmp_path, text, said):
    (tmp_path / "accounts.csv").write_text(ACCOUNTS)
    (tmp_path / "plan.yaml").write_text(text)

    with pytest.raises(BadPlanFile) as caught:
        load(tmp_path / "plan.yaml")

    assert any(said in f"line {problem.line}: {problem.message}" for problem in caught.value.problems), caught.value


def test_a_new_account_is_placed_by_what_its_groups_ask_as_well(plan):
    placer = Placer.of_result(carve(plan))

    def territory(**record):
        return placer.place(record).territory

    assert territory(country="US", state="CA", employees=500) == "Big West"
    assert territory(country="US", state="CA", employees=5) == "Rest of West"
    assert territory(country="US", state="TX", employees=5) == "Rest of Americas"
    assert territory(country="DE", state="CA", employees=500) is None
