"""The ways in: what a collector is, and the one list that names them all.

A collector reads one kind of source and yields pages of `Post`. It knows nothing of topics, of the database
or of other collectors. To add one: write a module with a `Config` (a `SourceConfig`) and a class that fits
`Collector`, and add one line to `COLLECTORS`.

    CollectError        a source could not be read: says why, what to do, and when to try again
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import import_module
from typing import Annotated, Any, ClassVar, Literal, Protocol, Self, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from listener.http import Fetcher, FetchError
from storage.types import Post

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])")


def _duration(value: object) -> timedelta:
    """Read "15m", "1h30m", "90d" or a number of seconds; pydantic reports the ValueError with the key."""
    if isinstance(value, timedelta):
        span = value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        span = timedelta(seconds=value)
    else:
        words = str(value).strip().lower()
        parts = _DURATION.findall(words)
        if not parts or _DURATION.sub("", words).strip():
            raise ValueError(f"{value!r} is not a duration: write 30s, 15m, 1h30m, 90d or seconds")
        span = timedelta(seconds=sum(float(number) * _UNITS[unit] for number, unit in parts))
    if span <= timedelta(0):
        raise ValueError("a duration must be longer than zero: write for example 15m")
    return span


Duration = Annotated[timedelta, BeforeValidator(_duration)]
"""A span of time in config.yaml: "15m", "1h", "90d", or seconds."""


class SourceConfig(BaseModel):
    """The keys that every source has. A collector's Config adds its own and narrows `kind` to a Literal.

    `topics`: which topics its posts may be about; empty means any. `match: all` counts every post as a
    mention of them, whatever it says: the reviews of our own app need not name us.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    kind: str
    interval: Duration = timedelta(minutes=15)
    enabled: bool = True
    topics: tuple[str, ...] = ()
    match: Literal["query", "all"] = "query"

    @property
    def asks_posts(self) -> bool:
        """Whether a post has an address of its own that we may ask, and that answers 404 or 410 once it is gone."""
        return False

    @model_validator(mode="after")
    def _all_of_which_topic(self) -> Self:
        if self.match == "all" and not self.topics:
            raise ValueError("`match: all` counts every post as a mention → name its topic in `topics`")
        return self


class CollectError(Exception):
    """A source could not be read. `retry_after` is in seconds; `permanent`: not before a person acts."""

    def __init__(self, message: str, *, retry_after: float | None = None, permanent: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after = retry_after
        self.permanent = permanent

    @classmethod
    def from_fetch(
        cls, error: FetchError, *, remedy: str = "", permanent: bool | None = None
    ) -> CollectError:
        """Say a fetch's failure as the source's; `remedy` adds what only this collector knows."""
        message = f"{error.message} {remedy}".strip()
        final = error.permanent if permanent is None else permanent
        return cls(message, retry_after=error.retry_after, permanent=final)


@dataclass(frozen=True, slots=True)
class Page:
    """A batch of posts, and the cursor to store together with them.

    Storing every page with its cursor in one transaction loses nothing when the process dies between pages.
    `unchanged`: the source said that it has nothing new. `note`: a warning for the source's status.
    """

    posts: tuple[Post, ...] = ()
    cursor: Mapping[str, Any] = field(default_factory=dict)
    unchanged: bool = False
    note: str = ""


class Collector(Protocol):
    """Reads one kind of source. Its module's docstring is the operator's manual."""

    Config: ClassVar[type[SourceConfig]]

    def __init__(self, config: Any, *, http: Fetcher) -> None: ...

    def collect(self, cursor: Mapping[str, Any], *, now: datetime) -> Iterator[Page]:
        """Yield pages from `cursor` on; `{}` means the first time. Raises CollectError.

        May yield posts that were yielded before: the store keeps one of each.
        """
        ...


COLLECTORS: dict[str, str] = {
    "feed": "listener.collectors.feed:FeedCollector",
    "mastodon": "listener.collectors.mastodon:MastodonCollector",
    "misskey": "listener.collectors.misskey:MisskeyCollector",
    "hackernews": "listener.collectors.hackernews:HackerNewsCollector",
    "appstore": "listener.collectors.appstore:AppStoreCollector",
    "file": "listener.collectors.file:FileCollector",
}


def collector_class(kind: str) -> type[Collector]:
    """The class that reads `kind`, imported on first use. Raises KeyError with the known kinds."""
    if kind not in COLLECTORS:
        raise KeyError(f"unknown kind of source {kind!r}: one of {', '.join(COLLECTORS)}")
    module, name = COLLECTORS[kind].split(":")
    return cast("type[Collector]", getattr(import_module(module), name))
