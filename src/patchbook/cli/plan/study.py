"""`patchbook plan study`: questions about the carve of a plan of the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from patchbook.cli.named import Plan, plan_named
from patchbook.cli.output import say_json, say_table
from patchbook.cli.plan.group import group
from patchbook.cli.progress import progress_line
from patchbook.cli.record import Acting, AsJson, Data, opened, who
from patchbook.cli.study import Name, Out, Seconds, Set, choices_in, say_found, stopped_by_ctrl_c

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from patchbook.plans.asking import Answer


@group.command()
def study(
    plan: Plan,
    name: Name = None,
    choices: Set = None,
    out: Out = None,
    seconds: Seconds = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Ask what the engine knows beyond a plan's carve: without a study's name, list what was asked.

    The plan stays as it is, and the answer is kept beside its result, where the web app shows it. Ctrl-C ends a study,
    which tells what it has found so far.
    """
    from patchbook.plans import asking
    from patchbook.plans.studies import study_named

    with opened(data) as record:
        with record.reading() as tx:
            asking_now = who(record, tx, acting)
            found = plan_named(tx, plan, asking_now)
            if name is None:
                _say_asked(asking.answers(tx, found.plan_id, **asking_now), as_json=as_json)
                return
            told = choices_in(choices or ())
            prepared = asking.prepare_study(tx, found.plan_id, name, told, seconds=seconds, **asking_now)
        with progress_line(f"{prepared.study.title} of {found.name}") as tell, stopped_by_ctrl_c() as stop:
            answer = prepared.run(tell=lambda now: tell(now.phase, now.done), stop=stop)
    say_found(study_named(name), answer.found, out=out, as_json=as_json)
    if answer.has_moves and not as_json:
        typer.echo("Accounts were moved by hand on this plan; the study is about the carve before them.")


def _say_asked(told: Mapping[str, Sequence[Answer]], *, as_json: bool) -> None:
    """Every study, with what it told last."""
    from patchbook.plans.studies import STUDIES

    newest = {name: answers[0] for name, answers in told.items()}
    if as_json:
        say_json(
            [
                {
                    "name": study.name,
                    "question": study.question,
                    "asked_at": newest[study.name].at if study.name in newest else None,
                    "says": newest[study.name].found.says if study.name in newest else (),
                }
                for study in STUDIES
            ]
        )
        return
    say_table(
        ("study", "question", "asked", "it told"),
        [
            (
                study.name,
                study.question,
                newest[study.name].at if study.name in newest else None,
                newest[study.name].found.says[0] if study.name in newest else None,
            )
            for study in STUDIES
        ],
    )
