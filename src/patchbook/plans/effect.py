"""What a set of moves does to a plan: every measure before and after, before anything is sent or changed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any, Protocol

import polars as pl

from patchbook.errors import NotFound
from patchbook.words import counted


class UnknownInPlan(NotFound):
    """A move names an account or a territory the plan does not have."""


class Divided(Protocol):
    """A plan as two frames; `plans.state.PlanState` is one."""

    @property
    def assignments(self) -> pl.DataFrame:
        """account_id, territory, person, previous_owner, locked, measure_<name>…, and family_id where known."""

    @property
    def territories(self) -> pl.DataFrame:
        """territory, person, and <measure>_target, <measure>_actual for each measure."""

    @property
    def measures(self) -> tuple[str, ...]:
        """The names of the measures the plan balances."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """What one territory carries of one measure before and after; `accounts` is a measure too."""

    territory: str
    measure: str
    before: float
    after: float
    target: float | None = None
    tolerance: float | None = None

    @property
    def deviation_before(self) -> float | None:
        """How far it was from its target: 0.05 is 5 % above."""
        return self.before / self.target - 1 if self.target else None

    @property
    def deviation_after(self) -> float | None:
        """How far it would be from its target."""
        return self.after / self.target - 1 if self.target else None

    @property
    def worsens_beyond(self) -> bool:
        """Whether it would be outside its tolerance, and further than before."""
        before, after = self.deviation_before, self.deviation_after
        if before is None or after is None or self.tolerance is None:
            return False
        return abs(after) > self.tolerance + 1e-9 and abs(after) > abs(before) + 1e-9


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What a set of moves does."""

    accounts: int
    """Accounts that would be in another territory."""
    territories: tuple[str, ...]
    """Every territory that gives or gets one, by name."""
    loads: tuple[Load, ...]
    families_torn: tuple[str, ...]
    """Families in one territory now that would be in several."""
    families_joined: tuple[str, ...]
    """Families in several territories now that would be in one."""
    change_owner: int
    """Accounts that would leave the owner they have in the draft."""
    moved_before: float | None
    """Share of accounts with an owner today that the draft gives to somebody else; None where nobody has one."""
    moved_after: float | None
    says: str
    """All of it in plain words."""

    def to_dict(self) -> dict[str, Any]:
        """The effect for JSON, with the deviations worked out."""
        told = {name: list(part) if isinstance(part, tuple) else part for name, part in asdict(self).items()}
        for load, plain in zip(self.loads, told["loads"], strict=True):
            plain |= {"deviation_before": load.deviation_before, "deviation_after": load.deviation_after}
        return told

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Effect:
        """An effect as it was kept."""
        worked_out = {"deviation_before", "deviation_after"}
        loads = tuple(
            Load(**{name: value for name, value in load.items() if name not in worked_out}) for load in told["loads"]
        )
        lists = {name: tuple(told[name]) for name in ("territories", "families_torn", "families_joined")}
        return cls(**{**told, **lists, "loads": loads})


def effect(
    state: Divided, moves: Mapping[str, str], *, tolerances: Mapping[str, float] | None = None, hints: bool = True
) -> Effect:
    """
    What the moves do to every territory they touch.

    Parameters
    ----------
    state
        The plan as it is, edits included.
    moves
        account_id → the territory it would go to.
    tolerances
        Measure → how far a territory may be from its target.
    hints
        Whether a message may name the nearest account or territory there is; not to those who do not see all.

    Raises
    ------
    UnknownInPlan
        An account or a territory is not in the plan; the message names the nearest that is.
    """
    refuse_unknown(state, moves, hints=hints)
    asked = _asked(moves)
    leaving = asked.join(state.assignments, on="account_id", how="inner").filter(
        pl.col("territory").ne_missing(pl.col("to"))
    )
    touched = sorted({*leaving["territory"].drop_nulls(), *leaving["to"]})
    people = dict(state.territories.select("territory", "person").iter_rows())
    new_owner = leaving["to"].replace_strict(people, default=None, return_dtype=pl.String)
    torn, joined = _families(state, asked)
    before, after = _moved_share(state, leaving.select("account_id", "person", "previous_owner"), new_owner)
    loads = _loads(state, leaving, touched, tolerances or {})
    found = Effect(
        accounts=leaving.height,
        territories=tuple(touched),
        loads=loads,
        families_torn=torn,
        families_joined=joined,
        change_owner=int(leaving["person"].ne_missing(new_owner).sum()),
        moved_before=before,
        moved_after=after,
        says="",
    )
    return Effect(**{**_shallow(found), "says": in_words(found)})


def refuse_unknown(state: Divided, moves: Mapping[str, str], *, hints: bool = True) -> None:
    """Raise where a move names what the plan does not have."""
    names = state.territories["territory"]
    for territory in dict.fromkeys(moves.values()):
        if territory not in names:
            near = _nearest(territory, names.to_list()) if hints else ""
            raise UnknownInPlan(f"The plan has no territory {territory!r}{near}.")
    asked = pl.Series("account_id", list(moves), dtype=pl.String)
    missing = asked.filter(~asked.is_in(state.assignments["account_id"].implode()))
    if missing.len():
        first = missing[0]
        more = f", nor {missing.len() - 1:,} more of those named" if missing.len() > 1 else ""
        near = _nearest(first, state.assignments["account_id"].head(20_000).to_list()) if hints and not more else ""
        raise UnknownInPlan(f"The plan has no account {first!r}{more}{near}.")


def in_words(effect: Effect) -> str:
    """The effect in a few plain sentences, for whoever decides."""
    if not effect.accounts:
        return "Nothing moves: every account is where it would go."
    start = f"Moves {counted(effect.accounts, 'account')}, {effect.change_owner:,} to another owner."
    off = [load for load in effect.loads if load.target]
    worst = max(off, key=lambda load: abs(load.deviation_after or 0), default=None)
    parts = [start]
    for load in off:
        beyond = f", beyond ±{percent(load.tolerance)}" if load.worsens_beyond else ""
        if load is worst or beyond:
            parts.append(
                f"{load.territory} goes from {percent(load.deviation_before, signed=True)} to"
                f" {percent(load.deviation_after, signed=True)} of its target {load.measure}{beyond}."
            )
    if effect.families_torn:
        parts.append(f"Tears {counted(len(effect.families_torn), 'family', 'families')} apart.")
    if effect.families_joined:
        parts.append(f"Brings {counted(len(effect.families_joined), 'family', 'families')} together.")
    before, after = effect.moved_before, effect.moved_after
    if before != after:
        parts.append(f"Accounts that leave today's owner go from {percent(before)} to {percent(after)}.")
    return " ".join(parts)


def percent(share: float | None, *, signed: bool = False) -> str:
    """
    A share as sentences tell it.

    Examples
    --------
    >>> percent(0.4), percent(-0.025, signed=True), percent(0.1266), percent(None)
    ('40 %', '-2.5 %', '12.7 %', '–')
    """
    if share is None:
        return "–"
    told = f"{100 * share:{'+' if signed else ''}.1f}"
    return f"{told.removesuffix('.0')} %"


def _asked(moves: Mapping[str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        {"account_id": list(moves), "to": list(moves.values())}, schema={"account_id": pl.String, "to": pl.String}
    )


def _loads(
    state: Divided, leaving: pl.DataFrame, touched: list[str], tolerances: Mapping[str, float]
) -> tuple[Load, ...]:
    """Each touched territory's accounts and measures: what it has, less what leaves, plus what comes."""
    measures = [name for name in state.measures if f"measure_{name}" in state.assignments.columns]
    inside = state.assignments.filter(pl.col("territory").is_in(touched))
    has = _sums(inside, "territory", measures)
    gives = _sums(leaving.filter(pl.col("territory").is_not_null()), "territory", measures)
    gets = _sums(leaving, "to", measures)
    targets = {row["territory"]: row for row in state.territories.iter_rows(named=True)}
    loads = []
    for territory in touched:
        for measure in ("accounts", *measures):
            before = has.get(territory, {}).get(measure, 0.0)
            change = gets.get(territory, {}).get(measure, 0.0) - gives.get(territory, {}).get(measure, 0.0)
            target = targets.get(territory, {}).get(f"{measure}_target")
            loads.append(
                Load(
                    territory=territory,
                    measure=measure,
                    before=before,
                    after=before + change,
                    target=target or None,
                    tolerance=tolerances.get(measure),
                )
            )
    return tuple(loads)


def _sums(frame: pl.DataFrame, by: str, measures: list[str]) -> dict[str, dict[str, float]]:
    totals = frame.group_by(by).agg(
        pl.len().cast(pl.Float64).alias("accounts"),
        *(pl.col(f"measure_{name}").sum().cast(pl.Float64).alias(name) for name in measures if name != "accounts"),
    )
    return {row.pop(by): row for row in totals.iter_rows(named=True)}


def _families(state: Divided, asked: pl.DataFrame) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Families torn and joined by the moves, by the id of their head."""
    if "family_id" not in state.assignments.columns:
        return (), ()
    moved = asked.join(state.assignments.select("account_id", "family_id"), on="account_id", how="inner")
    kin = (
        state.assignments.filter(pl.col("family_id").is_in(moved["family_id"].drop_nulls().unique().implode()))
        .select("account_id", "family_id", "territory")
        .join(asked, on="account_id", how="left")
        .with_columns(after=pl.coalesce("to", "territory"))
        .group_by("family_id")
        .agg(before=pl.col("territory").n_unique(), after=pl.col("after").n_unique())
        .sort("family_id")
    )
    torn = kin.filter((pl.col("before") == 1) & (pl.col("after") > 1))["family_id"]
    joined = kin.filter((pl.col("before") > 1) & (pl.col("after") == 1))["family_id"]
    return tuple(torn), tuple(joined)


def _moved_share(state: Divided, leaving: pl.DataFrame, new_owner: pl.Series) -> tuple[float | None, float | None]:
    """The share of accounts with an owner today that the draft gives to another, before and after."""
    had = state.assignments["previous_owner"].is_not_null()
    count = int(had.sum())
    if not count:
        return None, None
    differs = had & state.assignments["person"].ne_missing(state.assignments["previous_owner"])
    before = int(differs.sum())
    of_these = leaving.with_columns(new_owner.alias("new_owner")).filter(pl.col("previous_owner").is_not_null())
    was = int(of_these["person"].ne_missing(of_these["previous_owner"]).sum())
    becomes = int(of_these["new_owner"].ne_missing(of_these["previous_owner"]).sum())
    return before / count, (before - was + becomes) / count


def _shallow(found: Effect) -> dict[str, Any]:
    return {name: getattr(found, name) for name in found.__dataclass_fields__}


def _nearest(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"; the nearest is {near[0]!r}" if near else ""
