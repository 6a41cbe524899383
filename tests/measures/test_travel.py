"""Travel from the centre of a territory."""

from __future__ import annotations

import numpy as np

from patchbook.measures.travel import travel_km


def test_books_without_any_account_have_no_distance():
    nobody = np.array([], dtype=np.int64)

    assert np.isnan(travel_km(nobody, np.array([]), np.array([]), 2)).all()
