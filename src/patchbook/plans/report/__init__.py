"""One page that shows a result to people; it works offline and on paper."""

from __future__ import annotations

from patchbook.plans.result import Result


def render(result: Result) -> str:
    """The page."""
    return result.plan.name
