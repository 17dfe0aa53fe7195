"""Requests to a program of others, with patience: "later" is waited for, "no" is told with its remedy."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

from alerts.exports import ExportError
from listener.http import Fetcher, FetchError, Response

TRIES = 4
LONGEST_WAIT_S = 60.0  # longer waits are for the next run: a person sits at the terminal
_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})
_UNTOUCHED = frozenset({429, 503})  # the other side did nothing with the request
_SECRETIVE = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_USUAL = {
    401: "the credentials are not accepted: make new ones there and put them where config.yaml points",
    403: "the credentials may not do this: give them the rights that docs/exports.md names",
    404: "there is nothing at this address: check it in config.yaml",
    413: "the request is too large for them: please report this",
}


class Calls:
    """Safe to share between parts of one run. `wait` takes seconds."""

    def __init__(
        self,
        http: Fetcher,
        who: str,
        *,
        wait: Callable[[float], None],
        remedies: Mapping[int, str] | None = None,
    ) -> None:
        self._http = http
        self._who = who
        self._wait = wait
        self._remedies = {**_USUAL, **(remedies or {})}

    def post(
        self,
        url: str,
        *,
        json: Any = None,
        content: bytes | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        method: Literal["POST", "PUT", "PATCH"] = "POST",
        repeatable: bool = True,
    ) -> Response:
        """An answer 2xx. A request that is not `repeatable` is tried again only when it was surely not taken."""
        return self._patiently(
            lambda: self._http.post(
                url, json=json, content=content, data=form, headers=headers, guard=False, method=method
            ),
            repeatable=repeatable,
        )

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Response:
        return self._patiently(lambda: self._http.get(url, headers=headers), repeatable=True)

    def _patiently(self, ask: Callable[[], Response], *, repeatable: bool) -> Response:
        pause = 1.0
        for left in range(TRIES - 1, -1, -1):
            try:
                return ask()
            except FetchError as error:
                later = error.status in _LATER or (error.status is None and not error.permanent)
                again = later and (repeatable or error.status in _UNTOUCHED)
                seconds = pause if error.retry_after is None else error.retry_after + 0.1
                if not again or left == 0 or seconds > LONGEST_WAIT_S:
                    raise self._failed(error, later=later, repeatable=repeatable) from error
            self._wait(seconds)
            pause *= 3
        raise AssertionError("the last try returns or raises")

    def _failed(self, error: FetchError, *, later: bool, repeatable: bool) -> ExportError:
        status = error.status
        if later:
            when = f"in {error.retry_after:.0f} s" if error.retry_after else "in a few minutes"
            remedy = f"run it again {when}; nobody is handed over twice"
        else:
            remedy = self._remedies.get(status or 0, "look at what they say, and at docs/exports.md")
        said = said_in(error.body)
        what = f"HTTP {status}" if status else error.message
        return ExportError(
            f"{self._who}: {what}{f' ({said})' if said else ''}; {remedy}",
            permanent=not later,
            retry_after=error.retry_after,
            unsure=later and not repeatable and status not in _UNTOUCHED,
            status=status,
            body=error.body,
        )


def said_in(body: bytes) -> str:
    """What the other side's JSON says went wrong, without addresses of people; "" when it says nothing."""
    try:
        found = json.loads(body)
    except ValueError:
        return ""
    if isinstance(found, list) and found:
        found = found[0]
    if not isinstance(found, dict):
        return ""
    inner = found.get("error")
    words = found.get("message") or found.get("error_description") or inner
    if isinstance(inner, dict):
        words = inner.get("message") or inner.get("code")
    return quiet(str(words)) if words else ""


def quiet(words: str) -> str:
    """Words of others as they may be stored and shown: short, and without the address of a person."""
    return " ".join(_SECRETIVE.sub("…", words).split())[:300]


def body_json(response: Response, who: str) -> dict[str, Any]:
    """The answer as a JSON object. Raises ExportError."""
    try:
        found = response.json()
    except FetchError as error:
        raise ExportError(
            f"{who} answered something that is not JSON; check the address", unsure=True
        ) from error
    if not isinstance(found, dict):
        raise ExportError(f"{who} answered with JSON of another shape; check the address", unsure=True)
    return found
