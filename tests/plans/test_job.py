"""A carve in three steps, pinned so that it repeats, and what it keeps of the one before."""

from __future__ import annotations

import hashlib

import polars as pl
import pytest

from builders.plans import (
    ADA,
    DOCUMENT,
    MONDAY,
    ROOT,
    TUESDAY,
    a_carved_plan,
    a_draft,
    a_market,
    some_accounts,
    some_people,
)
from patchbook.db import Record
from patchbook.errors import BadInput
from patchbook.imports import actions as imports
from patchbook.imports.imported import NoImport
from patchbook.imports.snapshots import SnapshotMissing
from patchbook.ledger.lay import lay
from patchbook.ledger.tables import assignment, staffing
from patchbook.people.principal import system
from patchbook.period import instant
from patchbook.plans import actions as plans
from patchbook.plans import results, store
from patchbook.plans.edits import Lock, Move, Rename
from patchbook.plans.job import ErasedPerson
from patchbook.plans.problems import BadPlanFile
from patchbook.territories.store import place, seat, territory


@pytest.fixture
def market(record):
    a_market(record)
    return record


def bytes_of(record: Record, result_id: str) -> dict[str, str]:
    """The digest of every file of a result."""
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in results.files_of(record.folder, result_id)
    }


def state_of(record, plan_id):
    with record.reading() as tx:
        return plans.state(tx, plan_id, by=ADA, at=TUESDAY)


def edited(record, plan, *edits):
    for one in edits:
        with record.writing() as tx:
            plan = plans.edit(tx, plan.plan_id, one, revision=None, overrule="test", by=ADA, at=TUESDAY)
    return plan


def test_carving_again_from_the_pins_gives_the_same_bytes_whatever_changed_since(market):
    first = a_carved_plan(market)
    before = bytes_of(market, first.result_id)
    with market.writing() as tx:  # other accounts, other people, other owners
        imports.accounts(tx, some_accounts(20, segment="New"), name="newer.csv", by=system(), at=TUESDAY)
        changed = some_people().replace(b"Rep,mia,Boston,MA", b"Rep,mia,Miami,FL")
        assert changed != some_people()
        imports.people(tx, changed, name="people.csv", by=system(), at=TUESDAY)
    for file in results.files_of(market.folder, first.result_id):
        file.unlink()
    results.read.cache_clear()

    again = plans.carve_now(market, first.plan_id, by=ADA, clock=lambda: TUESDAY).plan

    assert again.result_id == first.result_id
    assert bytes_of(market, again.result_id) == before
    assert (again.snapshot_id, again.people_id, again.owners_at) == (
        first.snapshot_id, first.people_id, first.owners_at,
    )  # fmt: skip


def test_a_fresh_carve_takes_what_is_newest(market):
    first = a_carved_plan(market)
    with market.writing() as tx:
        imports.accounts(tx, some_accounts(20), name="newer.csv", by=system(), at=TUESDAY)

    fresh = plans.carve_now(market, first.plan_id, fresh=True, by=ADA, clock=lambda: TUESDAY).plan

    assert fresh.snapshot_id != first.snapshot_id
    assert state_of(market, fresh.plan_id).assignments.height == 20


def test_another_seed_is_pinned_in_its_turn(market):
    plan = a_draft(market)

    kept = plans.carve_now(market, plan.plan_id, seed=7, seconds=15, by=ADA, clock=lambda: MONDAY).plan

    assert (kept.seed, kept.seconds) == (7, 15.0)
    for seed, seconds in ((-1, 10), (1, 0), (1, 1e9), (1, float("nan"))):
        with market.reading() as tx, pytest.raises(BadInput, match="the seed is 0 or more, the time above 0"):
            plans.prepare_carve(tx, plan.plan_id, seed=seed, seconds=seconds, by=ADA, at=MONDAY)


def test_a_carve_of_a_plan_that_was_changed_meanwhile_is_not_kept(market):
    plan = a_draft(market)
    with market.reading() as tx:
        job = plans.prepare_carve(tx, plan.plan_id, by=ADA, at=MONDAY)
    with market.writing() as tx:
        plans.change_document(tx, plan.plan_id, DOCUMENT, revision=plan.revision, by=ADA, at=MONDAY)
    carved = job.run()

    with market.writing() as tx, pytest.raises(store.StalePlan, match="since then ada changed the document"):
        plans.keep_result(tx, carved, by=ADA, at=MONDAY)
    with market.reading() as tx:
        assert plans.get(tx, plan.plan_id, by=ADA, at=MONDAY).result_id is None


def test_locks_and_names_survive_the_next_carve(market):
    plan = a_carved_plan(market)
    state = state_of(market, plan.plan_id)
    names = state.territories["territory"].to_list()
    west = state.assignments.filter(pl.col("territory") == names[2])["account_id"][0]
    edited(
        market, plan, Move(accounts=(west,), to=names[1]), Move(accounts=("A24",), to="Strategic"),
        Lock(accounts=(west, "A24")), Rename(territory=names[3], to="Dixie"),
    )  # fmt: skip

    kept = plans.carve_now(market, plan.plan_id, seed=5, fresh=True, by=ADA, clock=lambda: TUESDAY)
    after = state_of(market, plan.plan_id)

    assert kept.not_applied == ()
    assert kept.plan.result_id != plan.result_id
    held = {row["account_id"]: row for row in after.assignments.iter_rows(named=True)}
    assert held[west]["seat"] == "Field 1"
    assert (held["A24"]["territory"], held["A24"]["locked"]) == ("Strategic", True)
    assert "Dixie" in after.territories["territory"].to_list()


def test_names_of_people_are_in_no_file_of_a_result(market):
    plan = a_carved_plan(market, DOCUMENT.replace("tolerance: 30%", "tolerance: 0.001%"))
    folder = market.folder / results.FOLDER

    told = b"".join(file.read_bytes() for file in folder.iterdir())
    frames = [pl.read_parquet(file) for file in folder.glob("*.parquet")]
    cells = " ".join(str(value) for frame in frames for column in frame for value in column.to_list())

    assert plan.result_id is not None
    for name in ("Ann Able", "Bob Best", "Cy Core", "@example.com"):
        assert name not in cells
        assert name.encode() not in told


def test_the_ledgers_owner_counts_as_todays_owner_where_it_knows_the_account(market):
    why = {"cause": "test", "source": "test", "reason": "test"}
    with market.writing() as tx:
        since = instant("2026-06-01")
        tx.execute(territory.insert().values(territory_id="t1", made_at=since))
        tx.execute(seat.insert().values(seat_id="s1", territory_id="t1", role="owner", number=1, made_at=since))
        lay(tx, place, [{"territory_id": "t1", "name": "Old", "kind": "geographic", "valid_from": since,
                         "reason": "test"}], at=since)  # fmt: skip
        lay(tx, staffing, [{"seat_id": "s1", "person_id": "cy", "valid_from": since, **why}], at=since)
        lay(tx, assignment, [{"account_id": name, "territory_id": "t1", "valid_from": since, **why}
                             for name in ("A3", "A4", "A5")], at=since)  # fmt: skip

    plan = a_carved_plan(market)
    previous = dict(state_of(market, plan.plan_id).assignments.select("account_id", "previous_owner").iter_rows())

    assert [previous[f"A{n}"] for n in range(3, 9)] == ["cy", "cy", "cy", "bob", "cy", None]


def test_a_column_of_the_file_may_be_taken_for_another_field(market):
    with market.writing() as tx:
        source = some_accounts(24).replace(b"owner,revenue_usd", b"owner,Jahresumsatz (EUR)")
        imports.accounts(tx, source, name="de.csv", columns={"revenue_usd": None}, by=system(), at=MONDAY)

    document = DOCUMENT.replace("measures:", "columns: {revenue_usd: Jahresumsatz (EUR)}\nmeasures:")
    plan = a_carved_plan(market, document)

    assert state_of(market, plan.plan_id).territories["potential_actual"].sum() == sum(100 + 3 * n for n in range(24))
    draft = a_draft(market, DOCUMENT.replace("measures:", "columns: {revenue_usd: Umsatz}\nmeasures:"))
    with pytest.raises(BadPlanFile, match=r"plan.yaml line 5: the accounts have no column 'Umsatz' for revenue_usd"):
        plans.carve_now(market, draft.plan_id, by=ADA, clock=lambda: MONDAY)


def test_a_document_that_does_not_fit_the_accounts_is_refused_with_its_line(market):
    draft = a_draft(market, DOCUMENT.replace("from: revenue_usd", "from: revenu_usd"))

    with pytest.raises(BadPlanFile, match=r"^plan.yaml line 6: .*'revenu_usd'.*revenue_usd"):
        plans.carve_now(market, draft.plan_id, by=ADA, clock=lambda: MONDAY)
    with market.reading() as tx:
        assert plans.get(tx, draft.plan_id, by=ADA, at=MONDAY) == draft


def test_a_carve_needs_accounts(record):
    draft = a_draft(record)

    with record.reading() as tx, pytest.raises(NoImport, match="No accounts have been imported yet"):
        plans.prepare_carve(tx, draft.plan_id, by=ADA, at=MONDAY)


def test_a_plan_may_name_its_accounts_and_they_must_be_there(market):
    with market.writing() as tx, pytest.raises(SnapshotMissing, match="Snapshot accounts-0 is not in"):
        plans.start(
            tx, "P", "plan: P\naccounts: a\nlayers: [{house: rest}]", snapshot_id="accounts-0", by=ADA, at=MONDAY
        )


def test_a_carve_that_was_stopped_keeps_the_best_it_had(market):
    plan = a_draft(market)

    kept = plans.carve_now(market, plan.plan_id, stop=lambda: True, by=ADA, clock=lambda: MONDAY)

    assert state_of(market, kept.plan.plan_id).assignments.height == 24


def test_after_an_erasure_a_carve_is_repeated_only_afresh(market):
    plan = a_carved_plan(market)
    with market.writing() as tx:
        assert store.forget(tx, "cy") == 1

    with market.reading() as tx:
        assert "Cy Core" not in str(store.people(tx, plan.people_id))
        with pytest.raises(ErasedPerson, match="was carved with cy, who was erased since"):
            plans.prepare_carve(tx, plan.plan_id, by=ADA, at=TUESDAY)
        assert plans.prepare_carve(tx, plan.plan_id, fresh=True, by=ADA, at=TUESDAY).people
    assert state_of(market, plan.plan_id).assignments.height == 24


def test_a_lost_result_is_missed_with_a_sentence(market):
    plan = a_carved_plan(market)
    for file in results.files_of(market.folder, plan.result_id):
        file.unlink()
    results.read.cache_clear()

    with market.reading() as tx, pytest.raises(results.NoResult, match="carve the plan again, or restore"):
        plans.result(tx, plan.plan_id, by=ROOT, at=TUESDAY)
