"""A result folder is whole or not there, repeats byte for byte, and reads back as it was written."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from builders.results import a_result
from patchbook.errors import BadInput, NotFound
from patchbook.plans.out import WRITERS, ForeignFolder, folder, read, write


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_file_is_written_and_explained(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs/reference/results.md").read_text(encoding="utf-8")

    write(a_result(), tmp_path / "out")

    assert {path.name for path in (tmp_path / "out").iterdir()} == {writer.file for writer in WRITERS}
    for writer in WRITERS:
        assert f"`{writer.file}`" in page


def test_every_column_and_figure_is_explained(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs/reference/results.md").read_text(encoding="utf-8")
    stored = read(write(a_result(), tmp_path / "out"))

    for name in (*stored.summary, *stored.summary["measures"]["potential"]):
        assert f"`{name}`" in page, f"docs/reference/results.md does not explain {name}"
    for frame in (stored.assignments, stored.territories, stored.accounts, stored.before, stored.borders):
        for column in frame.columns:
            assert f"`{column.replace('potential', '<measure>')}`" in page, f"results.md does not explain {column}"


def test_assignments_come_in_plain_words(tmp_path: Path) -> None:
    first, *_, last = rows(write(a_result(), tmp_path / "out") / "assignments.csv")

    assert list(first)[:9] == [
        "account_id",
        "territory",
        "seat",
        "person",
        "layer",
        "reason",
        "runner_up",
        "moved",
        "previous_owner",
    ]
    assert (first["account_id"], first["territory"], first["moved"]) == ("A1", "West", "no")
    assert last["previous_owner"] == ""


def test_a_cell_that_begins_a_formula_is_escaped(tmp_path: Path) -> None:
    result = a_result()
    evil = result.assignments.with_columns(reason=pl.lit("=HYPERLINK(1)"))

    written = rows(write(replace(result, assignments=evil), tmp_path / "out") / "assignments.csv")

    assert {row["reason"] for row in written} == {"'=HYPERLINK(1)"}


def test_the_same_result_is_the_same_bytes(tmp_path: Path) -> None:
    one, two = write(a_result(), tmp_path / "one"), write(a_result(), tmp_path / "two")

    for writer in WRITERS:
        assert (one / writer.file).read_bytes() == (two / writer.file).read_bytes(), writer.file


def test_what_was_written_reads_back(tmp_path: Path) -> None:
    result = a_result()

    stored = read(write(result, tmp_path / "out"))

    assert stored.measures == ("potential",)
    assert stored.summary["measures"]["potential"]["max_deviation"] == pytest.approx(0.2)
    assert_frame_equal(stored.assignments.drop("name"), result.assignments)
    assert_frame_equal(stored.territories, result.territories)
    assert_frame_equal(stored.before, result.before)


def test_figures_the_carve_did_not_state_are_worked_out(tmp_path: Path) -> None:
    stored = read(write(a_result(summary={"gap": float("nan")}), tmp_path / "out"))

    assert stored.summary["gap"] is None
    assert stored.summary["moved_share"] == pytest.approx(3 / 8)
    assert stored.summary["unassigned"] == 0
    assert stored.summary["seed"] == 1


def test_an_earlier_result_is_replaced(tmp_path: Path) -> None:
    write(a_result(), tmp_path / "out")
    stored = read(write(a_result(summary={"seed": 7}), tmp_path / "out"))

    assert stored.summary["seed"] == 7
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")

    with pytest.raises(ForeignFolder, match=r"holds notes\.txt, which is not part of a result"):
        write(a_result(), tmp_path)

    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_file_in_the_place_of_the_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")

    with pytest.raises(BadInput, match="is a file; a result needs a folder"):
        write(a_result(), tmp_path / "out")
    with pytest.raises(BadInput, match="name a folder you may write to"):
        write(a_result(), tmp_path / "out" / "below")


def test_a_folder_that_can_not_be_written_is_one_sentence() -> None:
    with pytest.raises(BadInput, match="Cannot write /proc/patchbook"):
        write(a_result(), "/proc/patchbook")


def test_an_interruption_leaves_the_earlier_result_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(a_result(), tmp_path / "out")

    def interrupted(result: object, path: Path) -> None:
        path.write_text("half")
        raise KeyboardInterrupt

    last = folder.Writer(file="report.html", holds="", write=interrupted)
    monkeypatch.setattr(folder, "WRITERS", (*folder.WRITERS[:-1], last))
    with pytest.raises(KeyboardInterrupt):
        write(a_result(summary={"seed": 7}), tmp_path / "out")

    assert read(tmp_path / "out").summary["seed"] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_result_of_before_borders_were_told_reads_back_without_them(tmp_path: Path) -> None:
    out = write(a_result(), tmp_path / "out")
    (out / "borders.parquet").unlink()

    assert read(out).borders.is_empty()


def test_a_folder_without_a_result_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"has no summary\.json"):
        read(tmp_path)


def test_a_damaged_result_is_one_sentence(tmp_path: Path) -> None:
    out = write(a_result(), tmp_path / "out")
    (out / "summary.json").write_text("{")

    with pytest.raises(BadInput, match="holds a damaged result"):
        read(out)


def test_territories_are_melted_counties_in_geojson(tmp_path: Path) -> None:
    collection = json.loads((write(a_result(), tmp_path / "out") / "territories.geojson").read_text())

    assert [feature["properties"]["territory"] for feature in collection["features"]] == ["East", "Middle", "West"]
    for feature in collection["features"]:
        assert feature["properties"]["outline"] == "counties"
        # The counties of the grid do not touch: three polygons, each closed.
        assert len(feature["geometry"]["coordinates"]) == 3
        assert all(ring[0] == ring[-1] for polygon in feature["geometry"]["coordinates"] for ring in polygon)


def test_territories_outside_the_us_are_hulls(tmp_path: Path) -> None:
    result = a_result()
    nowhere = result.areas.clear()
    wider = result.accounts.with_columns(longitude=pl.col("longitude") + pl.col("latitude") / 10)

    collection = json.loads(
        (write(replace(result, areas=nowhere, accounts=wider), tmp_path / "out") / "territories.geojson").read_text()
    )

    assert {feature["properties"]["outline"] for feature in collection["features"]} <= {"hull", "point"}
