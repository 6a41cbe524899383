"""Scripts and styles: kept by browsers for ever under today's digest, packed once, and nothing else is served."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from patchbook.web import static_files
from patchbook.web.static_files import FOR_EVER, ROOT, add_static_files, static_url


@pytest.fixture
def client():
    app = FastAPI()
    add_static_files(app)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def test_todays_files_are_kept_for_ever_and_those_of_an_old_page_are_not(client):
    today, old = client.get(static_url("js/app.js")), client.get("/static/0123456789abcdef/js/app.js")

    assert today.headers["cache-control"] == FOR_EVER
    assert old.headers["cache-control"] == "no-cache"
    assert today.text == old.text == (ROOT / "js" / "app.js").read_text()
    assert today.headers["content-encoding"] == "gzip"


def test_whoever_makes_digests_up_fills_no_memory(client):
    client.get(static_url("css/parts.css"))
    packed = static_files._packed.cache_info().currsize

    for number in range(5):
        assert client.get(f"/static/made-up-{number}/css/parts.css").status_code == 200

    assert static_files._packed.cache_info().currsize == packed


def test_without_gzip_the_file_goes_out_as_it_is(client):
    plain = client.get(static_url("css/tokens.css"), headers={"Accept-Encoding": "identity"})

    assert "content-encoding" not in plain.headers
    assert plain.content == (ROOT / "css" / "tokens.css").read_bytes()


@pytest.mark.parametrize(
    "path", ["nothing.js", "../app.py", "..%2Fapp.py", "js/%00.js", "js", "vendor/maplibre-gl/laid"]
)
def test_nothing_but_the_files_there_are_is_served(client, path):
    assert client.get(f"/static/x/{path}").status_code != 200


def test_a_template_that_names_no_file_is_found_out():
    with pytest.raises(FileNotFoundError, match=r"no js/nothing\.js"):
        static_url("js/nothing.js")
