"""A plan as arrays: who holds which account, what it weighs, where it is. What every measure is computed from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Division:
    """Accounts divided between territories, by one quantity; fields a measure does not need may be left out."""

    territory: IntArray
    """(accounts,) the row of the territory that has the account, or -1 for nobody."""
    weight: FloatArray
    """(accounts,) what an account weighs in the quantity that is judged: potential, workload, or 1."""
    target: FloatArray
    """(territories,) what each territory should carry; NaN where it has no target."""
    latitude: FloatArray | None = None
    """(accounts,) degrees; NaN without a place."""
    longitude: FloatArray | None = None
    road_factor: float = 1.2
    """Road kilometres for each great-circle kilometre."""
    area: IntArray | None = None
    """(accounts,) row of `adjacency` the account lies in, or -1."""
    adjacency: csr_array | None = None
    """(areas, areas) true where two areas touch."""
    owner: IntArray | None = None
    """(accounts,) who has the account in this plan, or -1; any numbering, shared with `previous_owner`."""
    previous_owner: IntArray | None = None
    """(accounts,) who had it before, or -1."""
    is_staffed: BoolArray | None = None
    """(territories,) true where an active person fills the seat; everyone is without it."""

    @property
    def territories(self) -> int:
        """How many territories there are, empty ones among them."""
        return int(self.target.size)

    def loads(self) -> FloatArray:
        """(territories,) what each territory carries."""
        held = self.territory >= 0
        return np.bincount(self.territory[held], weights=self.weight[held], minlength=self.territories).astype(
            np.float64
        )

    def placed(self) -> BoolArray:
        """(accounts,) true where the account has both a territory and a place."""
        if self.latitude is None or self.longitude is None:
            return np.zeros(self.territory.size, dtype=np.bool_)
        return np.asarray((self.territory >= 0) & np.isfinite(self.latitude) & np.isfinite(self.longitude))
