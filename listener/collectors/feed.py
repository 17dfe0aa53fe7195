"""RSS・Atom・RDF・JSON Feed — any feed by address, and the well-known Japanese ones by name.

    sources:
      - name: 自社ブログ
        kind: feed
        url: https://blog.example.jp/feed
        interval: 30m

      - name: Googleニュース
        kind: feed
        preset: google-news          # query
        query: ミナモ珈琲 OR "minamo coffee"
        interval: 15m

      - {name: はてブ, kind: feed, preset: hatena-bookmark, query: ミナモ珈琲, interval: 30m}
      - {name: note, kind: feed, preset: note-hashtag, tag: ミナモ珈琲, interval: 1h}
      - {name: Yahoo!ニュース, kind: feed, preset: yahoo-news, category: business}
      - {name: PR TIMES, kind: feed, preset: prtimes-company, company_id: 12345, interval: 1h}

      - name: Googleアラート
        kind: feed
        secret_url_env: ALERTS_FEED   # an address that is a secret itself stays out of this file

Keys: `url`, or `secret_url_env` / `secret_url_file`, or `preset` with its parameter. Optional: `platform`
(what these posts are filed under: news, hatena, note, else feed), `lang` (google-news only: ja or en),
`max_pages` (how many older pages a collect may follow where the feed links to them), `recheck` (true: the site's
terms let programs read its pages, so ask for those that are evidence again), `base_url` (a mirror of the preset's
site).

What it does. Asks with ETag and Last-Modified, so an unchanged feed costs one empty answer. Follows a
permanent redirect from then on and says so in the source's status. A feed that answers 410 has ended: the
source stops.

What the fields mean. An entry without a date has the time at which it was first seen (later collects yield a
later time, the store keeps the first). A date in the future counts as now. `publisher` is the medium: the
name that Google News gives, the company of PR TIMES, the bookmarked site for はてな, else the feed's title.
はてな's bookmark count is stored as likes: a bookmark is one person's mark on the page, not a copy that
travels. Comment counts are replies. What a feed does not say stays unknown, never 0. Feeds hold the newest
entries only: they are a sample, not a volume.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import ConfigDict, Field, SecretStr, model_validator

from listener.collectors import CollectError, Page, SourceConfig, feed_entries, feed_json
from listener.collectors.feed_entries import NotAFeedError, Origin, ParsedFeed
from listener.collectors.feed_identity import scope_of
from listener.collectors.feed_presets import PRESETS, PresetName, preset_of
from listener.http import Fetcher, FetchError, Response, shown

log = logging.getLogger("kikimimi.feed")

PARSER_VERSION = 1  # raise it when posts come out differently: unchanged feeds are then read once more

_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)
_BLOCKED_RETRY_S = 4 * 3600.0  # Google News blocks an address that hammers it: hours help, not seconds
_PARAMETERS = ("query", "tag", "category", "company_id")
_OWN_PERIOD = re.compile(r"\b(?:when|after|before):")


class FeedConfig(SourceConfig):
    """See the module's manual."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    kind: Literal["feed"] = "feed"
    url: str = ""
    secret_url: SecretStr | None = None
    preset: PresetName | None = None
    query: str = ""
    tag: str = ""
    category: str = ""
    company_id: str = ""
    lang: Literal["ja", "en"] = "ja"
    platform: str = ""
    base_url: str = ""
    max_pages: int = Field(default=5, ge=1, le=50)

    recheck: bool = False

    @property
    def asks_posts(self) -> bool:
        return self.recheck

    @model_validator(mode="after")
    def _one_address(self) -> Self:
        ways = [bool(self.url), self.secret_url is not None, self.preset is not None]
        if sum(ways) != 1:
            raise ValueError(f"write one of: url, secret_url_env, preset ({', '.join(PRESETS)})")
        if self.url and urlsplit(self.url).scheme not in ("http", "https"):
            raise ValueError("url must begin with http:// or https://")
        wanted = PRESETS[self.preset].parameter if self.preset else ""
        extra = [key for key in _PARAMETERS if getattr(self, key) and key != wanted]
        if extra:
            raise ValueError(f"{', '.join(extra)}: not used here" + (f", write {wanted}" if wanted else ""))
        if self.preset and not getattr(self, wanted) and not PRESETS[self.preset].default:
            raise ValueError(f"preset {self.preset} needs {wanted}")
        return self


@dataclass(frozen=True, slots=True)
class _Answer:
    """A response, and what it holds; `parsed` is None when nothing changed. `asked` is where we asked."""

    asked: str
    response: Response
    parsed: ParsedFeed | None


class FeedCollector:
    """Reads one feed. The cursor holds its validators, the address it moved to, the newest entry's time."""

    Config: ClassVar[type[SourceConfig]] = FeedConfig

    def __init__(self, config: FeedConfig, *, http: Fetcher) -> None:
        self._config = config
        self._http = http
        secret = config.secret_url.get_secret_value() if config.secret_url else ""
        self._given = config.url or secret
        self._preset = config.preset or preset_of(self._given)
        known = PRESETS.get(self._preset)
        self._platform = config.platform or (known.platform if known else "feed")

    def collect(self, cursor: Mapping[str, Any], *, now: datetime) -> Iterator[Page]:
        """One page, or several where the feed links to older ones. The cursor moves with the last."""
        address = self._address(cursor, now)
        scope = scope_of(self._given or f"{PRESETS[self._preset].origin}/{self._value}")
        known = cursor if cursor.get("for") == _mark(address) else {}
        answer = self._first(address, known, scope, now)
        if answer.parsed is None:
            yield Page(cursor={**cursor, "at": now.isoformat()}, unchanged=True, note=_moved(known))
            return
        yield from self._pages(answer, cursor, _cursor(address, answer, now), scope, now)

    # -------------------------------------------------------------- where

    @property
    def _value(self) -> str:
        """The preset's parameter."""
        known = PRESETS[self._preset]
        return getattr(self._config, known.parameter) or known.default

    def _address(self, cursor: Mapping[str, Any], now: datetime) -> str:
        if self._given:
            return self._given
        known = PRESETS[self._preset]
        value = self._value
        if self._preset == "google-news" and not _OWN_PERIOD.search(value):
            # At most 100 entries come, by relevance: a short period keeps the newest among them.
            last = datetime.fromisoformat(cursor["at"]) if cursor.get("at") else None
            recent = last is not None and now - last < timedelta(hours=20)
            value = f"({value})" if re.search(r"\bOR\b", value) else value
            value = f"{value} when:{'1d' if recent else '7d'}"
        return (self._config.base_url.rstrip("/") or known.origin) + known.path(value, self._config.lang)

    # -------------------------------------------------------------- one fetch

    def _first(self, address: str, known: Mapping[str, Any], scope: str, now: datetime) -> _Answer:
        """Ask where the feed moved to; when it is not there after all, ask at the configured address."""
        moved = known.get("moved_to")
        if moved:
            try:
                return self._ask(moved, known, scope, now)
            except CollectError as error:
                log.warning("%s: %s", self._config.name, error.message)
                if error.retry_after is not None:
                    raise
                known = {}
        return self._ask(address, known, scope, now)

    def _ask(self, url: str, known: Mapping[str, Any], scope: str, now: datetime) -> _Answer:
        usable = known.get("parser") == PARSER_VERSION
        try:
            response = self._http.get(
                url,
                headers={"Accept": _ACCEPT},
                etag=known.get("etag") if usable else None,
                last_modified=known.get("last_modified") if usable else None,
            )
        except FetchError as error:
            raise self._failed(error) from error
        if response.not_modified:
            return _Answer(url, response, None)
        origin = Origin(
            source=self._config.name,
            url=response.url,
            scope=scope,
            platform=self._platform,
            preset=self._preset,
            now=now,
        )
        return _Answer(url, response, self._parse(response, origin))

    def _parse(self, response: Response, origin: Origin) -> ParsedFeed:
        kind = response.headers.get("content-type", "")
        looks_json = response.body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
        try:
            if looks_json:
                return feed_json.read(response.body, kind, origin)
            return feed_entries.read(response.body, kind, origin)
        except NotAFeedError as error:
            what = kind.split(";")[0] or "no content type"
            raise CollectError(
                f"フィードではありません / not a feed: {shown(response.url)} sent {what}; check the address"
            ) from error

    def _failed(self, error: FetchError) -> CollectError:
        if error.status in (403, 429, 503) and self._preset == "google-news":
            wait = max(error.retry_after or 0.0, _BLOCKED_RETRY_S)
            return CollectError(f"{error.message} (Google News)", retry_after=wait)
        if error.status == 410:
            return CollectError.from_fetch(error, permanent=True)
        # 403 and 404 come and go with bot walls and site moves: keep asking, at the scheduler's slower pace.
        return CollectError.from_fetch(error, permanent=error.permanent and error.status is None)

    # -------------------------------------------------------------- pages and the cursor

    def _pages(
        self, answer: _Answer, before: Mapping[str, Any], after: dict[str, Any], scope: str, now: datetime
    ) -> Iterator[Page]:
        """Newest first, older ones while they may hold something new. Only the last page moves the cursor."""
        parsed = answer.parsed or ParsedFeed(())
        newest = max((post.created_at for post in parsed.posts), default=None)
        known = datetime.fromisoformat(before["newest"]) if before.get("newest") else None
        if newest or known:
            after["newest"] = max(time for time in (newest, known) if time).isoformat()
        seen = {answer.response.url}
        while len(seen) < self._config.max_pages and _may_hold_more(parsed, known, seen):
            yield Page(parsed.posts, dict(before))
            seen.add(parsed.next_url)
            try:
                parsed = self._ask(parsed.next_url, {}, scope, now).parsed or ParsedFeed(())
            except CollectError as error:
                # Older pages are an extra: a broken link to them must not fail the source for ever.
                log.warning("%s: %s", self._config.name, error.message)
                parsed = ParsedFeed(())
        yield Page(parsed.posts, after, note=_moved(after) or _cut(answer))


def _may_hold_more(parsed: ParsedFeed, known: datetime | None, seen: set[str]) -> bool:
    """True when the feed links to older entries on its own site and this page reached nothing known."""
    if not parsed.posts or not parsed.next_url or parsed.next_url in seen:
        return False
    oldest = min(post.created_at for post in parsed.posts)
    hosts = {urlsplit(url).hostname for url in (*seen, parsed.next_url)}
    return len(hosts) == 1 and (known is None or oldest > known)


def _cursor(address: str, answer: _Answer, now: datetime) -> dict[str, Any]:
    """Validators belong to the body they came with, if it came whole; nothing of the last answer is kept."""
    headers = answer.response.headers
    whole = answer.parsed is not None and answer.parsed.complete
    after = {
        "for": _mark(address),
        "parser": PARSER_VERSION,
        "at": now.isoformat(),
        "etag": headers.get("etag") if whole else None,
        "last_modified": headers.get("last-modified") if whole else None,
        "moved_to": answer.response.moved_to or (answer.asked if answer.asked != address else None),
    }
    return {key: value for key, value in after.items() if value is not None}


def _mark(address: str) -> str:
    """Tells one address from another without storing its secrets."""
    return hashlib.sha256(address.encode()).hexdigest()[:16]


def _cut(answer: _Answer) -> str:
    if answer.parsed is None or answer.parsed.complete:
        return ""
    return "フィードが途中で切れています / the feed was cut off: its last entry waits for the next collect"


def _moved(cursor: Mapping[str, Any]) -> str:
    moved = cursor.get("moved_to")
    if not moved:
        return ""
    return f"移転しました。設定のurlを書き換えてください / moved to {shown(moved)}: update url in config.yaml"
