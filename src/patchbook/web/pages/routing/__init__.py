"""How leads find their owner: the feed of decisions, a lead, pools, the queue, replays, the document, webhooks."""

from patchbook.people.permission import Deed
from patchbook.web.page import Nav, Pages
from patchbook.web.pages.routing import document, feed, hooks, lead, pools, queue, replays

NAV = (Nav(title="Routing", path="/routing", section="Run", deed=Deed.SEE),)

router = Pages()
for part in (feed, lead, pools, queue, replays, document, hooks):
    router.routes.extend(part.router.routes)
