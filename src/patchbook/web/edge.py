"""What is true of every answer: safe headers, a name for the request, bounded bodies, and no stack trace."""

from __future__ import annotations

import logging

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from patchbook.web.errors import PROBLEM, TooLarge, new_request_id
from patchbook.web.page import broken_page, refused, wants_page

BODY_LIMIT_BYTES = 1 << 20
UPLOAD_LIMIT_BYTES = 1 << 30
UPLOADS = ("/api/v1/imports", "/data/uploads")

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}

log = logging.getLogger("patchbook.web")


class Edge:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        name = scope["patchbook.request_id"] = new_request_id()
        limit = UPLOAD_LIMIT_BYTES if scope["path"] in UPLOADS else BODY_LIMIT_BYTES
        begun = False
        taken = 0

        async def send_safely(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for header, value in HEADERS.items():
                    headers.setdefault(header, value)
                headers["X-Request-Id"] = name
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        async def receive_bounded() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise HTTPException(413, _too_large(limit))
            return message

        request = Request(scope)
        length = request.headers.get("content-length", "0")
        try:
            if length.isdecimal() and int(length) > limit:
                await refused(TooLarge(_too_large(limit)), request)(scope, receive, send_safely)
                return
            await self.app(scope, receive_bounded, send_safely)
        except Exception:
            log.exception("%s %s failed as %s", scope["method"], scope["path"].encode("unicode_escape").decode(), name)
            if begun:
                raise
            failed = {
                "type": "urn:patchbook:error:internal",
                "title": "Something went wrong inside Patchbook.",
                "status": 500,
                "detail": f"Nothing was changed. The server's log has more under {name}.",
                "request_id": name,
                "errors": [],
            }
            told = broken_page(name) if wants_page(request) else JSONResponse(failed, 500, media_type=PROBLEM)
            await told(scope, receive, send_safely)


def _too_large(limit: int) -> str:
    return f"The body is larger than the {limit:,} bytes taken here; send less at once."
