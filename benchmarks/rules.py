"""How fast rules find their accounts: many at once, one at a time, again after a change, beside DuckDB in the same run.

    python -m benchmarks.rules [--rules 1000] [--rows 1000000] [--duckdb-rows 2000] [--spark] [--seed 1] [--json]

The rules are what planners write: an industry, states and a size; lists of postal codes; prefixes; OR and NOT; lists
of account ids; missing values. Of DuckDB's ways the join answers for all rows; CASE and UNION ALL take minutes for all,
so they answer for the first rows, and are left out above 2,000 rules, where CASE runs out of memory. All must agree on
every row they answer.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks import rules_duckdb
from patchbook.plans.assign import assign
from patchbook.plans.plan import HouseLayer, Plan, RuleLayer
from patchbook.rules import RuleBook, schema_of
from patchbook.rules.answers import Answers, answers_after
from patchbook.rules.condition import Condition
from patchbook.rules.impact import impact
from patchbook.rules.parse import parse
from patchbook.rules.stored import rules_from_json, rules_to_json

STATES = [f"State {number}" for number in range(51)]
INDUSTRIES = [f"Industry {number}" for number in range(20)]
TIERS = ["Strategic", "A", "B", "C"]
RECORDS = 20_000
CHANGED = 1_000
MOST_FOR_CASE = 2_000

TITLES: Mapping[str, str] = {
    "matched_share": "share of the accounts that some rule takes",
    "parse_seconds": "rules from SQL, s",
    "load_seconds": "the same from their stored form, s",
    "compile_seconds": "index from the rules, s",
    "batch_seconds": "all accounts, s",
    "batch_processor_seconds": "all accounts, s of processors",
    "join_build_seconds": "DuckDB, tables of keys for the join, s",
    "join_seconds": "DuckDB, the join, all accounts, s",
    "join_processor_seconds": "DuckDB, the join, s of processors",
    "case_seconds": "DuckDB, CASE, first rows, s",
    "union_seconds": "DuckDB, UNION ALL, first rows, s",
    "duckdb_rows": "first rows",
    "times_faster": "how many times faster than the join",
    "times_less_processor": "how many times less of the processors",
    "times_faster_from_rules": "how many times faster, with tables and index made",
    "differences": "differences over all answers",
    "record_p50_microseconds": "one record, p50, µs",
    "record_p99_microseconds": "one record, p99, µs",
    "first_p50_microseconds": "one record never seen, p50, µs",
    "first_p99_microseconds": "one record never seen, p99, µs",
    "again_seconds": f"{CHANGED:,} accounts changed, s",
    "impact_seconds": "one rule changed, what would move, s",
    "impact_moved": "accounts it would move",
    "embedded_seconds": "patchbook assign, Parquet to Parquet, s",
    "spark_seconds": "the same by local Spark with its start, s",
    "spark_differences": "differences between the two",
    "peak_megabytes": "most memory of all that, MB",
}
"""Every figure, in the order it is printed."""


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rules", type=int, default=1_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--duckdb-rows", type=int, default=2_000)
    parser.add_argument("--spark", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()

    figures = measure(options.rules, options.rows, options.duckdb_rows, options.seed, spark=options.spark)
    if options.json:
        print(json.dumps(figures))
        return
    print(f"{options.rules:,} rules, {options.rows:,} accounts")
    for name, title in TITLES.items():
        if name in figures:
            value = figures[name]
            print(f"  {title:<48} {value:14,}" if isinstance(value, int) else f"  {title:<48} {value:14,.3f}")


def measure(rules: int, rows: int, duckdb_rows: int, seed: int, *, spark: bool = False) -> dict[str, float]:
    """All figures of one run."""
    accounts = make_accounts(rows, seed)
    texts = make_rules(rules, accounts, seed)
    schema = schema_of(accounts)
    conditions, parse_seconds = timed(lambda: [parse(text, schema) for text in texts])
    stored = rules_to_json(conditions)
    loaded, load_seconds = timed(lambda: rules_from_json(stored))
    assert list(loaded) == conditions
    book, compile_seconds = timed(lambda: RuleBook(conditions))
    first = OneByOne(book, accounts)
    again = OneByOne(book, accounts)
    found, batch_seconds, batch_processor_seconds = quickest(lambda: book.match_frame(accounts))
    assert found[: len(again.rules)].tolist() == again.rules
    figures: dict[str, float] = {
        "matched_share": float((found >= 0).mean()),
        "parse_seconds": parse_seconds,
        "load_seconds": load_seconds,
        "compile_seconds": compile_seconds,
        "batch_seconds": batch_seconds,
        "batch_processor_seconds": batch_processor_seconds,
        "record_p50_microseconds": float(np.quantile(again.microseconds, 0.5)),
        "record_p99_microseconds": float(np.quantile(again.microseconds, 0.99)),
        "first_p50_microseconds": float(np.quantile(first.microseconds, 0.5)),
        "first_p99_microseconds": float(np.quantile(first.microseconds, 0.99)),
    }
    figures |= changed(book, accounts, found)
    figures["peak_megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if spark:
        figures |= through_files(texts, accounts)
    figures |= beside_duckdb(texts, conditions, accounts, found, duckdb_rows)
    whole = figures["join_build_seconds"] + figures["join_seconds"]
    return figures | {
        "times_faster": figures["join_seconds"] / batch_seconds,
        "times_less_processor": figures["join_processor_seconds"] / batch_processor_seconds,
        "times_faster_from_rules": whole / (compile_seconds + batch_seconds),
    }


class OneByOne:
    """Each of the first records matched alone, with its time."""

    def __init__(self, book: RuleBook, accounts: pl.DataFrame) -> None:
        self.rules: list[int] = []
        self.microseconds: list[float] = []
        for record in accounts.head(RECORDS).to_dicts():
            start = time.perf_counter()
            match = book.match(record)
            self.microseconds.append((time.perf_counter() - start) * 1e6)
            self.rules.append(-1 if match is None else match)


def changed(book: RuleBook, accounts: pl.DataFrame, found: np.ndarray) -> dict[str, float]:
    """Some accounts change, then one rule in the middle does."""
    accounts = accounts.with_columns(account_id=pl.col("id").cast(pl.String))
    answers = Answers(frame=accounts.select("account_id", pl.Series("rule", found)))
    touched = accounts.sample(CHANGED, seed=1).with_columns(employees=pl.col("employees") + 1)
    _, again_seconds = timed(lambda: answers.again(book, touched))
    after = list(book.rules)
    after[len(after) // 2] = parse("industry = 'Industry 1' AND state = 'State 2'")
    told, impact_seconds = timed(lambda: impact(book, after, accounts, answers=found))
    new, _ = answers_after(book, found, after, accounts)
    assert (new == RuleBook(after).match_frame(accounts)).all()
    return {"again_seconds": again_seconds, "impact_seconds": impact_seconds, "impact_moved": told.moved}


def through_files(texts: Sequence[str], accounts: pl.DataFrame) -> dict[str, float]:
    """The rules as a plan, from Parquet to Parquet."""
    layers = (*(RuleLayer(territory=f"T{number}", where=text) for number, text in enumerate(texts)), HouseLayer())
    plan = Plan(name="P", accounts=Path("accounts"), layers=layers)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "accounts").mkdir()
        accounts = accounts.with_columns(account_id=pl.col("id").cast(pl.String))
        for number, part in enumerate(accounts.iter_slices(accounts.height // 8 + 1)):
            part.write_parquet(f"{folder}/accounts/{number}.parquet")
        seconds, written = {}, {}
        for engine in ("embedded", "local-spark"):
            out = f"{folder}/{engine}"
            _, seconds[engine] = timed(
                lambda out=out, engine=engine: assign(plan, f"{folder}/accounts", out, engine=engine)
            )
            written[engine] = pl.read_parquet(f"{out}/*.parquet").sort("account_id")
    one, other = written.values()
    return {
        "embedded_seconds": seconds["embedded"],
        "spark_seconds": seconds["local-spark"],
        "spark_differences": int((one.hash_rows() != other.hash_rows()).sum()),
    }


def beside_duckdb(
    texts: list[str],
    conditions: Sequence[Condition],
    accounts: pl.DataFrame,
    found: np.ndarray,
    duckdb_rows: int,
) -> dict[str, float]:
    """DuckDB's ways with the same rules, and how often one of them disagrees."""
    join, build_seconds = timed(lambda: rules_duckdb.Join(conditions, accounts))
    expected, join_seconds, join_processor_seconds = quickest(join.run)
    figures: dict[str, float] = {
        "join_build_seconds": build_seconds,
        "join_seconds": join_seconds,
        "join_processor_seconds": join_processor_seconds,
    }
    differences = int((found != expected).sum())
    if len(texts) <= MOST_FOR_CASE:
        sample = accounts.head(duckdb_rows)
        figures["duckdb_rows"] = sample.height
        for name, way in (("case_seconds", rules_duckdb.by_case), ("union_seconds", rules_duckdb.by_union)):
            expected, figures[name] = timed(lambda way=way: way(texts, sample))
            differences += int((found[: sample.height] != expected).sum())
    return figures | {"differences": differences}


def quickest(work):  # type: ignore[no-untyped-def]
    """What the work gives, and its least seconds, by the clock and of all processors, in five runs."""
    seconds, processor_seconds = [], []
    for _ in range(5):
        start, start_processor = time.perf_counter(), time.process_time()
        result = work()
        seconds.append(time.perf_counter() - start)
        processor_seconds.append(time.process_time() - start_processor)
    return result, min(seconds), min(processor_seconds)


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
