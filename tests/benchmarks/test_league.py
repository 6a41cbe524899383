import json

import pytest

from benchmarks.league.__main__ import main
from benchmarks.league.instances import BadInstance, find_instances, read_best_known, read_instance
from benchmarks.league.peers import scipy_milp
from benchmarks.league.referee import judge
from patchbook.errors import NotFound

GRID = "9 3\n" + "".join(f"{x} {y} 3 1\n" for y in range(3) for x in range(3))
ROWS = [1, 1, 1, 4, 4, 4, 7, 7, 7]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "sets" / "grids").mkdir(parents=True)
    (tmp_path / "sets" / "grids" / "grid.txt").write_text(GRID)
    (tmp_path / "sets" / "grids" / "cpmp99.dat").write_text(GRID.replace("9 3", " 9  3 "))
    (tmp_path / "sets" / "best_known.csv").write_text("instance,best_known\ngrid,6.00\ncpmp99,5\n")
    return tmp_path / "sets"


def the_grid(folder):
    return read_instance(folder / "grids" / "grid.txt")


def test_an_instance_is_read_as_its_file_tells_it(folder):
    grid = the_grid(folder)

    assert (grid.name, grid.units, grid.medians, grid.is_floored) == ("grid", 9, 3, False)
    assert grid.positions[5].tolist() == [2, 1]
    assert grid.distances()[0, 4] == pytest.approx(2**0.5)


def test_the_instances_of_the_or_library_have_their_distances_rounded_down(folder):
    assert read_instance(folder / "grids" / "cpmp99.dat").distances()[0, 8] == 2.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("9 3\n1 2 3\n", "3 numbers after its first line; 9 units"),
        ("3 9\n", "begins with 3 9"),
        ("2 1\na b c d\n", "not a number"),
        ("2.5 1\n", "begins with 2.5 1"),
    ],
)
def test_a_file_that_is_no_instance_is_refused_by_name(tmp_path, text, message):
    path = tmp_path / "broken.txt"
    path.write_text(text)

    with pytest.raises(BadInstance, match=message):
        read_instance(path)


def test_files_folders_and_patterns_find_instances_once_each(folder):
    grid = folder / "grids" / "grid.txt"

    found = find_instances([str(grid), str(folder), str(folder / "grids" / "g*.txt")])

    assert [path.stem for path in found] == ["cpmp99", "grid"]


def test_a_name_that_finds_nothing_is_told(tmp_path):
    with pytest.raises(NotFound, match="No instance is found at"):
        find_instances([str(tmp_path / "nothing*.txt")])


def test_a_table_of_best_values_needs_its_columns(tmp_path):
    (tmp_path / "best.csv").write_text("name,value\ngrid,6\n")

    with pytest.raises(BadInstance, match="instance and best_known are needed"):
        read_best_known(tmp_path / "best.csv")


def test_the_referee_adds_up_the_distances_of_a_right_answer(folder):
    verdict = judge(the_grid(folder), [1, 4, 7], ROWS)

    assert (verdict.objective, verdict.is_feasible) == (6.0, True)


@pytest.mark.parametrize(
    ("medians", "owners", "fault"),
    [
        ([1, 4], [*ROWS[:6], 4, 4, 4], "2 different medians of 3"),
        ([1, 4, 4], [*ROWS[:6], 4, 4, 4], "2 different medians of 3"),
        ([1, 4, 9], ROWS, "a median is not a unit"),
        ([1, 4, 7], ROWS[:8], "8 of 9 units are assigned"),
        ([1, 4, 7], [0, *ROWS[1:]], "unit 0 is assigned to 0, which is no median"),
        ([1, 4, 7], [1, 1, 1, 1, 4, 4, 7, 7, 7], "median 1 serves 4 with a capacity of 3"),
    ],
)
def test_the_referee_finds_every_fault(folder, medians, owners, fault):
    verdict = judge(the_grid(folder), medians, owners)

    assert not verdict.is_feasible
    assert fault in verdict.faults


def test_the_league_prints_its_figures_for_a_program_and_nothing_else(folder, capsys):
    code = main([str(folder), "--iterations", "2", "--json"])

    told = json.loads(capsys.readouterr().out)
    assert code == 0
    assert list(told) == ["instances"]
    cpmp, grid = told["instances"]
    assert list(grid) == ["instance", "seed", "objective", "best_known", "gap", "feasible", "seconds"]
    assert (grid["instance"], grid["objective"], grid["best_known"], grid["gap"]) == ("grid", 6.0, 6.0, 0.0)
    assert grid["feasible"] is True
    assert (cpmp["instance"], cpmp["gap"]) == ("cpmp99", pytest.approx(0.2))


def test_the_league_prints_a_table_for_people_with_its_peers(folder, capsys):
    code = main([str(folder / "grids" / "grid.txt"), "--iterations", "2", "--peer", "scipy-milp"])

    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert lines[1].split()[:6] == ["grid", "1", "6.00", "6.00", "0.000", "yes"]
    assert lines[2].split()[:6] == ["scipy-milp", "0", "6.00", "6.00", "0.000", "yes"]
    assert lines[3].startswith("1 instances, 1 feasible, mean gap 0.000 %")


def test_an_instance_without_room_is_no_answer_and_exit_code_1(tmp_path, capsys):
    (tmp_path / "tight.txt").write_text(GRID.replace("9 3", "9 2"))

    code = main([str(tmp_path / "tight.txt"), "--iterations", "1", "--json"])

    (tight,) = json.loads(capsys.readouterr().out)["instances"]
    assert code == 1
    assert (tight["objective"], tight["best_known"], tight["gap"], tight["feasible"]) == (None, None, None, False)


def test_a_wrong_file_name_is_one_sentence_and_exit_code_2(tmp_path, capsys):
    code = main([str(tmp_path / "missing.txt")])

    assert code == 2
    assert capsys.readouterr().err.startswith("No instance is found at")


def test_the_peer_leaves_very_large_instances_alone(tmp_path):
    line = "1 1 3 1\n"
    (tmp_path / "large.txt").write_text("600 2\n" + 600 * line)

    assert scipy_milp(read_instance(tmp_path / "large.txt"), 1.0) is None


def test_the_peer_serves_many_units_from_their_nearest(tmp_path):
    pairs = "".join(f"{10 * k} 0 2 1\n{10 * k + 1} 0 2 1\n" for k in range(110))
    (tmp_path / "pairs.txt").write_text("220 110\n" + pairs)
    instance = read_instance(tmp_path / "pairs.txt")

    medians, served = scipy_milp(instance, 20.0)

    assert judge(instance, medians.tolist(), served.tolist()).objective == 110.0


def test_several_seeds_are_summed_up_by_set_and_their_answers_kept(folder, tmp_path, capsys):
    code = main([str(folder), "--iterations", "2", "--seeds", "1", "2", "--answers", str(tmp_path / "answers")])

    *_, of_cpmp, of_grid, of_all = capsys.readouterr().out.splitlines()
    assert code == 0
    assert of_cpmp.startswith("cpmp: 1 instances × 2 seeds, 2 feasible, mean gap 20.000 %, largest 20.000 %, 0 at the")
    assert of_grid.startswith("grid: 1 instances × 2 seeds, 2 feasible, mean gap 0.000 %, largest 0.000 %, 2 at the")
    assert of_all.startswith("2 instances × 2 seeds, 4 feasible, mean gap 10.000 %")
    assigned = [int(word) for word in (tmp_path / "answers" / "grid_seed2.txt").read_text().split()]
    assert judge(the_grid(folder), sorted(set(assigned)), assigned).objective == 6.0
