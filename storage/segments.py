"""`Store.segments`: saved filters over advocates, and the mentions that such a filter is asked of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, select, update

from storage import mentions, refusals
from storage.authors import key as account
from storage.columns import storable
from storage.engine import Database
from storage.models import AUTHOR, MENTION
from storage.models_segments import SEGMENT
from storage.scrub import Scrub
from storage.segmentation import LONGEST_NAME, Segment, SegmentError, Wanted, check, folded, given, wanted_of
from storage.types import Author, Mention
from storage.upsert import Row, chunks, insert

TYPED = ("owner", "tag")
"""The conditions that people type; the others are codes and names of config.yaml."""


class Segments:
    """All saved filters."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def every(self) -> list[Segment]:
        """By name."""
        with self._database.read() as connection:
            rows = connection.execute(select(SEGMENT).order_by(SEGMENT.c.folded)).mappings()
            return [_segment_of(row) for row in rows]

    def one(self, segment_id: int) -> Segment | None:
        with self._database.read() as connection:
            row = connection.execute(select(SEGMENT).where(SEGMENT.c.id == segment_id)).mappings()
            return next((_segment_of(found) for found in row), None)

    def called(self, name: str) -> Segment | None:
        """By its name, whatever width and case it is written in."""
        with self._database.read() as connection:
            row = connection.execute(select(SEGMENT).where(SEGMENT.c.folded == folded(name))).mappings()
            return next((_segment_of(found) for found in row), None)

    def save(
        self, name: str, wanted: Wanted, *, by: str, now: datetime, number_if_taken: bool = False
    ) -> Segment:
        """A new segment. Raises SegmentError; `number_if_taken` appends 2, 3 … to a name that exists."""
        check(name, wanted)
        with self._database.write() as connection:
            free = _free(connection, name) if number_if_taken else name.strip()
            new = insert(connection, SEGMENT).values(_row_of(free, wanted, by, now))
            stored = connection.execute(new.on_conflict_do_nothing().returning(SEGMENT)).mappings()
            row = stored.one_or_none()
            if row is None:
                raise SegmentError("taken", name=free)
            return _segment_of(row)

    def change(self, segment_id: int, name: str, wanted: Wanted, *, by: str, now: datetime) -> Segment:
        """Another name, another filter, or both. Raises SegmentError."""
        check(name, wanted)
        with self._database.write() as connection:
            same = select(SEGMENT.c.id).where(SEGMENT.c.folded == folded(name), SEGMENT.c.id != segment_id)
            if connection.scalar(same) is not None:
                raise SegmentError("taken", name=name.strip())
            changing = update(SEGMENT).where(SEGMENT.c.id == segment_id).returning(SEGMENT)
            changed = connection.execute(changing.values(_row_of(name, wanted, by, now))).mappings()
            row = changed.one_or_none()
            if row is None:
                raise SegmentError("unknown")
            return _segment_of(row)

    def delete(self, segment_id: int) -> bool:
        """The filter goes, the people stay. False when there is none (any more)."""
        with self._database.write() as connection:
            return connection.execute(delete(SEGMENT).where(SEGMENT.c.id == segment_id)).rowcount == 1

    def writers(
        self, topic: str, external_ids: Iterable[str], since: datetime, until: datetime
    ) -> list[tuple[Author, list[Mention]]]:
        """Accounts with these ids, on whatever platform, with their mentions in [since, until), oldest first.

        One id may be several accounts: `alerts.advocacy.person.gather` says which of them are one writer. Accounts
        that refused are left out.
        """
        in_time = (MENTION.c.created_at >= since, MENTION.c.created_at < until)
        theirs = mentions.SELECT.where(MENTION.c.topic == topic, *in_time, ~MENTION.c.irrelevant)
        in_order = (MENTION.c.author_id, MENTION.c.created_at, MENTION.c.id)
        found: list[tuple[Author, list[Mention]]] = []
        for some in chunks(sorted(set(external_ids))):
            groups: dict[int, list[Mention]] = {}
            with self._database.read() as connection:
                rows = connection.execute(theirs.where(AUTHOR.c.external_id.in_(some)).order_by(*in_order))
                for row in rows.mappings():
                    groups.setdefault(row["author_id"], []).append(mentions.mention_of(row))
                latest = [(group[-1].post.author, group) for group in groups.values()]
                people = [(author, group) for author, group in latest if author is not None]
                refused = refusals.among(connection, (account(author) for author, _ in people))
            found += [(author, group) for author, group in people if account(author) not in refused]
        return found


def clean(connection: Connection, scrub: Scrub) -> None:
    """Part of an erasure. No row names an account by itself, but what people type may: it becomes ■."""
    for row in connection.execute(select(SEGMENT)).mappings().all():
        typed = {name: scrub.text(row["wanted"][name]) for name in TYPED if name in row["wanted"]}
        changed: Row = {"wanted": {**row["wanted"], **typed}, "by": scrub.text(row["by"])}
        if (name := scrub.text(row["name"])) != row["name"]:
            name = f"{name} {row['id']}"  # two may become the same ■
            changed |= {"name": name, "folded": folded(name)}
        if any(row[column] != value for column, value in changed.items()):
            connection.execute(update(SEGMENT).where(SEGMENT.c.id == row["id"]).values(changed))


def _free(connection: Connection, name: str) -> str:
    """The name, or the name with the first number that makes it new."""
    taken = set(connection.scalars(select(SEGMENT.c.folded)))
    free, number = name.strip(), 2
    while folded(free) in taken:
        end = f" {number}"
        free, number = name.strip()[: LONGEST_NAME - len(end)] + end, number + 1
    return free


def _row_of(name: str, wanted: Wanted, by: str, now: datetime) -> Row:
    return {
        "name": name.strip(),
        "folded": storable(folded(name)),
        "wanted": given(wanted),
        "by": by,
        "at": now,
    }


def _segment_of(row: RowMapping) -> Segment:
    return Segment(row["name"], wanted_of(row["wanted"]), row["by"], row["at"], row["id"])
