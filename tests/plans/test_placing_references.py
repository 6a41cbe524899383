"""A plan in the record places records by its lists, tables, areas, groups and the day, as the carve did."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from patchbook.plans.carve import carve
from patchbook.plans.file import load
from patchbook.plans.life import RecordedPlan
from patchbook.plans.placing import How, Placer
from patchbook.plans.plan import BadPlan
from patchbook.plans.state import PlanState
from tests.plans.test_references import FILES, PLAN

GROUPED = """\
groups:
  Peachtree: {where: "country = 'US' AND latitude < 34", catch_all: Rest of Georgia}
layers:
  - rule: {territory: Offspring, under: Peachtree, where: "parent_id = 'A2'"}
"""
SENT = {name: text for name, text in FILES.items() if name != "accounts.csv"}


@pytest.fixture
def recorded(tmp_path):
    """The state of a plan in the record, carved from its files, and its accounts."""

    def build(document: str = PLAN) -> tuple[PlanState, pl.DataFrame]:
        for name, text in {**FILES, "plan.yaml": document}.items():
            (tmp_path / name).write_text(text)
        result = carve(load(tmp_path / "plan.yaml"))
        plan = RecordedPlan(
            plan_id="plan-1", name="References", document=document, owner_id="pat", made_by="pat",
            made_at=datetime(2027, 1, 1, tzinfo=UTC),
        )  # fmt: skip
        state = PlanState(plan=plan, assignments=result.assignments, territories=result.territories, measures=())
        return state, result.accounts

    return build


def test_every_account_is_placed_where_the_plan_has_it(recorded):
    state, accounts = recorded()
    placer = Placer.of(state, accounts, files=SENT)

    placed = placer.place_frame(accounts)
    assert placed["layer"].to_list() == state.assignments["layer"].to_list()
    assert [placer.place(record) for record in accounts.iter_rows(named=True)] == placer.place_all(accounts)


def test_a_new_record_is_asked_of_lists_tables_and_areas(recorded):
    placer = Placer.of(*recorded(), files=SENT)

    assert placer.place({"domain": "four.com", "created_on": date(2027, 1, 5)}).territory == "Listed"
    assert placer.place({"postal_code": "02138"}).territory == "North"
    assert placer.place({"latitude": 33.5, "longitude": -84.5}).territory == "Atlanta"
    assert placer.place({"domain": "five.com"}).how is How.HOUSE
    for day in range(1, 9):
        assert placer.on(date(2027, 9, day)) is placer.on(date(2027, 9, day))
    later = placer.on(date(2027, 9, 1))
    assert later.place({"domain": "four.com", "created_on": date(2027, 1, 5)}).how is How.HOUSE


def test_a_rule_holds_with_the_conditions_of_its_group_and_the_group_catches_the_rest(recorded):
    document = PLAN[: PLAN.index("layers:")] + GROUPED
    placer = Placer.of(*recorded(document), files=SENT)
    south = {"country": "US", "latitude": 33.0, "longitude": -84.0}

    assert placer.place(south | {"parent_id": "A2"}).territory == "Offspring"
    assert placer.place(south).territory == "Rest of Georgia"
    assert placer.place({"parent_id": "A2"}).how is How.NOBODY


def test_a_plan_whose_files_did_not_come_along_says_what_is_missing(recorded):
    with pytest.raises(BadPlan, match="targets"):
        Placer.of(*recorded())
