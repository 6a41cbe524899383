"""One gate: every deed of every room asks it, itself or through what it calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import patchbook

SOURCE = Path(patchbook.__file__).parent
ROOMS = (
    *("access", "approvals", "audit", "challenges", "changes", "comments", "exceptions", "holdovers", "imports"),
    *("ledger", "people", "plans", "proposals", "publishing", "territories"),
)
GATE = {
    *("allow", "allow_somewhere", "may", "reached", "scope", "in_scope", "account_scope", "in_account_scope"),
    *("in_people_scope", "territories_of", "territory_names", "visible_plans", "visible"),
}
"""What `people/permission.py` offers, and `plans/store.py` for plans."""

PARTS = {
    "patchbook.approvals.actions.open_review",
    "patchbook.audit.actions.record",
    "patchbook.changes.writing.done",
    "patchbook.people.actions.keep_changed",
    "patchbook.plans.actions.apply",
    "patchbook.plans.job.adopt_result",
    "patchbook.proposals.actions.make_moves",
    "patchbook.territories.pools.keep_changed",
}
"""Parts of deeds, which the deeds call after they asked; the edges call none of them."""


@dataclass
class Function:
    """One function of the source: what it takes, and what it calls with somebody's rights in hand."""

    name: str
    takes: set[str]
    calls: set[str] = field(default_factory=set)
    is_public: bool = True


def test_every_deed_asks_who_may():
    functions = {one.name: one for path in sources() for one in functions_of(path)}
    asking = {name for name, one in functions.items() if one.calls & GATE}
    while more := {name for name, one in functions.items() if name not in asking and one.calls & asking}:
        asking |= more

    deeds = {name for name, one in functions.items() if one.is_public and {"tx", "by", "at"} <= one.takes}

    assert len(deeds) > 60
    assert sorted(deeds - asking) == sorted(PARTS)


def test_the_edges_call_no_part_of_a_deed():
    edges = [path for room in ("cli", "web") for path in sorted((SOURCE / room).rglob("*.py"))]

    called = {part for path in edges for one in functions_of(path) for part in one.calls & PARTS}

    assert len(edges) > 20
    assert called == set()


def sources() -> list[Path]:
    return [path for room in ROOMS for path in sorted((SOURCE / room).rglob("*.py"))]


def functions_of(path: Path) -> Iterator[Function]:
    module = ".".join(("patchbook", *path.relative_to(SOURCE).with_suffix("").parts)).removesuffix(".__init__")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    known = names(tree, module)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and module not in ("patchbook.people.permission", "patchbook.plans.store"):
            takes = {one.arg for one in (*node.args.args, *node.args.kwonlyargs)}
            is_store = path.name.endswith("store.py")
            found = Function(f"{module}.{node.name}", takes, is_public=not node.name.startswith("_") and not is_store)
            inner = {**known, **names(node, module)}
            found.calls = {called for part in ast.walk(node) if (called := meaning(part, inner))}
            yield found


def names(tree: ast.AST, module: str) -> dict[str, str]:
    """What the names of a module or function stand for: the dotted name of each import, and of its own functions."""
    found = {}
    for node in ast.walk(tree) if isinstance(tree, ast.FunctionDef) else ast.iter_child_nodes(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
        elif isinstance(node, ast.FunctionDef):
            found[node.name] = f"{module}.{node.name}"
    return found


def meaning(node: ast.AST, known: dict[str, str]) -> str | None:
    """The dotted name a name or attribute means, or the bare one if it is the gate's."""
    if isinstance(node, ast.Name):
        dotted = known.get(node.id)
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in known:
        dotted = f"{known[node.value.id]}.{node.attr}"
    else:
        return None
    if dotted is None:
        return None
    room, _, last = dotted.rpartition(".")
    return last if room in ("patchbook.people.permission", "patchbook.plans.store") and last in GATE else dotted
