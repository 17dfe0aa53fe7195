"""Where consenting advocates can be handed over: one module a kind, one line in `EXPORTS`.

ExportError         nothing (more) can be handed over: try again (when?), or what has to be changed

`csv.py` is no export: it makes the cells that a spreadsheet opens without harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar, Protocol, cast

from pydantic import BaseModel, ConfigDict, Field

from listener.http import Fetcher
from storage.consents import Contact
from storage.transfers import TransferState

EXPORTS: dict[str, str] = {
    "csv": "alerts.exports.csv_file:CsvExport",
    "webhook": "alerts.exports.webhook:WebhookExport",
    "hubspot": "alerts.exports.hubspot:HubspotExport",
    "salesforce": "alerts.exports.salesforce:SalesforceExport",
    "segment": "alerts.exports.segment:SegmentExport",
    "referralcandy": "alerts.exports.referralcandy:ReferralCandyExport",
    "friendbuy": "alerts.exports.friendbuy:FriendbuyExport",
}


class ExportConfig(BaseModel):
    """What every export in config.yaml has."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, description="what `kikimimi export-advocates` calls it")
    kind: str = Field(description="one of EXPORTS: csv, hubspot, …")
    topics: tuple[str, ...] = Field(default=(), description="only advocates of these topics; empty: of all")


@dataclass(frozen=True, slots=True)
class Row:
    """One consenting advocate on the way out.

    `key` is the same for the same account for ever, and is the id that the other side knows. `cells` are the
    neutral fields of `alerts.exports.fields`; `digest` changes when they do.
    """

    key: str
    cells: Mapping[str, str]
    digest: str
    contact: Contact


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one row ended. `code` is a reason of `alerts.words_handover`; `detail` what the other side said."""

    key: str
    state: TransferState
    code: str = ""
    detail: str = ""
    remote_id: str = ""


class ExportError(ValueError):
    """Nothing more can be handed over in this run. The message carries the remedy and never a secret.

    `permanent`: the same will fail again, somebody must change something. `retry_after`: seconds that the
    other side asks us to wait. `unsure`: the request may have arrived all the same. `status` and `body` are of
    the answer, if there was one.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        retry_after: float | None = None,
        unsure: bool = False,
        status: int | None = None,
        body: bytes = b"",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.permanent = permanent
        self.retry_after = retry_after
        self.unsure = unsure
        self.status = status
        self.body = body


class Export(Protocol):
    """One configured way out.

    `repeatable`: a row sent twice is there once. `whole`: every run hands over everybody (a file), not only
    what is new.
    """

    Config: ClassVar[type[ExportConfig]]
    repeatable: ClassVar[bool]
    whole: ClassVar[bool]

    def __init__(self, config: Any, *, http: Fetcher, wait: Callable[[float], None]) -> None: ...

    def unfit(self, row: Row) -> str:
        """Why this row cannot go there, as a code of `alerts.words_handover`; "" when it can."""

    def parts(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        """The rows as they travel together, each part one `send`."""

    def send(self, part: Sequence[Row]) -> list[Outcome]:
        """Hand over one part; one outcome a row, in any order. Raises ExportError for the part as a whole."""

    def preview(self, row: Row) -> Mapping[str, Any]:
        """What would leave for this row, as the other side would get it."""


def export_class(kind: str) -> type[Export]:
    """The class for a kind. Raises KeyError for an unknown one."""
    module, _, name = EXPORTS[kind].partition(":")
    return cast("type[Export]", getattr(import_module(module), name))
