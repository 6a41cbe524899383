"""An answer as files."""

from __future__ import annotations

import json

from patchbook.plans.studies.balance import BALANCE
from patchbook.plans.studies.cells import csv_of
from patchbook.plans.studies.files import write
from patchbook.plans.studies.study import Chart, Column, Found, Mark, Table

TABLE = Table(
    name="moves",
    title="Moves",
    columns=(
        Column(name="name", says="Name"),
        Column(name="off_share", says="Off", unit="share"),
        Column(name="accounts", says="Accounts", unit="count"),
        Column(name="is_met", says="Met", unit="yes_no"),
    ),
    rows=(("=1+1", 0.25, 3, True), (None, 1, None, False)),
)


def test_a_table_is_csv_with_plain_numbers_in_which_nothing_runs():
    assert csv_of(TABLE).decode().splitlines() == [
        "name,off_share,accounts,is_met", "'=1+1,0.25,3,true", ",1.0,,false",
    ]  # fmt: skip


def test_an_answer_is_a_csv_for_each_table_an_svg_for_each_chart_and_all_of_it_as_json(tmp_path):
    chart = Chart(name="bars", title="B", kind="bars", across="x", up="y", marks=(Mark(label="m", x=0.0, y=1.0),))

    written = write(BALANCE, Found(says=("So it is.",), tables=(TABLE,), charts=(chart,)), tmp_path)

    assert [path.name for path in written] == ["balance.json", "balance-moves.csv", "balance-bars.svg"]
    assert json.loads(written[0].read_text())["says"] == ["So it is."]
    assert all(path.exists() for path in written)
