"""A list of accounts pasted from elsewhere: which of the plan's accounts it means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import polars as pl
from fastapi import Form
from fastapi.responses import JSONResponse, Response
from sqlalchemy import Connection

from patchbook.db.record import record_of
from patchbook.imports import snapshots
from patchbook.people.permission import Deed
from patchbook.plans import results
from patchbook.web.models import InPath
from patchbook.web.page import Looked
from patchbook.web.pages.workbench.router import router
from patchbook.web.planned import Planned, planned

MOST_MISSING = 200
"""So many of what was not found are told; the rest are counted."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a pasted list means."""

    ids: tuple[str, ...]
    missing: tuple[str, ...]
    """Lines that mean no account of the plan."""
    several: tuple[str, ...]
    """Names or domains that more than one account has; none of them is taken."""

    @property
    def says(self) -> str:
        """All of it in a sentence."""
        told = [f"{len(self.ids):,} found"]
        if self.missing:
            told.append(f"{len(self.missing):,} not found")
        if self.several:
            told.append(f"{len(self.several):,} fit several accounts and are left out")
        return ", ".join(told) + "."


def found_in(tx: Connection, planned: Planned, text: str) -> Found:
    """
    The accounts a text names, one a line or a cell: by id, by name, or by domain, whatever the case.

    A row of a spreadsheet counts as one: its first cell that means an account is taken.
    """
    known = _known(record_of(tx).folder, str(planned.plan.result_id), str(planned.plan.snapshot_id))
    ids: dict[str, None] = {}
    missing: dict[str, None] = {}
    several: dict[str, None] = {}
    for line in text.splitlines():
        cells = [cell.strip().strip('"') for cell in re.split(r"[\t;]", line)]
        if "\t" not in line and ";" not in line and _meant(known, line.strip()) is None:
            cells = [cell.strip().strip('"') for cell in line.split(",")]
        cells = [cell for cell in cells if cell]
        if not cells:
            continue
        meant = next((one for cell in cells if (one := _meant(known, cell)) is not None), None)
        if meant is None:
            missing[cells[0]] = None
        elif meant == "":
            several[cells[0]] = None
        else:
            ids[meant] = None
    return Found(ids=tuple(ids), missing=tuple(missing), several=tuple(several))


def _meant(known: tuple[Mapping[str, str], Mapping[str, str]], cell: str) -> str | None:
    """The account a cell means; empty where it fits several, nothing where none."""
    by_id, by_other = known
    if cell in by_id:
        return cell
    told = cell.lower()
    return by_other.get(told) or by_other.get(re.sub(r"^(?:https?://)?(?:www\.)?|/.*$", "", told), by_other.get(told))


@lru_cache(maxsize=4)
def _known(folder: Path, result_id: str, snapshot_id: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The ids of a carve; and what else its accounts are called → their id, empty where several are."""
    accounts = results.read(folder, result_id).accounts
    ids = accounts["account_id"].to_list()
    path = folder / snapshots.FOLDER / f"{snapshot_id}.parquet"
    other: dict[str, str] = {}
    frames = [accounts.select("account_id", name=pl.col("name"))] if "name" in accounts.columns else []
    if path.is_file() and "domain" in (index := snapshots.index_of(path)).columns:
        inside = index.filter(pl.col("account_id").is_in(accounts["account_id"].implode()))
        frames.append(inside.select("account_id", name=pl.col("domain")))
    for frame in frames:
        told = frame.drop_nulls("name").with_columns(pl.col("name").str.to_lowercase().str.strip_chars())
        for account, name in told.iter_rows():
            other[name] = account if other.get(name, account) == account else ""
    return dict.fromkeys(ids, ""), other


@router.form("/plans/{plan_id}/found", Deed.SEE_EVERYONE)
def find(plan_id: InPath, here: Looked, text: Annotated[str, Form(max_length=900_000)] = "") -> Response:
    """Which accounts a pasted list means; nothing is changed."""
    found = found_in(here.tx, planned(here.tx, plan_id, by=here.person, at=here.at), text)
    told = {
        "ids": list(found.ids),
        "missing": list(found.missing[:MOST_MISSING]),
        "several": list(found.several[:MOST_MISSING]),
        "says": found.says,
    }
    return JSONResponse(told)
