"""The pages about a plan's rules: what they show, what they change, and what they keep from whom."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from builders.counting import statements
from builders.plans import STRATEGIC, a_market
from builders.rules import RULES
from builders.web_company import NOW, principal_of
from patchbook.errors import NotFound
from patchbook.plans import actions as plans
from patchbook.plans import rule_actions
from patchbook.web.pages.rules import book, change, completion, impact, layer, problems, trial
from patchbook.web.pages.rules.proofs import PROOFS

PIA = principal_of("pia")
LOOK = {"by": PIA, "at": NOW}


@pytest.fixture
def plan(company):
    a_market(company)
    return drafted(company)


def drafted(record, document=RULES):
    files = {"strategic.csv": STRATEGIC}
    with record.writing() as tx:
        made = plans.start(tx, None, document, files=files, by=PIA, at=NOW)
    proved(record, made.plan_id)
    return made


def proved(record, plan_id):
    """The proof of a plan's rules, waited for, so that pages have it."""
    with record.reading() as tx:
        standing = rule_actions.look(tx, plan_id, **LOOK).standing
    return PROOFS.of(standing, subject=plan_id, wait_seconds=60)


def document(record, plan):
    with record.reading() as tx:
        return plans.get(tx, plan.plan_id, **LOOK).document


def loaded(record, load, plan, *args, **more):
    with record.reading() as tx:
        return load(tx, plan.plan_id, *args, **{**LOOK, **more})


def test_the_list_says_in_words_what_each_layer_takes_and_how_many(company, plan):
    page = loaded(company, book.load, plan, after=None, find="")

    assert [(row.number, row.kind, row.name, row.accounts) for row in page.rows] == [
        (1, "named", "Named", 2), (2, "rule", "Large", 7), (3, "rule", "South", 5), (4, "rule", "Texas", 0),
        (5, "house", "House", 10),
    ]  # fmt: skip
    assert page.rows[0].words == "2 accounts named in strategic.csv, for Strategic"
    assert page.rows[2].words == "State is TX, FL or GA"
    assert (page.by_rules, page.by_carves, page.by_house, page.by_nobody) == (14, 0, 10, 0)
    assert [(row.problems, row.worst) for row in page.rows][3] == (1, "error")
    assert [row.is_idle for row in page.rows] == [False, False, False, True, False]
    assert page.rows[3].is_last
    assert page.rows[4].is_first
    assert page.top.can_edit


def test_a_long_rule_book_is_paged_and_searched(company):
    a_market(company)
    rules = "".join(f"  - rule: {{territory: T{n}, where: \"name = 'C{n}'\"}}\n" for n in range(230))
    long = drafted(company, RULES.replace("  - house: rest\n", f"{rules}  - house: rest\n"))

    first = loaded(company, book.load, long, after=None, find="")
    second = loaded(company, book.load, long, after=first.next, find="")
    found = loaded(company, book.load, long, after=None, find="'C22")

    assert (len(first.rows), first.rows[-1].number, second.rows[0].number) == (100, 100, 101)
    assert [row.name for row in found.rows] == ["T22", *(f"T{n}" for n in range(220, 230))]


def test_the_list_asks_the_database_as_often_for_many_layers_as_for_few(company, plan):
    rules = "".join(f"  - rule: {{territory: T{n}, where: \"name = 'C{n}'\"}}\n" for n in range(90))
    long = drafted(company, RULES.replace("  - house: rest\n", f"{rules}  - house: rest\n"))
    for one in (plan, long):
        loaded(company, book.load, one, after=None, find="")
        with company.reading() as tx, statements(tx) as queries:
            book.load(tx, one.plan_id, after=None, find="", **LOOK)

        assert queries.number == 3, queries.statements  # the plan, its files, the newest import


def test_rules_are_moved_by_a_plain_form_and_the_page_says_what_that_did(company, plan, visitor):
    client = visitor("pia")
    sent = {"deed": "move", "layer": "4", "to": "3", "revision": "1"}
    answer = client.post(f"/plans/{plan.plan_id}/rules", data=sent)

    assert (answer.status_code, answer.headers["location"]) == (303, f"/plans/{plan.plan_id}/rules?since=1#layer-3")
    said = client.get(answer.headers["location"]).text
    assert "Done: move rule 4 (Texas) before rule 3 (South). 3 accounts would go elsewhere." in said
    assert document(company, plan).index("Texas") < document(company, plan).index("# The South is ours.")

    again = client.post(f"/plans/{plan.plan_id}/rules", data=sent)
    assert again.status_code == 409
    assert "since then pia changed the document" in again.text


def test_a_rule_is_changed_and_its_person_taken_away(company, plan, visitor):
    client = visitor("pia")
    sent = {
        "deed": "change", "layer": "3", "sets": "territory where person", "territory": "South",
        "where": "state IN ('TX', 'FL')", "person": "", "revision": "1",
    }  # fmt: skip
    assert client.post(f"/plans/{plan.plan_id}/rules", data=sent).status_code == 303

    told = document(company, plan)
    assert "state IN ('TX', 'FL')\"   # as agreed" in told
    assert "person: cy" not in told
    assert "# The South is ours." in told


def test_what_is_wrong_is_said_on_the_spot_and_nothing_is_changed(company, plan, visitor):
    client = visitor("pia")
    sent = {"deed": "change", "layer": "3", "sets": "where", "where": "stat = 'TX'", "revision": "1"}
    answer = client.post(f"/plans/{plan.plan_id}/rules", data=sent)

    assert answer.status_code == 422
    assert "did you mean &#39;state&#39;?" in answer.text
    assert document(company, plan) == RULES


def test_every_problem_has_a_witness_and_ways_whose_effect_is_shown_first(company, plan, visitor):
    page = loaded(company, problems.load, plan, severity="", all=True)
    by_kind = {(one.kind, one.rules): one for one in page.problems}
    overlap = by_kind[("overlap", (3, 2))]

    assert overlap.example.account_id is not None
    assert ("state", "FL") in [(cell.field, cell.value) for cell in overlap.example.cells]
    assert overlap.ways[0].title == "Move rule 3 (South) above rule 2 (Large)"
    client = visitor("pia")
    for problem in page.problems:
        for way in problem.ways:
            shown = client.get(way.path)
            assert shown.status_code == 200, shown.text[:500]
    shown = client.get(overlap.ways[0].path).text
    assert "3 of 24 accounts would go elsewhere." in shown
    assert document(company, plan) == RULES


def test_a_fix_does_what_was_shown(company, plan, visitor):
    page = loaded(company, problems.load, plan, severity="", all=True)
    overlap = next(one for one in page.problems if one.rules == (3, 2) and one.kind == "overlap")
    fields = {name: values[0] for name, values in parse_qs(urlsplit(overlap.ways[1].path).query).items()}
    answer = visitor("pia").post(f"/plans/{plan.plan_id}/rules", data={**fields, "revision": "1"})

    assert answer.status_code == 303, answer.text
    proved(company, plan.plan_id)
    left = loaded(company, problems.load, plan, severity="", all=True)
    assert (3, 2) not in [one.rules for one in left.problems if one.kind == "overlap"]


def test_the_editor_is_told_what_a_condition_means_and_whom_it_takes(company, plan, visitor):
    client = visitor("pia")
    path = f"/plans/{plan.plan_id}/rules"

    good = client.get(f"{path}/condition", params={"where": "state = 'TX'", "number": 3}).json()
    assert (good["words"], good["accounts"], good["takes"]) == ("State is TX", 4, 3)
    assert good["says"] == "4 accounts meet it; 3 are not taken by a layer before."
    bad = client.get(f"{path}/condition", params={"where": "revenue_usd > 5 AND stat = 'TX'"}).json()
    assert (bad["nearest"], bad["start"], bad["length"]) == ("state", 20, 4)
    values = client.get(f"{path}/values", params={"field": "state", "text": "'T"}).json()["values"]
    assert values[0] == {"value": "'TX'", "accounts": 4}
    fields = {one["name"]: one for one in client.get(f"{path}/fields").json()["fields"]}
    assert ">=" in fields["revenue_usd"]["operators"]
    assert "has(products, 'CRM')" in fields


def test_a_record_is_put_to_the_rules_part_by_part(company, plan):
    told = {"revenue_usd": "140", "state": "TX"}
    page = loaded(company, trial.load, plan, told=told)

    assert page.goes == "South"
    assert page.says[0] == "Rule 3 (South) takes it, since state is TX, FL or GA."
    nearly = next(one for one in page.verdicts if one.outcome == "nearly")
    assert (nearly.name, [part.is_true for part in nearly.parts]) == ("Large", [False])
    assert [one.name for one in page.verdicts] == ["South", "Large", "Texas"]
    wrong = loaded(company, trial.load, plan, told={"revenue_usd": "much"})
    assert wrong.inputs[0].problem == "'much' is not a number such as 500; it counts as empty."


def test_an_account_is_found_by_name_and_a_list_names_it_before_any_rule(company, plan):
    found = loaded(company, trial.load, plan, q="company 1")
    named = loaded(company, trial.load, plan, account_id="A1")
    changed = loaded(company, trial.load, plan, account_id="A5", told={"state": "FL"})

    assert "A1" in [one.account_id for one in found.found]
    assert (named.account_name, named.goes) == ("Company 1", "Strategic")
    assert changed.goes == "South"
    with pytest.raises(NotFound, match="no account 'nobody'"):
        loaded(company, trial.load, plan, account_id="nobody")


def test_the_rules_are_held_to_another_plan_and_go_out_as_csv(company, plan, visitor):
    other = drafted(company, RULES.replace("'TX', 'FL', 'GA'", "'TX', 'FL'").replace("Inside", "Other"))
    page = loaded(company, impact.load, plan, against=other.plan_id)

    assert page.sentence == "1 of 24 accounts would go elsewhere."
    assert [(one.place, one.gains, one.loses) for one in page.balances] == [("South", 1, 0), ("House", 0, 1)]
    path = f"/plans/{plan.plan_id}/rules/impact.csv?against={other.plan_id}"
    lines = visitor("pia").get(path).text.splitlines()
    assert lines[0] == "account_id,name,before,after"
    assert lines[1].endswith(",House,South")
    assert loaded(company, impact.load, plan, against="carve").sentence is None


def test_a_new_rule_starts_with_what_it_is_for(company, plan, visitor):
    page = loaded(company, layer.begin, plan, kind="rule", where="state = 'CA'", before=None)

    assert page.checked.says == "2 accounts meet it; 1 is not taken by a layer before."
    client = visitor("pia")
    sent = {"deed": "add", "kind": "rule", "territory": "Coast", "where": "state = 'CA'", "person": "", "revision": "1"}
    assert client.post(f"/plans/{plan.plan_id}/rules", data=sent).status_code == 303
    assert loaded(company, layer.load, plan, 5).title == "Rule 5 (Coast)"


@pytest.mark.parametrize(
    "path", ["", "/problems", "/test", "/impact", "/layers/3", "/layers/1", "/plans", "/new?kind=carve"]
)
def test_each_page_opens(company, plan, visitor, path):
    answer = visitor("pia").get(f"/plans/{plan.plan_id}/rules{path}")

    assert answer.status_code == 200, answer.text[:2000]
    assert "style=" not in answer.text


def test_hostile_names_stand_as_text(company, visitor):
    a_market(company)
    evil = "<img src=x onerror=alert(1)>"
    plan = drafted(company, RULES.replace("Texas", f'"{evil}"').replace("state = 'TX'", f"state = '{evil}'"))
    client = visitor("pia")
    for path in ("", "/problems", "/layers/4", "/test?is.state=" + evil, "/change?deed=remove&layer=4"):
        answer = client.get(f"/plans/{plan.plan_id}/rules{path}")
        assert answer.status_code == 200, answer.text[:1000]
        assert "<img" not in answer.text


def test_others_look_and_do_not_touch(company, plan, visitor):
    with company.writing() as tx:
        plans.invite(tx, plan.plan_id, ["nora", "vera"], **LOOK)
    path = f"/plans/{plan.plan_id}/rules"
    for who in ("nora", "vera"):
        client = visitor(who)
        shown = client.get(path)
        assert shown.status_code == 200
        assert '<form method="post" action="/plans' not in shown.text
        assert client.post(path, data={"deed": "remove", "layer": "4", "revision": "1"}).status_code == 403
        assert "read only" in shown.text
    assert visitor("boss").get(path).status_code == 404
    assert visitor("ron").get(path).status_code == 403


def test_a_manager_sees_no_account_of_somebody_else_in_a_witness(company, plan):
    with company.writing() as tx:
        plans.invite(tx, plan.plan_id, ["nora"], **LOOK)
    nora = {"by": principal_of("nora")}
    page = loaded(company, problems.load, plan, severity="", all=True, **nora)
    real = [one.example for one in page.problems if one.example is not None and one.accounts]

    assert real
    assert all(one.is_hidden for one in real)
    assert loaded(company, trial.load, plan, q="company", **nora).found == ()
    with pytest.raises(NotFound):
        loaded(company, trial.load, plan, account_id="A1", **nora)
    with company.reading() as tx:
        standing = rule_actions.look(tx, plan.plan_id, at=NOW, **nora).standing
    assert completion.values_of(standing, "state", "", may_see=["A4"]) == [("'TX'", 1)]


def test_the_menu_leads_to_a_plan_or_says_how_to_start_one(company, visitor):
    client = visitor("pia")
    assert "Start a plan" in client.get("/rules").text
    a_market(company)
    plan = drafted(company)

    assert client.get("/rules").headers["location"] == f"/plans/{plan.plan_id}/rules"


def test_a_published_plan_is_read_only_and_a_change_of_it_is_refused(company, plan, visitor):
    with company.writing() as tx:
        plans.withdraw(tx, plan.plan_id, revision=1, **LOOK)
    client = visitor("pia")
    shown = client.get(f"/plans/{plan.plan_id}/rules").text

    assert "rule-list" not in shown
    assert (
        client.post(f"/plans/{plan.plan_id}/rules", data={"deed": "remove", "layer": "4", "revision": "2"}).status_code
        == 409
    )


def test_a_condition_that_cannot_be_asked_is_marked_and_the_rest_still_counts(company):
    a_market(company)
    broken = RULES.replace("state = 'TX'\"", "sate = 'TX'\"")
    with company.writing() as tx:
        plan = plans.start(tx, None, broken, files={"strategic.csv": STRATEGIC}, **LOOK)
    page = loaded(company, book.load, plan, after=None, find="")

    assert "did you mean 'state'?" in page.rows[3].fault
    assert page.rows[2].accounts == 5
    assert page.top.fault.startswith("1 condition cannot be asked, first that of rule 4")


def test_a_change_in_an_address_is_read_back_as_it_was():
    for one in (
        change.MoveLayer(layer=4, to=3),
        change.RemoveLayer(layer=2),
        change.ChangeLayer(layer=3, settings={"where": "a = 1 & b"}),
    ):
        query = parse_qs(urlsplit(change.preview_path("p/1", one)).query)
        told = {name: values[0] for name, values in query.items()}
        numbers = {name: int(told[name]) if name in told else None for name in ("layer", "to", "before")}
        words = {name: told.get(name) for name in ("territory", "name", "where", "person")}
        read = change.Told(deed=told["deed"], kind=told.get("kind", ""), sets=told.get("sets", ""), **numbers, **words)
        assert read.change() == one
    assert re.match(
        r"/plans/p%2F1/rules/new\?",
        change.preview_path("p/1", change.AddLayer(kind="rule", settings={"where": "a = 1"})),
    )
