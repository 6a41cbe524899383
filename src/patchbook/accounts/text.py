"""Bytes of unknown encoding made UTF-8, also where one file mixes two encodings."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from patchbook.errors import BadInput

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class UnknownEncoding(BadInput):
    """A file's encoding is not the one that was named, or is one nobody knows."""


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """Text as UTF-8 bytes, and how it was written before."""

    content: bytes
    encoding: str
    other_lines: int = 0
    other_encoding: str | None = None
    first_other_line: int | None = None


def decode(content: bytes, name: str, encoding: str | None = None) -> Decoded:
    """
    The content as UTF-8 without a byte order mark.

    A byte order mark decides; then UTF-8 is tried, because text in another encoding is hardly ever valid UTF-8;
    then the lines that are not UTF-8 are read in the one older encoding charset-normalizer finds for them, so a
    file pasted together from two systems loses nothing.
    """
    if encoding is not None:
        return _as_told(content, name, encoding)
    for mark, marked in _MARKS:
        if content.startswith(mark):
            if marked == "utf-8":
                content = content[len(mark) :]
                break
            return _as_told(content, name, marked)
    if content[:4000].count(b"\x00") > len(content[:4000]) // 4:
        return _as_told(content, name, "utf-16-le" if content[1:2] == b"\x00" else "utf-16-be")
    if content.isascii():
        return Decoded(content=content, encoding="ASCII")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return _line_by_line(content)
    return Decoded(content=content, encoding="UTF-8")


def _as_told(content: bytes, name: str, encoding: str) -> Decoded:
    try:
        text = content.decode(encoding)
    except LookupError as error:
        raise UnknownEncoding(
            f"No encoding is called {encoding!r}; use for example utf-8, windows-1252 or utf-16."
        ) from error
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UnknownEncoding(
            f"{name} is not {encoding}: line {line} has bytes that mean nothing in it; leave the encoding out to let "
            f"it be found."
        ) from error
    return Decoded(content=text.removeprefix("\ufeff").encode(), encoding=codecs.lookup(encoding).name.upper())


def _line_by_line(content: bytes) -> Decoded:
    lines = content.split(b"\n")
    other: list[int] = []
    has_utf8 = False
    for number, line in enumerate(lines):
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            other.append(number)
        else:
            has_utf8 = True
    old = _older_encoding(b"\n".join(lines[number] for number in other[:2000]))
    for number in other:
        lines[number] = lines[number].decode(old, errors="replace").encode()
    return Decoded(
        content=b"\n".join(lines),
        encoding="UTF-8" if has_utf8 else old,
        other_lines=len(other) if has_utf8 else 0,
        other_encoding=old if has_utf8 else None,
        first_other_line=other[0] + 1 if has_utf8 else None,
    )


def _older_encoding(sample: bytes) -> str:
    """The encoding of bytes known not to be UTF-8; Windows' western one where there is too little to tell."""
    from charset_normalizer import from_bytes

    # A handful of accents fits dozens of code pages equally; the western page is by far the commonest.
    if sum(byte > 127 for byte in sample) < 30:
        return "windows-1252"
    best = from_bytes(sample).best()
    found = best.encoding if best is not None else "cp1252"
    western = found in (
        "cp1252",
        "latin_1",
        "iso8859_15",
        "cp1250",
        "cp1254",
        "cp1257",
        "mac_roman",
        "hp_roman8",
        "cp437",
    )
    return "windows-1252" if western else found
