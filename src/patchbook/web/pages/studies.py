"""Studies of a plan: what can be asked about its carve, asked beside the page, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

from fastapi import Query
from fastapi.responses import Response
from markupsafe import Markup
from sqlalchemy import Connection
from starlette.background import BackgroundTask

from patchbook.errors import NotFound
from patchbook.people.permission import Deed, allow, allow_somewhere, may
from patchbook.people.principal import Principal
from patchbook.plans import actions as plans
from patchbook.plans import asking
from patchbook.plans.asking import Answer
from patchbook.web import studying
from patchbook.web.as_csv import frame_as_csv
from patchbook.web.jobs import Job, JobNow, now_of, progress_of
from patchbook.web.models import InPath
from patchbook.web.names import ids_in, names_of, with_names
from patchbook.web.page import Looked, Pages, Posted
from patchbook.web.pages.plans import KINDS

if TYPE_CHECKING:
    from patchbook.plans.studies.study import Chart, Choice, Study, Table

ROWS = 25
"""Rows of a table on the page; its files have them all."""
FIELD = "choice."
"""What the names of a form's fields begin with."""

router = Pages()


class NoTable(NotFound):
    """An answer has no table of that name."""


@dataclass(frozen=True, kw_only=True)
class StudyCard:
    """One study, and what it told when it was asked last."""

    name: str
    title: str
    question: str
    asked_at: datetime | None
    says: str
    """The first sentence of the newest answer; empty where there is none."""


@dataclass(frozen=True, kw_only=True)
class StudiesPage:
    """What can be asked about a plan."""

    plan_id: str
    name: str
    status: str
    kind: str
    is_carved: bool
    cards: tuple[StudyCard, ...]


@dataclass(frozen=True, kw_only=True)
class Heading:
    """One column of a table as it is shown."""

    says: str
    is_figure: bool
    looks: str
    """The class of its cells: number, words or sentences; empty for a few letters."""
    href: str
    """Sorts by it, or the other way about."""
    sorted: str
    """ascending, descending or none."""


@dataclass(frozen=True, kw_only=True)
class ShownTable:
    """A page of a table."""

    name: str
    title: str
    headings: tuple[Heading, ...]
    rows: tuple[tuple[str, ...], ...]
    first: int
    all_rows: int
    before: str | None
    after: str | None
    """The addresses of the pages before and after."""


@dataclass(frozen=True, kw_only=True)
class ShownChart:
    """A chart as it is drawn."""

    title: str
    picture: Markup
    stands_out: frozenset[str]
    """The kinds of marks beside plain ones, for the legend."""


@dataclass(frozen=True, kw_only=True)
class StudyPage:
    """One study of a plan, and its answer."""

    plan_id: str
    name: str
    status: str
    kind: str
    is_carved: bool
    may_ask: bool
    study: str
    title: str
    question: str
    choices: tuple[Choice, ...]
    chosen: Mapping[str, str]
    """The choices of the answer shown, or the defaults."""
    answer: Answer | None
    by_name: str
    says: tuple[str, ...]
    charts: tuple[ShownChart, ...]
    tables: tuple[ShownTable, ...]
    others: tuple[tuple[str, str], ...]
    """Address and choices of the other answers that are kept."""
    job: JobNow | None


def cards(tx: Connection, plan_id: str, *, by: Principal, at: datetime) -> tuple[StudyCard, ...]:
    """Every study, with the first sentence of its newest answer about the plan as it is now."""
    from patchbook.plans.studies import STUDIES

    told = asking.answers(tx, plan_id, by=by, at=at) if may(by, Deed.SEE_EVERYONE) else {}
    first = {name: one[0].found.says[0] for name, one in told.items() if one[0].found.says}
    names = names_of(tx, ids_in(first.values()), seen_by=by, at=at)
    return tuple(
        StudyCard(
            name=study.name,
            title=study.title,
            question=study.question,
            asked_at=told[study.name][0].at if study.name in told else None,
            says=with_names(first.get(study.name, ""), names),
        )
        for study in STUDIES
    )


def load_all(tx: Connection, plan_id: str, *, by: Principal, at: datetime) -> StudiesPage:
    """What can be asked about a plan, and what was."""
    allow_somewhere(by, Deed.SEE_EVERYONE)
    plan = plans.get(tx, plan_id, by=by, at=at)
    return StudiesPage(
        plan_id=plan_id,
        name=plan.name,
        status=plan.status.value,
        kind=KINDS[plan.status],
        is_carved=plan.result_id is not None,
        cards=cards(tx, plan_id, by=by, at=at),
    )


def load(
    tx: Connection,
    plan_id: str,
    name: str,
    *,
    asked: str = "",
    sort: str = "",
    page: str = "",
    job: Job | None = None,
    by: Principal,
    at: datetime,
) -> StudyPage:
    """
    One study of a plan.

    Parameters
    ----------
    asked
        The digest of the choices whose answer is looked at; the newest answer where it is empty.
    sort
        A table, a column of it, and `down` where the largest comes first: `loads:off_share:down`.
    page
        A table, and which of its pages: `loads:2`.
    job
        The study of the plan that waits, runs or ended last.
    """
    from patchbook.plans.studies import settled, study_named

    allow_somewhere(by, Deed.SEE_EVERYONE)
    plan = plans.get(tx, plan_id, by=by, at=at)
    study = study_named(name)
    told = asking.answers(tx, plan_id, by=by, at=at).get(study.name, ())
    answer = next((one for one in told if asked in ("", one.key)), None)
    found = answer.found if answer is not None else None
    here = f"/plans/{plan_id}/studies/{study.name}"
    tables = [_shown(table, here, asked, sort, page) for table in found.tables] if found is not None else []
    words = [*(found.says if found else ()), *(cell for table in tables for row in table.rows for cell in row)]
    names = names_of(tx, ids_in(words), seen_by=by, at=at)
    return StudyPage(
        plan_id=plan_id,
        name=plan.name,
        status=plan.status.value,
        kind=KINDS[plan.status],
        is_carved=plan.result_id is not None,
        may_ask=may(by, Deed.EDIT_PLAN),
        study=study.name,
        title=study.title,
        question=study.question,
        choices=study.choices,
        chosen=answer.choices if answer is not None else settled(study, {}),
        answer=answer,
        by_name=names_of(tx, [answer.by], at=at).get(answer.by, answer.by) if answer is not None else "",
        says=tuple(with_names(sentence, names) for sentence in found.says) if found is not None else (),
        charts=tuple(map(_drawn, found.charts)) if found is not None else (),
        tables=tuple(
            replace(table, rows=tuple(tuple(with_names(cell, names) for cell in row) for row in table.rows))
            for table in tables
        ),
        others=tuple((f"{here}?asked={one.key}", _chosen(study, one)) for one in told if one is not answer),
        job=now_of(job),
    )


@router.page("/plans/{plan_id}/studies", Deed.SEE_EVERYONE)
def show_all(plan_id: InPath, here: Looked) -> Response:
    """What can be asked about a plan."""
    return here.show("studies.html", load_all(here.tx, plan_id, by=here.person, at=here.at))


@router.page("/plans/{plan_id}/studies/{name}", Deed.SEE_EVERYONE)
def show(
    plan_id: InPath,
    name: InPath,
    here: Looked,
    asked: Annotated[str, Query(max_length=40)] = "",
    sort: Annotated[str, Query(max_length=200)] = "",
    page: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """One study of a plan, and what it told."""
    job = studying.newest(here.request.app, plan_id)
    found = load(here.tx, plan_id, name, asked=asked, sort=sort, page=page, job=job, by=here.person, at=here.at)
    return here.show("study.html", found, block="answer")


@router.page("/plans/{plan_id}/studies/{name}/progress", Deed.SEE_EVERYONE)
def progress(plan_id: InPath, name: InPath, here: Looked) -> Response:
    """How far the study is, for the page that waits for it."""
    plans.get(here.tx, plan_id, by=here.person, at=here.at)
    return progress_of(studying.newest(here.request.app, plan_id))


@router.page("/plans/{plan_id}/studies/{name}/tables/{table}.csv", Deed.SEE_EVERYONE)
def csv(
    plan_id: InPath, name: InPath, table: InPath, here: Looked, asked: Annotated[str, Query(max_length=40)] = ""
) -> Response:
    """A table of an answer as a file."""
    from patchbook.plans.studies.cells import frame_of

    answer = asking.answer(here.tx, plan_id, name, key=asked, by=here.person, at=here.at)
    found = answer.found.table(table)
    if found is None:
        names = ", ".join(one.name for one in answer.found.tables)
        raise NoTable(f"The answer has no table {table!r}; it has {names or 'none'}.")
    return frame_as_csv(frame_of(found), f"{name}-{table}.csv")


@router.form("/plans/{plan_id}/studies/{name}", Deed.EDIT_PLAN)
def begin(plan_id: InPath, name: InPath, form: Posted, here: Looked) -> Response:
    """Ask a study about a plan, beside this request."""
    choices = {
        key.removeprefix(FIELD): str(value)[:500]
        for key, value in form.items()
        if key.startswith(FIELD) and str(value).strip()
    }
    app, jobs = here.request.app, here.request.app.state.jobs
    job, work = studying.asked(app, here.tx, plan_id, name, choices, by=here.person, at=here.at)
    response = here.done(f"/plans/{plan_id}/studies/{name}")
    response.background = BackgroundTask(jobs.begin, job, work)
    return response


@router.form("/plans/{plan_id}/studies/{name}/stop", Deed.EDIT_PLAN)
def stop(plan_id: InPath, name: InPath, here: Looked) -> Response:
    """End a study; what it found so far is told."""
    allow(here.tx, here.person, Deed.EDIT_PLAN, at=here.at)
    plans.get(here.tx, plan_id, by=here.person, at=here.at)
    running = studying.newest(here.request.app, plan_id)
    if running is not None:
        running.stop.set()
    return here.done(f"/plans/{plan_id}/studies/{name}")


def _drawn(chart: Chart) -> ShownChart:
    from patchbook.plans.studies.drawing import svg_of

    kinds = frozenset(str(mark.kind) for mark in chart.marks) - {"plain"}
    return ShownChart(title=chart.title, picture=Markup(svg_of(chart)), stands_out=kinds)


def _shown(table: Table, here: str, asked: str, sort: str, page: str) -> ShownTable:
    """One page of a table, sorted as asked for; what is asked about another table leaves it as it is."""
    from patchbook.plans.studies.cells import FIGURES, shown

    columns = {column.name: number for number, column in enumerate(table.columns)}
    of, by, way = (*sort.split(":"), "", "", "")[:3]
    is_sorted = of == table.name and by in columns
    rows = list(table.rows)
    if is_sorted:
        number = columns[by]
        there = [row for row in rows if row[number] is not None]
        there.sort(key=lambda row: _order(row[number]), reverse=way == "down")
        rows = there + [row for row in rows if row[number] is None]
    whose, _, nth = page.partition(":")
    pages = max(1, -(-len(rows) // ROWS))
    at = min(max(int(nth), 1), pages) if whose == table.name and nth.isdecimal() and len(nth) < 9 else 1
    kept = {"asked": asked} if asked else {}

    def address(**more: str) -> str:
        return f"{here}?{urlencode(kept | more)}#table-{table.name}"

    def turned(to: int) -> str | None:
        if not 1 <= to <= pages:
            return None
        return address(**({"sort": sort} if is_sorted else {}), page=f"{table.name}:{to}")

    def heading(name: str, says: str, unit: str) -> Heading:
        is_figure = unit in FIGURES
        mine = is_sorted and by == name
        down = (way != "down") if mine else is_figure  # figures: the largest first
        return Heading(
            says=says,
            is_figure=is_figure,
            looks="number" if is_figure else _length(table, columns[name]),
            href=address(sort=f"{table.name}:{name}{':down' if down else ''}"),
            sorted="none" if not mine else "descending" if way == "down" else "ascending",
        )

    some = rows[(at - 1) * ROWS : at * ROWS]
    columns_shown = [
        (number, column) for number, column in enumerate(table.columns) if not _says_nothing(table, number)
    ]
    return ShownTable(
        name=table.name,
        title=table.title,
        headings=tuple(heading(column.name, column.says, column.unit) for _, column in columns_shown),
        rows=tuple(tuple(shown(row[number], column.unit) for number, column in columns_shown) for row in some),
        first=(at - 1) * ROWS + 1,
        all_rows=len(rows),
        before=turned(at - 1),
        after=turned(at + 1),
    )


def _says_nothing(table: Table, number: int) -> bool:
    """Whether a column names the carve although all rows are of one; files have it all the same."""
    return table.columns[number].name in ("carve", "layer") and len({row[number] for row in table.rows}) == 1


def _length(table: Table, number: int) -> str:
    """How much room the words of a column need, by the longest; no column is squeezed to a word a line."""
    longest = max((len(str(row[number])) for row in table.rows if row[number] is not None), default=0)
    return "sentences" if longest > 120 else "words" if longest > 30 else ""


def _order(cell: object) -> tuple[int, float, str]:
    """Numbers before words."""
    return (0, float(cell), "") if isinstance(cell, int | float) else (1, 0.0, str(cell).casefold())


def _chosen(study: Study, answer: Answer) -> str:
    told = [f"{choice.says.split(';')[0]}: {answer.choices.get(choice.name) or 'none'}" for choice in study.choices]
    return "; ".join(told) or "as it is"
