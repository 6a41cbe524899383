"""One page that shows a result to people; it works offline and on paper."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template
from markupsafe import Markup

from patchbook.plans.report import words
from patchbook.plans.report.map import TerritoryMap, territory_map
from patchbook.plans.report.page import Page, page_of
from patchbook.plans.result import Result

if TYPE_CHECKING:
    from patchbook.plans.compare import Comparison

__all__ = ["Page", "TerritoryMap", "page_of", "render", "render_comparison", "territory_map"]


def render(result: Result) -> str:
    """The report as one HTML file that needs nothing else."""
    return render_page(page_of(result))


def render_page(page: Page) -> str:
    """The page as HTML; whatever came from accounts is escaped, and only our own script may run."""
    return _set("report.html", page=page, map=Markup(page.map.svg))


def render_comparison(comparison: Comparison) -> str:
    """Two results side by side as one HTML file that needs nothing else."""
    measures = [
        {
            "title": side.title if side.of is None else f"{side.title}, {side.of.replace('_', ' ')}",
            "first": words.figure(side.first, side.unit),
            "second": words.figure(side.second, side.unit),
            "winner": side.winner,
        }
        for side in comparison.sides
    ]
    quantities = list(comparison.territories[0].deviations) if comparison.territories else []
    columns = ["Territory", "In both", "Accounts", *(f"{name} off by" for name in quantities), "Travel"]
    territories = [
        [
            row.territory,
            words.count(row.accounts_in_common),
            _both("–" if value is None else words.count(value) for value in row.accounts),
            *(_both(words.percent(value, signed=True) for value in row.deviations[name]) for name in quantities),
            _both(words.distance(value) for value in row.travel_km),
        ]
        for row in comparison.territories
    ]
    return _set(
        "comparison.html",
        comparison=comparison,
        accounts=words.accounts(comparison.accounts_in_common),
        different=words.accounts(comparison.different_person),
        shares=[(name.replace("_", " "), words.percent(share)) for name, share in comparison.different_share.items()],
        measures=measures,
        columns=columns,
        territories=territories,
    )


def _both(shown: Iterable[str]) -> str:
    first, second = shown
    return "–" if first == second == "–" else f"{first} / {second}"


def _set(template: str, **values: object) -> str:
    script = _text("report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    style = Markup(_text("report.css"))
    return _template(template).render(style=style, script=Markup(script), script_digest=digest, **values)


@cache
def _template(name: str) -> Template:
    environment = Environment(
        loader=FunctionLoader(_text),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def _text(name: str) -> str:
    return (files("patchbook.plans.report") / name).read_text(encoding="utf-8")
