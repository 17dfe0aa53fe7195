"""The evidence of an incident as files: a table, every text, and a manifest with their hashes (pure).

Whoever gets the bundle can check it without Kikimimi: `sha256sum -c SHA256SUMS` in the unpacked folder.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from alerts.exports.csv import table
from storage.cases import Event, Mark
from storage.evidence import Evidence
from storage.types import Incident

COLUMNS = (
    "number", "mention", "platform", "external_id", "author", "url", "created_at", "fetched_at", "locked_at",
    "sha256", "file", "later",
)  # fmt: skip
_OLDEST = (1980, 1, 1, 0, 0, 0)  # ZIP knows no earlier time


def files(
    incident: Incident,
    held: Sequence[Evidence],
    marks: Sequence[Mark],
    events: Sequence[Event],
    now: datetime,
) -> dict[str, bytes]:
    """Path → content: evidence.csv, texts/, events.csv, manifest.json, SHA256SUMS."""
    found: dict[str, bytes] = {}
    rows = []
    for number, one in enumerate(held, start=1):
        path = f"texts/{number:04d}-{one.mention_id}.txt"
        found[path] = one.text.encode()
        seen = [mark for mark in marks if mark.mention_id == one.mention_id]
        rows.append(
            (*_row(number, one), path, "; ".join(f"{mark.fate.value} {_time(mark.at)}" for mark in seen))
        )
        for at, mark in enumerate((mark for mark in seen if mark.text), start=1):
            found[f"texts/{number:04d}-{one.mention_id}-later-{at}.txt"] = mark.text.encode()
    found["evidence.csv"] = "".join(table(COLUMNS, rows)).encode()
    found["events.csv"] = "".join(table(("at", "step", "by", "note", "values"), map(_step, events))).encode()
    sums = {path: hashlib.sha256(content).hexdigest() for path, content in sorted(found.items())}
    found["manifest.json"] = _manifest(incident, held, marks, sums, now)
    sums["manifest.json"] = hashlib.sha256(found["manifest.json"]).hexdigest()
    found["SHA256SUMS"] = "".join(f"{value}  {path}\n" for path, value in sorted(sums.items())).encode()
    return found


def zipped(found: Mapping[str, bytes]) -> bytes:
    """The files as one ZIP; the same files give the same bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in sorted(found.items()):
            archive.writestr(zipfile.ZipInfo(path, _OLDEST), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def broken(held: Sequence[Evidence]) -> list[Evidence]:
    """The copies whose words do not fit their hash any more: the database was changed behind our back."""
    return [one for one in held if hashlib.sha256(one.text.encode()).hexdigest() != one.sha256]


def _row(number: int, one: Evidence) -> tuple[Any, ...]:
    times = (_time(one.created_at), _time(one.fetched_at), _time(one.locked_at))
    names = (one.platform, one.external_id, one.author, one.url)
    return (number, one.mention_id, *names, *times, one.sha256)


def _step(event: Event) -> tuple[str, ...]:
    values = json.dumps(dict(event.values), ensure_ascii=False)
    return (_time(event.at), event.kind.value, event.by, event.note, values)


def _manifest(
    incident: Incident,
    held: Sequence[Evidence],
    marks: Sequence[Mark],
    sums: Mapping[str, str],
    now: datetime,
) -> bytes:
    said = {
        "incident": {
            "id": incident.id,
            "key": incident.key,
            "topic": incident.topic,
            "severity": incident.severity.value,
            "state": incident.state.value,
            "opened_at": _time(incident.opened_at),
        },
        "made_at": _time(now),
        "copies": len(held),
        "later_looks": len(marks),
        "hash": "SHA-256 of the text in UTF-8, as it was when the post was first named",
        "files": dict(sums),
    }
    return (json.dumps(said, ensure_ascii=False, indent=2) + "\n").encode()


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
