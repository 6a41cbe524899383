"""A plan of lists, rules, a carve and a house over accounts in several Parquet files, full of missing values."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import polars as pl

from builders.random_rules import a_frame, a_rule

PLAN = """\
plan: Everything
accounts: accounts.parquet
columns: {account_id: Number}
measures:
  size: employees
layers:
  - named: named.csv
  - rule: {territory: New, where: created_on >= today - 30}
"""
NAMED = "account_id,territory\nN3,North\nN8,South\nN3,South\nN999,North\n"
REST = """\
  - carve: {name: Field, where: "state IN ('GA', 'FL')", seats: 2}
  - house: rest
"""
TODAY = date(2027, 2, 1)


def a_plan_to_assign(folder: Path, *, rules: int, rows: int) -> Path:
    """plan.yaml with everything it names, and the accounts as Parquet files in `accounts`; the plan's path."""
    chance = random.Random(4)
    written = [f"({a_rule(chance, depth=3)}) AND employees = {number % 8}" for number in range(rules)]
    layers = "".join(f'  - rule: {{territory: T{number}, where: "{rule}"}}\n' for number, rule in enumerate(written))
    (folder / "plan.yaml").write_text(PLAN + layers + REST)
    (folder / "named.csv").write_text(NAMED)
    accounts = accounts_to_assign(chance, rows)
    (folder / "accounts").mkdir()
    for number, part in enumerate(accounts.iter_slices(rows // 3)):
        part.write_parquet(folder / "accounts" / f"part-{number}.parquet")
    return folder / "plan.yaml"


def accounts_to_assign(chance: random.Random, rows: int) -> pl.DataFrame:
    """Accounts called N0, N1, … with every field the random rules look at."""
    days = [chance.choice([None, TODAY, date(2027, 1, 10), date(2020, 1, 1)]) for _ in range(rows)]
    return a_frame(chance, rows=rows).select(
        pl.format("N{}", "row").alias("Number"),
        pl.exclude("row"),
        pl.Series("created_on", days, dtype=pl.Date),
    )
