"""`patchbook token` and `patchbook user`: secrets shown once, roles given and taken."""

from __future__ import annotations

import io
import json

import pytest


@pytest.fixture
def admin_id(patchbook_says, at_home) -> str:
    return str(json.loads(patchbook_says("init", "--admin-email", "ada@example.com", "--json")[1])["admin_id"])


def test_a_token_is_shown_once_listed_and_revoked(patchbook_says, admin_id):
    code, printed, _ = patchbook_says("token", "make", "robot", "--may", "see", "--days", "30", "--json")
    assert code == 0
    made = json.loads(printed)
    assert made["secret"].startswith("patchbook_")

    listed = patchbook_says("token", "list")[1]
    assert "robot" in listed
    assert made["secret"] not in listed

    token_id = made["token"]["token_id"]
    assert patchbook_says("token", "revoke", token_id)[:2] == (0, f"{token_id} is revoked.\n")
    assert json.loads(patchbook_says("token", "list", "--json")[1])[0]["revoked_at"] is not None


def test_the_secret_of_a_token_is_printed_on_the_last_line_for_people(patchbook_says, admin_id):
    code, printed, _ = patchbook_says("token", "make", "robot", "--may", "see")

    assert code == 0
    assert printed.splitlines()[-1].startswith("patchbook_")


def test_a_token_for_an_unknown_deed_is_refused_in_one_sentence(patchbook_says, admin_id):
    code, _, complained = patchbook_says("token", "make", "robot", "--may", "fly")

    assert code == 2
    assert "There is no deed 'fly'" in complained


def test_a_password_is_read_from_standard_input_and_never_shown(patchbook_says, admin_id, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("four words not belonging\n"))

    code, printed, _ = patchbook_says("user", "password", admin_id, "--stdin")

    assert (code, printed) == (0, f"The password of {admin_id} is set.\n")


def test_a_weak_password_is_refused(patchbook_says, admin_id, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("password1\n"))

    code, _, complained = patchbook_says("user", "password", admin_id, "--stdin")

    assert code == 2
    assert "choose another" in complained


def test_roles_are_given_listed_and_taken(patchbook_says, admin_id):
    assert patchbook_says("user", "grant", admin_id, "planner")[:2] == (0, f"{admin_id} holds admin, planner now.\n")
    assert "everywhere" in patchbook_says("user", "roles", admin_id)[1]
    assert patchbook_says("user", "revoke", admin_id, "planner")[:2] == (0, f"{admin_id} holds admin now.\n")


def test_an_unknown_role_is_one_sentence(patchbook_says, admin_id):
    code, _, complained = patchbook_says("user", "grant", admin_id, "king")

    assert code == 2
    assert complained == "There is no role 'king'; there are admin, planner, manager, rep, finance, viewer.\n"


def test_the_last_admin_cannot_give_up_the_role(patchbook_says, admin_id):
    code, _, complained = patchbook_says("user", "revoke", admin_id, "admin")

    assert code == 2
    assert "is the only admin" in complained


def test_who_has_left_can_be_erased(patchbook_says, published):
    patchbook_says("depart", "DEE", "--on", "2026-06-01")

    code, printed, complained = patchbook_says("user", "erase", "DEE", "--yes")

    assert (code, complained) == (0, "")
    assert "DEE is erased" in printed
    assert b"Dee Dunn" not in (published / "data" / "patchbook.db").read_bytes()
    assert patchbook_says("audit", "verify")[0] == 0
