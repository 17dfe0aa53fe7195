"""Invented consenting advocates, and every kind of export at a loopback server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from alerts.exports import Export
from alerts.exports.csv_file import CsvExport, CsvExportConfig
from alerts.exports.fields import key_of, row_of
from alerts.exports.friendbuy import FriendbuyExport, FriendbuyExportConfig
from alerts.exports.hubspot import HubspotExport, HubspotExportConfig
from alerts.exports.referralcandy import ReferralCandyExport, ReferralCandyExportConfig
from alerts.exports.salesforce import SalesforceExport, SalesforceExportConfig
from alerts.exports.segment import SegmentExport, SegmentExportConfig
from alerts.exports.webhook import WebhookExport, WebhookExportConfig
from alerts.handover import Report, hand_over, plan
from listener.http import Fetcher
from storage.consents import Contact
from storage.db import Store
from storage.types import Author, Stage
from tests.alerts.exports.vendors import Friendbuy, HubSpot, ReferralCandy, Salesforce, Segment

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def contact(number: int = 1, **more: Any) -> Contact:
    author = Author(
        platform=more.pop("platform", "mastodon"),
        external_id=more.pop("external_id", f"fan{number}"),
        handle=f"fan{number}",
        url=more.pop("url", f"https://social.example.jp/@fan{number}"),
    )
    kept: dict[str, Any] = {
        "advocate_id": number,
        "topic": "ミナモ珈琲",
        "author": author,
        "score": 80.0 + number % 20,
        "organic": True,
        "stage": Stage.CONSENTED,
        "scopes": frozenset({"contact", "export"}),
        "consent_at": datetime(2026, 11, 1, tzinfo=UTC),
        "consent_evidence": f"DM {number}",
        "email": f"fan{number}@mail.example.jp",
        "name_given": f"朝倉 花子{number}",
        "tags": ("常連",),
    }
    return Contact(**{**kept, **more})


class Waits:
    """Takes the place of `time.sleep`: remembers what was waited, and waits not."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def http(**options: Any) -> Fetcher:
    return Fetcher(allow=["127.0.0.1"], **options)


def hubspot(
    url: str, wait: Callable[[float], None], *, token: str = HubSpot.token, **more: Any
) -> HubspotExport:
    config = HubspotExportConfig(name="h", kind="hubspot", token=SecretStr(token), base_url=url, **more)
    return HubspotExport(config, http=http(), wait=wait)


def salesforce(
    url: str, wait: Callable[[float], None], *, secret: str = Salesforce.client_secret, **more: Any
) -> SalesforceExport:
    config = SalesforceExportConfig(
        name="s", kind="salesforce", instance_url=url, client_id=SecretStr(Salesforce.client_id),
        client_secret=SecretStr(secret), **more,
    )  # fmt: skip
    return SalesforceExport(config, http=http(), wait=wait)


def segment(url: str, wait: Callable[[float], None], *, key: str = Segment.key, **more: Any) -> SegmentExport:
    config = SegmentExportConfig(name="g", kind="segment", write_key=SecretStr(key), base_url=url, **more)
    return SegmentExport(config, http=http(), wait=wait)


def referralcandy(
    url: str, wait: Callable[[float], None], *, secret: str = ReferralCandy.secret, **options: Any
) -> ReferralCandyExport:
    config = ReferralCandyExportConfig(
        name="r", kind="referralcandy", access_id=SecretStr(ReferralCandy.access_id),
        secret_key=SecretStr(secret), base_url=url,
    )  # fmt: skip
    return ReferralCandyExport(config, http=http(**options), wait=wait)


def friendbuy(url: str, wait: Callable[[float], None], *, secret: str = Friendbuy.secret) -> FriendbuyExport:
    config = FriendbuyExportConfig(
        name="f", kind="friendbuy", key=SecretStr(Friendbuy.key), secret=SecretStr(secret), base_url=url
    )
    return FriendbuyExport(config, http=http(), wait=wait)


def webhook(url: str, wait: Callable[[float], None], *, secret: str = "whsec_c2VjcmV0") -> WebhookExport:
    config = WebhookExportConfig(name="w", kind="webhook", url=f"{url}/hook", secret=SecretStr(secret))
    return WebhookExport(config, http=http(), wait=wait)


def csv_file(path: Path, **more: Any) -> CsvExport:
    config = CsvExportConfig(name="c", kind="csv", path=path, **more)
    return CsvExport(config, http=http(), wait=Waits())


OVER_HTTP: dict[str, Callable[[str, Callable[[float], None]], Export]] = {
    "webhook": webhook,
    "hubspot": hubspot,
    "salesforce": salesforce,
    "segment": segment,
    "referralcandy": referralcandy,
    "friendbuy": friendbuy,
}


def run(
    export: Export, contacts: Sequence[Contact], store: Store, *, name: str = "x", again: bool = False
) -> Report:
    """Plan and hand over as the command does, with a consent that stands all along."""
    planned = plan(export, contacts, store.handover.of_export(name), again=again)
    keys = {key_of(one.author) for one in contacts}
    return hand_over(name, export, planned.rows, store.handover, standing=lambda: keys, clock=lambda: NOW)


@contextmanager
def opened(folder: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{folder / 'k.db'}") as store:
        yield store


__all__ = ["NOW", "OVER_HTTP", "Waits", "contact", "row_of"]
