"""Why rules gave a record what they gave: the rule that won, those that nearly did, and what would change it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from patchbook.rules.computed import Computed
from patchbook.rules.condition import known
from patchbook.rules.explain import Failure, failures, in_words
from patchbook.rules.normal_form import Literal, pushed_down
from patchbook.rules.ordered import OrderedRules, Rule
from patchbook.rules.prove.domain import Domain, is_opaque
from patchbook.rules.prove.space import literals_of
from patchbook.words import counted

_TRIED_VALUES = 2_000
"""Of one field, the nearest first."""
_DAYS = 365
_OTHER_VALUE = 1.0
"""How large a change to another text is, beside a number that doubles."""


@dataclass(frozen=True, kw_only=True)
class Nearly:
    """A rule that would have won, had the record been a little different."""

    rule: Rule
    lacks: tuple[Failure, ...]
    """What the record does not meet."""

    def __str__(self) -> str:
        return f"{_start(self.rule)} nearly took it: {'; '.join(str(lack) for lack in self.lacks)}"


@dataclass(frozen=True, kw_only=True)
class Change:
    """The smallest change of one field that gives the record to somebody else."""

    field: str
    was: object
    now: object
    rule: Rule | None
    """The rule that would take it; None where the rest would."""
    outcome: str | None
    size: float
    """0 is none; a number that doubles and another text are 1."""

    def __str__(self) -> str:
        to = f"go to {self.outcome}" if self.outcome is not None else "go to nobody"
        was = "nothing" if self.was is None else _shown(self.was)
        return f"With {_shown(self.now)} instead of {was} in {self.field} it would {to}"


@dataclass(frozen=True, kw_only=True)
class Why:
    """What rules gave a record, and why."""

    outcome: str | None
    """None where no rule takes it and nobody has the rest."""
    rule: Rule | None
    """The rule that won."""
    meets: tuple[Rule, ...]
    """Later rules that hold as well and come too late."""
    nearly: tuple[Nearly, ...]
    """Earlier rules that would have won, those that lack the fewest fields first, and of these the closest."""
    changes: tuple[Change, ...]
    """For each field the smallest change that leads elsewhere, the smallest of all first."""

    @property
    def says(self) -> tuple[str, ...]:
        """All of it in sentences."""
        if self.rule is None:
            told = [f"No rule takes it, so it goes to {self.outcome}" if self.outcome else "No rule takes it"]
        else:
            told = [f"{_start(self.rule)} takes it, since {in_words(self.rule.condition)}"]
        if len(self.meets) == 1:
            told.append(f"{_start(self.meets[0])} holds as well, but comes after it")
        elif self.meets:
            told.append(f"{counted(len(self.meets), 'later rule')} hold as well, but come after it")
        told += [str(near) for near in self.nearly]
        told += [str(change) for change in self.changes[:1]]
        return tuple(f"{sentence}." for sentence in told)


def why(rules: OrderedRules, record: Mapping[str, object], *, most: int = 3) -> Why:
    """
    What rules gave a record and what would have had to be different.

    Parameters
    ----------
    most
        Rules that nearly won.

    Examples
    --------
    >>> rules = OrderedRules.of({"Enterprise East": "state = 'GA' AND employees > 500", "South": "state = 'GA'"})
    >>> for sentence in why(rules, {"state": "GA", "employees": 420}).says:
    ...     print(sentence)
    Rule 2 (South) takes it, since state is GA.
    Rule 1 (Enterprise East) nearly took it: employees is 420, needs above 500.
    With 501 instead of 420 in employees it would go to Enterprise East.
    """
    winner = rules.first(record)
    place = winner if winner >= 0 else len(rules.rules)
    return Why(
        outcome=rules.rest if winner < 0 else rules.rules[winner].outcome,
        rule=None if winner < 0 else rules.rules[winner],
        meets=tuple(rules.rules[later] for later in rules.book.match_all(record) if later > place),
        nearly=_nearly(rules, record, place, most),
        changes=tuple(sorted(_changes(rules, record), key=lambda change: (change.size, change.field))),
    )


def _nearly(rules: OrderedRules, record: Mapping[str, object], place: int, most: int) -> tuple[Nearly, ...]:
    told = rules.book.told(record)
    found: list[tuple[int, float, int, Nearly]] = []
    for earlier, rule in enumerate(rules.rules[:place]):
        lacks = failures(rule.condition, told)
        fields = {lack.field for lack in lacks}
        distance = _distance(rules, earlier, record, fields)
        if distance < math.inf:
            found.append((len(fields), distance, earlier, Nearly(rule=rule, lacks=lacks)))
    found.sort(key=lambda one: one[:3])
    return tuple(nearly for *_, nearly in found[:most])


def _distance(rules: OrderedRules, place: int, record: Mapping[str, object], fields: set[str]) -> float:
    """How far one field is from what a rule needs: endless where no value will do, 1 where that is not known."""
    if len(fields) != 1:
        return _OTHER_VALUE
    (field,) = fields
    if isinstance(field, Computed) or field not in rules.book.fields:
        return _OTHER_VALUE
    literals = [one for one in literals_of(pushed_down(rules.rules[place].condition)) if one.atom.field == field]
    sizes = (
        _size(record.get(field), value)
        for value in islice(_values(rules, field, literals, record.get(field)), _TRIED_VALUES)
        if rules.holds(place, {**record, field: value})
    )
    return min(sizes, default=_OTHER_VALUE if any(is_opaque(literal) for literal in literals) else math.inf)


def _changes(rules: OrderedRules, record: Mapping[str, object]) -> Iterator[Change]:
    now = rules.outcome(record)
    by_field: dict[str, list[Literal]] = {}
    for rule in rules.rules:
        for literal in literals_of(pushed_down(rule.condition)):
            by_field.setdefault(literal.atom.field, []).append(literal)
    for field, literals in by_field.items():
        if isinstance(field, Computed) or field in rules.names:
            continue
        was = known(record.get(field))
        for value in islice(_values(rules, field, literals, was), _TRIED_VALUES):
            changed = {**record, field: value}
            if rules.outcome(changed) == now:
                continue
            place = rules.first(changed)
            taker = None if place < 0 else rules.rules[place]
            yield Change(
                field=field,
                was=was,
                now=value,
                rule=taker,
                outcome=rules.rest if taker is None else taker.outcome,
                size=_size(was, value),
            )
            break


def _values(rules: OrderedRules, field: str, literals: list[Literal], was: object) -> Iterator[Any]:
    """One value for each class that rules tell apart, the nearest to the present one first; text in rules' order."""
    plain = [literal for literal in literals if not is_opaque(literal)]
    domain = Domain(field, plain, whole=isinstance(was, int) or rules.schema.get(field) == "count")
    here = domain.piece_of(was)
    # Of text only what rules name: that any other text would lead elsewhere helps nobody.
    is_text = bool(domain.cuts) and isinstance(domain.cuts[0], str)
    pieces = [piece for piece in domain.pieces if piece not in (here, domain.null) and (piece % 2 or not is_text)]
    values = [value for piece in pieces if (value := domain.value_near(piece, was)) is not None]
    if is_text:
        named = dict.fromkeys(point for one in plain for point in _points(one))
        order = {point: number for number, point in enumerate(named)}
        values.sort(key=lambda value: order.get(value, len(order)))
    else:
        values.sort(key=lambda value: _size(was, value))
    yield from values


def _points(literal: Literal) -> tuple[object, ...]:
    atom = literal.atom
    return getattr(atom, "values", None) or (getattr(atom, "value", None),)


def _size(was: object, now: object) -> float:
    """How large a change is: numbers by their share, days by their share of a year, anything else 1."""
    if isinstance(was, bool) or isinstance(now, bool):
        return _OTHER_VALUE
    if isinstance(was, int | float) and isinstance(now, int | float):
        return abs(now - was) / max(abs(was), 1)
    if isinstance(was, date) and isinstance(now, date):
        return abs((now - was).days) / _DAYS
    return _OTHER_VALUE


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.10g}"
    return f"{value:,}" if isinstance(value, int) else str(value) or "an empty text"


def _start(rule: Rule) -> str:
    text = str(rule)
    return text[:1].upper() + text[1:]
