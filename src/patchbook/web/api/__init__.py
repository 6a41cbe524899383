"""The API, a file a concept; each is one line in `ROUTERS`."""

from patchbook.web.api import grants, health, me, session, tokens

ROUTERS = (
    health.router,
    session.router,
    me.router,
    tokens.router,
    grants.router,
)
