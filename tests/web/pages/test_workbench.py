"""The workbench as data, and every way to change a draft from it, without a browser."""

from __future__ import annotations

import re
from dataclasses import replace

import polars as pl
import pytest

from builders.counting import statements
from builders.demo_workspace import DEMO_NOW
from patchbook import access
from patchbook.db import settings
from patchbook.plans import actions as plans
from patchbook.plans import store
from patchbook.plans.edits import Lock, Move
from patchbook.web.app import answer_from
from patchbook.web.jobs import JobStatus
from patchbook.web.pages.workbench import carve_form, carving
from patchbook.web.pages.workbench import table as tables
from patchbook.web.pages.workbench.choosing import found_in
from patchbook.web.pages.workbench.looking import Right, load
from patchbook.web.pages.workbench.segments import grid
from patchbook.web.pages.workbench.table import Asked
from patchbook.web.planned import planned
from patchbook.words import counted

FORM = {"Patchbook-Form": "1", "Accept": "application/json, application/problem+json"}
PART = {"HX-Request": "true"}


@pytest.fixture
def record(demo_record):
    return demo_record


@pytest.fixture
def app(_made_app, record, clock):
    clock.at = DEMO_NOW
    answer_from(_made_app, record, clock)
    yield _made_app
    _made_app.state.jobs.close()


def who(record, person_id):
    with record.reading() as tx:
        return access.principal(tx, person_id, at=DEMO_NOW)


def plan_called(record, name):
    with record.reading() as tx:
        (found,) = [one for one in store.with_status(tx, *store.Status) if one.name == name]
    return found


@pytest.fixture
def draft(record):
    return plan_called(record, "Field 2027, lighter Boston")


@pytest.fixture
def people(demo_workspace):
    return demo_workspace.people


def shown(record, plan, person_id, **asked):
    with record.reading() as tx:
        return load(tx, plan.plan_id, Asked(**asked), by=who(record, person_id), at=DEMO_NOW)


def standing(record, plan, person_id="R01"):
    with record.reading() as tx:
        return planned(tx, plan.plan_id, by=who(record, person_id), at=DEMO_NOW)


def where(record, plan):
    return dict(standing(record, plan).state.assignments.select("account_id", "territory").iter_rows())


def test_it_shows_the_plan_as_territories_accounts_and_figures(record, draft, people):
    page = shown(record, draft, people["planner"])
    leaves = [node for node in page.nodes if node.is_territory]

    assert page.right is Right.EDIT
    assert sum(node.accounts for node in leaves) == page.table.of == page.table.total
    assert page.nodes[0].depth == 1
    assert {node.name for node in page.nodes if not node.is_territory} >= {"Field"}
    group = next(node for node in page.nodes if node.name == "Field")
    below = [node for node in leaves if node.depth == group.depth + 1 and node.name.startswith("Field")]
    assert group.accounts == sum(node.accounts for node in below)
    assert page.map is not None
    assert page.grid is None
    assert [figure.name for figure in page.figures][:2] == ["Accounts", "Territories"]
    assert len(page.table.rows) == tables.ROWS


def test_accounts_are_searched_filtered_sorted_and_paged(record, draft, people):
    def ids(**asked):
        return [row.account_id for row in shown(record, draft, people["planner"], **asked).table.rows]

    assert ids() == sorted(ids())
    assert ids(page=2)[0] > ids()[-1]
    assert ids(page=10_000) == ids(page=shown(record, draft, people["planner"]).table.pages)
    by_potential = shown(record, draft, people["planner"], sort="measure_potential", down=True).table.rows
    amounts = [row.measures[0] for row in by_potential]
    assert amounts == sorted(amounts, reverse=True)
    name = shown(record, draft, people["planner"]).names[3]
    inside = shown(record, draft, people["planner"], territories=(name,)).table
    assert {row.territory for row in inside.rows} == {name}
    wanted = by_potential[0]
    assert wanted.account_id in ids(search=wanted.name.upper()[:8])
    assert ids(search="no such account") == []
    locked = shown(record, draft, people["planner"], only="locked").table.rows
    assert locked
    assert all(row.is_locked for row in locked)


def test_the_page_takes_a_fixed_number_of_queries(record, draft, people):
    shown(record, draft, people["planner"])
    by = who(record, people["planner"])
    with record.reading() as tx, statements(tx) as counted_ones:
        load(tx, draft.plan_id, Asked(), by=by, at=DEMO_NOW)

    assert counted_ones.number == 7


def test_a_move_of_many_takes_a_fixed_number_of_queries(record, draft, people):
    rows = standing(record, draft).state.assignments
    target = rows["territory"][0]
    by = who(record, people["planner"])

    def move(accounts):
        with record.writing() as tx, statements(tx) as counted_ones:
            edit = Move(accounts=tuple(accounts), to=target)
            plans.edit(tx, draft.plan_id, edit, revision=None, overrule="for the test", by=by, at=DEMO_NOW)
            return counted_ones.number

    move(rows["account_id"][5:6])
    assert move(rows["account_id"][10:12]) == move(rows["account_id"][20:420]) == 13


@pytest.mark.parametrize(
    ("role", "right"),
    [("planner", Right.EDIT), ("admin", Right.EDIT), ("viewer", Right.LOOK), ("finance", Right.LOOK)],
)
def test_who_may_do_what_with_a_plan_that_holds_or_is_a_draft(record, draft, people, role, right):
    active = plan_called(record, "Field 2027")
    assert shown(record, active, people[role]).right is Right.LOOK
    if role in ("planner", "admin"):
        assert shown(record, draft, people[role]).right is right


def invited(record, draft, people):
    with record.writing() as tx:
        plans.invite(tx, draft.plan_id, [people["manager"]], by=who(record, people["planner"]), at=DEMO_NOW)


def test_a_manager_who_is_invited_proposes_in_their_own_subtree(record, draft, people, visitor):
    invited(record, draft, people)
    page = shown(record, draft, people["manager"])
    mine = [node.name for node in page.nodes if node.is_territory and node.is_mine]
    foreign = [node.name for node in page.nodes if node.is_territory and not node.is_mine]
    assert page.right is Right.PROPOSE
    assert len(mine) >= 2
    assert foreign
    before = where(record, draft)
    account = next(one for one, territory in before.items() if territory == mine[0])

    answer = visitor(people["manager"]).post(
        f"/plans/{draft.plan_id}/moves", data={"accounts": account, "to": mine[1], "why": "Nearer"}, headers=FORM
    )

    assert answer.status_code == 200, answer.text
    assert answer.json()["proposal"].startswith("proposal-")
    assert where(record, draft) == before


def test_a_manager_who_may_commit_moves_inside_their_own_territories(record, draft, people, visitor):
    invited(record, draft, people)
    with record.writing() as tx:
        settings.change(tx, "managers_commit", 1)
    page = shown(record, draft, people["manager"])
    assert page.right is Right.COMMIT


def test_the_effect_is_shown_before_anything_moves(record, draft, people, visitor):
    before = where(record, draft)
    to = "Field 10 Charlotte"
    accounts = [one for one, territory in before.items() if territory == "Field 01 Boston"][:3]
    client = visitor(people["planner"])

    answer = client.post(
        f"/plans/{draft.plan_id}/effect", data={"accounts": "\n".join(accounts), "to": to}, headers=PART
    )

    assert answer.status_code == 200
    assert "Moves 3 accounts" in answer.text
    assert "<html" not in answer.text
    assert where(record, draft) == before
    alone = client.post(f"/plans/{draft.plan_id}/effect", data={"account": accounts, "to": to})
    assert "<html" in alone.text
    assert "Moves 3 accounts" in alone.text


def test_a_move_is_made_and_taken_back_and_made_again(record, draft, people, visitor):
    before = where(record, draft)
    client = visitor(people["planner"])
    account = next(one for one, territory in before.items() if territory == "Field 10 Charlotte")
    data = {"accounts": account, "to": "Field 11 Atlanta", "revision": draft.revision, "overrule": "for the test"}

    moved = client.post(f"/plans/{draft.plan_id}/moves", data=data, headers=FORM)
    after = where(record, draft)
    assert moved.json() == {"revision": draft.revision + 1, "said": "1 account moved to Field 11 Atlanta."}
    assert after == {**before, account: "Field 11 Atlanta"}
    assert "moved" in shown(record, draft, people["planner"]).undo

    assert client.post(f"/plans/{draft.plan_id}/undo", data={}, headers=FORM).status_code == 200
    assert where(record, draft) == before
    assert "moved" in shown(record, draft, people["planner"]).redo
    assert client.post(f"/plans/{draft.plan_id}/redo", data={}, headers=FORM).status_code == 200
    assert where(record, draft) == after


def test_a_stale_move_is_refused_and_says_who_was_quicker(record, draft, people, visitor):
    account, other = list(where(record, draft))[:2]
    data = {"accounts": account, "to": "Field 11 Atlanta", "revision": draft.revision, "overrule": "for the test"}
    assert visitor(people["admin"]).post(f"/plans/{draft.plan_id}/moves", data=data, headers=FORM).status_code == 200

    stale = visitor(people["planner"]).post(
        f"/plans/{draft.plan_id}/moves", data={**data, "accounts": other}, headers=FORM
    )

    assert stale.status_code == 409
    assert f"{people['admin']} moved {account} to 'Field 11 Atlanta'" in stale.json()["detail"]


def test_a_move_sent_twice_after_a_lost_connection_is_made_once(record, draft, people, visitor):
    account = next(iter(where(record, draft)))
    data = {"accounts": account, "to": "Field 11 Atlanta", "revision": draft.revision, "overrule": "for the test"}
    client = visitor(people["planner"])
    headers = {**FORM, "Idempotency-Key": "press-1"}

    first = client.post(f"/plans/{draft.plan_id}/moves", data=data, headers=headers)
    again = client.post(f"/plans/{draft.plan_id}/moves", data=data, headers=headers)

    assert first.json() == again.json()
    with record.reading() as tx:
        assert store.get(tx, draft.plan_id).revision == draft.revision + 1


def test_a_guardrail_is_told_and_gone_past_with_a_reason(record, draft, people, visitor):
    client = visitor(people["planner"])
    account = next(one for one, territory in where(record, draft).items() if territory == "Field 10 Charlotte")
    with record.writing() as tx:
        plans.edit(
            tx, draft.plan_id, Lock(accounts=(account,)), revision=None, by=who(record, people["planner"]), at=DEMO_NOW
        )
    data = {"accounts": account, "to": "Field 11 Atlanta"}

    effect = client.post(f"/plans/{draft.plan_id}/effect", data=data, headers=PART)
    refused = client.post(f"/plans/{draft.plan_id}/moves", data=data, headers=FORM)
    made = client.post(f"/plans/{draft.plan_id}/moves", data={**data, "overrule": "The customer asked"}, headers=FORM)

    assert "locked to Field 10 Charlotte" in effect.text
    assert 'name="overrule"' in effect.text
    assert refused.status_code == 409
    assert "A planner may overrule this with a reason" in refused.json()["detail"]
    assert made.status_code == 200
    assert where(record, draft)[account] == "Field 11 Atlanta"


@pytest.mark.parametrize(
    ("data", "gone", "come"),
    [
        ({"kind": "rename", "territory": "Field 10 Charlotte", "to": "South"}, "Field 10 Charlotte", "South"),
        ({"kind": "add", "territory": "New ground", "layer": "Field"}, None, "New ground"),
        (
            {"kind": "merge", "territories": "Field 10 Charlotte", "into": "Field 11 Atlanta"},
            "Field 10 Charlotte",
            None,
        ),
        ({"kind": "remove", "territory": "Field 10 Charlotte", "to": "Field 11 Atlanta"}, "Field 10 Charlotte", None),
        ({"kind": "vacant", "territory": "Field 10 Charlotte"}, None, None),
    ],
)
def test_territories_are_changed(record, draft, people, visitor, data, gone, come):
    client = visitor(people["planner"])

    answer = client.post(f"/plans/{draft.plan_id}/changes", data={**data, "overrule": "for the test"}, headers=FORM)

    assert answer.status_code == 200, answer.text
    names = standing(record, draft).names
    assert gone not in names
    assert come is None or come in names


def test_a_territory_is_split_off_with_the_accounts_chosen_or_not_at_all(record, draft, people, visitor):
    client = visitor(people["planner"])
    accounts = [one for one, territory in where(record, draft).items() if territory == "Field 10 Charlotte"][:4]
    data = {"kind": "split", "to": "Half of Charlotte", "layer": "Field", "accounts": "\n".join(accounts)}

    refused = client.post(f"/plans/{draft.plan_id}/changes", data={**data, "accounts": ""}, headers=FORM)
    assert refused.status_code == 422
    assert "Half of Charlotte" not in standing(record, draft).names
    made = client.post(f"/plans/{draft.plan_id}/changes", data={**data, "overrule": "for the test"}, headers=FORM)

    assert made.json()["said"] == f"Half of Charlotte holds {counted(4, 'account')} now."
    assert {where(record, draft)[one] for one in accounts} == {"Half of Charlotte"}


def test_a_pasted_list_is_found_by_id_name_and_domain_and_says_what_is_not(record, draft, people):
    now = standing(record, draft)
    first, second = now.state.assignments.row(0, named=True), now.state.assignments.row(1, named=True)
    text = f"{first['account_id']}\n{second['name'].upper()}\t42\nNo Such Company\n\n{first['account_id']}\n"
    with record.reading() as tx:
        found = found_in(tx, now, text)

    assert found.ids == (first["account_id"], second["account_id"])
    assert found.missing == ("No Such Company",)
    assert found.says == "2 found, 1 not found."


def test_a_plan_without_places_is_a_grid_of_segments_and_territories(record, people):
    plan = plan_called(record, "Segments 2027")
    now = standing(record, plan)
    with record.reading() as tx:
        page = load(tx, plan.plan_id, Asked(), view="grid", by=who(record, people["planner"]), at=DEMO_NOW)
        by = page.grid.field
        shown_grid = grid(tx, now, by)

    cells = sum(cell.accounts for line in shown_grid.lines for cell in line.cells)
    assert page.map is None
    assert shown_grid.hidden_segments == 0
    assert cells == now.state.assignments["territory"].is_not_null().sum()
    first = shown_grid.lines[0]
    cell = max(first.cells, key=lambda one: one.accounts)
    with record.reading() as tx:
        inside = load(
            tx, plan.plan_id, Asked(territories=(first.name,), segment=cell.segment), field=by,
            by=who(record, people["planner"]), at=DEMO_NOW,
        )  # fmt: skip
    assert inside.table.total == cell.accounts


def test_choosing_all_gives_every_id_as_asked(record, draft, people, visitor):
    answer = visitor(people["planner"]).get(
        f"/plans/{draft.plan_id}/account-ids", params={"territory": "Field 10 Charlotte"}
    )

    expected = {one for one, territory in where(record, draft).items() if territory == "Field 10 Charlotte"}
    assert set(answer.json()["ids"]) == expected


def test_a_plan_that_is_not_a_draft_is_read_and_says_why(record, people, visitor):
    for name, told in (("Field 2027", "make a scenario of it"), ("Inside 2027", "It is in review")):
        plan = plan_called(record, name)
        page = visitor(people["planner"]).get(f"/plans/{plan.plan_id}")
        assert page.status_code == 200
        assert told in page.text
        assert 'name="account"' not in page.text


def test_a_plan_that_is_not_carved_offers_to_carve_it(record, draft, people, visitor):
    with record.writing() as tx:
        bare = store.add(
            tx, replace(draft, plan_id="plan-bare", result_id=None, revision=1, scenario_of=None), what="started it"
        )
    page = visitor(people["planner"]).get(f"/plans/{bare.plan_id}")

    assert page.status_code == 200
    assert "no territories yet" in page.text
    assert f'href="/plans/{bare.plan_id}/carve"' in page.text


def test_hostile_names_are_text(record, draft, people, visitor):
    client = visitor(people["planner"])
    name = "<img src=x onerror=alert(1)>"
    data = {"kind": "rename", "territory": "Field 10 Charlotte", "to": name}
    assert client.post(f"/plans/{draft.plan_id}/changes", data=data, headers=FORM).status_code == 200

    page = client.get(f"/plans/{draft.plan_id}").text

    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_the_page_weighs_little(record, draft, people, visitor):
    import gzip

    from patchbook.web.static_files import ROOT

    page = visitor(people["planner"]).get(f"/plans/{draft.plan_id}").text
    named = set(re.findall(r'/static/[0-9a-f]+/([^"]+)', page))
    scripts = {
        path.relative_to(ROOT).as_posix()
        for folder in ("js/workbench", "js/map")
        for path in (ROOT / folder).glob("*.js")
    }
    scripts |= {f"js/{name}.js" for name in ("local-format", "safe-form")}
    own = [name for name in named | scripts if not name.startswith("vendor/maplibre-gl")]
    weight = len(gzip.compress(page.encode())) + sum(len(gzip.compress((ROOT / name).read_bytes())) for name in own)

    assert weight <= 200_000


def test_the_owners_of_a_map_are_in_the_order_of_ids(record, draft):
    now = standing(record, draft)
    in_order = now.state.assignments.sort("account_id")

    told = pl.Series(in_order["territory"].to_list())
    assert [now.names[index] for index in now.in_order.tolist()] == told.to_list()


def a_trial(app, record, plan, by):
    """A carve of the plan that ran and waits to be taken."""
    job = app.state.jobs.add(carving.BESIDE.kind, plan.plan_id, by=by.person_id, at=DEMO_NOW)
    carving.try_carve(record, plan.plan_id, job, fresh=False, by=by, clock=lambda: DEMO_NOW)
    job.status = JobStatus.DONE
    return job


def asked_of(page, form):
    return carve_form.settings_of(page.plan, page.document, page.layers, form)


def test_a_form_that_says_what_the_document_says_changes_no_setting(app, record, draft, people):
    with record.reading() as tx:
        by = who(record, people["planner"])
        page = carving.load(tx, draft.plan_id, app.state.jobs, by=by, at=DEMO_NOW)
    (one,) = page.layers
    layer, name = one.layer, f"layer.{one.number}."
    form = {f"tolerance.{measure.name}": f"{measure.tolerance * 100:g}" for measure in page.document.measures}
    form |= {f"{name}there": "yes", f"{name}seats": one.seats, f"{name}vacant": str(layer.vacant)}
    form |= {f"{name}contiguous": layer.contiguous or "", "seconds": f"{draft.seconds:g}", "seed": str(draft.seed)}
    form |= {f"{name}balance.{measure.name}": "yes" for measure in page.document.measures}
    ticks = {"compact": layer.compact, "families": layer.keep.families, "owners": layer.keep.owners == "prefer"}
    form |= {f"{name}{tick}": "yes" for tick, on in ticks.items() if on}
    if layer.keep.moved_at_most is not None:
        form[f"{name}moved_at_most"] = f"{layer.keep.moved_at_most * 100:g}"

    assert asked_of(page, form) == {}
    other = {**form, "tolerance.potential": "3,5", f"{name}seats": "25", "seed": "8"}
    assert asked_of(page, other) == {
        ("measures", "potential", "tolerance"): "3.5%",
        ("layers", one.number, "carve", "seats"): 25,
        ("seed",): 8,
    }
    with pytest.raises(carve_form.BadSetting, match="'lots' is no number"):
        asked_of(page, {**form, "tolerance.potential": "lots"})
    place = ("layers", one.number, "carve", "similar")
    assert asked_of(page, {**form, f"{name}similar": "industry, "}) == {place: ["industry"]}
    assert asked_of(page, {**form, f"{name}similar": "industry = 2, employees"}) == {
        place: {"industry": 2, "employees": 1}
    }
    alike = replace(one, layer=replace(layer, similar={"industry": 2.0, "employees": 1.0}))
    assert alike.similar == "industry = 2, employees"
    assert asked_of(replace(page, layers=(alike,)), form) == {place: None}


def test_a_carve_waits_beside_the_plan_until_it_is_taken(app, record, draft, people, visitor):
    job = a_trial(app, record, draft, who(record, people["planner"]))
    client = visitor(people["planner"])
    base = f"/plans/{draft.plan_id}/carve"
    with record.reading() as tx:
        assert store.get(tx, draft.plan_id) == draft
    shown_page = client.get(base)

    assert "The result beside what is there" in shown_page.text
    assert "Change owner" in shown_page.text
    taken = client.post(f"{base}/{job.job_id}/take", headers=FORM)
    assert taken.json() == {"location": f"/plans/{draft.plan_id}"}
    again = client.post(f"{base}/{job.job_id}/take", headers=FORM)
    assert again.status_code == 404
    with record.reading() as tx:
        assert store.get(tx, draft.plan_id).revision == draft.revision + 1


def test_a_carve_is_left_or_refused_where_the_plan_was_edited_meanwhile(app, record, draft, people, visitor):
    by = who(record, people["planner"])
    client = visitor(people["planner"])
    base = f"/plans/{draft.plan_id}/carve"
    job = a_trial(app, record, draft, by)
    assert client.post(f"{base}/{job.job_id}/drop", headers=FORM).status_code == 200
    assert job.outcome is None
    job = a_trial(app, record, draft, by)
    account = next(iter(where(record, draft)))
    with record.writing() as tx:
        plans.edit(tx, draft.plan_id, Lock(accounts=(account,)), revision=None, by=by, at=DEMO_NOW)

    refused = client.post(f"{base}/{job.job_id}/take", headers=FORM)

    assert refused.status_code == 409
    assert "locked 1 account" in refused.json()["detail"]
    assert where(record, draft)[account] is not None
