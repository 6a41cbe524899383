"""Spellings to codes: each distinct one is looked up once, and one slip of the keyboard is forgiven in a long name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

SHORTEST_FORGIVEN = 6
"""Shorter names differ from each other by one letter too often (Iran, Iraq; Niger, Nigeria)."""


def codes_by_key(written: pl.Series, key_of: Callable[[pl.Expr], pl.Expr], codes: Mapping[str, str]) -> pl.Series:
    """The code each value stands for, by its key; null where no key, or several within one slip, would fit."""
    distinct = written.cast(pl.String).unique().drop_nulls()
    if distinct.is_empty():
        return pl.Series(written.name, [None] * len(written), dtype=pl.String)
    table = pl.DataFrame({"written": distinct}).with_columns(key_of(pl.col("written")).alias("key"))
    found: dict[str, str] = {}
    for value, key in table.iter_rows():
        code = codes.get(key) if key else None
        if code is None and key and len(key) >= SHORTEST_FORGIVEN:
            code = _nearest(key, codes)
        if code is not None:
            found[value] = code
    if not found:
        return pl.Series(written.name, [None] * len(written), dtype=pl.String)
    return written.cast(pl.String).replace_strict(found, default=None, return_dtype=pl.String)


def _nearest(key: str, codes: Mapping[str, str]) -> str | None:
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    near = process.extract(key, list(codes), scorer=OSA.distance, score_cutoff=1, limit=None)
    meant = {codes[name] for name, _, _ in near if len(name) >= SHORTEST_FORGIVEN}
    return meant.pop() if len(meant) == 1 else None
