"""Reports in a browser: a small server of the standard library that shows a folder of results, to this machine only."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from ipaddress import ip_address
from pathlib import Path
from string import Template
from urllib.parse import quote, unquote, urlsplit

from patchbook.errors import BadInput, NotFound

PORTS_TRIED = 20
SHOWN = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".geojson": "application/geo+json",
    ".csv": "text/csv; charset=utf-8",
    ".parquet": "application/octet-stream",
}
"""Kinds of file a result folder holds; anything else is not shown."""

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'"
"""A page may use what it carries and nothing from elsewhere; reports narrow this to their own script."""

HEADERS = {
    "Content-Security-Policy": f"{POLICY}; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


class NoFreePort(BadInput):
    """None of the ports that were tried can be listened on."""


class NothingToShow(NotFound):
    """The folder is not there, or holds no result."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One result of the index page."""

    path: str
    title: str
    facts: str


def serve(
    folder: Path | str,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    say: Callable[[str], None] = lambda text: print(text, flush=True),
) -> None:
    """
    Show the results below a folder until Ctrl-C.

    Parameters
    ----------
    host
        An address of this machine; others can not reach it.
    port
        The port to listen on; where it is taken, the next free one is used and said so. 0 lets the system choose.
    say
        Told the address.

    Raises
    ------
    NothingToShow
        The folder is not there, or no folder in it holds a result.
    NoFreePort
        None of the ports can be used.
    """
    with open_server(folder, host=host, port=port) as server:
        taken = int(server.server_address[1])
        if port not in (0, taken):
            say(f"Port {port} is taken, so this is on {taken}.")
        say(f"Showing {Path(folder)} on http://{host}:{taken} (Ctrl-C ends it)")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            say("Stopped.")


def open_server(folder: Path | str, *, host: str = "127.0.0.1", port: int = 8000) -> ThreadingHTTPServer:
    """The server, listening but not yet answering."""
    root = Path(folder)
    if not results_below(root):
        raise NothingToShow(f"{root} holds no result to show; write one with `patchbook carve PLAN.yaml --out DIR`.")
    if host != "localhost" and not ip_address(host).is_loopback:
        raise BadInput(
            f"{host} is not an address of this machine alone; use 127.0.0.1, reports are not for the network."
        )
    handler = partial(_Handler, root=root.resolve())
    for candidate in range(port, port + (PORTS_TRIED if port else 1)):
        try:
            return ThreadingHTTPServer((host, candidate), handler)
        except (OSError, OverflowError) as error:
            refused = error
    raise NoFreePort(f"No port from {port} to {port + PORTS_TRIED - 1} is free; name another with --port.") from refused


def results_below(root: Path) -> list[Shown]:
    """The results in a folder: itself, or the folders in it that hold a report."""
    if not root.is_dir():
        return []
    found = []
    for folder in (root, *sorted(path for path in root.iterdir() if path.is_dir())):
        if (folder / "report.html").is_file():
            relative = folder.relative_to(root).as_posix()
            path = quote("report.html" if relative == "." else f"{relative}/report.html")
            found.append(Shown(path=path, title=_title(folder), facts=_facts(folder)))
    return found


def index_page(root: Path) -> str:
    """The page that leads to each report."""
    items = "".join(
        f'<li><a href="/{escape(shown.path)}"><b>{escape(shown.title)}</b><span>{escape(shown.facts)}</span></a></li>'
        for shown in results_below(root)
    )
    page = Template((files("patchbook.web") / "index.html").read_text(encoding="utf-8"))
    return page.substitute(name=escape(root.name), items=items)


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD for the index and for files of results."""

    server_version = "Patchbook"
    sys_version = ""

    def __init__(self, *args: object, root: Path) -> None:
        self.root = root
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """The page or file asked for."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """The same without its content."""
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        if not self._is_for_us():
            self._send(
                HTTPStatus.MISDIRECTED_REQUEST, "text/plain", b"Ask for this machine by its own name.\n", with_body
            )
            return
        path = unquote(urlsplit(self.path).path)
        if path in ("/", "/index.html"):
            self._send(HTTPStatus.OK, SHOWN[".html"], index_page(self.root).encode(), with_body)
            return
        file = self._file(path)
        if file is None:
            self._send(HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8", b"There is no such page.\n", with_body)
            return
        self._send(HTTPStatus.OK, SHOWN[file.suffix], file.read_bytes(), with_body)

    def _is_for_us(self) -> bool:
        """Whether the address asked for is this machine's: a foreign name that points here must not read reports."""
        name = (self.headers.get("Host") or "").rsplit(":", 1)[0].strip("[]").lower()
        if name in ("localhost", ""):
            return True
        try:
            return ip_address(name).is_loopback
        except ValueError:
            return False

    def _file(self, path: str) -> Path | None:
        """The file of a result that a path names; nothing outside the folder, and nothing hidden."""
        parts = [part for part in path.split("/") if part]
        if "\0" in path or any(part.startswith(".") or "\\" in part for part in parts):
            return None
        try:
            file = self.root.joinpath(*parts).resolve()
            if file.suffix not in SHOWN or not file.is_relative_to(self.root) or not file.is_file():
                return None
        except OSError:
            return None
        return file

    def _send(self, status: HTTPStatus, kind: str, body: bytes, with_body: bool) -> None:
        self.send_response(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Only what went wrong is worth a line."""
        if args and str(args[1:2]).find("'5") >= 0:
            sys.stderr.write(format % args + "\n")


def _title(folder: Path) -> str:
    return str(_summary(folder).get("plan") or folder.name)


def _facts(folder: Path) -> str:
    summary = _summary(folder)
    facts = [f"{summary[key]:,} {key}" for key in ("accounts", "territories") if isinstance(summary.get(key), int)]
    if summary.get("feasible") is False:
        facts.append("not every constraint is met")
    return " · ".join(facts)


def _summary(folder: Path) -> dict[str, object]:
    try:
        read = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}
