"""`kikimimi programme report`, as a person at a terminal meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pypdf import PdfReader
from typer.testing import CliRunner

from listener.cli import app
from listener.commands.errors import CommandError
from listener.web import pdf
from storage.db import Store
from tests.listener.programme_seed import MONTH, fill_programme

CONFIG = """
language: ja
storage: {{path: {database}}}
model: lexicon
topics: [{{name: minamo, brand: ミナモ珈琲}}{more}]
sources: [{{name: mastodon-tag, kind: mastodon, instance: "https://social.example", tag: ミナモ珈琲}}]
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("programme") / "k.db"
    with Store.open(f"sqlite:///{path}") as store:
        fill_programme(store)
    return path


def configured(folder: Path, database: Path, more: str = "") -> Path:
    path = folder / "config.yaml"
    path.write_text(CONFIG.format(database=database, more=more), encoding="utf-8")
    return path


@pytest.fixture
def config(tmp_path: Path, database: Path) -> Path:
    return configured(tmp_path, database)


def kikimimi(*words: str, config: Path) -> str:
    done = CliRunner().invoke(app, ["programme", "report", *words, "--config", str(config)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_report_is_text_unless_something_else_is_asked_for(config: Path) -> None:
    text = kikimimi("--month", MONTH, config=config)
    assert "推奨プログラム月次報告　ミナモ珈琲（2026年10月）" in text
    assert "参加者のうち5人が41件投稿しました（前月は36件、+5件）" in text
    english = kikimimi("--topic", "minamo", "--month", MONTH, "--lang", "en", config=config)
    assert "Posts by 5 of them: 41 (the month before: 36, +5)." in english


def test_json_and_html_are_files_that_stand_alone(config: Path, tmp_path: Path) -> None:
    said = json.loads(kikimimi("--month", MONTH, "--format", "json", config=config))
    assert (said["month"], said["numbers"]["month"]["enrolled"]) == (MONTH, 5)
    out = tmp_path / "report.html"
    assert kikimimi("--month", MONTH, "--format", "html", "--out", str(out), config=config) == ""
    page = out.read_text(encoding="utf-8")
    assert "default-src 'none'" in page
    assert "<svg" in page
    assert not out.with_name("report.html.part").exists()


def test_a_pdf_has_japanese_text(config: Path, tmp_path: Path) -> None:
    if not pdf.has_japanese_font():
        pytest.skip(f"no Japanese font on this machine: {pdf.FONT}")
    out = tmp_path / "r.pdf"
    try:
        kikimimi("--month", MONTH, "--format", "pdf", "--out", str(out), config=config)
    except CommandError as problem:
        pytest.skip(str(problem))
    assert "推奨プログラム月次報告" in "".join(page.extract_text() for page in PdfReader(out).pages)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--month", "2026-13"], "--month: '2026-13' is not a month"),
        (["--month", "2999-01"], "--month"),
        (["--format", "docx"], "--format: 'docx' is unknown"),
        (["--format", "pdf"], "name the file"),
        (["--lang", "fr"], "--lang"),
        (["--topic", "nobody"], "no topic is called 'nobody'"),
        (["--month", MONTH, "--out", "/nowhere/at/all/r.txt"], "--out"),
    ],
)
def test_a_mistake_is_named_with_its_remedy(config: Path, words: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        kikimimi(*words, config=config)


def test_two_topics_of_ours_have_to_be_told_apart(tmp_path: Path, database: Path) -> None:
    config = configured(tmp_path, database, ", {name: second, brand: ミナモ茶房}")
    with pytest.raises(CommandError, match=r"--topic: name the topic; config.yaml has minamo, second"):
        kikimimi("--month", MONTH, config=config)
