"""A planner's own assumptions and named cases, from a small YAML file beside the plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from patchbook.measures.sales import ASSUMPTIONS, Assumption, BadAssumption, with_values
from patchbook.plans import values
from patchbook.plans.sales.outlook import Case
from patchbook.plans.tree import Mapping, Node, Scalar, Sequence, Unreadable, compose, line_of
from patchbook.plans.values import Wrong, shape

Read = TypeVar("Read")

ENDS = ("low", "base", "high")
OWN = "the planner's own"


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """What expected sales are to rest on."""

    assumptions: tuple[Assumption, ...] = ASSUMPTIONS
    cases: tuple[Case, ...] = ()


def read_assumptions(path: Path, *, base: tuple[Assumption, ...] = ASSUMPTIONS) -> Assumptions:
    """
    The assumptions of a file, and its cases; what it does not name stays as it is.

    Raises
    ------
    BadAssumption
        The file cannot be read, or says something that cannot be meant; the message names its line.
    """
    if not path.is_file():
        raise BadAssumption(f"There is no file {path.name} beside the plan; it would hold assumptions and cases.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadAssumption(f"{path.name}: byte {error.start + 1} is not UTF-8; save it as UTF-8.") from None
    try:
        root = compose(text, what="file of assumptions", empty="it is empty; it needs assumptions or cases")
    except Unreadable as unreadable:
        raise BadAssumption(f"{path.name} {unreadable.problem}.") from None
    return _read(root, path.name, base)


def _read(root: Node, file: str, base: tuple[Assumption, ...]) -> Assumptions:
    parts = _pairs(root, file, "assumptions or cases")
    for name, node in parts.items():
        if name not in ("assumptions", "cases"):
            raise BadAssumption(f"{file} line {line_of(node)}: {name!r} is not known; write assumptions or cases.")
    found = base
    if "assumptions" in parts:
        for name, node in _pairs(parts["assumptions"], file, "assumptions by name").items():
            at = f"{file} line {line_of(node)}: "
            three, source = _told(node, at, name)
            try:
                found = with_values(found, {name: three}, source=source)
            except BadAssumption as error:
                raise BadAssumption(f"{at}{error}") from None
    cases = []
    if "cases" in parts:
        for name, node in _pairs(parts["cases"], file, "cases by name").items():
            cases.append(Case(name=name, values=_case(node, file, found)))
    return Assumptions(assumptions=found, cases=tuple(cases))


def _told(node: Node, at: str, name: str) -> tuple[tuple[float, float, float], str]:
    """Low, base and high, and where they are from: one number, three in brackets, or by name."""
    if isinstance(node, Scalar):
        one = _number(node, at, name)
        return (one, one, one), OWN
    if isinstance(node, Sequence):
        if len(node.value) != 3:
            raise BadAssumption(
                f"{at}{name} has {len(node.value)} values; write its low, base and high, as [5%, 10%, 15%]."
            )
        low, base, high = (_number(item, at, name) for item in node.value)
        return (low, base, high), OWN
    given = _pairs(node, at, f"{name} with low, base and high", inside=True)
    missing = [end for end in ENDS if end not in given]
    if missing or set(given) - {*ENDS, "source"}:
        raise BadAssumption(f"{at}{name} needs low, base and high, and may have a source; nothing else.")
    low, base, high = (_number(given[end], at, name) for end in ENDS)
    return (low, base, high), _tried(lambda: values.text(given["source"]), at, name) if "source" in given else OWN


def _case(node: Node, file: str, assumptions: tuple[Assumption, ...]) -> dict[str, float]:
    known = {one.name: one for one in assumptions}
    found: dict[str, float] = {}
    if isinstance(node, Scalar) and node.value == "base":
        return found
    for name, value in _pairs(node, file, "assumptions with their values in the case").items():
        at = f"{file} line {line_of(value)}: "
        one = known.get(name)
        if one is None:
            raise BadAssumption(f"{at}there is no assumption {name!r}; there are {', '.join(known)}.")
        written = value.value if isinstance(value, Scalar) else ""
        found[name] = getattr(one, written) if written in ENDS else _number(value, at, name)
        if not one.least <= found[name] <= one.most:
            upper = "" if one.most == float("inf") else f" and at most {one.most:g}"
            raise BadAssumption(f"{at}{name} is {found[name]:g}; it must be at least {one.least:g}{upper}.")
    return found


def _pairs(node: Node, file: str, what: str, *, inside: bool = False) -> dict[str, Node]:
    if not isinstance(node, Mapping):
        at = file if inside else f"{file} line {line_of(node)}: "
        raise BadAssumption(f"{at}a {shape(node)} stands here; write {what}.")
    return {str(key.value): value for key, value in node.value}


def _number(node: Node, at: str, name: str) -> float:
    """A number, or a share written with %."""
    is_percent = isinstance(node, Scalar) and str(node.value).strip().endswith("%")
    return _tried(lambda: values.share(node) if is_percent else values.number(node), at, name)


def _tried(read: Callable[[], Read], at: str, name: str) -> Read:
    try:
        return read()
    except Wrong as wrong:
        raise BadAssumption(f"{at}{name}: {wrong}.") from None
