"""Locks from a CSV of account_id and seat."""

from __future__ import annotations

import csv
from pathlib import Path

from patchbook.plans.plan import Lock
from patchbook.plans.values import Wrong

ACCOUNT_COLUMNS = ("account_id", "account")
SEAT_COLUMN = "seat"


def read_locks(path: Path) -> tuple[Lock, ...]:
    """One lock a line; `line` is the line of the CSV."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file)
            header = [name.strip().lower() for name in next(rows, [])]
            account = next((header.index(name) for name in ACCOUNT_COLUMNS if name in header), None)
            if account is None or SEAT_COLUMN not in header:
                shown = ", ".join(header) or "none"
                raise Wrong(f"{path.name} needs the columns account_id and seat, and its columns are {shown}")
            seat = header.index(SEAT_COLUMN)
            locks: list[Lock] = []
            for row in rows:
                cells = [cell.strip() for cell in row]
                if not any(cells):
                    continue
                if len(cells) <= max(account, seat) or not cells[account] or not cells[seat]:
                    raise Wrong(f"{path.name} line {rows.line_num} lacks an account_id or a seat")
                locks.append(Lock(account_id=cells[account], seat=cells[seat], line=rows.line_num))
            return tuple(locks)
    except (UnicodeDecodeError, csv.Error, OSError) as error:
        raise Wrong(f"{path.name} cannot be read as UTF-8 CSV ({type(error).__name__})") from None
