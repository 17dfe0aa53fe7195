"""Reads the public notes with one hashtag, or found by one search, from a Misskey server.

    sources:
      - name: misskey-minamo
        kind: misskey
        instance: https://misskey.example
        tag: ミナモ珈琲              # without #; or, only where the server allows it,
        # query: ミナモ珈琲          # full-text search
        backfill: 90d                # how far the first collect reads back
        overlap: 1h                  # how far later collects look back for late notes
        max_pages: 50                # of one collect, each of `limit` notes (at most 100)
        token_env: MISSKEY_TOKEN     # only for servers whose search asks for a role

Hashtags are open on nearly every server; full-text search is not (policy `canSearchNotes`), and the source
then says so. Heavy use needs the consent of the server's admin: keep the interval at 15 minutes or more.
Works with Misskey 12 and later and with its relatives (Sharkey, CherryPick, Firefish …). Renotes without
words are skipped: they are a count of the note they repeat. Likes are all reactions together. Misskey sends
neither language nor followers.

The first collect pages back from the newest note; its cursor remembers both ends (`newest`, `oldest`), so
that a stopped one goes on where it was. After that, `sinceId` pages forward, oldest first. A note from
another server can arrive late, with an id of when it was written: with the pages that new notes left over, every
collect looks at the last `overlap` again, which also refreshes counts; what it has no pages for, the next one goes
on with (`late` in the cursor).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator

from listener.collectors import CollectError, Duration, Page, SourceConfig
from listener.collectors.fields import address, count, flag, hashtag, mapping, mappings, moment, server, words
from listener.collectors.mfm import plain, without_emoji
from listener.collectors.overlap import LookBack, behind, of_cursor, to_cursor
from listener.http import Fetcher, FetchError
from storage.types import Author, Engagement, Post

_EPOCH_MS = 946_684_800_000  # 2000-01-01, where ids of the kinds "aid" and "aidx" begin
_TIMED_ID = re.compile(r"[0-9a-z]{10}|[0-9a-z]{16}")
_TIME_DIGITS = 8
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_NO_SEARCH = (
    "このサーバーは全文検索を公開していません。query の代わりに tag（ハッシュタグ）を指定してください / "
    "this server does not open its search to us (policy canSearchNotes): use `tag` instead of `query`, "
    "or the token of a user whose role may search."
)
_NEEDS_LOGIN = (
    "このサーバーは閲覧にログインを求めています。token_env に有効なトークンを設定するか、"
    "別のサーバーを指定してください / "
    "this server asks for a login: set token_env to a valid token, or choose another instance."
)
_CLOSED = frozenset(
    {"CREDENTIAL_REQUIRED", "AUTHENTICATION_FAILED", "PERMISSION_DENIED", "ROLE_PERMISSION_DENIED"}
)


class MisskeyConfig(SourceConfig):
    """The keys of a misskey source: one of `tag` and `query`."""

    kind: Literal["misskey"] = "misskey"
    instance: Annotated[str, AfterValidator(server)]
    tag: Annotated[str, AfterValidator(hashtag)] | None = None
    query: str | None = Field(default=None, min_length=1)
    limit: int = Field(default=100, ge=1, le=100)
    max_pages: int = Field(default=50, ge=1)
    backfill: Duration = timedelta(days=90)
    overlap: Duration = timedelta(hours=1)
    token: SecretStr | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.tag is None) == (self.query is None):
            raise ValueError("write either `tag` or `query`")
        return self


class MisskeyCollector:
    """Reads one hashtag or one search of one server.

    Cursor: {newest, oldest, pages} while reading back, then {since_id, caught_up, late}.
    """

    Config = MisskeyConfig

    def __init__(self, config: MisskeyConfig, *, http: Fetcher) -> None:
        self._config = config
        self._http = http
        self._host = urlsplit(config.instance).netloc

    def collect(self, cursor: Mapping[str, Any], *, now: datetime) -> Iterator[Page]:
        """Newest page first on the first collect; afterwards new notes, oldest first. Raises CollectError."""
        if "since_id" in cursor:
            yield from self._forward(cursor, now)
            return
        if self._config.query and not self._config.token and not cursor:
            self._check_search()
        yield from self._back(cursor, now)

    # -------------------------------------------------------------- the two directions

    def _back(self, cursor: Mapping[str, Any], now: datetime) -> Iterator[Page]:
        newest, oldest = str(cursor.get("newest", "")), str(cursor.get("oldest", ""))
        pages = int(cursor.get("pages", 0))
        since = now - self._config.backfill
        while True:
            notes = self._notes({"untilId": oldest} if oldest else {})
            ids = _ids(notes)
            ended = not ids or bool(oldest and min(ids) >= oldest)
            if ids:
                newest, oldest = newest or max(ids), min(ids)
            times = [found for note in notes if (found := moment(note.get("createdAt")))]
            posts = tuple(post for post in self._posts(notes, now) if post.created_at >= since)
            pages += 1
            full = pages >= self._config.max_pages and not ended
            if ended or full or (times and max(times) < since):
                done = {"since_id": newest, "caught_up": True} if newest else {}
                yield Page(posts, done, unchanged=not newest, note=self._full_note() if full else "")
                return
            yield Page(posts, {"newest": newest, "oldest": oldest, "pages": pages})

    def _forward(self, cursor: Mapping[str, Any], now: datetime) -> Iterator[Page]:
        """New notes first, so that a crowd of them is kept up with; then the overlap with the pages left."""
        position, late = str(cursor["since_id"]), self._late(cursor, now)
        left, fullest, read, ended = self._config.max_pages, 0, False, False
        while left > 0 and not ended:
            pages, left, full = self._after(position, left)
            ended = max([position, *_ids(pages[-1])]) == position
            for notes in pages if not ended else ():
                position, read = max([position, *_ids(notes)]), True
                at = {"since_id": position, "caught_up": False, **to_cursor(late)}
                note = self._full_note() if full and notes is pages[0] else ""
                yield Page(self._posts(notes, now), at, note=note)
            # A server may hold less than `limit` a page; less than it sent before is all there was.
            ended = ended or full or len(pages) > 1 or len(pages[0]) < fullest
            fullest = len(pages[0])
        if not ended:
            at = {"since_id": position, "caught_up": False, **to_cursor(late)}
            yield Page(cursor=at, note=behind(self._config.max_pages))
            return
        yield from self._again(position, late, left, read, now)

    def _again(
        self, position: str, late: LookBack | None, left: int, read: bool, now: datetime
    ) -> Iterator[Page]:
        """The overlap, from its newest note down, for at most `left` pages; `read`: there were new notes."""
        while late is not None and left > 0:
            notes, bound = self._notes({"untilId": late.at}), late.to
            late, left = late.after(_ids(notes), str), left - 1
            recent = [one for one in notes if str(one.get("id", "")) > bound]
            if recent:
                read = True
                cursor = {"since_id": position, "caught_up": True, **to_cursor(late)}
                yield Page(self._posts(recent, now), cursor)
        end = {"since_id": position, "caught_up": True, **to_cursor(late)}
        yield Page(cursor=end, unchanged=not read)

    def _late(self, cursor: Mapping[str, Any], now: datetime) -> LookBack | None:
        """What is to be looked at again: what an earlier collect left over, else the overlap; itself included."""
        position = str(cursor["since_id"])
        start = _earlier(position, self._config.overlap, now)
        known = of_cursor(cursor)
        if known is not None or not cursor.get("caught_up") or start == position:
            return known
        return LookBack(position + "0", start)  # as text, this comes right after it

    def _after(self, start: str, left: int) -> tuple[list[list[Mapping[str, Any]]], int, bool]:
        """Pages after `start`, oldest first, what is left of `left` requests, and whether that was too few.

        With `sinceId` alone Misskey sends the oldest notes; a search by Meilisearch sends the newest ones,
        and what lies between is asked for with `untilId`.
        """
        pages, left = [self._notes({"sinceId": start})], left - 1
        ids = _ids(pages[0])
        if ids == sorted(ids):
            return pages, left, False
        while left > 0:
            oldest = min(_ids(pages[-1]))
            older, left = self._notes({"sinceId": start, "untilId": oldest}), left - 1
            if not _ids(older) or min(_ids(older)) >= oldest:
                return pages[::-1], left, False
            pages.append(older)
        return pages[::-1], left, True

    # -------------------------------------------------------------- asking

    def _notes(self, span: Mapping[str, str]) -> list[Mapping[str, Any]]:
        config = self._config
        if config.tag is not None:
            path, what = "/api/notes/search-by-tag", {"tag": config.tag}
        else:
            path, what = "/api/notes/search", {"query": config.query or ""}
        answer = self._post_json(path, {**what, "limit": config.limit, **span})
        if not isinstance(answer, list):
            raise CollectError(
                f"Misskeyの応答ではありません / {config.instance} does not answer like Misskey: "
                "check `instance`"
            )
        return mappings(answer)

    def _check_search(self) -> None:
        """Say before the first search that it is closed; what the server does not say is tried."""
        policies = mapping(mapping(self._post_json("/api/meta", {"detail": True})).get("policies"))
        if policies.get("canSearchNotes") is False:
            raise CollectError(_NO_SEARCH, permanent=True)

    def _post_json(self, path: str, body: Mapping[str, Any]) -> Any:
        token = self._config.token
        secret = {"i": token.get_secret_value()} if token else {}
        try:
            return self._http.post(self._config.instance + path, json={**body, **secret}).json()
        except FetchError as error:
            raise self._explained(error) from error

    def _explained(self, error: FetchError) -> CollectError:
        """Misskey answers most refusals with 400; its error code says which one it is."""
        code = _error_code(error.body)
        if code == "RATE_LIMIT_EXCEEDED" or error.status == 429:
            return CollectError.from_fetch(error, permanent=False)
        if code in ("UNAVAILABLE", "ROLE_PERMISSION_DENIED") and self._config.query:
            return CollectError.from_fetch(error, remedy=f"({code}) {_NO_SEARCH}", permanent=True)
        if code in _CLOSED or error.status in (401, 403):
            return CollectError.from_fetch(error, remedy=f"({code}) {_NEEDS_LOGIN}", permanent=True)
        return CollectError.from_fetch(error, remedy=f"({code})" if code else "")

    def _full_note(self) -> str:
        return (
            f"max_pages ({self._config.max_pages}) に達したため、それより前の投稿は読んでいません / "
            f"older posts were not read: max_pages ({self._config.max_pages}) is reached"
        )

    # -------------------------------------------------------------- understanding

    def _posts(self, notes: Sequence[Mapping[str, Any]], now: datetime) -> tuple[Post, ...]:
        return tuple(post for note in notes if (post := self._post(note, now)))

    def _post(self, note: Mapping[str, Any], now: datetime) -> Post | None:
        """None for a renote without words, what is not public, and what has neither words nor a time."""
        if note.get("isHidden") is True or note.get("visibility", "public") not in ("public", "home"):
            return None
        created_at = moment(note.get("createdAt"))
        text, title = plain(words(note.get("text"))), plain(words(note.get("cw")))
        native = self._address(note)
        if created_at is None or not native or not (text or title):
            return None
        parent = note.get("replyId")
        return Post(
            platform="misskey",
            external_id=native,
            source=self._config.name,
            text=text,
            created_at=created_at,
            fetched_at=now,
            title=title,
            url=address(note.get("url")) or address(native),
            author=self._author(mapping(note.get("user"))),
            lang=words(note.get("lang")) or None,
            engagement=Engagement(
                likes=_reactions(note),
                reposts=count(note.get("renoteCount")),
                replies=count(note.get("repliesCount")),
            ),
            reply_to=self._address(mapping(note.get("reply")) or {"id": parent}) if parent else None,
            tags=_tags(note),
        )

    def _address(self, note: Mapping[str, Any]) -> str:
        """One note has one address on all servers: the `uri` at home is `uri` elsewhere."""
        if remote := words(note.get("uri")):
            return remote
        native = words(note.get("id"))
        return f"{self._config.instance}/notes/{native}" if native else ""

    def _author(self, user: Mapping[str, Any]) -> Author | None:
        username = words(user.get("username"))
        if not username:
            return None
        host = words(user.get("host"))
        handle = f"{username}@{host or self._host}"
        home = f"https://{host}" if host else self._config.instance
        return Author(
            platform="misskey",
            external_id=handle.casefold(),
            handle=handle,
            name=without_emoji(words(user.get("name"))) or username,
            url=address(user.get("url")) or f"{home}/@{username}",
            followers=count(user.get("followersCount")),
            bot=flag(user.get("isBot")),
        )


# ------------------------------------------------------------------ pure parts


def _ids(notes: Sequence[Mapping[str, Any]]) -> list[str]:
    """Ids grow with time, as text: their time comes first, in a fixed number of digits."""
    return [str(note["id"]) for note in notes if note.get("id")]


def _tags(note: Mapping[str, Any]) -> tuple[str, ...]:
    tags = note.get("tags")
    return tuple(filter(None, map(words, tags))) if isinstance(tags, list) else ()


def _reactions(note: Mapping[str, Any]) -> int | None:
    """All reactions together; None when the server does not send them."""
    kinds = note.get("reactions")
    if not isinstance(kinds, dict):
        return count(note.get("reactionCount"))
    return sum(count(number) or 0 for number in kinds.values())


def _error_code(body: bytes) -> str:
    """UNAVAILABLE of {"error": {"code": "UNAVAILABLE", …}}; some versions send the inner part alone."""
    try:
        answer = mapping(json.loads(body))
    except ValueError:
        return ""
    return words((mapping(answer.get("error")) or answer).get("code"))


def _earlier(native: str, span: timedelta, now: datetime) -> str:
    """The id that a note of `span` before this one would have; the same id when it does not hold a time.

    aid, aidx: milliseconds since 2000 in eight digits of base 36, then digits that make it unique.
    """
    if not _TIMED_ID.fullmatch(native):
        return native
    since_2000 = int(native[:_TIME_DIGITS], 36)
    now_ms = int(now.timestamp() * 1000)
    if not 1_400_000_000_000 < since_2000 + _EPOCH_MS < now_ms + 86_400_000:
        return native
    earlier, digits = since_2000 - int(span.total_seconds() * 1000), ""
    while earlier > 0:
        earlier, digit = divmod(earlier, 36)
        digits = _DIGITS[digit] + digits
    return digits.rjust(_TIME_DIGITS, "0") + "0" * (len(native) - _TIME_DIGITS)
