"""Approved plans to publish, made without a carve: who staffs which territory, and which accounts are in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
from sqlalchemy import Connection, insert

from patchbook.approvals import actions as approvals
from patchbook.db.metadata import new_id
from patchbook.db.record import record_of
from patchbook.ledger.lay import lay
from patchbook.people.principal import Grant, Principal, Role
from patchbook.people.store import employment, person
from patchbook.period import FOREVER
from patchbook.plans import results
from patchbook.plans import store as plan_store
from patchbook.plans.life import RecordedPlan, Status
from patchbook.plans.plan import CarveLayer, HouseLayer, Plan, PlanMeasure
from patchbook.plans.result import Result

HIRED = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2027, 1, 10, 9, tzinfo=UTC)
FEBRUARY = datetime(2027, 2, 1, tzinfo=UTC)
MARCH = datetime(2027, 3, 1, tzinfo=UTC)
APRIL = datetime(2027, 4, 1, tzinfo=UTC)

PAT = Principal(person_id="pat", grants=(Grant(Role.PLANNER),))
ROOT = Principal(person_id="root", grants=(Grant(Role.ADMIN),))

DOCUMENT = """plan: {name}
accounts: accounts.csv
measures:
  potential: {{from: revenue_usd}}
layers:
  - carve: {{name: Field, seats: 3, compact: true}}
  - house: rest
"""

Placed = Mapping[str, str | None]
"""Account → territory."""


def people(tx: Connection, *names: str, manager: str | None = None, until: datetime = FOREVER) -> None:
    """People of these ids, employed since 2026."""
    tx.execute(insert(person), [{"person_id": name, "name": name.title(), "manager_id": manager} for name in names])
    facts = [{"person_id": name, "valid_from": HIRED, "valid_to": until, "reason": "hired"} for name in names]
    lay(tx, employment, facts, at=HIRED)


def a_plan(
    tx: Connection,
    name: str,
    staffed: Mapping[str, str | None],
    placed: Placed | pl.DataFrame,
    *,
    named: Mapping[str, str] | None = None,
    families: Mapping[str, str] | None = None,
    moved: bool = False,
    status: Status = Status.APPROVED,
) -> RecordedPlan:
    """
    A plan with these territories and accounts, approved by everybody who is asked.

    Parameters
    ----------
    staffed
        Territory → person; `House` belongs to the house layer.
    named
        Account → who gets it apart from its territory.
    families
        Account → family.
    moved
        Whether every account leaves the owner it had.
    """
    result = carved(name, staffed, placed, named or {}, families, moved=moved)
    made = plan_store.add(
        tx,
        RecordedPlan(
            plan_id=new_id("plan"),
            name=name,
            document=DOCUMENT.format(name=name),
            owner_id="pat",
            made_by="pat",
            made_at=NOW,
            result_id=results.keep(result, record_of(tx).folder),
            snapshot_id="accounts-0000000000000000",
        ),
        what="started it",
    )
    if status is Status.DRAFT:
        return made
    plan_store.save(tx, made.submit(by="pat", at=NOW), what="submitted it", by="pat", at=NOW)
    review = approvals.open_review(tx, made.plan_id, by=PAT, at=NOW)
    while not review.is_approved and status is Status.APPROVED:
        step = review.open_steps[0]
        review = approvals.approve(tx, made.plan_id, step_id=step.step_id, by=ROOT, at=NOW)
    return plan_store.get(tx, made.plan_id)


def carved(
    name: str,
    staffed: Mapping[str, str | None],
    placed: Placed | pl.DataFrame,
    named: Mapping[str, str],
    families: Mapping[str, str] | None = None,
    *,
    moved: bool = False,
) -> Result:
    """The result a carve would have given: everything about places and balance is plain."""
    if not isinstance(placed, pl.DataFrame):
        texts = {"account_id": pl.String, "territory": pl.String}
        placed = pl.DataFrame({"account_id": list(placed), "territory": list(placed.values())}, schema=texts)
    territories = list(staffed)
    holders = _frame(territory=territories, holder=list(staffed.values()))
    apart = _frame(account_id=list(named), apart=list(named.values()))
    joined = placed.join(holders, on="territory", how="left", maintain_order="left").join(
        apart, on="account_id", how="left", maintain_order="left"
    )
    nothing = pl.lit(None, pl.String)
    assignments = joined.select(
        "account_id",
        "territory",
        seat=pl.col("territory") + " seat",
        person=pl.coalesce("apart", "holder"),
        layer=pl.when(pl.col("territory") == "House").then(pl.lit("House")).otherwise(pl.lit("Field")),
        reason=pl.col("territory") + " is nearest and has room",
        runner_up=nothing,
        moved=pl.lit(value=moved),
        previous_owner=nothing,
        runner_up_cost=pl.lit(None, pl.Float64),
        would_change_if=nothing,
    )
    counts = dict(joined.drop_nulls("territory").group_by("territory").len().iter_rows())
    accounts = placed.select("account_id", name=pl.col("account_id"), measure_potential=pl.lit(1.0))
    if families is not None:
        accounts = accounts.with_columns(
            family_id=pl.Series([families.get(one) for one in accounts["account_id"]], dtype=pl.String)
        )
    number = len(territories)
    table = pl.DataFrame(
        {
            "territory": pl.Series(territories, dtype=pl.String),
            "layer": ["House" if one == "House" else "Field" for one in territories],
            "seat": [f"{one} seat" for one in territories],
            "person": pl.Series(list(staffed.values()), dtype=pl.String),
            "vacant": [one is None for one in staffed.values()],
            "accounts": [counts.get(one, 0) for one in territories],
            "potential_target": [float(len(placed) / max(number, 1))] * number,
            "potential_actual": [float(counts.get(one, 0)) for one in territories],
            "potential_deviation": [0.0] * number,
            "compactness": [None] * number,
            "travel_km": [None] * number,
            "contiguous": pl.Series([None] * number, dtype=pl.Boolean),
            "latitude": pl.Series([None] * number, dtype=pl.Float64),
            "longitude": pl.Series([None] * number, dtype=pl.Float64),
            "oversized": [False] * number,
        }
    )
    plan = Plan(
        name=name,
        accounts=Path("accounts.csv"),
        measures=(PlanMeasure(name="potential", source="revenue_usd"),),
        layers=(CarveLayer(name="Field", compact=True), HouseLayer()),
    )
    return Result(
        plan=plan,
        accounts=accounts,
        assignments=assignments,
        territories=table,
        before=pl.DataFrame(),
        rejected=pl.DataFrame(),
        problems=_frame(kind=[], account_id=[], territory=[], message=[]),
        areas=pl.DataFrame(),
        summary={"seed": 1, "version": "0"},
    )


def _frame(**columns: Sequence[str | None]) -> pl.DataFrame:
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
