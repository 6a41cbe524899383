"""
Two rules that both take the same records for different places; the one that comes first has them.

A rule and the catch-all of a group it stands under overlap by design, so nothing is said of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice

import numpy as np

from patchbook.rules.condition import to_sql
from patchbook.rules.prove.case import Case
from patchbook.rules.prove.finding import Finding, Kind, Severity
from patchbook.rules.prove.shadowed import covers
from patchbook.rules.prove.space import Dimension, Sets, as_bits, flags, members
from patchbook.words import counted

_COUNTED_ROWS = 100_000
_TRIED_BOXES = 8


def find(case: Case) -> Iterator[Finding]:
    """Those with most accounts first, each shown by a record; rules that take all or never win are left out."""
    pairs = _pairs(case)
    counts = _counts(case, pairs)
    with_accounts = sorted(counts, key=lambda pair: (-counts[pair], pair[1], pair[0]))
    others = ((earlier, later) for later, found in pairs.items() for earlier in members(found))
    ordered = chain(with_accounts, (pair for pair in others if pair not in counts))
    for earlier, later in islice(ordered, case.limits.most):
        found = _finding(case, earlier, later)
        if found is not None:
            yield found
    left = sum(found.bit_count() for found in pairs.values()) - case.limits.most
    if left > 0:
        case.left_out[Kind.OVERLAP] = left


def _pairs(case: Case) -> dict[int, int]:
    """Later rule → the earlier ones that take something of it for another place, as bits."""
    places_of: dict[str, int] = {}
    for place, rule in enumerate(case.rules.rules):
        places_of[rule.outcome] = places_of.get(rule.outcome, 0) | 1 << place
    rule_of = np.asarray([box.rule for box in case.space.boxes], np.int64)
    pairs: dict[int, int] = {}
    winning = 0
    for place, rule in enumerate(case.rules.rules):
        if all(cover.is_covered for cover in covers(case, place).values()):
            continue
        winning |= 1 << place
        if case.takes_all(place):
            continue
        bits = 0
        for bit in members(case.space.bits_of_rule[place]):
            bits |= case.space.meeting(case.space.boxes[bit].sets)
        taking = np.zeros(len(case.rules.rules), np.bool_)
        taking[rule_of[flags(bits & case.before(place), len(rule_of))]] = True
        earlier = as_bits(taking) & winning & ~places_of[rule.outcome]
        if rule.catches_all_of is not None:
            meant = (one for one in members(earlier) if rule.is_meant_to_leave(case.rules.rules[one]))
            earlier &= ~sum(1 << one for one in meant)
        if earlier:
            pairs[place] = earlier
    return pairs


def _counts(case: Case, pairs: dict[int, int]) -> dict[tuple[int, int], int]:
    """How many accounts of the later rule the earlier one takes; of many accounts every so-manieth, to order by."""
    if case.accounts is None:
        return {}
    step = max(1, case.accounts.number // _COUNTED_ROWS)
    sample = case.accounts.every(step)
    winner = sample.winner
    counts: dict[tuple[int, int], int] = {}
    for later, earlier in pairs.items():
        won = winner[sample.meets(later)]
        number = np.bincount(won[won >= 0], minlength=len(case.rules.rules))
        for place in np.flatnonzero(number).tolist():
            if earlier >> place & 1:
                counts[place, later] = int(number[place]) * step
    return counts


def _finding(case: Case, earlier: int, later: int) -> Finding | None:
    first, second = case.rule(earlier), case.rule(later)
    region, witness = None, None
    for sets in _shared(case, earlier, later):
        witness = case.witness(sets, lambda record: case.holds(earlier, record) and case.holds(later, record))
        if witness is not None:
            region = sets
            break
    if region is None:
        return None
    accounts = None
    if case.accounts is not None:
        accounts = int((case.accounts.meets(earlier) & case.accounts.meets(later)).sum())
    told = "" if not accounts else f", {counted(accounts, 'account')} today"
    condition = case.condition(region)
    return Finding(
        kind=Kind.OVERLAP,
        severity=Severity.NOTE,
        rules=(second.number, first.number),
        says=f"R{str(first)[1:]} and {second} both take records where {case.words(region)}{told}; {first.outcome} has"
        f" them, unless a rule before both takes them.",
        fix=f"If {second.outcome} should have them, move {second} before {first}.",
        condition=None if condition is None else to_sql(condition),
        witness=witness,
        accounts=accounts,
        line=second.line,
    )


def _shared(case: Case, earlier: int, later: int) -> Iterator[Sets]:
    """Boxes that two rules have in common; those with accounts first."""
    found: list[Sets] = []
    for bit in members(case.space.bits_of_rule[later]):
        sets = case.space.boxes[bit].sets
        for other in members(case.space.meeting(sets) & case.space.bits_of_rule[earlier]):
            more = case.space.boxes[other].sets
            shared: dict[Dimension, int] = dict(sets)
            for dimension, chosen in more.items():
                shared[dimension] = shared.get(dimension, case.space.full(dimension)) & chosen
            found.append(shared)
            if len(found) == _TRIED_BOXES:
                break
        if len(found) == _TRIED_BOXES:
            break
    accounts = case.accounts
    if accounts is not None and len(found) > 1:
        found.sort(key=lambda sets: -int(accounts.within(sets).sum()))
    yield from found
