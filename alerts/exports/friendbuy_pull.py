"""Referral events out of Friendbuy, by the credentials of a `friendbuy` export.

The addresses and the paging (`fromDate`, `toDate`, then `pageToken`) are Friendbuy's analytics reads, after a
description by others. It names no columns of the rows, so they are read like Friendbuy's CSV and nothing is stored
of an answer whose columns are not known. Friendbuy publishes no limits: 429 is waited for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from alerts.exports import ExportError
from alerts.exports.calls import Calls, body_json
from alerts.exports.friendbuy import REMEDIES, FriendbuyExportConfig
from listener.http import Fetcher

EVENTS = {
    "shares": "invited",
    "clicks": "clicked",
    "account-sign-ups": "referred",
    "purchases": "purchased",
}
"""Friendbuy's address below /analytics: what it is to us."""
MOST_PAGES = 10_000  # an answer that always names a next page must end some time


class FriendbuyPull:
    """Reads events of a stretch of time. Every method raises ExportError."""

    def __init__(
        self, config: FriendbuyExportConfig, *, http: Fetcher, wait: Callable[[float], None]
    ) -> None:
        self._config = config
        self._calls = Calls(http, "Friendbuy", wait=wait, remedies=REMEDIES)
        self._token = ""

    def rows(self, address: str, since: datetime, until: datetime) -> Iterator[Mapping[str, Any]]:
        """The rows of one of EVENTS, as Friendbuy writes them."""
        asked = {"fromDate": _written(since), "toDate": _written(until)}
        seen: set[str] = set()
        for _ in range(MOST_PAGES):
            page = self._page(address, asked)
            found = page.get("data", [])
            if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
                raise ExportError(
                    f"Friendbuy: /analytics/{address} answers in another shape; please report it"
                )
            yield from found
            following = str(page.get("nextPageToken") or "")
            if not following:
                return
            if following in seen:
                raise ExportError(
                    f"Friendbuy: /analytics/{address} names the same page twice; try again later"
                )
            seen.add(following)
            asked = {"pageToken": following}
        raise ExportError(
            f"Friendbuy: /analytics/{address} does not end; ask for a shorter time with --since"
        )

    def _page(self, address: str, asked: Mapping[str, str]) -> dict[str, Any]:
        """Ask with a token; one that has run out is replaced once."""
        known = bool(self._token)
        if not known:
            self._log_in()
        url = f"{self._config.base_url.rstrip('/')}/analytics/{address}?{urlencode(asked)}"
        try:
            return self._get(url)
        except ExportError as error:
            if error.status != 401 or not known:
                raise
        self._log_in()
        return self._get(url)

    def _get(self, url: str) -> dict[str, Any]:
        return body_json(
            self._calls.get(url, headers={"Authorization": f"Bearer {self._token}"}), "Friendbuy"
        )

    def _log_in(self) -> None:
        given = {
            "key": self._config.key.get_secret_value(),
            "secret": self._config.secret.get_secret_value(),
        }
        url = self._config.base_url.rstrip("/") + "/authorization"
        answer = body_json(self._calls.post(url, json=given), "Friendbuy")
        self._token = str(answer.get("token", ""))
        if not self._token:
            raise ExportError("Friendbuy gave no token: ask them to check the key", permanent=True)


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
