"""Rows of a CSV or JSONL file, one after the other, each with its line and its bytes.

Built for files that people export: Excel's encodings and tab-separated "Unicode text", quoted line breaks, a
stray quotation mark, a line in another encoding. A row that cannot be read says why, and the next line is
tried: nothing else of the file is lost. Memory is one row, not the file.

    TableError          the file as a whole cannot be read as a table
"""

from __future__ import annotations

import codecs
import csv
import json
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

MAX_LINE_BYTES = 1_000_000  # a file without line breaks must not fill the memory
MAX_ROW_LINES = 1_000  # a quotation mark that never closes must not swallow the file
DELIMITERS = (",", "\t", ";")

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NEWLINES = {"utf-16-le": b"\n\x00", "utf-16-be": b"\x00\n"}
_DAMAGED = "bytes that do not fit the file's encoding (文字コードが混ざっています)"
_UNCLOSED = "a quotation mark is never closed (引用符が閉じていません)"


class TableError(Exception):
    """The file as a whole cannot be read; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `line` counts from 1 and is where it begins, `lines` is how many it takes.

    `cells` maps the file's column names in lower case to what stands there: text in CSV, any JSON value in
    JSONL; an empty line has none. `problem` is why the row cannot be read. `whole` is False when the file
    ends inside of it.
    """

    line: int
    lines: int
    raw: bytes
    text: str
    cells: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""
    whole: bool = True


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    raw: bytes
    text: str
    damaged: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is written: its encoding, where its rows begin, and the columns of a CSV."""

    encoding: str
    jsonl: bool
    header: bytes  # everything before the first row: byte order mark and header
    lines: int  # that the header takes
    columns: tuple[str, ...] = ()
    delimiter: str = ","


def layout(stream: BinaryIO, *, jsonl: bool, encoding: str = "") -> Layout:
    """Find out how the file is written; reads it whole, to be sure of the encoding. Raises TableError."""
    stream.seek(0)
    start = stream.read(3)
    mark, named = next(((bom, name) for bom, name in _BOMS if start.startswith(bom)), (b"", ""))
    chosen = named or encoding or _guess(stream, start)
    if jsonl:
        return Layout(chosen, True, mark, 0)
    stream.seek(len(mark))
    lines = _lines(stream, chosen, 1)
    first = next(lines, None)
    if first is None:
        raise TableError("the file is empty: the first line must name the columns (ファイルが空です)")
    if "\r" in first.text.rstrip("\r\n"):
        raise TableError("lines end with CR only: save with LF or CRLF (改行コードをLFかCRLFにしてください)")
    delimiter = max(DELIMITERS, key=first.text.count)
    row = next(_csv_rows(first, lines, (), delimiter))
    if row.problem:
        raise TableError(f"the first line must name the columns: {row.problem}")
    columns = tuple(name.strip().casefold() for name in row.cells.get("", ()))
    return Layout(chosen, False, mark + row.raw, row.lines, columns, delimiter)


def rows(stream: BinaryIO, form: Layout, *, offset: int, line: int) -> Iterator[Row]:
    """The rows from byte `offset` on, which is the end of line number `line`. Empty lines are no rows."""
    stream.seek(offset)
    lines = _lines(stream, form.encoding, line + 1)
    if form.jsonl:
        yield from (_json_row(line) for line in lines)
        return
    first = next(lines, None)
    if first is not None:
        yield from _csv_rows(first, lines, form.columns, form.delimiter)


# ------------------------------------------------------------------ bytes to lines


def _guess(stream: BinaryIO, start: bytes) -> str:
    """UTF-16 without a mark shows by its zero bytes. Japanese text is valid UTF-8 or EUC-JP only when it is that.

    It is valid cp932 often by chance, as half-width katakana, so that comes last. The lines vote: one damaged
    line of a UTF-8 file must not turn the others into mojibake.
    """
    if start[1:2] == b"\x00":
        return "utf-16-le"
    if start[:1] == b"\x00":
        return "utf-16-be"
    for encoding in ("utf-8", "euc_jp"):
        stream.seek(0)
        telling = (line for line in _lines(stream, encoding, 1) if not line.raw.isascii())
        if sum(-1 if line.damaged else 1 for line in telling) >= 0:
            return encoding
    return "cp932"


def _lines(stream: BinaryIO, encoding: str, number: int) -> Iterator[_Line]:
    newline = _NEWLINES.get(encoding, b"\n")
    while raw := _raw_line(stream, newline):
        try:
            yield _Line(number, raw, raw.decode(encoding), False)
        except UnicodeDecodeError:
            yield _Line(number, raw, raw.decode(encoding, errors="replace"), True)
        number += 1


def _raw_line(stream: BinaryIO, newline: bytes) -> bytes:
    """Up to and with the next line break. In UTF-16 the byte 0A is also half of other characters (U+0A41)."""
    raw = stream.readline(MAX_LINE_BYTES)
    if len(newline) == 1:
        return raw
    while raw and len(raw) < MAX_LINE_BYTES:
        if len(raw) % 2:
            more = stream.read(1)
            raw += more
            if not more:
                return raw
        if raw.endswith(newline):
            return raw
        more = stream.readline(MAX_LINE_BYTES)
        raw += more
        if not more:
            return raw
    return raw


# ------------------------------------------------------------------ lines to rows


def _json_row(line: _Line) -> Row:
    whole = line.text.endswith("\n")
    text = line.text.strip()
    if line.damaged:
        return Row(line.number, 1, line.raw, text, problem=_DAMAGED, whole=whole)
    if not text:
        return Row(line.number, 1, line.raw, text, whole=whole)
    try:
        cells = json.loads(text)
    except (ValueError, RecursionError):
        return Row(line.number, 1, line.raw, text, problem="not JSON (JSONとして読めません)", whole=whole)
    if not isinstance(cells, dict):
        problem = "not a JSON object {…} (JSONオブジェクトではありません)"
        return Row(line.number, 1, line.raw, text, problem=problem, whole=whole)
    named = {name.strip().casefold(): cell for name, cell in cells.items()}
    return Row(line.number, 1, line.raw, text, named, whole=whole)


def _csv_rows(first: _Line, more: Iterator[_Line], columns: tuple[str, ...], delimiter: str) -> Iterator[Row]:
    """Rows from `first` on. After a row that cannot be read, the line after its first one is tried.

    Without `columns` the cells come as a tuple under the name "": the header.
    """
    waiting = _Waiting(first, more)
    while (line := waiting.take()) is not None:
        taken = [line]
        cells, problem = _parse(taken, delimiter)
        while problem == _UNCLOSED and len(taken) < MAX_ROW_LINES and (following := waiting.take()):
            taken.append(following)
            if '"' in following.text:
                cells, problem = _parse(taken, delimiter)
        whole = problem != _UNCLOSED or len(taken) == MAX_ROW_LINES
        if problem:
            waiting.put_back(taken[1:])
            taken = taken[:1]
        yield _row(taken, cells, problem, columns, whole=whole and taken[-1].text.endswith("\n"))


class _Waiting:
    """Lines that can be put back."""

    def __init__(self, first: _Line, more: Iterator[_Line]) -> None:
        self._back = deque([first])
        self._more = more

    def take(self) -> _Line | None:
        return self._back.popleft() if self._back else next(self._more, None)

    def put_back(self, lines: list[_Line]) -> None:
        self._back.extendleft(reversed(lines))


def _row(taken: list[_Line], cells: list[str], problem: str, columns: tuple[str, ...], *, whole: bool) -> Row:
    named: Mapping[str, Any] = {"": tuple(cells)}
    if columns and not problem:
        extra = [cell for cell in cells[len(columns) :] if cell.strip()]
        if extra:
            problem = f"{len(cells)} cells, but the header names {len(columns)} (列数がヘッダーと合いません)"
        # the first of two columns of one name counts
        named = dict(zip(reversed(columns[: len(cells)]), reversed(cells[: len(columns)]), strict=True))
    return Row(
        line=taken[0].number,
        lines=len(taken),
        raw=b"".join(line.raw for line in taken),
        text="".join(line.text for line in taken).rstrip("\r\n"),
        cells={} if problem or not any(cell.strip() for cell in cells) else named,
        problem=problem,
        whole=whole,
    )


def _parse(taken: list[_Line], delimiter: str) -> tuple[list[str], str]:
    if any(line.damaged for line in taken):
        return [], _DAMAGED
    try:
        return next(csv.reader([line.text for line in taken], delimiter=delimiter, strict=True), []), ""
    except csv.Error as error:
        unclosed = "unexpected end of data" in str(error)
        return [], _UNCLOSED if unclosed else f"not CSV: {error} (CSVの形式ではありません)"
