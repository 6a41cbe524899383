"""Where the record is kept: one SQLite file or one PostgreSQL database, its transactions, tables and migrations."""

from patchbook.db.metadata import metadata
from patchbook.db.record import Record, create_record, open_record

__all__ = ["Record", "create_record", "metadata", "open_record"]
