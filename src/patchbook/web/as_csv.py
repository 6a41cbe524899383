"""Any list of the API as CSV, for whoever asks with `Accept: text/csv` or `?format=csv`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import polars as pl
from fastapi import Request
from fastapi.responses import Response

from patchbook.accounts.csv_out import FORMULA_STARTS, as_csv

CSV = "text/csv"
_RISKY = (*FORMULA_STARTS, "\n", "＝", "＋", "－", "＠")


def wants_csv(request: Request) -> bool:
    """Whether CSV is asked for rather than JSON, by header or, as a link on a page does, with `?format=csv`."""
    if request.query_params.get("format") == "csv":
        return True
    accepted = [part.split(";")[0].strip() for part in request.headers.get("accept", "").split(",")]
    return CSV in accepted and "application/json" not in accepted


def csv_of(response: Response) -> Response:
    """The same list as CSV, a line an item; what is no list stays as it is."""
    if not hasattr(response, "body") or response.headers.get("content-type") != "application/json":
        return response
    document = json.loads(bytes(response.body))
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        return response
    items: list[dict[str, Any]] = document["items"]
    columns = list(dict.fromkeys(name for item in items for name in item))
    content = safe_csv(([item.get(name) for name in columns] for item in items), columns)
    headers = {"Link": response.headers["link"]} if "link" in response.headers else {}
    headers["Content-Disposition"] = 'attachment; filename="list.csv"'
    return Response(content, 200, headers, "text/csv; charset=utf-8", response.background)


def frame_as_csv(frame: pl.DataFrame, name: str) -> Response:
    """A table as a CSV file of that name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(as_csv(frame), 200, headers, "text/csv; charset=utf-8")


def safe_csv(rows: Iterable[Sequence[Any]], columns: Sequence[str] | None) -> bytes:
    """Rows as CSV in which no cell runs as a formula, with a line of columns before them where they are given."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    if columns is not None:
        writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue().encode()


def _cell(value: Any) -> Any:
    """A value as a spreadsheet shows it without running it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list | dict):
        value = json.dumps(value, ensure_ascii=False)
    return f"'{value}" if isinstance(value, str) and value.startswith(_RISKY) else value
