"""How few rules say a book of accounts, how well, and how long it takes to learn them.

    python -m benchmarks.learn [--accounts 100000] [--territories 100] [--noise 0.01] [--fidelity 0.97] [--seed 1]

Accounts stand at American ZIP codes, more where more people live. Each belongs to the territory whose centre is nearest
to its county; those of 1,000 employees and more belong to one territory for each industry instead; and the noise is the
share that belongs to any other territory, as books do after some years. Nothing but the fields is told.
"""

from __future__ import annotations

import argparse
import json
import time

import numpy as np
import polars as pl
from scipy.spatial import cKDTree

from patchbook.geography import gazetteer
from patchbook.rules.condition import OneOf, atoms
from patchbook.rules.learn import learn

INDUSTRIES = ("Energy", "Finance", "Government", "Health", "Retail", "Technology")
LARGE = 1_000


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--territories", type=int, default=100)
    parser.add_argument("--noise", type=float, default=0.01)
    parser.add_argument("--fidelity", type=float, default=0.97)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()

    accounts, territory = a_book(options.accounts, options.territories, options.noise, options.seed)
    started = time.perf_counter()
    learned = learn(accounts, territory, fidelity=options.fidelity)
    seconds = time.perf_counter() - started
    parts = [atom for rule in learned.rules for atom in atoms(rule.condition)]
    figures = {
        "accounts": accounts.height,
        "territories": territory.n_unique(),
        "rules": len(learned.rules),
        "fidelity": learned.fidelity,
        "exceptions": learned.exceptions.height,
        "comparisons": len(parts),
        "values in lists": sum(len(part.values) for part in parts if isinstance(part, OneOf)),
        "fields": len(learned.fields),
        "seconds": seconds,
    }
    if options.json:
        print(json.dumps(figures))
        return
    for name, figure in figures.items():
        print(f"  {name:20}{figure:14,.4g}" if isinstance(figure, float) else f"  {name:20}{figure:14,}")


def a_book(accounts: int, territories: int, noise: float, seed: int) -> tuple[pl.DataFrame, pl.Series]:
    """The accounts, and which territory each is in."""
    rng = np.random.default_rng(seed)
    zips = gazetteer.us_zips().filter(pl.col("population") > 0)
    people = zips["population"].to_numpy()
    at = rng.choice(zips.height, accounts, p=people / people.sum())
    employees = np.clip(rng.lognormal(4, 1.6, accounts), 1, 500_000).astype(np.int64)
    industry = rng.choice(INDUSTRIES, accounts)
    counties = zips.unique("county_fips", keep="first", maintain_order=True)
    centres = counties.sample(territories, seed=seed)
    points = [np.column_stack([each["latitude"], each["longitude"]]) for each in (centres, counties)]
    _, nearest = cKDTree(points[0]).query(points[1])
    by_county = dict(zip(counties["county_fips"], nearest.tolist(), strict=True))
    home = [f"Territory {by_county[county]:04}" for county in zips["county_fips"][at]]
    where = np.where(employees >= LARGE, np.char.add("Enterprise ", industry), np.array(home))
    odd = rng.random(accounts) < noise
    where[odd] = rng.choice(np.unique(where), int(odd.sum()))
    frame = zips[at].select(pl.col("zip").alias("postal_code"), "city", "state", "county_fips", "latitude", "longitude")
    return frame.with_columns(
        pl.lit("US").alias("country"), pl.Series("employees", employees), pl.Series("industry", industry)
    ), pl.Series("territory", where.tolist())


if __name__ == "__main__":
    main()
