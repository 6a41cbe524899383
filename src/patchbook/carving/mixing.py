"""Whether chains have forgotten where they began: split R-hat and effective sample size.

Vehtari, Gelman, Simpson, Carpenter & Bürkner (2021), Rank-normalization, folding, and localization: an improved R-hat
for assessing convergence of MCMC, doi:10.1214/20-BA1221.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri
from scipy.stats import rankdata

from patchbook.carving.problem import FloatArray


def split_r_hat(draws: FloatArray) -> float:
    """
    How much wider all chains together spread than each half of a chain alone; 1 where they cannot be told apart.

    Of ranks, and of ranks of distances from the median, the larger. Where every draw is the same it is 1, for there is
    nothing to tell; where each chain stays at a value of its own it is infinite.

    Parameters
    ----------
    draws
        (chains, draws of each), at least four draws.
    """
    if np.ptp(draws) == 0:
        return 1.0
    halves = _halves(draws)
    folded = np.abs(halves - np.median(halves))
    return max(_r_hat(_normal(halves)), _r_hat(_normal(folded)) if np.ptp(folded) > 0 else 1.0)


def effective_size(draws: FloatArray) -> float:
    """
    How many independent draws would tell as much about the middle of the distribution.

    By Geyer's initial monotone sequence over the ranks (Geyer 1992, doi:10.1214/ss/1177011137). All of them where every
    draw is the same.

    Parameters
    ----------
    draws
        (chains, draws of each), at least four draws.
    """
    if np.ptp(draws) == 0:
        return float(draws.size)
    halves = _normal(_halves(draws))
    chains, length = halves.shape
    covariance = np.stack([_autocovariance(chain) for chain in halves])
    within = covariance[:, 0].mean() * length / (length - 1)
    total = within * (length - 1) / length
    if chains > 1:
        total += halves.mean(axis=1).var(ddof=1)
    if total <= 0:
        return float(draws.size)
    correlation = 1 - (within - covariance.mean(axis=0) * length / (length - 1)) / total
    correlation[0] = 1.0
    pairs = correlation[: length - length % 2].reshape(-1, 2).sum(axis=1)
    ended = np.flatnonzero(pairs <= 0)
    kept = np.minimum.accumulate(pairs[: ended[0] if len(ended) else len(pairs)])
    time = max(-1.0 + 2.0 * float(kept.sum()), 1.0 / np.log10(max(draws.size, 10)))
    return float(draws.size / time)


def _halves(draws: FloatArray) -> FloatArray:
    """Each chain's first and second half as chains of their own."""
    half = draws.shape[1] // 2
    return np.concatenate([draws[:, :half], draws[:, -half:]])


def _normal(draws: FloatArray) -> FloatArray:
    """The normal quantiles of the ranks over all chains."""
    ranks = rankdata(draws, axis=None).reshape(draws.shape)
    return np.asarray(ndtri((ranks - 0.375) / (draws.size + 0.25)))


def _r_hat(draws: FloatArray) -> float:
    length = draws.shape[1]
    within = float(draws.var(axis=1, ddof=1).mean())
    between = length * float(draws.mean(axis=1).var(ddof=1))
    if within <= 0:
        return float("inf") if between > 0 else 1.0
    return float(np.sqrt(((length - 1) / length * within + between / length) / within))


def _autocovariance(chain: FloatArray) -> FloatArray:
    """By the fast Fourier transform, each lag divided by the length of the chain."""
    length = len(chain)
    size = 2 ** int(np.ceil(np.log2(2 * length)))
    spectrum = np.fft.rfft(chain - chain.mean(), size)
    return np.asarray(np.fft.irfft(spectrum * np.conj(spectrum), size)[:length] / length)
