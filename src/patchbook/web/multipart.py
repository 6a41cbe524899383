"""A form with a file in it, as a browser without our script sends it: read from the disk, written to the disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from python_multipart.multipart import MultipartParser, parse_options_header

from patchbook.web.errors import NotUnderstood

PIECE = 1 << 20
MOST_PARTS = 20
LONGEST_VALUE = 1_000
CUT_OFF = "The form is cut off or cannot be read; choose the file and send it again."
KIND = "multipart/form-data"


@dataclass
class SentForm:
    """The fields of a form, and its file."""

    fields: dict[str, str] = field(default_factory=dict)
    file: Path | None = None
    name: str = ""
    """What the file was called where it comes from."""


def is_form(content_type: str) -> bool:
    """Whether a body is a form, and not the file itself."""
    return content_type.partition(";")[0].strip().lower() == KIND


def read_form(body: Path, content_type: str, into: Path) -> SentForm:
    """
    The fields of a form that lies on the disk; its first file is written to `into`.

    Raises
    ------
    NotUnderstood
        It is cut off, or no form.
    """
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    reader = _Reader(into)
    try:
        parser = MultipartParser(boundary, reader.callbacks())  # type: ignore[arg-type]
        with body.open("rb") as source:
            while piece := source.read(PIECE):
                parser.write(piece)
        parser.finalize()
    except NotUnderstood:
        raise
    except Exception as error:  # the parser has several classes without a common name for a form that is none
        raise NotUnderstood(CUT_OFF) from error
    finally:
        reader.close()
    if not reader.is_whole:
        raise NotUnderstood(CUT_OFF)
    return reader.form


class _Reader:
    """What the parser tells, part by part."""

    def __init__(self, into: Path) -> None:
        self.form = SentForm()
        self.is_whole = False
        self._into = into
        self._out: IO[bytes] | None = None
        self._parts = 0
        self._header = b""
        self._value = b""
        self._about: dict[str, bytes] = {}
        self._name = ""
        self._text = b""

    def callbacks(self) -> dict[str, Callable[..., Any]]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._in_header,
            "on_header_value": self._in_value,
            "on_header_end": self._header_ends,
            "on_headers_finished": self._headers_end,
            "on_part_data": self._in_part,
            "on_part_end": self._end,
            "on_end": self._all_is_read,
        }

    def close(self) -> None:
        if self._out is not None:
            self._out.close()

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise NotUnderstood(f"The form has more than {MOST_PARTS} fields.")
        self._about, self._name, self._text = {}, "", b""

    def _in_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _in_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_ends(self) -> None:
        self._about[self._header.decode("latin-1").lower()] = self._value
        self._header = self._value = b""

    def _headers_end(self) -> None:
        _, options = parse_options_header(self._about.get("content-disposition", b""))
        self._name = options.get(b"name", b"").decode(errors="replace")
        if b"filename" in options and self.form.file is None:
            self.form.file, self.form.name = self._into, options[b"filename"].decode(errors="replace")
            self._out = self._into.open("wb")

    def _in_part(self, data: bytes, start: int, end: int) -> None:
        if self._out is not None:
            self._out.write(data[start:end])
        elif len(self._text) < LONGEST_VALUE:
            self._text += data[start:end]

    def _end(self) -> None:
        if self._out is not None:
            self._out.close()
            self._out = None
        else:
            self.form.fields[self._name] = self._text[:LONGEST_VALUE].decode(errors="replace")

    def _all_is_read(self) -> None:
        self.is_whole = True
