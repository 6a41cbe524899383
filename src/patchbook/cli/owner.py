"""`patchbook owner`: who owns an account on a date, as known on another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from patchbook.cli.app import ANSWERS, app
from patchbook.cli.output import plain, say_json
from patchbook.cli.record import Acting, AsJson, AsKnownOn, Data, On, reading
from patchbook.period import told

if TYPE_CHECKING:
    from patchbook.ledger.answers import Answer

Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's id.")]
InRole = Annotated[str, typer.Option("--role", help="The seat asked about: owner, sdr, csm, …")]


@app.command(rich_help_panel=ANSWERS)
def owner(
    account: Account,
    on: On = None,
    as_known_on: AsKnownOn = None,
    role: InRole = "owner",
    opportunity: Annotated[
        bool, typer.Option("--opportunity", help="ACCOUNT is the id of an opportunity; ask who has that one.")
    ] = False,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Say who owns an account: now or on a day, as known now or as the record had it then."""
    from patchbook.ledger import actions as ledger

    with reading(data, acting) as (tx, who):
        ask = ledger.owner_of_opportunity if opportunity else ledger.owner
        answer = ask(tx, account, role=role, on=on or who["at"], as_known_on=as_known_on, **who)
    if as_json:
        say_json({"says": answer.says, **plain(answer)})
    else:
        typer.echo(in_words(answer, now=on is None))


def in_words(answer: Answer, *, now: bool) -> str:
    """Who it is, and in which territory the account lies."""
    says = f"Now{answer.says.removeprefix(f'On {told(answer.on)}')}" if now else answer.says
    return f"{says} It is in {answer.territory}." if answer.territory else says
