"""Whether one lead more would be too many for somebody."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from patchbook.routing.lead import Lead
from patchbook.routing.questions.people import LoadOf, Standing
from patchbook.routing.route import Cap
from patchbook.routing.stage import Case

FIGURES: Mapping[str, str] = {
    "hour": "{figure:,.0f} in the last hour",
    "day": "{figure:,.0f} today",
    "week": "{figure:,.0f} this week",
    "month": "{figure:,.0f} this month",
    "open": "{figure:,.0f} open",
    "open_value_usd": "{figure:,.0f} US dollars open",
}
"""What a cap can limit, and how it is told."""

_SLACK = 1e-9
"""A share such as 0.29 of 100 is not exactly 29 in floating point, and 29 leads are meant."""


def over(case: Case, standing: Standing) -> str | None:
    """The first cap the lead would break, as a sentence; None when it breaks none."""
    for cap in case.routing.caps:
        if not _holds(cap, case, standing):
            continue
        load = case.world.ask(LoadOf(standing.person_id, cap.kinds))
        figure = float(getattr(load, cap.per))
        limit = cap.at_most * (standing.share if cap.scaled else 1.0)
        if figure + _size(cap, case) > limit + _SLACK:
            has = FIGURES[cap.per].format(figure=figure)
            share = f" at a share of {standing.share:.0%}" if cap.scaled and standing.share != 1 else ""
            return f"{standing.name} has {has}, and the cap {cap.name!r} allows {_figure(limit)}{share}."
    return None


def _figure(limit: float) -> str:
    return f"{limit:,.2f}".rstrip("0").rstrip(".")


def _holds(cap: Cap, case: Case, standing: Standing) -> bool:
    return (not cap.kinds or case.lead.kind in cap.kinds) and (not cap.people or standing.person_id in cap.people)


def _size(cap: Cap, case: Case) -> float:
    """What the lead adds to the figure."""
    if cap.per != "open_value_usd":
        return 1.0
    return worth(case.lead, "amount_usd") or 0.0


def worth(lead: Lead, field: str) -> float | None:
    """What a lead is worth by one of its fields; None where that says no amount above 0."""
    value = lead.fields.get(field)
    return float(value) if isinstance(value, int | float) and isfinite(value) and value > 0 else None
