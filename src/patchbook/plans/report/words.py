"""Numbers as people read them on a page."""

from __future__ import annotations

import math

MINUS = "−"
SPACE = "\u00a0"
"""Keeps a figure and its unit on one line."""


def count(value: float) -> str:
    """
    A whole number with its thousands apart.

    Examples
    --------
    >>> count(1069)
    '1,069'
    """
    return f"{round(value):,}".replace("-", MINUS)


def accounts(value: int) -> str:
    """
    A number of accounts.

    Examples
    --------
    >>> accounts(1), accounts(1200)
    ('1 account', '1,200 accounts')
    """
    return f"{count(value)} account{'' if value == 1 else 's'}"


def percent(share: float | None, *, signed: bool = False) -> str:
    """
    A share in percent: one decimal below ten, none above; a dash where it can not be told.

    Examples
    --------
    >>> print(percent(0.0432), percent(2.123), percent(-0.011, signed=True), percent(None), sep=", ")
    4.3 %, 212 %, −1.1 %, –
    """
    if share is None or not math.isfinite(share):
        return "–"
    value = share * 100
    digits = 1 if abs(value) < 9.95 else 0
    rounded = round(value, digits) + 0.0
    sign = "+" if signed and rounded > 0 else MINUS if rounded < 0 else ""
    return f"{sign}{abs(rounded):,.{digits}f}{SPACE}%"


def distance(kilometres: float | None) -> str:
    """
    A distance in kilometres.

    Examples
    --------
    >>> print(distance(142.6), distance(3.21), distance(None), sep=", ")
    143 km, 3.2 km, –
    """
    if kilometres is None or not math.isfinite(kilometres):
        return "–"
    return f"{kilometres:,.0f}{SPACE}km" if kilometres >= 9.95 else f"{kilometres:.1f}{SPACE}km"


def amount(value: float | None) -> str:
    """
    A quantity with three figures, and a letter for thousands and above.

    Examples
    --------
    >>> amount(12.3456), amount(98765), amount(2.5e9), amount(0), amount(0.0123)
    ('12.3', '98.8k', '2.5bn', '0', '0.0123')
    """
    if value is None or not math.isfinite(value):
        return "–"
    # Thousands are written out up to ten of them: 9,800 reads better than 9.8k.
    for above, size, letter in ((1e12, 1e12, "tn"), (1e9, 1e9, "bn"), (1e6, 1e6, "M"), (1e4, 1e3, "k")):
        if abs(value) >= above:
            return f"{_three_figures(value / size)}{letter}".replace("-", MINUS)
    return _three_figures(value).replace("-", MINUS)


def _three_figures(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    text = f"{value:.3g}"
    return text if "e" not in text else f"{value:.1e}"


def figure(value: float | None, unit: str) -> str:
    """
    A measure in its unit: a share in percent, a ratio as times, kilometres, or dollars.

    Examples
    --------
    >>> figure(1.32, "ratio"), figure(float("inf"), "ratio"), figure(None, "km")
    ('1.32\xa0×', '∞', '–')
    """
    if unit == "share":
        return percent(value)
    if unit == "km":
        return distance(value)
    if unit == "usd":
        return "–" if value is None else f"${amount(value)}"
    if value is None:
        return "–"
    return "∞" if math.isinf(value) else f"{value:.3g}{SPACE}×"
