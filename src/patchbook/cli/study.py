"""`patchbook study`: questions about a plan's carve, answered in sentences, tables and pictures."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from patchbook.cli.app import FILES, app
from patchbook.cli.output import place, say_json, say_table
from patchbook.cli.progress import progress_line
from patchbook.errors import BadInput

if TYPE_CHECKING:
    from patchbook.plans.studies.study import Found, Study

MOST_ROWS = 20
"""Rows of a table in the terminal; --out and --json have all."""

Name = Annotated[str | None, typer.Argument(metavar="NAME", help="The study; without it every study is listed.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="CHOICE=VALUE", help="One of the study's choices; may be given more than once."),
]
Out = Annotated[
    Path | None, typer.Option("--out", help="Folder for the tables as CSV, the charts as SVG and all of it as JSON.")
]
Seconds = Annotated[
    float | None, typer.Option("--seconds", min=0.0, help="Longest time for each carve layer, instead of the plan's.")
]


class BadSet(BadInput):
    """A choice is not written as CHOICE=VALUE."""


class NoPlanNamed(BadInput):
    """A study was named, and nothing to study."""


@app.command(rich_help_panel=FILES)
def study(
    name: Name = None,
    plan_file: Annotated[
        Path | None, typer.Argument(metavar="PLAN.yaml", help="The plan whose carve is asked about.")
    ] = None,
    choices: Set = None,
    out: Out = None,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="Number that chance is drawn from, instead of the plan's.")
    ] = None,
    seconds: Seconds = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Ask what the engine knows beyond a carve: without a name, list what can be asked.

    Ctrl-C ends a study, which tells what it has found so far. A plan of the record is asked about with
    `patchbook plan study`.
    """
    from patchbook.plans.studies import STUDIES, Asked, settled, study_named

    if name is None:
        say_studies(STUDIES, as_json=as_json)
        return
    asked_for = study_named(name)
    told = settled(asked_for, choices_in(choices or ()))
    if plan_file is None:
        raise NoPlanNamed(f"Name the plan to ask about: patchbook study {name} PLAN.yaml.")
    from patchbook.plans.file import load

    plan = load(plan_file)
    plan = replace(plan, seed=plan.seed if seed is None else seed, seconds=seconds or plan.seconds)
    with progress_line(f"{asked_for.title} of {plan.name}") as tell, stopped_by_ctrl_c() as stop:
        asked = Asked(plan=plan, choices=told, tell=lambda now: tell(now.phase, now.done), stop=stop)
        found = asked_for.run(asked)
    say_found(asked_for, found, out=out, as_json=as_json)


def choices_in(told: Sequence[str]) -> dict[str, str]:
    """
    Choices as they are typed.

    Examples
    --------
    >>> choices_in(["top=10", "measure=revenue_usd"])
    {'top': '10', 'measure': 'revenue_usd'}
    """
    found = {}
    for one in told:
        name, sign, value = one.partition("=")
        if not sign or not name.strip():
            raise BadSet(f"{one!r} is no choice; write it as CHOICE=VALUE, as in --set top=10.")
        found[name.strip()] = value.strip()
    return found


@contextmanager
def stopped_by_ctrl_c() -> Iterator[Callable[[], bool]]:
    """Whether somebody pressed Ctrl-C meanwhile; pressed again it ends the command as ever."""
    pressed = False

    def take(number: int, frame: Any) -> None:
        nonlocal pressed
        if pressed:
            raise KeyboardInterrupt
        pressed = True
        typer.echo("Stopping; what was found so far is told. Ctrl-C again ends it at once.", err=True)

    before = signal.signal(signal.SIGINT, take)
    try:
        yield lambda: pressed
    finally:
        signal.signal(signal.SIGINT, before)


def say_studies(studies: Sequence[Study], *, as_json: bool) -> None:
    """What can be asked, and what each question lets one choose."""
    if as_json:
        say_json(
            [
                {"name": one.name, "title": one.title, "question": one.question, "choices": one.choices}
                for one in studies
            ]
        )
        return
    say_table(("study", "question", "choices"), [(one.name, one.question, _choices(one)) for one in studies])
    typer.echo("Ask one with: patchbook study NAME PLAN.yaml")


def say_found(study: Study, found: Found, *, out: Path | None, as_json: bool) -> None:
    """An answer in the terminal, and in a folder where one is named."""
    from patchbook.plans.studies.cells import shown
    from patchbook.plans.studies.files import write

    written = write(study, found, out) if out is not None else ()
    if as_json:
        say_json({"study": study.name, **found.to_dict()})
        return
    if found.was_stopped:
        typer.echo("It was stopped before it was done; this is what was found until then.")
    for sentence in found.says:
        typer.echo(sentence)
    for table in found.tables:
        typer.echo(f"\n{table.title}")
        rows = [
            [shown(cell, column.unit) for cell, column in zip(row, table.columns, strict=True)]
            for row in table.rows[:MOST_ROWS]
        ]
        say_table([column.says for column in table.columns], rows)
        if len(table.rows) > MOST_ROWS:
            typer.echo(f"{len(table.rows) - MOST_ROWS:,} more rows; --out FOLDER writes all of them.")
    if written:
        typer.echo(f"\nWritten to {place(written[0].parent)}: {', '.join(path.name for path in written)}")
    elif found.charts:
        typer.echo("\n--out FOLDER draws what there is to draw, and writes the tables as CSV.")


def _choices(study: Study) -> str:
    return ", ".join(f"{choice.name}={choice.default}" for choice in study.choices) or "none"
