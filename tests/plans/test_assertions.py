"""A plan's policies are held to its rules and to every carve of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from patchbook.plans.assertions import OtherAssertions, judge, tables_of
from patchbook.plans.carve import carve
from patchbook.plans.file import dump, load, loads
from patchbook.plans.out import read, write
from patchbook.plans.plan import BadPlan
from patchbook.plans.problems import BadPlanFile
from patchbook.plans.rule_check import check_rules

LAYERS = """\
  - rule: {territory: Energy, where: "industry = 'Energy' AND revenue_usd > 150"}
  - carve: {name: Field, where: "state <> 'MA'", seats: 2, balance: [potential], travel: 0}
"""


def asserting(*assertions: str) -> dict[str, str]:
    return {"layers": LAYERS, "more": "assert:\n" + "".join(f"  - {one}\n" for one in assertions)}


def verdicts(a_plan, *assertions):
    return carve(load(a_plan(**asserting(*assertions)))).summary["assertions"]


def test_no_row_may_meet_what_is_ruled_out(a_plan):
    broken, kept = verdicts(
        a_plan,
        '{no: accounts, where: "territory IS NULL", why: Everybody has an owner.}',
        '{no: accounts, where: "revenue_usd > 1000 AND territory IS NULL"}',
    )

    assert broken["holds"] is False
    assert broken["says"] == (
        "No accounts where territory is empty: 2 accounts break it (A1 and A13). Everybody has an owner."
    )
    assert (broken["broken"], broken["rows"]) == (2, ["A1", "A13"])
    assert kept == {
        "holds": True,
        "says": "No accounts where revenue_usd is above 1,000, and territory is empty: kept.",
        "broken": 0,
        "rows": [],
        "line": kept["line"],
    }


def test_every_row_must_meet_what_is_asked_and_an_empty_value_does_not(a_plan):
    by_number, by_deviation = verdicts(
        a_plan,
        "{every: territories, must: accounts > 9, where: \"layer = 'Field'\"}",
        "{every: territories, must: potential_deviation < 0.9}",
    )

    assert by_number["says"].startswith("Of all territories where layer is Field: accounts is above 9: ")
    # The territory of a rule has no target, so nothing is known of how far it is from it.
    assert by_deviation["rows"] == ["Energy"]


def test_people_carry_what_all_their_territories_hold(a_plan):
    plan = load(a_plan(**asserting("{no: people, where: potential_deviation > 0.2}")))
    result = carve(plan)

    people = tables_of(result)["people"]

    assert people["person"].to_list() == result.territories["person"].drop_nulls().unique(maintain_order=True).to_list()
    assert (
        people["accounts"].sum()
        == result.territories.filter(result.territories["person"].is_not_null())["accounts"].sum()
    )
    for record in people.iter_rows(named=True):
        assert record["potential_deviation"] == pytest.approx(
            record["potential_actual"] / record["potential_target"] - 1
        )


def test_what_breaks_a_policy_is_among_the_problems_of_a_result(a_plan):
    result = carve(load(a_plan(**asserting("{no: accounts, where: territory IS NULL}"))))

    told = result.problems.filter(result.problems["kind"] == "assertion")
    assert told["message"].to_list() == ["No accounts where territory is empty: 2 accounts break it (A1 and A13)."]


def test_before_a_carve_only_what_rules_decide_is_judged(a_plan):
    checked = check_rules(
        load(
            a_plan(
                **asserting(
                    "{no: accounts, where: territory IS NULL}",
                    "{no: accounts, where: \"layer = 'Field' AND revenue_usd > 150 AND industry = 'Energy'\"}",
                    "{no: accounts, where: \"territory = 'Field 1'\"}",
                    "{no: accounts, where: moved}",
                    "{no: territories, where: accounts > 400}",
                )
            )
        )
    )

    assert [verdict.holds for verdict in checked.verdicts] == [False, True, None, None, None]
    assert checked.verdicts[4].says == "No territories where accounts is above 400: only a carve can tell."
    assert not checked.is_good


def test_a_stored_carve_is_judged_as_it_was(a_plan, tmp_path):
    plan = load(
        a_plan(**asserting("{no: territories, where: accounts > 400}", "{no: accounts, where: territory IS NULL}"))
    )
    write(carve(plan), tmp_path / "result")

    checked = check_rules(plan, result=tmp_path / "result")

    assert [verdict.holds for verdict in checked.verdicts] == [True, False]
    other = load(a_plan(**asserting("{no: territories, where: accounts > 400}")))
    with pytest.raises(OtherAssertions, match="knows 2 assertions and 'Tiny' has 1; carve it again"):
        check_rules(other, result=tmp_path / "result")


def test_a_field_that_the_table_lacks_is_refused_with_its_line(a_plan):
    plan = load(a_plan(**asserting("{no: territories, where: acounts > 400}")))

    with pytest.raises(BadPlan, match=r"plan.yaml line \d+ \(assert\[0\].where\): .*did you mean 'accounts'"):
        carve(plan)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{no: accounts}", "no accounts needs a where"),
        ("{every: people}", "every people needs a must"),
        ("{where: accounts > 1}", "say one of no and every"),
        ("{no: accounts, every: people, where: a > 1, must: a > 1}", "say one of no and every"),
        ("{no: accounts, where: a > 1, must: b > 1}", "takes no must"),
        ("{no: leads, where: a > 1}", "'leads' is none of accounts, territories, people"),
        ("{no: accounts, where: a >}", "where: At character"),
        ("{no: accounts, were: a > 1}", "'were' is not a setting of an assertion; did you mean 'where'?"),
        ("nothing", "an assertion is a group of settings"),
    ],
)
def test_an_assertion_that_cannot_be_meant_is_told_with_its_line(written, said):
    text = f"plan: P\naccounts: a.csv\nlayers:\n  - house: rest\nassert:\n  - {written}\n"

    with pytest.raises(BadPlanFile) as refused:
        loads(text, file=Path("plan.yaml"), files=False)

    assert said in str(refused.value)
    assert "line 6" in str(refused.value)


def test_assertions_are_written_as_they_are_read():
    text = "plan: P\naccounts: a.csv\nlayers:\n- house: rest\nassert:\n- {no: accounts, where: a > 1, why: So}\n"
    plan = loads(text, file=Path("plan.yaml"), files=False)

    again = loads(dump(plan), file=Path("plan.yaml"), files=False)

    assert [(one.no, one.where, one.why) for one in again.assertions] == [("accounts", "a > 1", "So")]


def test_a_plan_without_assertions_says_nothing_of_them(a_plan):
    plan = load(a_plan())
    result = carve(plan)

    assert "assertions" not in result.summary
    assert judge(plan, tables_of(result)) == ()
    assert "rules" not in result.summary


def test_a_result_with_rules_explains_itself_from_its_folder(a_plan, tmp_path):
    write(carve(load(a_plan(layers=LAYERS))), tmp_path / "result")
    stored = read(tmp_path / "result")

    assert stored.explain("A19") == (
        "Company 19 (A19) is in Energy, with nobody, by the layer Energy. Rule 1 (Energy) takes it, since industry is"
        " Energy, and revenue_usd is above 150. Rule 2 (Field) holds as well, but comes after it. With 150 instead of"
        " 154 in revenue_usd it would go to Field. It moves from Cy Core."
    )
    assert stored.explain("A1").startswith(
        "Company 1 (A1) has no territory. No rule takes it. Rule 1 (Energy) nearly took it: revenue_usd is 100, needs"
        " above 150. With 151 instead of 100 in revenue_usd it would go to Energy."
    )
