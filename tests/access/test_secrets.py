"""No secret can be read in what is kept or logged (T17)."""

from __future__ import annotations

import base64
import logging
from pathlib import Path

import psycopg
import pytest

from builders.roles import MONDAY, a_company, somebody
from patchbook import access
from patchbook.access.passwords import WrongPassword
from patchbook.people.principal import system

PASSWORD, WRONG = "canary anvil drifts sideways", "canary wrong anvil"


@pytest.fixture
def server(request, record):
    return request.getfixturevalue("postgresql_server") if record.is_postgresql else None


def test_secrets_are_in_no_file_and_no_log(record, server, caplog):
    caplog.set_level(logging.DEBUG)
    with record.writing() as tx:
        a_company(tx)
        access.set_password(tx, "rob", PASSWORD, by=system(), at=MONDAY)
        token = access.make_token(tx, "nightly", ["see"], by=somebody(tx, "rob"), at=MONDAY)
    session = access.sign_in(record, "rob@example.com", PASSWORD, at=MONDAY)
    with pytest.raises(WrongPassword) as refused:
        access.sign_in(record, "rob@example.com", WRONG, at=MONDAY)
    access.note_use(record, session.secret, at=MONDAY)
    canaries = [PASSWORD, WRONG, token.secret, session.secret, "x-there-x"]
    with record.writing() as tx:
        access.make_token(tx, "x-there-x", ["see"], by=somebody(tx, "rob"), at=MONDAY)  # that the search does find

    kept = everything_kept(record, server)

    assert found(canaries, kept) == {"x-there-x"}
    assert (
        found(canaries, caplog.text.encode() + str(refused.value).encode() + repr((token, session)).encode()) == set()
    )


def everything_kept(record, server) -> bytes:
    folders = [record.folder]
    if server is not None:
        with psycopg.connect(server.url(str(record.engine.url.database)), autocommit=True) as connection:
            connection.execute("CHECKPOINT")
        folders.append(server.data)
    files = [file for folder in folders for file in sorted(Path(folder).rglob("*")) if file.is_file()]
    return b"\0".join(file.read_bytes() for file in files)


def found(secrets, content: bytes) -> set[str]:
    spelled = {
        secret: (secret.encode(), secret.encode().hex().encode(), base64.b64encode(secret.encode())[:-4])
        for secret in secrets
    }
    return {secret for secret, spellings in spelled.items() if any(one in content for one in spellings)}
