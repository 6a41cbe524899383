"""Every table there is: each store is named here, so that making or migrating the record sees all of them."""

from __future__ import annotations

import importlib

from sqlalchemy import MetaData

from patchbook.db.metadata import metadata

STORES: tuple[str, ...] = (
    "patchbook.people.store",
    "patchbook.territories.store",
    "patchbook.ledger.tables",
    "patchbook.audit.store",
    "patchbook.db.settings",
    "patchbook.db.kept",
    "patchbook.access.store",
    "patchbook.imports.store",
    "patchbook.imports.review.store",
    "patchbook.plans.store",
    "patchbook.publishing.store",
    "patchbook.holdovers.store",
    "patchbook.approvals.store",
    "patchbook.proposals.store",
    "patchbook.challenges.store",
    "patchbook.exceptions.store",
    "patchbook.comments.store",
    "patchbook.leads.tables",
    "patchbook.engagement.tables",
    "patchbook.jobs.store",
    "patchbook.service.store",
    "patchbook.live.store",
    "patchbook.webhooks.store",
)
"""The modules that add tables, in the order their tables are made."""


def all_tables() -> MetaData:
    """The metadata with every store's tables in it."""
    for store in STORES:
        importlib.import_module(store)
    return metadata
