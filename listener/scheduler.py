"""One job a source, one watch job a topic, and the few that look after the house. No logic here.

Every job plans its own next run, so a slow source delays nobody, and a restart takes up each source where
its `next_at` in the store says. Watching has threads of its own: no dead source holds up an alert.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Protocol

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from listener import upkeep
from listener.attempt import Attempts
from listener.clock import Clock
from listener.collectors import SourceConfig
from listener.pipeline import Pipeline
from storage.types import Fetch

log = logging.getLogger("kikimimi.schedule")

WATCH_EVERY = timedelta(seconds=30)
RANK_EVERY = timedelta(minutes=10)
SOON = timedelta(seconds=5)
RESEND_EVERY = timedelta(seconds=15)
PURGE_EVERY = timedelta(hours=6)
SHORTEST_WAIT_S = 1.0  # real seconds, also on a clock that runs fast

OnFetch = Callable[[Fetch], None]


class Step(Protocol):
    def __call__(self, *, now: datetime) -> Any: ...


class Scheduler:
    """Runs the pipeline on time from `start` until `stop`."""

    def __init__(
        self, pipeline: Pipeline, attempts: Attempts, clock: Clock, *, on_fetch: OnFetch | None = None
    ) -> None:
        self._pipeline = pipeline
        self._attempts = attempts
        self._clock = clock
        self._on_fetch = on_fetch
        self._jobs = BackgroundScheduler(
            timezone=UTC,
            executors={"collect": ThreadPoolExecutor(8), "watch": ThreadPoolExecutor(2)},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

    def start(self) -> None:
        config, store = self._pipeline.config, self._pipeline.store
        for source in config.sources:
            if source.enabled:
                state = store.source(source.name)
                first = state.next_at if state and state.next_at else self._clock.now()
                self._plan(
                    f"collect {source.name}", partial(self._collect, source), first, executor="collect"
                )
        for topic in (one.topic() for one in config.topics if one.own):
            store.begin_watch(topic.name, self._clock.now())
            self._repeat(f"watch {topic.name}", partial(self._pipeline.watch, topic), WATCH_EVERY)
            self._repeat(f"rank {topic.name}", partial(self._pipeline.rank, topic), RANK_EVERY)
        self._repeat("sources", partial(upkeep.watch_sources, self._pipeline), WATCH_EVERY)
        self._repeat("resend", partial(upkeep.resend, self._pipeline), RESEND_EVERY)
        self._repeat("purge", partial(upkeep.purge, self._pipeline), PURGE_EVERY)
        self._jobs.start()

    def stop(self) -> None:
        """Plan nothing more. What is running finishes by itself or is taken up at the next start."""
        if self._jobs.running:
            self._jobs.shutdown(wait=False)

    def _collect(self, source: SourceConfig) -> None:
        fetch = self._attempts.run(source)
        if self._on_fetch:
            self._on_fetch(fetch)
        due = fetch.next_at or self._clock.now() + source.interval
        self._plan(f"collect {source.name}", partial(self._collect, source), due, executor="collect")

    def _repeat(self, name: str, step: Step, every: timedelta) -> None:
        """Run `step` now and `every` after it has ended, whatever it raises: the boundary of a watch job.

        A step that answers None could not begin yet, and is asked again soon.
        """

        def run() -> None:
            wait = every
            try:
                if step(now=self._clock.now()) is None:
                    wait = min(SOON, every)
            except Exception:
                log.exception("%s: failed; it runs again in %s", name, every)
            self._plan(name, run, self._clock.now() + wait, executor="watch")

        self._plan(name, run, self._clock.now(), executor="watch")

    def _plan(self, name: str, job: Callable[[], None], due: datetime, *, executor: str) -> None:
        """One real date for a time on our clock, which may run faster than real time."""
        wait = max((due - self._clock.now()).total_seconds() / self._clock.speed, 0)
        if self._clock.speed > 1:
            wait = max(wait, SHORTEST_WAIT_S)
        run_date = datetime.now(UTC) + timedelta(seconds=wait)
        with suppress(RuntimeError):  # the pool no longer takes jobs: we are stopping
            self._jobs.add_job(
                job, "date", run_date=run_date, id=name, executor=executor, replace_existing=True
            )
