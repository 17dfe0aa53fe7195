"""Fetching, against a real server on loopback."""

from __future__ import annotations

import shutil
import smtplib
import ssl
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from itertools import pairwise

import httpx
import pytest

from listener.address import AddressGuard, RefusedAddress
from listener.http import MAX_REDIRECTS, Fetcher, FetchError, agent, shown
from listener.retry_after import MAX_WAIT_S, seconds_to_wait
from tests.servers import (
    HttpServer,
    Reply,
    Request,
    SmtpServer,
    conditional,
    cut_off,
    dripping,
    gzip_bomb,
    gzipped,
    json_reply,
    redirect,
    slow,
    text,
    too_many,
)

ALLOW = ("127.0.0.1",)


@pytest.fixture
def server():
    with HttpServer() as running:
        yield running


@pytest.fixture
def fetcher():
    made = Fetcher(allow=ALLOW, timeout_s=5, max_bytes=100_000)
    yield made
    made.close()


def failure(fetcher: Fetcher, url: str, **options: str) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetcher.get(url, **options)
    return caught.value


# ------------------------------------------------------------------ what comes back


def test_get_brings_body_headers_and_final_address(server, fetcher):
    server.route("/a", text("聞き耳", charset="utf-8"))
    response = fetcher.get(server.url("/a"))
    assert response.status == 200
    assert response.body.decode() == "聞き耳"
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.url == server.url("/a")
    assert response.moved_to is None
    assert not response.not_modified


def test_sends_who_we_are_and_accepts_gzip(server):
    server.route("/", text("ok"))
    Fetcher(allow=ALLOW, user_agent=agent("ops@example.jp")).get(server.url("/"))
    sent = server.requests[0].headers
    assert "ops@example.jp" in sent["user-agent"]
    assert sent["user-agent"].startswith("Kikimimi/")
    assert "gzip" in sent["accept-encoding"]


def test_user_agent_is_ascii_whatever_the_contact():
    assert agent("広報部 pr@example.jp").isascii()


def test_params_join_the_query_that_the_address_has(server, fetcher):
    server.route("/s", text("ok"))
    fetcher.get(server.url("/s?hl=ja"), params={"q": "ミナモ珈琲"})
    fetcher.get(server.url("/s?hl=ja"))
    assert server.requests[0].query == {"hl": "ja", "q": "ミナモ珈琲"}
    assert server.requests[1].query == {"hl": "ja"}


def test_json_and_what_is_not_json(server, fetcher):
    server.route("/j", json_reply({"名前": "ミナモ"}))
    server.route("/h", text("<html>", content_type="text/html"))
    assert fetcher.get(server.url("/j")).json() == {"名前": "ミナモ"}
    with pytest.raises(FetchError, match=r"not JSON.*text/html"):
        fetcher.get(server.url("/h")).json()


def test_post_sends_json_and_form(server, fetcher):
    server.route("POST /p", text("ok"))
    fetcher.post(server.url("/p"), json={"本文": "こんにちは"}, headers={"X-Key": "k"})
    fetcher.post(server.url("/p"), data={"body": "はい"})
    fetcher.post(server.url("/p"), content=b"raw")
    assert server.requests[0].json() == {"本文": "こんにちは"}
    assert server.requests[0].headers["x-key"] == "k"
    assert server.requests[1].headers["content-type"] == "application/x-www-form-urlencoded"
    assert server.requests[2].body == b"raw"


def test_cookies_are_not_kept(server, fetcher):
    server.route("/c", Reply(body=b"x", headers={"Set-Cookie": "track=1"}))
    fetcher.get(server.url("/c"))
    fetcher.get(server.url("/c"))
    assert "cookie" not in server.requests[1].headers


def test_conditional_get_sends_validators_as_they_were(server, fetcher):
    date = "Wed, 01 Apr 2026 00:00:00 GMT"
    server.route("/f", conditional("body", etag='W/"a-gzip"', last_modified=date))
    first = fetcher.get(server.url("/f"))
    second = fetcher.get(
        server.url("/f"), etag=first.headers["etag"], last_modified=first.headers["last-modified"]
    )
    assert second.not_modified
    assert second.body == b""
    assert server.requests[1].headers["if-none-match"] == 'W/"a-gzip"'
    assert server.requests[1].headers["if-modified-since"] == date


# ------------------------------------------------------------------ size, compression, time


def test_gzip_is_unpacked(server, fetcher):
    server.route("/z", gzipped(text("あ" * 1000)))
    assert fetcher.get(server.url("/z")).body.decode() == "あ" * 1000


@pytest.mark.parametrize("wrap", ["zlib", "raw", "two members"])
def test_other_shapes_of_compression(server, fetcher, wrap):
    import gzip
    import zlib

    if wrap == "two members":
        packed, name = gzip.compress(b"one ") + gzip.compress(b"two") + b"\0\0", "gzip"
    else:
        codec = zlib.compressobj(wbits=15 if wrap == "zlib" else -15)
        packed, name = codec.compress(b"one two") + codec.flush(), "deflate"
    server.route("/d", Reply(body=packed, headers={"Content-Encoding": name}))
    assert fetcher.get(server.url("/d")).body == b"one two"


def test_a_body_over_the_cap_is_refused(server, fetcher):
    server.route("/big", text("x" * 100_001))
    assert "100,000" in failure(fetcher, server.url("/big")).message


def test_a_gzip_bomb_is_refused_by_what_it_unpacks_to(server, fetcher):
    bomb = gzip_bomb(20_000_000)
    assert len(bomb.body) < 100_000
    server.route("/bomb", bomb)
    assert "larger than" in failure(fetcher, server.url("/bomb")).message


def test_cut_off_bodies_are_errors(server, fetcher):
    server.route("/cut", cut_off(text("x" * 1000), 500))
    whole = gzipped(text("".join(str(n) for n in range(2000))))
    short = Reply(body=whole.body[:-20], headers=whole.headers)
    server.route("/cutgzip", short)
    server.route("/badgzip", Reply(body=b"plain", headers={"Content-Encoding": "gzip"}))
    server.route("/brotli", Reply(body=b"plain", headers={"Content-Encoding": "br"}))
    assert "connection failed" in failure(fetcher, server.url("/cut")).message
    assert "cut off" in failure(fetcher, server.url("/cutgzip")).message
    assert "broken compression" in failure(fetcher, server.url("/badgzip")).message
    assert "unknown compression" in failure(fetcher, server.url("/brotli")).message


def test_a_silent_server_times_out(server):
    server.route("/slow", slow(text("late"), 1.0))
    error = failure(Fetcher(allow=ALLOW, timeout_s=0.1), server.url("/slow"))
    assert "timed out" in error.message
    assert not error.permanent


def test_a_server_that_drips_is_left_at_the_deadline(server):
    server.route("/drip", dripping(text("x" * 200), 0.05))
    error = failure(Fetcher(allow=ALLOW, timeout_s=0.2), server.url("/drip"))
    assert "not complete after" in error.message


def test_nobody_listening(fetcher):
    assert "connection failed" in failure(fetcher, "http://127.0.0.1:1/").message


# ------------------------------------------------------------------ redirects


def test_permanent_redirect_is_reported(server, fetcher):
    server.route("/old", redirect("/newer", status=301))
    server.route("/newer", redirect(server.url("/newest"), status=308))
    server.route("/newest", text("here"))
    response = fetcher.get(server.url("/old"))
    assert response.body == b"here"
    assert response.moved_to == server.url("/newest") == response.url


def test_only_the_permanent_start_of_a_chain_counts_as_moved(server, fetcher):
    server.route("/old", redirect("/new", status=301))
    server.route("/new", redirect("/today", status=302))
    server.route("/today", redirect("/final", status=301))
    server.route("/final", text("here"))
    response = fetcher.get(server.url("/old"))
    assert response.moved_to == server.url("/new")
    assert response.url == server.url("/final")


def test_endless_redirects_end(server, fetcher):
    server.route("/loop", redirect("/loop"))
    assert "redirects" in failure(fetcher, server.url("/loop")).message
    assert len(server.requests) == MAX_REDIRECTS + 1


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://example.com/x", "http://[bad", "gopher://x"])
def test_redirects_to_nonsense_are_refused(server, fetcher, target):
    server.route("/r", redirect(target))
    failure(fetcher, server.url("/r"))
    assert server.paths() == ["/r"]


def test_redirect_into_the_private_network_is_refused(server):
    server.route("/r", redirect("http://169.254.169.254/latest/meta-data/"))
    error = failure(Fetcher(allow=ALLOW), server.url("/r"))
    assert "private address" in error.message
    assert error.permanent


def test_a_token_stays_with_its_origin(server, fetcher):
    with HttpServer() as other:
        server.route("/r", redirect(other.url("/b")))
        server.route("/same", redirect("/c"))
        server.route("/c", text("ok"))
        other.route("/b", text("ok"))
        headers = {"Authorization": "Bearer s3cret", "Accept": "application/json"}
        fetcher.get(server.url("/r"), headers=headers)
        fetcher.get(server.url("/same"), headers=headers)
        assert "authorization" not in other.requests[0].headers
        assert other.requests[0].headers["accept"] == "application/json"
        assert server.requests[-1].headers["authorization"] == "Bearer s3cret"


def test_a_post_is_not_carried_elsewhere(server, fetcher):
    server.route("/hook", redirect("/elsewhere", status=308))
    with pytest.raises(FetchError, match="moved") as caught:
        fetcher.post(server.url("/hook"), json={"secret": 1})
    assert caught.value.permanent
    assert server.paths() == ["/hook"]


# ------------------------------------------------------------------ errors


@pytest.mark.parametrize(
    ("status", "permanent"),
    [
        (400, True),
        (401, True),
        (403, True),
        (404, True),
        (410, True),
        (408, False),
        (429, False),
        (500, False),
        (503, False),
    ],
)
def test_status_errors(server, fetcher, status, permanent):
    server.route("/e", Reply(status=status, body=b'{"error":"why"}'))
    error = failure(fetcher, server.url("/e"))
    assert error.status == status
    assert error.permanent is permanent
    assert error.retry_after is None
    assert error.body == b'{"error":"why"}'


def test_retry_after_in_seconds_and_as_a_date(server, fetcher):
    server.route("/s", too_many(120))
    server.route("/d", too_many(format_datetime(datetime.fromtimestamp(time.time() + 300, UTC), usegmt=True)))
    server.route("/m", Reply(status=503, headers={"Retry-After": "7"}))
    assert failure(fetcher, server.url("/s")).retry_after == 120
    assert failure(fetcher, server.url("/d")).retry_after == pytest.approx(300, abs=10)
    assert failure(fetcher, server.url("/m")).retry_after == 7


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "30"}, 30),
        ({"retry-after": "Thu, 01 Jan 1970 00:20:00 GMT"}, 200),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "99999999"}, MAX_WAIT_S),
        ({"x-ratelimit-reset": "1970-01-01T00:17:10.000000Z"}, 30),
        ({"x-ratelimit-reset": "45"}, 45),
        ({}, None),
    ],
)
def test_seconds_to_wait(headers, seconds):
    assert seconds_to_wait(headers, 1000.0) == seconds


def test_epoch_reset():
    assert seconds_to_wait({"x-rate-limit-reset": "1800000060"}, 1_800_000_000.0) == 60


def test_errors_show_no_secret(server, fetcher):
    error = failure(fetcher, server.url("/feeds/01234567890123456789/x.xml?token=s3cret&user=me"))
    assert "s3cret" not in error.message
    assert "01234567890123456789" not in error.message
    assert "token=…&user=…" in error.message
    with pytest.raises(FetchError) as caught:
        fetcher.post(server.url("/services/T0/B0/abcdef"), json={}, guard=False)
    assert "abcdef" not in caught.value.message


@pytest.mark.parametrize(
    "url", ["", "feed.xml", "ftp://example.com/", "http://", "http://u:p@example.com/", "http://[::1"]
)
def test_bad_addresses_are_permanent_errors(fetcher, url):
    error = failure(fetcher, url)
    assert error.permanent
    assert "p@" not in error.message


def test_shown_keeps_what_helps():
    assert shown("https://b.hatena.ne.jp/q/x?mode=rss&q=y") == "https://b.hatena.ne.jp/q/x?mode=…&q=…"
    assert shown("http://u:p@h.example/a") == "http://h.example/a"


# ------------------------------------------------------------------ the address guard


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.100.100.200",
        "168.63.129.16", "0.0.0.0", "255.255.255.255", "224.0.0.1", "::1", "fe80::1", "fd00:ec2::254", "::",
        "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2130706433", "0x7f.1", "192.0.0.192",
    ],
)  # fmt: skip
def test_the_guard_refuses(host):
    with pytest.raises(RefusedAddress):
        AddressGuard(()).addresses(host, 80)


@pytest.mark.parametrize("host", ["8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808"])
def test_the_guard_lets_public_addresses_pass(host):
    assert AddressGuard(()).addresses(host, 80) == [host]


@pytest.mark.parametrize("entry", ["127.0.0.1", "127.0.0.0/8", "localhost", "LOCALHOST."])
def test_what_allow_names_passes(entry):
    guard = AddressGuard([entry])
    assert "127.0.0.1" in guard.addresses("localhost", 80)
    with pytest.raises(RefusedAddress):
        guard.addresses("10.0.0.1", 80)


def test_loopback_is_not_reached_without_allow(server):
    error = failure(Fetcher(min_gap_s=0), server.url("/"))
    assert "network.allow" in error.message
    assert server.requests == []
    with pytest.raises(FetchError):
        Fetcher(min_gap_s=0).post(server.url("/"), json={})
    assert server.requests == []


def test_an_operators_channel_may_be_on_loopback(server):
    server.route("/hook", text("ok"))
    assert Fetcher(min_gap_s=0).post(server.url("/hook"), json={}, guard=False).status == 200


def test_connects_to_the_checked_address_with_the_name_as_host(server):
    server.route("/n", text("ok"))
    url = f"http://localhost:{server.port}/n"
    assert Fetcher(allow=["127.0.0.0/8"], min_gap_s=0).get(url).body == b"ok"
    assert server.requests[0].headers["host"] == f"localhost:{server.port}"


def test_unknown_hosts_say_so():
    error = failure(Fetcher(min_gap_s=0), "http://kikimimi.invalid/")
    assert "kikimimi.invalid" in error.message
    assert not error.permanent


# ------------------------------------------------------------------ politeness


def polite(gap: float) -> Fetcher:
    return Fetcher(allow=["127.0.0.0/8"], min_gap_s=gap)


def test_one_at_a_time_with_a_gap_per_host(server):
    """`localhost` is let through by its address, so it is not a named exception and queues like any host."""
    busy, most = [], []

    def watch(request: Request) -> Reply:
        busy.append(request)
        most.append(len(busy))
        time.sleep(0.02)
        busy.remove(request)
        return text("ok")

    server.route("/w", watch)
    fetcher = polite(0.1)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(fetcher.get, [f"http://localhost:{server.port}/w"] * 4))
    assert max(most) == 1
    times = [request.at for request in server.requests]
    assert all(later - earlier >= 0.1 for earlier, later in pairwise(times))


def test_named_exceptions_do_not_queue(server):
    together = threading.Barrier(3, timeout=5)

    def meet(request: Request) -> Reply:
        together.wait()  # breaks unless all three are inside at once
        return text("ok")

    server.route("/m", meet)
    fetcher = Fetcher(allow=ALLOW, min_gap_s=60)
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(fetcher.get, [server.url("/m")] * 3))
    assert [answer.status for answer in answers] == [200, 200, 200]


def test_a_host_that_said_wait_is_left_alone(server):
    server.route("/t", too_many(60))
    server.route("/other", text("ok"))
    fetcher = polite(0)
    base = f"http://localhost:{server.port}"
    assert failure(fetcher, f"{base}/t").retry_after == 60
    error = failure(fetcher, f"{base}/other")
    assert error.status == 429
    assert error.retry_after == pytest.approx(60, abs=10)
    assert server.paths() == ["/t"]


def test_a_transport_can_stand_in_for_the_network():
    transport = httpx.MockTransport(lambda request: httpx.Response(200, text=str(request.url)))
    assert Fetcher(transport=transport).get("https://example.jp/x").body == b"https://example.jp/x"


# ------------------------------------------------------------------ the other server the tests use


def send_mail(smtp, login=None):
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = "警報", "a@e.example", "b@e.example"
    letter.set_content("本文")
    with smtplib.SMTP(smtp.host, smtp.port, timeout=5) as client:
        if login:
            client.login(*login)
        client.send_message(letter)


def test_the_mail_server_accepts_delays_refuses_and_hangs_up():
    with SmtpServer() as smtp:
        smtp.greylist(1)
        with pytest.raises(smtplib.SMTPRecipientsRefused) as caught:
            send_mail(smtp)
        assert caught.value.recipients["b@e.example"][0] == 451
        send_mail(smtp)
        assert smtp.messages[0].message["Subject"] == "警報"
        assert smtp.messages[0].recipients == ("b@e.example",)
        smtp.reject()
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            send_mail(smtp)
        smtp.reject("")
        smtp.drop()
        with pytest.raises((smtplib.SMTPServerDisconnected, OSError)):
            send_mail(smtp)
        assert len(smtp.messages) == 1


def test_the_mail_server_asks_who_is_there():
    with SmtpServer(login=("u", "p")) as smtp:
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            send_mail(smtp)
        with pytest.raises(smtplib.SMTPAuthenticationError):
            send_mail(smtp, ("u", "wrong"))
        send_mail(smtp, ("u", "p"))
        assert smtp.messages[0].user == "u"


# ------------------------------------------------------------------ TLS


def test_the_certificate_is_checked_against_the_name_not_the_address(tmp_path, monkeypatch):
    """The connection goes to an address, so the name must travel apart from it (SNI and the certificate)."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl here to make a certificate with")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    made = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([openssl, "req", "-x509", *subject, *made], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    asked = []
    context.sni_callback = lambda socket, name, _: asked.append(name)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with HttpServer(tls=context) as server:
        server.route("/", text("ok"))
        fetcher = Fetcher(allow=["127.0.0.0/8"], min_gap_s=0)
        assert fetcher.get(f"https://localhost:{server.port}/").body == b"ok"
        assert asked == ["localhost"]
        error = failure(fetcher, f"https://127.0.0.1:{server.port}/")
        assert "certificate" in error.message
    monkeypatch.delenv("SSL_CERT_FILE")
    with HttpServer(tls=context) as server:
        error = failure(Fetcher(allow=["127.0.0.0/8"], min_gap_s=0), f"https://localhost:{server.port}/")
        assert "certificate" in error.message
