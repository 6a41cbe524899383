"""The second derivative of the dual: which seats' prices act on each other, and Newton's step from it.

Only seats that compete for some unit do. Of few seats every pair is kept; of many only those that are near each other,
and the system, sparse then, is factorised as such (Demmel et al. 1999, A supernodal approach to sparse partial
pivoting, doi:10.1137/S0895479895291765).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.sparse import csc_array, diags_array
from scipy.sparse.linalg import splu

from patchbook.carving._kernels.prices import neighbouring
from patchbook.carving.parallel import blocks_of, each
from patchbook.carving.problem import BoolArray, FloatArray, IntArray

DENSE = 600
"""Seats × measures up to which the whole matrix is kept."""
REACH = 10
"""Seats that stand together among so many of a unit's cheapest compete."""


@dataclass(frozen=True)
class Pairs:
    """The pairs of seats whose prices act on each other."""

    of: npt.NDArray[np.int32]
    """(seats, seats) number of each pair, the same either way round; -1 where it is left out."""
    measures: int
    is_dense: bool

    @property
    def count(self) -> int:
        """How many pairs there are."""
        return int(self.of.max(initial=-1)) + 1

    @cached_property
    def _places(self) -> tuple[IntArray, IntArray, IntArray]:
        """Of the sparse matrix: which cell of the curvature each entry is, its row, and where each column begins."""
        first, second = np.nonzero(self.of >= 0)
        measures, size = self.measures, len(self.of) * self.measures
        row = (first[:, None, None] * measures + np.arange(measures)[:, None] + np.zeros((1, measures), int)).ravel()
        column = (
            second[:, None, None] * measures + np.arange(measures)[None, :] + np.zeros((measures, 1), int)
        ).ravel()
        cell = (self.of[first, second].astype(np.int64)[:, None] * measures**2 + np.arange(measures**2)).ravel()
        order = np.lexsort((row, column))
        begins = np.searchsorted(column[order], np.arange(size + 1))
        return cell[order], row[order], begins

    def step(
        self, gradient: FloatArray, curvature: FloatArray, diagonal: FloatArray, open_seats: BoolArray
    ) -> FloatArray | None:
        """
        Newton's step, minus the inverse curvature times the gradient; None where the matrix cannot be inverted.

        Parameters
        ----------
        gradient, diagonal
            (seats, measures); the diagonal is added to the curvature.
        curvature
            (pairs, measures, measures)
        open_seats
            (seats,) the others' prices stay.
        """
        seats, measures = gradient.shape
        shut = np.repeat(~open_seats, measures)
        if not self.is_dense:
            matrix = self._sparse(curvature)
            stiff = 1e6 * max(float(np.abs(curvature).max(initial=0.0)), float(diagonal.max(initial=0.0)), 1e-300)
            matrix = csc_array(matrix + diags_array(diagonal.ravel() + np.where(shut, stiff, 0.0)))
            try:
                solved = splu(matrix, permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True})
            except RuntimeError:
                return None
            step = -solved.solve(np.where(shut, 0.0, gradient.ravel()))
            return step.reshape(seats, measures) if np.isfinite(step).all() else None
        size = seats * measures
        full = curvature[self.of].transpose(0, 2, 1, 3).reshape(size, size)
        full[np.arange(size), np.arange(size)] += diagonal.ravel()
        full[shut] = 0.0
        full[:, shut] = 0.0
        full[shut, shut] = 1.0
        try:
            return np.asarray(-cho_solve(cho_factor(full, check_finite=False), gradient.ravel())).reshape(
                seats, measures
            )
        except LinAlgError:
            return None

    def _sparse(self, curvature: FloatArray) -> csc_array:
        size = len(self.of) * self.measures
        cell, row, begins = self._places
        return csc_array((curvature.ravel()[cell], row, begins), shape=(size, size))


def pairs_of(seats_of_unit: npt.NDArray[np.int32], seats: int, measures: int) -> Pairs:
    """
    The pairs for units with these candidates.

    Parameters
    ----------
    seats_of_unit
        (units, candidates) cheapest first; -1 ends a list.
    """
    if seats * measures <= DENSE:
        return Pairs(_numbered(np.ones((seats, seats), bool)), measures, True)

    def found(part: slice) -> BoolArray:
        touching = np.zeros((seats, seats), bool)
        neighbouring(seats_of_unit[part], REACH, touching)
        return touching

    touching = np.logical_or.reduce(each(found, blocks_of(len(seats_of_unit))))
    np.fill_diagonal(touching, True)
    return Pairs(_numbered(touching | touching.T), measures, False)


def _numbered(kept: BoolArray) -> npt.NDArray[np.int32]:
    """(seats, seats) a number for each pair that is kept, the same either way round, and -1 for the others."""
    number = np.full(kept.shape, -1, np.int32)
    below = np.tril(kept)
    number[below] = np.arange(int(below.sum()), dtype=np.int32)
    return np.maximum(number, number.T)
