"""Proofs of how good an assignment can be at best. A new bound is a file here and a line in BOUNDS."""

from patchbook.carving.bounds.dual import dual_bound

BOUNDS = (dual_bound,)
"""Every bound: each takes costs, centres, limits, prices and, where known, candidates; the largest counts."""

__all__ = ["BOUNDS", "dual_bound"]
