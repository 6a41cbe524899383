"""The plan file: YAML in, `Plan` out, and back. All problems of a file are found and told together."""

from __future__ import annotations

from pathlib import Path

from patchbook.plans.inheritance import with_catch_alls
from patchbook.plans.meaning import problems_within
from patchbook.plans.plan import Plan
from patchbook.plans.problems import BadPlanFile, Problem
from patchbook.plans.reading import Reader
from patchbook.plans.tree import Unreadable, compose
from patchbook.plans.writing import dump

__all__ = ["dump", "load", "loads"]


def load(path: str | Path, *, files: bool = True) -> Plan:
    """
    The plan in a file.

    Parameters
    ----------
    path
        A YAML file; paths in it are relative to its folder.
    files
        Whether the files it names must exist.

    Raises
    ------
    BadPlanFile
        With every problem found; the message is the first, with its line.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise BadPlanFile(path.name, [Problem(message=f"there is no file {str(path)!r}")]) from None
    except UnicodeDecodeError as error:
        problem = f"byte {error.start + 1} is not UTF-8; save the plan as UTF-8"
        raise BadPlanFile(path.name, [Problem(message=problem)]) from None
    except OSError as error:
        raise BadPlanFile(path.name, [Problem(message=f"it cannot be read ({error.strerror})")]) from None
    return loads(text, file=path, files=files)


def loads(text: str, *, file: Path, files: bool = True) -> Plan:
    """The plan in a text, as if it stood in a file of that name."""
    try:
        root = compose(text)
    except Unreadable as unreadable:
        raise BadPlanFile(file.name, [unreadable.problem]) from None
    reader = Reader(file.parent, files=files)
    plan = with_catch_alls(reader.plan(root, file))
    problems = [*reader.problems, *problems_within(plan)] if not _is_hopeless(reader) else reader.problems
    if problems:
        raise BadPlanFile(file.name, problems)
    return plan


def _is_hopeless(reader: Reader) -> bool:
    """Without measures or layers read whole, what they seem to lack is not worth telling."""
    return any(
        problem.rank == 0 and problem.place.startswith(("measures", "layers")) for problem in reader.problems
    ) or any(problem.rank == 0 and problem.place == "" for problem in reader.problems)
