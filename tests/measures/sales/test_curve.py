"""Sales grow with coverage, ever more slowly, and both curves agree on what the studies measured."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchbook.measures.sales import CURVES, MOST_COVERAGE

elasticities = st.floats(0.05, 0.6)
carryovers = st.floats(0.0, 0.35)


@pytest.mark.parametrize("shape", CURVES)
@settings(max_examples=30)
@given(elasticity=elasticities, carryover=carryovers)
def test_more_coverage_sells_more_and_each_further_hour_less(shape, elasticity, carryover):
    curve = CURVES[shape](elasticity=elasticity, carryover=carryover)

    sales = curve.sales(np.linspace(0.0, MOST_COVERAGE, 101))

    assert (np.diff(sales) > 0).all()
    assert (np.diff(sales, 2) < 1e-12).all()


@pytest.mark.parametrize("shape", CURVES)
@settings(max_examples=30)
@given(elasticity=elasticities, carryover=carryovers)
def test_nobody_calling_leaves_the_carryover_and_the_plan_leaves_1_with_the_elasticity_asked_for(
    shape, elasticity, carryover
):
    curve = CURVES[shape](elasticity=elasticity, carryover=carryover)
    nobody, planned, more = curve.sales(np.array([0.0, 1.0, 1.001]))

    assert nobody == pytest.approx(carryover)
    assert planned == pytest.approx(1.0)
    assert np.log(more) / np.log(1.001) == pytest.approx(elasticity, rel=2e-3)


@pytest.mark.parametrize("shape", CURVES)
@settings(max_examples=30)
@given(elasticity=elasticities, carryover=carryovers, coverage=st.floats(0.01, 1.99))
def test_the_way_back_from_a_slope_leads_to_its_coverage(shape, elasticity, carryover, coverage):
    curve = CURVES[shape](elasticity=elasticity, carryover=carryover)

    assert curve.coverage_at(curve.slope(np.array([coverage]))) == pytest.approx([coverage], rel=1e-6)


@pytest.mark.parametrize("shape", CURVES)
def test_time_beyond_twice_the_plan_brings_nothing(shape):
    curve = CURVES[shape](elasticity=0.34, carryover=0.3)

    assert curve.sales(np.array([2.0]))[0] == curve.sales(np.array([9.0]))[0]
