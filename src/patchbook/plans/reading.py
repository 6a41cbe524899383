"""From YAML nodes to the plan model, with every problem collected on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import TypeVar

from patchbook.plans import values
from patchbook.plans.locks import read_locks
from patchbook.plans.parts import Parts, Values, checked, items
from patchbook.plans.plan import (
    Assertion,
    CarveLayer,
    Group,
    HouseLayer,
    Keep,
    Layer,
    Lock,
    Match,
    Mix,
    NamedLayer,
    Plan,
    PlanMeasure,
    RuleLayer,
    Sizing,
    TableFile,
    Touching,
)
from patchbook.plans.setting import Setting
from patchbook.plans.settings import LAYERS, settings_of
from patchbook.plans.tree import Mapping, Node, Scalar, Sequence, line_of
from patchbook.plans.values import Wrong, shape
from patchbook.rules.expression import parse_expression
from patchbook.rules.source import nearest

Read = TypeVar("Read")


class Reader(Parts):
    """Reads one plan; `problems` and `lines` fill while it does."""

    def __init__(self, folder: Path, *, files: bool = True) -> None:
        super().__init__(settings_of)
        self.folder = folder
        self.files = files
        self._readers |= {
            "field": lambda node, *_: values.text(node),
            "measure": lambda node, *_: values.text(node),
            "path": lambda node, place, _: self._path(node, place),
            "list of paths": lambda node, place, _: tuple(
                self._path(item, f"{place}[{index}]") for index, item in enumerate(items(node, or_one=True))
            ),
            "expression": lambda node, *_: checked(node, parse_expression),
            "list of measures": lambda node, *_: tuple(values.text(item) for item in items(node, or_one=True)),
            "fields to names": self._names,
            "fields and weights": lambda node, place, _: self._weights(node, place),
            "measures": lambda node, place, _: self._measures(node, place),
            "groups": lambda node, place, _: self._groups(node, place),
            "lists or tables": lambda node, place, _: self._tables(node, place),
            "names to paths": lambda node, place, _: dict(self._each(node, place, self._path)),
            "layers": lambda node, place, _: self._layers(node, place),
            "locks": lambda node, place, _: self._locks(node, place),
            "assertions": lambda node, place, _: self._assertions(node, place),
            "seats": lambda node, place, _: self._seats(node, place),
            "keep": lambda node, place, _: Keep(**self.settings(node, place, "keep")[0]),
            "mix": lambda node, place, _: self._mix(node, place),
            "contiguous": lambda node, place, setting: self._contiguous(node, place, setting),
            "match": lambda node, place, _: Match(**self.settings(node, place, "match")[0]),
            "pairs of accounts": lambda node, *_: _pairs(node),
        }

    def plan(self, root: Node, file: Path) -> Plan:
        """The plan; meaningless when there are problems."""
        found, is_whole = self.settings(root, "", "a plan")
        if not is_whole:
            found = {"name": "", "accounts": Path(), **found}
        return Plan(**found, file=file, lines=self.lines)

    def _path(self, node: Node, place: str) -> Path:
        path = Path(values.text(node))
        if self.files and not (self.folder / path).is_file():
            self.report(node, place, f"the file {str(path)!r} is not in {str(self.folder.resolve())!r}", rank=1)
        return path

    def _names(self, node: Node, place: str, setting: Setting) -> dict[str, str]:
        if not isinstance(node, Mapping):
            raise Wrong(f"a {shape(node)} stands here; write pairs, as in language: languages")
        found: dict[str, str] = {}
        for key, _, value in self.pairs_of(node, place):
            here = f"{place}.{key}"
            self.lines[here] = line_of(value)
            with self.reported(value, here, f"{key}: "):
                found[key] = values.choice(value, setting.choices) if setting.choices else values.text(value)
        return found

    def _weights(self, node: Node, place: str) -> dict[str, float]:
        """Fields with what each counts, 1 where that is not said."""
        if not isinstance(node, Mapping):
            return {values.text(item): 1.0 for item in items(node, or_one=True)}
        found: dict[str, float] = {}
        for key, key_node, value in self.pairs_of(node, place):
            here = f"{place}.{key}"
            self.lines[here] = line_of(key_node)
            with self.reported(value, here, f"{key}: "):
                found[key] = values.positive_number(value)
        return found

    def _measures(self, node: Node, place: str) -> tuple[PlanMeasure, ...]:
        if not isinstance(node, Mapping):
            raise Wrong(f"a {shape(node)} stands here; write a name for each, as in potential: {{from: revenue_usd}}")
        found: list[PlanMeasure] = []
        for name, key_node, value in self.pairs_of(node, place):
            here = f"{place}.{name}"
            self.lines[here] = line_of(key_node)
            if isinstance(value, Scalar):
                with self.reported(value, here, f"{name}: "):
                    found.append(PlanMeasure(name=name, source=checked(value, parse_expression)))
                continue
            settings, is_whole = self.settings(value, here, "a measure")
            if is_whole:
                found.append(PlanMeasure(name=name, **settings))
        return tuple(found)

    def _groups(self, node: Node, place: str) -> tuple[Group, ...]:
        def group(value: Node, here: str) -> Group | None:
            settings, is_whole = self.settings(value, here, "a group")
            return Group(name=here.removeprefix(f"{place}."), **settings) if is_whole else None

        return tuple(made for _, made in self._each(node, place, group) if made is not None)

    def _tables(self, node: Node, place: str) -> dict[str, TableFile]:
        def table(value: Node, here: str) -> TableFile | None:
            if isinstance(value, Scalar):
                return TableFile(file=self._path(value, here))
            settings, is_whole = self.settings(value, here, "a list or table")
            return TableFile(**settings) if is_whole else None

        return {name: made for name, made in self._each(node, place, table) if made is not None}

    def _each(self, node: Node, place: str, read: Callable[[Node, str], Read]) -> Iterator[tuple[str, Read]]:
        """What stands under each name, as `read` makes it."""
        if not isinstance(node, Mapping):
            raise Wrong(f"a {shape(node)} stands here; write a name for each, as in targets: targets.csv")
        for name, key_node, value in self.pairs_of(node, place):
            here = f"{place}.{name}"
            self.lines[here] = line_of(key_node)
            with self.reported(value, here, f"{name}: "):
                if "@" in name:
                    raise Wrong("a name has no @, which stands before a version")
                yield name, read(value, here)

    def _layers(self, node: Node, place: str) -> tuple[Layer, ...]:
        layers: list[Layer] = []
        for index, item in enumerate(items(node)):
            here = f"{place}[{index}]"
            self.lines[here] = line_of(item)
            with self.reported(item, here, ""):
                layer = self._layer(item, here)
                if layer is not None:
                    layers.append(layer)
        return tuple(layers)

    def _layer(self, item: Node, place: str) -> Layer | None:
        pairs = list(self.pairs_of(item, place)) if isinstance(item, Mapping) else []
        if len(pairs) != 1:
            raise Wrong(f"a layer is one of {', '.join(LAYERS)}, as in - rule: {{territory: …, where: …}}")
        kind, key_node, value = pairs[0]
        if kind == "named":
            if isinstance(value, Scalar):
                return NamedLayer(file=self._path(value, place))
            settings, is_whole = self.settings(value, place, "a named layer")
            return NamedLayer(**settings) if is_whole else None
        if kind == "rule":
            settings, is_whole = self.settings(value, place, "a rule")
            return RuleLayer(**settings) if is_whole else None
        if kind == "carve":
            settings, is_whole = self.settings(value, place, "a carve")
            return CarveLayer(**settings) if is_whole else None
        if kind == "house":
            if not isinstance(value, Scalar):
                return HouseLayer(**self.settings(value, place, "house")[0])
            if value.value != "rest":
                raise Wrong(f"house takes the rest: write house: rest, not {value.value!r}")
            return HouseLayer()
        near = nearest(kind, LAYERS)
        hint = f"; did you mean {near!r}?" if near else f"; there are {', '.join(LAYERS)}"
        self.report(key_node, place, f"{kind!r} is not a kind of layer{hint}")
        return None

    def _seats(self, node: Node, place: str) -> object:
        if isinstance(node, Mapping):
            settings, is_whole = self.settings(node, place, "seats")
            return Sizing(**settings) if is_whole else None
        if isinstance(node, Sequence):
            if not node.value:
                raise Wrong("no sizing stands here; write at least one, as in [{from: workload, capacity: 1800}]")
            found = [self.settings(item, f"{place}[{index}]", "seats") for index, item in enumerate(node.value)]
            return tuple(Sizing(**settings) for settings, is_whole in found if is_whole)
        written = values.text(node)
        if written == "from people":
            return written
        if not written.isascii() or not written.isdigit() or int(written) == 0:
            raise Wrong(
                f"{written!r} is neither 'from people', a number above 0, nor {{from: workload, capacity: 1800}}"
            )
        return int(written)

    def _mix(self, node: Node, place: str) -> Mix | None:
        if isinstance(node, Scalar):
            return Mix(field=values.text(node))
        settings, is_whole = self.settings(node, place, "mix")
        return Mix(**settings) if is_whole else None

    def _contiguous(self, node: Node, place: str, setting: Setting) -> Touching | str | None:
        if isinstance(node, Mapping):
            settings, is_whole = self.settings(node, place, "contiguous")
            return Touching(**settings) if is_whole else None
        return values.choice(node, setting.choices)

    def _locks(self, node: Node, place: str) -> tuple[Lock, ...]:
        if isinstance(node, Scalar):
            path = self._path(node, place)
            return read_locks(self.folder / path) if self.files and (self.folder / path).is_file() else ()
        locks: list[Lock] = []
        for index, item in enumerate(items(node)):
            settings, is_whole = self.settings(item, f"{place}[{index}]", "a lock")
            if is_whole:
                locks.append(Lock(**settings, line=line_of(item)))
        return tuple(locks)

    def _assertions(self, node: Node, place: str) -> tuple[Assertion, ...]:
        found: list[Assertion] = []
        for index, item in enumerate(items(node)):
            here = f"{place}[{index}]"
            settings, is_whole = self.settings(item, here, "an assertion")
            if not is_whole or not isinstance(item, Mapping) or len(settings) < len(item.value):
                # What a setting that is wrong would leave to be desired is not worth telling.
                continue
            self.lines[here] = line_of(item)
            with self.reported(item, here, "assert: "):
                found.append(_assertion(settings, line_of(item)))
        return tuple(found)


def _assertion(settings: Values, line: int) -> Assertion:
    """An assertion that says one thing: `no` with `where`, or `every` with `must`."""
    if ("no" in settings) == ("every" in settings):
        raise Wrong("say one of no and every, as in {no: accounts, where: territory IS NULL}")
    if "no" in settings and ("where" not in settings or "must" in settings):
        raise Wrong(f"no {settings['no']} needs a where, and takes no must")
    if "every" in settings and "must" not in settings:
        raise Wrong(f"every {settings['every']} needs a must, as in must: accounts <= 400")
    return Assertion(**settings, line=line)


def _pairs(node: Node) -> tuple[tuple[str, str], ...]:
    """Every two of each list: three accounts that must not meet are three pairs."""
    found: list[tuple[str, str]] = []
    for item in items(node):
        accounts = [values.text(account) for account in items(item)]
        if len(set(accounts)) < 2:
            raise Wrong("two different account ids keep apart, as in [[A1, A2]]")
        found.extend(combinations(dict.fromkeys(accounts), 2))
    return tuple(dict.fromkeys(found))
