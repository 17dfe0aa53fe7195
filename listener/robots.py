"""Whether a site lets programs read an address: its robots.txt (RFC 9309), read once a day a host.

No robots.txt (404) means yes. One that cannot be read just now, or is refused, means not now.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from listener.http import Fetcher, FetchError

AGENT = "Kikimimi"
KEPT, KEPT_UNREAD = timedelta(days=1), timedelta(hours=1)
_CLOSED = (401, 403, 429)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a host says to us. `pause_s` is the pause that it asks for between two requests, in seconds."""

    until: datetime
    parser: RobotFileParser | None = None
    open: bool = False

    def allows(self, url: str) -> bool:
        return self.parser.can_fetch(AGENT, url) if self.parser is not None else self.open

    @property
    def pause_s(self) -> float:
        said = self.parser.crawl_delay(AGENT) if self.parser is not None else None
        return float(said or 0)


class Robots:
    """The rules of hosts, remembered. Used by one thread."""

    def __init__(self, http: Fetcher) -> None:
        self._http = http
        self._known: dict[str, Rules] = {}

    def rules(self, url: str, now: datetime, *, asking: Callable[[], object] = lambda: None) -> Rules:
        """The rules for an address; `asking` is called when its host has to be asked."""
        parts = urlsplit(url)
        host = f"{parts.scheme}://{parts.netloc}"
        known = self._known.get(host)
        if known is None or known.until <= now:
            asking()
            known = self._known[host] = self._read(f"{host}/robots.txt", now)
        return known

    def _read(self, url: str, now: datetime) -> Rules:
        try:
            answer = self._http.get(url)
        except FetchError as error:
            missing = error.status is not None and 400 <= error.status < 500 and error.status not in _CLOSED
            return Rules(now + (KEPT if missing else KEPT_UNREAD), open=missing)
        parser = RobotFileParser()
        parser.parse(answer.body.decode("utf-8", "replace").lstrip("\ufeff").splitlines())
        return Rules(now + KEPT, parser)
