"""`patchbook plan show | list`: a plan file as it is understood, or a plan of the record and how far it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from patchbook.cli.named import plan_named
from patchbook.cli.output import cell, plain, say_json, say_page, say_table
from patchbook.cli.plan.group import group
from patchbook.cli.record import Acting, After, AsJson, Data, Limit, reading

if TYPE_CHECKING:
    from patchbook.plans.life import RecordedPlan
    from patchbook.plans.plan import Plan
    from patchbook.plans.state import PlanState


@group.command()
def show(
    plan: Annotated[
        str, typer.Argument(metavar="PLAN", help="A plan file, or the name or id of a plan in the record.")
    ],
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Show a plan: of a file, every setting and condition in words; of the record, how far it is and its balance."""
    if Path(plan).suffix in (".yaml", ".yml") or Path(plan).is_file():
        _show_file(Path(plan), as_json)
        return
    from patchbook.plans import actions as plans

    with reading(data, acting) as (tx, who):
        found = plan_named(tx, plan, who)
        state = plans.state(tx, found.plan_id, **who) if found.result_id else None
    if as_json:
        say_json({**plain(found), "territories": [] if state is None else state.territories})
        return
    _say_plan(found)
    if state is not None:
        _say_balance(state)


@group.command("list")
def list_plans(
    limit: Limit = 100, after: After = None, data: Data = None, acting: Acting = None, as_json: AsJson = False
) -> None:
    """List the plans of the record that you may see."""
    from patchbook.plans import actions as plans

    with reading(data, acting) as (tx, who):
        page = plans.plans(tx, after=after, limit=limit, **who)
    say_page(
        page,
        ("plan", "id", "status", "effective", "scenario of", "revision"),
        lambda plan: (plan.name, plan.plan_id, plan.status, plan.effective, plan.scenario_of, plan.revision),
        empty="There is no plan yet; start one with `patchbook plan start PLAN.yaml`.",
        as_json=as_json,
    )


def _say_plan(plan: RecordedPlan) -> None:
    typer.echo(f"{plan.name} ({plan.plan_id}) is {plan.status}, revision {plan.revision}.")
    for what, value in (
        ("Effective", plan.effective),
        ("Made by", f"{plan.made_by} on {cell(plan.made_at)}"),
        ("A scenario of", plan.scenario_of),
        ("Accounts", plan.snapshot_id),
        ("Carved with", plan.result_id and f"seed {plan.seed}, {plan.engine_version}"),
        ("Open to challenges until", plan.open_to_challenges_until),
    ):
        if value:
            typer.echo(f"{what}: {cell(value)}")


def _say_balance(state: PlanState) -> None:
    measures = [name for name in state.measures if f"{name}_deviation" in state.territories.columns]
    say_table(
        ("territory", "person", *(f"{name}, off target" for name in measures)),
        [
            (row["territory"], "vacant" if row.get("vacant") else row.get("person"), *_shares(row, measures))
            for row in state.territories.iter_rows(named=True)
        ],
    )


def _shares(row: dict[str, float | None], measures: list[str]) -> list[str]:
    found = [row[f"{name}_deviation"] for name in measures]
    return ["–" if share is None else f"{100 * share:+.1f} %" for share in found]


def _show_file(file: Path, as_json: bool) -> None:
    from patchbook.plans.file import dump, load

    plan = load(file, files=False)
    if as_json:
        say_json({"document": dump(plan), "conditions": _in_words(plan)})
        return
    typer.echo(dump(plan), nl=False)
    for line in _in_words(plan):
        typer.echo(f"# {line}")


def _in_words(plan: Plan) -> list[str]:
    from patchbook.plans.inheritance import effective
    from patchbook.plans.plan import CarveLayer, RuleLayer
    from patchbook.rules.explain import in_words
    from patchbook.rules.parse import parse

    lines = []
    for number, layer in enumerate(plan.layers):
        rule = effective(plan, number)
        if isinstance(layer, RuleLayer) and layer.catches_all:
            whose = in_words(parse(rule or "TRUE"))
            lines.append(f"{layer.name} takes what nothing under {layer.under} takes, where {whose}.")
        elif rule is not None:
            lines.append(f"{layer.name} takes accounts where {in_words(parse(rule))}.")
        if isinstance(layer, CarveLayer) and layer.people is not None:
            lines.append(f"{layer.name} is carved for people where {in_words(parse(layer.people))}.")
        if isinstance(layer, CarveLayer) and layer.keep.protect is not None:
            lines.append(
                f"{layer.name} leaves accounts with today's owner where {in_words(parse(layer.keep.protect))}."
            )
    return lines
