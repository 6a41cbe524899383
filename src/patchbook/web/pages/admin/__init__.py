"""Administration: health, people who come in, tokens, sign-in providers, the audit trail, jobs and settings."""

from patchbook.people.permission import Deed
from patchbook.web.page import Nav, Pages
from patchbook.web.pages.admin import audit, jobs, overview, settings, sign_in, tokens, users

NAV = (Nav(title="Administration", path="/admin", section="Admin", deed=Deed.RUN_JOBS),)

router = Pages()
for part in (overview, users, tokens, sign_in, audit, jobs, settings):
    router.routes.extend(part.router.routes)
