"""Reads posts from a CSV or JSONL file, or from every such file that is put into a folder.

    sources:
      - name: 店頭アンケート
        kind: file
        path: import                 # a folder: every *.csv and *.jsonl in it; or one file
        columns:                     # our name: the file's name; only where they differ
          text: 口コミ本文
          created_at: 投稿日時
          rating: 評価
        platform: rakuten            # where rows without a `source` were written (default: the source's name)
        timezone: Asia/Tokyo         # of times without a zone
        encoding: auto               # or utf-8, cp932, euc-jp, utf-16

`docs/file-format.md` describes the columns. `text` and `created_at` are required; an empty cell means
"unknown", never 0. A row that cannot be used is left out and said in the source's status; for a folder it is
also written, with its reason, to `<file>.rejected.jsonl` beside the file.

A file that grew is read on from where it ended; one that changed is read again, and what differs is updated.
Put files into the folder by renaming them into it, so that none is read half-written. Your files are never
changed, moved or deleted. A path that is not absolute starts at the folder that Kikimimi runs in.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Literal, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, field_validator

from listener.collectors import CollectError, Page, SourceConfig
from listener.collectors.columns import COLUMNS, REQUIRED, CellError, Origin, post
from listener.collectors.rows import Layout, Row, TableError, layout, rows
from listener.http import Fetcher
from storage.types import Post

PAGE_ROWS = 500
SHOWN_PROBLEMS = 3
REJECTED = ".rejected.jsonl"
_ENCODINGS = {"auto": "", "utf-8": "utf-8", "cp932": "cp932", "euc-jp": "euc_jp", "utf-16": "utf-16-le"}


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is not a time zone: write for example Asia/Tokyo") from error
    return name


class FileConfig(SourceConfig):
    """The keys of a file source."""

    kind: Literal["file"] = "file"
    path: Path
    columns: Mapping[str, str] = Field(default_factory=dict)
    platform: str = ""
    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Tokyo"
    encoding: Literal["auto", "utf-8", "cp932", "euc-jp", "utf-16"] = "auto"

    @field_validator("columns")
    @classmethod
    def _known(cls, columns: Mapping[str, str]) -> Mapping[str, str]:
        unknown = [name for name in columns if name not in COLUMNS]
        if unknown:
            raise ValueError(f"no column {unknown[0]!r}: one of {', '.join(COLUMNS)}")
        return columns


@dataclass(frozen=True, slots=True)
class _State:
    """How far one file is read. `sha` is of its first `offset` bytes, which end with line number `line`.

    `done`: up to its end. `whole`: the end of the file cut no row. `problems`: the first of the `skipped`.
    """

    size: int
    mtime: int
    sha: str = ""
    line: int = 0
    offset: int = 0
    done: bool = False
    whole: bool = True
    skipped: int = 0
    problems: tuple[str, ...] = ()


_Step = tuple[tuple[Post, ...], _State]  # posts of one page, and the state after it


class FileCollector:
    """Reads files. Its cursor is {file name: state}, so a moved folder is not read again."""

    Config = FileConfig

    def __init__(self, config: FileConfig, *, http: Fetcher) -> None:
        self._config = config
        self._names = {ours: config.columns.get(ours, ours).strip().casefold() for ours in COLUMNS}
        self._folder = False

    def collect(self, cursor: Mapping[str, Any], *, now: datetime) -> Iterator[Page]:
        """A page every 500 rows, files by name. In a folder, one unreadable file does not stop the others."""
        files = self._files()
        loaded = {path.name: _load(cursor[path.name]) for path in files if path.name in cursor}
        states = {name: state for name, state in loaded.items() if state}
        failures, read = [], set()
        for path in files:
            try:
                for posts, state in self._read(path, states.get(path.name), now):
                    read.add(path.name)
                    states[path.name] = state
                    yield Page(posts, _dump(states), note=self._note(path.name, state) if state.done else "")
            except (TableError, OSError) as error:
                words = error.strerror if isinstance(error, OSError) else error
                if not self._folder:
                    raise CollectError(f"ファイルを読めません / cannot read {path}: {words}") from error
                failures.append(f"{path.name}: {words}")
        known = [self._note(name, state) for name, state in states.items() if name not in read]
        note = "; ".join(words for words in (*failures, *known) if words)
        if not read or note:
            yield Page(cursor=_dump(states), unchanged=not read, note=note)

    def _files(self) -> list[Path]:
        path = self._config.path.expanduser()
        if path.is_file():
            self._folder = False
            return [path]
        if not path.is_dir():
            raise CollectError(
                f"ファイルもフォルダーもありません / there is no file or folder {path}: "
                "create it, or correct `path`"
            )
        self._folder = True
        return sorted(each for each in path.iterdir() if _is_table(each))

    def _read(self, path: Path, state: _State | None, now: datetime) -> Iterator[_Step]:
        """Posts page by page, each with the state after it. Nothing when the file is as it was."""
        with path.open("rb") as stream:
            stat = os.fstat(stream.fileno())
            if state and state.done and (state.size, state.mtime) == (stat.st_size, stat.st_mtime_ns):
                return
            jsonl = path.suffix.lower() == ".jsonl"
            form = layout(stream, jsonl=jsonl, encoding=_ENCODINGS[self._config.encoding])
            self._check(form)
            start = _State(stat.st_size, stat.st_mtime_ns, line=form.lines, offset=len(form.header))
            digest = _digest(stream, state.offset) if state and state.whole else None
            if state and digest and digest.hexdigest() == state.sha and state.offset >= start.offset:
                start = replace(state, size=stat.st_size, mtime=stat.st_mtime_ns, done=False)
            else:
                digest = _digest(stream, start.offset)
            rejected = _Rejected(path, start.line) if self._folder else None
            read = rows(stream, form, offset=start.offset, line=start.line)
            yield from self._pages(read, start, digest, rejected, now)

    def _pages(
        self, read: Iterator[Row], state: _State, digest: _Digest, rejected: _Rejected | None, now: datetime
    ) -> Iterator[_Step]:
        config = self._config
        origin = Origin(config.name, config.platform or config.name, ZoneInfo(config.timezone), now)
        done = False
        while not done:
            posts, refused = [], []
            batch = list(islice(read, PAGE_ROWS))
            done = len(batch) < PAGE_ROWS
            for row in batch:
                digest.update(row.raw)
                try:
                    found = self._post(row, origin)
                except CellError as error:
                    refused.append((row, str(error)))
                else:
                    posts += [found] if found else []
            if rejected:
                rejected.write(refused)
            state = _advance(state, batch, refused, digest.hexdigest(), done=done)
            yield tuple(posts), state

    def _post(self, row: Row, origin: Origin) -> Post | None:
        """None for an empty line. Raises CellError."""
        if row.problem:
            raise CellError(row.problem)
        if not row.cells:
            return None
        return post({ours: row.cells.get(theirs) for ours, theirs in self._names.items()}, origin)

    def _check(self, form: Layout) -> None:
        missing = [ours for ours in REQUIRED if self._names[ours] not in form.columns]
        if form.jsonl or not missing:
            return
        there = ", ".join(name for name in form.columns if name)
        raise TableError(
            f"no column {', '.join(missing)} (必要な列がありません); the file has: {there}. "
            f"Write under `columns`, for example {{{missing[0]}: {there.split(', ')[0]}}}"
        )

    def _note(self, name: str, state: _State) -> str:
        if not state.skipped:
            return ""
        more = state.skipped - len(state.problems)
        words = "; ".join(state.problems) + (f"; and {more} more (ほか{more}行)" if more else "")
        where = f" → {name}{REJECTED}" if self._folder else ""
        count = f"{state.skipped} rows" if state.skipped > 1 else "1 row"
        return f"{name}: {state.skipped}行を読み飛ばしました / {count} skipped: {words}{where}"


class _Digest(Protocol):
    def update(self, chunk: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


class _Rejected:
    """The rows left out of one file, as JSON lines beside it; `line` is the last line that is read already.

    After a crash the rows after `line` come again, so what was written about them goes first.
    """

    def __init__(self, path: Path, line: int) -> None:
        self._path = path.with_name(path.name + REJECTED)
        try:
            written = self._path.read_text("utf-8").splitlines(keepends=True)
        except FileNotFoundError:
            return
        kept = [entry for entry in written if _line_of(entry) <= line]
        if kept:
            self._path.write_text("".join(kept), "utf-8")
        else:
            self._path.unlink()

    def write(self, refused: Sequence[tuple[Row, str]]) -> None:
        if not refused:
            return
        entries = [{"line": row.line, "reason": reason, "row": row.text} for row, reason in refused]
        with self._path.open("a", encoding="utf-8") as out:
            out.writelines(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)


def _line_of(entry: str) -> int:
    """A line that somebody else wrote into the file counts as old: it is kept."""
    try:
        return int(json.loads(entry)["line"])
    except (ValueError, KeyError, TypeError):
        return 0


def _is_table(path: Path) -> bool:
    ours = path.name.endswith(REJECTED)
    hidden = path.name.startswith((".", "~$"))  # "~$" is Excel's lock file
    return path.suffix.lower() in (".csv", ".jsonl") and not ours and not hidden and path.is_file()


def _advance(
    state: _State, batch: Sequence[Row], refused: Sequence[tuple[Row, str]], sha: str, *, done: bool
) -> _State:
    said = [f"line {row.line}: {reason}" for row, reason in refused[:SHOWN_PROBLEMS]]
    return replace(
        state,
        sha=sha,
        line=state.line + sum(row.lines for row in batch),
        offset=state.offset + sum(len(row.raw) for row in batch),
        done=done,
        whole=state.whole and all(row.whole for row in batch),
        skipped=state.skipped + len(refused),
        problems=(*state.problems, *said)[:SHOWN_PROBLEMS],
    )


def _digest(stream: BinaryIO, size: int) -> _Digest:
    """Of the first `size` bytes."""
    digest = hashlib.sha256()
    stream.seek(0)
    while size > 0 and (chunk := stream.read(min(size, 1 << 20))):
        digest.update(chunk)
        size -= len(chunk)
    return digest


def _load(stored: Mapping[str, Any]) -> _State | None:
    """None when another version of this program wrote it: the file is read again."""
    try:
        return _State(**{**stored, "problems": tuple(stored.get("problems", ()))})
    except TypeError:
        return None


def _dump(states: Mapping[str, _State]) -> dict[str, Any]:
    return {name: {**asdict(state), "problems": list(state.problems)} for name, state in states.items()}
