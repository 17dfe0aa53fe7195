"""One job a source, one watch job a topic, and the few that look after the house. No logic here.

Every job plans its own next run, so a slow source delays nobody, and a restart takes up each source where
its `next_at` in the store says. A page with new mentions of a topic calls for the topic's watch job at once; its
interval is for what comes without a page, such as an all-clear. Watching has threads of its own: no dead source and
no long ranking holds up an alert.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from listener import upkeep
from listener.agenda import Agenda, Job
from listener.attempt import Attempts, first_try
from listener.clock import Clock
from listener.collectors import SourceConfig
from listener.evidence_watch import EvidenceWatch
from listener.pipeline import Pipeline
from storage.types import Fetch

log = logging.getLogger("kikimimi.schedule")

WATCH_EVERY = timedelta(seconds=30)
RANK_EVERY = timedelta(minutes=10)
FORESEE_EVERY = timedelta(hours=1)  # whether it is another day
TREND_EVERY = timedelta(minutes=1)
REVIEW_EVERY = timedelta(minutes=10)
SOON = timedelta(seconds=5)
RESEND_EVERY = timedelta(seconds=5)  # also how long a test asked for on the page waits
DIGEST_EVERY = timedelta(minutes=1)
PURGE_EVERY = timedelta(hours=6)
EVIDENCE_EVERY = timedelta(minutes=10)
WATCH_REST_S = 2.0  # real seconds between two looks at a topic, however many pages come in
SHORTEST_WAIT_S = 1.0  # real seconds, also on a clock that runs fast
THREADS = {"collect": 8, "watch": 2, "house": 2, "slow": 1, "evidence": 1}

OnFetch = Callable[[Fetch], None]


class Step(Protocol):
    def __call__(self, *, now: datetime) -> Any: ...


class Scheduler:
    """Runs the pipeline on time from `start` until `stop`."""

    def __init__(
        self,
        pipeline: Pipeline,
        attempts: Attempts,
        clock: Clock,
        *,
        on_fetch: OnFetch | None = None,
        watch_every: timedelta = WATCH_EVERY,
    ) -> None:
        self._pipeline = pipeline
        self._attempts = attempts
        self._clock = clock
        self._on_fetch = on_fetch
        self._watch_every = watch_every
        self._agenda = Agenda(THREADS)
        self._watching: dict[str, Job] = {}

    def start(self) -> None:
        config, store = self._pipeline.config, self._pipeline.store
        for topic in (one.topic() for one in config.topics if one.own):
            store.begin_watch(topic.name, self._clock.now())
            watch, rank = partial(self._pipeline.watch, topic), partial(self._pipeline.rank, topic)
            self._watching[topic.name] = self._repeat(
                f"watch {topic.name}", watch, self._watch_every, pool="watch", rest_s=WATCH_REST_S
            )
            self._repeat(f"rank {topic.name}", rank, RANK_EVERY, pool="slow")
            foresee = partial(upkeep.foresee, self._pipeline, topic)
            self._repeat(f"foresee {topic.name}", foresee, FORESEE_EVERY, pool="slow")
        for topic in (one.topic() for one in config.topics):
            self._repeat(f"trend {topic.name}", partial(self._pipeline.trend, topic), TREND_EVERY)
        for source in (one for one in config.sources if one.enabled):
            now = self._clock.now()
            wait = first_try(store.source(source.name), source.interval, now) - now
            collect = self._guarded(f"collect {source.name}", partial(self._collect, source), source.interval)
            self._agenda.add(collect, pool="collect", first_s=self._seconds(wait))
        self._repeat("sources", partial(upkeep.watch_sources, self._pipeline), WATCH_EVERY)
        self._repeat("resend", partial(upkeep.resend, self._pipeline), RESEND_EVERY)
        self._repeat("review", partial(upkeep.watch_review, self._pipeline), REVIEW_EVERY, pool="slow")
        self._repeat("repaint", partial(upkeep.repaint, self._pipeline), WATCH_EVERY)
        self._repeat("digest", partial(upkeep.send_digests, self._pipeline), DIGEST_EVERY)
        self._repeat("purge", partial(upkeep.purge, self._pipeline), PURGE_EVERY, pool="slow")
        again = EvidenceWatch(self._attempts.http, self._attempts.stopping)
        self._repeat("evidence", partial(again.look, self._pipeline), EVIDENCE_EVERY, pool="evidence")
        self._agenda.start()

    def stop(self) -> None:
        """Plan nothing more. What is running finishes by itself or is taken up at the next start."""
        self._agenda.stop()

    def _collect(self, source: SourceConfig) -> timedelta:
        fetch = self._attempts.run(source, news=self._look_at)
        if self._on_fetch:
            self._on_fetch(fetch)
        return fetch.next_at - fetch.ended_at if fetch.next_at else source.interval

    def _look_at(self, topics: Iterable[str]) -> None:
        """There is something new about these topics; those of competitors are not watched."""
        for name in topics:
            if name in self._watching:
                self._watching[name].hurry()

    def _repeat(
        self, name: str, step: Step, every: timedelta, *, pool: str = "house", rest_s: float = 0.0
    ) -> Job:
        """Run `step` now and `every` after it has ended.

        A step that answers None could not begin yet, and is asked again soon.
        """

        def run() -> timedelta:
            return min(SOON, every) if step(now=self._clock.now()) is None else every

        return self._agenda.add(self._guarded(name, run, every), pool=pool, rest_s=rest_s)

    def _guarded(self, name: str, run: Callable[[], timedelta], otherwise: timedelta) -> Callable[[], float]:
        """`run` again after the time that it answers, or, whatever it raises, `otherwise`: the boundary of a job."""

        def guarded() -> float:
            try:
                wait = run()
            except Exception:
                log.exception("%s: failed; it runs again in %s", name, otherwise)
                wait = otherwise
            return self._seconds(wait)

        return guarded

    def _seconds(self, wait: timedelta) -> float:
        """Real seconds for a time on our clock, which may run faster than real time."""
        seconds = max(wait.total_seconds() / self._clock.speed, 0)
        return max(seconds, SHORTEST_WAIT_S) if self._clock.speed > 1 else seconds
