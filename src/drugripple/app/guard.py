"""Who may ask: the right address with its token, from a page of ours, and no more than the limits allow.

A page of another site can make a browser send requests here. It cannot know the token; a name that it bends to this
machine (DNS rebinding) is not among our hosts; and its own address stands in `Origin`.
"""

import secrets
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
"""Headers of every response: the page loads nothing from elsewhere, runs no script but its own, and is kept nowhere."""
READING = frozenset({"GET", "HEAD"})
NO_TOKEN = "open the address that `drugripple serve` printed; it holds a token that only you know\n"


class Refusal(NamedTuple):
    """Why a request is not answered."""

    status: int
    text: str


class Guard:
    """An application behind a token, for some hosts only."""

    def __init__(self, app: ASGIApp, *, token: str, hosts: frozenset[str], upload_bytes: int) -> None:
        """Guard an application.

        Args:
            app: it sees the paths behind the token.
            token: the first part of every path.
            hosts: names with port by which the server may be called.
            upload_bytes: what the body of a request may have.
        """
        self.app, self.token, self.hosts, self.upload_bytes = app, token, hosts, upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or refuse a request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        refusal = self.refusal(scope)
        answer: ASGIApp = self.app if refusal is None else PlainTextResponse(refusal.text, refusal.status)
        if refusal is None:
            scope = {**scope, "root_path": f"{scope.get('root_path', '')}/{self.token}"}
        await answer(scope, self._bounded(receive), _with_headers(send))

    def refusal(self, scope: Scope) -> Refusal | None:
        """Why a request is refused; None if it is not."""
        headers, path = Headers(scope=scope), str(scope["path"])
        host, origin = headers.get("host", "").lower(), headers.get("origin")
        if host not in self.hosts:
            return Refusal(421, "this server is not called by that name; open the address that it printed\n")
        if not secrets.compare_digest(path.removeprefix("/").partition("/")[0].encode(), self.token.encode()):
            return Refusal(403, NO_TOKEN)
        if scope["method"] not in READING:
            if origin is not None and (urlsplit(origin).scheme != "http" or urlsplit(origin).netloc.lower() != host):
                return Refusal(403, "only a page of this server may send something to it\n")
            if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
                return Refusal(403, "only a page of this server may send something to it\n")
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self.upload_bytes:
            return Refusal(413, self._too_large)
        return None

    @property
    def _too_large(self) -> str:
        return (
            f"an upload may have {self.upload_bytes >> 20:,} megabytes, both files together; "
            "for larger files there is the command `drugripple predict`\n"
        )

    def _bounded(self, receive: Receive) -> Receive:
        """Count what really arrives: a body may come in parts of unknown length."""
        arrived = 0

        async def counted() -> Message:
            nonlocal arrived
            message = await receive()
            arrived += len(message.get("body", b""))
            if arrived > self.upload_bytes:
                raise HTTPException(413, self._too_large)
            return message

        return counted


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
        await send(message)

    return send_with_headers
