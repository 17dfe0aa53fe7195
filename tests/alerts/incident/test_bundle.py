from __future__ import annotations

import io
import json
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

from alerts.incident.bundle import broken, files, zipped
from storage.cases import Fate, Mark
from storage.evidence import Evidence
from tests.alerts.incident.cases import OPENED, incident
from tests.alerts.made import NOW

COPY = Evidence(
    100, "mastodon", "1", "mastodon:a", "https://social.example/1", "氷にスコップを落とすなんて汚い",
    "e9d7d0b4e1b5f8a3" * 4, NOW, NOW, NOW,
)  # fmt: skip
MARK = Mark(1, 1, 100, Fate.CHANGED, NOW, "0" * 64, "書き換えた本文")


def test_the_bundle_can_be_checked_without_us(tmp_path: Path) -> None:
    found = files(incident(), [COPY], [MARK], [OPENED], NOW)
    assert set(found) == {
        "SHA256SUMS", "evidence.csv", "events.csv", "manifest.json", "texts/0001-100.txt", "texts/0001-100-later-1.txt",
    }  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(zipped(found))) as archive:
        archive.extractall(tmp_path)
    check = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path, capture_output=True, check=False)
    assert check.returncode == 0, check.stderr
    (tmp_path / "texts/0001-100.txt").write_text("別の本文", encoding="utf-8")
    again = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path, capture_output=True, check=False)
    assert again.returncode == 1
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["copies"], manifest["later_looks"], manifest["incident"]["id"]) == (1, 1, 1)
    assert "changed 2026-11-22T14:50:00Z" in (tmp_path / "evidence.csv").read_text(encoding="utf-8")


def test_the_same_evidence_gives_the_same_bytes() -> None:
    first, second = (zipped(files(incident(), [COPY], [], [OPENED], NOW)) for _ in range(2))
    assert first == second


def test_a_changed_copy_is_found() -> None:
    import hashlib

    whole = replace(COPY, sha256=hashlib.sha256(COPY.text.encode()).hexdigest())
    assert broken([whole]) == []
    assert broken([whole, replace(whole, text="ほかの本文")]) == [replace(whole, text="ほかの本文")]
