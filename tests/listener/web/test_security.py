"""Who gets in: hosts, origins, the password, and what every answer carries."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from listener.web.app import create_app
from listener.web.security import allowed_hosts, hostname, local_path
from storage.db import Store
from tests.listener.web.conftest import FixedClock, browser_like, configured


@pytest.fixture
def locked(own_store: Store, tmp_path: Path) -> TestClient:
    """The page with a password and a public address."""
    config = configured(tmp_path, "web: {password_env: WEB_PASSWORD, public_url: 'https://kikimimi.example'}")
    app = create_app(store=own_store, config=config, clock=FixedClock())
    return browser_like(app, follow_redirects=False)


@pytest.mark.parametrize(
    "path", ["/", "/topics/minamo", "/api/topics", "/static/app.css", "/nowhere", "/healthz", "/login"]
)
def test_every_answer_is_protected(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == (
        "public, max-age=31536000, immutable" if "static" in path else "no-store"
    )


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8484",
        "",
        "127.0.0.1.evil.example",
        "127.0.0.1/healthz?",
        "localhost@evil.example",
        "[::1",
    ],
)
def test_another_host_name_is_refused(client: TestClient, host: str) -> None:
    answer = client.get("/", headers={"Host": host})
    assert answer.status_code == 421
    assert "minamo" not in answer.text


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8484", "127.0.0.1:1", "[::1]:8484", "localhost."])
def test_loopback_names_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200


def test_the_host_cannot_talk_its_way_past_the_password(locked: TestClient) -> None:
    for host in ("127.0.0.1/healthz?", "127.0.0.1/static/x?", "127.0.0.1#/login"):
        assert locked.get("/api/mentions", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize(
    ("host", "public", "name", "expected"),
    [
        ("127.0.0.1", "", "localhost", True),
        ("192.168.1.5", "", "192.168.1.5", True),
        ("0.0.0.0", "", "0.0.0.0", False),
        ("0.0.0.0", "https://k.example/x", "k.example", True),
        ("::", "", "", False),
    ],
)
def test_which_names_are_ours(host: str, public: str, name: str, expected: bool) -> None:
    assert (name in allowed_hosts(host, public)) == expected


def test_a_malformed_host_has_no_name() -> None:
    assert hostname("[::1") == ""
    assert hostname("a b") == ""


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://127.0.0.1:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_from_elsewhere_changes_nothing(
    own_client: TestClient, own_store: Store, headers: dict[str, str]
) -> None:
    incident = own_store.open_incidents()[0]
    answer = own_client.post(f"/incidents/{incident.id}/acknowledge", data={"by": "だれか"}, headers=headers)
    assert answer.status_code == 403
    assert own_store.open_incidents()[0] == incident


def test_the_public_address_is_an_origin_of_ours(locked: TestClient) -> None:
    answer = locked.post("/login", data={"password": "wrong"}, headers={"Origin": "https://kikimimi.example"})
    assert answer.status_code == 401


def test_a_huge_form_is_refused(client: TestClient) -> None:
    assert client.post("/incidents/1/acknowledge", data={"by": "x" * 100_000}).status_code == 413


def test_without_the_password_nothing_is_shown(locked: TestClient) -> None:
    page = locked.get("/topics/minamo?q=x")
    assert page.status_code == 303
    assert page.headers["location"] == "/login?next=%2Ftopics%2Fminamo%3Fq%3Dx"
    api = locked.get("/api/mentions")
    assert api.status_code == 401
    assert api.json()["error"]["code"] == "password"
    assert locked.get("/api/openapi.json").status_code == 401
    assert locked.get("/healthz").json()["status"] == "ok"
    assert locked.post("/incidents/1/resolve", data={"by": "x"}).status_code == 303


def test_the_password_opens_the_page_and_logging_out_closes_it(locked: TestClient) -> None:
    opened = locked.post("/login", data={"password": "correct horse", "next": "/sources"})
    assert (opened.status_code, opened.headers["location"]) == (303, "/sources")
    cookie = opened.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=lax", "secure"))
    session = opened.headers["set-cookie"].partition("=")[2].partition(";")[0]
    assert locked.get("/sources", headers={"Cookie": f"kikimimi_session={session}"}).status_code == 200
    forged = session.replace(session[:3], "999", 1)
    assert locked.get("/sources", headers={"Cookie": f"kikimimi_session={forged}"}).status_code == 303
    assert (
        "kikimimi_session="
        in locked.post("/logout", headers={"Cookie": f"kikimimi_session={session}"}).headers["set-cookie"]
    )


def test_scripts_use_basic(locked: TestClient) -> None:
    assert locked.get("/api/topics", auth=("anybody", "correct horse")).status_code == 200
    assert locked.get("/api/topics", auth=("anybody", "wrong")).status_code == 401
    assert locked.get("/api/topics", headers={"Authorization": "Basic ???"}).status_code == 401


def test_guessing_is_stopped(locked: TestClient) -> None:
    codes = [locked.post("/login", data={"password": f"guess {n}"}).status_code for n in range(11)]
    assert codes == [401] * 10 + [429]
    assert locked.post("/login", data={"password": "correct horse"}).status_code == 429
    assert locked.get("/api/topics", auth=("", "correct horse")).status_code == 401


def test_a_session_survives_a_restart_but_not_a_new_password(own_store: Store, tmp_path: Path) -> None:
    def session(web: str) -> TestClient:
        config = configured(tmp_path, web)
        return browser_like(
            create_app(store=own_store, config=config, clock=FixedClock()), follow_redirects=False
        )

    first = session("web: {password_env: WEB_PASSWORD}")
    first.post("/login", data={"password": "correct horse"})
    again = session("web: {password_env: WEB_PASSWORD}")
    again.cookies = first.cookies
    assert again.get("/").status_code == 200
    (tmp_path / "new").write_text("battery staple", encoding="utf-8")
    changed = session("web: {password_file: new}")
    changed.cookies = first.cookies
    assert changed.get("/").status_code == 303


@pytest.mark.parametrize(
    ("wanted", "goal"),
    [
        ("/sources", "/sources"), ("/a?b=c", "/a?b=c"), ("https://evil.example", "/"), ("//evil.example", "/"),
        ("/\\evil.example", "/"), ("javascript:x", "/"), ("", "/"), ("/a\r\nSet-Cookie: x", "/"), ("/a\\b", "/"),
    ],
)  # fmt: skip
def test_after_the_login_we_stay_at_home(wanted: str, goal: str) -> None:
    assert local_path(wanted) == goal
