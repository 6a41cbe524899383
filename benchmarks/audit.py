"""How fast the audit trail is verified, beside reading the same rows and making as many digests of nothing.

    python -m benchmarks.audit [--events 200000] [--engines sqlite postgresql] [--json]

The trail is made as deeds make it, a third of the events with a document before and all with one after. Verifying makes
the whole chain anew. The promise is 50,000 events a second.
"""

from __future__ import annotations

import argparse
import hmac
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from patchbook.audit.store import event
from patchbook.audit.verify import verify
from patchbook.db import Record, create_record

WANTED = 50_000
"""Events a second (promise P13)."""


def main() -> int:
    """Measure each engine, print a table or JSON, and give 0 if all are as fast as promised."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--engines", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = {engine: measured(engine, asked.events) for engine in asked.engines}
    if asked.json:
        print(json.dumps(found, indent=2))
    else:
        print(f"{'engine':<12}{'verify/s':>12}{'read/s':>12}{'digest/s':>12}")
        for engine, rates in found.items():
            print(f"{engine:<12}" + "".join(f"{rates[what]:>12,.0f}" for what in ("verify", "read", "digest")))
    return 0 if all(rates["verify"] >= WANTED for rates in found.values()) else 1


def measured(engine: str, events: int) -> dict[str, float]:
    """Events a second: verified; read and thrown away; digested without being read."""
    sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
    from builders.trail import a_trail

    with a_record(engine) as record:
        a_trail(record, events)
        with record.reading() as tx:
            begun = time.perf_counter()
            whole = verify(tx, record.folder)
            verified = time.perf_counter() - begun
        assert whole.is_whole
        with record.reading() as tx:
            begun = time.perf_counter()
            for _ in tx.execute(select(event).execution_options(yield_per=5_000)):
                pass
            read = time.perf_counter() - begun
    begun = time.perf_counter()
    for _ in range(events):
        hmac.digest(b"k" * 32, b"x" * 300, "sha256").hex()
    return {"verify": events / verified, "read": events / read, "digest": events / (time.perf_counter() - begun)}


@contextmanager
def a_record(engine: str) -> Iterator[Record]:
    """An empty record of that engine, gone at the end."""
    from builders.postgres import a_server

    with tempfile.TemporaryDirectory() as folder:
        if engine == "sqlite":
            with a_closed(create_record(Path(folder) / "data")) as record:
                yield record
            return
        with a_server() as server, a_closed(create_record(Path(folder) / "data", url=server.new_database())) as record:
            yield record


@contextmanager
def a_closed(record: Record) -> Iterator[Record]:
    """A record that is closed again."""
    try:
        yield record
    finally:
        record.close()


if __name__ == "__main__":
    sys.exit(main())
