"""Reads the public posts with one hashtag from a Mastodon server.

    sources:
      - name: mastodon-minamo
        kind: mastodon
        instance: https://example.social
        tag: ミナモ珈琲              # without #
        any: [minamocoffee]          # posts with one of these count too
        all: []                      # only posts that also have every one of these
        none: [pr]                   # no posts with one of these
        backfill: 90d                # how far the first collect reads back
        overlap: 1h                  # how far later collects look back for late posts
        max_pages: 50                # of one collect, each of `limit` posts (at most 40)
        token_env: MASTODON_TOKEN    # only where the server asks for a login; scope read:statuses
        respect_noindex: true        # leave out authors who opted out of being searched

A server knows only the posts that reached it, so give several servers; a post that two of them have is kept
once (its `uri` is its id). Servers can close hashtags to visitors (Mastodon 4.5): the source then says so.
Authors who did not agree to be found by search (`indexable: false`, `noindex: true`) are left out while
`respect_noindex` is true, and counted in the source's status. Boosts are skipped: they are a count of the
post that they repeat.

The first collect pages back from the newest post; its cursor remembers both ends (`newest`, `oldest`), so
that a stopped one goes on where it was. After that, `min_id` pages forward without gaps. A post from
another server can arrive late, with an id of when it was written: with the pages that new posts left over, every
collect looks at the last `overlap` again, which also refreshes the counts; what it has no pages for, the next one
goes on with (`late` in the cursor).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, Field, SecretStr

from listener.collectors import CollectError, Duration, Page, SourceConfig
from listener.collectors.fields import address, count, flag, hashtag, mapping, mappings, moment, server, words
from listener.collectors.markup import plain
from listener.collectors.overlap import LookBack, behind, of_cursor, to_cursor
from listener.http import Fetcher, FetchError
from storage.types import Author, Engagement, Post

_Tag = Annotated[str, AfterValidator(hashtag)]

_CLOSED = (401, 403, 422)  # 422: "This method requires an authenticated user"
# Repeats the quoted post's address for servers that know no quotes; Mastodon hides it.
_QUOTE_LINK = re.compile(r'<(p|span) class="[^"]*\bquote-inline\b[^"]*">.*?</\1>', re.DOTALL)
_CLOSED_REMEDY = {
    False: "このサーバーはハッシュタグの閲覧にログインを求めています。token_env を設定するか、"
    "別のサーバーを指定してください / this server shows hashtags only to its users: "
    "set token_env (scope read:statuses), or choose another instance.",
    True: "トークンが受け付けられません。read:statuses 権限で作り直してください / the token is not accepted: "
    "make a new one with the scope read:statuses.",
}


class MastodonConfig(SourceConfig):
    """The keys of a mastodon source."""

    kind: Literal["mastodon"] = "mastodon"
    instance: Annotated[str, AfterValidator(server)]
    tag: _Tag
    any: tuple[_Tag, ...] = ()
    all: tuple[_Tag, ...] = ()
    none: tuple[_Tag, ...] = ()
    limit: int = Field(default=40, ge=1, le=40)
    max_pages: int = Field(default=50, ge=1)
    backfill: Duration = timedelta(days=90)
    overlap: Duration = timedelta(hours=1)
    token: SecretStr | None = None
    respect_noindex: bool = True

    @property
    def asks_posts(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class _Server:
    """What the server says of itself. `scope` is a parameter when only a part of the posts is open."""

    domain: str
    scope: Mapping[str, str]
    note: str = ""


class MastodonCollector:
    """Reads one hashtag of one server.

    Cursor: {newest, oldest, pages} while reading back, then {min_id, caught_up, late}.
    """

    Config = MastodonConfig

    def __init__(self, config: MastodonConfig, *, http: Fetcher) -> None:
        self._config = config
        self._http = http
        self._left_out = 0

    def collect(self, cursor: Mapping[str, Any], *, now: datetime) -> Iterator[Page]:
        """Newest page first on the first collect; afterwards new posts, oldest first. Raises CollectError."""
        self._left_out = 0
        home = self._server()
        if "min_id" in cursor:
            yield from self._forward(home, cursor, now)
        else:
            yield from self._back(home, cursor, now)

    # -------------------------------------------------------------- the two directions

    def _back(self, home: _Server, cursor: Mapping[str, Any], now: datetime) -> Iterator[Page]:
        newest, oldest = str(cursor.get("newest", "")), str(cursor.get("oldest", ""))
        pages = int(cursor.get("pages", 0))
        since = now - self._config.backfill
        while True:
            statuses = self._timeline(home, {"max_id": oldest} if oldest else {})
            ids = _ids(statuses)
            ended = not ids or bool(oldest and _order(min(ids, key=_order)) >= _order(oldest))
            if ids:
                newest = newest or max(ids, key=_order)
                oldest = min(ids, key=_order)
            posts = self._posts(home, statuses, now)
            recent = tuple(post for post in posts if post.created_at >= since)
            times = [found for status in statuses if (found := moment(status.get("created_at")))]
            pages += 1
            note = self._full_note() if pages >= self._config.max_pages and not ended else ""
            if ended or note or (times and max(times) < since):
                done = {"min_id": newest, "caught_up": True} if newest else {}
                yield Page(recent, done, unchanged=not newest, note=self._notes(home.note, note))
                return
            yield Page(recent, {"newest": newest, "oldest": oldest, "pages": pages})

    def _forward(self, home: _Server, cursor: Mapping[str, Any], now: datetime) -> Iterator[Page]:
        """New posts first, so that a crowd of them is kept up with; then the overlap with the pages left."""
        position, late = str(cursor["min_id"]), self._late(cursor, now)
        left, fullest, read = self._config.max_pages, 0, False
        while left > 0:
            statuses, left = self._timeline(home, {"min_id": position}), left - 1
            newest = max((*_ids(statuses), position), key=_order)
            if newest == position:
                break
            position, read = newest, True
            yield Page(
                self._posts(home, statuses, now), {"min_id": position, "caught_up": False, **to_cursor(late)}
            )
            # A server may hold less than `limit` a page; less than it sent before is all there was.
            if len(statuses) < fullest:
                break
            fullest = len(statuses)
        else:
            yield Page(
                cursor={"min_id": position, "caught_up": False, **to_cursor(late)},
                note=self._notes(home.note, behind(self._config.max_pages)),
            )
            return
        yield from self._again(home, position, late, left, read, now)

    def _again(
        self, home: _Server, position: str, late: LookBack | None, left: int, read: bool, now: datetime
    ) -> Iterator[Page]:
        """The overlap, from its newest post down, for at most `left` pages; `read`: there were new posts."""
        while late is not None and left > 0:
            statuses, bound = self._timeline(home, {"max_id": late.at}), late.to
            late, left = late.after(_ids(statuses), _order), left - 1
            recent = [one for one in statuses if _order(str(one.get("id", ""))) > _order(bound)]
            if recent:
                read = True
                cursor = {"min_id": position, "caught_up": True, **to_cursor(late)}
                yield Page(self._posts(home, recent, now), cursor)
        end = {"min_id": position, "caught_up": True, **to_cursor(late)}
        yield Page(cursor=end, unchanged=not read, note=self._notes(home.note))

    def _late(self, cursor: Mapping[str, Any], now: datetime) -> LookBack | None:
        """What is to be looked at again: what an earlier collect left over, else the overlap; itself included."""
        position = str(cursor["min_id"])
        start = _earlier(position, self._config.overlap, now)
        known = of_cursor(cursor)
        if known is not None or not cursor.get("caught_up") or start == position:
            return known
        return LookBack(str(int(position) + 1), start)

    # -------------------------------------------------------------- asking

    def _server(self) -> _Server:
        """Whether hashtags are open, and the server's name in handles. Raises CollectError when closed."""
        host = urlsplit(self._config.instance).netloc
        try:
            about = mapping(self._get("/api/v2/instance", {}))
        except FetchError as error:
            if error.status in (404, 410):  # before Mastodon 4.0, and some relatives of it: nothing to ask
                return _Server(host, {})
            raise self._explained(error) from error
        rules = mapping(mapping(about.get("configuration")).get("timelines_access"))
        access = mapping(rules.get("hashtag_feeds"))
        parts = {part: words(access.get(part)) for part in ("local", "remote")}
        closed = {part: rule for part, rule in parts.items() if not self._opens(rule)}
        domain = words(about.get("domain")) or host
        if not closed:
            return _Server(domain, {})
        if len(closed) == 2:
            if "authenticated" in closed.values():
                raise CollectError(_CLOSED_REMEDY[False], permanent=True)
            raise CollectError(
                f"{host} はハッシュタグの一覧を公開していません。別のサーバーを指定してください / "
                f"{host} has switched hashtag timelines off: choose another instance.",
                permanent=True,
            )
        if "remote" in closed:
            note = "このサーバーの投稿だけを読めます / only this server's own posts are open to us"
            return _Server(domain, {"local": "true"}, note)
        note = "ほかのサーバーの投稿だけを読めます / only other servers' posts are open to us"
        return _Server(domain, {"remote": "true"}, note)

    def _opens(self, rule: str) -> bool:
        """An older server says nothing and is open."""
        return rule not in ("disabled", "authenticated") or (rule == "authenticated" and self._has_token)

    @property
    def _has_token(self) -> bool:
        return self._config.token is not None

    def _timeline(self, home: _Server, span: Mapping[str, str]) -> list[Mapping[str, Any]]:
        config = self._config
        chosen = {"any[]": config.any, "all[]": config.all, "none[]": config.none}
        params = {"limit": config.limit, **home.scope, **span, **{k: list(v) for k, v in chosen.items() if v}}
        try:
            answer = self._get(f"/api/v1/timelines/tag/{quote(config.tag, safe='')}", params)
        except FetchError as error:
            raise self._explained(error) from error
        if not isinstance(answer, list):
            raise CollectError(
                f"Mastodonの応答ではありません / {config.instance} does not answer like Mastodon: "
                "check `instance`"
            )
        return mappings(answer)

    def _get(self, path: str, params: Mapping[str, Any]) -> Any:
        token = self._config.token
        headers = {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}
        return self._http.get(self._config.instance + path, params=params, headers=headers).json()

    def _explained(self, error: FetchError) -> CollectError:
        if error.status in _CLOSED:
            return CollectError.from_fetch(error, remedy=_CLOSED_REMEDY[self._has_token], permanent=True)
        return CollectError.from_fetch(error)

    # -------------------------------------------------------------- understanding

    def _posts(self, home: _Server, statuses: Sequence[Mapping[str, Any]], now: datetime) -> tuple[Post, ...]:
        found = []
        for status in statuses:
            account = mapping(status.get("account"))
            if self._config.respect_noindex and (
                account.get("noindex") is True or account.get("indexable") is False
            ):
                self._left_out += 1
                continue
            post = self._post(home, status, account, now)
            found += [post] if post else []
        return tuple(found)

    def _post(
        self, home: _Server, status: Mapping[str, Any], account: Mapping[str, Any], now: datetime
    ) -> Post | None:
        """None for a boost, for what is not public, and for what has neither words nor a time."""
        created_at = moment(status.get("created_at"))
        native = words(status.get("uri")) or words(status.get("url"))
        if status.get("reblog") or status.get("visibility", "public") not in ("public", "unlisted"):
            return None
        emojis = _shortcodes(status.get("emojis"))
        text = _without(plain(_QUOTE_LINK.sub("", words(status.get("content")))), emojis)
        title = _without(words(status.get("spoiler_text")), emojis)
        if created_at is None or not native or not (text or title):
            return None
        parent = words(status.get("in_reply_to_id"))
        return Post(
            platform="mastodon",
            external_id=native,
            source=self._config.name,
            text=text,
            created_at=created_at,
            fetched_at=now,
            title=title,
            url=address(status.get("url")) or address(native),
            author=_author(account, home.domain),
            lang=words(status.get("language")) or None,
            engagement=Engagement(
                likes=count(status.get("favourites_count")),
                reposts=count(status.get("reblogs_count")),
                replies=count(status.get("replies_count")),
                quotes=count(status.get("quotes_count")),
            ),
            reply_to=f"{self._config.instance}/api/v1/statuses/{parent}" if parent else None,
            tags=tuple(filter(None, (words(tag.get("name")) for tag in mappings(status.get("tags"))))),
        )

    # -------------------------------------------------------------- notes

    def _full_note(self) -> str:
        return (
            f"max_pages ({self._config.max_pages}) に達したため、それより前の投稿は読んでいません / "
            f"older posts were not read: max_pages ({self._config.max_pages}) is reached"
        )

    def _notes(self, *notes: str) -> str:
        left = self._left_out
        noindex = (
            f"検索を許可していない投稿者の投稿 {left} 件を除きました / {left} posts left out: "
            "their authors did not agree to be searched (respect_noindex)"
        )
        return "; ".join(note for note in (*notes, noindex if left else "") if note)


# ------------------------------------------------------------------ pure parts


def _author(account: Mapping[str, Any], domain: str) -> Author | None:
    """`acct` of a local account has no server in it."""
    acct = words(account.get("acct")) or words(account.get("username"))
    if not acct:
        return None
    handle = acct if "@" in acct else f"{acct}@{domain}"
    shown = _without(words(account.get("display_name")), _shortcodes(account.get("emojis")))
    return Author(
        platform="mastodon",
        external_id=handle.casefold(),
        handle=handle,
        name=shown or words(account.get("username")) or acct,
        url=address(account.get("url")) or address(account.get("uri")),
        followers=count(account.get("followers_count")),
        bot=flag(account.get("bot")),
    )


def _shortcodes(emojis: object) -> tuple[str, ...]:
    return tuple(f":{words(emoji.get('shortcode'))}:" for emoji in mappings(emojis) if emoji.get("shortcode"))


def _without(text: str, shortcodes: Sequence[str]) -> str:
    """A custom emoji is a picture; its name (":party_parrot:") is not the author's word."""
    for shortcode in shortcodes:
        text = text.replace(shortcode, " ")
    return re.sub(r" {2,}", " ", text).strip() if shortcodes else text


def _ids(statuses: Sequence[Mapping[str, Any]]) -> list[str]:
    return [str(status["id"]) for status in statuses if status.get("id")]


def _order(native: str) -> tuple[int, str]:
    """Ids grow with time: numbers by value, and the fixed-length ids of relatives of Mastodon by letters."""
    return len(native), native


def _earlier(native: str, span: timedelta, now: datetime) -> str:
    """The id that a post of `span` before this one would have; the same id when it does not hold a time.

    Mastodon: milliseconds since 1970, shifted left by 16 bits.
    """
    if not native.isdigit():
        return native
    written_ms = int(native) >> 16
    now_ms = int(now.timestamp() * 1000)
    if not 1_400_000_000_000 < written_ms < now_ms + 86_400_000:
        return native
    return str((written_ms - int(span.total_seconds() * 1000)) << 16)
