"""What a good configuration becomes, and what holds for every bad one."""

from __future__ import annotations

import json
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from alerts.quiet import QuietHours
from alerts.routes import Step
from listener.config import Config, ConfigError, Problem, TopicConfig, load, schema
from storage.notices import AlertKind
from storage.types import Severity, Topic

TOPIC = "topics:\n  - name: minamo\n    brand: ミナモ珈琲\n"


def loaded(folder: Path, text: str, **environ: str) -> Config:
    file = folder / "config.yaml"
    file.write_text(text, encoding="utf-8")
    return load(file, environ)


def problems(folder: Path, text: str, **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        loaded(folder, text, **environ)
    return [str(problem).removeprefix(f"{folder}/") for problem in caught.value.problems]


def test_the_smallest_configuration(tmp_path: Path) -> None:
    config = loaded(tmp_path, TOPIC)
    assert [topic.topic() for topic in config.topics] == [Topic("minamo", "ミナモ珈琲")]
    assert config.language == "ja"
    assert config.model == "bundled"
    assert config.storage.path == tmp_path / "var" / "kikimimi.db"
    assert config.database_url == f"sqlite:///{tmp_path}/var/kikimimi.db"
    assert config.publisher.mailbox == tmp_path / "var" / "mailbox"
    assert config.base_url == "http://127.0.0.1:8484"
    assert config.sources == config.channels == config.routes == ()
    assert [warning.key for warning in config.warnings] == ["sources"]


FULL = """\
language: en
timezone: Europe/London
storage: {url_env: DATABASE, retention_days: 30}
model: lexicon
web: {host: 0.0.0.0, port: 9000, password_file: secret.txt, public_url: "https://listen.example/"}
network: {allow: [127.0.0.1, 10.0.0.0/8], contact: pr@minamo.example}
publisher: {enabled: true, port: 9001, smtp_port: 9002, mailbox: /tmp/mail}
topics:
  - {name: minamo, brand: ミナモ珈琲, aliases: [ミナモ], query: 'ミナモ -源', tags: [own]}
  - {name: tomarigi, brand: トマリギ, own: false, timezone: Asia/Tokyo}
sources:
  - {name: news, kind: feed, url: "http://127.0.0.1:9001/news.xml", interval: 20s}
  - {name: mine, kind: feed, url: "http://10.1.2.3/news.xml", interval: 5m}
  - {name: toots, kind: mastodon, instance: social.example, tag: minamo, token_env: TOKEN, topics: [minamo]}
  - {name: csv, kind: file, path: posts.csv, interval: 5}
channels:
  - {name: team, kind: slack, webhook_url_env: HOOK}
  - {name: here, kind: console}
routes:
  - {channels: [team], topics: [minamo], kinds: [incident], min_severity: crisis}
  - {channels: [here]}
thresholds:
  crisis: {min_authors: 4}
  advocate: {min_score: 50}
"""


def test_every_part_of_a_full_configuration(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("open sesame\r\n", encoding="utf-8")
    secrets = {
        "DATABASE": "postgresql+psycopg://k:pw@db/k",
        "TOKEN": "t0ken\n",
        "HOOK": "https://hooks.example/x",
    }
    config = loaded(tmp_path, FULL, **secrets)
    assert config.database_url == secrets["DATABASE"]
    assert config.web.password is not None
    assert config.web.password.get_secret_value() == "open sesame"
    assert config.base_url == "https://listen.example"
    assert "pr@minamo.example" in config.user_agent
    assert [topic.timezone for topic in config.topics] == ["Europe/London", "Asia/Tokyo"]
    assert [topic.own for topic in config.topics] == [True, False]
    news, mine, toots, csv = config.sources
    assert [one.interval for one in (news, mine, csv)] == [timedelta(seconds=n) for n in (20, 300, 5)]
    assert toots.topics == ("minamo",)
    assert toots.token.get_secret_value() == "t0ken"  # type: ignore[attr-defined]
    assert csv.path == tmp_path / "posts.csv"  # type: ignore[attr-defined]
    assert config.channels[0].webhook_url.get_secret_value() == secrets["HOOK"]  # type: ignore[attr-defined]
    assert config.routes[0].kinds == (AlertKind.INCIDENT,)
    assert config.routes[0].min_severity is Severity.CRISIS
    assert config.routes[1].topics == ()
    assert config.thresholds.crisis.min_authors == 4
    assert config.thresholds.advocate.min_score == 50
    assert config.warnings == ()
    shown = repr(config) + str(config) + config.model_dump_json()
    assert not [value for value in (*secrets.values(), "open sesame") if value.strip() in shown]


def test_a_configuration_cannot_be_changed(tmp_path: Path) -> None:
    config = loaded(tmp_path, TOPIC)
    with pytest.raises(ValidationError):
        config.language = "en"  # type: ignore[misc]


def test_channels_without_routes_hear_everything(tmp_path: Path) -> None:
    config = loaded(tmp_path, TOPIC + "channels: [{name: here, kind: console}, {name: too, kind: console}]\n")
    assert [(route.channels, route.topics, route.kinds) for route in config.routes] == [
        (("here", "too"), (), ())
    ]
    assert config.routes[0].min_severity is Severity.WATCH


@pytest.mark.parametrize(
    ("written", "brand"),
    [("7777", "7777"), ("010", "010"), ("true", "true"), ("no", "no"), ("1.50", "1.50"), ("2026-01-01", "2026-01-01"),
     ("12:30", "12:30"), ("0x1F", "0x1F"), ("1_000", "1_000"), ("' x '", "x")],
)  # fmt: skip
def test_a_name_that_looks_like_something_else_stays_text(tmp_path: Path, written: str, brand: str) -> None:
    config = loaded(tmp_path, f"topics:\n  - name: t\n    brand: {written}\n    aliases: [{written}]\n")
    assert config.topics[0].brand == brand
    assert config.topics[0].aliases == (brand,)


@pytest.mark.parametrize("start", ["\ufeff", "---\n", "# 設定\n\n"])
def test_harmless_beginnings(tmp_path: Path, start: str) -> None:
    assert loaded(tmp_path, start + TOPIC).topics[0].brand == "ミナモ珈琲"


def test_windows_line_ends_and_anchors(tmp_path: Path) -> None:
    text = "topics:\r\n  - {name: a, brand: &b ミナモ}\r\n  - {name: c, brand: *b}\r\n"
    assert [topic.brand for topic in loaded(tmp_path, text).topics] == ["ミナモ", "ミナモ"]


def test_aliases_that_unfold_without_end_are_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    (words,) = problems(tmp_path, "\n".join(lines))
    assert "unfolds without end" in words


def test_brackets_without_end_are_refused(tmp_path: Path) -> None:
    (words,) = problems(tmp_path, "topics: " + "[" * 900 + "]" * 900)
    assert "inside each other" in words


def test_a_model_in_a_folder_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    assert loaded(tmp_path, TOPIC + "model: mine\n").model == str(tmp_path / "mine")
    assert loaded(tmp_path, TOPIC + "model: ./other\n").model == str(tmp_path / "other")
    assert loaded(tmp_path, TOPIC + "model: someone/their-model\n").model == "someone/their-model"


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(
    at=st.integers(0, len(FULL)),
    cut=st.integers(0, 12),
    put=st.text(alphabet="\t\u3000：:-[]{}'\"#&*!|>%@ \n\x00\x85a1ミ", max_size=4),
)
def test_a_slip_of_the_hand_is_told_as_a_problem_or_harmless(
    tmp_path: Path, at: int, cut: int, put: str
) -> None:
    secrets = {
        "DATABASE": "postgresql+psycopg://k:hunter2@db/k",
        "TOKEN": "hunter2",
        "HOOK": "https://hunter2.x",
    }
    told: tuple[Problem, ...] = ()
    try:
        loaded(tmp_path, FULL[:at] + put + FULL[at + cut :], **secrets)
    except ConfigError as error:
        told = error.problems
    assert all(problem.message and problem.remedy for problem in told)
    assert not [problem for problem in told if "hunter2" in str(problem)]


def test_an_alias_of_itself_is_refused(tmp_path: Path) -> None:
    (words,) = problems(tmp_path, "topics: &t [*t]\n")
    assert "unfolds without end" in words


def test_all_problems_are_told_together_in_order(tmp_path: Path) -> None:
    text = "languge: ja\n" + TOPIC + "    query: (x\nsources:\n  - {name: n, kind: fead}\nweb: {port: 0}\n"
    assert [words.split(" ")[0:2] for words in problems(tmp_path, text)] == [
        ["config.yaml:1:", "languge:"],
        ["config.yaml:5:", "topics[0].query:"],
        ["config.yaml:7:", "sources[0].kind:"],
        ["config.yaml:8:", "web.port:"],
    ]


def test_the_caret_stands_below_the_mistake(tmp_path: Path) -> None:
    (words,) = problems(tmp_path, TOPIC + "    query: ミナモ (珈琲 AND 豆\n")
    assert words.splitlines() == [
        "config.yaml:4: topics[0].query: this parenthesis is never closed (character 5 of the query)"
        " → add ) where the group ends",
        "    ミナモ (珈琲 AND 豆",
        "           ^",
    ]


@pytest.mark.parametrize("content", ["", "\n\n", "# only a comment\n", "---\n"])
def test_an_empty_file(tmp_path: Path, content: str) -> None:
    (words,) = problems(tmp_path, content)
    assert words == "config.yaml: the file is empty → write at least one topic, or run `kikimimi init`"


def test_a_file_that_is_not_there_or_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file → run `kikimimi init`"):
        load(tmp_path / "none.yaml", {})
    with pytest.raises(ConfigError, match="a folder, not a file"):
        load(tmp_path, {})


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    (words,) = problems(tmp_path, "# " + "x" * 2_000_001)
    assert "larger than 2,000,000 bytes" in words


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ("sources:\n  - {name: n, kind: feed, url: 'https://feeds.example/x', interval: 5m}\n", "sources[0].interval",
         "this often"),
        ("web: {host: 0.0.0.0}\n", "web.host", "anyone who reaches"),
        ("channels: [{name: a, kind: console}, {name: b, kind: console}]\nroutes: [{channels: [a]}]\n",
         "channels[1].name", "no route leads"),
    ],
)  # fmt: skip
def test_warnings_do_not_stop_the_start(tmp_path: Path, text: str, key: str, message: str) -> None:
    warnings = {warning.key: warning for warning in loaded(tmp_path, TOPIC + text).warnings}
    assert message in warnings[key].message
    assert warnings[key].remedy
    assert warnings[key].line >= 4


def test_a_broken_secret_hides_what_follows_from_it(tmp_path: Path) -> None:
    (words,) = problems(tmp_path, TOPIC + "channels:\n  - {name: team, kind: slack, webhook_url_env: HOOK}\n")
    assert "HOOK is not set" in words


def test_a_validator_does_not_repeat_a_secret(tmp_path: Path) -> None:
    text = TOPIC + "channels:\n  - {name: out, kind: webhook, url: 'https://x.example', secret_env: KEY}\n"
    words = "\n".join(problems(tmp_path, text, KEY="whsec_hunter2 is no base64!"))
    assert "channels[0].secret_env" in words
    assert "hunter2" not in words


def test_a_topic_name_is_part_of_an_address() -> None:
    with pytest.raises(ValidationError):
        TopicConfig(name="a/b", brand="x")


# ------------------------------------------------------------------ the JSON Schema


def objects(part: Any) -> list[dict[str, Any]]:
    """Every block of keys in a schema."""
    found = [part] if isinstance(part, dict) and "properties" in part else []
    below = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return found + [one for each in below for one in objects(each)]


def test_the_schema_has_every_kind_and_no_open_secret() -> None:
    made = schema()
    json.dumps(made)
    for key, kinds in (("sources", {"feed", "mastodon", "misskey", "hackernews", "appstore", "file"}),
                       ("channels", {"slack", "smtp", "webhook", "teams", "discord", "line", "chatwork", "apprise",
                                      "console"}),
                       ("exports", {"csv", "webhook", "hubspot", "salesforce", "segment", "referralcandy",
                                    "friendbuy"})):  # fmt: skip
        items = made["properties"][key]["items"]
        assert items["discriminator"]["propertyName"] == "kind"
        consts = [
            made["$defs"][ref["$ref"].split("/")[-1]]["properties"]["kind"]["const"] for ref in items["oneOf"]
        ]
        assert set(consts) == kinds
    assert "password" not in json.dumps(
        [prop.get("format") for one in objects(made) for prop in one["properties"].values()]
    )
    web = made["$defs"]["WebConfig"]["properties"]
    assert {"password_env", "password_file"} <= set(web)
    assert "password" not in web
    assert "warnings" not in made["properties"]
    assert all(one["additionalProperties"] is False for one in objects(made))


def test_the_schema_refers_only_to_what_it_defines() -> None:
    made = schema()
    text = json.dumps(made)
    names = {part.split('"')[0] for part in text.split('"$ref": "#/$defs/')[1:]}
    assert names == set(made["$defs"])


def test_the_schema_says_durations_as_people_write_them() -> None:
    made = schema()
    intervals = [one["properties"]["interval"] for one in objects(made) if "interval" in one["properties"]]
    assert intervals
    assert all("string" in prop["type"] and prop["default"][-1] in "smhd" for prop in intervals)


ALERTING = """
channels: [{name: slack, kind: console}, {name: phone, kind: console}]
quiet_hours: {from: "22:00", to: 7:30, weekends: true, break: warning}
routes:
  - channels: [slack]
    tags: [直営]
    group_wait: 0s
    group_interval: 10m
    escalation: [{after: 15m, channels: [phone]}]
"""


def test_routes_quiet_hours_and_escalation(tmp_path: Path) -> None:
    config = loaded(tmp_path, TOPIC + "    tags: [直営]\n" + ALERTING)
    (route,) = config.routes
    assert (route.tags, route.group_wait) == (("直営",), timedelta(0))
    assert route.group_interval == timedelta(minutes=10)
    assert route.escalation == (Step(timedelta(minutes=15), ("phone",)),)
    assert config.quiet_hours is not None
    assert config.quiet_hours.quiet_hours() == QuietHours(
        time(22), time(7, 30), weekends=True, passes=Severity.WARNING
    )
    assert [one.key for one in config.warnings] == ["sources"]  # the phone is reached by escalation


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        ("quiet_hours: {from: 22時, to: 7:00}", "quiet_hours.from", "is not a time of day"),
        ("quiet_hours: {from: 24:00, to: 7:00}", "quiet_hours.from", "is not a time of day"),
        ("quiet_hours: {from: 7:00, to: 7:00}", "quiet_hours", "from and to are the same"),
        ("quiet_hours: {from: 22:00, to: 7:00, brek: crisis}", "quiet_hours.brek", "did you mean break?"),
        (
            "routes: [{channels: [slack], escalation: [{after: 15m, channels: [fone]}]}]",
            "routes[0].escalation[0].channels[0]",
            "there is no channel called 'fone'",
        ),
        (
            "routes: [{channels: [slack], escalation: [{after: 1s, channels: [slack]}]}]",
            "routes[0].escalation[0].after",
            "",
        ),
        ("routes: [{channels: [slack], group_wait: soon}]", "routes[0].group_wait", "is not a duration"),
        ("routes: [{channels: [slack], repeat: 1m}]", "routes[0]", "repeat is shorter than 10m"),
        ("routes: [{channels: [slack], repeat: 8d}]", "routes[0].repeat", ""),
        (
            "routes: [{channels: [slack], kinds: [trend], repeat: 4h}]",
            "routes[0]",
            "repeat is about incidents",
        ),
    ],
)
def test_slips_in_alerting_are_named(tmp_path: Path, text: str, key: str, said: str) -> None:
    found = problems(tmp_path, TOPIC + "channels: [{name: slack, kind: console}]\n" + text + "\n")
    assert len(found) == 1
    assert f": {key}: " in found[0]
    assert said in found[0]


def test_a_tag_that_no_topic_has_is_a_warning(tmp_path: Path) -> None:
    text = "channels: [{name: slack, kind: console}]\nroutes: [{channels: [slack], tags: [直栄店]}]\n"
    warnings = loaded(tmp_path, TOPIC + "    tags: [直営店]\n" + text).warnings
    assert [one.remedy for one in warnings if one.key == "routes[0].tags[0]"] == [
        "did you mean 直営店? add it to a topic's `tags`"
    ]
