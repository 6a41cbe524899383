"""Files as people send them: good ones, and ones that are no table or mean harm."""

from __future__ import annotations

import io
import zipfile

import polars as pl

CRM = (
    b"id;name;parent_id;domain;city;state;country;employees;postal_code\n"
    b"A1;Acme Inc;;acme.com;Boston;MA;US;100;02110\n"
    b"A2;ACME Incorporated;;acme.com;Boston;MA;US;;02110\n"
    b"A3;Acme West;A1;west.acme.com;Denver;CO;US;20x;80202\n"
    b"A4;Bolt;;bolt.com;Austin;TX;US;7;73301\n"
)
"""Four accounts: a pair that is one company, a family of two, and a cell that cannot be read."""

LONG = "x" * 10_000
HOSTILE = {
    "H1": "<img src=x onerror=alert(1)>",
    "H2": "=cmd()|'/c calc'!A0",
    "H3": "\u202eevil\u202c שלום",
    "H4": LONG,
}
"""Names that are more than names, by account."""


def hostile() -> bytes:
    """Accounts with those names."""
    return pl.DataFrame({"id": list(HOSTILE), "name": list(HOSTILE.values())}).write_csv().encode()


def workbook(**sheets: list[list[object]]) -> bytes:
    """A workbook with these sheets, each a list of rows."""
    from openpyxl import Workbook

    out = io.BytesIO()
    book = Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(out)
    return out.getvalue()


def bomb() -> bytes:
    """A workbook of a few kilobytes that is a hundred megabytes of zeros unpacked."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/worksheets/sheet1.xml", b"0" * 100_000_000)
    return out.getvalue()
