"""`kikimimi surveys` and `referrals`, and the rights to them, as a person or a script meets them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from storage.consents import Consent, ConsentKind
from storage.db import Store
from storage.types import Advocate, Author, Contribution, Stage
from tests.servers import HttpServer, Reply, Request, json_reply, too_many
from tests.test_cli import kikimimi

CONFIG = """
model: lexicon
storage: {{path: k.db}}
network: {{allow: [127.0.0.1]}}
topics:
  - {{name: ミナモ, brand: ミナモ珈琲, aliases: [ミナモ]}}
sources:
  - {{name: posts, kind: file, path: posts.jsonl}}
exports:
  - {{name: fb, kind: friendbuy, key_env: FB_KEY, secret_env: FB_SECRET, base_url: "{url}"}}
  - {{name: candy, kind: referralcandy, access_id_env: FB_KEY, secret_key_env: FB_SECRET}}
"""
EMAIL = "hana@mail.example.jp"
NOW = datetime.now(UTC)
DAY = f"{NOW - timedelta(days=3):%Y-%m-%d}"
ANSWERS = "id,at,score,comment,email,store\n" + "".join(
    f"{n},{DAY},{9 if n % 3 else 2},コメント{n},{EMAIL if n == 1 else ''},{'駅前店' if n % 2 else '港北店'}\n"
    for n in range(1, 25)
)
REFERRALS = "at,kind,referrer_email,customer_id,value,currency\n" + "".join(
    f"{DAY},purchased,{EMAIL},c{n},{1000 + n},JPY\n" for n in range(12)
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FB_KEY", "fb-key")
    monkeypatch.setenv("FB_SECRET", "TOPSECRET")
    point(tmp_path, "http://127.0.0.1:9")
    (tmp_path / "posts.jsonl").write_text("", encoding="utf-8")
    (tmp_path / "answers.csv").write_text(ANSWERS, encoding="cp932")
    (tmp_path / "referrals.csv").write_text(REFERRALS, encoding="utf-8-sig")
    return tmp_path


def point(folder: Path, url: str) -> None:
    (folder / "config.yaml").write_text(CONFIG.format(url=url), encoding="utf-8")


def told(folder: Path, *arguments: str) -> Any:
    done = kikimimi(*arguments, "--json", folder=folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def refused(folder: Path, *arguments: str) -> str:
    done = kikimimi(*arguments, folder=folder)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return " ".join(done.stderr.split())


def consenting(folder: Path) -> int:
    author = Author("mastodon", "hana", "@hana")
    part = Contribution("praise", 60.0, ())
    with Store.open(f"sqlite:///{folder / 'k.db'}") as store:
        one = Advocate(author, "ミナモ", 60.0, (part,), True, (), 1, NOW, NOW)
        number = store.save_advocates("ミナモ", [one], NOW)[0].id or 0
        for stage in (Stage.REVIEWED, Stage.CONTACTED):
            store.people.move(number, stage, by="佐藤", now=NOW)
        yes = Consent(number, ConsentKind.GRANTED, frozenset({"contact"}), NOW, "佐藤", evidence="DM",
                      wording="同意文", email=EMAIL)  # fmt: skip
        store.people.record(yes, NOW)
    return number


# ------------------------------------------------------------------ import and show


def test_imported_once_and_shown(folder: Path) -> None:
    command = ("surveys", "import", "answers.csv", "--topic", "ミナモ")
    assert told(folder, *command, "--dry-run")["stored"] == 24
    first = told(folder, *command)
    assert (first["stored"], first["known"], first["skipped"]) == (24, 0, [])
    assert told(folder, *command)["known"] == 24
    (shown,) = told(folder, "surveys", "show")
    (nps,) = shown["surveys"]
    assert (nps["n"], nps["value"]) == (24, 33.3)
    assert {one["segment"] for one in nps["segments"]["store"]} == {"駅前店", "港北店"}
    assert shown["implied"]["nps"] is None
    assert "@" not in json.dumps(shown)
    table = kikimimi("surveys", "show", "--step", "quarter", folder=folder)
    assert "+33.3" in table.stdout
    assert "no difference to claim" in table.stdout


def test_referrals_are_joined_while_the_consent_stands(folder: Path) -> None:
    command = ("referrals", "import", "referrals.csv", "--topic", "ミナモ")
    assert told(folder, *command)["stored"] == 12
    assert told(folder, *command)["known"] == 12
    (before,) = told(folder, "referrals", "show")
    assert [one["advocate"] for one in before["people"]] == [None]
    number = consenting(folder)
    (after,) = told(folder, "referrals", "show", "--customers", "100")
    assert [one["advocate"] for one in after["people"]] == [number]
    assert after["rate_per_advocate"]["hits"] == 1
    assert after["rate_per_customer"]["value"] == 0.01
    assert after["worth"][0]["currency"] == "JPY"
    assert "JPY per referred customer" in kikimimi("referrals", "show", folder=folder).stdout


def test_a_bad_row_stops_everything_or_is_skipped(folder: Path) -> None:
    (folder / "bad.csv").write_text(f"at,score\n{DAY},9\n{DAY},12\n", encoding="utf-8")
    command = ("surveys", "import", "bad.csv", "--topic", "ミナモ")
    words = refused(folder, *command)
    assert "bad.csv, line 3: score: '12' is out of range" in words
    assert "nothing was stored" in words
    assert told(folder, "surveys", "show")[0]["surveys"] == []
    skipped = told(folder, *command, "--skip-bad")
    assert (skipped["stored"], [one["line"] for one in skipped["skipped"]]) == (1, [3])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("surveys", "import", "answers.csv", "--topic", "x"), "no topic is called 'x'"),
        (("surveys", "import", "none.csv", "--topic", "ミナモ"), "none.csv"),
        (("surveys", "import", "answers.csv", "--topic", "ミナモ", "--scale", "5"), "as in 1-5"),
        (("surveys", "import", "answers.csv", "--topic", "ミナモ", "--column", "score"), "FIELD=COLUMN"),
        (("surveys", "import", "answers.csv", "--topic", "ミナモ", "--preset", "qualtrics"), "ImportId"),
        (("surveys", "show", "--since", "2030-01-01"), "before --until"),
        (("referrals", "pull", "candy"), "nothing can be read by API"),
        (("referrals", "pull", "nobody"), "no export called 'nobody'"),
    ],
)
def test_mistakes_end_with_a_remedy(folder: Path, arguments: tuple[str, ...], words: str) -> None:
    assert words in refused(folder, *arguments)


# ------------------------------------------------------------------ the rights of people


def test_an_address_is_exported_erased_and_refused(folder: Path) -> None:
    for noun in ("surveys", "referrals"):
        name = {"surveys": "answers.csv", "referrals": "referrals.csv"}[noun]
        told(folder, noun, "import", name, "--topic", "ミナモ")
    held = kikimimi("privacy", "export", "--email", EMAIL.upper(), folder=folder)
    stored = json.loads(held.stdout)["stored"]
    assert (len(stored["surveys"]), len(stored["referrals"])) == (1, 12)
    assert "address" in refused(
        folder, "privacy", "erase", "--email", EMAIL, "--yes", "--reason", f"{EMAIL} asked"
    )
    assert told(folder, "privacy", "erase", "--email", EMAIL, "--yes", "--by", "sato") == {
        "surveys": 1,
        "referrals": 12,
    }
    again = told(folder, "surveys", "import", "answers.csv", "--topic", "ミナモ")
    assert (again["stored"], again["known"], again["erased"]) == (0, 23, 1)
    assert told(folder, "privacy", "list")[0]["kind"] == "erased"
    assert EMAIL.encode() not in b"".join(path.read_bytes() for path in folder.glob("k.db*"))


def test_erasing_the_account_takes_its_answers(folder: Path) -> None:
    told(folder, "surveys", "import", "answers.csv", "--topic", "ミナモ")
    consenting(folder)
    shown = json.loads(kikimimi("privacy", "export", "mastodon:hana", folder=folder).stdout)
    assert len(shown["stored"]["surveys"]) == 1
    done = told(folder, "privacy", "erase", "mastodon:hana", "--yes", "--by", "sato")
    assert done["surveys"] == 1
    assert told(folder, "surveys", "import", "answers.csv", "--topic", "ミナモ")["erased"] == 1


def test_an_account_or_an_address_but_not_both(folder: Path) -> None:
    for arguments in (("privacy", "erase"), ("privacy", "export", "hana", "--email", EMAIL)):
        done = kikimimi(*arguments, folder=folder)
        assert done.returncode == 2
        assert "--email" in done.stderr
    assert "no e-mail address" in refused(folder, "privacy", "export", "--email", "hana")


# ------------------------------------------------------------------ pulling from Friendbuy


class Friendbuy:
    """A token that runs out after three answers; analytics in pages of two rows, by opaque tokens."""

    def __init__(self, server: HttpServer) -> None:
        self.tokens, self.left = 0, 0
        self.rows: dict[str, list[dict[str, Any]]] = {
            "shares": [], "clicks": [{"eventId": "k1", **self.row(1), "friendEmailAddress": ""}],
            "account-sign-ups": [{"eventId": f"s{n}", **self.row(n)} for n in range(3)],
            "purchases": [{"eventId": f"p{n}", **self.row(n), "amount": 500 + n, "currency": "JPY"} for n in range(5)],
        }  # fmt: skip
        server.route("POST /authorization", self.authorize)
        for name in self.rows:
            server.route(f"GET /analytics/{name}", self.page)

    def row(self, number: int) -> dict[str, Any]:
        at = (NOW - timedelta(days=number + 1)).isoformat()
        return {
            "createdOn": at,
            "advocateEmailAddress": EMAIL,
            "friendEmailAddress": f"f{number}@x.example.jp",
        }

    def authorize(self, request: Request) -> Reply:
        if request.json() != {"key": "fb-key", "secret": "TOPSECRET"}:
            return json_reply({"error": "Unauthorized", "message": "wrong secret", "code": 401}, status=401)
        self.tokens, self.left = self.tokens + 1, 3
        return json_reply({"tokenType": "Bearer", "token": f"jwt-{self.tokens}", "expires": NOW.isoformat()})

    def page(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer jwt-{self.tokens}" or self.left == 0:
            return json_reply({"error": "Unauthorized", "message": "expired", "code": 401}, status=401)
        self.left -= 1
        name = request.path.rsplit("/", 1)[1]
        if "pageToken" in request.query:
            assert set(request.query) == {"pageToken"}  # the token holds the rest
            start = int(request.query["pageToken"])
        else:
            assert request.query["fromDate"].endswith("Z")
            assert request.query["fromDate"] < request.query["toDate"]
            start = 0
        found = self.rows[name]
        more = {"nextPageToken": str(start + 2)} if start + 2 < len(found) else {}
        return json_reply({"data": found[start : start + 2], **more})


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with HttpServer() as started:
        yield started


def test_a_pull_reads_every_page_and_stores_once(folder: Path, server: HttpServer) -> None:
    vendor = Friendbuy(server)
    point(folder, server.url(""))
    first = told(folder, "referrals", "pull", "fb")
    assert (first["stored"], first["topic"]) == (9, "ミナモ")
    assert vendor.tokens > 1
    vendor.rows["purchases"].append({"eventId": "p9", **vendor.row(0), "amount": 900, "currency": "JPY"})
    again = told(folder, "referrals", "pull", "fb")
    assert (again["stored"], again["known"]) == (1, 9)
    began = [one.query["fromDate"] for one in server.requests if "fromDate" in one.query]
    assert began[-1] > began[0]  # it goes on from where the last pull ended, with two days of overlap
    (shown,) = told(folder, "referrals", "show")
    assert (shown["customers"], shown["clicked"], shown["worth"][0]["revenue"]) == (5, 1, 3410.0)


def test_an_answer_that_is_not_understood_stores_nothing(folder: Path, server: HttpServer) -> None:
    vendor = Friendbuy(server)
    point(folder, server.url(""))
    vendor.rows["purchases"][0] = {"when": NOW.isoformat(), "who": EMAIL, "whom": "x", "sum": 5}
    words = refused(folder, "referrals", "pull", "fb")
    assert "/analytics/purchases, line 1" in words
    assert "the row has: when, who, whom, sum" in words
    assert EMAIL not in words
    assert told(folder, "referrals", "show")[0]["customers"] == 0
    assert told(folder, "referrals", "pull", "fb", "--skip-bad")["stored"] == 8


def test_wrong_credentials_and_busy_servers_are_told(
    folder: Path, server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor = Friendbuy(server)
    point(folder, server.url(""))
    server.route("GET /analytics/shares", [too_many(0), vendor.page])
    assert told(folder, "referrals", "pull", "fb", "--dry-run")["stored"] == 9
    assert told(folder, "referrals", "show")[0]["customers"] == 0
    monkeypatch.setenv("FB_SECRET", "WRONGSECRET")
    words = refused(folder, "referrals", "pull", "fb")
    assert "key or secret is not accepted" in words
    assert "WRONGSECRET" not in words
