"""Messages go where they may: to public addresses, and to what was looked up and checked."""

from __future__ import annotations

import socket
from threading import Thread

import pytest

from builders.receiver import receiver
from patchbook.connectors.webhooks.outside import Unreachable, UnsafeAddress, check, is_public, look_up, send

INSIDE = (
    *("127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254"),
    *("::1", "::", "fd00::1", "fe80::1", "fe80::1%eth0", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1"),
    *("2002:7f00:1::", "224.0.0.1", "ff02::1", "240.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "not one"),
)


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946"])
def test_an_address_outside_is_public(address):
    assert is_public(address)


@pytest.mark.parametrize("address", INSIDE)
def test_a_name_that_leads_inside_is_refused_and_nothing_is_connected(address, monkeypatch):
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("a connection was tried"))

    with pytest.raises(UnsafeAddress, match="not a public address"):
        send("https://hooks.example.com/in", b"{}", {}, look=lambda *_: ("93.184.216.34", address))


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://hooks.example.com/",
            "ftp://hooks.example.com/",
            "file:///etc/passwd",
            "gopher://x.example/",
            "https://",
        ),
        *("https://user:secret@hooks.example.com/", "https://hooks.example.com:8443/", "https://127.1/", "https://0/"),
        *("https://0x7f000001/", "https://2130706433/", "https://[::1]/", "https://localhost/", "https://intranet/"),
        *("https://hooks.example.com:99999/", "https://[::1", "https://127.0.0.1./"),
    ],
)
def test_an_address_that_can_never_be_right_is_refused_when_it_is_set(url):
    with pytest.raises(UnsafeAddress) as refused:
        check(url)

    assert "secret" not in str(refused.value)


def test_a_public_name_may_be_set():
    check("https://hooks.example.com/in?team=7")


def test_the_connection_goes_to_the_address_that_was_checked_whatever_the_name_says_later():
    with receiver(200) as (port, seen):
        answers = iter([("127.0.0.1",), ("10.0.0.1",)])
        answer = send(
            f"http://rebinding.example:{port}/in", b'{"a": 1}', {"webhook-id": "m"},
            inside={f"rebinding.example:{port}"}, look=lambda *_: next(answers),
        )  # fmt: skip

    assert answer.status == 200
    assert [(path, body, headers["host"]) for path, headers, body in seen] == [
        ("/in", '{"a": 1}', f"rebinding.example:{port}")
    ]


def test_a_redirect_is_not_followed():
    with receiver(302, Location="http://127.0.0.1:1/") as (port, seen):
        answer = send(f"http://127.0.0.1:{port}/in", b"{}", {}, inside={f"127.0.0.1:{port}"})

    assert answer.status == 302
    assert len(seen) == 1


def test_how_long_to_wait_is_told():
    with receiver(429, **{"Retry-After": "120"}) as (port, _):
        assert send(f"http://127.0.0.1:{port}/", b"", {}, inside={f"127.0.0.1:{port}"}).retry_after_seconds == 120


def test_nobody_there_is_told_so():
    with pytest.raises(Unreachable, match="does not answer"):
        send("http://127.0.0.1:1/", b"", {}, inside={"127.0.0.1:1"})
    with pytest.raises(Unreachable, match="cannot be looked up"):
        look_up("no-such-host.invalid", 443)


def test_an_answer_that_never_ends_is_taken_by_its_status():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 9\r\n\r\n")
                while connection.recv(65_536):  # and nothing more until the sender goes
                    pass

        thread = Thread(target=answer)
        thread.start()
        inside = {f"127.0.0.1:{port}"}
        assert send(f"http://127.0.0.1:{port}/in", b"{}", {}, inside=inside, timeout_seconds=2).status == 202
        thread.join()
