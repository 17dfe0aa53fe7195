"""Looks at the posts behind the evidence again, so that nobody has to think of it: are they still there?

Polite: a few requests a run, one at a time, only where the source's posts have addresses that say so when a post is
gone (`SourceConfig.asks_posts`), where robots.txt lets us, and a host in trouble is left alone until the next run.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from alerts.incident import looks
from listener.http import Fetcher, FetchError
from listener.pipeline import Pipeline
from listener.robots import Robots
from storage.cases import Mark
from storage.looks import Held

log = logging.getLogger("kikimimi.evidence")


class EvidenceWatch:
    """One run at a time. `stopping` ends a run at the next post."""

    def __init__(self, http: Fetcher, stopping: Callable[[], bool] = lambda: False) -> None:
        self._http = http
        self._stopping = stopping
        self._robots = Robots(http)

    def look(self, pipeline: Pipeline, *, now: datetime) -> int:
        """Ask for what is due, as far as `evidence.requests` reaches; returns how many marks are new."""
        settings = pipeline.config.evidence
        if not settings.recheck:
            return 0
        sources = [one.name for one in pipeline.config.sources if one.asks_posts]
        held = pipeline.store.looks.due(
            now,
            locked_until=now - looks.FIRST_LOOK,
            resolved_since=now - looks.AFTER_RESOLVED,
            sources=sources,
        )
        run = _Run(settings.requests)
        return sum(self._post(pipeline, group, run, now) for group in looks.in_turn(held))

    def _post(self, pipeline: Pipeline, group: Sequence[Held], run: _Run, now: datetime) -> int:
        """One address; 0 when it is not its turn. What is left out stays due."""
        url = group[0].url
        host = urlsplit(url).netloc
        if self._stopping() or run.left <= 0 or host in run.closed:
            return 0
        rules = self._robots.rules(url, now, asking=run.spend)
        if run.left <= 0:
            return 0
        taken = pipeline.store.looks.begin(group, now, now + looks.wait(group[0].locked_at, now))
        if not taken or not rules.allows(url):
            return 0
        run.spend()
        if rules.pause_s:
            run.closed.add(host)  # who asks for pauses gets one request a run
        status = self._status(url)
        if status is None or status in (403, 429) or status >= 500:
            run.closed.add(host)
        return _record(pipeline, taken, status, now)

    def _status(self, url: str) -> int | None:
        try:
            return self._http.get(url).status
        except FetchError as problem:
            log.debug("evidence: %s", problem.message)
            return problem.status


class _Run:
    """What one run may still spend, and whom it leaves alone."""

    def __init__(self, requests: int) -> None:
        self.left = requests
        self.closed: set[str] = set()

    def spend(self) -> None:
        self.left -= 1


def _record(pipeline: Pipeline, group: Sequence[Held], status: int | None, now: datetime) -> int:
    """Write the mark first: a crash in between asks once more, and says nothing twice."""
    new = 0
    for one in group:
        finding = looks.judge(status, one, now)
        if finding.fate is not None:
            place = (one.evidence_id, one.incident_id, one.mention_id)
            new += pipeline.store.casebook.mark([Mark(*place, finding.fate, now, note=one.url)])
        pipeline.store.looks.answered([one], missing_at=finding.missing_at, next_at=finding.next_at)
    if new:
        log.info("evidence: HTTP %s: %s: marked in %d incidents", status, group[0].url, new)
    return new
