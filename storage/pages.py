"""Saving one page of posts: the one place where mentions, posts, authors and roll-ups change together.

Pages are saved one at a time (SQLite's write lock; an advisory lock on PostgreSQL), so that reading, merging
in Python and writing back is safe, and only rows that really changed are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from storage import (
    authors,
    buckets,
    casebook,
    corrections,
    mentions,
    posts,
    pulses,
    refusals,
    settings,
    sources,
)
from storage.columns import storable
from storage.judgement import corrected
from storage.models import SHARE
from storage.posts import PostKey
from storage.types import Mention, Post
from storage.upsert import Row, add


@dataclass(frozen=True, slots=True)
class Page:
    source: str
    kind: str
    mentions: tuple[Mention, ...]
    seen: tuple[Post, ...]
    cursor: Mapping[str, Any]
    at: datetime


def save(connection: Connection, page: Page) -> list[Mention]:
    allowed, seen = refusals.storable_posts(connection, page.mentions, page.seen)
    page = replace(page, mentions=allowed, seen=seen)
    before = posts.stored(connection, map(posts.key, (*(m.post for m in page.mentions), *page.seen)))
    kept = _kept(page, before, settings.horizon(connection))
    people = authors.save(connection, [(p.author, p.fetched_at) for p in _all(kept) if p.author is not None])
    after = _save_posts(connection, kept, before, people)
    casebook.note_rewritten(connection, before, after, page.at)
    pulses.note(connection, before, after)
    rows = _save_mentions(connection, kept, before, after, people)
    sources.move_cursor(connection, page.source, page.kind, page.cursor, page.at)
    named = [m for m in page.mentions if posts.key(m.post) in after]
    places = [(after[posts.key(mention.post)]["id"], storable(mention.topic)) for mention in named]
    return mentions.by_id(connection, [rows[place] for place in places if place in rows])


def _all(page: Page) -> list[Post]:
    return sorted([*(mention.post for mention in page.mentions), *page.seen], key=_fetched_at)


def _fetched_at(post: Post) -> datetime:
    return post.fetched_at


def _kept(page: Page, before: Mapping[PostKey, Row], horizon: datetime | None) -> Page:
    """The page without what retention has forgotten and without seen posts that nobody stored.

    In the order of fetching: the last word of a page is the latest, however often the page is saved.
    """

    def lasts(post: Post) -> bool:
        row = before.get(posts.key(post))
        return (
            horizon is None or min(post.created_at, row["created_at"] if row else post.created_at) >= horizon
        )

    matching = [mention for mention in page.mentions if lasts(mention.post)]
    matching.sort(key=lambda mention: mention.post.fetched_at)
    stored = {*before, *(posts.key(mention.post) for mention in matching)}
    seen = sorted((p for p in page.seen if posts.key(p) in stored and lasts(p)), key=_fetched_at)
    return replace(page, mentions=tuple(matching), seen=tuple(seen))


def _save_posts(
    connection: Connection, page: Page, before: Mapping[PostKey, Row], people: Mapping[authors.AuthorKey, Row]
) -> dict[PostKey, Row]:
    """The rows of the page's posts, with ids, after it."""
    after: dict[PostKey, Row] = {}
    for mention in page.mentions:
        post, name = mention.post, posts.key(mention.post)
        author_id = people[authors.key(post.author)]["id"] if post.author else None
        row = after.get(name) or before.get(name)
        after[name] = posts.rewritten(row, post, author_id) if row else posts.row_of(post, author_id)
    for post in page.seen:
        name = posts.key(post)
        after[name] = posts.counted_again(after.get(name) or before[name], post)
    written = posts.write(connection, [row for name, row in after.items() if row != before.get(name)])
    for name, post_id in written.items():
        after[name]["id"] = post_id
    return after


def _save_mentions(
    connection: Connection,
    page: Page,
    before: Mapping[PostKey, Row],
    after: Mapping[PostKey, Row],
    people: Mapping[authors.AuthorKey, Row],
) -> dict[tuple[int, str], int]:
    """Write what changed, move the roll-ups along; returns the ids by (post id, topic)."""
    stored = mentions.of_posts(connection, (row["id"] for row in after.values()))
    old = {(row["post_id"], row["topic"]): row for row in stored}
    new = dict(old)
    words = corrections.standing(connection, stored)
    for mention in page.mentions:
        name, topic = posts.key(mention.post), storable(mention.topic)
        place = (after[name]["id"], topic)
        if place not in new or posts.owns_words(mention.post, before.get(name) or after[name]):
            row = _rewritten(new.get(place), mention, words.get(place))
            new[place] = row | {"post_id": place[0], "topic": topic}
    by_post = {row["id"]: row for row in after.values()}
    followers = _followers(page, before, after, people)
    for place, row in new.items():
        new[place] = row | _repeated(row, by_post[place[0]], followers.get(place[0]))
    changed = [place for place, row in new.items() if row != old.get(place)]
    gone, come = [old[place] for place in changed if place in old], [new[place] for place in changed]
    who = buckets.presences([*gone, *come])
    reach_before = buckets.reached(connection, who)
    ids = mentions.write(connection, come)
    reach_after = buckets.reached(connection, who)
    buckets.apply(connection, gone=gone, come=come, reach_before=reach_before, reach_after=reach_after)
    _count_shares(connection, page.source, [new[place]["topic"] for place in changed if place not in old])
    return {place: row["id"] for place, row in old.items()} | ids


def _rewritten(row: Row | None, mention: Mention, word: corrections.Standing | None) -> Row:
    """A new analysis below the person's word that stands; the story stays when it does not name one."""
    analysed = mentions.analysed(mention)
    if word is not None:
        analysed |= corrected(analysed, word.labels, word.kind, word.id)
    return analysed if row is None else {**row, **analysed, "story": mention.story or row["story"]}


def _followers(
    page: Page,
    before: Mapping[PostKey, Row],
    after: Mapping[PostKey, Row],
    people: Mapping[authors.AuthorKey, Row],
) -> dict[int, tuple[int | None, int | None]]:
    """By post id: the followers this page tells, and those known of the author at all."""
    told: dict[int, tuple[int | None, int | None]] = {}
    for post in _all(page):
        row, name = after[posts.key(post)], posts.key(post)
        if post.author is None or people[authors.key(post.author)]["id"] != row["author_id"]:
            continue
        known = people[authors.key(post.author)]["followers"]
        late = name in before and post.fetched_at < before[name]["fetched_at"]
        earlier = told.get(row["id"], (None, None))[0]
        now = None if late else posts.count(post.author.followers)
        told[row["id"]] = (earlier if now is None else now, known)
    return told


def _repeated(row: Row, post: Row, followers: tuple[int | None, int | None] | None) -> Row:
    """What a mention repeats of its post, and the reach it had when last seen."""
    told, known = followers or (None, None)
    reach = next((count for count in (told, row.get("reach"), known) if count is not None), None)
    return {
        "platform": post["platform"],
        "author_id": post["author_id"],
        "created_at": post["created_at"],
        "hour": buckets.hour_of(post["created_at"]),
        "reach": reach,
        "engagement": posts.engagement(post),
    }


def _count_shares(connection: Connection, source: str, topics: list[str]) -> None:
    rows = [
        {"topic": topic, "source": source, "mentions": topics.count(topic)} for topic in dict.fromkeys(topics)
    ]
    add(connection, SHARE, rows, key=["topic", "source"])
