"""Starts and stops the publisher: HTTP and SMTP on this machine only, each in a thread of its own."""

from __future__ import annotations

import ipaddress
import logging
import socket
import threading
from datetime import datetime
from pathlib import Path
from typing import Self

import uvicorn
from aiosmtpd.controller import Controller

from listener.clock import Clock
from listener.publisher.app import Endpoints, application
from listener.publisher.mail import Mailbox
from listener.publisher.published import Published
from listener.publisher.slack import SlackBox

log = logging.getLogger("kikimimi.publisher")

START_WITHIN_S = 10.0
STOP_WITHIN_S = 2.0


class PublisherError(Exception):
    """The publisher cannot start; the message says what to do."""


class Publisher:
    """A small internet on this machine that tells the story of ミナモ珈琲 up to `clock.now()`.

    `epoch` is the moment of the crisis' first post. `port` or `smtp_port` 0 takes a free one, which `port` and
    `smtp_port` then tell. Mails go into `mailbox` as *.eml, messages for Slack into slack/messages.jsonl beside it.
    Nothing but this machine can reach it. Start once.
    """

    def __init__(
        self,
        clock: Clock,
        epoch: datetime,
        *,
        port: int = 8485,
        smtp_port: int = 8486,
        mailbox: Path,
        host: str = "127.0.0.1",
    ) -> None:
        if epoch.tzinfo is None:
            raise ValueError("epoch must be an aware time")
        if not ipaddress.ip_address(host).is_loopback:
            raise PublisherError(f"the publisher serves this machine only, not {host}: use 127.0.0.1")
        self.port, self.smtp_port, self.host = port, smtp_port, host
        self._clock, self._epoch = clock, epoch
        self._mailbox = Mailbox(Path(mailbox), clock)
        self._slack = SlackBox(Path(mailbox).parent / "slack" / "messages.jsonl", clock)
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._smtp: Controller | None = None

    @property
    def base(self) -> str:
        """The address of everything, without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def start(self) -> None:
        """Listen. Raises PublisherError, with nothing left running, when a port is taken."""
        listening = _listen(self.host, self.port, "publisher.port")
        self.port = listening.getsockname()[1]
        try:
            self._start_smtp()
        except PublisherError:
            listening.close()
            raise
        published = Published(self._clock, self._epoch, self.base)
        app = application(Endpoints(published, self._slack, self._mailbox, self.smtp_port))
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                lifespan="off",
                ws="none",
                log_config=None,
                log_level="warning",
                access_log=False,
                timeout_graceful_shutdown=1,
            )
        )
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listening]}, name="publisher", daemon=True
        )
        self._thread.start()
        log.info("the publisher listens on %s, SMTP on port %d", self.base, self.smtp_port)

    def stop(self) -> None:
        """Stop listening, within two seconds. Safe to call twice."""
        if self._server and self._thread:
            self._server.should_exit = True
            self._thread.join(STOP_WITHIN_S)
        if self._smtp:
            self._smtp.stop()
        self._server = self._thread = self._smtp = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def _start_smtp(self) -> None:
        with _listen(self.host, self.smtp_port, "publisher.smtp_port") as free:
            self.smtp_port = free.getsockname()[1]
        self._smtp = Controller(
            self._mailbox, hostname=self.host, port=self.smtp_port, ready_timeout=START_WITHIN_S
        )
        try:
            self._smtp.start()
        except (OSError, TimeoutError) as error:
            self._smtp = None
            raise _taken(self.smtp_port, "publisher.smtp_port") from error


def _listen(host: str, port: int, key: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise _taken(port, key) from error
    return listening


def _taken(port: int, key: str) -> PublisherError:
    return PublisherError(
        f"ポート {port} を使えません。ほかのプログラムを止めるか、config.yaml の {key} を変えてください / "
        f"port {port} cannot be used: stop the program that listens on it, or set {key} in config.yaml to another port"
    )
