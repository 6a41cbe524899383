"""What stops an edit of a plan: caps, locks, freezes and the edge of one's own subtree, each refusal in words. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import polars as pl

from patchbook.errors import Conflict
from patchbook.period import Period, told
from patchbook.plans.edits import Edit, Merge, Move, Remove, Split
from patchbook.plans.effect import Divided, Effect, percent
from patchbook.plans.plan import CarveLayer, Plan
from patchbook.words import listed

NAMED = 3
"""So many of a kind are named in a message; the rest are counted."""


class Rail(StrEnum):
    """The kinds of guardrail."""

    ACCOUNTS = "accounts in a territory"
    TOLERANCE = "tolerance"
    MOVED = "moved at most"
    LOCK = "lock"
    FREEZE = "freeze"
    SUBTREE = "subtree"


@dataclass(frozen=True, kw_only=True)
class Freeze:
    """A window in which drafts are not changed."""

    period: Period
    why: str
    freeze_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Guardrails:
    """What limits an edit; None where there is no limit."""

    accounts_at_most: int | None = None
    """How many accounts one territory may hold."""
    tolerances: Mapping[str, float] = field(default_factory=dict)
    """Measure → how far a territory may be from its target."""
    moved_at_most: float | None = None
    """The share of accounts with an owner today that may change owner."""
    freezes: Sequence[Freeze] = ()

    @classmethod
    def of(cls, plan: Plan, *, accounts_at_most: int | None = None, freezes: Sequence[Freeze] = ()) -> Guardrails:
        """The limits a plan file sets, with those of the company."""
        shares = [
            layer.keep.moved_at_most
            for layer in plan.layers
            if isinstance(layer, CarveLayer) and layer.keep.moved_at_most is not None
        ]
        return cls(
            accounts_at_most=accounts_at_most,
            tolerances={measure.name: measure.tolerance for measure in plan.measures},
            moved_at_most=max(shares) if shares else None,
            freezes=tuple(freezes),
        )


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One guardrail an edit would break: what, by how much, and what would be allowed."""

    rail: Rail
    says: str
    territory: str | None = None

    @property
    def may_be_overruled(self) -> bool:
        """Whether a planner may go past it with a reason; nobody goes past the edge of their own subtree."""
        return self.rail is not Rail.SUBTREE


class Guarded(Conflict):
    """An edit breaks guardrails; the message says each, and how a planner may overrule them."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        end = " A planner may overrule this with a reason." if all(r.may_be_overruled for r in refusals) else ""
        super().__init__(" ".join(refusal.says for refusal in refusals) + end)
        self.refusals = tuple(refusals)


def refusals(
    state: Divided,
    moves: Mapping[str, str],
    effect: Effect | None,
    rails: Guardrails,
    *,
    at: datetime,
    reach: Collection[str] | None = None,
    without: Collection[str] = (),
) -> tuple[Refusal, ...]:
    """
    Every guardrail the moves would break.

    Parameters
    ----------
    state, moves, effect
        The plan as it is, account_id → the territory it would go to, and what `effect` says of them; None where
        nothing would move.
    reach
        The territories whoever asks may change; None for the whole plan.
    without
        The territories whose targets go or change with the edit, so that nothing is off them.
    """
    if effect is None:
        return tuple(_frozen(rails.freezes, at))
    touched = state.assignments.filter(pl.col("account_id").is_in(list(moves)) & pl.col("territory").is_not_null())
    return (
        *_frozen(rails.freezes, at),
        *_outside(effect.territories, reach),
        *_locked(touched, moves),
        *_too_many(effect, rails.accounts_at_most),
        *(found for found in _off_balance(effect) if found.territory not in without),
        *_moved_too_much(effect, rails.moved_at_most),
    )


def moves_of(edit: Edit, state: Divided) -> dict[str, str]:
    """The moves an edit comes to: account_id → the territory it would go to."""
    match edit:
        case Move(accounts=accounts, to=to):
            return dict.fromkeys(accounts, to)
        case Remove(territory=territory, to=str(to)):
            left = [territory]
        case Merge(territories=territories, into=to):
            left = [name for name in territories if name != to]
        case Split(parts=parts):
            return {
                account: part.territory for part in parts for accounts in part.accounts.values() for account in accounts
            }
        case _:
            return {}
    held = state.assignments.filter(pl.col("territory").is_in(left))
    return dict.fromkeys(held["account_id"].to_list(), to)


def taken_away_by(edit: Edit) -> frozenset[str]:
    """The territories an edit takes away, or whose targets it changes."""
    match edit:
        case Remove(territory=territory):
            return frozenset({territory})
        case Merge(territories=territories, into=into):
            return frozenset({*territories, into})
        case Split(territory=territory, parts=parts):
            return frozenset({territory, *(part.territory for part in parts)})
        case _:
            return frozenset()


def with_new(edit: Edit, territories: pl.DataFrame) -> pl.DataFrame:
    """The territories of a plan with those an edit makes to move accounts to, vacant and without targets."""
    if not isinstance(edit, Split):
        return territories
    new = pl.DataFrame({"territory": [part.territory for part in edit.parts]})
    return pl.concat([territories, new], how="diagonal")


def refuse(found: Sequence[Refusal], *, overrule: str | None = None, may_overrule: bool = False) -> None:
    """Raise where guardrails would be broken, unless somebody who may overrules them with a reason."""
    if not found:
        return
    if may_overrule and (overrule or "").strip() and all(refusal.may_be_overruled for refusal in found):
        return
    raise Guarded(found)


def _frozen(freezes: Sequence[Freeze], at: datetime) -> list[Refusal]:
    return [
        Refusal(
            rail=Rail.FREEZE,
            says=f"Plans are frozen until {told(freeze.period.end)}: {freeze.why}.",
        )
        for freeze in freezes
        if freeze.period.contains(at)
    ]


def _outside(touched: Sequence[str], reach: Collection[str] | None) -> list[Refusal]:
    if reach is None:
        return []
    beyond = [territory for territory in touched if territory not in reach]
    if not beyond:
        return []
    return [
        Refusal(
            rail=Rail.SUBTREE,
            territory=beyond[0],
            says=f"{_first_of(beyond)} {'is' if len(beyond) == 1 else 'are'} outside your territories; propose the"
            " move instead, and whoever looks after both sides decides.",
        )
    ]


def _locked(touched: pl.DataFrame, moves: Mapping[str, str]) -> list[Refusal]:
    if "locked" not in touched.columns:
        return []
    wanted = pl.col("account_id").replace_strict(moves, default=None, return_dtype=pl.String)
    held = touched.filter(pl.col("locked").fill_null(value=False) & pl.col("territory").ne_missing(wanted))
    if not held.height:
        return []
    territory = held["territory"][0]
    return [
        Refusal(
            rail=Rail.LOCK,
            territory=territory,
            says=f"{_first_of(held['account_id'].to_list())} {'is' if held.height == 1 else 'are'} locked to"
            f" {territory if held['territory'].n_unique() == 1 else 'where they are'}; unlock first.",
        )
    ]


def _too_many(effect: Effect, at_most: int | None) -> list[Refusal]:
    if at_most is None:
        return []
    return [
        Refusal(
            rail=Rail.ACCOUNTS,
            territory=load.territory,
            says=f"{load.territory} would hold {load.after:,.0f} accounts, {load.after - at_most:,.0f} more than the"
            f" {at_most:,} one territory may hold; it has room for {max(0, at_most - load.before):,.0f}.",
        )
        for load in effect.loads
        if load.measure == "accounts" and load.after > at_most and load.after > load.before
    ]


def _off_balance(effect: Effect) -> list[Refusal]:
    return [
        Refusal(
            rail=Rail.TOLERANCE,
            territory=load.territory,
            says=f"{load.territory} would go from {percent(load.deviation_before, signed=True)} to"
            f" {percent(load.deviation_after, signed=True)} of its"
            f" target {load.measure}; {_amount(load.target * (1 - load.tolerance))} to"
            f" {_amount(load.target * (1 + load.tolerance))} (±{percent(load.tolerance)}) is allowed.",
        )
        for load in effect.loads
        if load.worsens_beyond and load.target is not None and load.tolerance is not None
    ]


def _amount(value: float) -> str:
    """
    A load in four digits, or whole where it has more; never as a power of ten.

    Examples
    --------
    >>> _amount(18_703.6), _amount(2.85)
    ('18,704', '2.85')
    """
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _moved_too_much(effect: Effect, at_most: float | None) -> list[Refusal]:
    before, after = effect.moved_before, effect.moved_after
    if at_most is None or before is None or after is None or after <= max(at_most, before) + 1e-9:
        return []
    return [
        Refusal(
            rail=Rail.MOVED,
            says=f"{percent(after)} of the accounts with an owner today would change owner, up from {percent(before)};"
            f" at most {percent(at_most)} may.",
        )
    ]


def _first_of(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    return listed([*names[:NAMED], f"{more:,} more"] if more > 0 else names)
