"""The anchor of the audit trail: its key, and a file outside the database that remembers how far it had come.

A hash chain alone cannot show that its end was cut off, or that somebody who could write the database made it anew.
The key is not in the database, and the anchor says after which event the chain had which head.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass
from pathlib import Path

KEY_SETTING = "PATCHBOOK_AUDIT_KEY"


@dataclass(frozen=True)
class Anchor:
    """The key and the anchor file in a data folder."""

    folder: Path

    @property
    def file(self) -> Path:
        """One line a commit: number of the last event, its digest, and a signature over both."""
        return self.folder / "audit.anchor"

    @property
    def key(self) -> bytes:
        """The secret the chain is made with: from the environment (hexadecimal), else from the folder's `audit.key`."""
        told = os.environ.get(KEY_SETTING)
        return bytes.fromhex(told) if told else (self.folder / "audit.key").read_bytes()

    def make_key(self, key: bytes) -> None:
        """Keep this key, unless there is one."""
        file = self.folder / "audit.key"
        if os.environ.get(KEY_SETTING) or file.exists():
            return
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(key)
            out.flush()
            os.fsync(out.fileno())

    def append(self, number: int, digest: str) -> None:
        """Remember that event `number` had this digest."""
        with open(self.file, "a", encoding="ascii") as out:
            out.write(f"{number} {digest} {self.sign(number, digest)}\n")
            out.flush()
            os.fsync(out.fileno())

    def sign(self, number: int, digest: str) -> str:
        """What proves that a line was written by who has the key."""
        return hmac.new(self.key, f"anchor {number} {digest}".encode(), hashlib.sha256).hexdigest()
