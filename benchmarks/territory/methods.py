"""Patchbook and its peers, each as one would call it from Python; a new one is a function and a line in METHODS."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array, vstack

from benchmarks.territory.instances import MEASURES, FloatArray, Territories
from benchmarks.territory.referee import IntArray, Placing, Proof, median_of, neighbours


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The territory of each account, and the prices behind a bound where the method has some."""

    owners: IntArray
    proof: Proof | None = None


Method = Callable[[Territories, int, float], Answer | None]
"""Of an instance, a seed and a number of seconds, which the solvers and we heed; None is no answer."""


def patchbook(instance: Territories, seed: int, seconds: float) -> Answer | None:
    """Our engine, until it ends by itself or its seconds are over."""
    from patchbook.carving.problem import Places, Problem
    from patchbook.carving.solve import solve
    from patchbook.carving.stop import MaxSeconds

    equal = np.full((instance.seats, len(MEASURES)), 1 / instance.seats)
    places = Places(
        sites=instance.positions,
        unit_of_site=np.arange(instance.units),
        weight=instance.workload,
        on_globe=False,
    )
    solution = solve(
        Problem(
            weights=instance.weights,
            shares=equal,
            tolerances=np.full(len(MEASURES), instance.tolerance),
            places=places,
            measure_names=MEASURES,
        ),
        seed=seed,
        stop=MaxSeconds(seconds),
    )
    assert solution.centres is not None
    branches = tuple(
        Placing(units=tuple(branch.units.tolist()), seats=tuple(branch.seats.tolist()), prices=branch.prices)
        for branch in solution.branches
    )
    return Answer(
        owners=solution.owners, proof=Proof(centres=solution.centres, prices=solution.prices, branches=branches)
    )


def kmeans(instance: Territories, seed: int, seconds: float) -> Answer | None:
    """scikit-learn's k-means, weighted by workload; it balances nothing."""
    from sklearn.cluster import KMeans

    model = KMeans(instance.seats, n_init=1, random_state=seed)
    return Answer(owners=model.fit_predict(instance.positions, sample_weight=instance.workload).astype(np.int64))


def kmeans_constrained(instance: Territories, seed: int, seconds: float) -> Answer | None:
    """k-means with counts between limits (Bradley, Bennett and Demiriz 2000); it knows no weights."""
    from k_means_constrained import KMeansConstrained

    equal = instance.units / instance.seats
    model = KMeansConstrained(
        instance.seats,
        size_min=int(np.ceil((1 - instance.tolerance) * equal)),
        size_max=int(np.floor((1 + instance.tolerance) * equal)),
        n_init=1,
        random_state=seed,
    )
    return Answer(owners=model.fit_predict(instance.positions).astype(np.int64))


def metis(instance: Territories, seed: int, seconds: float) -> Answer | None:
    """METIS on the graph of Delaunay neighbours, balancing the mean of the three measures."""
    import pymetis

    near = neighbours(instance.positions)
    both = np.concatenate([near, near[:, ::-1]])
    graph = csr_array(
        (np.ones(len(both), dtype=np.int8), (both[:, 0], both[:, 1])), shape=(instance.units, instance.units)
    )
    parts = pymetis.part_graph(
        instance.seats,
        xadj=graph.indptr.tolist(),
        adjncy=graph.indices.tolist(),
        vweights=np.maximum(1, np.round(1000 * mean_measure(instance))).astype(int).tolist(),
        options=pymetis.Options(seed=seed, ufactor=max(1, round(1000 * instance.tolerance))),
    )
    return Answer(owners=np.asarray(parts.vertex_part, dtype=np.int64))


def mip(instance: Territories, seed: int, seconds: float) -> Answer | None:
    """
    HiGHS through SciPy, with all three measures within tolerance: to fixed centres, then to the medians of the answer.

    Only the eight nearest centres of an account are looked at, or the model of 50,000 would not fit into memory. The
    first centres are those of a bisection by the mean measure, because with unbalanced ones there may be no answer.
    """
    return _to_medians(instance, seconds, _assigned)


def cp_sat(instance: Territories, seed: int, seconds: float) -> Answer | None:
    """CP-SAT of OR-Tools on the same model as the MIP, on one core; weights and travel in whole thousandths."""
    return _to_medians(instance, seconds, partial(_assigned_by_cp_sat, seed=seed))


def _to_medians(
    instance: Territories, seconds: float, assigned: Callable[[Territories, FloatArray, float], IntArray | None]
) -> Answer | None:
    """Assignments to centres, first those of a bisection, then the medians of the answer, until none is better."""
    started = time.perf_counter()
    owners: IntArray | None = bisected(instance)
    best: tuple[float, IntArray] | None = None
    while owners is not None and (left := seconds - (time.perf_counter() - started)) > 0.05 * seconds:
        centres = np.stack(
            [median_of(instance.positions[owners == j], instance.workload[owners == j]) for j in range(instance.seats)]
        )
        owners = assigned(instance, centres, left)
        if owners is None:
            break
        travel = float((instance.workload * np.sqrt(((instance.positions - centres[owners]) ** 2).sum(axis=1))).sum())
        if best is not None and travel >= best[0] * (1 - 1e-4):
            break
        best = travel, owners
    return Answer(owners=best[1]) if best else None


def mean_measure(instance: Territories) -> FloatArray:
    """(units,) the mean of the measures, each scaled to a mean of 1."""
    return np.asarray((instance.weights / instance.weights.mean(axis=0)).mean(axis=1))


def bisected(instance: Territories) -> IntArray:
    """A split by cutting in two, across the longer side, until there are enough territories."""
    load = mean_measure(instance)
    owners = np.zeros(instance.units, dtype=np.int64)
    waiting = [(np.arange(instance.units), 0, instance.seats)]
    while waiting:
        mine, first, seats = waiting.pop()
        if seats == 1:
            owners[mine] = first
            continue
        here = instance.positions[mine]
        order = mine[np.argsort(here[:, np.argmax(np.ptp(here, axis=0))], kind="stable")]
        half = seats // 2
        cut = int(np.searchsorted(np.cumsum(load[order]), load[order].sum() * half / seats))
        cut = min(max(cut, half), len(order) - (seats - half))
        waiting += [(order[:cut], first, half), (order[cut:], first + half, seats - half)]
    return owners


def _assigned(instance: Territories, centres: FloatArray, seconds: float, nearest: int = 8) -> IntArray | None:
    """The best assignment to these centres that HiGHS finds in the time."""
    units, seats = instance.units, instance.seats
    apart = np.sqrt(((instance.positions[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2))
    width = min(nearest, seats)
    near = np.argpartition(apart, width - 1, axis=1)[:, :width]
    unit, seat = np.repeat(np.arange(units), width), near.ravel()
    variable = np.arange(units * width)
    once = coo_array((np.ones(len(variable)), (unit, variable)), shape=(units, len(variable)))
    loads = [coo_array((share[unit], (seat, variable)), shape=(seats, len(variable))) for share in _shares(instance).T]
    limits = np.ones(len(MEASURES) * seats)
    solved = milp(
        instance.workload[unit] * apart[unit, seat] / instance.workload.sum(),
        integrality=np.ones(len(variable)),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(
            csr_array(vstack([once, *loads])),
            np.concatenate([np.ones(units), limits * (1 - instance.tolerance)]),
            np.concatenate([np.ones(units), limits * (1 + instance.tolerance)]),
        ),
        options={"time_limit": max(1.0, seconds), "mip_rel_gap": 1e-3},
    )
    if solved.x is None:
        return None
    return np.asarray(near[np.arange(units), solved.x.reshape(units, width).argmax(axis=1)], dtype=np.int64)


def _assigned_by_cp_sat(
    instance: Territories, centres: FloatArray, seconds: float, nearest: int = 8, *, seed: int
) -> IntArray | None:
    """The best assignment to these centres that CP-SAT finds in the time."""
    from ortools.sat.python import cp_model

    units, seats = instance.units, instance.seats
    apart = np.sqrt(((instance.positions[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2))
    width = min(nearest, seats)
    near = np.argpartition(apart, width - 1, axis=1)[:, :width]
    whole = np.round(instance.weights * 1000).astype(np.int64)
    totals = instance.weights.sum(axis=0) * 1000 / seats
    travel = np.round(1000 * instance.workload[:, None] * apart / instance.workload.mean()).astype(np.int64)
    model = cp_model.CpModel()
    takes = [[model.new_bool_var("") for _ in range(width)] for _ in range(units)]
    members: list[list[tuple[int, int]]] = [[] for _ in range(seats)]
    for unit in range(units):
        model.add_exactly_one(takes[unit])
        for k in range(width):
            members[near[unit, k]].append((unit, k))
    for seat in range(seats):
        variables = [takes[unit][k] for unit, k in members[seat]]
        held = [unit for unit, _ in members[seat]]
        for m in range(len(MEASURES)):
            low, high = (1 - instance.tolerance) * totals[m], (1 + instance.tolerance) * totals[m]
            model.add_linear_constraint(
                cp_model.LinearExpr.weighted_sum(variables, whole[held, m].tolist()),
                int(np.ceil(low + units / 1000)), int(np.floor(high - units / 1000)),
            )  # fmt: skip
    every = [takes[unit][k] for unit in range(units) for k in range(width)]
    model.minimize(cp_model.LinearExpr.weighted_sum(every, travel[np.arange(units)[:, None], near].ravel().tolist()))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(1.0, seconds)
    solver.parameters.num_workers, solver.parameters.random_seed = 1, seed
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    chosen = [next(k for k in range(width) if solver.boolean_value(takes[unit][k])) for unit in range(units)]
    return np.asarray(near[np.arange(units), chosen], dtype=np.int64)


def _shares(instance: Territories) -> FloatArray:
    return np.asarray(instance.weights / (instance.weights.sum(axis=0) / instance.seats))


METHODS: dict[str, Method] = {
    "patchbook": patchbook,
    "kmeans": kmeans,
    "kmeans-constrained": kmeans_constrained,
    "metis": metis,
    "mip": mip,
    "cp-sat": cp_sat,
}
"""What can be measured; ours first, the others are peers."""

PEERS = tuple(name for name in METHODS if name != "patchbook")
