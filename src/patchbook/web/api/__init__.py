"""The API, a file a concept; each is one line in `ROUTERS`."""

from patchbook.web.api import health, me

ROUTERS = (health.router, me.router)
