"""`kikimimi report` and `kikimimi evidence`, as a person at a terminal meets them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import text
from typer.testing import CliRunner

from listener.cli import app
from listener.commands.errors import CommandError
from listener.web import pdf
from storage.cases import Fate
from storage.db import Store
from tests.listener.web.seed import fill
from tests.servers import HttpServer, Reply

CONFIG = """
language: ja
storage: {{path: {database}}}
network: {{allow: [127.0.0.1]}}
model: lexicon
topics: [{{name: minamo, brand: ミナモ珈琲}}]
sources: [{{name: mastodon-tag, kind: mastodon, instance: "https://social.example", tag: ミナモ珈琲}}]
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG.format(database=tmp_path / "k.db"), encoding="utf-8")
    with Store.open(f"sqlite:///{tmp_path / 'k.db'}") as store:
        fill(store)
    return path


@pytest.fixture
def store(config: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{config.parent / 'k.db'}") as opened:
        yield opened


def kikimimi(*words: str, config: Path) -> str:
    done = CliRunner().invoke(app, [*words, "--config", str(config)], catch_exceptions=True)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_report_is_issued_once_and_written_again_word_by_word(config: Path, store: Store) -> None:
    number = str(store.open_incidents()[0].id)
    draft = kikimimi("report", number, "--draft", config=config)
    assert "【第一報】ミナモ珈琲" in draft
    assert store.casebook.reports(int(number)) == []
    first = kikimimi("report", number, "--kind", "first", "--by", "佐藤", "--next", "60", config=config)
    assert "作成: 佐藤" in first
    assert kikimimi("report", number, "--number", "1", config=config) == first
    second = json.loads(kikimimi("report", number, "--format", "json", "--lang", "en", config=config))
    assert (second["kind"], second["lang"]) == ("follow-up", "en")


def test_a_pdf_has_japanese_text(config: Path, store: Store, tmp_path: Path) -> None:
    if not pdf.has_japanese_font():
        pytest.skip(f"no Japanese font on this machine: {pdf.FONT}")
    out = tmp_path / "r.pdf"
    number = str(store.open_incidents()[0].id)
    try:
        kikimimi("report", number, "--draft", "--format", "pdf", "--out", str(out), config=config)
    except CommandError as problem:
        pytest.skip(str(problem))
    assert "発生日時" in "".join(page.extract_text() for page in PdfReader(out).pages)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["report", "99"], "there is no incident 99"),
        (["report", "1", "--format", "docx"], "--format: 'docx' is unknown"),
        (["report", "1", "--format", "pdf"], "name the file"),
        (["report", "1", "--lang", "fr"], "--lang"),
        (["report", "1", "--number", "4"], "has no report 4"),
        (["evidence", "99"], "there is no incident 99"),
    ],
)
def test_a_mistake_is_named_with_its_remedy(config: Path, words: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        kikimimi(*words, config=config)


def test_two_incidents_are_merged_and_split_again(config: Path, store: Store) -> None:
    first = store.open_incidents()[0]
    second = store.save_incident(
        replace(first, key="minamo/critical_phrase/1", kind="critical_phrase", id=None)
    )
    with pytest.raises(CommandError, match="is not merged: there is nothing to split"):
        kikimimi("incident", "split", str(second.id), config=config)
    kikimimi("incident", "merge", str(second.id), "--into", str(first.id), "--by", "佐藤", config=config)
    assert store.casebook.merged() == {second.id: first.id}
    with pytest.raises(CommandError, match="split it first"):
        kikimimi("incident", "merge", str(second.id), "--into", str(first.id), config=config)
    kikimimi("incident", "split", str(second.id), "--by", "鈴木", "--note", "別の店", config=config)
    last = store.casebook.events(second.id or 0)[-1]
    assert (last.kind.value, last.by, last.note) == ("split", "鈴木", "別の店")
    assert store.casebook.merged() == {}


def test_the_evidence_is_listed_and_handed_out(config: Path, store: Store, tmp_path: Path) -> None:
    incident = store.open_incidents()[0]
    rows = json.loads(kikimimi("evidence", str(incident.id), "--json", config=config))
    assert [row["mention"] for row in rows] == list(incident.evidence)
    assert all(row["intact"] for row in rows)
    kikimimi("evidence", str(incident.id), "--out", str(tmp_path / "e.zip"), config=config)
    kikimimi("evidence", str(incident.id), "--out", str(tmp_path / "folder"), config=config)
    with zipfile.ZipFile(tmp_path / "e.zip") as archive:
        for name in archive.namelist():
            if name != "manifest.json" and name != "SHA256SUMS":  # these say when they were made
                assert archive.read(name) == (tmp_path / "folder" / name).read_bytes()
    with pytest.raises(CommandError, match="not empty"):
        kikimimi("evidence", str(incident.id), "--out", str(tmp_path / "folder"), config=config)


def test_verify_finds_what_was_deleted_and_what_was_tampered_with(config: Path, store: Store) -> None:
    number = store.open_incidents()[0].id or 0
    with HttpServer() as server:
        server.route("/there", Reply(status=200, body=b"ok"))
        server.route("/gone", Reply(status=410))
        server.route("/broken", Reply(status=500))
        held = [one.mention_id for one in store.evidence(number)]
        with store._database.write() as connection:
            connection.execute(text("UPDATE evidence SET url = ''"))
            for mention, path in zip(held, ("/there", "/gone", "/broken"), strict=False):
                connection.execute(
                    text("UPDATE evidence SET url = :url WHERE mention_id = :mention"),
                    {"url": server.url(path), "mention": mention},
                )
        kikimimi("evidence", str(number), "--verify", config=config)
    assert [(mark.mention_id, mark.fate) for mark in store.casebook.marks(number)] == [(held[1], Fate.GONE)]
    with store._database.write() as connection:
        connection.execute(text("UPDATE evidence SET text = 'ほか' WHERE mention_id = :m"), {"m": held[0]})
    with pytest.raises(CommandError, match="1 locked texts do not fit their hash"):
        kikimimi("evidence", str(number), config=config)
