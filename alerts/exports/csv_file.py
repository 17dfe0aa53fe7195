"""A file for a spreadsheet, or for the import page of any program.

    exports:
      - name: contacts
        kind: csv
        path: var/contacts.csv

The file is written anew as a whole at every run: who has withdrawn their consent is no longer in it. Only the
user that runs Kikimimi can read it. UTF-8 with a mark that Excel needs (`bom: false` for programs that stumble
over it); a cell that a spreadsheet would take for a formula gets an apostrophe in front. Without any `exports:`,
`kikimimi export-advocates --out FILE` writes the same file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from alerts.exports import ExportConfig, ExportError, Outcome, Row
from alerts.exports.csv import table
from alerts.exports.fields import FIELDS
from listener.http import Fetcher
from storage.transfers import TransferState


class CsvExportConfig(ExportConfig):
    path: Path = Field(description="the file to write")
    bom: bool = Field(default=True, description="begin with the mark by which Excel knows UTF-8")


class CsvExport:
    Config: ClassVar[type[ExportConfig]] = CsvExportConfig
    repeatable: ClassVar[bool] = True
    whole: ClassVar[bool] = True

    def __init__(self, config: CsvExportConfig, *, http: Fetcher, wait: Callable[[float], None]) -> None:
        self._config = config

    def unfit(self, row: Row) -> str:
        return ""

    def parts(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        yield rows  # also when nobody is left: the file must not keep who was in it

    def send(self, part: Sequence[Row]) -> list[Outcome]:
        path = self._config.path
        lines = table(FIELDS, ([row.cells[name] for name in FIELDS] for row in part), bom=self._config.bom)
        beside = path.with_name(f"{path.name}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            beside.unlink(missing_ok=True)  # one that others may read would keep its rights
            number = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(number, "w", encoding="utf-8", newline="") as file:
                file.writelines(lines)
            beside.replace(path)
        except OSError as error:
            raise ExportError(
                f"{path}: {error.strerror}; choose a place you can write to", permanent=True
            ) from error
        finally:
            with suppress(OSError):  # the error above is the one to tell
                beside.unlink()
        return [Outcome(row.key, TransferState.SENT) for row in part]

    def preview(self, row: Row) -> Mapping[str, Any]:
        return row.cells
