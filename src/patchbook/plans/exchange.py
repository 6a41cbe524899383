"""A recorded plan as one YAML file, and back: document, the files it names, pins, and every edit that counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import yaml
from sqlalchemy import Connection

from patchbook.audit import actions as audit
from patchbook.db.record import record_of
from patchbook.errors import BadInput
from patchbook.imports import snapshots
from patchbook.people.permission import Deed, allow, allow_somewhere
from patchbook.people.principal import Principal
from patchbook.period import instant
from patchbook.plans import actions, edits, store
from patchbook.plans.life import RecordedPlan
from patchbook.plans.store import RecordedEdit
from patchbook.plans.tree import Unreadable, compose

FORMAT = 1
MARK = "patchbook_plan"
PARTS = (MARK, "name", "effective", "confidential", "document", "files", "carved", "edits")
PINS = ("snapshot", "people", "owners_at", "seed", "seconds", "engine", "result")
NOTES = ("by", "at", "why", "overruled")


class NotAnExport(BadInput):
    """A file is no exported plan, or a part of it cannot be meant."""


class _Writer(yaml.SafeDumper):
    """Writes texts of several lines as blocks, as a person would."""


def _text(writer: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    is_block = "\n" in text and text.isprintable() is False and not any(line.endswith(" ") for line in text.split("\n"))
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style="|" if is_block else None)


_Writer.add_representer(str, _text)


def export(tx: Connection, plan_id: str, *, by: Principal, at: datetime) -> str:
    """
    The plan as YAML, for a repository, a review or another record.

    It holds the document, the files that names, what the carve was made with, and every edit that counts: moves, locks,
    names and staffing. Accounts and people are not in it; they are named by the digest of what they were.
    """
    allow_somewhere(by, Deed.SEE_EVERYONE)
    plan = store.get(tx, plan_id, by=by, at=at)
    told: dict[str, Any] = {MARK: FORMAT, "name": plan.name}
    if plan.effective is not None:
        told["effective"] = plan.effective
    if plan.confidential:
        told["confidential"] = True
    told["document"] = plan.document
    if files := store.files(tx, plan_id):
        told["files"] = files
    if plan.result_id is not None or plan.snapshot_id is not None:
        pins = (
            plan.snapshot_id, plan.people_id, plan.owners_at and plan.owners_at.isoformat(), plan.seed, plan.seconds,
            plan.engine_version, plan.result_id,
        )  # fmt: skip
        told["carved"] = {name: pin for name, pin in zip(PINS, pins, strict=True) if pin is not None}
    journal = [one for one in store.edits(tx, plan_id) if not one.undone and one.result_id == plan.result_id]
    if journal:
        told["edits"] = [_written(one) for one in journal]
    return yaml.dump(told, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=100, default_flow_style=None)


def take(
    tx: Connection, text: str, *, name: str | None = None, fresh: bool = False, by: Principal, at: datetime
) -> RecordedPlan:
    """
    A draft from an exported plan; its edits are worked in when it is carved.

    Parameters
    ----------
    name
        Instead of the one in the file.
    fresh
        Carve with the newest accounts, where the ones it was carved with are not in this record.

    Raises
    ------
    NotAnExport
        The file is no exported plan, or an edit in it cannot be meant; nothing is kept.
    SnapshotMissing
        The accounts it was carved with are not in this record.
    """
    allow(tx, by, Deed.EDIT_PLAN, at=at)
    told = _loaded(text)
    pins = _part(told, "carved", dict, {})
    seed, seconds = pins.get("seed"), pins.get("seconds")
    if not isinstance(seed, int | None) or not isinstance(seconds, int | float | None):
        raise NotAnExport(f"carved has seed {seed!r} and seconds {seconds!r}; both are numbers.")
    snapshot_id = None if fresh else pins.get("snapshot")
    if snapshot_id is not None:
        snapshots.path_of(record_of(tx), str(snapshot_id))
    effective = told.get("effective")
    if effective is not None and not isinstance(effective, date):
        raise NotAnExport(f"effective is {effective!r}; it must be a date, as 2027-02-01.")
    journal = [_read(number, one) for number, one in enumerate(_part(told, "edits", list, []), start=1)]
    made = actions.start(
        tx,
        name or _part(told, "name", str, None),
        _part(told, "document", str, None),
        files=_part(told, "files", dict, {}),
        effective=effective,
        confidential=_part(told, "confidential", bool, False),
        snapshot_id=snapshot_id,
        by=by,
        at=at,
    )
    for one in journal:
        store.append_edit(tx, made.plan_id, one)
    pinned = replace(
        made, seed=made.seed if seed is None else seed, seconds=made.seconds if seconds is None else float(seconds)
    )
    kept = store.save(tx, pinned, what="took it from a file", by=by.person_id, at=at)
    after = {"edits": len(journal), "result": pins.get("result")}
    audit.record(tx, "take plan", made.plan_id, kind="plan", by=by.person_id, at=at, after=after)
    return kept


def _written(one: RecordedEdit) -> dict[str, Any]:
    payload = {name: part for name, part in one.payload.items() if name != "overruled"}
    told: dict[str, Any] = {one.kind: payload, "by": one.by, "at": one.at.isoformat()}
    if one.why:
        told["why"] = one.why
    if one.payload.get("overruled"):
        told["overruled"] = True
    return told


def _read(number: int, told: object) -> RecordedEdit:
    """An edit of the file; it waits for the first carve."""
    if not isinstance(told, dict):
        raise NotAnExport(f"edits[{number}] is {told!r}; an edit is a group, as in move: {{accounts: [A1], to: West}}.")
    kinds = [name for name in told if name not in NOTES]
    if len(kinds) != 1 or not isinstance(told[kinds[0]], dict):
        raise NotAnExport(f"edits[{number}] names {', '.join(map(str, kinds)) or 'no edit'}; it must name one.")
    kind = str(kinds[0])
    try:
        payload = edits.payload_of(edits.of(kind, told[kind]))
        at = instant(str(told.get("at")))
    except BadInput as error:
        raise NotAnExport(f"edits[{number}]: {error}") from None
    by, why = told.get("by"), told.get("why")
    if not isinstance(by, str) or not isinstance(why, str | None):
        raise NotAnExport(f"edits[{number}] is by {by!r}; by is the id of a person, and why is text.")
    if told.get("overruled") is True:
        payload["overruled"] = True
    return RecordedEdit(number=number, kind=kind, payload=payload, why=why, by=by, at=at)


def _loaded(text: str) -> Mapping[str, Any]:
    try:
        compose(text)
        told = yaml.safe_load(text)
    except Unreadable as unreadable:
        raise NotAnExport(f"The file {unreadable.problem}.") from None
    except (yaml.YAMLError, ValueError) as error:
        raise NotAnExport(f"The file cannot be read as YAML: {str(error).splitlines()[0]}.") from None
    if not isinstance(told, dict) or MARK not in told:
        raise NotAnExport(
            f"The file is no exported plan: it has no {MARK}; a plan file begins a plan with `patchbook plan start`."
        )
    if told[MARK] != FORMAT:
        raise NotAnExport(f"The file says {MARK}: {told[MARK]!r}; this version of Patchbook reads {FORMAT}.")
    unknown = [str(part) for part in told if part not in PARTS]
    if unknown:
        raise NotAnExport(f"The file has a part {unknown[0]!r}; an exported plan has {', '.join(PARTS[1:])}.")
    return told


def _part(told: Mapping[str, Any], name: str, kind: type, default: Any) -> Any:
    found: Any = told.get(name, default)
    if not _is(found, kind):
        raise NotAnExport(f"{name} is {str(found)[:60]!r}; an exported plan has {_KINDS[kind]} there.")
    if kind is dict and not all(isinstance(key, str) for key in found):
        raise NotAnExport(f"{name} has a key that is no text.")
    if name == "files" and not all(isinstance(content, str) for content in found.values()):
        raise NotAnExport("files holds something other than text; give each file's content.")
    return found


def _is(found: object, kind: type) -> bool:
    return isinstance(found, kind)


_KINDS = {str: "text", dict: "a group of settings", list: "a list", bool: "true or false"}
