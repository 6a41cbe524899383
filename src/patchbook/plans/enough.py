"""What a carve layer needs before anything can be carved: accounts enough, seats that carry, somebody who may."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from patchbook.errors import BadInput
from patchbook.plans.plan import BadPlan, CarveLayer, Plan
from patchbook.plans.prepare import BadMeasure
from patchbook.plans.seats import Seat
from patchbook.words import counted

FloatArray = npt.NDArray[np.float64]


class TooFewAccounts(BadInput):
    """A layer has fewer accounts to give than it has seats."""


class NoCapacity(BadInput):
    """Nobody in a layer can carry anything: capacity or ramp is 0 for all."""


class NobodyMay(BadInput):
    """No person of a layer has what any of its accounts requires."""


def enough_accounts(plan: Plan, number: int, accounts: int, seats: int, *, families: bool = False) -> None:
    """
    Nothing when every seat of the layer can have an account.

    Parameters
    ----------
    families
        Whether the accounts counted are families.

    Raises
    ------
    TooFewAccounts
        There are more seats.
    """
    layer = plan.layers[number]
    at = plan.at(f"layers[{number}]")
    if accounts >= seats:
        return
    found = counted(accounts, "family", "families") if families else counted(accounts, "account")
    if not accounts:
        raise TooFewAccounts(
            f"{layer.name} takes no account in {at}: no account that meets its condition is left by the layers above; "
            "correct the condition, or drop the layer."
        )
    what = "set keep.families to false" if families else "a wider condition"
    raise TooFewAccounts(
        f"{layer.name} has {found} for {counted(seats, 'seat')} in {at}; give it at most "
        f"{counted(accounts, 'seat')}, or {what}."
    )


def shares_of(plan: Plan, number: int, seats: list[Seat]) -> FloatArray:
    """
    (seats,) the part of the whole each seat carries; they sum to 1.

    Raises
    ------
    NoCapacity
        No seat carries anything.
    """
    share = np.array([seat.share for seat in seats])
    if not share.sum() > 0:
        raise NoCapacity(
            f"{plan.at(f'layers[{number}]')}: nobody in {plan.layers[number].name} can carry anything, since capacity "
            "times ramp is 0 for all; give somebody a capacity and a ramp above 0 in the people file."
        )
    return np.asarray(share / share.sum())


def balanced_measures(plan: Plan, number: int, totals: dict[str, float]) -> list[str]:
    """
    The measures that this layer has anything of to balance.

    Parameters
    ----------
    totals
        The sum of each measure the layer balances, over its accounts.

    Raises
    ------
    BadMeasure
        All of them are 0.
    """
    found = [name for name, total in totals.items() if total > 0]
    if totals and not found:
        layer = plan.layers[number]
        assert isinstance(layer, CarveLayer)
        raise BadMeasure(
            f"{plan.at(f'layers[{number}]')}: {' and '.join(totals)} {'is' if len(totals) == 1 else 'are'} 0 for every "
            f"account of {layer.name}, so nothing can be balanced by it; balance something they have."
        )
    return found


def somebody_may(plan: Plan, number: int, accounts: int, kind_cost: FloatArray | None) -> None:
    """
    Nothing when at least one person may take at least one account of the layer.

    Raises
    ------
    NobodyMay
        Nobody may take any.
    """
    layer = plan.layers[number]
    assert isinstance(layer, CarveLayer)
    if kind_cost is not None and not np.isfinite(kind_cost).any():
        wanted = " and ".join(f"{field} among their {person_field}" for field, person_field in layer.require.items())
        raise NobodyMay(
            f"{plan.at(f'layers[{number}].require')}: nobody in {layer.name} may take any of its "
            f"{counted(accounts, 'account')}, since nobody has the account's {wanted}; correct the people "
            "file, or drop the requirement."
        )


def not_missing(plan: Plan, accounts: set[str]) -> None:
    """
    Nothing when every locked account is there.

    Raises
    ------
    BadPlan
        A lock names an account that is not.
    """
    for lock in plan.locks:
        if lock.account_id not in accounts:
            where = f" (line {lock.line})" if lock.line else ""
            raise BadPlan(
                f"{plan.at('locks')}: a lock{where} names account {lock.account_id!r}, which the accounts do not have; "
                "correct its id, or drop the lock."
            )
