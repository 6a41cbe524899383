"""How fast a published plan places records: one at a time, a million at once, and how long it takes to make ready.

    python -m benchmarks.placing [--accounts 1000000] [--rules 2000] [--seed 1] [--json]

The plan has rules as planners write them (those of `benchmarks.rules`), a carved layer for the rest, and a house. The
carve is not run: territories are grown around as many ZIP codes, so that the figures are about placing. A tenth of the
accounts is kept out of the plan and placed by record alone; the share of the carved ones that comes to the territory it
would have been in is printed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from scipy.spatial import cKDTree

from benchmarks.rules import make_accounts, make_rules
from patchbook.geography import gazetteer
from patchbook.geography.distance import to_sphere_km
from patchbook.geography.locate import load
from patchbook.plans.placing import How, Placer
from patchbook.plans.plan import CarveLayer, HouseLayer, Plan, RuleLayer

SEATS = 200
RECORDS = 5_000


@dataclass(frozen=True, kw_only=True)
class Market:
    """Accounts with places and the plan that divides them."""

    plan: Plan
    accounts: pl.DataFrame
    assignments: pl.DataFrame
    territories: pl.DataFrame


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--rules", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()

    figures = measure(options.accounts, options.rules, options.seed)
    if options.json:
        print(json.dumps(figures))
        return
    print(f"{options.accounts:,} accounts, {options.rules:,} rules, {SEATS} carved territories")
    for name, figure in figures.items():
        print(f"  {name.replace('_', ' '):32}{figure:14,.3f}")


def measure(accounts: int, rules: int, seed: int) -> dict[str, float]:
    """All figures of one run."""
    market = a_market(accounts, rules, seed)
    load()
    rng = np.random.default_rng(seed)
    out = pl.Series(rng.random(accounts) < 0.1)
    market_in = market.assignments.filter(~out)
    started = time.perf_counter()
    placer = Placer(market.plan, market_in, market.territories, market.accounts.filter(~out))
    built = time.perf_counter() - started
    started = time.perf_counter()
    Placer(market.plan, market_in, market.territories, market.accounts.filter(~out), before=placer)
    rebuilt = time.perf_counter() - started

    # The rules' states are made up, so leads have none; they would contradict the ZIP.
    leads = market.accounts.drop("account_id", "family_id", "latitude", "longitude", "state").sample(RECORDS, seed=seed)
    records = leads.to_dicts()
    for record in records[:200]:
        placer.place(record)
    seconds = []
    for record in records:
        started = time.perf_counter()
        placer.place(record)
        seconds.append(time.perf_counter() - started)
    started = time.perf_counter()
    placed = placer.place_frame(market.accounts)
    batch = time.perf_counter() - started

    wanted = market.assignments["territory"]
    by_rule = (placed["how"] == How.RULE).to_numpy()
    carved = ((placed["how"] == How.CARVE) | (placed["how"] == How.UNDECIDED)).to_numpy() & out.to_numpy()
    right = (placed["territory"] == wanted).fill_null(False).to_numpy()
    slices = statistics.quantiles(seconds, n=100)
    return {
        "build_seconds": built,
        "build_again_seconds": rebuilt,
        "one_record_p50_microseconds": 1e6 * statistics.median(seconds),
        "one_record_p99_microseconds": 1e6 * slices[98],
        "one_record_worst_microseconds": 1e6 * max(seconds),
        "batch_seconds": batch,
        "batch_rows_a_second": accounts / batch,
        "share_by_rule": float(by_rule.mean()),
        "agreement_of_rules": float(right[by_rule].mean()),
        "new_accounts_carved": float(carved.sum()),
        "agreement_of_new_accounts": float(right[carved].mean()),
    }


def a_market(accounts: int, rules: int, seed: int) -> Market:
    """The accounts of `benchmarks.rules` at American postal codes, and where each belongs."""
    rng = np.random.default_rng(seed)
    zips = gazetteer.us_zips()
    at = rng.integers(0, zips.height, accounts)
    frame = make_accounts(accounts, seed).with_columns(("A" + pl.col("id").cast(pl.String)).alias("account_id"))
    frame = frame.with_columns(
        zips["zip"][at].alias("postal_code"),
        pl.lit("US").alias("country"),
        *(pl.Series(name, zips[name].to_numpy()[at]) for name in ("latitude", "longitude")),
        pl.col("account_id").alias("family_id"),
    )
    texts = make_rules(rules, frame, seed)
    layers = [RuleLayer(territory=f"Rule {number}", where=text) for number, text in enumerate(texts)]
    field = CarveLayer(name="Field", where="country = 'US'", compact=True)
    plan = Plan(name="Benchmark", accounts=Path("accounts.csv"), layers=(*layers, field, HouseLayer()))
    first = Placer(plan, _nobody(), _territories(rules), frame).place_frame(frame)
    centres = zips.sample(SEATS, seed=seed)
    points = [to_sphere_km(each["latitude"], each["longitude"]) for each in (centres, frame)]
    _, nearest = cKDTree(points[0]).query(points[1])
    names = np.array([f"Field {seat}" for seat in range(SEATS)], object)
    carved = (first["layer"] == "Field").fill_null(False)
    assignments = frame.select(
        "account_id",
        pl.when(carved)
        .then(pl.Series(names[nearest], dtype=pl.String))
        .otherwise(first["territory"])
        .alias("territory"),
        first["layer"],
        pl.lit("").alias("reason"),
    )
    return Market(plan=plan, accounts=frame, assignments=assignments, territories=_territories(rules))


def _territories(rules: int) -> pl.DataFrame:
    names = [*(f"Rule {number}" for number in range(rules)), *(f"Field {seat}" for seat in range(SEATS))]
    layers = [*(f"Rule {number}" for number in range(rules)), *["Field"] * SEATS]
    return pl.DataFrame({"territory": names, "layer": layers, "person": [None] * len(names)})


def _nobody() -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys(("account_id", "territory", "layer", "reason"), pl.String))


if __name__ == "__main__":
    main()
