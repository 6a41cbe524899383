"""What maps fetch: the ground for everybody, the accounts of a plan for who may see them all."""

from __future__ import annotations

from fastapi.responses import JSONResponse, Response

from patchbook.people.permission import Deed, allow_somewhere
from patchbook.plans import actions as plans
from patchbook.plans.life import RecordedPlan
from patchbook.web.book_map import book_map
from patchbook.web.geometry import kept_response, layer_called, packed
from patchbook.web.page import Here, Looked, Pages
from patchbook.web.plan_points import MEDIA, NoPoints, Sent, ownership_of, points_of, territories_of
from patchbook.web.policy import Anybody

FOR_EVER = "public, max-age=31536000, immutable"
FOR_EVER_HERE = "private, max-age=31536000, immutable"
"""Only who was told the address on a page knows it: it is named by a digest of what it holds."""
ASK_AGAIN = "private, no-cache"

router = Pages()


@router.page("/geometry/{layer}-{made}.json", Anybody.SIGNED_IN)
def get_geometry(layer: str, made: str, here: Looked) -> Response:
    """A layer of outlines as GeoJSON."""
    found = layer_called(layer, made)
    return kept_response(here.request, packed(found), "application/geo+json", cache_control=FOR_EVER)


@router.page("/plans/{plan_id}/measure-{digest}.bin", Deed.SEE_EVERYONE)
def get_plan_measure(plan_id: str, digest: str, name: str, here: Looked) -> Response:
    """What each account of a plan has of a measure."""
    points = points_of(here.tx, _seen(plan_id, here))
    if name not in points.measures or digest != points.digest:
        raise NoPoints
    return kept_response(here.request, points.measures[name], "application/octet-stream", cache_control=FOR_EVER_HERE)


@router.page("/plans/{plan_id}/{part}-{digest}.{ending}", Deed.SEE_EVERYONE)
def get_plan_points(plan_id: str, part: str, digest: str, ending: str, here: Looked) -> Response:
    """Where the accounts of a plan are, in which county, or their ids."""
    points = points_of(here.tx, _seen(plan_id, here))
    found = next((one for one in MEDIA if one == part and MEDIA[one][0] == ending), None)
    if found is None or digest != points.digest:
        raise NoPoints
    return kept_response(here.request, points.parts[found], MEDIA[found][1], cache_control=FOR_EVER_HERE)


@router.page("/plans/{plan_id}/ownership", Deed.SEE_EVERYONE)
def get_plan_ownership(plan_id: str, here: Looked) -> Response:
    """The territory of each account as it is now, as 16-bit numbers."""
    plan = _seen(plan_id, here)
    return _revised(here, plan, ownership_of(here.tx, plan), "application/octet-stream")


@router.page("/plans/{plan_id}/map-territories", Deed.SEE_EVERYONE)
def get_plan_map_territories(plan_id: str, here: Looked) -> Response:
    """The territories that `ownership` counts: name, person, colour and where to write the name."""
    plan = _seen(plan_id, here)
    return _revised(here, plan, territories_of(here.tx, plan), "application/json")


@router.page("/people/{person_id}/book-map.json", Deed.SEE)
def get_book_map(person_id: str, here: Looked) -> Response:
    """Where the accounts of somebody's book are."""
    found = book_map(here.tx, person_id, by=here.person, at=here.at)
    return JSONResponse(found, headers={"Cache-Control": ASK_AGAIN})


def _revised(here: Here, plan: RecordedPlan, sent: Sent, media_type: str) -> Response:
    answer = kept_response(here.request, sent.gzipped, media_type, cache_control=ASK_AGAIN, etag=sent.digest)
    answer.headers["X-Patchbook-Revision"] = str(plan.revision)
    return answer


def _seen(plan_id: str, here: Here) -> RecordedPlan:
    allow_somewhere(here.person, Deed.SEE_EVERYONE)
    return plans.get(here.tx, plan_id, by=here.person, at=here.at)
