"""`kikimimi check`: does everything that config.yaml names work? Each part is tried once, none stops the next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from alerts.channels import ChannelConfig, ChannelError, channel_class
from listener.collectors import CollectError, SourceConfig, collector_class
from listener.config import Config
from listener.http import Fetcher
from nlp.sentiment import ModelError
from nlp.sentiment import load as load_model
from storage.db import Store, StoreError

TIMEOUT_S = 15.0


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One part: its name, whether it works, and what to know or to do. `words` never hold a secret."""

    name: str
    ok: bool
    words: str


def check(
    config: Config, *, http: Fetcher | None = None, now: datetime | None = None
) -> Iterator[CheckResult]:
    """Try the database, the model, each source (its first page) and each channel (telling nobody)."""
    yield _database(config)
    yield _model(config)
    fetcher = http or Fetcher(user_agent=config.user_agent, allow=config.network.allow, timeout_s=TIMEOUT_S)
    try:
        for source in config.sources:
            yield _source(source, fetcher, now or datetime.now(UTC))
        for channel in config.channels:
            yield _channel(channel, fetcher)
    finally:
        if http is None:
            fetcher.close()


def _database(config: Config) -> CheckResult:
    where = "by its address" if config.storage.url else str(config.storage.path)
    try:
        Store.open(config.database_url).close()
    except StoreError as error:
        return CheckResult("database", False, str(error))
    return CheckResult("database", True, f"opens ({where})")


def _model(config: Config) -> CheckResult:
    try:
        model = load_model(config.model, device=config.device)
        model.predict([("試しに読みます。", None)])
    except ModelError as error:
        return CheckResult("model", False, str(error))
    return CheckResult("model", True, f"reads ({model.name})")


def _source(source: SourceConfig, http: Fetcher, now: datetime) -> CheckResult:
    name = f"source {source.name}"
    if not source.enabled:
        return CheckResult(name, True, "switched off (enabled: false)")
    try:
        page = next(iter(collector_class(source.kind)(source, http=http).collect({}, now=now)), None)
    except CollectError as error:
        again = "" if error.permanent else " (the service tries again by itself)"
        return CheckResult(name, False, f"{error.message}{again}")
    count = len(page.posts) if page else 0
    note = f"; {page.note}" if page and page.note else ""
    return CheckResult(name, True, f"{count} posts on the first page{note}")


def _channel(channel: ChannelConfig, http: Fetcher) -> CheckResult:
    name = f"channel {channel.name}"
    try:
        return CheckResult(name, True, channel_class(channel.kind)(channel, http=http).check())
    except ChannelError as error:
        return CheckResult(name, False, error.message)
