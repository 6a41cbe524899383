"""`patchbook rules check`: what is wrong with a plan's rules, and whether its assertions are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from patchbook.cli.rules.group import group

if TYPE_CHECKING:
    from patchbook.plans.assertions import Verdict
    from patchbook.plans.plan import Plan
    from patchbook.plans.rule_check import RuleCheck
    from patchbook.rules.prove.finding import Finding, Witness

SHOWN_FIELDS = 6
"""Of a record that shows a finding."""


@group.command()
def check(
    plan_file: Annotated[Path, typer.Argument(metavar="PLAN.yaml", help="The plan whose rules are checked.")],
    result: Annotated[
        Path | None,
        typer.Option("--result", metavar="DIR", help="A carve's folder: its assertions are held to that as well."),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 for warnings too.")] = False,
    fields: Annotated[bool, typer.Option("--fields", help="Say what each field adds, and which could go.")] = False,
    most: Annotated[int, typer.Option("--most", min=1, help="Findings of one kind that are told.")] = 100,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write the findings to this file as well.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Prove what is wrong with a plan's rules before anything runs, and test its assertions.

    Gaps, overlaps, rules that never win or are never true, values that are misspelt or missing; each with an account
    that shows it and what would be right. Exits with 1 when there is an error, or an assertion is broken; with 2 when
    the plan cannot be read.
    """
    from patchbook.cli.output import say_json
    from patchbook.plans.file import load
    from patchbook.plans.problems import BadPlanFile
    from patchbook.plans.rule_check import check_rules

    try:
        plan = load(plan_file)
    except BadPlanFile as error:
        for problem in error.problems:
            typer.echo(f"{plan_file.name} {problem}" if problem.line else f"{plan_file.name}: {problem}", err=True)
        raise typer.Exit(2) from None
    checked = check_rules(plan, result=result, fields=fields, most=most)
    if csv is not None:
        _write(checked.proof.findings, csv)
    if as_json:
        say_json(_plain(checked))
    else:
        _say(plan, checked)
    if not checked.is_good or (strict and checked.count("warning")):
        raise typer.Exit(1)


def _say(plan: Plan, checked: RuleCheck) -> None:
    from patchbook.words import counted

    name = plan.file.name if plan.file else "the plan"
    for finding in checked.proof.findings:
        where = f"{name} line {finding.line}" if finding.line else name
        typer.echo(f"{finding.severity}: {where}: {finding}")
        if finding.condition and finding.kind != "overlap":
            typer.echo(f"    As a condition: {finding.condition}")
        if finding.witness is not None:
            typer.echo(f"    Shown by {_shown(finding.witness)}")
    for kind, number in checked.proof.left_out.items():
        what = "account is in a gap that is" if kind == "gap" else f"{kind} is"
        many = "accounts are in gaps that are" if kind == "gap" else f"of the kind {kind!r} are"
        typer.echo(f"{counted(number, what, many)} not told; --most tells more.")
    for verdict in checked.verdicts:
        typer.echo(f"{_word(verdict)}: {name} line {verdict.line}: {verdict.says}")
    for sentence in () if checked.advice is None else checked.advice.says:
        typer.echo(sentence)
    typer.echo(
        f"{plan.name}: {counted(checked.proof.rules, 'rule')}, {counted(checked.proof.accounts or 0, 'account')}:"
        f" {counted(checked.count('error'), 'error')}, {counted(checked.count('warning'), 'warning')},"
        f" {counted(checked.count('note'), 'note')}, {counted(checked.broken, 'assertion')} broken."
    )


def _word(verdict: Verdict) -> str:
    return "not yet" if verdict.holds is None else "kept" if verdict.holds else "broken"


def _shown(witness: Witness) -> str:
    known = [f"{field} {_cell(value)}" for field, value in witness.record.items() if field != "account_id"]
    told = ", ".join(known[:SHOWN_FIELDS]) or "any record"
    return f"account {witness.account_id}: {told}." if witness.account_id is not None else f"a record made up: {told}."


def _cell(value: object) -> str:
    return "is empty" if value is None else repr(value) if isinstance(value, str) else str(value)


def _write(findings: Sequence[Finding], path: Path) -> None:
    import polars as pl

    from patchbook.accounts.csv_out import write_csv

    columns = ("kind", "severity", "rules", "line", "says", "fix", "condition", "accounts", "account_id", "record")
    rows = [
        (
            str(one.kind),
            str(one.severity),
            " ".join(str(number) for number in one.rules),
            one.line,
            one.says,
            one.fix,
            one.condition,
            one.accounts,
            one.witness.account_id if one.witness else None,
            _shown(one.witness) if one.witness else None,
        )
        for one in findings
    ]
    numbers = {"line": pl.Int64, "accounts": pl.Int64}
    schema = {name: numbers.get(name, pl.String) for name in columns}
    write_csv(pl.DataFrame(rows, schema=schema, orient="row"), path)


def _plain(checked: RuleCheck) -> Mapping[str, Any]:
    return {
        "good": checked.is_good,
        "rules": checked.proof.rules,
        "accounts": checked.proof.accounts,
        "has_no_gap": checked.proof.has_no_gap,
        "findings": checked.proof.findings,
        "left_out": {str(kind): number for kind, number in checked.proof.left_out.items()},
        "assertions": checked.verdicts,
        "fields": None if checked.advice is None else checked.advice,
    }
