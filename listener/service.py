"""The house put together: from a Config to a running service, and down again within three seconds."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.channels import Channel, channel_class
from alerts.channels.slack import SlackConfig
from alerts.dispatch import Dispatcher
from listener import acting
from listener.attempt import Attempts
from listener.clock import Clock
from listener.config import Config
from listener.http import Fetcher
from listener.pipeline import Pipeline
from listener.publisher import Publisher, PublisherError
from listener.reading import Matcher
from listener.scheduler import OnFetch, Scheduler
from listener.web.server import WebServer
from nlp.analyze import Analyzer
from nlp.sentiment import load
from nlp.sentiment.together import Together
from storage.db import Store

log = logging.getLogger("kikimimi.service")

STORY_AGE_AT_FIRST_START = timedelta(minutes=150)  # a newcomer meets the invented crisis at its height
EPOCH_SETTING = "publisher.epoch"


class StartError(Exception):
    """The service cannot start; the message names the remedy."""


@dataclass(frozen=True)
class Service:
    """The parts of one process, opened and ready. `stopping` tells long jobs to end at the next page."""

    config: Config
    clock: Clock
    store: Store
    http: Fetcher
    pipeline: Pipeline
    attempts: Attempts
    stopping: threading.Event


@contextmanager
def opened(config: Config, clock: Clock) -> Iterator[Service]:
    """Open the store (migrating it), load the model, build the channels; close all at the end."""
    with ExitStack() as stack:
        store = Store.open(config.database_url)
        stack.callback(store.close)
        http = Fetcher(user_agent=config.user_agent, allow=config.network.allow)
        stack.callback(http.close)
        desk = dispatcher(config, store, channels(config, http))
        matcher = Matcher([one.topic() for one in config.topics])
        model = Together(load(config.model, device=config.device))
        pipeline = Pipeline(config, store, matcher, Analyzer(model), desk)
        stopping = threading.Event()
        stack.callback(stopping.set)
        attempts = Attempts(pipeline, http, clock, stopping.is_set)
        yield Service(config, clock, store, http, pipeline, attempts, stopping)


def channels(config: Config, http: Fetcher) -> dict[str, Channel]:
    """The ways out that config.yaml names."""
    return {one.name: channel_class(one.kind)(one, http=http) for one in config.channels}


def dispatcher(config: Config, store: Store, ways_out: dict[str, Channel]) -> Dispatcher:
    """Who tells people, as config.yaml says."""
    return Dispatcher(
        store,
        ways_out,
        config.routes,
        lang=config.language,
        timezone=config.timezone,
        base_url=config.base_url,
        timezones={one.name: one.timezone for one in config.topics},
        quiet_hours=config.quiet_hours.quiet_hours() if config.quiet_hours else None,
        links=acting.links(store, config),
    )


@contextmanager
def publishing(config: Config, clock: Clock, epoch: datetime) -> Iterator[None]:
    """The bundled publisher, when config.yaml asks for it."""
    if not config.publisher.enabled:
        yield
        return
    publisher = Publisher(
        clock,
        epoch,
        port=config.publisher.port,
        smtp_port=config.publisher.smtp_port,
        mailbox=config.publisher.mailbox,
    )
    with publisher:
        yield


@contextmanager
def publisher_at_hand(config: Config, clock: Clock, epoch: datetime) -> Iterator[None]:
    """`publishing` for a single command: when its port is taken, the running service has a publisher already."""
    with ExitStack() as stack:
        with suppress(PublisherError):
            stack.enter_context(publishing(config, clock, epoch))
        yield


def story_epoch(service: Service) -> datetime:
    """When the publisher's story breaks: fixed at the first start, so that a restart goes on with it."""
    now = service.clock.now()
    if not service.config.publisher.enabled:
        return now
    known = service.store.setting(EPOCH_SETTING)
    if known:
        return datetime.fromisoformat(known)
    epoch = now - STORY_AGE_AT_FIRST_START
    service.store.set_setting(EPOCH_SETTING, epoch.isoformat())
    return epoch


@contextmanager
def running(service: Service, *, on_fetch: OnFetch | None = None) -> Iterator[str]:
    """Page and scheduler, until the block ends. Yields the page's address."""
    service.store.reclaim(service.clock.now())
    scheduler = Scheduler(service.pipeline, service.attempts, service.clock, on_fetch=on_fetch)
    with ExitStack() as stack:
        web = WebServer(service.config, service.store, service.clock, service.pipeline.analyzer, service.http)
        try:
            address = stack.enter_context(web)
        except OSError as problem:
            port = service.config.web.port
            raise StartError(
                f"the page cannot be served on {service.config.web.host}:{port}: {problem.strerror}; stop what uses "
                f"the port, or choose another one: kikimimi run --port {port + 10}"
            ) from problem
        if any(isinstance(one, SlackConfig) and one.app_token for one in service.config.channels):
            from listener.socket_mode import listening  # Slack's client is imported where it is used

            stack.enter_context(listening(service.config, service.store, service.clock, service.http))
        scheduler.start()
        stack.callback(scheduler.stop)
        stack.callback(service.stopping.set)
        yield address
