"""A plan beside its data: fields that are not there, conditions nobody meets, figures that cannot be balanced."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from patchbook.people.person import Person
from patchbook.plans.inheritance import conditions_of, is_for_the_rest
from patchbook.plans.meaning import lock_problem
from patchbook.plans.plan import BadPlan, CarveLayer, HouseLayer, Layer, NamedLayer, Plan, RuleLayer
from patchbook.plans.problems import Problem, in_order
from patchbook.plans.references import context_of
from patchbook.plans.seats import people_frame
from patchbook.rules.bind import asks_for_today
from patchbook.rules.book import holds_in
from patchbook.rules.context import Context
from patchbook.rules.expression import parse_expression
from patchbook.rules.notices import KnownValues, unknown_values
from patchbook.rules.parse import parse
from patchbook.rules.schema import Schema, schema_of
from patchbook.rules.source import BadRule, nearest


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A plan and its data, looked at together."""

    plan: Plan
    problems: tuple[Problem, ...]
    accounts: int
    people: int
    taken: tuple[int, ...]
    """How many accounts each layer takes, in the plan's order; empty when the plan has errors."""

    @property
    def is_good(self) -> bool:
        """Whether nothing but warnings was found."""
        return not any(problem.severity == "error" for problem in self.problems)


def check(
    plan: Plan,
    schema: Schema,
    people_schema: Schema | None = None,
    *,
    read_as: Mapping[str, str] | None = None,
    context: Context | None = None,
) -> tuple[Problem, ...]:
    """
    What a plan asks of its data that is not there; nothing when it fits.

    Parameters
    ----------
    schema
        Field → type of the accounts.
    people_schema
        The same of the people, when the plan names any.
    read_as
        Column of the accounts file → the field it was taken for, to say so where a plan names the column.
    context
        The lists, look-up tables and areas that conditions refer to; without it their names are not looked at.
    """
    fields = {column.lower(): field for column, field in (read_as or {}).items() if column not in schema}
    return in_order(_with_hint(problem, fields) for problem in _fields(plan, schema, people_schema or {}, context))


def check_with_data(plan: Plan) -> Checked:
    """Read the plan's accounts and people, and check the plan beside them."""
    from patchbook.accounts import read as read_accounts
    from patchbook.people.file import read_people

    read = read_accounts(
        plan.beside(plan.accounts),
        columns=dict(plan.columns) or None,
        types=dict(plan.types) or None,
        join=tuple(plan.beside(path) for path in plan.join),
    )
    accounts = read.frame
    people = read_people(plan.beside(plan.people))[0] if plan.people is not None else []
    staff = people_frame(people)
    read_as = {mapped.column: mapped.field for mapped in read.mapping if mapped.standard}
    try:
        context = context_of(plan, accounts)
    except BadPlan as error:
        broken = (Problem(message=str(error)),)
        return Checked(plan=plan, problems=broken, accounts=accounts.height, people=len(people), taken=())
    found = check(plan, schema_of(accounts), schema_of(staff), read_as=read_as, context=context)
    problems = [*found, *_misspelt(plan, accounts, context)]
    if not any(problem.severity == "error" for problem in problems):
        problems += _values(plan, accounts, people, staff)
    taken: tuple[int, ...] = ()
    if not any(problem.severity == "error" for problem in problems):
        taken, more = _taken(plan, accounts)
        problems += more
    return Checked(plan=plan, problems=in_order(problems), accounts=accounts.height, people=len(people), taken=taken)


def _with_hint(problem: Problem, fields: Mapping[str, str]) -> Problem:
    """A column that was read as a standard field goes by the field's name; say so instead of guessing."""
    found = re.search(r"(no field is called|have no field) '([^']*)'", problem.message)
    field = fields.get(found[2].lower()) if found else None
    if found is None or field is None:
        return problem
    message = f"{problem.message[: found.end()]}; the column {found[2]!r} was read as {field!r}, so write {field}"
    return replace(problem, message=message)


def _fields(plan: Plan, schema: Schema, people_schema: Schema, context: Context | None) -> Iterator[Problem]:
    for measure in plan.measures:
        place = f"measures.{measure.name}"
        try:
            parse_expression(measure.source, schema)
        except BadRule as error:
            yield _problem(plan, f"{place}.from", str(error))
        if measure.tolerance == 0:
            yield _problem(
                plan,
                f"{place}.tolerance",
                f"{measure.name} must be balanced exactly, which is seldom possible; 5% is usual",
                is_warning=True,
            )
    yield from _unused(plan)
    for place, text in conditions_of(plan):
        yield from _condition(plan, place, text, schema, context)
    for index, layer in enumerate(plan.layers):
        if isinstance(layer, CarveLayer):
            yield from _carve(plan, f"layers[{index}]", layer, schema, people_schema, context)
    if plan.layers and not isinstance(plan.layers[-1], HouseLayer) and not _takes_all(plan.layers[-1]):
        yield _problem(
            plan,
            "layers",
            "accounts that no layer takes are reported as unassigned; end with - house: rest to name them",
            is_warning=True,
        )


def _unused(plan: Plan) -> Iterator[Problem]:
    carves = [layer for layer in plan.layers if isinstance(layer, CarveLayer)]
    if any(not layer.balance for layer in carves):
        return
    used = {
        name
        for layer in carves
        for name in (
            *layer.balance,
            layer.travel_by,
            layer.fewest,
            *(sizing.measure for sizing in layer.sizings),
        )
    }
    for measure in plan.measures:
        if measure.name not in used:
            message = f"no layer uses the measure {measure.name!r}; add it to a balance or drop it"
            yield _problem(plan, f"measures.{measure.name}", message, is_warning=True)


def _takes_all(layer: Layer) -> bool:
    return isinstance(layer, CarveLayer) and layer.where is None


def _carve(
    plan: Plan, place: str, layer: CarveLayer, schema: Schema, people: Schema, context: Context | None
) -> Iterator[Problem]:
    if layer.people is not None and plan.people is not None:
        yield from _condition(plan, f"{place}.people", layer.people, people, context)
    wanted = {"by": layer.by, "together": layer.together, "mix": layer.mix.field if layer.mix else None}
    wanted["match.contacts"] = layer.match.contacts if layer.match else None
    for setting, field in wanted.items():
        if field is not None:
            yield from _field(plan, f"{place}.{setting}", field, schema, "the accounts")
    for field in layer.similar:
        yield from _field(plan, f"{place}.similar", field, schema, "the accounts")
    for field, person_field in layer.require.items():
        here = f"{place}.require.{field}"
        yield from _field(plan, here, field, schema, "the accounts")
        yield from _field(plan, here, person_field, people, "the people")


def _condition(plan: Plan, place: str, text: str, schema: Schema, context: Context | None) -> Iterator[Problem]:
    try:
        condition = parse(text, schema, context)
    except BadRule as error:
        yield _problem(plan, place, str(error))
    else:
        if context is not None and context.today is None and asks_for_today(condition):
            message = "today is the day a plan takes effect; say it, as in effective: 2027-02-01"
            yield _problem(plan, place, message)


def _misspelt(plan: Plan, accounts: pl.DataFrame, context: Context) -> Iterator[Problem]:
    """Values that no account has, where one that accounts do have is near."""
    schema = schema_of(accounts)
    known = KnownValues(accounts, context)
    for place, text in conditions_of(plan):
        try:
            found = unknown_values(text, schema, known)
        except BadRule:
            continue
        for notice in found:
            yield _problem(plan, place, notice, is_warning=True)


def _field(plan: Plan, place: str, field: str, known: Collection[str], whose: str) -> Iterator[Problem]:
    if field not in known:
        near = nearest(field, known)
        hint = f"; did you mean {near!r}?" if near else ""
        yield _problem(plan, place, f"{whose} have no field {field!r}{hint}")


def _values(plan: Plan, accounts: pl.DataFrame, people: Sequence[Person], staff: pl.DataFrame) -> Iterator[Problem]:
    from patchbook.plans.prepare import BadMeasure, measured

    for measure in plan.measures:
        place = f"measures.{measure.name}"
        try:
            _, missing = measured(accounts, measure, plan)
        except BadMeasure as error:
            yield _problem(plan, place, str(error))
            continue
        if missing:
            message = (
                f"{missing:,} of {accounts.height:,} accounts count as 0 in {measure.name}: {measure.source} is empty"
            )
            yield _problem(plan, place, message, is_warning=True)
    ids = set(accounts["account_id"].cast(pl.String))
    for index, lock in enumerate(plan.locks):
        if lock.account_id not in ids:
            message = f"a lock names account {lock.account_id!r}, which the accounts do not have"
            yield lock_problem(plan, index, message)
    for index, layer in enumerate(plan.layers):
        place = f"layers[{index}]"
        if isinstance(layer, RuleLayer) and layer.person is not None:
            yield from _person(plan, f"{place}.person", layer.person, people)
        if isinstance(layer, CarveLayer):
            if layer.people is not None and not holds_in(layer.people, staff, schema_of(staff), context_of(plan)).any():
                yield _problem(plan, f"{place}.people", f"nobody of the {len(people)} people meets {layer.people!r}")
            for account in sorted({account for pair in layer.apart for account in pair} - ids):
                message = f"apart names account {account!r}, which the accounts do not have"
                yield _problem(plan, f"{place}.apart", message, is_warning=True)


def _person(plan: Plan, place: str, person_id: str, people: Sequence[Person]) -> Iterator[Problem]:
    ids = {person.person_id for person in people}
    if person_id not in ids:
        near = nearest(person_id, ids)
        hint = f"; did you mean {near!r}?" if near else ""
        yield _problem(plan, place, f"nobody has the person_id {person_id!r}{hint}")


def _taken(plan: Plan, accounts: pl.DataFrame) -> tuple[tuple[int, ...], list[Problem]]:
    from patchbook.plans.layers import divide

    try:
        layers, unknown = divide(plan, accounts)
    except BadPlan as error:
        return (), [Problem(message=str(error), place="layers")]
    problems: list[Problem] = []
    if unknown:
        shown = ", ".join(unknown[:5]) + (", …" if len(unknown) > 5 else "")
        message = f"{len(unknown):,} hand-picked accounts are not among the accounts: {shown}"
        problems.append(_problem(plan, _first_named(plan.layers), message, is_warning=True))
    for index, taken in enumerate(layers):
        if len(taken.rows) == 0 and not is_for_the_rest(taken.layer):
            message = f"the layer {taken.layer.name!r} takes no account: none is left that it wants"
            problems.append(_problem(plan, f"layers[{index}]", message, is_warning=True))
    free = accounts.height - int(np.sum([len(taken.rows) for taken in layers]))
    if free:
        message = f"{free:,} of {accounts.height:,} accounts are taken by no layer"
        problems.append(_problem(plan, "layers", message, is_warning=True))
    return tuple(len(taken.rows) for taken in layers), problems


def _first_named(layers: Sequence[Layer]) -> str:
    return next(f"layers[{index}]" for index, layer in enumerate(layers) if isinstance(layer, NamedLayer))


def _problem(plan: Plan, place: str, message: str, *, is_warning: bool = False) -> Problem:
    return Problem(
        message=message.rstrip("."),
        place=place,
        line=_line(plan.lines, place),
        severity="warning" if is_warning else "error",
    )


def _line(lines: Mapping[str, int], place: str) -> int | None:
    """The line of a place, or of the part it stands in: a default has no line of its own."""
    while place:
        if place in lines:
            return lines[place]
        place = place.rpartition(".")[0]
    return None
