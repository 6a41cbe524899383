"""`patchbook profile`: what a file of accounts holds, how good it is, and what will follow from it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from patchbook.cli.app import FILES, app
from patchbook.errors import BadInput

if TYPE_CHECKING:
    from patchbook.accounts.profile import Profile


class UnclearColumn(BadInput):
    """A --column is not field=column."""

    def __init__(self, found: str) -> None:
        super().__init__(f"--column {found!r} is not clear; write field=column, as in --column account_id=Number.")


@app.command(rich_help_panel=FILES)
def profile(
    file: Annotated[Path, typer.Argument(help="CSV, Excel, Parquet or JSON lines.", show_default=False)],
    column: Annotated[
        list[str] | None, typer.Option(help="field=column, where the suggested mapping is wrong; may be repeated.")
    ] = None,
    uses: Annotated[str | None, typer.Option(help="Fields a plan will use, with commas between.")] = None,
    duplicates: Annotated[bool, typer.Option("--duplicates", help="Look for accounts that are one company.")] = False,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day against which records are old.")
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="How the text is written; found out when left away.")] = None,
    delimiter: Annotated[str | None, typer.Option(help="What stands between columns; found out otherwise.")] = None,
    sheet: Annotated[str | None, typer.Option(help="The sheet of a workbook; the first when left away.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for rejected.csv, duplicates.csv, problems.csv and the snapshot.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write the profile as one HTML page; `html` alone writes profile.html.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the profile as JSON.")] = False,
) -> None:
    """Show what a file of accounts holds, how good it is and what will follow from it."""
    import json

    import patchbook.accounts.profile as profiles
    from patchbook.accounts import read

    accounts = read(
        file,
        columns=columns_of(column or []),
        encoding=encoding,
        delimiter=delimiter,
        sheet=sheet,
        as_of=as_of.date() if as_of else None,
    )
    used = [name.strip() for name in (uses or "").split(",") if name.strip()]
    found = profiles.profile(accounts, uses=used, duplicates=duplicates)
    if out is not None:
        _write(found, out)
    if report is not None:
        from patchbook.accounts.csv_out import write_whole
        from patchbook.accounts.profile_page import page

        write_whole(Path("profile.html") if report == Path("html") else report, page(found).encode())
    if as_json:
        typer.echo(json.dumps(profiles.as_json(found), indent=2, ensure_ascii=False, default=str))
    else:
        _show(found)


def columns_of(pairs: list[str]) -> dict[str, str | None]:
    columns: dict[str, str | None] = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not equals or not field.strip():
            raise UnclearColumn(pair)
        columns[field.strip()] = column.strip() or None
    return columns


def _write(found: Profile, folder: Path) -> None:
    from patchbook.accounts import save, write_csv

    write_csv(found.accounts.rejected, folder / "rejected.csv")
    write_csv(found.accounts.problems, folder / "problems.csv")
    if found.duplicates is not None:
        write_csv(found.duplicates.pairs, folder / "duplicates.csv")
    save(found.accounts, folder)


def _show(found: Profile) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console()
    accounts = found.accounts
    columns = {mapped.field: mapped for mapped in accounts.mapping}
    console.print(f"[bold]{escape(accounts.name)}[/bold]  {accounts.frame.height:,} accounts  {accounts.snapshot_id}")
    table = Table("Field", "Column", "Type", box=None, pad_edge=False, header_style="bold")
    for title in ("Filled", "Valid", "Different"):
        table.add_column(title, justify="right")
    for one in found.quality.fields:
        mapped = columns.get(one.field)
        table.add_row(
            one.field,
            escape(f"{mapped.column}{'' if mapped.score >= 0.9 else '  (guessed)'}") if mapped else "",
            one.type or "",
            f"{one.complete:.1%}",
            f"{one.valid:.1%}",
            f"{one.distinct:,}",
        )
    console.print(table)
    if found.duplicates is not None:
        groups = found.duplicates.groups["group"].n_unique()
        console.print(f"\n{found.duplicates.pairs.height:,} pairs in {groups:,} groups are probably one company each.")
        for pair in found.duplicates.pairs.head(5).iter_rows(named=True):
            console.print(escape(f"  {pair['account_id']} and {pair['duplicate_id']}: {pair['reasons']}"))
    if accounts.rejected.height:
        console.print(f"\n{accounts.rejected.height:,} cells and rows could not be taken; the first are")
        for row in accounts.rejected.head(5).iter_rows(named=True):
            column = f", {row['column']}" if row["column"] else ""
            console.print(escape(f"  line {row['line']}{column}: found {row['found']!r}, expected {row['expected']}"))
    console.print()
    for sentence in found.quality.sentences:
        console.print(f"• {escape(sentence)}", highlight=False)
