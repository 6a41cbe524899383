"""A plan's document in the record: the YAML, and the files it names, which come with it and not from a folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from patchbook.plans import tree
from patchbook.plans.file import loads
from patchbook.plans.locks import read_locks
from patchbook.plans.plan import Plan
from patchbook.plans.problems import BadPlanFile, Problem
from patchbook.plans.references import files_of, with_files
from patchbook.plans.values import Wrong

DOCUMENT = Path("plan.yaml")
"""What a plan's document is called in messages."""

MOST_CHARACTERS = 20_000_000
"""How much all files of a plan may hold together."""


@lru_cache(maxsize=32)
def parsed(document: str) -> Plan:
    """
    The plan a document describes, without looking for the files it names.

    Raises
    ------
    BadPlanFile
        With every problem found; the message is the first, with its line.
    """
    return loads(document, file=DOCUMENT, files=False)


def names_in(document: str) -> tuple[str, ...]:
    """
    The files a document needs beside accounts and people: named accounts, locks, and what conditions refer to.

    Examples
    --------
    >>> names_in("plan: P\\naccounts: a.csv\\nlayers:\\n  - named: big.csv\\n  - house: rest\\n")
    ('big.csv',)
    """
    named = [str(path) for _, path in files_of(parsed(document))]
    locks = _locks_file(document)
    return tuple(dict.fromkeys([*named, *([locks] if locks else [])]))


def files_named(document: str, folder: Path) -> dict[str, str]:
    """The content of the files a document names, read from the folder it stands in."""
    plan = loads(document, file=folder / DOCUMENT, files=False)
    found: dict[str, str] = {}
    for name in names_in(document):
        try:
            found[name] = (folder / name).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            message = f"the file {name!r} of {plan.name} cannot be read ({why})"
            raise BadPlanFile(DOCUMENT.name, [Problem(message=message, place="layers")]) from None
    return found


def refuse_incomplete(document: str, files: Mapping[str, str]) -> Plan:
    """The plan a document describes, if all it names came with it."""
    plan = parsed(document)
    problems = []
    if plan.join:
        message = (
            f"{plan.join[0]} is joined in the record when accounts are imported; import it there and leave join out"
        )
        problems.append(Problem(message=message, place="join", line=plan.lines.get("join")))
    for place, path in files_of(plan):
        if str(path) not in files:
            problems.append(_missing(str(path), place, plan.lines.get(place)))
    if (locks := _locks_file(document)) and locks not in files:
        problems.append(_missing(locks, "locks", plan.lines.get("locks")))
    if sum(map(len, files.values())) > MOST_CHARACTERS:
        problems.append(Problem(message=f"the files of a plan hold at most {MOST_CHARACTERS:,} characters together"))
    if problems:
        raise BadPlanFile(DOCUMENT.name, problems)
    return plan


@contextmanager
def laid_out(document: str, files: Mapping[str, str]) -> Iterator[Plan]:
    """The plan with its files where it can read them, for as long as that takes; it reads no others."""
    plan = refuse_incomplete(document, files)
    with TemporaryDirectory(prefix="patchbook-") as folder:
        place = {
            name: _lay(Path(folder) / str(number), name, text) for number, (name, text) in enumerate(files.items())
        }
        locks = plan.locks
        if name := _locks_file(document):
            try:
                locks = read_locks(place[name])
            except Wrong as wrong:
                problem = Problem(message=str(wrong), place="locks", line=plan.lines.get("locks"))
                raise BadPlanFile(DOCUMENT.name, [problem]) from None
        yield replace(with_files(plan, place), locks=locks)


def _lay(folder: Path, name: str, text: str) -> Path:
    folder.mkdir()
    path = folder / (Path(name).name or "file.csv")
    path.write_text(text, encoding="utf-8")
    return path


def _locks_file(document: str) -> str | None:
    if "locks" not in document:
        return None
    locks = yaml.load(document, Loader=tree.QUICK).get("locks")
    return str(locks) if isinstance(locks, str) else None


def _missing(name: str, place: str, line: int | None) -> Problem:
    message = f"the file {name!r} did not come with the plan; send its content along"
    return Problem(message=message, place=place, line=line)
