"""Holdovers: who finishes an open deal when its account changes hands. Pure: no clock, no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import polars as pl

from patchbook.errors import BadInput, Conflict, NotFound
from patchbook.period import FOREVER

LONGEST_DAYS = 3650


class Treatment(StrEnum):
    """What happens to an open opportunity when its account moves."""

    EXEMPT = "exempt"
    """It stays with who had it until it is won or lost."""
    KEEP = "keep"
    """It stays for a number of days, or until it is won or lost if that is sooner."""
    MOVE = "move"
    """It goes with the account at once."""


class BadPolicy(BadInput):
    """A holdover policy says something that cannot be meant."""


class NoHoldover(NotFound):
    """There is no holdover on that opportunity, or not for the one who asks."""

    def __init__(self, opportunity_id: str) -> None:
        super().__init__(f"There is no holdover on opportunity {opportunity_id!r}.")


class NoExtension(NotFound):
    """There is no such request for more time, or not for the one who asks."""

    def __init__(self, extension_id: str) -> None:
        super().__init__(f"There is no request {extension_id!r} to extend a holdover.")


class NoReason(BadInput):
    """A request for more time says nothing, or too much, about why."""


class NotExtended(Conflict):
    """A holdover cannot be extended so: it has no end, the new end is no later, or it was decided already."""


@dataclass(frozen=True, kw_only=True)
class HoldoverRule:
    """What to do with opportunities in some stages and of some size."""

    treatment: Treatment
    days: int | None = None
    """For `keep`: how long."""
    stages: tuple[str, ...] = ()
    """Stages it is for; every stage when empty."""
    amount_from: float | None = None
    amount_below: float | None = None

    def __post_init__(self) -> None:
        """Refuse a rule that keeps for no time."""
        if self.treatment is Treatment.KEEP and not (self.days and 1 <= self.days <= LONGEST_DAYS):
            raise BadPolicy(f"A rule keeps for {self.days} days; say how many, from 1 to {LONGEST_DAYS}.")
        if self.treatment is not Treatment.KEEP and self.days is not None:
            raise BadPolicy(f"A rule to {self.treatment} names {self.days} days; only keep has days.")
        if self.amount_from is not None and self.amount_below is not None and self.amount_from >= self.amount_below:
            raise BadPolicy(
                f"A rule is for amounts from {self.amount_from:,.0f} and below {self.amount_below:,.0f}, which is none;"
                " the first must be less than the second."
            )


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Rules in order, of which the first that fits decides; what none fits moves at once."""

    rules: tuple[HoldoverRule, ...] = ()
    most_per_person: int | None = None
    """The most opportunities one person keeps; the largest stay, the rest move."""

    def __post_init__(self) -> None:
        """Refuse a limit below nothing."""
        if self.most_per_person is not None and self.most_per_person < 0:
            raise BadPolicy(f"A person keeps at most {self.most_per_person} opportunities; the least is 0.")


MOVE_ALL = Policy()
"""Every opportunity goes with its account."""


@dataclass(frozen=True, kw_only=True)
class Holdover:
    """An opportunity that stays with one person for a while, although its account has moved."""

    opportunity_id: str
    account_id: str
    person_id: str
    starts: datetime
    expires: datetime
    source: str
    reason: str
    name: str | None = None
    stage: str | None = None
    amount_usd: float | None = None


@dataclass(frozen=True, kw_only=True)
class Extension:
    """A request for more time, and its answer."""

    extension_id: str
    opportunity_id: str
    until: datetime
    why: str
    asked_by: str
    asked_at: datetime
    is_granted: bool | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    comment: str | None = None


def decide(policy: Policy, opportunities: pl.DataFrame, *, starts: datetime) -> pl.DataFrame:
    """
    What becomes of each opportunity: the same rows with treatment, expires and why.

    Parameters
    ----------
    opportunities
        opportunity_id, account_id, stage, amount_usd, person_id (who has it now), works_until (when their employment
        ends; null where it does not hold at `starts`).
    """
    treatment, expires, why = pl.lit(Treatment.MOVE.value), pl.lit(starts), pl.lit("No rule keeps it")
    for number, rule in reversed(list(enumerate(policy.rules, start=1))):
        fits = pl.lit(True)
        if rule.stages:
            fits &= pl.col("stage").str.to_lowercase().is_in([stage.lower() for stage in rule.stages])
        if rule.amount_from is not None:
            fits &= pl.col("amount_usd") >= rule.amount_from
        if rule.amount_below is not None:
            fits &= pl.col("amount_usd") < rule.amount_below
        fits = fits.fill_null(value=False)
        end = {
            Treatment.EXEMPT: FOREVER,
            Treatment.KEEP: min(starts + timedelta(days=rule.days or 0), FOREVER),
            Treatment.MOVE: starts,
        }[rule.treatment]
        treatment = pl.when(fits).then(pl.lit(rule.treatment.value)).otherwise(treatment)
        expires = pl.when(fits).then(pl.lit(end)).otherwise(expires)
        why = (
            pl.when(fits).then(pl.lit(f"Rule {number}: {_SAYS[rule.treatment].format(days=rule.days)}")).otherwise(why)
        )
    found = opportunities.with_columns(treatment=treatment, expires=expires, why=why)
    gone = (pl.col("treatment") != Treatment.MOVE.value) & (
        pl.col("person_id").is_null() | pl.col("works_until").is_null()
    )
    found = _moves(found, gone, "Whoever had it is not employed on the date", starts)
    if policy.most_per_person is not None:
        order = ["amount_usd", "opportunity_id"]
        kept = found.sort(order, descending=[True, False], nulls_last=True).with_columns(
            place=(pl.col("treatment") != Treatment.MOVE.value).cum_sum().over("person_id")
        )
        beyond = (pl.col("treatment") != Treatment.MOVE.value) & (pl.col("place") > policy.most_per_person)
        found = _moves(kept, beyond, f"Its owner keeps {policy.most_per_person} larger ones already", starts).drop(
            "place"
        )
    return found.with_columns(expires=pl.min_horizontal("expires", pl.col("works_until").fill_null(starts))).sort(
        "opportunity_id"
    )


_SAYS: Mapping[Treatment, str] = {
    Treatment.EXEMPT: "stays until it is won or lost",
    Treatment.KEEP: "stays for {days} days, or until it is won or lost",
    Treatment.MOVE: "moves with its account",
}


def _moves(found: pl.DataFrame, which: pl.Expr, why: str, starts: datetime) -> pl.DataFrame:
    return found.with_columns(
        treatment=pl.when(which).then(pl.lit(Treatment.MOVE.value)).otherwise("treatment"),
        expires=pl.when(which).then(pl.lit(starts)).otherwise("expires"),
        why=pl.when(which).then(pl.lit(why)).otherwise("why"),
    )
