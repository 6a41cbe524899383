"""A page with nothing but a map on it, and made-up accounts: what the browser test and the benchmark look at."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from importlib.resources import files
from pathlib import Path

import numpy as np
import polars as pl
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from patchbook.geography.gazetteer import us_counties
from patchbook.plans.report.colours import coloured, near_centres
from patchbook.web.geometry import RECIPES, geometry_urls, packed
from patchbook.web.plan_points import MEDIA, made_points

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self';"
    " connect-src 'self'; worker-src 'self' blob:; form-action 'self'"
)
KINDS = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css"}
PAGE_CSS = b"html,body{height:100%;margin:0}plan-map{height:100%}"
STATIC = Path(str(files("patchbook.web") / "static"))


@dataclass
class MapPage:
    """Accounts around the middles of counties, each with the nearest of some centres, of which the first is vacant."""

    accounts: int
    territories: int = 40
    seed: int = 1
    fetched_bytes: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        draw = np.random.default_rng(self.seed)
        counties = us_counties().filter(pl.col("latitude").is_between(25, 49), pl.col("longitude") > -125)
        rows = draw.integers(0, counties.height, self.accounts)
        latitude = counties["latitude"].to_numpy()[rows] + draw.normal(0, 0.08, self.accounts)
        longitude = counties["longitude"].to_numpy()[rows] + draw.normal(0, 0.08, self.accounts)
        self.frame = pl.DataFrame(
            {
                "account_id": [f"A{number:07}" for number in range(self.accounts)],
                "latitude": latitude,
                "longitude": longitude,
                "measure_potential": draw.lognormal(4, 1.2, self.accounts).round(),
            }
        )
        centres = draw.choice(self.accounts, self.territories, replace=False)
        here = np.stack([latitude, longitude], axis=1)
        distance = np.linalg.norm(here[:, None, :] - here[centres][None, :, :], axis=2)
        self.owner = distance.argmin(axis=1).astype("<u2")
        self.points = made_points(self.frame)
        self.named = self._named()

    def _named(self) -> list[dict[str, object]]:
        middle = (
            self.frame.with_columns(owner=pl.Series(self.owner))
            .group_by("owner")
            .agg(pl.col("latitude", "longitude").mean(), accounts=pl.len())
        )
        rows = middle.sort("owner").with_columns(territory=pl.format("Patch {}", pl.col("owner")))
        colours = coloured(rows.height, near_centres(rows))
        return [
            {
                "index": row["owner"],
                "name": row["territory"],
                "layer": "Field",
                "person": f"p{row['owner']}" if row["owner"] else None,
                "person_name": f"Person {row['owner']}" if row["owner"] else None,
                "colour": colours[number],
                "accounts": row["accounts"],
                "latitude": row["latitude"],
                "longitude": row["longitude"],
            }
            for number, row in enumerate(rows.iter_rows(named=True))
        ]

    def app(self) -> Starlette:
        """What serves the page."""
        routes = [
            Route("/", self.page),
            Route("/page.css", lambda request: self._sent("page.css", PAGE_CSS, "text/css")),
            Route("/static/{path:path}", self.static),
            Route("/geometry/{file}", self.geometry),
            Route("/data/{name}", self.data),
        ]
        return Starlette(routes=routes)

    def page(self, request: Request) -> Response:
        """The map, with what the query says added to its attributes."""
        attributes = {
            "geometry": json.dumps(geometry_urls()),
            "measures": json.dumps({"potential": "/data/potential"}),
            **{name: f"/data/{name}" for name in (*MEDIA, "ownership", "territories")},
            **dict(request.query_params),
        }
        written = " ".join(f'{name}="{escape(value)}"' for name, value in attributes.items())
        return self._sent(
            "page",
            (
                "<!doctype html><html lang=en><meta charset=utf-8><title>A map</title><link rel=icon href=data:,>"
                '<meta name=viewport content="width=device-width"><link rel=stylesheet href=/static/css/tokens.css>'
                "<link rel=stylesheet href=/static/css/map.css>"
                "<link rel=stylesheet href=/page.css><script type=module src=/static/js/plan-map.js></script>"
                f"<body><plan-map {written}></plan-map></body></html>"
            ).encode(),
            "text/html",
        )

    def static(self, request: Request) -> Response:
        """A file of the package."""
        path = STATIC / request.path_params["path"]
        if not path.resolve().is_relative_to(STATIC.resolve()) or not path.is_file():
            return Response(status_code=404)
        return self._sent(request.path_params["path"], path.read_bytes(), KINDS[path.suffix])

    def geometry(self, request: Request) -> Response:
        """A layer of the ground."""
        layer = next(one for one in RECIPES if geometry_urls()[one] == request.url.path)
        return self._gzipped(layer, packed(layer), "application/geo+json")

    def data(self, request: Request) -> Response:
        """A part of the made-up plan."""
        name = request.path_params["name"]
        if name == "refused":
            return JSONResponse({"detail": "The plan was carved again; load the page again."}, 404)
        if name == "potential":
            return self._gzipped(name, self.points.measures[name], "application/octet-stream")
        if name in self.points.parts:
            return self._gzipped(name, self.points.parts[name], "application/octet-stream")
        content = self.owner.tobytes() if name == "ownership" else json.dumps(self.named).encode()
        return self._sent(name, content, "application/octet-stream")

    def _sent(self, name: str, content: bytes, media_type: str) -> Response:
        return self._gzipped(name, gzip.compress(content, 6), media_type)

    def _gzipped(self, name: str, content: bytes, media_type: str) -> Response:
        self.fetched_bytes[name] = len(content)
        headers = {"Content-Encoding": "gzip", "Content-Security-Policy": CSP}
        return Response(content, media_type=media_type, headers=headers)


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    """The address an application is served at, on a port the system chooses."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()
