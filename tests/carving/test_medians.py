import itertools
import math

import numpy as np
import pytest

from patchbook.carving.medians import BadMedians, NoRoom, carve_medians
from patchbook.carving.stop import FirstOf, Gap, MaxIterations
from patchbook.errors import BadInput, Infeasible

GRID = [[x, y] for y in range(3) for x in range(3)]


def carve(positions=GRID, demands=None, capacities=3, seats=3, *, seed=0, rounds=2, **more):
    demands = np.ones(len(positions)) if demands is None else demands
    return carve_medians(demands, capacities, seats, positions=positions, seed=seed, stop=MaxIterations(rounds), **more)


def cheapest(positions, demands, capacities, seats):
    """Every choice of medians and every assignment, tried in turn."""
    units = range(len(positions))
    best = math.inf
    for medians in itertools.combinations(units, seats):
        for owners in itertools.product(range(seats), repeat=len(positions)):
            load = [0.0] * seats
            for unit, owner in zip(units, owners, strict=True):
                load[owner] += demands[unit]
            if all(load[k] <= capacities[medians[k]] for k in range(seats)):
                cost = sum(math.dist(positions[u], positions[medians[k]]) for u, k in zip(units, owners, strict=True))
                best = min(best, cost)
    return best


def assert_keeps_every_rule(carved, positions, demands, capacities):
    capacities = np.broadcast_to(capacities, len(positions))
    loads = np.bincount(carved.owners, weights=demands, minlength=len(carved.medians))
    assert (loads <= capacities[carved.medians] + 1e-9).all()
    assert len(set(carved.medians.tolist())) == len(carved.medians)
    assert (carved.owners[carved.medians] == np.arange(len(carved.medians))).all()
    distances = [math.dist(positions[u], positions[m]) for u, m in enumerate(carved.medians[carved.owners])]
    assert carved.objective == pytest.approx(sum(distances))
    assert carved.is_feasible


def test_the_grid_is_carved_into_three_rows_of_three():
    carved = carve()

    assert carved.objective == 6.0
    assert_keeps_every_rule(carved, GRID, np.ones(9), 3)


@pytest.mark.parametrize("seed", range(6))
def test_small_problems_are_solved_to_the_optimum(seed):
    random = np.random.default_rng(seed)
    positions = random.uniform(0, 100, (7, 2))
    demands = random.integers(1, 20, 7).astype(float)
    capacities = np.full(7, np.ceil(demands.sum() / 3 * 1.3))

    carved = carve(positions, demands, capacities, seed=seed)

    assert carved.objective == pytest.approx(cheapest(positions, demands, capacities, 3))
    assert_keeps_every_rule(carved, positions, demands, capacities)


@pytest.mark.parametrize("seed", range(6))
def test_each_unit_may_carry_a_different_demand_as_a_median(seed):
    random = np.random.default_rng(seed)
    positions = random.uniform(0, 100, (7, 2))
    demands = random.integers(1, 10, 7).astype(float)
    capacities = np.where(np.arange(7) % 2 == 0, demands.sum() * 0.7, demands.sum() * 0.2)

    carved = carve(positions, demands, capacities, 2, seed=seed)

    assert carved.objective == pytest.approx(cheapest(positions, demands, capacities, 2))
    assert_keeps_every_rule(carved, positions, demands, capacities)


def test_the_same_seed_and_rounds_give_the_same_answer():
    positions = np.random.default_rng(3).uniform(0, 100, (60, 2))

    one, other = (carve(positions, capacities=8, seats=9, seed=5, rounds=4) for _ in range(2))

    assert (one.owners == other.owners).all()
    assert (one.medians == other.medians).all()
    assert one.objective == other.objective


def test_distances_may_be_given_instead_of_positions():
    places = np.array(GRID, dtype=float)
    distances = np.abs(places[:, None] - places[None]).sum(axis=2)

    carved = carve_medians(np.ones(9), 3, 3, distances=distances, stop=MaxIterations(2))

    assert carved.objective == 6.0


def test_positions_above_the_size_of_a_matrix_are_carved_too():
    places = np.array([[x, y] for x in range(36) for y in range(36)], dtype=float)

    carved = carve(places, capacities=9, seats=144, rounds=10)

    assert_keeps_every_rule(carved, places, np.ones(len(places)), 9)
    assert carved.objective < 1.25 * 144 * (4 + 4 * math.sqrt(2))


def test_the_answer_is_told_in_the_order_in_which_the_units_were_given():
    is_east = np.random.default_rng(1).permutation(60) < 20
    places = np.column_stack([np.where(is_east, 100.0, 0.0) + np.arange(60) % 7, np.arange(60) % 5])

    carved = carve(places, demands=np.where(is_east, 2.0, 1.0), capacities=40, seats=2)

    assert set(carved.owners[is_east].tolist()).isdisjoint(carved.owners[~is_east].tolist())
    assert_keeps_every_rule(carved, places, np.where(is_east, 2.0, 1.0), 40)


def test_a_unit_that_fits_nowhere_is_named_among_many():
    places = np.random.default_rng(1).uniform(0, 9, (60, 2))

    with pytest.raises(NoRoom, match="Unit 41 demands 7"):
        carve(places, demands=np.where(np.arange(60) == 41, 7.0, 1.0), capacities=6, seats=20)


def test_many_units_in_one_place_are_told_apart():
    places = np.repeat([[0.0, 0.0], [9.0, 0.0]], 600, axis=0)

    carved = carve(places, capacities=600, seats=2, rounds=3)

    assert carved.objective == 0.0
    assert_keeps_every_rule(carved, places, np.ones(1200), 600)


def test_as_many_medians_as_units_cost_nothing():
    assert carve(seats=9).objective == 0.0


def test_a_search_ends_where_all_units_but_one_are_medians():
    assert carve(seats=8, rounds=40).objective == 1.0


def test_one_median_serves_all():
    assert carve(seats=1, capacities=9).objective == pytest.approx(4 + 4 * math.sqrt(2))


def test_one_unit_is_its_own_median():
    assert carve([[4, 2]], seats=1).objective == 0.0


def test_the_search_stops_at_the_gap_asked_for():
    stop = FirstOf(MaxIterations(1000), Gap(0.0, lower_bound=6.0))

    assert carve_medians(np.ones(9), 3, 3, positions=GRID, stop=stop).iterations < 1000


def test_without_a_budget_the_search_cools_again_until_it_is_stopped():
    rounds = iter([False] * 25 + [True])

    carved = carve_medians(np.ones(9), 3, 3, positions=GRID, stop=lambda best_cost: next(rounds))

    assert (carved.iterations, carved.objective) == (25, 6.0)


def test_progress_is_told_after_each_round_and_never_gets_worse():
    told = []

    carve(rounds=3, progress=lambda round_, best: told.append((round_, best)))

    assert [round_ for round_, _ in told] == [1, 2, 3]
    assert sorted((best for _, best in told), reverse=True) == [best for _, best in told]


def test_an_answer_that_cannot_be_packed_says_by_how_much_it_is_over():
    carved = carve([[0, 0], [1, 0], [2, 0]], [2, 2, 2], 3, 2)

    assert not carved.is_feasible
    assert carved.excess == pytest.approx(1.0)


def test_too_little_room_is_refused_before_the_search():
    with pytest.raises(NoRoom, match="together demand 9, and the 2 largest capacities hold 8"):
        carve(seats=2, capacities=4)


def test_a_unit_that_fits_nowhere_is_named():
    with pytest.raises(Infeasible, match="Unit 4 demands 5, more than the largest capacity, 3"):
        carve(demands=[1, 1, 1, 1, 5, 1, 1, 1, 1])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"demands": [[1.0]]}, r"Demands have the shape \(1, 1\)"),
        ({"demands": [1.0] * 8 + [-1.0]}, "demand of unit 8 is -1.0"),
        ({"demands": [math.nan] + [1.0] * 8}, "demand of unit 0 is nan"),
        ({"capacities": [1.0, 2.0]}, r"Capacities have the shape \(2,\)"),
        ({"capacities": math.inf}, "capacity of unit 0 is inf"),
        ({"seats": 0}, "0 medians are asked of 9 units"),
        ({"seats": 10}, "10 medians are asked of 9 units"),
        ({"demands": [1.0] * 4}, r"Positions have the shape \(9, 2\); two numbers for each of the 4"),
        ({"positions": [[math.nan, 0.0]] * 9}, "Unit 0 has no place"),
        ({"distances": np.zeros((9, 9))}, "Either positions or distances"),
    ],
)
def test_arrays_that_describe_no_problem_are_refused_in_one_sentence(arguments, message):
    with pytest.raises(BadMedians, match=message):
        carve(**arguments)


@pytest.mark.parametrize(
    ("distances", "message"),
    [
        (np.zeros((2, 3)), r"\(2, 2\) is needed"),
        ([[0.0, -1.0], [-1.0, 0.0]], "negative"),
        ([[0.0, 1.0], [2.0, 0.0]], "from unit 0 to 1 and 2.0 back must be equal"),
        ([[1.0, 1.0], [1.0, 0.0]], "of a unit to itself is not 0"),
    ],
)
def test_distances_that_are_none_are_refused(distances, message):
    with pytest.raises(BadInput, match=message):
        carve_medians([1, 1], 2, 1, distances=distances, stop=MaxIterations(1))


@pytest.mark.parametrize("seed", range(4))
def test_the_best_answer_kept_is_feasible_where_overloading_a_group_would_save(seed):
    random = np.random.default_rng(seed)
    positions = random.integers(0, 100, (60, 2)).astype(float)
    demands = random.integers(1, 21, 60).astype(float)
    capacity = np.ceil(demands.sum() / 6 / 0.95)
    told = []

    carved = carve(positions, demands, capacity, 6, seed=seed, rounds=40, progress=lambda _, best: told.append(best))

    assert_keeps_every_rule(carved, positions, demands, capacity)
    assert carved.objective == pytest.approx(told[-1])


@pytest.mark.parametrize("seed", range(2))
def test_groups_of_hundreds_are_divided_by_prices_and_every_rule_is_kept(seed):
    random = np.random.default_rng(seed)
    positions = random.uniform(0, 100, (420, 2)) * np.where(np.arange(420) % 3 == 0, 0.2, 1.0)[:, None]
    demands = random.integers(1, 9, 420).astype(float)
    capacity = np.ceil(demands.sum() / 4 / 0.9)

    carved = carve(positions, demands, capacity, 4, seed=seed, rounds=12)

    assert_keeps_every_rule(carved, positions, demands, capacity)


def test_the_same_seed_and_rounds_give_the_same_answer_to_the_end_of_every_stage():
    positions = np.random.default_rng(3).uniform(0, 100, (60, 2))

    one, other = (carve(positions, capacities=8, seats=9, seed=5, rounds=40) for _ in range(2))

    assert one.owners.tolist() == other.owners.tolist()
