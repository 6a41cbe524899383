"""`patchbook lead`: leads in, with their owner and the reason; worked, given back, given by hand, made again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from patchbook.cli.app import ROUTING, app
from patchbook.cli.named import lead_named, plan_names
from patchbook.cli.output import cell, plain, say_json, say_page, say_table
from patchbook.cli.record import Acting, After, AsJson, Data, Limit, NoFile, Who, now, opened, reading, who
from patchbook.errors import BadInput
from patchbook.period import instant
from patchbook.words import counted

if TYPE_CHECKING:
    from patchbook.leads.fields import Unread
    from patchbook.leads.lane import Lane
    from patchbook.leads.lead import Answered, RecordedDecision, RecordedLead

group = typer.Typer(name="lead", help="Leads: who gets them, and why.", no_args_is_help=True)
app.add_typer(group, rich_help_panel=ROUTING)

LeadId = Annotated[str, typer.Argument(metavar="LEAD", help="The lead's id, or the one it came with.")]
Reason = Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason, which the record keeps.")]


class NotAField(BadInput):
    """A field of a lead is not written as field=value."""


@group.command()
def add(
    source_id: Annotated[str, typer.Argument(metavar="ID", help="Its id where it comes from.")],
    field: Annotated[
        list[str], typer.Option("--field", metavar="FIELD=VALUE", help="What it says; may be repeated.")
    ] = [],  # noqa: B006 - Typer copies it
    source: Annotated[str, typer.Option("--source", help="Where it comes from.")] = "by hand",
    kind: Annotated[str, typer.Option("--kind", help="lead, opportunity, case or meeting.")] = "lead",
    motion: Annotated[
        str, typer.Option("--motion", help="new business, inbound, outbound, renewal, expansion, partner sourced.")
    ] = "inbound",
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Take one lead in and say who gets it; the same id again is answered as the first time."""
    from patchbook.leads import actions
    from patchbook.leads.fields import read_fields
    from patchbook.leads.file import choice
    from patchbook.leads.lead import Received
    from patchbook.routing.lead import Kind, Motion

    read = read_fields(dict(_pair(one) for one in field))
    what = Received(
        source=source,
        source_id=source_id,
        kind=choice(Kind, kind, Kind.LEAD),
        motion=choice(Motion, motion, Motion.INBOUND),
        fields=read.fields,
        unread=read.unread,
    )
    with deciding(data, acting) as (lane, asking):
        answered = actions.receive(lane, what, **asking)
        _say_answered(lane, answered, as_json)


@group.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, Excel, Parquet or JSON lines, a row each.")],
    source: Annotated[str | None, typer.Option("--source", help="Where they come from; else the file's name.")] = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Take the leads of a file in: the good rows are kept, the bad ones listed with their line."""
    from patchbook.leads import actions
    from patchbook.leads import lane as lanes
    from patchbook.leads.file import read_leads
    from patchbook.leads.lead import AnotherLead

    if not file.is_file():
        raise NoFile(f"There is no file {file} here; name one that is there.")
    found = read_leads(file, source=source or file.stem)
    refused = [{"line": one.line, "says": one.says} for one in found.refused]
    taken: list[dict[str, Any]] = []
    unread: list[dict[str, Any]] = []
    with opened(data) as record:
        for row in found.rows:
            # Each in a turn of its own: what is taken stays taken, and leads from elsewhere are not kept waiting.
            try:
                with lanes.deciding(record, at=now()) as lane:
                    got = actions.receive(lane, row.received, **who(record, lane.company, acting))
            except AnotherLead as refusal:
                refused.append({"line": row.line, "says": str(refusal)})
            else:
                lead = got.lead
                taken.append(
                    {"line": row.line, "lead_id": lead.lead_id, "person_id": lead.person_id, "is_new": got.is_new}
                )
                unread += [{"line": row.line, "says": _not_taken(one)} for one in got.unread]
    refused.sort(key=lambda one: int(str(one["line"])))
    if as_json:
        say_json({"taken": taken, "refused": refused, "unread": unread})
        return
    queued, before = sum(one["person_id"] is None for one in taken), sum(not one["is_new"] for one in taken)
    are = "is" if len(taken) == 1 else "are"
    known = f" {before:,} came before." if before else ""
    typer.echo(
        f"{counted(len(taken), 'lead')} of {found.name} {are} in the record, {queued:,} of them in the queue.{known}"
    )
    for one in sorted([*refused, *unread], key=lambda one: int(str(one["line"]))):
        typer.echo(f"• Line {one['line']}: {one['says']}")


@group.command("list")
def list_leads(
    status: Annotated[str | None, typer.Option("--status", help="assigned, queued or closed.")] = None,
    person: Annotated[str | None, typer.Option("--person", help="Only leads of this person.")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE.csv", help="Write all of them as CSV.")] = None,
    limit: Limit = 100,
    after: After = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """List leads, the newest first; with --out all of them into a file."""
    from patchbook.accounts.csv_out import write_csv
    from patchbook.leads import looking
    from patchbook.leads.file import choice, leads_frame
    from patchbook.leads.lead import Status

    wanted = choice(Status, status or "", None)
    with reading(data, acting) as (tx, asking):
        page = looking.leads(tx, status=wanted, person_id=person, after=after, limit=limit, **asking)
        rows = list(page.rows)
        following = page
        while out is not None and following.next_cursor is not None:
            following = looking.leads(
                tx, status=wanted, person_id=person, after=following.next_cursor, limit=1000, **asking
            )
            rows += following.rows
    if out is not None:
        write_csv(leads_frame(rows), out)
        typer.echo(f"{counted(len(rows), 'lead')} {'is' if len(rows) == 1 else 'are'} in {out}.")
        return
    say_page(
        page,
        ("lead", "from", "received", "status", "person", "account", "accepted", "touched"),
        lambda one: (
            one.lead_id, f"{one.source} {one.source_id}", one.received_at, one.status, one.person_id, one.account_id,
            one.accepted_at, one.touched_at,
        ),
        empty="No lead fits that you may see."
        if status or person
        else "There are no leads yet; begin with `patchbook lead add` or `patchbook lead import FILE.csv`.",
        as_json=as_json,
    )  # fmt: skip


@group.command()
def show(lead_id: LeadId, data: Data = None, acting: Acting = None, as_json: AsJson = False) -> None:
    """Show a lead and all that was done with it."""
    from patchbook.leads import looking

    with reading(data, acting) as (tx, asking):
        lead = looking.get(tx, lead_named(tx, lead_id, asking), **asking)
        events = looking.events(tx, lead.lead_id, **asking)
        decisions = looking.decisions(tx, lead.lead_id, **asking)
    if as_json:
        say_json({"lead": lead, "events": events, "decisions": [_told(one) for one in decisions]})
        return
    for name, value in plain(lead).items():
        if value not in (None, {}) and name not in ("digest", "contact", "fields"):
            typer.echo(f"{name}: {cell(getattr(lead, name))}")
    for name, value in plain(lead.fields).items():
        typer.echo(f"  {name}: {value}")
    happened = [(one.at, one.by, f"{one.cause}: {one.says}") for one in decisions]
    happened += [(one.at, one.by, " ".join([one.what, *map(str, one.detail.values())])) for one in events]
    say_table(("at", "by", "what"), sorted(happened, key=lambda one: one[0]))


@group.command()
def why(lead_id: LeadId, data: Data = None, acting: Acting = None, as_json: AsJson = False) -> None:
    """Say why a lead is where it is: every stage of every decision, and who was passed over."""
    from patchbook.leads import looking

    with reading(data, acting) as (tx, asking):
        decisions = looking.decisions(tx, lead_named(tx, lead_id, asking), **asking)
        plans = plan_names(tx, (one.version.plan_id for one in decisions), asking)
    if as_json:
        say_json([_told(one) for one in decisions])
        return
    for one in decisions:
        route = f", by the route {one.decision.route}" if one.decision.route else ""
        version, plan = one.version.routing_version, one.version.plan_id
        typer.echo(f"{cell(one.at)}  {one.cause}{route}")
        for step in one.decision.steps:
            typer.echo(f"  • {step.stage}: {step.says}")
        for skipped in one.decision.skipped:
            typer.echo(f"    passed over: {skipped.why}")
        document = f"version {version} of the routing document" if version else "no routing document"
        typer.echo(f"  by {document} and {f'the plan {plans.get(plan, plan)}' if plan else 'no plan'}")


@group.command()
def accept(lead_id: LeadId, data: Data = None, acting: Acting = None, as_json: AsJson = False) -> None:
    """Take on a lead one was given."""
    from patchbook.leads import actions

    with deciding(data, acting) as (lane, asking):
        _say_lead(actions.accept(lane, lead_named(lane.tx, lead_id, asking), **asking), "accepted", as_json)


@group.command()
def touch(
    lead_id: LeadId,
    how: Annotated[str, typer.Option("--how", help="By what: call, mail, meeting.")] = "",
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Note that one got in touch, which accepts the lead as well."""
    from patchbook.leads import actions

    with deciding(data, acting) as (lane, asking):
        _say_lead(actions.touch(lane, lead_named(lane.tx, lead_id, asking), how, **asking), "touched", as_json)


@group.command("return")
def give_back(
    lead_id: LeadId, reason: Reason, data: Data = None, acting: Acting = None, as_json: AsJson = False
) -> None:
    """Give a lead back: the turn is credited, and somebody else gets it."""
    from patchbook.leads import actions

    with deciding(data, acting) as (lane, asking):
        _say_answered(lane, actions.give_back(lane, lead_named(lane.tx, lead_id, asking), reason, **asking), as_json)


@group.command()
def close(lead_id: LeadId, reason: Reason, data: Data = None, acting: Acting = None, as_json: AsJson = False) -> None:
    """End a lead: won, lost, a duplicate, nobody to be reached."""
    from patchbook.leads import actions

    with deciding(data, acting) as (lane, asking):
        _say_lead(actions.close(lane, lead_named(lane.tx, lead_id, asking), reason, **asking), "closed", as_json)


@group.command()
def reassign(
    lead_id: LeadId,
    person: Annotated[
        str | None, typer.Argument(metavar="PERSON", help="Who gets it; without, it is routed again.")
    ] = None,
    reason: Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason, which the record keeps.")] = "",
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Give a lead to somebody by hand, or have it routed again by the rules of now."""
    from patchbook.leads import actions

    with deciding(data, acting) as (lane, asking):
        if person is None:
            answered = actions.reroute(lane, lead_named(lane.tx, lead_id, asking), **asking)
        else:
            answered = actions.assign(lane, lead_named(lane.tx, lead_id, asking), person, reason, **asking)
        _say_answered(lane, answered, as_json)


@group.command()
def verify(
    since: Annotated[
        datetime | None, typer.Option("--since", metavar="DATE", parser=instant, help="Only decisions since then.")
    ] = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Make every kept decision again and compare it; exits with 1 where any comes out otherwise."""
    from patchbook.leads import replaying

    with reading(data, acting) as (tx, asking):
        verified = replaying.verify(tx, since=since, **asking)
    if as_json:
        say_json(verified)
    else:
        typer.echo(verified.says)
        for one in verified.otherwise:
            typer.echo(f"• {one.lead_id}, decision {one.number}: {one.says}")
    if not verified.is_sound:
        raise typer.Exit(1)


@app.command(rich_help_panel=ROUTING)
def queue(
    sweep: Annotated[bool, typer.Option("--sweep", help="Decide again about all that waits.")] = False,
    limit: Limit = 100,
    after: After = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """List what waits for an owner, the oldest first, and why; with --sweep it is decided again."""
    from patchbook.leads import actions, looking

    if sweep:
        with deciding(data, acting) as (lane, asking):
            swept = actions.sweep(lane, **asking)
        say_json(swept) if as_json else typer.echo(swept.says)
        return
    with reading(data, acting) as (tx, asking):
        found = looking.queue(tx, after=after, limit=limit, **asking)
    if as_json:
        say_json(found)
        return
    if found.waiting:
        typer.echo(found.says)
    say_page(
        found.page,
        ("lead", "from", "hours", "overdue", "why"),
        lambda one: (
            one.lead.lead_id,
            f"{one.lead.source} {one.lead.source_id}",
            one.age_seconds / 3600,
            one.is_overdue,
            one.says,
        ),
        empty=found.says,
    )


@app.command(rich_help_panel=ROUTING)
def speed(
    since: Annotated[
        datetime | None, typer.Option("--since", metavar="DATE", parser=instant, help="Leads since; else 30 days.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--until", metavar="DATE", parser=instant, help="Leads before; else now.")
    ] = None,
    person: Annotated[str | None, typer.Option("--person", help="Only leads of this person.")] = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Say how fast leads are assigned, accepted and first touched: the middle, the ninth tenth, the longest."""
    from patchbook.leads import looking

    with reading(data, acting) as (tx, asking):
        found = looking.speed(tx, since=since, until=until, person_id=person, **asking)
    if as_json:
        say_json(found)
        return
    waiting = f"{found.unassigned:,} never assigned, {found.untouched:,} not touched yet"
    typer.echo(f"{counted(found.received, 'lead')}, {waiting}.")
    say_table(
        ("minutes from receipt to", "leads", "median", "p90", "longest"),
        [
            (name, lag.count, *(_minutes(one) for one in (lag.median_seconds, lag.p90_seconds, lag.longest_seconds)))
            for name, lag in (
                ("assigned", found.to_assigned),
                ("accepted", found.to_accepted),
                ("first touch", found.to_touched),
            )
        ],
    )


@contextmanager
def deciding(data: Path | None, acting: str | None) -> Iterator[tuple[Lane, Who]]:
    """One turn of the lane, and who acts in it."""
    from patchbook.leads import lane as lanes

    with opened(data) as record, lanes.deciding(record, at=now()) as lane:
        yield lane, who(record, lane.company, acting)


def _say_answered(lane: Lane, answered: Answered, as_json: bool) -> None:
    from patchbook.leads.looking import with_names

    people = lane.basis(answered.decision.at).company.people
    decision = with_names(answered.decision, people)
    if as_json:
        told = {"lead": answered.lead, "decision": _told(decision), "is_new": answered.is_new}
        say_json({**told, "unread": answered.unread})
        return
    typer.echo(f"{answered.lead.lead_id}: {decision.says}")
    if not answered.is_new:
        typer.echo("It came before; this is what was decided then.")
    for one in answered.unread:
        typer.echo(f"• {_not_taken(one)}")


def _not_taken(one: Unread) -> str:
    return f"{one.field}: {one.found!r} was not taken; {one.expected} would be."


def _say_lead(lead: RecordedLead, done: str, as_json: bool) -> None:
    say_json(lead) if as_json else typer.echo(f"{lead.lead_id} is {done}.")


def _told(one: RecordedDecision) -> dict[str, Any]:
    told: dict[str, Any] = plain(one)
    return {**{name: told[name] for name in told if name not in ("answers", "answers_digest")}, "says": one.says}


def _pair(written: str) -> tuple[str, str]:
    name, equals, value = written.partition("=")
    if not equals or not name.strip():
        raise NotAField(f"--field {written!r} is not clear; write field=value, as in --field company=Acme.")
    return name.strip(), value


def _minutes(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / 60
