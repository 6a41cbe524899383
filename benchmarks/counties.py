"""Fifty districts of US counties in one piece each, people and a second measure within ±5 %, beside what else there is.

    python -m benchmarks.counties [--seats 50] [--tolerance 0.05] [--second workload] [--seeds 1 2 3]
        [--peers gerrychain,skater,maxp] [--limit 120] [--json]

The 3,109 counties of the 48 states and the District of Columbia. People: the sum of the populations of each county's
ZIP codes in the gazetteer that ships with Patchbook (12 small cities of Virginia have none, and count 0). The second
measure is made up by seed: 50,000 accounts where people are, with the workload (or, harder, the heavy-tailed potential)
of `benchmarks.territory`; `zips` counts each county's ZIP codes instead. Los Angeles County has more people than a
fiftieth may have, so it is a district of its own and the other 3,108 are split into 49; the peers are given those.

The peers are GerryChain's `recursive_tree_part`, which balances people alone, and Skater and MaxP of spopt. They need
half a gigabyte of libraries, so `make bench` does not bring them: `pip install gerrychain==1.0.0 spopt==0.7.0`. A peer
that is not there is left out. Each method runs in its own process on one core; imports and compilation come before the
clock starts. A referee without any code of the engine works out every figure.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from benchmarks.territory.instances import ELSEWHERE
from benchmarks.territory.referee import median_of
from patchbook.geography import gazetteer
from patchbook.geography.adjacency import us_county_graph
from patchbook.geography.projection import albers

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

ACCOUNTS = 50_000
NEEDS = {"gerrychain": "gerrychain", "skater": "spopt", "maxp": "spopt"}
SECONDS = ("workload", "potential", "zips")
ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")


@dataclass(frozen=True, kw_only=True)
class Land:
    """Counties, what is counted in them, and which of them touch."""

    latitude: FloatArray
    longitude: FloatArray
    weights: FloatArray
    """(counties, 2) people and the second measure."""
    adjacency: csr_array
    seats: int
    tolerance: float

    @property
    def positions(self) -> FloatArray:
        """(counties, 2) km on an equal-area plane."""
        return np.column_stack(albers(self.latitude, self.longitude, parallels=(29.5, 45.5), origin=(37.5, -96.0)))

    def without(self, counties: IntArray) -> Land:
        """The land with a district fewer for each county left out."""
        kept = np.setdiff1d(np.arange(len(self.weights)), counties)
        return Land(
            latitude=self.latitude[kept], longitude=self.longitude[kept], weights=self.weights[kept],
            adjacency=csr_array(self.adjacency[kept][:, kept]), seats=self.seats - len(counties),
            tolerance=self.tolerance,
        )  # fmt: skip


def lower_48(seats: int, tolerance: float, second: str, seed: int) -> Land:
    """The counties of the 48 states and the District of Columbia."""
    counties, graph = gazetteer.us_counties(), us_county_graph()
    kept = np.flatnonzero(~counties["state"].is_in(list(ELSEWHERE)).to_numpy())
    some = counties[kept]
    people = some["population"].fill_null(0).to_numpy().astype(float)
    return Land(
        latitude=some["latitude"].to_numpy(), longitude=some["longitude"].to_numpy(),
        weights=np.column_stack([people, _second(second, some, people, seed)]),
        adjacency=csr_array(graph.adjacency[kept][:, kept]), seats=seats, tolerance=tolerance,
    )  # fmt: skip


def _second(name: str, counties: pl.DataFrame, people: FloatArray, seed: int) -> FloatArray:
    if name == "zips":
        many = gazetteer.us_zips().group_by("county_fips").len()
        joined = counties.join(many, on="county_fips", how="left", maintain_order="left")
        return joined["len"].fill_null(0).to_numpy().astype(float)
    rng = np.random.default_rng(seed)
    at = rng.choice(len(people), ACCOUNTS, p=people / people.sum())
    potential = rng.lognormal(0, 1.5, ACCOUNTS)
    workload = np.round(1 + 2 * np.sqrt(potential) * rng.lognormal(0, 0.35, ACCOUNTS), 2)
    return np.bincount(at, workload if name == "workload" else potential, len(people)).astype(float)


def oversized(land: Land) -> IntArray:
    """Counties that are more than a district may have, of what is left of the larger ones."""
    alone: list[int] = []
    while True:
        rest = np.setdiff1d(np.arange(len(land.weights)), alone)
        most = land.weights[rest].sum(axis=0) / (land.seats - len(alone)) * (1 + land.tolerance)
        too_big = rest[(land.weights[rest] > most).any(axis=1)]
        if not len(too_big):
            return np.array(sorted(alone), np.int64)
        alone.append(int(too_big[np.argmax((land.weights[too_big] / most).max(axis=1))]))


def patchbook(land: Land, seed: int) -> IntArray:
    """Our engine, given every county and every district."""
    from patchbook.carving.problem import Areas, Places, Problem
    from patchbook.carving.solve import solve
    from patchbook.geography.distance import to_sphere_km

    counties = np.arange(len(land.weights))
    people = land.weights[:, 0]
    problem = Problem(
        weights=land.weights, shares=np.full((land.seats, 2), 1 / land.seats), tolerances=np.full(2, land.tolerance),
        places=Places(
            sites=to_sphere_km(land.latitude, land.longitude), unit_of_site=counties, weight=people / people.mean()
        ),
        areas=Areas(area_of_unit=counties, adjacency=land.adjacency),
    )  # fmt: skip
    return solve(problem, seed=seed).owners


def gerrychain(land: Land, seed: int) -> IntArray:
    """Recursive cuts of random spanning trees, by people alone (ReCom's seed plan; DeFord, Duchin & Solomon 2021)."""
    import networkx as nx
    from gerrychain import Graph
    from gerrychain.partition.initial_partition_generators import recursive_tree_part

    graph = nx.from_scipy_sparse_array(land.adjacency)
    nx.set_node_attributes(graph, dict(enumerate(land.weights[:, 0].astype(int).tolist())), "people")
    target = float(land.weights[:, 0].sum()) / land.seats
    found = recursive_tree_part(
        Graph.from_networkx(graph), range(land.seats), target, "people", land.tolerance, rng=seed
    )
    return np.array([found[county] for county in range(len(land.weights))], np.int64)


def skater(land: Land, seed: int) -> IntArray:
    """Pruned spanning trees of alike neighbours (Assunção et al. 2006); it knows no balance."""
    from spopt.region import Skater

    frame, weights = _for_spopt(land)
    model = Skater(frame, weights, ["people", "second"], n_clusters=land.seats)
    model.solve()
    return np.asarray(model.labels_, np.int64)


def maxp(land: Land, seed: int) -> IntArray:
    """As many regions as have 95 % of a share of people (Duque, Anselin & Rey 2012)."""
    from spopt.region import MaxPHeuristic

    frame, weights = _for_spopt(land)
    np.random.seed(seed)
    least = (1 - land.tolerance) * float(land.weights[:, 0].sum()) / land.seats
    model = MaxPHeuristic(frame, weights, ["people", "second"], "people", least, top_n=2, max_iterations_construction=5)
    model.solve()
    return np.unique(np.asarray(model.labels_), return_inverse=True)[1].reshape(-1).astype(np.int64)


def _for_spopt(land: Land) -> tuple[Any, Any]:
    import geopandas
    from libpysal.weights import W

    start, near = land.adjacency.indptr, land.adjacency.indices
    touching = {county: near[start[county] : start[county + 1]].tolist() for county in range(len(land.weights))}
    frame = geopandas.GeoDataFrame(
        {"people": land.weights[:, 0], "second": land.weights[:, 1]},
        geometry=geopandas.points_from_xy(*land.positions.T),
    )
    return frame, W(touching, silence_warnings=True)


METHODS: dict[str, Callable[[Land, int], IntArray]] = {
    "patchbook": patchbook, "gerrychain": gerrychain, "skater": skater, "maxp": maxp,
}  # fmt: skip


def judge(land: Land, owners: IntArray) -> dict[str, Any]:
    """Every figure of a split, from the counties and the answer alone."""
    districts = int(owners.max()) + 1
    loads = np.stack([np.bincount(owners, column, districts) for column in land.weights.T], axis=1)
    share = land.weights.sum(axis=0) / land.seats
    a, b = land.adjacency.tocoo().coords
    inside = owners[a] == owners[b]
    same = csr_array((np.ones(int(inside.sum())), (a[inside], b[inside])), shape=land.adjacency.shape)
    pieces = connected_components(same, directed=False)[0]
    people, positions = land.weights[:, 0], land.positions
    away = 0.0
    for district in range(districts):
        mine = np.flatnonzero(owners == district)
        weight = np.maximum(people[mine], 1e-9)
        if len(mine):
            away += float((weight * np.hypot(*(positions[mine] - median_of(positions[mine], weight)).T)).sum())
    worst = np.abs(loads / share - 1).max(axis=0)
    return {
        "districts": districts,
        "worst_deviations": [float(each) for each in worst],
        "extra_pieces": int(pieces - len(np.unique(owners))),
        "mean_km": away / float(people.sum()),
        "cut_edges": int((~inside).sum()) // 2,
        "is_feasible": bool((worst <= land.tolerance + 1e-9).all() and pieces == districts == land.seats),
    }


def measure(method: str, options: argparse.Namespace, seed: int) -> dict[str, Any]:
    """The figures of one method, in this process."""
    land = lower_48(options.seats, options.tolerance, options.second, seed)
    alone = oversized(land)
    rest = land.without(alone)
    small = rest.without(np.arange(300, len(rest.weights)))
    if method == "patchbook":  # kernels are compiled or loaded once in a program's life
        patchbook(Land(**{**small.__dict__, "adjacency": _chained(small), "seats": 4, "tolerance": 0.5}), 0)
    else:
        __import__(NEEDS[method])
    wall, busy = time.perf_counter(), time.process_time()
    owners = METHODS[method](land if method == "patchbook" else rest, seed)
    took = {"seconds": round(time.perf_counter() - wall, 2), "cpu_seconds": round(time.process_time() - busy, 2)}
    if method == "patchbook":
        own = set(owners[alone].tolist())
        kept = np.setdiff1d(np.arange(len(land.weights)), alone)
        if own & set(owners[kept].tolist()) or len(own) != len(alone):
            return {"method": method, "note": "a county that is too large shares its district", **took}
        owners = np.unique(owners[kept], return_inverse=True)[1].reshape(-1)
    return {"method": method, **judge(rest, owners), **took}


def _chained(land: Land) -> csr_array:
    """Some counties in a chain, so that they are connected whichever they are."""
    many = len(land.weights)
    ends = np.arange(many - 1)
    chain = csr_array((np.ones(many - 1, bool), (ends, ends + 1)), shape=(many, many))
    return csr_array((land.adjacency + chain + chain.T) > 0)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; 0 when every answer of ours is in one piece and within tolerance, 1 when one is not, 2 for bad input."""
    options = _options().parse_args(arguments)
    if options.run:
        print(json.dumps(measure(options.run, options, options.seeds[0])))
        return 0
    peers = [name for name in options.peers.split(",") if name]
    for name in peers:
        if name not in NEEDS:
            print(f"{name!r} is no peer; the peers are {', '.join(NEEDS)}.", file=sys.stderr)
            return 2
    runs = []
    for seed in options.seeds:
        if not options.json:
            _print_head(options, seed)
        for method in ("patchbook", *peers):
            figures = _in_its_own_process(method, options, seed)
            runs.append({"seed": seed, **figures})
            if not options.json:
                print(_row(figures), flush=True)
    if options.json:
        print(json.dumps({"runs": runs}, indent=1))
    return 0 if all(run.get("is_feasible") for run in runs if run["method"] == "patchbook") else 1


def _in_its_own_process(method: str, options: argparse.Namespace, seed: int) -> dict[str, Any]:
    if method in NEEDS and find_spec(NEEDS[method]) is None:
        return {"method": method, "note": f"{NEEDS[method]} is not installed"}
    command = [
        sys.executable, "-m", "benchmarks.counties", "--run", method, "--seeds", str(seed), "--seats",
        str(options.seats), "--tolerance", str(options.tolerance), "--second", options.second,
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=options.limit, env={**os.environ, **ONE_CORE}
        )
    except subprocess.TimeoutExpired:
        return {"method": method, "note": f"no answer in {options.limit:g} s"}
    if done.returncode:
        return {"method": method, "note": f"failed: {(done.stderr.strip().splitlines() or ['?'])[-1][:90]}"}
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _print_head(options: argparse.Namespace, seed: int) -> None:
    print(
        f"\n{options.seats} districts of counties, ±{100 * options.tolerance:g} %, people and {options.second}, seed "
        f"{seed}; one core each of {os.cpu_count()}, load {os.getloadavg()[0]:.1f}"
    )
    print(
        f"{'method':<12}{'worst deviation %':<34}{'districts':>10}{'extra pieces':>14}{'mean km':>9}{'cut edges':>11}"
        f"{'wall s':>8}{'CPU s':>8}"
    )


def _row(figures: dict[str, Any]) -> str:
    if "note" in figures:
        return f"{figures['method']:<12}{figures['note']}"
    worst = " / ".join(f"{100 * each:.2f}" for each in figures["worst_deviations"])
    within = "within" if figures["is_feasible"] else "outside"
    return (
        f"{figures['method']:<12}{worst:<24}{within:<10}{figures['districts']:>10}{figures['extra_pieces']:>14}"
        f"{figures['mean_km']:>9.2f}{figures['cut_edges']:>11}{figures['seconds']:>8.2f}{figures['cpu_seconds']:>8.2f}"
    )


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.counties",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seats", type=int, default=50, help="districts (50)")
    parser.add_argument("--tolerance", type=float, default=0.05, help="of both measures (0.05)")
    parser.add_argument("--second", choices=SECONDS, default="workload", help="the second measure (workload)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], help="of the measure and methods (1 2 3)")
    parser.add_argument("--peers", default=",".join(NEEDS), help="with commas between; '' for none (all)")
    parser.add_argument("--limit", type=float, default=120.0, help="seconds after which a method is given up (120)")
    parser.add_argument("--json", action="store_true", help="figures for a program")
    parser.add_argument("--run", choices=tuple(METHODS), help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    sys.exit(main())
