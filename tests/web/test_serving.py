"""The record behind a real server, in a process of its own."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest
from sqlalchemy import func, select

from builders.web_company import NOW, a_company, principal_of
from patchbook import access
from patchbook.access.store import role_held
from patchbook.people.permission import Deed
from patchbook.web.app import serve_record
from patchbook.web.serve import NoFreePort

SERVE = "import sys; from patchbook.web.app import serve_record; serve_record(sys.argv[1], port=0)"
WHO = ("ron", "rita", "sam", "nora", "sven", "finn", "pia", "boss")


def test_it_answers_many_at_once_and_stops_when_told(sqlite_record):
    a_company(sqlite_record)
    with sqlite_record.writing() as tx:
        made = access.make_token(tx, "test", list(Deed), days=366, by=principal_of("ada"), at=NOW)
    command = [sys.executable, "-c", SERVE, str(sqlite_record.folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            address = re.search(r"on (http://127.0.0.1:\d+/)", server.stdout.readline())[1] + "api/v1"
            headers = {"Authorization": f"Bearer {made.secret}"}
            with (
                httpx2.Client(base_url=address, headers=headers, timeout=120) as client,
                ThreadPoolExecutor(30) as many,
            ):
                reads = [many.submit(client.get, "/people/ron/book") for _ in range(60)]
                writes = [many.submit(client.post, f"/people/{who}/grants", json={"role": "viewer"}) for who in WHO]
            assert {one.result().status_code for one in reads} == {200}
            assert {one.result().status_code for one in writes} == {201}
        finally:
            server.send_signal(signal.SIGINT)
        assert server.stdout.read().endswith("Stopped.\n")
        assert server.wait(60) == 0
    with sqlite_record.reading() as tx:
        found = select(func.count()).select_from(role_held).where(role_held.c.role == "viewer")
        assert tx.execute(found).scalar() == 9


def test_a_port_that_is_taken_is_said_to_be(sqlite_record):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(NoFreePort, match="name another"):
        serve_record(sqlite_record.folder, port=taken.getsockname()[1])


def test_an_empty_folder_becomes_a_record_whose_first_admin_is_made_in_the_browser(tmp_path):
    command = [sys.executable, "-c", "from patchbook.cli import main; main()", "serve", "--new", "--port", "0"]
    with subprocess.Popen([*command, "--data", str(tmp_path / "ours")], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout.readline().startswith("Serving the record in ")
            address = server.stdout.readline().removeprefix("Make the first admin at ").strip()
            assert "This record is empty." in httpx2.get(address, timeout=120).text
        finally:
            server.send_signal(signal.SIGINT)
        assert server.wait(60) == 0
