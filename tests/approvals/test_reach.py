"""What of a draft is somebody's follows the territories of the record by name, and the people planned for them."""

from __future__ import annotations

from sqlalchemy import insert

from builders.together import ADA, ANN, HAL, MAX, MIA, MONDAY, ROOT, a_grid_plan, the_teams, the_territories
from patchbook.access.store import role_held
from patchbook.approvals.reach import reach
from patchbook.people.permission import Deed
from patchbook.people.principal import Grant, Principal, Role
from patchbook.plans.state import state


def test_a_manager_reaches_what_is_planned_for_the_people_below_them(record):
    with record.writing() as tx:
        the_teams(tx)
        a_grid_plan(tx)
        territories = state(tx, "plan-grid").territories

        found = {who.person_id: reach(tx, territories, who, Deed.PROPOSE, at=MONDAY) for who in (MIA, MAX, HAL)}

        assert found == {"mia": {"West", "Middle"}, "max": {"East"}, "hal": {"West", "Middle", "East"}}


def test_planners_and_admins_reach_everything(record):
    with record.writing() as tx:
        the_teams(tx)
        a_grid_plan(tx)
        territories = state(tx, "plan-grid").territories

        assert [reach(tx, territories, who, Deed.PROPOSE, at=MONDAY) for who in (ADA, ROOT)] == [None, None]


def test_a_grant_reaches_the_territories_of_that_name_and_below(record):
    with record.writing() as tx:
        the_teams(tx)
        the_territories(tx)
        a_grid_plan(tx, person={"West": None, "Middle": None, "East": None})
        territories = state(tx, "plan-grid").territories

        def granted(territory_id: str, role: Role = Role.MANAGER) -> Principal:
            return Principal(person_id="zoe", grants=(Grant(role, territory_id),))

        assert reach(tx, territories, granted("west"), Deed.PROPOSE, at=MONDAY) == {"West"}
        assert reach(tx, territories, granted("field"), Deed.PROPOSE, at=MONDAY) == {"West", "Middle", "East"}
        assert reach(tx, territories, granted("west", Role.PLANNER), Deed.PROPOSE, at=MONDAY) == {"West"}


def test_a_rep_reaches_no_more_than_their_own(record):
    with record.writing() as tx:
        the_teams(tx)
        tx.execute(
            insert(role_held).values(
                held_id="x", person_id="ann", role="viewer", territory_id=None, source="", by="root", at=MONDAY
            )
        )
        a_grid_plan(tx)

        assert reach(tx, state(tx, "plan-grid").territories, ANN, Deed.CHALLENGE, at=MONDAY) == {"West"}
