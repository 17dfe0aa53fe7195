"""What is done again and again: when each job is due, on threads of its own. APScheduler keeps the dates.

APScheduler plans by the machine's clock. When that clock is set (NTP), every date is planned anew within a second, so
nothing stands still and nothing comes twice: what counts is the monotonic time at which a job is due.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

Work = Callable[[], float]
"""Does what is to be done and returns the seconds until it wants to be done again. Catches its own errors."""

LOOK_AT_CLOCK_S = 1.0
CLOCK_WAS_SET_S = 0.5  # the two clocks drift by far less than this in a second


class Agenda:
    """The jobs of one process. `threads` gives each pool's size: jobs of one pool never wait for another's."""

    def __init__(self, threads: Mapping[str, int]) -> None:
        self._dates = BackgroundScheduler(
            timezone=UTC,
            executors={name: ThreadPoolExecutor(size) for name, size in threads.items()},
            # A job guards itself against being done twice; one that is late is done all the same.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1000},
        )
        self._jobs: list[Job] = []
        self._names = count()
        self._stopped = threading.Event()
        self._clock = threading.Thread(target=self._watch_clock, name="agenda-clock", daemon=True)

    def add(self, work: Work, *, pool: str, first_s: float = 0.0, rest_s: float = 0.0) -> Job:
        """A job that is due in `first_s` seconds; for `rest_s`, see `Job.hurry`."""
        job = Job(self, work, pool, f"job {next(self._names)}", first_s, rest_s)
        self._jobs.append(job)
        return job

    def start(self) -> None:
        """From now on jobs are begun when they are due."""
        self._dates.start()
        self._clock.start()

    def stop(self) -> None:
        """Begin nothing more. What is under way finishes by itself."""
        self._stopped.set()
        if self._dates.running:
            self._dates.shutdown(wait=False)

    def date(self, name: str, at: float, begin: Callable[[], None], *, pool: str) -> None:
        """Call `begin` at a time of time.monotonic(); an earlier date of that name is put off."""
        if self._stopped.is_set():
            return
        due = datetime.now(UTC) + timedelta(seconds=max(at - time.monotonic(), 0.0))
        with suppress(RuntimeError):  # the pools take no more: we are stopping
            self._dates.add_job(begin, "date", run_date=due, id=name, executor=pool, replace_existing=True)

    def _watch_clock(self) -> None:
        before = _lead()
        while not self._stopped.wait(LOOK_AT_CLOCK_S):
            if abs(_lead() - before) > CLOCK_WAS_SET_S:
                for job in self._jobs:
                    job.plan_anew()
            before = _lead()


def _lead() -> float:
    """How far the machine's clock is before the monotonic one: changes only when the clock is set."""
    return time.time() - time.monotonic()


class Job:
    """One piece of work, either waiting for its date or under way: never twice at a time, never planned twice."""

    def __init__(
        self, agenda: Agenda, work: Work, pool: str, name: str, first_s: float, rest_s: float
    ) -> None:
        self._agenda = agenda
        self._work = work
        self._pool = pool
        self._name = name
        self._rest_s = rest_s
        self._lock = threading.Lock()
        self._again = False  # wanted once more while it was under way
        self._rested_at = 0.0
        self._due: float | None = None  # None while it is under way
        self._plan(time.monotonic() + first_s)

    @property
    def due_s(self) -> float | None:
        """Seconds until it is due; None while it is under way."""
        with self._lock:
            return None if self._due is None else self._due - time.monotonic()

    def hurry(self) -> None:
        """Be done as soon as may be; once more when it is under way. Returns at once, however often it is asked.

        Between two runs lie at least `rest_s` seconds, and at least as long as the last run took: whoever asks
        all the time leaves half of one processor to others.
        """
        with self._lock:
            if self._due is None:
                self._again = True
                return
            soon = max(time.monotonic(), self._rested_at)
            if soon < self._due:
                self._plan(soon)

    def plan_anew(self) -> None:
        """The machine's clock was set: the date of APScheduler is wrong, the time at which we are due is not."""
        with self._lock:
            if self._due is not None:
                self._plan(self._due)

    def _plan(self, due: float) -> None:
        self._due = due
        self._agenda.date(self._name, due, self._begin, pool=self._pool)

    def _begin(self) -> None:
        """Run, unless another date of ours came first, or this one came too early."""
        with self._lock:
            if self._due is None:
                return
            if self._due - time.monotonic() > CLOCK_WAS_SET_S:  # the clock was set forward
                self._plan(self._due)
                return
            self._due, self._again = None, False
        began = time.monotonic()
        wait_s = self._work()
        ended = time.monotonic()
        with self._lock:
            self._rested_at = ended + max(self._rest_s, ended - began)
            due = ended + wait_s
            self._plan(min(due, self._rested_at) if self._again else due)
