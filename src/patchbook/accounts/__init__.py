"""What gets assigned: taking accounts in, cleaning them, finding families and duplicates, and freezing a snapshot."""

from patchbook.accounts.accounts import Accounts, NoAccountId, NothingReadable, read
from patchbook.accounts.csv_out import write_csv
from patchbook.accounts.snapshot import load, save

__all__ = ["Accounts", "NoAccountId", "NothingReadable", "load", "read", "save", "write_csv"]
