"""docs/config.md names every key of the schema with its default, and its examples load."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from listener.config import load, schema

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "config.md").read_text(encoding="utf-8")
HEADINGS = {
    "Config": "## The top", "TopicConfig": "## topics", "StorageConfig": "## storage", "WebConfig": "## web",
    "NetworkConfig": "## network", "PublisherConfig": "## publisher", "RouteConfig": "## routes",
    "EscalationConfig": "### routes.escalation", "QuietHoursConfig": "## quiet_hours",
    "EvidenceConfig": "## evidence", "ReviewConfig": "## review",
    "Thresholds": "## thresholds", "CrisisSettings": "### thresholds.crisis",
    "AdvocateSettings": "### thresholds.advocate", "ViralSettings": "### thresholds.viral",
    "RatingSettings": "### thresholds.rating", "SpikeSettings": "### thresholds.spike",
    "PrivacyConfig": "## privacy", "QueueSettings": "### thresholds.review_queue", "DigestConfig": "## digest",
}  # fmt: skip
ENVIRON = {
    "SLACK_WEBHOOK_URL": "https://hooks.slack.example/x", "KIKIMIMI_PASSWORD": "x", "SMTP_PASSWORD": "x",
    "HOOK_SECRET": "x", "TEAMS_WEBHOOK_URL": "https://prod-1.logic.azure.example/workflows/x",
    "DISCORD_WEBHOOK_URL": "https://discord.example/api/webhooks/1/x", "LINE_CHANNEL_TOKEN": "x",
    "CHATWORK_TOKEN": "x", "APPRISE_URL": "json://hook.example/in", "HUBSPOT_TOKEN": "x",
    "SALESFORCE_CLIENT_ID": "x", "SALESFORCE_CLIENT_SECRET": "x", "SEGMENT_WRITE_KEY": "x",
    "REFERRALCANDY_ACCESS_ID": "x", "REFERRALCANDY_SECRET_KEY": "x", "FRIENDBUY_KEY": "x", "FRIENDBUY_SECRET": "x",
}  # fmt: skip
TOPIC: dict[str, Any] = {"topics": [{"name": "ミナモ珈琲", "brand": "ミナモ珈琲"}]}


def blocks() -> dict[str, dict[str, Any]]:
    """The keys of every block, by its heading in the docs."""
    made = schema()
    found = {"## The top": made}
    for name, block in made["$defs"].items():
        if "properties" not in block:
            continue
        kind = block["properties"].get("kind", {}).get("const")
        place = "export" if name.endswith("ExportConfig") else "kind"  # a webhook is both
        found[f"### {place}: {kind}" if kind else HEADINGS[name]] = block
    return found


def rows(heading: str) -> dict[str, str]:
    """The table rows below a heading, by key."""
    section = TEXT.split(f"\n{heading}\n", 1)[1].split("\n#", 1)[0]
    return {row.split("`")[1]: row for row in section.splitlines() if row.startswith("| `")}


@pytest.mark.parametrize("heading", sorted(blocks()))
def test_every_key_is_documented_and_nothing_else(heading: str) -> None:
    documented = rows(heading)
    properties = blocks()[heading]["properties"]
    assert set(documented) == set(properties)
    for key, row in documented.items():
        assert row.rstrip(" |").split("|")[-1].strip(), f"{key} says nothing"
        default = properties[key].get("default")
        if default not in (None, "", []) and key not in {"critical_phrases", "critical_exceptions"}:
            assert (default if isinstance(default, str) else json.dumps(default)) in row.replace("\\", "")


def examples(name: str) -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", (DOCS / name).read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("example", examples("config.md"))
def test_every_example_loads(tmp_path: Path, example: str) -> None:
    text = example
    if "topics:" not in text.split("\n", 1)[0] and "\ntopics:" not in text:
        text += yaml.safe_dump(TOPIC, allow_unicode=True)
    if "\nroutes:" in f"\n{example}" and "channels:\n" not in example:
        text += "channels: [{name: slack, kind: console}, {name: mail, kind: console}]\n"
    file = tmp_path / "config.yaml"
    file.write_text(text, encoding="utf-8")
    assert load(file, ENVIRON).topics


def test_the_shipped_configuration_loads_without_warnings() -> None:
    assert load(DOCS.parent / "config.yaml", {}).warnings == ()
