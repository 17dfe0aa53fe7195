"""The page, served from a thread of this process."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import uvicorn

from listener.clock import Clock
from listener.http import Fetcher
from listener.web.app import create_app
from storage.db import Store

if TYPE_CHECKING:
    from listener.config import Config
    from nlp.analyze import Analyzer


class WebServer:
    """Serves while its `with` block runs; entering it gives the address a browser on this machine opens.

    The socket is bound before the thread starts, so a port in use is an OSError for the caller.
    """

    def __init__(
        self,
        config: Config,
        store: Store,
        clock: Clock,
        analyzer: Analyzer | None = None,
        http: Fetcher | None = None,
    ) -> None:
        self._config = config
        app = create_app(store=store, config=config, clock=clock, analyzer=analyzer, http=http)
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                ws="none",
                lifespan="off",
                timeout_graceful_shutdown=2,
            )
        )
        self._thread: threading.Thread | None = None
        self._socket: socket.socket | None = None

    def __enter__(self) -> str:
        host, port = self._config.web.host, self._config.web.port
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        bound = socket.create_server((host, port), family=family)
        self._socket = bound
        self._thread = threading.Thread(target=self._server.run, args=([bound],), name="web", daemon=True)
        self._thread.start()
        shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        return f"http://{f'[{shown}]' if ':' in shown else shown}:{bound.getsockname()[1]}"

    def __exit__(self, *reason: object) -> None:
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(timeout=5)
        if self._socket is not None:
            self._socket.close()
