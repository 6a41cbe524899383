r"""The elasticity of sales to coverage, learned from what accounts bought and the time they got; or why it cannot be.

The mean of sales is $\mu_i = \exp(\alpha + \gamma \log p_i + e \log c_i)$ with potential $p_i$, coverage $c_i$. It is
fitted by Poisson pseudo-likelihood, which needs only this mean to be right, takes accounts that bought nothing, and
counts money rather than accounts (Santos Silva & Tenreyro 2006, doi:10.1162/rest.88.4.641). The elasticity is held
towards the published mean as by a normal prior, $\gamma$ towards 1: little history moves the answer little. The
interval is a bootstrap over *groups* that share their coverage: the accounts of one rep where only the rep's time is
known, single accounts where each one's is. Each resample is held towards a mean drawn from the prior, so that where
history says nothing the interval is as wide as the prior, and not as narrow as its peak.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from patchbook.errors import BadInput
from patchbook.measures.sales.curve import FloatArray

IntArray = npt.NDArray[np.int64]

PUBLISHED = 0.34
"""The mean elasticity of Albers, Mantrala & Sridhar (2010), doi:10.1509/jmkr.47.5.840."""
PUBLISHED_SPREAD = 0.25
"""How far companies may be from it, as a standard deviation; wide, so that history soon says more."""
PROPORTIONAL_SPREAD = 0.5
"""How far the exponent of potential may be from 1."""

LEAST_ACCOUNTS = 30
LEAST_BUYING = 20
LEAST_GROUPS = 12
LEAST_SPREAD = 0.15
"""The least standard deviation of log coverage, about 15 %: where all get alike, more time has no visible effect."""

ROWS_AT_ONCE = 2_000_000
"""Accounts times resamples that are fitted in one go."""


class TooLittleHistory(BadInput):
    """There is too little history to learn the elasticity from; the message says how much, and how much it takes."""


@dataclass(frozen=True, kw_only=True)
class Fit:
    """What history says of how sales answer to coverage."""

    elasticity: float
    low: float
    """5 % of the resamples are below."""
    high: float
    """95 % of the resamples are below."""
    potential_exponent: float
    """By how many per cent sales grow with 1 % more potential."""
    accounts: int
    buying: int
    """Accounts that bought anything."""
    groups: int
    level: float
    """Sales over potential at coverage 1, over all accounts: what `won_share` would be."""
    level_low: float
    level_high: float


def fit(
    sales: FloatArray, potential: FloatArray, coverage: FloatArray, *, group: IntArray, seed: int, resamples: int = 400
) -> Fit:
    """
    The elasticity of sales to coverage, with a 90 % interval.

    Parameters
    ----------
    sales
        (accounts,) what each bought in a year; 0 is an answer too.
    potential, coverage
        (accounts,) positive; accounts where one is not are left out.
    group
        (accounts,) accounts with the same number were given their coverage together.

    Raises
    ------
    TooLittleHistory
        Too few accounts, too few that buy, too few groups, or all got alike.
    """
    use = np.isfinite(sales) & (sales >= 0) & (potential > 0) & (coverage > 0) & np.isfinite(coverage)
    sales, potential, coverage = sales[use], potential[use], coverage[use]
    _, group = np.unique(group[use], return_inverse=True)
    groups = int(group.max()) + 1 if len(group) else 0
    buying = int((sales > 0).sum())
    _refuse(len(sales), buying, groups, coverage)
    # Potential around its mean and sales around theirs: the numbers stay near 1, whatever the currency.
    scale = float(sales.mean())
    columns = np.stack([np.ones(len(sales)), np.log(potential) - np.log(potential).mean(), np.log(coverage)], axis=1)
    prior = np.array([0.0, 1.0, PUBLISHED])
    precision = np.array([0.0, PROPORTIONAL_SPREAD**-2, PUBLISHED_SPREAD**-2])
    weight = np.ones((1, len(sales)))
    found, dispersion = prior[None, :], 1.0
    for _ in range(3):
        # The spread of sales about their mean says how much a sale tells; it needs a fit first, and the fit needs it.
        found = _fitted(columns, sales / scale, weight, prior, precision * dispersion, start=found)
        mean = np.exp(columns @ found[0])
        dispersion = float((((sales / scale - mean) ** 2) / mean).sum() / max(len(sales) - 3, 1))
    draws, levels = _resampled(
        columns, sales / scale, group, groups, prior, precision * dispersion, start=found, seed=seed, number=resamples
    )
    low, high = np.quantile(draws, [0.05, 0.95])
    per_potential = float(sales.sum()) / float((potential * coverage ** found[0, 2]).sum())
    spread = levels / np.exp(found[0, 0])
    level_low, level_high = np.quantile(spread, [0.05, 0.95])
    return Fit(
        elasticity=float(found[0, 2]), low=float(min(low, found[0, 2])), high=float(max(high, found[0, 2])),
        potential_exponent=float(found[0, 1]), accounts=len(sales), buying=buying, groups=groups,
        level=per_potential, level_low=per_potential * float(min(level_low, 1.0)),
        level_high=per_potential * float(max(level_high, 1.0)),
    )  # fmt: skip


def level(
    sales: FloatArray,
    potential: FloatArray,
    coverage: FloatArray,
    *,
    elasticity: float,
    seed: int,
    resamples: int = 400,
) -> tuple[float, float, float]:
    """
    Sales over potential at coverage 1, over all accounts, with the elasticity given: low, base and high.

    It takes less history than the elasticity. The interval holds 90 % of the resamples of accounts.

    Raises
    ------
    TooLittleHistory
        Too few accounts, or too few that buy.
    """
    use = np.isfinite(sales) & (sales >= 0) & (potential > 0) & (coverage > 0) & np.isfinite(coverage)
    sales, expected = sales[use], potential[use] * coverage[use] ** elasticity
    for found, least, what in (
        (len(sales), LEAST_ACCOUNTS, "accounts with potential and a known coverage"),
        (int((sales > 0).sum()), LEAST_BUYING, "accounts that bought anything"),
    ):
        if found < least:
            raise TooLittleHistory(f"The history has {found} {what}; it takes at least {least}.")
    rng = np.random.default_rng(seed)
    ratios = [
        float(sales[drawn].sum() / expected[drawn].sum())
        for drawn in (rng.integers(0, len(sales), len(sales)) for _ in range(resamples))
    ]
    low, high = np.quantile(ratios, [0.05, 0.95])
    base = float(sales.sum() / expected.sum())
    return min(float(low), base), base, max(float(high), base)


def _refuse(accounts: int, buying: int, groups: int, coverage: FloatArray) -> None:
    """Stop when there is too little to learn from."""
    for found, least, what in (
        (accounts, LEAST_ACCOUNTS, "accounts with potential and a known coverage"),
        (buying, LEAST_BUYING, "accounts that bought anything"),
        (groups, LEAST_GROUPS, "books that got their time apart from each other"),
    ):
        if found < least:
            raise TooLittleHistory(f"The history has {found} {what}; it takes at least {least}.")
    spread = float(np.log(coverage).std())
    if spread < LEAST_SPREAD:
        raise TooLittleHistory(
            f"All accounts of the history got nearly the same of the time planned for them (they differ by"
            f" {100 * spread:.0f} %, it takes {100 * LEAST_SPREAD:.0f} %), so it cannot tell what more time brings."
        )


def _fitted(
    columns: FloatArray, sales: FloatArray, weight: FloatArray, prior: FloatArray, precision: FloatArray, *,
    start: FloatArray,
) -> FloatArray:  # fmt: skip
    """(resamples, 3) the coefficients for each row of weights, by Newton's method on the penalised likelihood."""
    found = np.repeat(start[:1], len(weight), axis=0)
    # Without sales the constant would run away; a hair of a prior holds it.
    precision = np.maximum(precision, 1e-9)
    for _ in range(25):
        mean = np.exp(np.clip(found @ columns.T, -30.0, 30.0))
        slope = (weight * (sales - mean)) @ columns - precision * (found - prior)
        bend = np.einsum("rn,ni,nj->rij", weight * mean, columns, columns, optimize=True) + np.diag(precision)
        step = np.linalg.solve(bend, slope[:, :, None])[:, :, 0]
        # A step of more than e to the one is a leap into where the exponential is another function.
        step *= np.minimum(1.0, 1.0 / np.maximum(np.abs(step).max(axis=1, keepdims=True), 1e-12))
        found = found + step
        if np.abs(step).max() < 1e-8:
            break
    return np.asarray(found)


def _resampled(
    columns: FloatArray, sales: FloatArray, group: IntArray, groups: int, prior: FloatArray, precision: FloatArray, *,
    start: FloatArray, seed: int, number: int,
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """(number,) elasticities and levels when groups are drawn anew, with repetition."""
    rng = np.random.default_rng(seed)
    at_once = max(1, ROWS_AT_ONCE // len(sales))
    elasticities, levels = [], []
    for first in range(0, number, at_once):
        size = min(at_once, number - first)
        drawn = rng.multinomial(groups, np.full(groups, 1.0 / groups), size=size)
        held_to = prior + rng.standard_normal((size, 3)) * np.array([0.0, PROPORTIONAL_SPREAD, PUBLISHED_SPREAD])
        found = _fitted(columns, sales, drawn[:, group].astype(float), held_to, precision, start=start)
        elasticities.append(found[:, 2])
        levels.append(np.exp(found[:, 0]))
    return np.concatenate(elasticities), np.concatenate(levels)
