"""Who may ask for what: host names, origins, the password, and the headers of every answer.

The page listens on the operator's own machine, so the dangers are other pages in the same browser: one that
re-points its own name at this address (refused by the Host check), one that sends a form here (refused by
the origin check), and a hostile post (made inert by escaping, and by a policy that runs no inline script).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from urllib.parse import quote, urlsplit

from fastapi import Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from listener.web.errors import answer
from listener.web.site import Site

SESSION = "kikimimi_session"
SESSION_DAYS = 30
SECRET_SETTING = "web.secret"
MAX_BODY = 64_000  # our largest form has a few short fields
OPEN_PATHS = ("/login", "/healthz")
SIGNED_LINKS = "/do/"  # pages behind the links of alerts: the link is the proof
SIGNED_REQUESTS = (
    "/slack/interactions"  # from Slack's servers: no browser, no origin; the signature is the proof
)
HOST = re.compile(r"[A-Za-z0-9._:\[\]-]+")
FAILURES, FAILURE_SPAN = 10, timedelta(minutes=5)

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # same-origin and not no-referrer: the latter makes browsers send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


@dataclass
class Password:
    """Checks the password and signs sessions; slows down whoever guesses.

    The signing key is made once and kept in the store, so a restart logs nobody out; a new password does.
    """

    site: Site
    _failed: deque[datetime] = field(default_factory=deque)
    _lock: Lock = field(default_factory=Lock)
    _key: bytes = b""

    @property
    def needed(self) -> bool:
        return self.site.config.web.password is not None

    def blocked(self) -> bool:
        """Too many wrong passwords lately, from anywhere: addresses are cheap, so they are not counted apart."""
        now = self.site.clock.now()
        with self._lock:
            while self._failed and now - self._failed[0] > FAILURE_SPAN:
                self._failed.popleft()
            return len(self._failed) >= FAILURES

    def matches(self, given: str) -> bool:
        """Compares in constant time; remembers a failure."""
        password = self.site.config.web.password
        right = password is not None and hmac.compare_digest(
            _digest(given), _digest(password.get_secret_value())
        )
        if not right:
            with self._lock:
                self._failed.append(self.site.clock.now())
        return right

    def session(self) -> str:
        """A signed token: when it ends, and the proof that we said so."""
        ends = int((self.site.clock.now() + timedelta(days=SESSION_DAYS)).timestamp())
        return f"{ends}.{self._sign(str(ends))}"

    def knows(self, request: Request) -> bool:
        """Whether the session cookie, or HTTP Basic for scripts, proves the password."""
        ends, _, proof = request.cookies.get(SESSION, "").partition(".")
        if (
            ends.isascii()
            and ends.isdigit()
            and hmac.compare_digest(proof.encode(), self._sign(ends).encode())
        ):
            return int(ends) > self.site.clock.now().timestamp()
        given = _basic_password(request.headers.get("authorization", ""))
        return given is not None and not self.blocked() and self.matches(given)

    def _sign(self, text: str) -> str:
        password = self.site.config.web.password
        secret = password.get_secret_value() if password else ""
        return hmac.new(self._secret() + _digest(secret), text.encode(), hashlib.sha256).hexdigest()

    def _secret(self) -> bytes:
        with self._lock:
            if not self._key:
                known = self.site.store.setting(SECRET_SETTING)
                if not known:
                    known = secrets.token_hex(32)
                    self.site.store.set_setting(SECRET_SETTING, known)
                self._key = bytes.fromhex(known)
            return self._key


class Guard:
    """ASGI middleware: refuses what must not get in, and puts the headers on what goes out."""

    def __init__(self, app: ASGIApp, *, site: Site, password: Password) -> None:
        self.app = app
        self.site = site
        self.password = password
        self.hosts = allowed_hosts(site.config.web.host, site.config.web.public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                protect(MutableHeaders(scope=message), cache=str(scope["path"]).startswith("/static/"))
            await send(message)

        refused = self._refuse(request)
        await (refused or self.app)(scope, receive, send_guarded)

    def _refuse(self, request: Request) -> Response | None:
        """The answer to a request that must not reach a page; `None` lets it through."""
        # Not request.url.path: that is put together with the Host header, which the asker writes.
        path: str = request.scope["path"]
        if path == "/healthz":
            return None
        if hostname(request.headers.get("host", "")) not in self.hosts:
            return answer(self.site, request, 421, "host")
        if request.method not in {"GET", "HEAD", "OPTIONS"}:
            if path != SIGNED_REQUESTS and not self._same_origin(request):
                return answer(self.site, request, 403, "origin")
            if not _small(request):
                return answer(self.site, request, 413, "size")
        if self.password.needed and not _open(path):
            return None if self.password.knows(request) else self._ask(request)
        return None

    def _same_origin(self, request: Request) -> bool:
        """A browser says where a form came from; a POST that does not is refused.

        Behind a proxy the Host may be the inner one: the origin of `web.public_url` is ours as well.
        """
        if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            return False
        origin = request.headers.get("origin")
        if not origin:
            return False
        public = urlsplit(self.site.config.web.public_url)
        return urlsplit(origin).netloc == request.headers.get("host") or (
            bool(public.netloc) and origin == f"{public.scheme}://{public.netloc}"
        )

    def _ask(self, request: Request) -> Response:
        path: str = request.scope["path"]
        if path.startswith("/api/"):
            text = "this page is locked: log in, or send the password by HTTP Basic with any user name"
            return JSONResponse(
                {"error": {"code": "password", "message": text}},
                401,
                {"WWW-Authenticate": 'Basic realm="Kikimimi"'},
            )
        query = request.scope["query_string"].decode("latin-1")
        wanted = quote(path, safe="/") + (f"?{query}" if query else "")
        return RedirectResponse(f"/login?next={quote(wanted, safe='')}", 303)


def protect(headers: MutableHeaders, *, cache: bool = False) -> None:
    """The headers of every answer. Pages are never kept by a cache: they hold other people's words."""
    for name, value in HEADERS.items():
        headers[name] = value
    headers["Cache-Control"] = "public, max-age=31536000, immutable" if cache else "no-store"


def allowed_hosts(host: str, public_url: str) -> frozenset[str]:
    """The names we answer to: loopback, the address we listen on, the host of the public address."""
    names = {"localhost", "127.0.0.1", "::1", host.lower()}
    public = urlsplit(public_url).hostname
    return frozenset(names | {public} if public else names) - {"0.0.0.0", "::", ""}


def hostname(header: str) -> str:
    """The name in a Host header, without its port; "" for a malformed one."""
    if not HOST.fullmatch(header):
        return ""
    try:
        return (urlsplit(f"//{header}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def local_path(wanted: str) -> str:
    """Where to go after the login: only a path of ours, never another site."""
    plain = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if plain and wanted.isprintable() and "\\" not in wanted else "/"


def _open(path: str) -> bool:
    """What may be asked for without the password."""
    return path in (*OPEN_PATHS, SIGNED_REQUESTS) or path.startswith(("/static/", SIGNED_LINKS))


def _small(request: Request) -> bool:
    empty = "transfer-encoding" not in request.headers  # then no length means no body: a DELETE
    length = request.headers.get("content-length", "0" if empty else "")
    return length.isascii() and length.isdigit() and int(length) <= MAX_BODY


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _basic_password(header: str) -> str | None:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[2]
    except ValueError:
        return None
