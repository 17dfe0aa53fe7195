"""`kikimimi export-advocates`, `outreach` and `testimonials`, as a person or a script meets them."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.consents import Consent, ConsentKind
from storage.db import MentionFilter, Store
from storage.types import Advocate, Contribution, Stage
from tests.servers import HttpServer, text, too_many
from tests.test_cli import kikimimi

CONFIG = """
model: lexicon
storage: {{path: k.db}}
network: {{allow: [127.0.0.1], contact: pr@minamo.example.jp}}
topics:
  - {{name: ミナモ, brand: ミナモ珈琲, aliases: [ミナモ]}}
sources:
  - {{name: posts, kind: file, path: posts.jsonl}}
exports:
  - {{name: hook, kind: webhook, url: "{url}"}}
"""
PRAISE = {
    "yuki": (
        "ミナモ珈琲、最高だった、みんなにおすすめ。店員さんが豆の違いを丁寧に教えてくれた。",
        "ミナモ珈琲のラテが美味しくて感動。友達を連れて行きました。",
        "ミナモ珈琲の店員さんが親切で大好き。注文が早くて助かっています。",
    ),
    "sora": (
        "出張の朝はミナモ珈琲。モーニングの量がちょうどよくて、毎回楽しみに通っています。",
        "ミナモ珈琲は席が静かで最高。ここで仕事がはかどって助かりました。",
        "母にミナモ珈琲をすすめたら喜んでいた。ケーキが美味しくて大好きです。",
    ),
}


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two fans' year, collected once and ranked."""
    folder = tmp_path_factory.mktemp("handing")
    now = datetime.now(UTC)
    rows = [
        {
            "id": f"{who}-{week}", "author": who, "author_id": who, "url": f"https://social.example.jp/{who}/{week}",
            "text": f"{PRAISE[who][week % 3]} {week}週目の{(week * 7 + len(who)) % 12 + 6}時",
            "created_at": (now - timedelta(weeks=week, hours=2)).isoformat(),
        }
        for who in PRAISE for week in range(10)
    ]  # fmt: skip
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "posts.jsonl").write_text(lines, encoding="utf-8")
    point(folder, "http://127.0.0.1:9/hook")
    assert kikimimi("collect", "posts", "--once", folder=folder).returncode == 0
    return folder


def point(folder: Path, url: str) -> None:
    (folder / "config.yaml").write_text(CONFIG.format(url=url), encoding="utf-8")


def store(folder: Path) -> Store:
    return Store.open(f"sqlite:///{folder / 'k.db'}")


@pytest.fixture(scope="module")
def folder(year: Path) -> Path:
    """yuki said yes to everything, sora was only asked."""
    now = datetime.now(UTC)
    with store(year) as opened:
        saved = opened.save_advocates("ミナモ", [advocate(opened, who) for who in PRAISE], now)
        for one in saved:
            for stage in (Stage.REVIEWED, Stage.CONTACTED):
                opened.people.move(one.id or 0, stage, by="佐藤", now=now)
        yes = Consent(
            number(saved, "yuki"), ConsentKind.GRANTED, frozenset({"contact", "quote", "export"}), now, "佐藤",
            evidence="DM", wording="同意文", email="yuki@mail.example.jp", name_given="朝倉 ゆき",
        )  # fmt: skip
        opened.people.record(yes, now)
    return year


def advocate(opened: Store, who: str) -> Advocate:
    """Somebody of the ranking, with the mentions that show it; how the score is made is tested elsewhere."""
    some = opened.mentions(MentionFilter(topic="ミナモ", author=who))
    shown = tuple(one.id for one in some if one.id is not None)
    author, at = some[0].post.author, some[0].post.created_at
    assert author is not None
    part = Contribution("praise", 60.0, shown)
    return Advocate(author, "ミナモ", 60.0, (part,), True, (), len(some), at, at)


def number(some: list[Advocate], who: str) -> int:
    return next(one.id or 0 for one in some if one.author.external_id == who)


def known(folder: Path, who: str) -> int:
    with store(folder) as opened:
        return number(opened.advocates("ミナモ"), who)


def test_only_who_consented_is_in_the_file(folder: Path) -> None:
    done = kikimimi("export-advocates", "--out", "contacts.csv", folder=folder)
    assert done.returncode == 0, done.stderr
    raw = (folder / "contacts.csv").read_text(encoding="utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(raw, newline=""))
    assert (row["email"], row["last_name"], row["consent_scopes"]) == (
        "yuki@mail.example.jp", "朝倉", "contact; export; quote",
    )  # fmt: skip
    assert "sora" not in raw


def test_a_dry_run_sends_nothing_and_a_run_sends_once(folder: Path) -> None:
    with HttpServer() as server:
        server.route("/hook", text("ok"))
        point(folder, server.url("/hook"))
        dry = json.loads(kikimimi("export-advocates", "hook", "--dry-run", "--json", folder=folder).stdout)
        assert (dry["dry_run"], server.requests) == (True, [])
        assert dry["rows"][0]["content"]["data"]["email"] == "yuki@mail.example.jp"
        assert "yuki@mail" in kikimimi("export-advocates", "hook", "--dry-run", folder=folder).stdout
        done = json.loads(kikimimi("export-advocates", "hook", "--json", folder=folder).stdout)
        assert [one["state"] for one in done["rows"]] == ["sent"]
        again = json.loads(kikimimi("export-advocates", "hook", "--json", folder=folder).stdout)
        assert [one["code"] for one in again["left"]] == ["unchanged"]
        assert len(server.requests) == 1
        server.route("/hook", too_many(3600))
        late = kikimimi("export-advocates", "hook", "--again", folder=folder)
        assert (late.returncode, "run it again in 3600 s" in late.stderr) == (1, True)
    listed = json.loads(kikimimi("export-advocates", "--json", folder=folder).stdout)
    assert [(one["export"], one["sent"], one["waiting"]) for one in listed] == [("hook", 1, 1)]


def test_an_export_that_is_not_there(folder: Path) -> None:
    done = kikimimi("export-advocates", "hubspot", folder=folder)
    assert (done.returncode, "config.yaml has: hook" in done.stderr) == (1, True)


def test_a_letter_is_drafted(folder: Path) -> None:
    who = str(known(folder, "sora"))
    done = kikimimi("outreach", who, "--sender", "佐藤", folder=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("【ミナモ珈琲】ご投稿の掲載についてのお願い\n\nsora 様")
    assert "https://social.example.jp/sora/" in done.stdout
    assert "景品表示法" in done.stdout
    english = json.loads(
        kikimimi("outreach", who, "--purpose", "ambassador", "--lang", "en", "--json", folder=folder).stdout
    )
    assert (english["purpose"], english["subject"]) == ("ambassador", "ミナモ珈琲: our ambassador programme")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("999",), "no advocate 999"),
        (("{sora}", "--lang", "fr"), "choose ja or en"),
        (("{sora}", "--purpose", "disclosure"), "name the post that lacks"),
        (("{sora}", "--mention", "999"), "is no post of advocate"),
    ],
)
def test_a_letter_that_cannot_be_drafted(folder: Path, words: tuple[str, ...], said: str) -> None:
    sora = str(known(folder, "sora"))
    done = kikimimi("outreach", *(word.format(sora=sora) for word in words), folder=folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr


def test_quotable_sentences_say_whether_they_may_be_quoted(folder: Path) -> None:
    found = json.loads(kikimimi("testimonials", "--json", folder=folder).stdout)
    states = {(one["author"]["external_id"], one["permission"]) for one in found}
    assert states == {("yuki", "granted"), ("sora", "asked")}
    assert found[0]["permission"] == "granted"
    assert all(one["url"].startswith("https://social.example.jp/") for one in found)
    granted = json.loads(kikimimi("testimonials", "--granted", "--json", folder=folder).stdout)
    assert {one["author"]["external_id"] for one in granted} == {"yuki"}


def test_who_opted_out_is_written_nothing_and_handed_nowhere(folder: Path) -> None:
    """The last test of the folder: yuki takes everything back."""
    who = known(folder, "yuki")
    with store(folder) as opened:
        (author,) = opened.privacy.find("yuki")
        opened.privacy.opt_out(author, datetime.now(UTC), by="佐藤")
    letter = kikimimi("outreach", str(who), folder=folder)
    assert (letter.returncode, "opted out" in letter.stderr) == (1, True)
    listed = json.loads(kikimimi("export-advocates", "hook", "--dry-run", "--json", folder=folder).stdout)
    assert listed["rows"] == []
    assert [one["advocate"] for one in listed["gone"]] == [who]
    kikimimi("export-advocates", "--out", "contacts.csv", folder=folder)
    assert "yuki" not in (folder / "contacts.csv").read_text(encoding="utf-8-sig")
