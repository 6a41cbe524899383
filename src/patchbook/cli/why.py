"""`patchbook why`: the reason for one account, from the record or from a result folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patchbook.cli.app import ANSWERS, app
from patchbook.cli.output import plain, say_json
from patchbook.cli.owner import InRole, in_words
from patchbook.cli.record import Acting, AsJson, AsKnownOn, Data, On, reading
from patchbook.errors import BadInput


class NotOfAResult(BadInput):
    """An option that asks the record was given together with a result folder."""


@app.command(rich_help_panel=ANSWERS)
def why(
    account: Annotated[
        str,
        typer.Argument(metavar="[DIR] ACCOUNT", help="The account's id. With DIR, the folder a carve wrote, first."),
    ],
    second: Annotated[
        str | None, typer.Argument(metavar="ACCOUNT", help="With DIR: the account's id, or its exact name.")
    ] = None,
    on: On = None,
    as_known_on: AsKnownOn = None,
    role: InRole = "owner",
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Say why an account is where it is: every fact the answer rests on, with its cause.

    With the folder of a carve, say why the carve put it there, who nearly got it, and what would have to change.
    """
    if second is not None:
        if on or as_known_on or as_json:
            raise NotOfAResult(f"{account} is a result folder, which knows no dates; leave the options away.")
        _why_in_result(Path(account), second)
        return
    from patchbook.ledger import actions as ledger

    with reading(data, acting) as (tx, who):
        answer = ledger.owner(tx, account, role=role, on=on or who["at"], as_known_on=as_known_on, **who)
    if as_json:
        say_json({"says": answer.says, **plain(answer)})
        return
    typer.echo(in_words(answer, now=on is None))
    for step in answer.chain:
        typer.echo(f"• {step.says}")


def _why_in_result(folder: Path, account: str) -> None:
    from patchbook.plans import out

    typer.echo(out.read(folder).explain(account))
