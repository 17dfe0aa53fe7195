"""`kikimimi init` with a scripted person, and `kikimimi check` against real servers on loopback."""

from __future__ import annotations

import io
import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from listener.config import ConfigError, load
from listener.http import Fetcher
from listener.setup.check import check
from listener.setup.init import run
from listener.setup.questions import Person
from listener.setup.render import Answers, rendered, written
from listener.setup.variants import variants
from tests.servers import HttpServer, SmtpServer, text, xml

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>
<item><title>ミナモ珈琲の新作</title><guid>1</guid><link>https://x.example/1</link></item>
<item><title>ミナモ珈琲の朝</title><guid>2</guid><link>https://x.example/2</link></item></channel></rss>"""


def answer(request: httpx.Request) -> httpx.Response:
    """The outside world: Google News has two entries, everything else cannot be reached."""
    if request.url.host == "news.google.com" or request.headers.get("host") == "news.google.com":
        return httpx.Response(200, content=FEED.encode(), headers={"content-type": "application/rss+xml"})
    raise httpx.ConnectError("no route to host")


@pytest.fixture
def http() -> Iterator[Fetcher]:
    fetcher = Fetcher(transport=httpx.MockTransport(answer), min_gap_s=0)
    yield fetcher
    fetcher.close()


class Script:
    """A person who answers what the question is about, and takes the suggestion otherwise."""

    def __init__(self, **answers: str | bool) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def _answer(self, question: str, default: str | bool) -> str | bool:
        self.asked.append(question)
        for part, said in self.answers.items():
            if part.replace("_", " ") in question:
                return said
        return default

    def text(self, question: str, *, default: str = "") -> str:
        return str(self._answer(question, default))

    def secret(self, question: str) -> str:
        return str(self._answer(question, ""))

    def yes(self, question: str, *, default: bool = True) -> bool:
        return bool(self._answer(question, default))


def told(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=200)


def test_yes_takes_every_suggestion(tmp_path: Path, http: Fetcher, console: Console) -> None:
    file = tmp_path / "config.yaml"
    assert run(
        file,
        brand="ミナモ珈琲",
        competitors=["トマリギコーヒー"],
        yes=True,
        console=console,
        http=http,
        environ={},
    )
    config = load(file, {})
    assert config.language == "ja"
    assert [(topic.brand, topic.own) for topic in config.topics] == [
        ("ミナモ珈琲", True),
        ("トマリギコーヒー", False),
    ]
    assert config.topics[0].aliases == ("ミナモコーヒー", "minamo coffee", "ミナモ")
    assert [source.name for source in config.sources] == [
        "Google News", "はてなブックマーク", "note", "Mastodon", "Misskey", "Google News トマリギコーヒー",
    ]  # fmt: skip
    assert config.routes[0].channels == ("terminal",)
    assert config.warnings == ()
    assert "正常：2件" in told(console)
    assert "いまは読めません" in told(console)
    assert file.read_text(encoding="utf-8").count("# ") >= 5


def test_yes_needs_the_brand(tmp_path: Path, console: Console) -> None:
    with pytest.raises(ConfigError, match="--brand NAME"):
        run(tmp_path / "config.yaml", yes=True, console=console)
    assert list(tmp_path.iterdir()) == []


def test_without_a_terminal_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, console: Console
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(ConfigError, match="need a terminal → write kikimimi init --yes"):
        run(tmp_path / "config.yaml", console=console)


def test_a_person_answers_in_english(tmp_path: Path, http: Fetcher, console: Console) -> None:
    ask = Script(
        Language="en", The_brand="Minamo / Coffee", Other_ways="Minamo, minamo",
        Competitors="Tomarigi, Minamo / Coffee",
        Google_News=False, Mastodon="social.example", Misskey="", App_Store="https://apps.apple.com/jp/app/x/id123456789",
    )  # fmt: skip
    file = tmp_path / "config.yaml"
    assert run(file, console=console, ask=ask, http=http, environ={})
    config = load(file, {})
    assert (config.language, config.timezone) == ("en", "UTC")
    assert config.topics[0].name == "Minamo ／ Coffee"
    assert [topic.brand for topic in config.topics] == ["Minamo / Coffee", "Tomarigi"]
    assert config.topics[0].aliases == ("Minamo", "minamo")
    assert [source.kind for source in config.sources] == ["mastodon", "hackernews", "appstore", "feed"]
    assert config.sources[2].match == "all"
    assert config.sources[2].topics == ("Minamo ／ Coffee",)
    assert "unreachable now" in told(console)


def test_an_address_that_can_never_work_is_left_out(tmp_path: Path, http: Fetcher, console: Console) -> None:
    ask = Script(Mastodon="mstdn jp!", Misskey="")
    assert run(tmp_path / "config.yaml", brand="ミナモ", console=console, ask=ask, http=http, environ={})
    assert "mastodon" not in [source.kind for source in load(tmp_path / "config.yaml", {}).sources]
    assert "使えません" in told(console)


def test_a_file_that_exists_is_never_lost(tmp_path: Path, http: Fetcher, console: Console) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("mine: 1\n", encoding="utf-8")
    assert not run(file, brand="ミナモ", console=console, ask=Script(置き換え=False), http=http, environ={})
    assert file.read_text(encoding="utf-8") == "mine: 1\n"
    assert run(file, brand="ミナモ", yes=True, console=console, http=http, environ={})
    assert run(file, brand="トマリギ", yes=True, console=console, http=http, environ={})
    assert (tmp_path / "config.yaml.bak").read_text(encoding="utf-8") == "mine: 1\n"
    assert load(tmp_path / "config.yaml.bak2", {}).topics[0].brand == "ミナモ"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "config.yaml",
        "config.yaml.bak",
        "config.yaml.bak2",
    ]


def test_a_secret_goes_into_a_file_of_ones_own(tmp_path: Path, http: Fetcher, console: Console) -> None:
    hook = "https://hooks.slack.example/services/hunter2"
    ask = Script(Slack_に通知=True, Webhook=hook, に保存しますか=True)
    file = tmp_path / "config.yaml"
    assert run(file, brand="ミナモ", console=console, ask=ask, http=http, environ={})
    kept = tmp_path / "secrets" / "slack-webhook"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert "hunter2" not in file.read_text(encoding="utf-8") + told(console)
    channel = load(file, {}).channels[1]
    assert channel.webhook_url.get_secret_value() == hook  # type: ignore[attr-defined]


def test_a_secret_may_stay_in_the_environment(tmp_path: Path, http: Fetcher, console: Console) -> None:
    ask = Script(メールで=True, SMTP_サーバー="smtp.example", ユーザー名="k", パスワード="hunter2",
                 に保存しますか=False,
                 差出人="k@minamo.example", 宛先="a@minamo.example、b@minamo.example")  # fmt: skip
    file = tmp_path / "config.yaml"
    assert run(
        file,
        brand="ミナモ",
        console=console,
        ask=ask,
        http=http,
        environ={"SLACK_WEBHOOK_URL": "https://h.example"},
    )
    assert "export SMTP_PASSWORD=…" in told(console)
    with pytest.raises(ConfigError, match="SMTP_PASSWORD is not set"):
        load(file, {"SLACK_WEBHOOK_URL": "https://h.example"})
    config = load(file, {"SLACK_WEBHOOK_URL": "https://h.example", "SMTP_PASSWORD": "hunter2"})
    assert [channel.kind for channel in config.channels] == ["console", "slack", "smtp"]
    assert config.channels[2].recipients == ("a@minamo.example", "b@minamo.example")  # type: ignore[attr-defined]
    assert "hunter2" not in file.read_text(encoding="utf-8")


def test_a_variable_that_is_not_set_yet_is_said(tmp_path: Path, http: Fetcher, console: Console) -> None:
    ask = Script(Slack_に通知=True, Webhook="")
    assert run(tmp_path / "config.yaml", brand="ミナモ", console=console, ask=ask, http=http, environ={})
    assert "SLACK_WEBHOOK_URL がまだない" in told(console)
    assert "webhook_url_env: SLACK_WEBHOOK_URL" in (tmp_path / "config.yaml").read_text(encoding="utf-8")


def test_the_terminal_asks_a_person(monkeypatch: pytest.MonkeyPatch, console: Console) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(" ミナモ \n\ny\n"))
    person = Person(console)
    assert person.text("brand?") == "ミナモ"
    assert person.text("server?", default="mstdn.example") == "mstdn.example"
    assert person.yes("sure?", default=False) is True
    assert "mstdn.example" in told(console)


NASTY = ["no", "12:30", "1e3", "a: b", "#tag", "@x", "- x", "'", '"', "a\\b", "ミナモ #1", "null", "0", "x ", "{a}",
         "🍵", "ミナモ・コーヒー", "A&B", "*", "改\n行", "C++"]  # fmt: skip


@pytest.mark.parametrize("brand", NASTY)
def test_any_brand_is_written_so_that_it_reads_back(tmp_path: Path, brand: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(rendered(Answers("en", "t", aliases=(brand,))), encoding="utf-8")
    assert load(file, {}).topics[0].aliases == (brand.strip(),)


def test_plain_words_need_no_quotes() -> None:
    assert [written(one) for one in ("ミナモ珈琲", "minamo coffee", "15m", True, 25, ["a", "b c"])] == [
        "ミナモ珈琲", "minamo coffee", "15m", "true", "25", "[a, b c]",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("brand", "expected"),
    [
        ("ミナモ珈琲", ("ミナモコーヒー", "minamo coffee", "ミナモ")),
        ("Minamo Coffee", ("Minamo", "ミナモコーヒー")),
        ("カフェ・ド・ミナモ", ("cafe do minamo",)),
        ("みなも", ("minamo",)),
        ("東京電力", ()),
        ("LINE", ()),
    ],
)
def test_suggested_spellings(brand: str, expected: tuple[str, ...]) -> None:
    assert variants(brand) == expected


# ------------------------------------------------------------------ check


CHECKED = """\
model: lexicon
network: {{allow: [127.0.0.1]}}
topics: [{{name: minamo, brand: ミナモ珈琲}}]
sources:
  - {{name: news, kind: feed, url: "{good}"}}
  - {{name: gone, kind: feed, url: "{gone}"}}
  - {{name: off, kind: feed, url: "{gone}", enabled: false}}
channels:
  - {{name: here, kind: console}}
  - {{name: mail, kind: smtp, host: 127.0.0.1, port: {smtp}, security: none, sender: k@x.example,
      recipients: [a@x.example]}}
  - {{name: dead, kind: slack, webhook_url_env: HOOK}}
"""


def test_check_tries_every_part_and_stops_at_none(tmp_path: Path) -> None:
    with HttpServer() as server, SmtpServer() as smtp:
        server.route("/news.xml", xml(FEED))
        server.route("/gone.xml", text("gone", status=410))
        server.route("/services/hunter2", text("no_service", status=404))
        file = tmp_path / "config.yaml"
        addresses = {"good": server.url("/news.xml"), "gone": server.url("/gone.xml"), "smtp": smtp.port}
        file.write_text(CHECKED.format(**addresses), encoding="utf-8")
        results = list(check(load(file, {"HOOK": server.url("/services/hunter2")})))
    assert [(one.name, one.ok) for one in results] == [
        ("database", True),
        ("model", True),
        ("source news", True),
        ("source gone", False),
        ("source off", True),
        ("channel here", True),
        ("channel mail", True),
        ("channel dead", False),
    ]
    assert "2 posts" in results[2].words
    assert all(one.words for one in results)
    assert "hunter2" not in "".join(one.words for one in results)
    assert smtp.messages == []


def test_check_says_what_is_wrong_with_the_database(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    file = tmp_path / "config.yaml"
    text = "topics: [{name: m, brand: m}]\nstorage: {path: file/db}\nmodel: lexicon\n"
    file.write_text(text, encoding="utf-8")
    database, model = list(check(load(file, {})))
    assert not database.ok
    assert database.words
    assert model.ok
