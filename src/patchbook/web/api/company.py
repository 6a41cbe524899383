"""Who owns what in the whole company on a date, as a stream."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import chain, islice

import polars as pl
import pyarrow as pa
from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from patchbook.ledger import actions as ledger
from patchbook.ledger.answers import OWNER
from patchbook.web.as_csv import safe_csv, wants_csv
from patchbook.web.models import AsKnownOn, On, RoleName
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, Served, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["company"])

ARROW = "application/vnd.apache.arrow.stream"


@router.get(
    "/company",
    response_class=StreamingResponse,
    responses={200: {"content": {ARROW: {}, "text/csv": {}}, "description": "A row an account."}},
)
def get_company(
    request: Request,
    tx: Transaction,
    record: Served,
    person: SignedIn,
    at: Now,
    on: On = None,
    as_known_on: AsKnownOn = None,
    role: RoleName = OWNER,
) -> StreamingResponse:
    """Every account one may see, and who owned it on a date, as an Arrow stream; as CSV where that is asked for."""

    def batches() -> Iterator[pa.RecordBatch]:
        with record.reading() as view:
            yield from ledger.company(view, role=role, on=on or at, as_known_on=as_known_on, by=person, at=at)

    found = batches()
    first = list(islice(found, 1))  # what is refused is refused before anything is sent
    everything = chain(first, found)
    if wants_csv(request):
        return StreamingResponse(_csv(everything), media_type="text/csv; charset=utf-8")
    return StreamingResponse(_arrow(everything), media_type=ARROW)


def _arrow(batches: Iterator[pa.RecordBatch]) -> Iterator[bytes]:
    """The batches as one Arrow stream, piece by piece."""
    out = io.BytesIO()
    writer = None
    for batch in batches:
        writer = writer or pa.ipc.new_stream(out, batch.schema)
        writer.write_batch(batch)
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    if writer is not None:
        writer.close()
    yield out.getvalue()


def _csv(batches: Iterator[pa.RecordBatch]) -> Iterator[bytes]:
    """The batches as lines of CSV, safe to open in a spreadsheet."""
    for number, batch in enumerate(batches):
        frame = pl.from_arrow(batch)
        assert isinstance(frame, pl.DataFrame)
        yield safe_csv(frame.rows(), frame.columns if number == 0 else None)
