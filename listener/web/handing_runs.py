"""Hand-overs that a person started on the page: each in a thread of its own, one at a time for each export.

A run may wait for minutes, or for an hour where a program works in jobs; no browser waits that long. When the process
ends meanwhile, the ledger's rows say "sending", and the next run goes on from there.
"""

from __future__ import annotations

import logging
from threading import Lock, Thread

from alerts.exports import ExportConfig, ExportError
from listener import handing
from listener.web.site import Site
from storage.errors import StoreError

log = logging.getLogger(__name__)


class Runs:
    """The runs of this process."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._lock = Lock()
        self._threads: dict[str, Thread] = {}

    def running(self, name: str) -> bool:
        with self._lock:
            thread = self._threads.get(name)
            return thread is not None and thread.is_alive()

    def start(self, chosen: ExportConfig, wish: handing.Wish, by: str) -> bool:
        """False when one is running: the ledger cannot tell two runs of one process apart."""
        with self._lock:
            before = self._threads.get(chosen.name)
            if before is not None and before.is_alive():
                return False
            work = Thread(
                target=self._run, args=(chosen, wish, by), name=f"handover {chosen.name}", daemon=True
            )
            self._threads[chosen.name] = work
            work.start()
            return True

    def wait(self, name: str, seconds: float) -> bool:
        """Whether the run has ended by then."""
        with self._lock:
            thread = self._threads.get(name)
        if thread is not None:
            thread.join(seconds)
        return thread is None or not thread.is_alive()

    def _run(self, chosen: ExportConfig, wish: handing.Wish, by: str) -> None:
        site = self._site
        try:
            handing.run(site.store, site.config, chosen, wish, site.clock, by=by)
        except (ExportError, StoreError) as problem:
            log.error("hand-over %s: %s", chosen.name, problem)
