"""Scripts, styles and pictures: served under the digest of all of them, and kept by browsers for ever."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import Response

from patchbook.web.errors import NoSuchPage

ROOT = Path(__file__).parent / "static"
FOR_EVER = "public, max-age=31536000, immutable"
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
"""Ending → what is served under it; nothing else is."""

SCRIPTS = "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'"
"""What a script may that runs as a worker, which goes by its own answer and not by that of the page."""

_PACKED = frozenset({".css", ".js", ".mjs", ".json", ".svg", ".txt"})


def add_static_files(app: FastAPI) -> None:
    """Let an application serve them."""
    app.add_api_route("/static/{digest}/{path:path}", get_static_file, include_in_schema=False)


def static_url(path: str) -> str:
    """
    The address of a file, for templates.

    All files share one digest, so that modules can import each other by relative paths.

    Raises
    ------
    FileNotFoundError
        There is no such file; a mistake in a template, or `make install` has not laid the third-party files.
    """
    if not (ROOT / path).is_file():
        raise FileNotFoundError(f"web/static has no {path}; third-party files are laid there by `make install`.")
    return f"/static/{version()}/{path}"


@cache
def version() -> str:
    """The digest of every file served; the program is started anew to serve others."""
    digest = hashlib.sha256()
    for file in sorted(ROOT.rglob("*")):
        if file.is_file() and file.suffix in KINDS:
            digest.update(file.relative_to(ROOT).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def get_static_file(request: Request, digest: str, path: str) -> Response:
    """One file. An old page may ask by an old digest: it gets today's, but does not keep it."""
    file = ROOT / path
    if ".." in path.split("/") or "\\" in path or "\0" in path or file.suffix not in KINDS or not file.is_file():
        raise NoSuchPage(f"There is no file {path[:200]!r}.")
    headers = {"Cache-Control": FOR_EVER if digest == version() else "no-cache", "Vary": "Accept-Encoding"}
    if file.suffix in (".js", ".mjs"):
        headers["Content-Security-Policy"] = SCRIPTS
    is_packed = file.suffix in _PACKED and "gzip" in request.headers.get("accept-encoding", "")
    if is_packed:
        headers["Content-Encoding"] = "gzip"
    return Response(_packed(file) if is_packed else file.read_bytes(), 200, headers, KINDS[file.suffix])


@cache
def _packed(file: Path) -> bytes:
    return gzip.compress(file.read_bytes(), 9, mtime=0)
