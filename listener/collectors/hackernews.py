"""Reads stories and comments of Hacker News that match a search, through Algolia's public index.

    sources:
      - name: hn-minamo
        kind: hackernews
        query: '"minamo coffee"'     # "…" is a phrase
        include: [story, comment]    # or one of them
        backfill: 90d                # how far the first collect reads back
        overlap: 1d                  # read again every time: points and comments still grow
        max_pages: 50                # of one collect, each of `limit` hits (at most 1,000)
        # base_url: https://hn.algolia.com/api/v1

Needs no key; at most 10,000 requests an hour per address. A search gives 1,000 results at most and cannot
be paged further, so a busy span of time is halved until it fits. The spans are read oldest first, and the
cursor is the end of the last one: a stopped collect goes on there. A comment has no points; it is not given
the title of its story.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from listener.collectors import CollectError, Duration, Page, SourceConfig
from listener.collectors.fields import count, mapping, mappings, moment, words
from listener.collectors.markup import plain
from listener.http import Fetcher, FetchError
from storage.types import Author, Engagement, Post

SITE = "https://news.ycombinator.com"
MAX_HITS = 1000


def _base(written: str) -> str:
    if not written.startswith(("http://", "https://")):
        raise ValueError(f"{written!r} is not an http(s) address")
    return written.rstrip("/")


class HackerNewsConfig(SourceConfig):
    """The keys of a hackernews source."""

    kind: Literal["hackernews"] = "hackernews"
    query: str = Field(min_length=1)
    include: tuple[Literal["story", "comment"], ...] = Field(default=("story", "comment"), min_length=1)
    limit: int = Field(default=MAX_HITS, ge=1, le=MAX_HITS)
    max_pages: int = Field(default=50, ge=1)
    backfill: Duration = timedelta(days=90)
    overlap: Duration = timedelta(days=1)
    base_url: Annotated[str, AfterValidator(_base)] = "https://hn.algolia.com/api/v1"


class HackerNewsCollector:
    """Reads one search. Cursor: {since, caught_up}; everything written up to `since` (Unix time) is read."""

    Config = HackerNewsConfig

    def __init__(self, config: HackerNewsConfig, *, http: Fetcher) -> None:
        self._config = config
        self._http = http

    def collect(self, cursor: Mapping[str, Any], *, now: datetime) -> Iterator[Page]:
        """A page for each span of time, oldest first. Raises CollectError."""
        spans = [(self._since(cursor, now), int(now.timestamp()))]  # the one to read next is the last
        pages = 0
        while spans and pages < self._config.max_pages:
            start, end = spans.pop()
            if start >= end:
                yield Page(cursor={"since": start, "caught_up": True}, unchanged=True)
                return
            hits, full = self._hits(start, end)
            if full and end - start > 1:
                middle = (start + end) // 2
                spans += [(middle, end), (start, middle)]
                continue
            pages += 1
            note = self._full_note(end) if full else ""
            done = {"since": end, "caught_up": not spans}
            yield Page(self._posts(hits, now), done, unchanged=not hits, note=note)

    def _since(self, cursor: Mapping[str, Any], now: datetime) -> int:
        since = count(cursor.get("since"))
        if since is None:
            return int((now - self._config.backfill).timestamp())
        return since - int(self._config.overlap.total_seconds()) if cursor.get("caught_up") else since

    def _hits(self, start: int, end: int) -> tuple[list[Mapping[str, Any]], bool]:
        """What was written after `start` and up to `end`, and whether that is not all of it."""
        config = self._config
        params = {
            "query": config.query,
            "tags": f"({','.join(config.include)})",
            "numericFilters": f"created_at_i>{start},created_at_i<={end}",
            "hitsPerPage": config.limit,
            "page": 0,
            "advancedSyntax": "true",
        }
        try:
            answer = mapping(self._http.get(f"{config.base_url}/search_by_date", params=params).json())
        except FetchError as error:
            raise CollectError.from_fetch(error) from error
        if not isinstance(answer.get("hits"), list):
            raise CollectError(
                f"Algoliaの応答ではありません / {config.base_url} does not answer like Algolia: "
                "check `base_url`"
            )
        hits = mappings(answer["hits"])
        # `nbHits` is an estimate for large numbers: a full page is the sure sign that there may be more.
        room = min(config.limit, count(answer.get("hitsPerPage")) or config.limit)
        return hits, len(hits) >= room

    def _full_note(self, end: int) -> str:
        when = datetime.fromtimestamp(end, UTC).isoformat()
        return (
            "1秒に多すぎる投稿があり、一部を読めません / "
            f"too many posts in one second, some are not read: {when}"
        )

    def _posts(self, hits: Sequence[Mapping[str, Any]], now: datetime) -> tuple[Post, ...]:
        posts = [post for hit in hits if (post := self._post(hit, now))]
        return tuple(sorted(posts, key=lambda post: post.created_at))

    def _post(self, hit: Mapping[str, Any], now: datetime) -> Post | None:
        """None for what was deleted, and for what has no id or no time."""
        native = words(hit.get("objectID"))
        created_at = _created_at(hit)
        comment = hit.get("comment_text") is not None
        text = plain(words(hit.get("comment_text") if comment else hit.get("story_text")))
        title = "" if comment else plain(words(hit.get("title")))
        if not native or created_at is None or not (text or title):
            return None
        author = words(hit.get("author"))
        parent = count(hit.get("parent_id"))
        return Post(
            platform="hackernews",
            external_id=native,
            source=self._config.name,
            text=text,
            created_at=created_at,
            fetched_at=now,
            title=title,
            url=f"{SITE}/item?id={native}",
            author=_author(author) if author else None,
            engagement=Engagement(likes=count(hit.get("points")), replies=count(hit.get("num_comments"))),
            reply_to=str(parent) if parent else None,
        )


def _author(name: str) -> Author:
    return Author(
        platform="hackernews", external_id=name, handle=name, name=name, url=f"{SITE}/user?id={name}"
    )


def _created_at(hit: Mapping[str, Any]) -> datetime | None:
    seconds = count(hit.get("created_at_i"))
    if seconds is None or seconds > 253_402_300_799:  # the last second that a datetime can hold
        return moment(hit.get("created_at"))
    return datetime.fromtimestamp(seconds, UTC)
