"""Which rule a record meets, for one record in microseconds and for a million in a second, from one compiled form.

Every alternative of every rule gets one bit, rules first to last. Each field knows, for each class of values (a point
that some rule names, an interval between two, a missing value), the bits that are true or do not look at the field.
The AND over the fields is what matches; the lowest bit is the first rule.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from patchbook.rules.column import MANY_ROWS, Column, kind_of
from patchbook.rules.condition import Condition
from patchbook.rules.functions.function import MissingField
from patchbook.rules.normal_form import Conjunct, Literal, alternatives
from patchbook.rules.parse import parse
from patchbook.rules.schema import Schema

IntArray: TypeAlias = npt.NDArray[np.int64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]

NO_RULE = -1


class RuleIndex:
    """
    Rules in order, compiled to be matched together. A rule matches where its condition is TRUE.

    Parameters
    ----------
    rules
        Conditions, or their texts, the most important first.
    schema
        Field → type, for the texts.

    Examples
    --------
    >>> index = RuleIndex(["state = 'GA'", "employees >= 500"])
    >>> index.match({"state": "FL", "employees": 800})
    1
    >>> index.match_frame(pl.DataFrame({"state": ["GA", "FL", None], "employees": [1, 2, 900]})).tolist()
    [0, -1, 1]
    """

    def __init__(self, rules: Sequence[str | Condition], schema: Schema | None = None) -> None:
        self.conditions = tuple(parse(rule, schema) if isinstance(rule, str) else rule for rule in rules)
        conjuncts: list[Conjunct] = []
        rule_of: list[int] = []
        for number, condition in enumerate(self.conditions):
            found = alternatives(condition)
            conjuncts.extend(found)
            rule_of.extend([number] * len(found))
        self._rule_of = rule_of
        self._everything = (1 << len(conjuncts)) - 1
        self._columns = _columns(conjuncts)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that any rule looks at."""
        return tuple(column.field for column in self._columns)

    def match(self, record: Mapping[str, object]) -> int | None:
        """The number of the first rule that the record meets, counted from 0; None when it meets none."""
        bits = self._bits(record)
        return self._rule_of[(bits & -bits).bit_length() - 1] if bits else None

    def match_all(self, record: Mapping[str, object]) -> tuple[int, ...]:
        """The numbers of all rules that the record meets, first to last."""
        bits = self._bits(record)
        found: dict[int, None] = {}
        while bits:
            lowest = bits & -bits
            found[self._rule_of[lowest.bit_length() - 1]] = None
            bits ^= lowest
        return tuple(found)

    def match_frame(self, frame: pl.DataFrame, *, without: Collection[int] = ()) -> IntArray:
        """
        For each row the number of the first rule that it meets, or -1.

        Parameters
        ----------
        without
            Numbers of rules that are passed over, as if they were not there.
        """
        if not self._rule_of:
            return np.full(frame.height, NO_RULE, dtype=np.int64)
        words = (len(self._rule_of) + 255) // 256 * 4  # the kernel takes four at once
        encoded = self._encoded(frame)
        codes = np.empty((len(encoded), frame.height), dtype=np.int32)
        first_mask = 0
        for place, (code, masks) in enumerate(encoded):
            np.add(code, first_mask, out=codes[place], casting="same_kind")
            first_mask += len(masks)
        table = _packed([mask for _, masks in encoded for mask in masks], words)
        asked = self._everything & ~sum(1 << bit for bit, rule in enumerate(self._rule_of) if rule in without)
        first = _first_bits(codes, table, _packed([asked], words)[0])
        return np.asarray([*self._rule_of, NO_RULE], dtype=np.int64)[first]

    def _encoded(self, frame: pl.DataFrame) -> list[tuple[npt.NDArray[np.integer[Any]], Sequence[int]]]:
        """For each field the number of each row's mask, and the masks; where rows are many, several fields at once."""
        for column in self._columns:
            if column.field not in frame.columns:
                raise MissingField(f"A rule looks at {column.field!r}, and the table has no such column.")
        with ThreadPoolExecutor(1 if frame.height < MANY_ROWS else os.cpu_count()) as pool:
            return list(pool.map(lambda column: _used(*column.encode(frame[column.field])), self._columns))

    def _bits(self, record: Mapping[str, object]) -> int:
        bits = self._everything
        for column in self._columns:
            bits &= column.mask(record.get(column.field))
            if not bits:
                break
        return bits


def _columns(conjuncts: Sequence[Conjunct]) -> tuple[Column, ...]:
    """One compiled column for each field, the field that most alternatives look at first."""
    by_field: dict[str, dict[int, list[Literal]]] = {}
    for bit, conjunct in enumerate(conjuncts):
        for literal in conjunct:
            by_field.setdefault(literal.atom.field, {}).setdefault(bit, []).append(literal)
    ordered = sorted(by_field.items(), key=lambda item: (-len(item[1]), item[0]))
    everything = (1 << len(conjuncts)) - 1
    return tuple(Column(field, kind_of(field, by_bit), by_bit, everything) for field, by_bit in ordered)


def _used(
    codes: npt.NDArray[np.integer[Any]], masks: Sequence[int]
) -> tuple[npt.NDArray[np.integer[Any]], Sequence[int]]:
    """Only the masks that some row has, where rows are few: laying out all would take longer than matching."""
    if len(codes) >= len(masks):
        return codes, masks
    used, renumbered = np.unique(codes, return_inverse=True)
    return renumbered, [masks[code] for code in used.tolist()]


def _packed(masks: Sequence[int], words: int) -> npt.NDArray[np.uint64]:
    """(masks, words): the masks as 64-bit words, lowest first."""
    packed = np.frombuffer(b"".join(mask.to_bytes(words * 8, "little") for mask in masks), dtype="<u8")
    return packed.reshape(len(masks), words).astype(np.uint64)


def _first_bits(codes: npt.NDArray[np.int32], table: npt.NDArray[np.uint64], asked: npt.NDArray[np.uint64]) -> IntArray:
    """For each row the lowest bit that all its masks have in common, or -1."""
    rows = codes.shape[1]
    if rows < MANY_ROWS:
        return first_bits_of_few(codes, table, asked)
    from patchbook.rules._kernels import first_bits  # takes a second to load, which few rows do not

    found = np.empty(rows, dtype=np.int64)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        blocks = [
            pool.submit(first_bits, codes, table, asked, found, start, min(start + MANY_ROWS, rows))
            for start in range(0, rows, MANY_ROWS)
        ]
    for block in blocks:
        block.result()
    return found


def first_bits_of_few(
    codes: npt.NDArray[np.int32], table: npt.NDArray[np.uint64], asked: npt.NDArray[np.uint64]
) -> IntArray:
    """The same without a kernel: word by word, over rows still open."""
    found = np.full(codes.shape[1], -1, dtype=np.int64)
    open_rows = np.arange(codes.shape[1])
    for word, all_bits in enumerate(asked):
        bits = np.full(len(open_rows), all_bits, dtype=np.uint64)
        for code in codes:
            bits &= table[code[open_rows], word]
        hit = bits != 0
        if not hit.any():
            continue
        lowest = bits[hit] & (~bits[hit] + np.uint64(1))
        # A power of two is exact as a float, so its logarithm is exact as well.
        found[open_rows[hit]] = word * 64 + np.log2(lowest.astype(np.float64)).astype(np.int64)
        open_rows = open_rows[~hit]
        if not len(open_rows):
            break
    return found
