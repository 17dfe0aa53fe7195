"""One try at one source, and when to try again. The boundary at which a failing source stops being a problem
of anybody else."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from listener.clock import Clock
from listener.collectors import CollectError, SourceConfig, collector_class
from listener.http import Fetcher
from listener.pipeline import Pipeline
from storage.types import Fetch, Outcome, SourceState

log = logging.getLogger("kikimimi.collect")

LONGEST_WAIT = timedelta(hours=6)
PERMANENT_WAIT = timedelta(hours=24)  # a closed timeline may open again: look once a day

Progress = Callable[[int, int], None]  # posts, mentions so far
News = Callable[[Collection[str]], None]  # the topics that a page brought something new about


def next_try(
    interval: timedelta,
    *,
    failures: int,
    now: datetime,
    retry_after: float | None = None,
    permanent: bool = False,
) -> datetime:
    """When to try a source again, after `failures` failed tries in a row (0: the last one went well).

    Doubles the interval with every failure, up to six hours; a server's own Retry-After is a lower bound.
    """
    if permanent:
        return now + PERMANENT_WAIT
    wait: timedelta = min(interval * 2 ** min(failures, 12), max(interval, LONGEST_WAIT))
    return now + max(wait, timedelta(seconds=retry_after or 0))


def first_try(state: SourceState | None, interval: timedelta, now: datetime) -> datetime:
    """When to try a source after a start: when it was planned; after a good try never later than one interval.

    So a clock that was wrong when it was planned, or an interval that is shorter now, does not hold it up.
    """
    if state is None or state.next_at is None:
        return now
    return state.next_at if state.failures else min(state.next_at, now + interval)


@dataclass
class _Tally:
    posts: int = 0
    mentions: int = 0
    pages: int = 0
    unchanged: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Attempts:
    """Tries sources for whoever calls; different sources may be tried from different threads."""

    pipeline: Pipeline
    http: Fetcher
    clock: Clock
    stopping: Callable[[], bool] = lambda: False

    def run(
        self, source: SourceConfig, *, progress: Progress | None = None, news: News | None = None
    ) -> Fetch:
        """Collect a source once and record how it went. Never raises for what a source or its posts do.

        `news` is told after each page that is stored, before the next one is asked for: it must not take long.
        """
        started = self.clock.now()
        tally = _Tally()
        error: CollectError | None = None
        try:
            collector = collector_class(source.kind)(source, http=self.http)
            for page, receipt in self.pipeline.ingest(source, collector, now=started):
                tally.posts += receipt.posts
                tally.mentions += receipt.mentions
                tally.pages += 1
                tally.unchanged = page.unchanged
                tally.notes += (page.note,) if page.note else ()
                if progress:
                    progress(tally.posts, tally.mentions)
                if news and receipt.topics:
                    news(receipt.topics)
                if self.stopping():
                    break
        except CollectError as problem:
            error = problem
        except Exception as problem:  # the job boundary: one source never stops another
            log.exception("source %s: unexpected error", source.name)
            error = CollectError(
                f"unexpected {type(problem).__name__}: {problem}; please report this with the log"
            )
        return self._record(source, started, tally, error)

    def _record(
        self, source: SourceConfig, started: datetime, tally: _Tally, error: CollectError | None
    ) -> Fetch:
        now = self.clock.now()
        state = self.pipeline.store.source(source.name)
        failures = (state.failures if state else 0) + 1 if error else 0
        outcome = Outcome.FAILED if error else Outcome.UNCHANGED if _quiet(tally) else Outcome.OK
        fetch = Fetch(
            source=source.name,
            started_at=started,
            ended_at=now,
            outcome=outcome,
            posts=tally.posts,
            mentions=tally.mentions,
            error=str(error) if error else "; ".join(tally.notes),
            next_at=next_try(
                source.interval,
                failures=failures,
                now=now,
                retry_after=error.retry_after if error else None,
                permanent=bool(error and error.permanent),
            ),
        )
        self.pipeline.store.record_fetch(fetch, kind=source.kind)
        if error:
            log.warning("%s: unreachable, next try at %s: %s", source.name, _local(fetch.next_at), error)
        else:
            words = f"{outcome}, {tally.posts} posts, {tally.mentions} new mentions"
            told = logging.INFO if tally.mentions or state is None else logging.DEBUG
            log.log(told, "%s: %s", source.name, f"{words}; {fetch.error}" if fetch.error else words)
        return fetch


def _quiet(tally: _Tally) -> bool:
    return tally.pages > 0 and tally.unchanged and tally.posts == 0


def _local(at: datetime | None) -> str:
    """A time as the clock of this machine shows it, for the log."""
    return f"{at.astimezone():%m/%d %H:%M}" if at else "never"
