"""A watch that kills itself at one step: `python -m tests.alerts.killed DATABASE HOOK STEP`.

It tells twenty new advocates in two goes and then asks every minute for what is due, on a clock that begins anew
in each life. STEP is `begun` (after the first go), `held`, `sending` (nothing has left yet), `arrived` (not
written down yet), `written`, or `none`.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import timedelta
from typing import Any

from alerts.channels.webhook import WebhookChannel, WebhookConfig
from alerts.dispatch import Dispatcher
from alerts.routes import Route
from listener.http import Fetcher
from storage.db import Store
from storage.notices import Message
from tests.alerts.made import NOW
from tests.alerts.test_dispatch_grouping import new_advocate


def die(here: str) -> None:
    if sys.argv[3] == here:
        os.kill(os.getpid(), signal.SIGKILL)


class Hook(WebhookChannel):
    def send(self, message: Message, **more: Any) -> str:
        die("sending")
        remote = super().send(message, **more)
        die("arrived")
        return remote


def main() -> None:
    config = WebhookConfig(name="hook", kind="webhook", url=sys.argv[2])
    with Store.open(sys.argv[1]) as store:
        hook = Hook(config, http=Fetcher(allow=["127.0.0.1"]))
        watch = Dispatcher(store, {"hook": hook}, [Route(channels=("hook",))])
        watch.dispatch([new_advocate(n) for n in range(9)], NOW)
        die("begun")
        watch.dispatch([new_advocate(n) for n in range(20)], NOW + timedelta(seconds=10))
        die("held")
        for minute in range(1, 20):
            watch.retry_due(NOW + timedelta(minutes=minute))
        die("written")


if __name__ == "__main__":
    main()
