"""The bus within one process: the handler runs at once, in the collector's own thread.

So the cursor moves in the very transaction that stores the mentions, and back-pressure is simply that the
collector waits.
"""

from __future__ import annotations

from listener.bus import Batch, Handler, Receipt


class LocalBus:
    def __init__(self, handle: Handler) -> None:
        self._handle = handle

    def publish(self, batch: Batch) -> Receipt:
        return self._handle(batch)
