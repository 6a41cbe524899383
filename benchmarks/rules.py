"""How fast rules find their accounts: many at once, one at a time, beside DuckDB's CASE over the same rules.

    python -m benchmarks.rules [--rules 1000] [--rows 1000000] [--duckdb-rows 20000] [--seed 1] [--json]

The rules are what planners write: an industry, states and a size; lists of postal codes; prefixes; OR and NOT; lists
of account ids; missing values. DuckDB answers for the first rows only, since it takes minutes for all; both must agree
there.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time

import numpy as np
import polars as pl

from patchbook.rules.index import RuleIndex
from patchbook.rules.schema import schema_of

STATES = [f"State {number}" for number in range(51)]
INDUSTRIES = [f"Industry {number}" for number in range(20)]
TIERS = ["Strategic", "A", "B", "C"]
RECORDS = 5_000


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rules", type=int, default=1_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--duckdb-rows", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()

    figures = measure(options.rules, options.rows, options.duckdb_rows, options.seed)
    if options.json:
        print(json.dumps(figures))
        return
    print(f"{options.rules:,} rules, {options.rows:,} rows, {figures['matched_share']:.0%} of them matched")
    print(f"  compile           {figures['compile_seconds']:8.2f} s")
    print(
        f"  batch             {figures['batch_seconds']:8.2f} s {figures['batch_rows_a_second']:12,.0f} rows a second"
    )
    print(f"  one record, p50   {figures['record_p50_microseconds']:8.1f} µs")
    print(f"  one record, p99   {figures['record_p99_microseconds']:8.1f} µs")
    print(
        f"  DuckDB CASE       {figures['duckdb_seconds']:8.2f} s {figures['duckdb_rows_a_second']:12,.0f} rows a second"
    )
    print(f"  differences       {figures['differences']:8,} of {figures['duckdb_rows']:,} rows")


def measure(rules: int, rows: int, duckdb_rows: int, seed: int) -> dict[str, float]:
    """All figures of one run."""
    accounts = make_accounts(rows, seed)
    texts = make_rules(rules, accounts, seed)
    index, compile_seconds = timed(lambda: RuleIndex(texts, schema_of(accounts)))
    found, batch_seconds = min((timed(lambda: index.match_frame(accounts)) for _ in range(3)), key=lambda run: run[1])
    records = accounts.head(RECORDS).to_dicts()
    for record in records:
        index.match(record)
    microseconds = []
    for number, record in enumerate(records):
        match, seconds = timed(lambda record=record: index.match(record))
        assert (-1 if match is None else match) == found[number]
        microseconds.append(seconds * 1e6)
    sample = accounts.head(duckdb_rows)
    expected, duckdb_seconds = timed(lambda: by_duckdb(texts, sample))
    return {
        "rules": rules,
        "rows": rows,
        "matched_share": float((found >= 0).mean()),
        "compile_seconds": compile_seconds,
        "batch_seconds": batch_seconds,
        "batch_rows_a_second": rows / batch_seconds,
        "record_p50_microseconds": statistics.median(microseconds),
        "record_p99_microseconds": float(np.quantile(microseconds, 0.99)),
        "duckdb_rows": sample.height,
        "duckdb_seconds": duckdb_seconds,
        "duckdb_rows_a_second": sample.height / duckdb_seconds,
        "differences": int((found[: sample.height] != expected).sum()),
    }


def by_duckdb(texts: list[str], accounts: pl.DataFrame) -> np.ndarray:
    """The number of the first rule that matches each row, or -1, as DuckDB says."""
    import duckdb

    cases = " ".join(f"WHEN {text} THEN {number}" for number, text in enumerate(texts))
    connection = duckdb.connect()
    connection.register("accounts", accounts.to_arrow())
    table = connection.execute(f"SELECT CASE {cases} ELSE -1 END AS rule FROM accounts").fetchnumpy()
    return np.asarray(table["rule"])


def make_accounts(rows: int, seed: int) -> pl.DataFrame:
    """Accounts with 2 to 10 % of each field missing."""
    rng = np.random.default_rng(seed)
    zips = np.array([f"{number:05d}" for number in rng.choice(np.arange(501, 99_951), 33_000, replace=False)])
    employees = np.clip(rng.lognormal(4.0, 1.6, rows), 1, 500_000).astype(np.int64)
    frame = pl.DataFrame(
        {
            "id": np.arange(rows),
            "state": np.array(STATES)[rng.integers(0, len(STATES), rows)],
            "zip": zips[rng.integers(0, len(zips), rows)],
            "industry": np.array(INDUSTRIES)[rng.integers(0, len(INDUSTRIES), rows)],
            "employees": employees,
            "revenue": employees * rng.lognormal(11.8, 0.6, rows),
            "tier": np.array(TIERS)[rng.choice(4, rows, p=[0.02, 0.15, 0.33, 0.5])],
        }
    )
    missing = {"state": 0.02, "zip": 0.03, "industry": 0.05, "employees": 0.06, "revenue": 0.08, "tier": 0.10}
    return frame.with_columns(
        pl.when(pl.Series(rng.random(rows) >= share)).then(pl.col(name)).alias(name) for name, share in missing.items()
    )


def make_rules(count: int, accounts: pl.DataFrame, seed: int) -> list[str]:
    """Rules in the proportions of a real market."""
    chance = random.Random(seed)
    zips = accounts["zip"].drop_nulls().unique().sort().to_list()
    kinds = [sector_rule, postal_rule, prefix_rule, large_rule, named_rule, missing_rule]
    return [
        chance.choices(kinds, weights=[38, 30, 8, 10, 8, 6])[0](chance, zips, accounts.height) for _ in range(count)
    ]


def sector_rule(chance: random.Random, zips: list[str], rows: int) -> str:
    states = listed(chance.sample(STATES, chance.randint(1, 3)))
    return f"industry = '{chance.choice(INDUSTRIES)}' AND state IN ({states}) AND {a_size(chance)}"


def postal_rule(chance: random.Random, zips: list[str], rows: int) -> str:
    start, length = chance.randrange(len(zips)), chance.choice([20, 50, 200, 400])
    return f"zip IN ({listed(zips[start : start + length])}) AND {a_size(chance)}"


def prefix_rule(chance: random.Random, zips: list[str], rows: int) -> str:
    return f"zip LIKE '{chance.randint(5, 999):03d}%' AND {a_size(chance)}"


def large_rule(chance: random.Random, zips: list[str], rows: int) -> str:
    states = listed(chance.sample(STATES, 40))
    revenue = chance.choice([10**6, 5 * 10**6, 2 * 10**7])
    return (
        f"(industry = '{chance.choice(INDUSTRIES)}' OR tier = 'Strategic') AND NOT state IN ({states}) "
        f"AND revenue >= {revenue}"
    )


def named_rule(chance: random.Random, zips: list[str], rows: int) -> str:
    ids = ", ".join(str(chance.randrange(rows)) for _ in range(chance.choice([10, 50, 200])))
    return f"id IN ({ids})"


def missing_rule(chance: random.Random, zips: list[str], rows: int) -> str:
    state = chance.choice(STATES)
    return f"(tier IS NULL OR tier <> 'C') AND revenue IS NULL AND state = '{state}' AND NOT (employees < 500)"


def a_size(chance: random.Random) -> str:
    low = chance.choice([1, 20, 50, 100, 250, 500, 1000])
    return f"employees BETWEEN {low} AND {low * chance.choice([2, 3, 5, 10])}"


def listed(values: list[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def timed(work):  # type: ignore[no-untyped-def]
    """What the work gives, and how many seconds it took."""
    start = time.perf_counter()
    result = work()
    return result, time.perf_counter() - start


if __name__ == "__main__":
    main()
