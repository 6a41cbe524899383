"""`patchbook jobs …`: work that is done by itself, its log, and the worker that does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from patchbook.cli.app import RUNNING, app
from patchbook.cli.output import say_json, say_page, say_table
from patchbook.cli.record import Acting, After, AsJson, Data, Limit, now, opened, reading, who, writing

if TYPE_CHECKING:
    from threading import Event

    from patchbook.db.record import Record

group = typer.Typer(name="jobs", help="See and run the work that is done by itself.", no_args_is_help=True)
app.add_typer(group, rich_help_panel=RUNNING)

Name = Annotated[str, typer.Argument(metavar="JOB", help="Its name; `patchbook jobs list` shows them.")]

POLL_SECONDS = 5.0


@group.command("list")
def list_jobs(data: Data = None, acting: Acting = None, as_json: AsJson = False) -> None:
    """List the jobs, and when each is due."""
    from patchbook.jobs import actions

    with reading(data, acting) as (tx, asking):
        found = actions.jobs(tx, **asking)
    if as_json:
        say_json(found)
        return
    say_table(
        ("job", "schedule", "due", "what it does"),
        [
            (one.name, one.schedule if one.is_on else "off", one.next_due if one.is_on else None, one.meaning)
            for one in found
        ],
    )


@group.command()
def run(name: Name, data: Data = None, acting: Acting = None, as_json: AsJson = False) -> None:
    """Do one job now, in this process."""
    from patchbook.jobs import actions, runner

    with opened(data) as record:
        with record.writing() as tx:
            asking = who(record, tx, acting)
            actions.ask(tx, name, **asking)
        done = runner.run_now(record, actions.kind_of(name), now, _worker(), asked_by=asking["by"].person_id)
    if as_json:
        say_json(done)
    else:
        typer.echo(f"{done.name} {done.outcome}: {done.says}")


@group.command()
def log(
    name: Annotated[str | None, typer.Argument(metavar="JOB", help="Only this job.")] = None,
    limit: Limit = 20,
    after: After = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Show what came of the runs, newest first."""
    from patchbook.jobs import actions

    with reading(data, acting) as (tx, asking):
        page = actions.runs(tx, name=name, after=after, limit=limit, **asking)
    if as_json:
        say_json(page)
        return
    say_page(
        page,
        ("job", "started", "outcome", "says"),
        lambda one: (one.name, one.started, one.outcome, one.says),
        empty="No job was run yet.",
    )


@group.command()
def schedule(
    name: Name,
    to: Annotated[
        str | None,
        typer.Argument(metavar="WHEN", help="As 'every 15 minutes'; the one it comes with where absent."),
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="Do not run it any more, except when asked.")] = False,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Say when a job is due."""
    from patchbook.jobs import actions

    with writing(data, acting) as (tx, asking):
        changed = actions.reschedule(tx, name, to, is_on=not off, **asking)
    if as_json:
        say_json(changed)
    elif off:
        typer.echo(f"{name} is off.")
    else:
        typer.echo(f"{name} runs {changed.schedule}.")


@group.command()
def work(
    once: Annotated[bool, typer.Option("--once", help="Do what is due, and leave.")] = False, data: Data = None
) -> None:
    """Do jobs as they fall due, until Ctrl-C; several workers share them."""
    from threading import Event

    with opened(data) as record:
        if once:
            from patchbook.jobs import runner
            from patchbook.jobs.kinds import JOBS

            while (done := runner.work_once(record, JOBS, now, _worker())) is not None:
                typer.echo(f"{done.name} {done.outcome}: {done.says}")
            return
        typer.echo("Working; Ctrl-C ends it.")
        work_until(record, Event())


def work_until(record: Record, stop: Event) -> None:
    """Do jobs until told to stop."""
    from patchbook.jobs import runner
    from patchbook.jobs.kinds import JOBS

    runner.work(record, JOBS, now, _worker(), stop=stop, poll_seconds=POLL_SECONDS)


def _worker() -> str:
    """A name for this process that no other has."""
    from patchbook.db.metadata import new_id

    return new_id("worker")
