"""`patchbook rules learn`: few readable rules from a book of accounts or a carve, and the exceptions listed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from patchbook.cli.rules.group import group
from patchbook.errors import BadInput

if TYPE_CHECKING:
    from patchbook.rules.learn import Learned

SHOWN_CHARACTERS = 160


class UnclearShare(BadInput):
    """A --fidelity is no share."""

    def __init__(self, found: str) -> None:
        super().__init__(f"--fidelity {found!r} is not clear; write a share above 0 and at most 1, as in 98% or 0.98.")


@group.command()
def learn(
    book: Annotated[
        Path, typer.Argument(metavar="ACCOUNTS|FOLDER", help="A file of accounts, or the folder of a carve.")
    ],
    territory: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="The column with each account's territory; for a file.")
    ] = None,
    accounts: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The accounts a folder was carved from, with all their fields.")
    ] = None,
    fields: Annotated[
        str | None, typer.Option(help="What rules may look at, with commas between; else all that can tell.")
    ] = None,
    fidelity: Annotated[str, typer.Option(help="The share of accounts that rules are to place right.")] = "98%",
    most_rules: Annotated[
        int | None, typer.Option(min=0, help="Stop at so many rules; else at 4 a territory, and no fewer than 50.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a plan of these rules, its exceptions beside it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print rules and exceptions as JSON.")] = False,
) -> None:
    """Turn a book of accounts, or a carve, into few rules that say the same, and list the exceptions."""
    from patchbook.cli.output import say_json
    from patchbook.plans.from_book import book_of, write
    from patchbook.rules.learn import learn as learned_from

    share = _share(fidelity)
    given = book_of(book, column=territory, accounts=accounts)
    wanted = [name.strip() for name in fields.split(",") if name.strip()] if fields else None
    learned = learned_from(given.accounts, given.territory, fields=wanted, fidelity=share, most_rules=most_rules)
    written = write(given, learned, out) if out is not None else []
    if as_json:
        ids = given.accounts["account_id"][learned.exceptions["row"]].to_list()
        say_json(_told(learned, ids, [str(path) for path in written]))
    else:
        _show(learned, written)


def _share(text: str) -> float:
    try:
        value = float(text.strip().removesuffix("%"))
    except ValueError:
        raise UnclearShare(text) from None
    share = value / 100 if text.strip().endswith("%") else value
    if not 0 < share <= 1:
        raise UnclearShare(text)
    return share


def _told(learned: Learned, ids: list[str], written: list[str]) -> dict[str, Any]:
    return {
        "rules": [
            {"territory": rule.territory, "where": rule.where, "says": rule.says, "takes": rule.takes,
             "right": rule.right}
            for rule in learned.rules
        ],
        "default": learned.default,
        "default_takes": learned.default_takes,
        "default_right": learned.default_right,
        "fidelity": learned.fidelity,
        "asked": learned.asked,
        "why_not_reached": learned.why_not_reached,
        "fields": list(learned.fields),
        "exceptions": [
            {"account_id": account_id, "territory": row["territory"], "learned": row["learned"]}
            for account_id, row in zip(ids, learned.exceptions.iter_rows(named=True), strict=True)
        ],
        "written": written,
    }  # fmt: skip


def _show(learned: Learned, written: list[Path]) -> None:
    from patchbook.words import counted

    for number, rule in enumerate(learned.rules, 1):
        where = rule.where if len(rule.where) <= SHOWN_CHARACTERS else rule.where[: SHOWN_CHARACTERS - 1] + "…"
        wrong = f", {rule.takes - rule.right:,} of them wrongly" if rule.takes > rule.right else ""
        typer.echo(f"{number}. {rule.territory or 'Nobody'}: takes {rule.takes:,}{wrong}\n   {where}")
    typer.echo(f"The rest, {learned.default_takes:,}, to {learned.default or 'nobody'}.")
    why = learned.why_not_reached
    reached = "" if why is None else f" (asked for: {learned.asked:.4g}; {why})"
    typer.echo(
        f"{counted(len(learned.rules), 'rule')} place {learned.fidelity:.2%} of the accounts right{reached};"
        f" {counted(learned.exceptions.height, 'exception')}."
    )
    if written:
        typer.echo(f"Written: {', '.join(str(path) for path in written)}")
