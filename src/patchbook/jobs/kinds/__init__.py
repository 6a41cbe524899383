"""The kinds of job, a file a kind; each is one line in `JOBS`."""

from __future__ import annotations

from patchbook.jobs.kind import Kind
from patchbook.jobs.kinds import (
    advance_plans,
    engagement,
    expiries,
    orphan_sweep,
    rule_run,
    service_levels,
    webhooks,
)

JOBS: tuple[Kind, ...] = (
    advance_plans.KIND,
    orphan_sweep.KIND,
    service_levels.KIND,
    expiries.KIND,
    rule_run.KIND,
    engagement.KIND,
    webhooks.KIND,
)
"""In the order they are listed."""
