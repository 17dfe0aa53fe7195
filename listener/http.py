"""Polite and safe fetching: the one door to the network for collectors and channels.

Polite: one request at a time per host with a gap between them, a User-Agent that says who we are, gzip,
conditional GET, and `Retry-After` kept for the whole host. Safe: http and https only, no private, loopback
or metadata address unless `allow` names it, every redirect checked again, a cap on the size after
decompression, and a deadline for the whole body.

    FetchError          the request did not bring a usable answer: status, when to try again, what to do

Proxies from the environment are not used: behind a proxy the address guard would check the wrong address.
"""

from __future__ import annotations

import json as jsonlib
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urljoin

import httpx

from listener.address import AddressGuard, RefusedAddress
from listener.inflate import Inflate, InflateError
from listener.retry_after import seconds_to_wait

MAX_REDIRECTS = 5
_ERROR_BODY = 8_192

_TRANSIENT = frozenset({408, 409, 421, 423, 425, 429})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT_REDIRECTS = frozenset({301, 308})
# Sent on to another origin after a redirect; the rest (tokens, cookies) stays with the origin it was for.
_SHAREABLE = frozenset({"accept", "accept-encoding", "accept-language", "if-modified-since", "if-none-match"})


class FetchError(Exception):
    """No usable answer.

    `status` is the HTTP status if there was one, `retry_after` seconds to wait if the server said so,
    `permanent` that the same request will fail again, `body` the start of the server's answer (for its
    error code; it is never part of the message).
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        permanent: bool = False,
        body: bytes = b"",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.retry_after = retry_after
        self.permanent = permanent
        self.body = body


@dataclass(frozen=True, slots=True)
class Response:
    """A 2xx or 304 answer. `body` is decompressed; header names are in lower case.

    `moved_to` is the address that permanent redirects (301, 308) led to: store it and ask there next time.
    """

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes
    moved_to: str | None = None

    @property
    def not_modified(self) -> bool:
        return self.status == 304

    def json(self) -> Any:
        """The body as JSON; FetchError when it is not."""
        try:
            return jsonlib.loads(self.body)
        except ValueError as error:
            kind = self.headers.get("content-type", "?")
            raise FetchError(
                f"JSONではない応答です / not JSON: {shown(self.url)} answered {kind}; check the address",
                status=self.status,
            ) from error


def agent(contact: str = "") -> str:
    """The User-Agent; with `contact` (a page, an e-mail address) a site's admin can reach the operator."""
    name = "Kikimimi/0.1 (self-hosted social listening"
    return (f"{name}; {contact})" if contact else f"{name})").encode("ascii", "ignore").decode("ascii")


def shown(url: str) -> str:
    """`url` as it may be printed: without user, query values, and path parts that look like keys."""
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        return "(invalid URL)"
    port = f":{parts.port}" if parts.port else ""
    path = "/".join("…" if _is_key(part) else part for part in parts.path.split("/"))
    query = "&".join(f"{name}=…" for name in dict.fromkeys(parts.params.keys()))
    return f"{parts.scheme}://{parts.host}{port}{path}" + (f"?{query}" if query else "")


def _is_key(part: str) -> bool:
    return bool(re.fullmatch(r"(?=.*\d)[A-Za-z0-9_-]{10,}", part))


# ------------------------------------------------------------------ politeness


@dataclass(slots=True)
class _Lane:
    """One host's queue. Times are of time.monotonic()."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    free_at: float = 0.0
    closed_until: float = 0.0


class _Lanes:
    """One request at a time per host, with a gap, and none while the host asked us to wait."""

    def __init__(self, min_gap_s: float) -> None:
        self._gap = min_gap_s
        self._lanes: dict[str, _Lane] = {}
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, host: str) -> Iterator[None]:
        """Wait for this host's turn. Raises FetchError at once while the host has asked us to stay away."""
        with self._lock:
            lane = self._lanes.setdefault(host, _Lane())
        with lane.lock:
            left = lane.closed_until - time.monotonic()
            if left > 0:
                raise FetchError(
                    f"{host} から待機を求められています / {host} asked us to wait; next try in {left:.0f} s",
                    status=429,
                    retry_after=left,
                )
            time.sleep(max(0.0, lane.free_at - time.monotonic()))
            try:
                yield
            except FetchError as error:
                if error.status in (429, 503) and error.retry_after:
                    lane.closed_until = time.monotonic() + error.retry_after
                raise
            finally:
                lane.free_at = time.monotonic() + self._gap


# ------------------------------------------------------------------ the fetcher


class Fetcher:
    """Thread-safe. `allow` names hosts, addresses or networks (CIDR) that pass the guard, and need no gap.

    `transport` replaces the network altogether, the address guard with it.
    """

    def __init__(
        self,
        *,
        user_agent: str = "",
        allow: Sequence[str] = (),
        timeout_s: float = 20,
        max_bytes: int = 10_000_000,
        min_gap_s: float = 1.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._agent = user_agent or agent()
        self._timeout = httpx.Timeout(timeout_s).as_dict()
        self._deadline_s = 3 * timeout_s
        self._max_bytes = max_bytes
        self._guard = AddressGuard(allow)
        self._lanes = _Lanes(min_gap_s)
        # Connections go to a checked address, so a kept one could serve another host on that address with the
        # wrong certificate: keep none. At one request a second per host that costs little.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._direct = transport is None
        self._transport = transport or httpx.HTTPTransport(limits=limits)  # SSL_CERT_FILE counts

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        etag: str | None = None,
        last_modified: str | None = None,
    ) -> Response:
        """Answer 2xx, or 304 when the validators still hold. Follows redirects. Raises FetchError."""
        sent = {**(headers or {})}
        if etag:
            sent["If-None-Match"] = etag
        if last_modified:
            sent["If-Modified-Since"] = last_modified
        request = self._request("GET", url, headers=sent, params=params)
        moved_to, straight = None, True
        for _ in range(MAX_REDIRECTS + 1):
            response, location = self._send(request, guard=True)
            if location is None:
                return Response(response.status, response.url, response.headers, response.body, moved_to)
            straight = straight and response.status in _PERMANENT_REDIRECTS
            moved_to = location if straight else moved_to
            request = self._follow(request, location)
        raise FetchError(
            f"リダイレクトが多すぎます / over {MAX_REDIRECTS} redirects from {shown(url)}: check the address"
        )

    def post(
        self,
        url: str,
        *,
        json: Any = None,
        content: bytes | str | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        guard: bool = True,
        method: Literal["POST", "PUT", "PATCH"] = "POST",
    ) -> Response:
        """Answer 2xx. Redirects are not followed: what is posted stays with the configured address.

        `guard=False` is for addresses that the operator wrote down (channels): private ones are fine there,
        and errors name the host only, because webhook paths are secrets.
        """
        request = self._request(method, url, headers=headers or {}, json=json, content=content, data=data)
        response, location = self._send(request, guard=guard)
        if location is not None:
            host = httpx.URL(location).host
            raise FetchError(
                f"送信先が移転しています / the address has moved to {host}: write the new one in config.yaml",
                status=response.status,
                permanent=True,
            )
        return response

    def close(self) -> None:
        self._transport.close()

    # -------------------------------------------------------------- one request

    def _request(self, method: str, url: str, *, headers: Mapping[str, str], **content: Any) -> httpx.Request:
        if content.get("params") is None:
            content.pop("params", None)  # httpx would drop the query that the address has
        else:
            content["params"] = httpx.URL(url).params.merge(content["params"])
        fixed = {"User-Agent": self._agent, "Accept-Encoding": "gzip, deflate"}
        try:
            request = httpx.Request(
                method, url, headers={**fixed, **headers}, extensions={"timeout": self._timeout}, **content
            )
        except (httpx.InvalidURL, ValueError) as error:
            raise FetchError(
                f"URLが正しくありません / not a valid URL: {shown(url)}", permanent=True
            ) from error
        if request.url.scheme not in ("http", "https") or not request.url.host:
            raise FetchError(
                f"http(s)のURLではありません / not an http(s) address: {shown(url)}", permanent=True
            )
        if request.url.userinfo:
            raise FetchError(
                f"URLにパスワードを書かないでください / no user or password in a URL: {shown(url)}",
                permanent=True,
            )
        return request

    def _follow(self, request: httpx.Request, location: str) -> httpx.Request:
        old, new = request.url, httpx.URL(location)
        same = (new.scheme, new.host, new.port) == (old.scheme, old.host, old.port)
        kept = {name: text for name, text in request.headers.items() if same or name in _SHAREABLE}
        kept.pop("host", None)
        return self._request("GET", location, headers=kept)

    def _send(self, request: httpx.Request, *, guard: bool) -> tuple[Response, str | None]:
        """Answer, and the absolute target when it is a redirect."""
        host = request.url.raw_host.decode("ascii")
        if self._guard.allows_host(host):
            return self._exchange(request, guard=guard)
        with self._lanes.turn(host):
            return self._exchange(request, guard=guard)

    def _exchange(self, request: httpx.Request, *, guard: bool) -> tuple[Response, str | None]:
        name = shown(str(request.url)) if guard else request.url.host
        end = time.monotonic() + self._deadline_s
        try:
            response = self._connect(request, guard=guard)
            try:
                body = self._read(response, end)
            finally:
                response.close()
        except httpx.TimeoutException as error:
            raise FetchError(f"応答がありません / timed out: {name}; it is tried again later") from error
        except httpx.TransportError as error:
            raise FetchError(
                f"通信できませんでした / connection failed: {name}: {error}; it is tried again later"
            ) from error
        except RefusedAddress as error:
            raise FetchError(str(error), permanent=error.permanent) from error
        except (InflateError, _ReadError) as error:
            raise FetchError(f"{error}: {name}") from error
        headers = {key.lower(): text for key, text in response.headers.items()}
        answer = Response(response.status_code, str(request.url), headers, body)
        if answer.status in _REDIRECTS and headers.get("location"):
            return answer, _target(request, headers["location"])
        if not (200 <= answer.status < 300 or answer.status == 304):
            raise _status_error(answer, name)
        return answer, None

    def _connect(self, request: httpx.Request, *, guard: bool) -> httpx.Response:
        """Send to an address that was checked, never to a name that may resolve anew (DNS rebinding)."""
        if not guard or not self._direct:
            return self._transport.handle_request(request)
        host = request.url.raw_host.decode("ascii").strip("[]")
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        failed: httpx.TransportError | None = None
        for address in self._guard.addresses(host, port):
            pinned = httpx.Request(
                request.method,
                request.url.copy_with(host=address),
                headers=request.headers,  # holds Host with the name
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": host},
            )
            try:
                return self._transport.handle_request(pinned)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failed = error
        assert failed is not None
        raise failed

    def _read(self, response: httpx.Response, end: float) -> bytes:
        """The body, decompressed as it comes so that neither size nor time runs away."""
        inflate = Inflate(response.headers.get("content-encoding", ""))
        body = bytearray()
        assert isinstance(response.stream, httpx.SyncByteStream)
        for chunk in response.stream:  # not iter_raw(): a transport may have read its answer already
            for piece in inflate.feed(chunk):
                body += piece
                if len(body) > self._max_bytes:
                    raise _ReadError(f"応答が大きすぎます / larger than {self._max_bytes:,} bytes")
            if time.monotonic() > end:
                raise _ReadError(f"受信が遅すぎます / not complete after {self._deadline_s:.0f} s")
        if not inflate.complete:
            raise _ReadError("応答が途中で切れています / the compressed answer was cut off")
        return bytes(body)


class _ReadError(Exception):
    """The body could not be read whole."""


# ------------------------------------------------------------------ what the server said


def _status_error(response: Response, name: str) -> FetchError:
    status = response.status
    wait = seconds_to_wait(response.headers, time.time()) if status in (403, 413, 429, 503) else None
    permanent = 400 <= status < 500 and status not in _TRANSIENT
    remedy = {
        401: "認証が必要です / a valid token is needed",
        403: "拒否されました / access is refused or throttled",
        404: "見つかりません / not found: check the address",
        410: "公開が終了しました / gone for good: remove the source",
        429: "回数制限です / too many requests: it is tried again later",
    }.get(status, "")
    if status >= 500:
        remedy = "サーバー側のエラーです / the server failed: it is tried again later"
    message = f"HTTP {status}: {name}" + (f": {remedy}" if remedy else "")
    body = response.body[:_ERROR_BODY]
    return FetchError(message, status=status, retry_after=wait, permanent=permanent, body=body)


def _target(request: httpx.Request, location: str) -> str:
    """Where a redirect leads, absolute."""
    try:
        return str(httpx.URL(urljoin(str(request.url), location)))
    except (httpx.InvalidURL, ValueError) as error:
        host = request.url.host
        raise FetchError(f"リダイレクト先が不正です / {host} redirects to an invalid address") from error
