"""A study's answer as files in a folder: what it says, a CSV for each table, an SVG for each chart."""

from __future__ import annotations

import json
from pathlib import Path

from patchbook.accounts.csv_out import write_whole
from patchbook.plans.studies.cells import csv_of
from patchbook.plans.studies.drawing import file_of
from patchbook.plans.studies.study import Found, Study


def write(study: Study, found: Found, folder: Path) -> tuple[Path, ...]:
    """The files written: `<study>.json` with everything, `<study>-<table>.csv`, `<study>-<chart>.svg`."""
    whole = json.dumps({"study": study.name, **found.to_dict()}, indent=1, ensure_ascii=False) + "\n"
    written = [write_whole(folder / f"{study.name}.json", whole.encode())]
    for table in found.tables:
        written.append(write_whole(folder / f"{study.name}-{table.name}.csv", csv_of(table)))
    for chart in found.charts:
        written.append(write_whole(folder / f"{study.name}-{chart.name}.svg", file_of(chart).encode()))
    return tuple(written)
