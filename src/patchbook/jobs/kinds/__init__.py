"""The kinds of job, a file a kind; each is one line in `JOBS`."""

from __future__ import annotations

from patchbook.jobs.kind import Kind
from patchbook.jobs.kinds import advance_plans, expiries, orphan_sweep, rule_run, service_levels

JOBS: tuple[Kind, ...] = (
    advance_plans.KIND,
    orphan_sweep.KIND,
    service_levels.KIND,
    expiries.KIND,
    rule_run.KIND,
)
"""In the order they are listed."""
