"""What is true of every answer: one transaction, safe headers, problems in one form, bounded bodies."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError

from patchbook.audit.store import event
from patchbook.db.record import Record
from patchbook.db.settings import setting
from patchbook.errors import BadInput, Conflict, Infeasible, NotAllowed, NotFound, PatchbookError
from patchbook.web import policy
from patchbook.web.app import create_app
from patchbook.web.errors import PROBLEM, STATUSES, Problem, status_of
from patchbook.web.policy import Anybody, NoPolicy
from patchbook.web.route import Route
from patchbook.web.signed_in import Transaction


def test_health_says_that_the_record_can_be_read(client):
    answer = client().get("/health")

    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"


def test_every_answer_has_safe_headers_and_a_name(client):
    for path in ("/health", "/me", "/nothing"):
        headers = client().get(path).headers

        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-request-id"].startswith("request-")
        assert "access-control-allow-origin" not in headers


def test_over_https_browsers_are_told_to_stay_there(app):
    assert "strict-transport-security" in TestClient(app, base_url="https://testserver").get("/api/v1/health").headers


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/nothing", 404, "no-such-page"),
        ("POST", "/health", 405, "wrong-method"),
        ("GET", "/me", 401, "not-signed-in"),
        ("POST", "/session", 422, "not-understood"),
    ],
)
def test_a_refusal_is_a_problem_document(client, method, path, status, kind):
    answer = client().request(method, path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == PROBLEM
    told = Problem.model_validate(answer.json())
    assert told.type == f"urn:patchbook:error:{kind}"
    assert told.status == status
    assert told.detail.endswith(".")
    assert told.request_id == answer.headers["x-request-id"]


def test_each_kind_of_error_has_its_status():
    found = {kind: status_of(kind("x.")) for kind in (BadInput, NotFound, Conflict, NotAllowed, Infeasible)}

    assert found == {BadInput: 422, NotFound: 404, Conflict: 409, NotAllowed: 403, Infeasible: 422}
    assert all(issubclass(kind, PatchbookError) for kind in STATUSES)


def test_a_body_that_is_too_large_is_refused_unread(client):
    answer = client().post("/session", content=b"x" * (1 << 20 | 1))

    assert answer.status_code == 413
    assert "1,048,576 bytes" in answer.json()["detail"]


def test_a_body_that_does_not_say_its_length_is_bounded_too(client):
    def chunks():
        for _ in range(40):
            yield b"x" * 50_000

    answer = client().post("/session", content=chunks(), headers={"Content-Type": "application/json"})

    assert answer.status_code == 413


def with_operation(record: Record, monkeypatch, endpoint, **served) -> FastAPI:
    """The application with one more operation, `POST /probe`."""
    router = APIRouter(route_class=Route)
    router.post("/probe", **served)(endpoint)
    monkeypatch.setattr("patchbook.web.app.ROUTERS", (router,))
    monkeypatch.setattr(policy, "POLICY", {endpoint.__name__: Anybody.PUBLIC})
    return create_app(record)


def test_a_commit_that_fails_is_not_answered_as_done(record, monkeypatch):
    def write(tx: Transaction) -> dict[str, str]:
        tx.execute(insert(setting).values(name="challenge_days", value=3))
        return {"status": "done"}

    app = with_operation(record, monkeypatch, write)
    writing = Record.writing

    @contextmanager
    def failing(self):
        with writing(self) as tx:
            yield tx
            raise OSError("the disk is full")

    monkeypatch.setattr(Record, "writing", failing)
    answer = TestClient(app).post("/api/v1/probe")

    assert answer.status_code == 500
    assert "the disk" not in answer.text
    with record.reading() as tx:
        assert tx.execute(select(func.count()).select_from(setting)).scalar() == 0


def test_what_goes_wrong_inside_shows_no_stack_and_leaves_nothing(record, monkeypatch, caplog):
    def fail(tx: Transaction) -> None:
        tx.execute(insert(setting).values(name="challenge_days", value=3))
        raise ZeroDivisionError("secret detail")

    answer = TestClient(with_operation(record, monkeypatch, fail)).post("/api/v1/probe")

    assert answer.status_code == 500
    assert answer.headers["content-type"] == PROBLEM
    assert "secret detail" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.json()["request_id"] in caplog.text
    with record.reading() as tx:
        assert tx.execute(select(func.count()).select_from(setting)).scalar() == 0


def test_what_the_database_refuses_is_a_conflict(record, monkeypatch):
    def twice(tx: Transaction) -> None:
        tx.execute(insert(setting), [{"name": "challenge_days", "value": 3}] * 2)

    answer = TestClient(with_operation(record, monkeypatch, twice)).post("/api/v1/probe")

    assert answer.status_code == 409
    assert "The record refuses this" in answer.json()["detail"]
    assert "challenge_days" not in answer.text


def test_what_the_database_refuses_at_the_commit_is_a_conflict_too(record, monkeypatch):
    def write(tx: Transaction) -> None:
        tx.execute(text("SELECT 1"))

    app = with_operation(record, monkeypatch, write)
    writing = Record.writing

    @contextmanager
    def failing(self):
        with writing(self) as tx:
            yield tx
            raise IntegrityError("COMMIT", {}, Exception("work outside employment"))

    monkeypatch.setattr(Record, "writing", failing)

    assert TestClient(app).post("/api/v1/probe").status_code == 409


def test_an_operation_without_a_policy_stops_the_app_from_starting(record, monkeypatch):
    router = APIRouter(route_class=Route)

    @router.get("/probe")
    def unheard_of() -> None: ...

    monkeypatch.setattr("patchbook.web.app.ROUTERS", (router,))
    monkeypatch.setattr(policy, "POLICY", {})

    with pytest.raises(NoPolicy, match="unheard_of"):
        create_app(record)


def test_a_policy_without_an_operation_stops_it_too(record, monkeypatch):
    monkeypatch.setattr("patchbook.web.app.ROUTERS", ())
    monkeypatch.setattr(policy, "POLICY", {"gone": Anybody.PUBLIC})

    with pytest.raises(NoPolicy, match="gone"):
        create_app(record)


def test_reading_writes_nothing(client, company):
    ada = client("ada")
    with company.reading() as tx:
        before = tx.execute(select(func.count()).select_from(event)).scalar()

    assert ada.get("/me").status_code == 200

    with company.reading() as tx:
        assert tx.execute(select(func.count()).select_from(event)).scalar() == before
