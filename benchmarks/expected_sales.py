"""What expected sales cost to reckon: `python -m benchmarks.expected_sales [ACCOUNTS] [HOLDERS]`, on one core."""

from __future__ import annotations

import sys
import time

import numpy as np

from patchbook.measures.sales import ASSUMPTIONS, Configuration, Demand, fit
from patchbook.plans.sales import Books, Holder, outlook_of


def main() -> int:
    """Two made-up ways to hold the accounts compared over 400 draws, and the elasticity fitted from a tenth of them."""
    accounts, holders = (int(number) for number in (*sys.argv[1:], 1_000_000, 1_000)[:2])
    rng = np.random.default_rng(1)
    demand = Demand(
        potential=rng.lognormal(9, 1, accounts),
        hours=rng.uniform(1, 5, accounts),
        visits=rng.integers(1, 5, accounts).astype(float),
    )
    ways = [_books(name, accounts, holders, rng) for name in ("One", "Other")]
    began = time.process_time()
    found = outlook_of(ways[0], ways[1], demand, ASSUMPTIONS, seed=1)
    print(f"two ways to hold {accounts:,} accounts, 400 draws: {time.process_time() - began:.2f} s of processor time")
    gained = found.difference
    print(f"  the difference is {gained.base:,.0f} ({gained.low:,.0f} to {gained.high:,.0f})")
    few = max(accounts // 10, 1)
    coverage = np.exp(rng.normal(0, 0.4, few))
    sales = 0.1 * demand.potential[:few] * coverage**0.5 * rng.lognormal(-0.5, 1, few)
    began = time.process_time()
    told = fit(sales, demand.potential[:few], coverage, group=np.arange(few), seed=1)
    print(f"the elasticity of {few:,} accounts, 400 resamples: {time.process_time() - began:.2f} s of processor time")
    print(f"  {told.elasticity:.3f} ({told.low:.3f} to {told.high:.3f}); made with 0.500")
    return 0


def _books(name: str, accounts: int, holders: int, rng: np.random.Generator) -> Books:
    return Books(
        name=name,
        holders=tuple(
            Holder(territory=f"T{n}", person_id=f"P{n}", person=None, seats=1.0, cost=None) for n in range(holders)
        ),
        configuration=Configuration(
            holder=rng.integers(0, holders, accounts),
            seats=np.ones(holders),
            is_vacant=np.zeros(holders, bool),
            distance_km=rng.exponential(50, accounts),
            is_new=rng.random(accounts) < 0.3,
        ),
    )


if __name__ == "__main__":
    sys.exit(main())
