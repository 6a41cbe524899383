import json
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.territory.__main__ import main
from benchmarks.territory.instances import Territories, Towns, generate, shipped_towns, towns_in
from benchmarks.territory.methods import bisected, mip, patchbook
from benchmarks.territory.referee import Proof, fragments, judge, median_of, proven
from benchmarks.territory.run import Task, measure
from patchbook.carving.problem import Places, Problem
from patchbook.carving.solve import solve
from patchbook.errors import BadInput

TOWNS = Towns(
    latitude=np.array([40.7, 41.9, 34.1, 29.8]),
    longitude=np.array([-74.0, -87.6, -118.2, -95.4]),
    population=np.array([8e6, 3e6, 4e6, 2e6]),
)
ROWS = np.repeat([0, 1, 2], 3)


def a_grid(*, tolerance: float = 0.0) -> Territories:
    """Nine accounts in a 3×3 grid, one kilometre apart, all alike; three territories."""
    x, y = np.meshgrid(np.arange(3.0), np.arange(3.0))
    return Territories(
        positions=np.column_stack([x.ravel(), y.ravel()]), weights=np.ones((9, 3)), seats=3, tolerance=tolerance
    )


def an_instance(*, units: int = 240, seats: int = 4, tolerance: float = 0.05) -> Territories:
    return generate(units, seats, tolerance=tolerance, seed=1, towns=TOWNS)


def at_once(task: Task, limit_seconds: float) -> dict[str, object]:
    """In this process: quicker than one for each method."""
    return measure(replace(task, seconds=1.0 if task.method == "mip" else 60.0))


def test_the_same_seed_makes_the_same_accounts():
    one, same, other = (generate(50, 2, tolerance=0.05, seed=seed, towns=TOWNS) for seed in (1, 1, 2))

    assert np.array_equal(one.weights, same.weights)
    assert np.array_equal(one.positions, same.positions)
    assert not np.array_equal(one.weights, other.weights)


def test_accounts_lie_near_towns_and_most_of_them_near_large_ones():
    made = generate(2_000, 2, tolerance=0.05, seed=1, towns=TOWNS)

    east = (made.positions[:, 0] > 1_500).mean()
    assert 0.35 < east < 0.6  # New York has 47 % of the inhabitants
    assert made.weights[:, 0].max() > 20 * made.weights[:, 0].mean()
    assert np.corrcoef(np.log(made.weights[:, 0]), np.log(made.workload))[0, 1] > 0.7


def test_the_shipped_towns_are_those_of_the_48_states_each_once():
    towns = shipped_towns()

    assert len(towns.population) > 20_000
    assert len(np.unique(np.column_stack([towns.latitude, towns.longitude]), axis=0)) == len(towns.population)
    assert towns.population.min() >= 500
    assert (towns.longitude > -125).all()
    assert (towns.latitude < 49.5).all()


def test_towns_are_read_from_a_file_in_its_order(tmp_path):
    (tmp_path / "towns.csv").write_text("name,lat,lon,population\nB,40.5,-74,900\nA,30,-90.5,800\n")

    towns = towns_in(tmp_path / "towns.csv")

    assert towns.latitude.tolist() == [40.5, 30.0]
    assert towns.population.tolist() == [900.0, 800.0]


def test_a_file_of_towns_without_people_is_refused(tmp_path):
    (tmp_path / "towns.csv").write_text("lat,lon\n40.5,-74\n")

    with pytest.raises(BadInput, match="no column 'population'"):
        towns_in(tmp_path / "towns.csv")


def test_the_referee_judges_the_grid_as_one_does_in_the_head():
    verdict = judge(a_grid(), ROWS)

    assert verdict.worst_deviations == (0.0, 0.0, 0.0)
    assert verdict.mean_km == pytest.approx(6 / 9, abs=1e-4)
    assert (verdict.fragments, verdict.bound_km, verdict.gap, verdict.is_feasible) == (0.0, None, None, True)


def test_the_referee_finds_a_territory_outside_its_tolerance():
    verdict = judge(a_grid(tolerance=0.33), np.array([0, 0, 0, 0, 1, 1, 2, 2, 2]))

    assert verdict.worst_deviations == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert not verdict.is_feasible


@pytest.mark.parametrize("owners", [ROWS[:8], np.append(ROWS[:8], 3), np.append(ROWS[:8], -1)])
def test_the_referee_refuses_what_is_no_split(owners):
    with pytest.raises(ValueError, match="one of 3 territories for each of 9 accounts"):
        judge(a_grid(), owners)


def test_an_account_cut_off_from_its_territory_is_a_fragment():
    line = np.column_stack([np.arange(6.0), np.array([0.0, 0.1, 0.0, 0.1, 0.0, 0.1])])

    assert fragments(line, np.array([0, 0, 0, 1, 1, 1])) == pytest.approx(0.0)
    assert fragments(line, np.array([0, 0, 0, 1, 1, 0])) == pytest.approx(1 / 6)


def test_no_step_from_the_median_shortens_the_travel():
    rng = np.random.default_rng(5)
    positions, work = rng.uniform(0, 100, (40, 2)), rng.lognormal(0, 1, 40)

    def travel(point):
        return float((work * np.hypot(*(positions - point).T)).sum())

    median = median_of(positions, work)

    assert all(travel(median) <= travel(median + step) for step in rng.normal(0, 1, (100, 2)))


def test_prices_of_nothing_prove_what_the_nearest_centres_cost():
    centres = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])

    verdict = judge(a_grid(), ROWS, Proof(centres=centres, prices=np.zeros((3, 3))))

    assert verdict.bound_km == pytest.approx(6 / 9)
    assert verdict.gap == pytest.approx(0.0)


def test_whatever_the_prices_they_prove_no_more_than_a_split_within_tolerance_costs():
    rng = np.random.default_rng(3)
    centres = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])

    proofs = [proven(a_grid(), Proof(centres=centres, prices=rng.normal(0, 0.2, (3, 3)))) for _ in range(50)]

    assert max(proofs) <= 6 + 1e-12
    assert max(proofs) > 3


def test_a_bound_below_nothing_has_no_gap():
    far_off = Proof(centres=np.zeros((3, 2)), prices=np.full((3, 3), [[9.0], [0.0], [-9.0]]))

    verdict = judge(a_grid(), ROWS, far_off)

    assert verdict.bound_km is not None
    assert verdict.bound_km < 0
    assert verdict.gap is None


def test_our_answer_is_within_tolerance_and_the_engine_and_the_referee_agree_on_its_gap():
    instance = an_instance()
    places = Places(sites=instance.positions, unit_of_site=np.arange(240), weight=instance.workload, on_globe=False)
    told = solve(
        Problem(weights=instance.weights, shares=np.full((4, 3), 1 / 4), tolerances=np.full(3, 0.05), places=places),
        seed=1,
    )

    answer = patchbook(instance, 1, 1.0)

    assert answer is not None
    verdict = judge(instance, answer.owners, answer.proof)
    assert verdict.is_feasible
    assert verdict.gap == pytest.approx(told.gap, abs=1e-6)
    assert verdict.bound_km == pytest.approx(told.bound / instance.workload.sum(), rel=1e-6)
    assert verdict.mean_km <= told.cost / instance.workload.sum() * (1 + 1e-6)


def test_the_mip_answers_within_tolerance_or_not_at_all():
    answer = mip(a_grid(), 1, 5.0)

    assert answer is not None
    assert judge(a_grid(), answer.owners).is_feasible
    assert mip(replace(a_grid(), seats=4), 1, 5.0) is None


@pytest.mark.parametrize("seats", [1, 3, 7])
def test_bisection_gives_every_territory_accounts(seats):
    owners = bisected(an_instance(units=50, seats=seats))

    assert sorted(set(owners.tolist())) == list(range(seats))


def test_the_benchmark_prints_its_figures_for_a_program_and_nothing_else(capsys):
    code = main(["--units", "150", "--seats", "3", "--tolerance", "0.1", "--peers", "", "--json"], measured=at_once)

    told = json.loads(capsys.readouterr().out)
    assert code == 0
    (run,) = told["runs"]
    assert (run["units"], run["seats"], run["tolerance"], run["seed"]) == (150, 3, 0.1, 1)
    (ours,) = run["methods"]
    assert ours["method"] == "patchbook"
    assert ours["is_feasible"] is True
    assert max(ours["worst_deviations"]) <= 0.1 + 1e-9
    assert ours["peak_mb"] > 50


def test_the_benchmark_prints_a_table_for_people_with_a_row_for_each_method(capsys):
    code = main(["--units", "150", "--seats", "3", "--tolerance", "0.1", "--peers", "mip"], measured=at_once)

    title, head, ours, peer = capsys.readouterr().out.strip().splitlines()
    assert code == 0
    assert title.startswith("150 accounts, 3 territories, ±10 %, seed 1; one core each")
    assert head.split()[:3] == ["method", "worst", "deviation"]
    assert (ours.split()[0], ours.split()[6]) == ("patchbook", "within")
    assert peer.split()[0] == "mip"


def test_a_method_that_breaks_is_a_row_that_says_so_and_exit_code_1(tmp_path, capsys):
    code = main(["--places", str(tmp_path / "missing.csv"), "--peers", "", "--tolerance", "0.05"])

    assert code == 1
    assert "failed: " in capsys.readouterr().out


def test_an_unknown_peer_is_one_sentence_and_exit_code_2(capsys):
    code = main(["--peers", "oracle"])

    assert code == 2
    assert capsys.readouterr().err.startswith("'oracle' is no peer; the peers are kmeans, ")
