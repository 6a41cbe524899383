"""What a change of a list moves is told before it is saved, like a change of a rule."""

from __future__ import annotations

from patchbook.plans.assign.impact import impact
from patchbook.plans.file import load
from patchbook.plans.prepare import prepare

PLAN = """\
plan: Listed
accounts: accounts.csv
lists: {{targets: {file}}}
layers:
  - rule: {{territory: Listed, where: "in_list(domain, 'targets')"}}
  - house: rest
"""


def test_another_version_of_a_list_moves_who_came_and_went(tmp_path):
    (tmp_path / "accounts.csv").write_text("account_id,name,domain\nA1,One,a.com\nA2,Two,b.com\nA3,Three,c.com\n")
    (tmp_path / "old.txt").write_text("a.com\nb.com\n")
    (tmp_path / "new.txt").write_text("b.com\nc.com\n")
    plans = []
    for name in ("old", "new"):
        (tmp_path / f"{name}.yaml").write_text(PLAN.format(file=f"{name}.txt"))
        plans.append(load(tmp_path / f"{name}.yaml"))

    found = impact(*plans, prepare(plans[0]).accounts)

    assert found.moved == 2
    assert {(one.before, one.after, one.examples) for one in found.moves} == {
        ("Listed", "House", ("A1",)),
        ("House", "Listed", ("A3",)),
    }
