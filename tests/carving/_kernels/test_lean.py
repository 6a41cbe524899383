"""Kernels compiled without the counting of references."""

import numpy as np
import pytest
from numba.core.errors import NumbaError

from patchbook.carving._kernels.lean import lean


def test_a_lean_kernel_works_on_the_arrays_it_is_given():
    @lean
    def add_up(values, total):
        for value in values:
            total[0] += value

    total = np.zeros(1)
    add_up(np.array([1.0, 2.0, 4.0]), total)

    assert total[0] == 7.0


def test_a_kernel_that_would_create_an_array_is_refused():
    @lean
    def create(size):
        return np.zeros(size)[0]

    with pytest.raises(NumbaError):
        create(3)
