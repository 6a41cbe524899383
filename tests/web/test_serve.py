"""The report server shows results, and nothing else, to this machine only."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from builders.results import a_result
from patchbook.errors import BadInput
from patchbook.plans.out import write
from patchbook.web.serve import HEADERS, NoFreePort, NothingToShow, index_page, open_server, results_below


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    above = tmp_path_factory.mktemp("above")
    (above / "secret.html").write_text("secret")
    (above / "shown").mkdir()
    write(a_result(), above / "shown" / "field")
    (above / "shown" / ".hidden.html").write_text("hidden")
    (above / "shown" / "field" / "key.pem").write_text("key")
    (above / "shown" / "out.html").symlink_to(above / "secret.html")
    return above / "shown"


@pytest.fixture(scope="module")
def port(root: Path) -> Iterator[int]:
    with open_server(root, port=0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield int(server.server_address[1])
        server.shutdown()
        thread.join()


def ask(port: int, path: str, method: str = "GET", host: str | None = None) -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.putrequest(method, path, skip_host=host is not None)
        if host is not None:
            connection.putheader("Host", host)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()
    finally:
        connection.close()


def test_the_index_leads_to_each_report(port: int) -> None:
    status, _, page = ask(port, "/")

    assert status == 200
    assert 'href="/field/report.html"' in page
    assert "9 accounts · 3 territories" in page


def test_a_report_is_shown_with_headers_that_forbid_outside_sources(port: int) -> None:
    status, headers, page = ask(port, "/field/report.html")

    assert status == 200
    assert "<h1>Grid</h1>" in page
    assert headers.items() >= HEADERS.items()
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_head_answers_without_content(port: int) -> None:
    status, headers, page = ask(port, "/field/summary.json", "HEAD")

    assert (status, page) == (200, "")
    assert int(headers["Content-Length"]) > 100


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.html",
        "/%2e%2e/secret.html",
        "/field/..%2f..%2fsecret.html",
        "//etc/passwd",
        "/..%5csecret.html",
        "/.hidden.html",
        "/out.html",
        "/field/key.pem",
        "/field/",
        "/field/%00report.html",
        "/" + "a" * 5000 + ".html",
        "/nowhere.html",
    ],
)
def test_nothing_but_files_of_results_is_shown(port: int, path: str) -> None:
    assert ask(port, path)[0] == 404


def test_other_methods_are_not_for_this_server(port: int) -> None:
    assert ask(port, "/", "POST")[0] == 501


def test_a_foreign_name_that_points_here_reads_nothing(port: int) -> None:
    assert ask(port, "/", host="evil.example")[0] == 421
    assert ask(port, "/", host="localhost:80")[0] == 200


def test_a_taken_port_gives_the_next_free_one(root: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        with open_server(root, port=number) as server:
            assert number < server.server_address[1] <= number + 20


def test_no_free_port_is_one_sentence(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("patchbook.web.serve.PORTS_TRIED", 1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(NoFreePort, match="is free; name another with --port"):
            open_server(root, port=taken.getsockname()[1])


def test_only_this_machine_may_look(root: Path) -> None:
    with pytest.raises(BadInput, match="is not an address of this machine alone"):
        open_server(root, host="0.0.0.0", port=0)


def test_a_folder_without_results_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(NothingToShow, match="holds no result to show"):
        open_server(tmp_path / "nowhere", port=0)


def test_names_on_the_index_are_escaped(tmp_path: Path) -> None:
    folder = tmp_path / "<b>"
    folder.mkdir()
    (folder / "report.html").write_text("page")
    (folder / "summary.json").write_text("[]")

    assert "<b>&lt;b&gt;</b>" in index_page(tmp_path)


def test_a_single_result_folder_is_shown_too(root: Path) -> None:
    assert [shown.path for shown in results_below(root / "field")] == ["report.html"]
