"""The API, a file a concept; each is one line in `ROUTERS`."""

from patchbook.web.api import accounts, company, grants, health, imports, me, opportunities, people, session, tokens

ROUTERS = (
    health.router,
    session.router,
    me.router,
    tokens.router,
    people.router,
    grants.router,
    imports.router,
    accounts.router,
    opportunities.router,
    company.router,
)
