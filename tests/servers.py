"""Real servers on loopback for the tests: HTTP with every bad manner a source has, and SMTP that can refuse.

with HttpServer() as server:
    server.route("/feed.xml", conditional(body, etag='W/"1"', content_type="application/rss+xml"))
    server.route("/busy", [too_many(30), text("ok")])          # in order; the last one stays
    server.route("/echo", lambda request: json_reply({"q": request.query["q"]}))
    Fetcher(allow=["127.0.0.1"]).get(server.url("/feed.xml"))
    assert server.requests[-1].headers["user-agent"]

with SmtpServer() as smtp:
    smtp.greylist(1)                                           # 451 once, then accept
    assert smtp.messages[0].message["Subject"]
"""

from __future__ import annotations

import asyncio
import contextlib
import email
import email.policy
import gzip
import json
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

# ------------------------------------------------------------------ HTTP


@dataclass(frozen=True)
class Request:
    """What came in. `path` is decoded and has no query; `query` keeps the first value of each name."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    at: float

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """What goes out. `cut_at`: close after so many bytes of the body. `drip_s`: seconds a byte."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    cut_at: int | None = None
    drip_s: float = 0.0


Handler = Callable[[Request], Reply]


def text(
    body: str | bytes, *, content_type: str = "text/plain", charset: str = "", status: int = 200
) -> Reply:
    """`charset` is what the header claims and how a str is encoded; bytes are sent as they are."""
    raw = body if isinstance(body, bytes) else body.encode(charset or "utf-8")
    kind = f"{content_type}; charset={charset}" if charset else content_type
    return Reply(status=status, body=raw, headers={"Content-Type": kind})


def xml(body: str | bytes, *, charset: str = "", content_type: str = "application/xml") -> Reply:
    return text(body, content_type=content_type, charset=charset)


def json_reply(content: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    raw = json.dumps(content, ensure_ascii=False).encode()
    return Reply(status=status, body=raw, headers={"Content-Type": "application/json", **(headers or {})})


def redirect(to: str, *, status: int = 302) -> Reply:
    return Reply(status=status, headers={"Location": to})


def too_many(retry_after: float | str | None = None) -> Reply:
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Reply(status=429, body=b"slow down", headers=headers)


def gzipped(reply: Reply) -> Reply:
    headers = {**reply.headers, "Content-Encoding": "gzip"}
    return replace(reply, body=gzip.compress(reply.body), headers=headers)


def gzip_bomb(size: int) -> Reply:
    """`size` bytes of zeros, a thousandth of that on the wire."""
    return gzipped(text(bytes(size), content_type="application/xml"))


def slow(reply: Reply, seconds: float) -> Reply:
    return replace(reply, delay_s=seconds)


def cut_off(reply: Reply, after: int) -> Reply:
    """Announce the whole length, send `after` bytes and hang up."""
    return replace(reply, cut_at=after)


def dripping(reply: Reply, seconds: float) -> Reply:
    """Send one byte each `seconds`."""
    return replace(reply, drip_s=seconds)


def conditional(
    body: str | bytes, *, etag: str = "", last_modified: str = "", content_type: str = "application/xml"
) -> Handler:
    """304 when the validators that come in are the ones we gave out."""

    def handle(request: Request) -> Reply:
        given = {"ETag": etag, "Last-Modified": last_modified}
        headers = {name: words for name, words in given.items() if words}
        same_tag = bool(etag) and request.headers.get("if-none-match") == etag
        same_date = bool(last_modified) and request.headers.get("if-modified-since") == last_modified
        if same_tag or (same_date and not etag):
            return Reply(status=304, headers=headers)
        reply = text(body, content_type=content_type)
        return replace(reply, headers={**reply.headers, **headers})

    return handle


class HttpServer:
    """Routes by path (query apart); "GET /path" or "POST /path" narrows the method, "*" takes the rest."""

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self._routes: dict[str, Handler] = {}
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        if tls is not None:
            # The handshake is left to the connection's thread: a client that breaks it off must not stop us.
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def route(self, path: str, reply: Reply | Sequence[Reply | Handler] | Handler) -> None:
        """Replace what `path` answers: always the same, one after the other (the last stays), or computed."""
        if isinstance(reply, Reply):
            self._routes[path] = lambda _: reply
        elif callable(reply):
            self._routes[path] = reply
        else:
            self._routes[path] = self._in_order(list(reply))

    def paths(self) -> list[str]:
        """The paths asked for so far."""
        return [request.path for request in self.requests]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _in_order(self, replies: list[Reply | Handler]) -> Handler:
        def handle(request: Request) -> Reply:
            with self._lock:
                reply = replies.pop(0) if len(replies) > 1 else replies[0]
            return reply if isinstance(reply, Reply) else reply(request)

        return handle

    def _answer(self, request: Request) -> Reply:
        with self._lock:
            self.requests.append(request)
        for key in (f"{request.method} {request.path}", request.path, "*"):
            if key in self._routes:
                return self._routes[key](request)
        return text("no such route", status=404)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class _Connection(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle(self) -> None:
                # A client that refuses our certificate, as one test wants, is no news.
                with contextlib.suppress(ssl.SSLError, ConnectionResetError):
                    super().handle()

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                given = parse_qs(parts.query, keep_blank_values=True)
                query = {name: words[0] for name, words in given.items()}
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): words for name, words in self.headers.items()}
                request = Request(self.command, unquote(parts.path), query, headers, body, time.monotonic())
                try:
                    _send(self, server._answer(request))
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True  # the client gave up, as some tests want

            do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_GET

            def log_message(self, format: str, *args: Any) -> None:
                """Tests read `requests`, not a log."""

        return _Connection


def _send(connection: BaseHTTPRequestHandler, reply: Reply) -> None:
    time.sleep(reply.delay_s)
    connection.send_response(reply.status)
    for name, words in reply.headers.items():
        connection.send_header(name, words)
    if reply.status != 304:
        connection.send_header("Content-Length", str(len(reply.body)))
    connection.end_headers()
    body = reply.body if reply.cut_at is None else reply.body[: reply.cut_at]
    if reply.drip_s:
        for byte in body:
            connection.wfile.write(bytes([byte]))
            connection.wfile.flush()
            time.sleep(reply.drip_s)
    elif connection.command != "HEAD":
        connection.wfile.write(body)
    connection.wfile.flush()
    connection.close_connection = connection.close_connection or reply.cut_at is not None


# ------------------------------------------------------------------ SMTP


@dataclass(frozen=True)
class Delivered:
    """One message that was accepted."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage
    raw: bytes
    user: str = ""


class SmtpServer:
    """Accepts everything, unless told to `greylist`, `reject` or `drop`. With `login`, only after AUTH."""

    def __init__(self, *, login: tuple[str, str] | None = None) -> None:
        self.messages: list[Delivered] = []
        self.attempts = 0
        self._login = login
        self._greylist = 0
        self._reject = ""
        self._drop = False
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._port = 0

    @property
    def host(self) -> str:
        return "127.0.0.1"

    @property
    def port(self) -> int:
        return self._port

    def greylist(self, times: int = 1) -> None:
        """Answer 451 to the next `times` recipients, then accept."""
        self._greylist = times

    def reject(self, answer: str = "550 5.1.1 no such mailbox") -> None:
        """Refuse every recipient; "" accepts again."""
        self._reject = answer

    def drop(self, on: bool = True) -> None:
        """Hang up in the middle of the message."""
        self._drop = on

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    # -------------------------------------------------------------- what aiosmtpd calls

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.attempts += 1
        if self._login and not session.authenticated:
            return "530 5.7.0 authentication required"  # aiosmtpd's own check warns where there is no TLS
        if self._reject:
            return self._reject
        if self._greylist > 0:
            self._greylist -= 1
            return "451 4.7.1 greylisted, try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self._drop:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            return "421 gone"
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        message = email.message_from_bytes(raw, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        recipients = tuple(str(address) for address in envelope.rcpt_tos)
        user = self._login[0] if self._login and session.authenticated else ""
        self.messages.append(Delivered(str(envelope.mail_from), recipients, message, raw, user))
        return "250 OK"

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any
    ) -> AuthResult:
        if not isinstance(given, LoginPassword) or self._login is None:
            return AuthResult(success=False, handled=False)
        said = (given.login.decode(), given.password.decode())
        return AuthResult(success=said == self._login, handled=False)

    def _protocol(self) -> SMTP:
        return SMTP(
            self,
            loop=self._loop,
            hostname="localhost",
            enable_SMTPUTF8=True,
            authenticator=self._authenticate if self._login else None,
            auth_require_tls=False,
        )

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(self._loop.create_server(self._protocol, "127.0.0.1", 0))
        self._port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()
