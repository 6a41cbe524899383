"""Assigning in this process: batches stream from Parquet to Parquet, so that memory does not grow with accounts."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from patchbook.accounts.csv_out import FolderNotWritable
from patchbook.errors import BadInput, NotFound
from patchbook.plans.assign.assigned import OUT_SCHEMA, Assigned, NotEmpty
from patchbook.plans.assign.layered import Layered
from patchbook.plans.plan import Plan
from patchbook.rules import Context
from patchbook.rules.functions.function import MissingField

BATCH_ROWS = 131_072
"""Accounts matched at once: a few megabytes of each column."""


class NoAccounts(NotFound):
    """There is no file or folder of accounts where one is named."""


class NotParquet(BadInput):
    """Accounts to assign are not in Parquet, or in files that do not fit together."""


def assign(plan: Plan, accounts: str, out: str, *, context: Context) -> Assigned:
    """Assign accounts batch by batch; the folder is there whole or not at all."""
    source = _source(Path(accounts))
    layered = Layered.of(plan, _like(source.schema), context)
    for column in layered.columns:
        if column not in source.schema.names:
            raise MissingField(f"The plan looks at {column!r}, and {accounts} has no such column.")
    folder = Path(out).absolute()
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise NotEmpty(out)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    except OSError as error:
        raise FolderNotWritable(folder, error.strerror or "it refuses") from error
    try:
        counts = _write(layered, source, beside / "part-00000.parquet")
        os.chmod(beside, 0o755)  # a temporary folder is for its maker alone
        os.replace(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return Assigned.of(plan, out, counts.items())


def _write(layered: Layered, source: ds.Dataset, path: Path) -> Counter[int | None]:
    counts: Counter[int | None] = Counter()
    # Little is read ahead: what is decoded and not yet matched is what fills memory.
    batches = source.to_batches(
        columns=list(layered.columns), batch_size=BATCH_ROWS, batch_readahead=2, fragment_readahead=1
    )
    schema = pl.DataFrame(schema=OUT_SCHEMA).to_arrow().schema
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in batches:
            if not batch.num_rows:
                continue
            assigned = layered.assign(_frame(batch))
            counts.update(dict(assigned["rule"].value_counts().iter_rows()))
            writer.write_table(assigned.to_arrow().cast(schema), row_group_size=BATCH_ROWS)
    return counts


def _source(path: Path) -> ds.Dataset:
    if not path.exists():
        raise NoAccounts(f"There is no file or folder {path}; name the accounts' Parquet.")
    try:
        source = ds.dataset(path, format="parquet", partitioning="hive")
    except (pa.ArrowException, OSError) as error:
        raise NotParquet(f"{path} cannot be read as Parquet ({type(error).__name__}); assign takes Parquet.") from error
    if not source.files:
        raise NoAccounts(f"{path} holds no Parquet file; name the accounts' Parquet.")
    return source


def _like(schema: pa.Schema) -> pl.DataFrame:
    return _frame(schema.empty_table())


def _frame(table: pa.Table | pa.RecordBatch) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame), "a table has columns"
    return frame
