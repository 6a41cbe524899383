"""The steps by which people join, are away, move and leave: told, looked at, done, with a receipt."""

from patchbook.web.page import Pages
from patchbook.web.pages.people_changes import depart, hire, leave, move, receipt

router = Pages()
for part in (hire, leave, depart, move, receipt):
    router.routes.extend(part.router.routes)
