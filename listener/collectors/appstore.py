"""App Store のカスタマーレビュー — customer reviews of one app in one country's store, without a key.

    sources:
      - name: App Storeレビュー
        kind: appstore
        app_id: 1234567890            # the number in the app's address: …/id1234567890
        country: jp
        interval: 1h

Keys: `app_id`, `country` (two letters, the storefront), `max_pages` (1 to 10; Apple keeps 10 pages of 50).
`base_url` (default https://itunes.apple.com) is for a mirror.

What it does. Reads the feed newest first until it meets what it knows; the first time all ten pages. The XML form
is asked first: the JSON form is at times empty while the XML is full, and lacks dates in old recordings; only when
the XML is empty or unreadable is the JSON asked. 403 is Apple's way to say "too often": the source then waits for
hours.

What the fields mean. `rating` is 1 to 5 stars. `likes` is the number of readers who found the review helpful
(voteSum). The version of the app is a tag, "version:3.5.0". A review that its author edits comes again under the
same id with its new words, stars and time. A reviewer is known by the number in Apple's address of them, where
there is one, else by nickname. Reviews say no language.
"""

from __future__ import annotations

import logging
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, Field

from listener.collectors import CollectError, Duration, Page, SourceConfig
from listener.collectors.markup import tidy
from listener.http import Fetcher, FetchError, Response
from storage.types import Author, Engagement, Post

log = logging.getLogger("kikimimi.appstore")

_THROTTLED_RETRY_S = 6 * 3600.0
_KNOWN_IDS = 100
_ATOM = "{http://www.w3.org/2005/Atom}"
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_REVIEWER = re.compile(r"/id(\d+)")
_PAGE = re.compile(r"page=(\d+)")


class AppStoreConfig(SourceConfig):
    """See the module's manual."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    kind: Literal["appstore"] = "appstore"
    interval: Duration = timedelta(hours=1)
    app_id: str = Field(pattern=r"^\d+$")
    country: str = Field(default="jp", pattern=r"^[a-z]{2}$")
    base_url: str = "https://itunes.apple.com"
    max_pages: int = Field(default=10, ge=1, le=10)


@dataclass(frozen=True, slots=True)
class _Review:
    """One review as both forms hold it; every field is "" when it is not there."""

    id: str
    title: str
    text: str
    updated: str
    rating: str
    version: str
    votes: str
    name: str
    reviewer: str
    link: str


@dataclass(frozen=True, slots=True)
class _Listing:
    """One page of the feed, and the number of the last page if it says so."""

    reviews: tuple[_Review, ...]
    last_page: int | None = None


class AppStoreCollector:
    """Reads one app's reviews. The cursor holds the newest time and, for undated reviews, the last ids."""

    Config: ClassVar[type[SourceConfig]] = AppStoreConfig

    def __init__(self, config: AppStoreConfig, *, http: Fetcher) -> None:
        self._config = config
        self._http = http

    def collect(self, cursor: Mapping[str, Any], *, now: datetime) -> Iterator[Page]:
        """Newest first; only the last page moves the cursor, so a stop in between loses nothing."""
        known = {} if cursor.get("app") != self._app else cursor
        first: tuple[_Review, ...] = ()
        posts: tuple[Post, ...] = ()
        for number in range(1, self._config.max_pages + 1):
            listing = self._page(number)
            first = first or listing.reviews
            posts = tuple(self._post(review, now) for review in listing.reviews)
            end = not posts or number == (listing.last_page or self._config.max_pages)
            if end or any(_is_known(review, known) for review in listing.reviews):
                break
            if number < self._config.max_pages:
                yield Page(posts, dict(cursor))
        yield Page(posts, self._cursor(first, known), note="" if first else self._empty())

    # -------------------------------------------------------------- fetching

    @property
    def _app(self) -> str:
        return f"{self._config.country}/{self._config.app_id}"

    def _empty(self) -> str:
        return (
            f"レビューがありません / no reviews of app {self._config.app_id} in {self._config.country}: "
            "check app_id and country if there should be some"
        )

    def _page(self, number: int) -> _Listing:
        """The XML, or the JSON when the XML holds nothing."""
        try:
            listing = _from_xml(self._get(number, "xml").body)
        except ElementTree.ParseError as error:
            log.warning("%s: page %d is not well-formed XML: %s", self._config.name, number, error)
            return _from_json(self._get(number, "json"))
        if listing.reviews or number > 1:
            return listing
        return _from_json(self._get(number, "json"))

    def _get(self, number: int, form: str) -> Response:
        base = self._config.base_url.rstrip("/")
        path = f"{self._config.country}/rss/customerreviews/page={number}/id={self._config.app_id}"
        try:
            return self._http.get(f"{base}/{path}/sortby=mostrecent/{form}")
        except FetchError as error:
            if error.status in (403, 429):
                wait = max(error.retry_after or 0.0, _THROTTLED_RETRY_S)
                raise CollectError(
                    "App Storeの回数制限です。数時間待ちます / the App Store asks us to slow down: "
                    f"next try in {wait / 3600:.0f} h; use a longer interval",
                    retry_after=wait,
                ) from error
            wrong = error.status in (400, 404)
            remedy = "app_idとcountryを確認してください / check app_id and country." if wrong else ""
            raise CollectError.from_fetch(error, remedy=remedy) from error

    # -------------------------------------------------------------- posts and the cursor

    def _post(self, review: _Review, now: datetime) -> Post:
        stars, votes = _number(review.rating), _number(review.votes)
        return Post(
            platform="appstore",
            external_id=review.id,
            source=self._config.name,
            title=" ".join(review.title.split()),
            text=tidy(review.text),
            created_at=min(_time(review.updated) or now, now),
            fetched_at=now,
            url=review.link,
            author=_author(review),
            publisher="App Store",
            rating=float(stars) if stars is not None and 1 <= stars <= 5 else None,
            engagement=Engagement(likes=None if votes is None else max(votes, 0)),
            tags=(f"version:{review.version}",) if review.version else (),
        )

    def _cursor(self, first: tuple[_Review, ...], known: Mapping[str, Any]) -> dict[str, Any]:
        times = [time.isoformat() for review in first if (time := _time(review.updated))]
        newest = max([*times, str(known.get("newest", ""))], default="")
        ids = list(dict.fromkeys([*(review.id for review in first), *known.get("ids", [])]))
        return {"app": self._app, "newest": newest, "ids": ids[:_KNOWN_IDS]}


def _is_known(review: _Review, known: Mapping[str, Any]) -> bool:
    """Undated reviews are known by id; an edited one is dated anew and rises to the top, so ids say nothing."""
    time = _time(review.updated)
    if time is None:
        return review.id in known.get("ids", [])
    return bool(known.get("newest")) and time <= datetime.fromisoformat(known["newest"])


def _author(review: _Review) -> Author | None:
    name = " ".join(review.name.split())
    number = _REVIEWER.search(review.reviewer)
    if not name and not number:
        return None
    own = number[1] if number else f"name:{name}"
    return Author("appstore", own, name=name, url=review.reviewer)


def _number(words: str) -> int | None:
    return int(words) if re.fullmatch(r"-?\d+", words.strip()) else None


def _time(words: str) -> datetime | None:
    """Apple writes Cupertino's time with its offset."""
    try:
        moment = datetime.fromisoformat(words.strip())
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


# ------------------------------------------------------------------ the two forms


def _from_xml(body: bytes) -> _Listing:
    """Atom. Raises ElementTree.ParseError. The second, html `content` repeats the first in tables."""
    root = ElementTree.fromstring(_CONTROLS.sub(b"", body).lstrip())
    links = {link.get("rel"): link.get("href", "") for link in root.findall(f"{_ATOM}link")}
    last = _PAGE.search(links.get("last", ""))
    reviews = [_xml_review(entry) for entry in root.findall(f"{_ATOM}entry")]
    return _Listing(tuple(filter(_is_review, reviews)), int(last[1]) if last else None)


def _xml_review(entry: ElementTree.Element) -> _Review:
    found: dict[str, str] = {}
    for child in entry:
        name = child.tag.rpartition("}")[2]  # im: is {http://itunes.apple.com/rss} with and without a slash
        if name == "content" and child.get("type") != "text":
            continue
        words = child.get("href", "") if name == "link" else child.text or ""
        found.setdefault(name, words)
    author = entry.find(f"{_ATOM}author")
    who = {} if author is None else {child.tag.rpartition("}")[2]: child.text or "" for child in author}
    return _review(found, who)


def _from_json(response: Response) -> _Listing:
    """`entry` is a list, one object when there is one review, or missing when there is none."""
    try:
        feed = response.json().get("feed", {})
    except FetchError as error:
        raise CollectError.from_fetch(error) from error
    except AttributeError as error:
        raise CollectError("App Storeの応答が読めません / the App Store's answer has no feed") from error
    entries = feed.get("entry", []) if isinstance(feed, dict) else []
    listed = entries if isinstance(entries, list) else [entries]
    reviews = [_json_review(entry) for entry in listed if isinstance(entry, dict)]
    return _Listing(tuple(filter(_is_review, reviews)))


def _json_review(entry: Mapping[str, Any]) -> _Review:
    found = {name.removeprefix("im:"): _label(value) for name, value in entry.items()}
    link = entry.get("link")
    attributes = link.get("attributes", {}) if isinstance(link, dict) else {}
    found["link"] = str(attributes.get("href", ""))
    author = entry.get("author")
    who = {name: _label(value) for name, value in author.items()} if isinstance(author, dict) else {}
    return _review(found, who)


def _label(value: object) -> str:
    return str(value.get("label") or "") if isinstance(value, dict) else ""


def _review(found: Mapping[str, str], author: Mapping[str, str]) -> _Review:
    return _Review(
        id=found.get("id", "").strip(),
        title=found.get("title", ""),
        text=found.get("content", ""),
        updated=found.get("updated", ""),
        rating=found.get("rating", ""),
        version=found.get("version", "").strip(),
        votes=found.get("voteSum", ""),
        name=author.get("name", ""),
        reviewer=author.get("uri", "").strip(),
        link=found.get("link", "").strip(),
    )


def _is_review(review: _Review) -> bool:
    """Old answers begin with an entry about the app itself, which has no stars."""
    return bool(review.id and review.rating)
