"""The workbench in a real browser: by keyboard, two people on one draft, a connection that is lost, a carve."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from sqlalchemy import insert

from builders.plans import ADA, MONDAY, TUESDAY, a_carved_plan, a_market
from builders.serving import served
from patchbook.access.store import role_held
from patchbook.db.record import Record
from patchbook.plans import actions as plans
from patchbook.plans import store
from patchbook.plans.life import RecordedPlan

TO = "Strategic"


@pytest.fixture
def bench(sqlite_record: Record) -> Iterator[tuple[str, Record, RecordedPlan]]:
    a_market(sqlite_record)
    with sqlite_record.writing() as tx:
        common = {"role": "planner", "source": "", "by": "system", "at": MONDAY}
        rows = [{"held_id": f"role-{who}", "person_id": who, **common} for who in ("ada", "pia")]
        tx.execute(insert(role_held), rows)
    plan = a_carved_plan(sqlite_record)
    with served(sqlite_record, TUESDAY) as url:
        yield url, sqlite_record, plan


def where(record: Record, plan: RecordedPlan) -> dict[str, str]:
    with record.reading() as tx:
        state = plans.state(tx, plan.plan_id, by=ADA, at=TUESDAY)
    return dict(state.assignments.select("account_id", "territory").iter_rows())


def revision(record: Record, plan: RecordedPlan) -> int:
    with record.reading() as tx:
        return store.get(tx, plan.plan_id).revision


def opened(visit, bench, who, **how):
    url, record, plan = bench
    page = visit(url, record, who, at=TUESDAY, **how).go(f"/plans/{plan.plan_id}")
    page.locator("plan-workbench[data-following=yes]").wait_for()
    return page


def aim(page, to=TO):
    """The panel with what moving the chosen accounts to a territory would do."""
    page.keyboard.press("m")
    page.keyboard.type(to)
    effect = page.locator("#wb-effect form")
    effect.wait_for()
    return effect


def overrule(effect):
    """A reason, where the small market's guardrails want one."""
    if effect.locator("[name=overrule]").count():
        effect.locator("[name=overrule]").fill("for the test")


def test_accounts_are_chosen_moved_and_taken_back_by_keyboard(visit, bench):
    _, record, plan = bench
    before = where(record, plan)
    page = opened(visit, bench, "ada")
    page.locator("#wb-rows input[value=A10]").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator("#wb-count")).to_have_text("2 chosen")

    effect = aim(page)
    assert "Moves 2 accounts" in effect.inner_text()
    assert where(record, plan) == before
    overrule(effect)
    effect.get_by_role("button", name="Move").press("Enter")

    expect(page.locator("#wb-said")).to_have_text(f"2 accounts moved to {TO}.")
    expect(page.locator("tr[data-account=A10] .where")).to_contain_text(TO)
    moved = {one for one, territory in where(record, plan).items() if before[one] != territory}
    assert moved == {"A10", "A11"}

    page.keyboard.press("Control+z")
    expect(page.locator("#wb-said")).to_have_text("Taken back.")
    expect(page.locator("tr[data-account=A10] .where")).to_contain_text(before["A10"])
    assert where(record, plan) == before


def test_two_people_on_one_draft_see_each_others_moves_and_lose_none(visit, bench):
    _, record, plan = bench
    ada, pia = opened(visit, bench, "ada"), opened(visit, bench, "pia")
    pia.locator("#wb-rows input[value=A20]").check()
    waiting = aim(pia)
    overrule(waiting)
    ada.locator("#wb-rows input[value=A10]").check()
    effect = aim(ada)
    overrule(effect)
    effect.get_by_role("button", name="Move").click()

    expect(pia.locator("#wb-said")).to_have_text(f"Ada Plan moved A10 to '{TO}'.", timeout=5_000)
    expect(pia.locator("tr[data-account=A10] .where")).to_contain_text(TO)

    # Pia had thought hers over meanwhile: what she typed is still there, and it is made on what is there now.
    waiting = pia.locator("#wb-effect form")
    overrule(waiting)
    waiting.get_by_role("button", name="Move").click()
    expect(ada.locator("#wb-said")).to_have_text(f"Pia Plan moved A20 to '{TO}'.", timeout=5_000)
    assert {where(record, plan)[one] for one in ("A10", "A20")} == {TO}
    assert revision(record, plan) == plan.revision + 2


def test_a_move_whose_answer_is_lost_is_pressed_again_and_made_once(visit, bench):
    _, record, plan = bench
    page = opened(visit, bench, "ada", allow=("Failed to load resource",))
    page.locator("#wb-rows input[value=A10]").check()
    effect = aim(page)
    overrule(effect)

    def lost(route):
        route.fetch()
        route.abort()

    page.route("**/moves", lost, times=1)
    effect.get_by_role("button", name="Move").click()
    expect(effect.get_by_role("alert")).to_contain_text("No connection")
    effect.get_by_role("button", name="Move").click()

    expect(page.locator("#wb-said")).to_contain_text("moved to Strategic")
    assert revision(record, plan) == plan.revision + 1


def test_a_carve_is_looked_at_beside_the_draft_before_it_is_taken(visit, bench):
    _, record, plan = bench
    page = opened(visit, bench, "ada")
    page.get_by_role("link", name="Carve…").click()
    dialog = page.get_by_role("dialog", name="Carve")
    dialog.get_by_label("Seed").fill("7")
    dialog.get_by_role("button", name="Carve", exact=True).click()

    dialog.get_by_role("heading", name="The result beside what is there").wait_for(timeout=60_000)
    assert dialog.get_by_role("row", name="Change owner").is_visible()
    with record.reading() as tx:
        now = store.get(tx, plan.plan_id)
    assert (now.result_id, now.seed) == (plan.result_id, 7)
    assert "seed: 7" in now.document
    dialog.get_by_role("button", name="Take it").click()
    expect(page.get_by_role("status").filter(has_text="The carve is the draft now")).to_be_visible()
    with record.reading() as tx:
        assert store.get(tx, plan.plan_id).result_id != plan.result_id


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_a_territory_is_split_by_keyboard_and_taken_back(visit, bench, width, scheme):
    url, record, plan = bench
    visitor = visit(url, record, "ada", at=TUESDAY, width=width, scheme=scheme)
    page = visitor.go(f"/plans/{plan.plan_id}")
    page.locator("plan-workbench[data-following=yes]").wait_for()
    if width < 1000:
        page.get_by_role("tab", name="Territories").click()
    before = where(record, plan)
    whole = before["A10"]

    page.get_by_role("button", name=f"Change {whole}").press("Enter")
    page.get_by_label("Split it into so many equal parts").press("Enter")
    dialog = page.get_by_role("dialog", name="Split")
    dialog.get_by_role("heading", name=f"{whole} in 2").wait_for(timeout=60_000)
    expect(dialog.locator(":focus")).to_have_count(1)  # what is read or typed next is of the split
    assert where(record, plan) == before
    assert visitor.faults() == []
    assert visitor.overflow() <= 0
    dialog.get_by_label("Why").fill("One is hired")
    dialog.get_by_role("button", name="Split it").press("Enter")
    expect(page.get_by_role("status").filter(has_text=f"{whole} is split in 2")).to_be_visible()
    assert set(where(record, plan).values()) - set(before.values()) == {f"{whole} 2"}
    page.locator("plan-workbench[data-following=yes]").wait_for()
    page.keyboard.press("Control+z")
    expect(page.locator("#wb-said")).to_contain_text("Taken back")
    assert where(record, plan) == before
    page.close()  # it would go on asking after the server has ended


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_it_fits_and_has_no_serious_fault(visit, bench, width, scheme):
    url, record, plan = bench
    visitor = visit(url, record, "ada", at=TUESDAY, width=width, scheme=scheme)
    page = visitor.go(f"/plans/{plan.plan_id}")
    page.locator("plan-workbench[data-following=yes]").wait_for()
    if width < 1000:
        page.get_by_role("tab", name="Accounts").click()
    page.locator("#wb-rows input[value=A10]").check()
    page.locator("#wb-bar [data-do=move]").click()
    page.keyboard.type(TO)
    page.locator("#wb-effect form").wait_for()

    assert visitor.faults() == []
    assert visitor.overflow() <= 0
