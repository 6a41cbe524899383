"""The kernel is held against its slow twin, and many rows against few."""

from __future__ import annotations

import pickle
import random

import numpy as np
import polars as pl

from builders.random_rules import SCHEMA, a_frame, a_rule
from patchbook.rules._kernels import classes, first_bits
from patchbook.rules.column import MANY_ROWS
from patchbook.rules.index import RuleIndex, first_bits_of_few


def test_the_kernel_finds_the_lowest_common_bit_that_its_slow_twin_finds():
    rng = np.random.default_rng(3)
    for fields, masks, words, rows in [(1, 1, 4, 1), (3, 20, 4, 500), (6, 50, 12, 500), (2, 9, 8, 300)]:
        # Few bits each, so that some rows share none and some only the last.
        table = np.bitwise_or.reduce(np.uint64(1) << rng.integers(0, 64, (9, masks * fields, words), dtype=np.uint64))
        table |= np.uint64(1) << np.uint64(63)
        table[::3] = np.uint64(2**64 - 1)
        codes = rng.integers(0, masks * fields, (fields, rows)).astype(np.int32)
        for asked in (np.full(words, 2**64 - 1, np.uint64), np.full(words, 2**63 - 1, np.uint64)):
            found = np.full(rows, -7, np.int64)
            first_bits(codes, table, asked, found, 0, rows)

            assert found.tolist() == first_bits_of_few(codes, table, asked).tolist()


def test_many_rows_on_every_processor_match_what_they_match_in_few():
    chance = random.Random(8)
    frame = a_frame(chance, rows=1_000)
    index = RuleIndex([f"({a_rule(chance, depth=2)}) AND employees = {n % 13}" for n in range(150)], SCHEMA)
    times = MANY_ROWS * 2 // frame.height + 1

    many = index.match_frame(pl.concat([frame] * times))

    assert many.tolist() == index.match_frame(frame).tolist() * times


def test_texts_that_stand_in_one_row_each_are_found_as_well_as_those_in_many():
    index = RuleIndex(["account_id IN ('A7', 'A9000')", "account_id = 'A8'"])
    unique = pl.DataFrame({"account_id": [f"A{n}" for n in range(10_000)] + [None]})
    repeated = pl.DataFrame({"account_id": ["A8", "A7", "A1", None] * 3_000})

    assert {n: r for n, r in enumerate(index.match_frame(unique).tolist()) if r >= 0} == {7: 0, 8: 1, 9000: 0}
    assert index.match_frame(repeated).tolist() == [1, 0, -1, -1] * 3_000


def test_a_number_is_in_the_class_that_its_order_says():
    points = [-1.0, 0.0, 2.5, 7.0]
    values = [-9.0, -1.0, -0.5, -0.0, 0.0, 1.0, 2.5, 6.9, 7.0, 7.1, float("inf"), float("nan")]
    found = np.empty(len(values), np.int32)

    classes(np.array(values), np.array(points), np.arange(10, dtype=np.int32), found)

    assert found.tolist() == [0, 1, 2, 3, 3, 4, 5, 6, 7, 8, 8, 9]


def test_an_index_that_was_used_can_be_sent_to_another_process_and_answers_the_same():
    frame = a_frame(random.Random(2), rows=50)
    index = RuleIndex(["state LIKE 'G%'", "employees > 5"], SCHEMA)
    used = index.match_frame(frame).tolist()

    assert pickle.loads(pickle.dumps(index)).match_frame(frame).tolist() == used
