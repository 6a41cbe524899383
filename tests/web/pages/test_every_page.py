"""What is true of every page: a deed, a session, safe headers, writes from here only; made from the list of pages."""

from __future__ import annotations

import re

import pytest
from fastapi.routing import APIRoute

from patchbook.people.permission import MAY, Deed
from patchbook.people.principal import Principal
from patchbook.web.pages import MENU, PAGES, SECTIONS
from patchbook.web.policy import Anybody
from patchbook.web.route import DEED

ROUTES = [route for page in PAGES for route in page.router.routes if isinstance(route, APIRoute)]
OF_ANYBODY = {"/sign-in", "/set-up/{secret}", "/demo/{secret}"}


def deed_of(route: APIRoute) -> Deed | Anybody:
    return route.openapi_extra[DEED]  # type: ignore[index]


def asked(route: APIRoute) -> tuple[str, str]:
    (method,) = route.methods - {"HEAD"}
    return method, re.sub(r"\{[^}]*\}", "nothing-of-that-name", route.path)


def test_nobody_sees_a_page_without_a_session(visitor):
    nobody = visitor()
    for route in ROUTES:
        method, path = asked(route)
        answer = nobody.request(method, path)

        if deed_of(route) is Anybody.PUBLIC:
            assert route.path in OF_ANYBODY
        elif method == "GET":
            assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/sign-in"), route.path
        else:
            assert answer.status_code == 401, route.path


@pytest.mark.parametrize("who", ["ron", "nora", "finn", "vera", "pia"])
def test_who_may_not_do_the_deed_is_told_who_may(visitor, app, who):
    client, person = visitor(who), _principal(app, who)
    for route in ROUTES:
        deed = deed_of(route)
        if not isinstance(deed, Deed) or person.roles & MAY[deed]:
            continue
        method, path = asked(route)
        answer = client.request(method, path)

        assert answer.status_code == 403, (route.path, answer.text[:300])
        assert "may" in answer.text


def test_a_form_of_another_site_changes_nothing(visitor):
    client = visitor("ada")
    for route in ROUTES:
        method, path = asked(route)
        if method == "GET":
            continue
        answer = client.request(method, path, headers={"Sec-Fetch-Site": "cross-site"})

        assert answer.status_code in (403, 422), route.path  # 422: without its fields it is not looked at any further
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")


def test_no_address_is_hidden_by_another():
    seen: list[APIRoute] = []
    for route in ROUTES:
        path = re.sub(r"\{[^}]*\}", "anything", route.path)
        before = [one.path for one in seen if one.methods == route.methods and one.path_regex.match(path)]

        assert before == [], f"{route.path} comes after {before}, which takes its requests"
        seen.append(route)


def test_every_line_of_the_menu_leads_to_a_page_and_is_in_a_section():
    paths = {route.path for route in ROUTES if "GET" in route.methods}

    assert [line.path for line in MENU if line.path not in paths] == []
    assert {line.section for line in MENU} <= set(SECTIONS)
    assert len({line.title for line in MENU}) == len(MENU)


@pytest.mark.parametrize("who", ["ron", "nora", "pia", "finn", "vera", "ada"])
def test_every_page_of_the_menu_opens_for_whom_it_is_shown(visitor, app, who):
    client = visitor(who)
    home = client.get("/", follow_redirects=True)

    assert home.status_code == 200
    for line in MENU:
        shown = f'href="{line.path}"' in home.text
        assert shown == line.is_for(_principal(app, who))
        if shown:
            answer = client.get(line.path, follow_redirects=True)
            assert answer.status_code == 200, (line.path, answer.text[:500])
            assert "script-src 'self'" in answer.headers["content-security-policy"]


def _principal(app, who: str) -> Principal:
    from patchbook import access

    with app.state.record.reading() as tx:
        return access.principal(tx, who, at=app.state.clock())


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/plans/plan-1", "/plans"),
        ("/plans/plan-1/rules/layers/1", "/rules"),
        ("/plans/plan-1/future-book", "/challenges"),
        ("/publications/publication-1", "/plans"),
        ("/handoffs", "/exceptions"),
        ("/people/P1/leave", "/people"),
        ("/accounts/A1", None),
    ],
)
def test_a_page_belongs_to_the_nearest_line_of_the_menu(path, line):
    nearest = max(MENU, key=lambda one: one.nearness(path))

    assert (nearest.path if nearest.nearness(path) else None) == line
