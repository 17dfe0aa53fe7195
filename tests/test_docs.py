"""The documents keep up with the code: commands, links, names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main
import yaml

from listener.cli import app

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_is_documented(command: str) -> None:
    page = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
    assert f"## `kikimimi {command}`" in page
    section = page.split(f"## `kikimimi {command}`")[1].split("\n## ")[0]
    options = typer.main.get_command(app).commands[command].params  # type: ignore[attr-defined]
    long = [
        name for option in options for name in option.opts if name.startswith("--") and name != "--config"
    ]
    assert [name for name in long if name not in section] == []


@pytest.mark.parametrize("readme", ["README.md", "README.ja.md"])
def test_both_readmes_name_every_command(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    assert [command for command in COMMANDS if not re.search(rf"\b{command}\b", text)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\((?!https?://|mailto:|#)([^)#\s]+)", text)
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_the_demo_runs_the_shipped_configuration() -> None:
    shipped, demo = (
        yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
        for name in ("config.yaml", "listener/publisher/config.yaml")
    )
    places = [Path(one["channels"][0].pop("webhook_url_file")).name for one in (shipped, demo)]
    assert places == ["slack-webhook-url"] * 2  # each beside its own file
    assert shipped == demo
