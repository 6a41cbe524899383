"""What publishing would change, account by account, and what to look at before. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
from sqlalchemy import Connection

from patchbook.holdovers.actions import would_keep
from patchbook.holdovers.holdover import Policy
from patchbook.period import told
from patchbook.publishing import store
from patchbook.publishing.intent import Intent
from patchbook.publishing.publication import DryRun, PlanWarning
from patchbook.publishing.writing import closing, named_accounts
from patchbook.words import counted

EXAMPLES = 5
CHANGES = ("account_id", "from_territory", "from_person", "to_territory", "to_person", "cause", "why")


def compare(tx: Connection, intent: Intent, *, keep_exceptions: bool, policy: Policy) -> DryRun:
    """The dry run of an intent."""
    before = store.book(tx, intent.on)
    both = _both(tx, intent, before, keep_exceptions=keep_exceptions)
    planned = both.filter(pl.col("to_territory").is_not_null())
    differs = pl.col("from_person").ne_missing(pl.col("to_person")) | (
        pl.col("from_territory_id").ne_missing(pl.col("to_territory_id"))
    )
    changed = planned.filter(differs).with_columns(cause=_cause())
    moved = changed.filter(pl.col("from_person").ne_missing(pl.col("to_person")))
    holdovers = would_keep(tx, moved.select("account_id", "from_person"), policy, on=intent.on)
    changes = changed.select(CHANGES)
    return DryRun(
        plan_id=intent.state.plan.plan_id,
        effective=intent.on,
        changes=changes,
        accounts=planned.height,
        unchanged=planned.height - changes.height,
        by_cause=dict(sorted(changes.group_by("cause").len().iter_rows())),
        by_person=_by_person(both),
        warnings=tuple(_warnings(tx, intent, before, both, moved, keep_exceptions=keep_exceptions)),
        holdovers=holdovers,
        territories=_territories(tx, intent, both),
    )


def moving(tx: Connection, intent: Intent, *, keep_exceptions: bool) -> pl.DataFrame:
    """account_id and from_person of the accounts of the plan that would change owner."""
    both = _both(tx, intent, store.book(tx, intent.on), keep_exceptions=keep_exceptions)
    moved = both.filter(pl.col("to_territory").is_not_null() & pl.col("from_person").ne_missing(pl.col("to_person")))
    return moved.select("account_id", "from_person")


def _both(tx: Connection, intent: Intent, before: pl.DataFrame, *, keep_exceptions: bool) -> pl.DataFrame:
    """One row an account that has an owner today or is in the plan: where it is and where it would be."""
    seats = pl.DataFrame(
        {
            "territory": [seat.node.name for seat in intent.seats],
            "to_territory_id": [seat.node.territory_id for seat in intent.seats],
            "holder": [seat.owner for seat in intent.seats],
        },
        schema=dict.fromkeys(("territory", "to_territory_id", "holder"), pl.String),
    )
    known = "family_id" in intent.state.assignments.columns
    family = pl.col("family_id").cast(pl.String) if known else pl.lit(None, pl.String)
    assigned = intent.state.assignments.select("account_id", "territory", why="reason", family_id=family)
    plan = assigned.join(seats, on="territory", how="left").with_columns(in_plan=pl.lit(value=True))
    named = named_accounts(intent)
    names = pl.DataFrame(
        {"account_id": list(named), "named": list(named.values())}, schema={"account_id": pl.String, "named": pl.String}
    )
    today = before.rename({"territory_id": "from_territory_id", "territory": "from_territory", "person": "from_person"})
    both = (
        plan.join(names, on="account_id", how="left")
        .join(today, on="account_id", how="full", coalesce=True)
        .join(_held(tx, intent), on="account_id", how="left")
        .with_columns(
            in_plan=pl.col("in_plan").fill_null(value=False),
            to_territory="territory",
            is_exception=(pl.col("kind") == "exception").fill_null(value=False),
            from_person=pl.coalesce("from_person", "held_by"),
        )
    )
    by_hand = ((pl.col("kind") == "named") & ~pl.col("by_plan") & pl.col("named").is_null()).fill_null(value=False)
    stays = by_hand | (pl.col("is_exception") if keep_exceptions else pl.lit(value=False))
    planned = pl.coalesce("named", "holder")
    return both.with_columns(to_person=pl.when(stays).then("held_by").otherwise(planned))


def _territories(tx: Connection, intent: Intent, both: pl.DataFrame) -> pl.DataFrame:
    """The territories that come, go, or change who has their seat."""
    now = dict(store.holders(tx, intent.on))
    rows: list[tuple[str, str, str | None, str | None]] = []
    for seat in intent.seats:
        had = now.get(seat.node.territory_id)
        if seat.node.is_new:
            rows.append((seat.node.name, "new", None, seat.owner))
        elif seat.owner != had:
            rows.append((seat.node.name, "vacant" if seat.is_vacant else "other person", had, seat.owner))
    names = {place["territory_id"]: str(place["name"]) for place in store.places(tx)}
    left = set(both.filter(pl.col("to_territory").is_null())["from_territory_id"])
    for territory_id in closing(tx, intent, store.published_before(tx, intent.on)):
        if territory_id not in left:
            rows.append((names.get(territory_id, territory_id), "closes", now.get(territory_id), None))
    schema = dict.fromkeys(("territory", "change", "from_person", "to_person"), pl.String)
    return pl.DataFrame(rows, schema=schema, orient="row").sort("change", "territory")


def _held(tx: Connection, intent: Intent) -> pl.DataFrame:
    """Accounts that somebody has on the date apart from their territory: account_id, held_by, kind, by_plan."""
    facts = [one for one in store.overrides(tx, intent.on, ("exception", "named")) if one["valid_from"] <= intent.on]
    return pl.DataFrame(
        {
            "account_id": [one["account_id"] for one in facts],
            "held_by": [one["person_id"] for one in facts],
            "kind": [one["kind"] for one in facts],
            "by_plan": [bool(one["is_superseded"]) for one in facts],
        },
        schema={"account_id": pl.String, "held_by": pl.String, "kind": pl.String, "by_plan": pl.Boolean},
    )


def _cause() -> pl.Expr:
    return (
        pl.when(pl.col("from_territory_id").is_null())
        .then(pl.lit("new"))
        .when(pl.col("to_person").is_null())
        .then(pl.lit("now vacant"))
        .when(pl.col("is_exception") & (pl.col("from_person") == pl.col("to_person")))
        .then(pl.lit("exception kept"))
        .when(pl.col("from_territory_id") == pl.col("to_territory_id"))
        .then(pl.lit("other person"))
        .otherwise(pl.lit("moved"))
    )


def _by_person(both: pl.DataFrame) -> pl.DataFrame:
    """One row a person: how many accounts before, gained, lost and after. Accounts not in the plan stay."""
    after = pl.when(pl.col("to_territory").is_null()).then("from_person").otherwise("to_person")
    pairs = both.select(before="from_person", after=after)
    had = pairs.drop_nulls("before").group_by(person_id="before").agg(before=pl.len())
    has = pairs.drop_nulls("after").group_by(person_id="after").agg(after=pl.len())
    moved = pairs.filter(pl.col("before").ne_missing(pl.col("after")))
    lost = moved.drop_nulls("before").group_by(person_id="before").agg(lost=pl.len())
    gained = moved.drop_nulls("after").group_by(person_id="after").agg(gained=pl.len())
    people = had
    for more in (has, gained, lost):
        people = people.join(more, on="person_id", how="full", coalesce=True)
    counts = ("before", "gained", "lost", "after")
    return people.select("person_id", *(pl.col(name).fill_null(0).cast(pl.Int64) for name in counts)).sort("person_id")


def _warnings(
    tx: Connection,
    intent: Intent,
    before: pl.DataFrame,
    both: pl.DataFrame,
    moved: pl.DataFrame,
    *,
    keep_exceptions: bool,
) -> Iterator[PlanWarning]:
    yield from _about_seats(intent)
    yield from _about_deals(tx, moved)
    yield from _about_families(both)
    exceptions = both.filter(pl.col("is_exception") & pl.col("in_plan"))["account_id"]
    if keep_exceptions:
        yield from _of("exception kept", exceptions, "stay", "with whom an exception in force names")
    else:
        yield from _of("exception overruled", exceptions, "lose", "the exception in force on that date")
    unassigned = both.filter(pl.col("in_plan") & pl.col("to_territory").is_null())["account_id"]
    yield from _of("unassigned", unassigned, "have", "no territory in the plan, and nothing changes for them")
    outside = both.filter(~pl.col("in_plan"))["account_id"]
    yield from _of(
        "not in the plan", outside, "have", "an owner today and no place in the plan; nothing changes for them"
    )
    yield from _about_later(tx, intent)
    yield from _about_closing(tx, intent, before, both)


def _about_seats(intent: Intent) -> Iterator[PlanWarning]:
    absent = [seat for seat in intent.seats if seat.wanted is not None and seat.is_vacant]
    leaving = [
        seat for seat in intent.seats
        if seat.wanted is not None and not seat.is_vacant and any(one.person_id is None for one in seat.fillings)
    ]  # fmt: skip
    for seats, says in ((absent, "are not employed on the date"), (leaving, "leave after the date")):
        if seats:
            people = sorted({seat.wanted for seat in seats if seat.wanted})
            yield PlanWarning(
                kind="inactive person",
                count=len(people),
                message=f"{counted(len(people), 'person', 'people')} of the plan {says};"
                " their territories are vacant for that time.",
                examples=tuple(people[:EXAMPLES]),
            )
    vacant = [seat for seat in intent.seats if seat.is_vacant]
    if vacant:
        bare = [seat for seat in vacant if seat.owner is None]
        yield PlanWarning(
            kind="vacant seat",
            count=len(vacant),
            message=f"{counted(len(vacant), 'territory has', 'territories have')} nobody yet"
            f"{_in_the_interim(len(vacant), len(bare))}.",
            examples=tuple(seat.node.name for seat in (bare or vacant)[:EXAMPLES]),
        )


def _in_the_interim(vacant: int, bare: int) -> str:
    if bare == vacant:
        return ", and nobody in the interim"
    return f"; {bare:,} of them nobody in the interim either" if bare else ", but somebody in the interim"


def _about_deals(tx: Connection, moved: pl.DataFrame) -> Iterator[PlanWarning]:
    deals = store.open_opportunities(tx).join(
        moved.filter(pl.col("from_person").is_not_null()).select("account_id"), on="account_id", how="semi"
    )
    if deals.height:
        amount = float(deals["amount_usd"].fill_null(0.0).sum())
        yield PlanWarning(
            kind="open opportunities",
            count=deals.height,
            message=f"{counted(deals.height, 'open opportunity is', 'open opportunities are')}"
            f" on accounts that change owner, worth ${amount:,.0f}.",
            examples=tuple(deals["opportunity_id"].head(EXAMPLES)),
            amount_usd=amount,
        )


def _about_families(both: pl.DataFrame) -> Iterator[PlanWarning]:
    torn = (
        both.drop_nulls(("family_id", "to_territory"))
        .group_by("family_id", maintain_order=True)
        .agg(pl.col("to_person").n_unique().alias("owners"))
        .filter(pl.col("owners") > 1)["family_id"]
        .sort()
    )
    if len(torn):
        number = counted(len(torn), "family goes", "families go")
        yield PlanWarning(
            kind="family torn",
            count=len(torn),
            message=f"{number} to more than one owner.",
            examples=tuple(torn.head(EXAMPLES)),
        )


def _about_later(tx: Connection, intent: Intent) -> Iterator[PlanWarning]:
    later = [one for one in store.standing(tx) if one.effective > intent.on]
    if later:
        first = min(one.effective for one in later)
        yield PlanWarning(
            kind="later plan",
            count=len(later),
            message=f"A plan is published for {told(first)}; this one holds until then for the accounts of that plan.",
            examples=tuple(one.plan_id for one in later[:EXAMPLES]),
        )
    by_hand = intent.later.filter(~pl.col("by_plan"))["account_id"].unique(maintain_order=True)
    yield from _of("decided for later", by_hand, "move", "on a date after this one, by a decision that stays")


def _about_closing(tx: Connection, intent: Intent, before: pl.DataFrame, both: pl.DataFrame) -> Iterator[PlanWarning]:
    gone = closing(tx, intent, store.published_before(tx, intent.on))
    names = dict(before.select("territory_id", "territory").unique().iter_rows())
    left = set(both.filter(pl.col("to_territory").is_null())["from_territory_id"])
    kept = sorted(names[territory_id] or territory_id for territory_id in gone if territory_id in left)
    if kept:
        yield PlanWarning(
            kind="closing with accounts",
            count=len(kept),
            message=f"{counted(len(kept), 'territory is', 'territories are')} not in the plan, but keep accounts that"
            " are not in it either; they stay open.",
            examples=tuple(kept[:EXAMPLES]),
        )


def _of(kind: str, accounts: pl.Series, verb: str, says: str) -> Iterator[PlanWarning]:
    if len(accounts):
        one = {"have": "has"}.get(verb, f"{verb}s")
        number = counted(len(accounts), f"account {one}", f"accounts {verb}")
        yield PlanWarning(
            kind=kind,
            count=len(accounts),
            message=f"{number} {says}.",
            examples=tuple(accounts.sort().head(EXAMPLES)),
        )
