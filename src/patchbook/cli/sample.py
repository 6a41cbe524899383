"""`patchbook sample`: made-up accounts and people, for trying things out and for measuring."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from patchbook.cli.app import FILES, app

if TYPE_CHECKING:
    import polars as pl

sample = typer.Typer(no_args_is_help=True, help="Write made-up accounts or people.")
app.add_typer(sample, name="sample", rich_help_panel=FILES)


@sample.command("accounts")
def sample_accounts(
    rows: Annotated[int, typer.Option("--rows", help="How many accounts.", show_default=False)],
    out: Annotated[
        Path, typer.Option("--out", help="File to write, .csv or .parquet by its name.", show_default=False)
    ],
    seed: Annotated[int, typer.Option("--seed", help="Number that everything is made up from.")] = 1,
    truth: Annotated[
        Path | None, typer.Option("--truth", help="File for the list of planted faults.", show_default=False)
    ] = None,
) -> None:
    """Write made-up US accounts with families, duplicates and faults.

    The same rows and seed write the same bytes.
    """
    from patchbook.accounts.sample import sample_accounts as make

    made = make(rows, seed=seed)
    _write(made.accounts, out)
    typer.echo(f"{len(made.accounts):,} made-up accounts are in {out}.")
    if truth is not None:
        _write(made.truth, truth)
        typer.echo(f"{len(made.truth):,} planted faults are listed in {truth}.")


@sample.command("people")
def sample_people(
    seats: Annotated[int, typer.Option("--seats", help="How many reps; managers come on top.", show_default=False)],
    out: Annotated[
        Path, typer.Option("--out", help="File to write, .csv or .parquet by its name.", show_default=False)
    ],
    seed: Annotated[int, typer.Option("--seed", help="Number that everything is made up from.")] = 1,
) -> None:
    """Write made-up reps with homes, skills and languages, and a manager for every eight of them."""
    from patchbook.accounts.sample import sample_people as make

    made = make(seats, seed=seed)
    _write(made, out)
    typer.echo(f"{seats:,} made-up reps and {len(made) - seats:,} managers are in {out}.")


def _write(frame: pl.DataFrame, path: Path) -> None:
    from io import BytesIO

    from patchbook.accounts.csv_out import write_csv, write_whole

    if path.suffix == ".parquet":
        packed = BytesIO()
        frame.write_parquet(packed)
        write_whole(path, packed.getvalue())
    else:
        write_csv(frame, path)
