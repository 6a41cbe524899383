"""The anchor of the audit trail: its key, and a file outside the database that remembers how far it had come.

A hash chain alone cannot show that its end was cut off, or that somebody who could write the database made it anew.
The key is not in the database, and the anchor says after which event the chain had which head.
"""

from __future__ import annotations

import hmac
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from patchbook.errors import BadInput, NotFound

KEY_SETTING = "PATCHBOOK_AUDIT_KEY"
MOST_BYTES = 4_000_000
"""When the anchor file is longer (about 28,000 commits), it is thinned out."""

SHORTEST_KEY = 16
"""A shorter key could be found by trying."""

KEPT_WHOLE = 2_000
KEPT_EVERY = 100


class NoKey(NotFound):
    """The key of the audit trail is not where it should be."""


@dataclass(frozen=True)
class Head:
    """After event `number` the chain ended in `digest`."""

    number: int
    digest: str


@dataclass(frozen=True)
class Anchor:
    """The key and the anchor file in a data folder."""

    folder: Path

    @property
    def file(self) -> Path:
        """One line a commit: number of the last event, its digest, and a signature over both."""
        return self.folder / "audit.anchor"

    @property
    def key_file(self) -> Path:
        """Where the key is, unless the environment has it."""
        return self.folder / "audit.key"

    @property
    def key(self) -> bytes:
        """The secret the chain is made with: from the environment (hexadecimal), else from the folder's `audit.key`."""
        told = os.environ.get(KEY_SETTING)
        if told:
            return _told(told)
        try:
            key = self.key_file.read_bytes()
        except FileNotFoundError:
            raise NoKey(
                f"The key of the audit trail, {self.key_file}, is not there; put it back, or set {KEY_SETTING}."
            ) from None
        except OSError as error:
            raise NoKey(
                f"The key of the audit trail, {self.key_file}, cannot be read ({error.strerror}); make it a file of the"
                " user who runs Patchbook."
            ) from None
        if len(key) < SHORTEST_KEY:
            raise NoKey(
                f"The key of the audit trail, {self.key_file}, has only {len(key)} bytes and is not whole; put the"
                f" right one back, or set {KEY_SETTING}."
            )
        return key

    @property
    def has_key(self) -> bool:
        """Whether there is a key, in the environment or in the folder."""
        return bool(os.environ.get(KEY_SETTING)) or self.key_file.exists()

    def make_key(self, key: bytes) -> None:
        """Keep this key, unless there is one."""
        if self.has_key:
            return
        handle = os.open(self.key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(key)
            out.flush()
            os.fsync(out.fileno())

    def append(self, number: int, digest: str) -> None:
        """Remember that event `number` had this digest."""
        line = f"{number} {digest} {self.sign(number, digest)}\n".encode("ascii")
        with self._alone():
            with open(self.file, "ab") as out:
                if _is_torn(self.file):
                    out.write(b"\n")
                out.write(line)
                out.flush()
                os.fsync(out.fileno())
                length = out.tell()
            if length > MOST_BYTES:
                self._thin_out()

    def sign(self, number: int, digest: str) -> str:
        """What proves that a line was written by who has the key."""
        return _sign(self.key, number, digest)

    def heads(self, file: Path | None = None) -> tuple[list[Head], int | None]:
        """
        What the anchor file says, and the first line whose signature is wrong, or None.

        A line that a power cut left unfinished says nothing and is passed over.
        """
        key = self.key
        heads: list[Head] = []
        try:
            content = (file or self.file).read_bytes()
        except FileNotFoundError:
            return [], None
        for place, line in enumerate(content.split(b"\n"), start=1):
            if _UNFINISHED.fullmatch(line):
                continue
            parts = _LINE.fullmatch(line)
            if parts is None:
                return heads, place
            head = Head(int(parts[1]), parts[2].decode())
            if not hmac.compare_digest(_sign(key, head.number, head.digest), parts[3].decode()):
                return heads, place
            heads.append(head)
        return heads, None

    def _thin_out(self) -> None:
        """Keep the newest lines, and of the older ones one in a hundred: any of them shows what came before it."""
        lines = self.file.read_bytes().splitlines(keepends=True)
        kept = [*lines[:-KEPT_WHOLE:KEPT_EVERY], *lines[-KEPT_WHOLE:]]
        handle, temporary = tempfile.mkstemp(dir=self.folder, prefix=".audit.anchor.")
        with os.fdopen(handle, "wb") as out:
            out.writelines(kept)
            out.flush()
            os.fsync(out.fileno())
        os.replace(temporary, self.file)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one process at a time write the file."""
        try:
            import fcntl
        except ImportError:  # there is none on Windows, where one process serves a record
            yield
            return
        with open(self.folder / "audit.lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


_LINE = re.compile(rb"([0-9]{1,18}) ([0-9a-f]{64}) ([0-9a-f]{64})")
_UNFINISHED = re.compile(rb"([0-9]{1,18}( [0-9a-f]{0,64}| [0-9a-f]{64} [0-9a-f]{0,63})?)?")


def _told(key: str) -> bytes:
    """The key the environment tells."""
    try:
        read = bytes.fromhex(key)
    except ValueError:
        raise BadInput(f"{KEY_SETTING} is no hexadecimal number; write the key in the digits 0-9 and a-f.") from None
    if len(read) < SHORTEST_KEY:
        raise BadInput(
            f"{KEY_SETTING} has only {len(read)} bytes; a key has {SHORTEST_KEY} or more, better 32, each written with"
            " two of the digits 0-9 and a-f."
        )
    return read


def _sign(key: bytes, number: int, digest: str) -> str:
    return hmac.digest(key, f"anchor {number} {digest}".encode(), "sha256").hex()


def _is_torn(file: Path) -> bool:
    """Whether the last line was left unfinished."""
    with open(file, "rb") as content:
        if content.seek(0, os.SEEK_END) == 0:
            return False
        content.seek(-1, os.SEEK_END)
        return content.read() != b"\n"
