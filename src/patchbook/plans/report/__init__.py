"""One page that shows a result to people; it works offline and on paper."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template
from markupsafe import Markup

from patchbook.plans.report.map import TerritoryMap, territory_map
from patchbook.plans.report.page import Page, page_of
from patchbook.plans.result import Result

__all__ = ["Page", "TerritoryMap", "page_of", "render", "territory_map"]


def render(result: Result) -> str:
    """The report as one HTML file that needs nothing else."""
    return render_page(page_of(result))


def render_page(page: Page) -> str:
    """The page as HTML; whatever came from accounts is escaped, and only our own script may run."""
    script = _text("report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return _template("report.html").render(
        page=page,
        map=Markup(page.map.svg),
        style=Markup(_text("report.css")),
        script=Markup(script),
        script_digest=digest,
    )


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
