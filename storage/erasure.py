"""Erasing one account: everything it wrote and everything written about it, in one transaction.

What stays: the hours' counts (without names), incidents, the words of their locked evidence (a defence needs
them, APPI art. 33 and GDPR art. 17(3)(e)) without author, address and id, and a salted hash, so that the same posts are
never stored again. What others wrote is theirs: their posts stay as they are, also where they name the account.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, func, select, text, update

from storage import addresses, handover, refusals, segments, testimonials
from storage.authors import AuthorKey
from storage.buckets import COUNTED, TALLIED, TALLIED_TOO, tally
from storage.models import ADVOCATE, AUTHOR, CORRECTION, MENTION, POST
from storage.models_alerting import EVIDENCE, INCIDENT, NOTIFICATION, SILENCE
from storage.models_casebook import EVENT, MARK, REPORT
from storage.models_handover import TRANSFER
from storage.models_people import CONSENT, ERASED, JOURNEY, STEP
from storage.models_pulses import READING, RULE
from storage.models_testimonials import CURATION, PUBLICATION
from storage.notices import Delivery
from storage.quotes import Place
from storage.refusals import Refusal, RefusalKind
from storage.scrub import BLACK, Scrub
from storage.transfers import Handed
from storage.upsert import Row, add, chunks

KEPT: tuple[tuple[Table, tuple[str, ...]], ...] = (
    (INCIDENT, ("reasons",)),
    (EVENT, ("by", "note", "values")),
    (REPORT, ("content", "figures")),
    (RULE, ("state",)),
    (SILENCE, ("reason",)),
    (STEP, ("note", "values")),
    (MARK, ("text", "note")),
    (TRANSFER, ("detail",)),
    (CURATION, ("by",)),
    (PUBLICATION, ("place", "by", "down_by")),
)
"""What other rows may say of an account; notifications and evidence have their own way."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure took away. `told`: how many messages about the account had left for each channel.

    `surveys` and `referrals` are those of every address that the person ever gave with a consent. `handed`: the
    programs that have the person; `places`: where their words are published. Nothing else knows the latter any more.
    """

    account: str
    mentions: int
    posts: int
    advocates: int
    consents: int
    evidence: int
    told: dict[str, int]
    surveys: int = 0
    referrals: int = 0
    handed: tuple[Handed, ...] = ()
    places: tuple[Place, ...] = ()


def erase(connection: Connection, name: AuthorKey, now: datetime, *, by: str, reason: str) -> Erased:
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA secure_delete=ON"))  # what is deleted is overwritten
    wanted = select(AUTHOR).where(AUTHOR.c.platform == name[0], AUTHOR.c.external_id == name[1])
    author = connection.execute(wanted).mappings().one_or_none()
    author_id: int = author["id"] if author else -1
    posts = [
        dict(row) for row in connection.execute(select(POST).where(POST.c.author_id == author_id)).mappings()
    ]
    copies = _copies(connection, name, posts)
    ids = list(connection.scalars(select(ADVOCATE.c.id).where(ADVOCATE.c.author_id == author_id)))
    scrub = _scrub(name, dict(author) if author else {}, posts, copies, _given(connection, ids))
    told = _notifications(connection, name, posts, scrub)
    surveys, referrals = _answers(connection, author_id, now, by=by)
    handed, places = handover.forget(connection, ids), testimonials.forget(connection, ids)
    advocates, consents = _people(connection, author_id)
    mentions = _posts(connection, author_id, [row["id"] for row in posts])
    _evidence(connection, copies, scrub, str(author["name"]) if author else "")
    for table, columns in KEPT:
        _clean(connection, table, columns, scrub)
    segments.clean(connection, scrub)
    digest = refusals.digest(connection, name)
    refusal = Refusal(digest, RefusalKind.ERASED, now, by, scrub.text(reason), consents)
    refusals.write(connection, refusal)
    counts = (mentions, len(posts), advocates, consents, len(copies))
    return Erased(":".join(name), *counts, told, surveys, referrals, handed, places)


def _given(connection: Connection, ids: Sequence[int]) -> tuple[set[str], set[str]]:
    """The addresses and the names that the person gave with a consent."""
    wanted = select(CONSENT.c.email, CONSENT.c.name_given).where(CONSENT.c.advocate_id.in_(ids))
    rows = connection.execute(wanted).all()
    return {row.email.strip() for row in rows} - {""}, {row.name_given.strip() for row in rows} - {""}


def _scrub(
    name: AuthorKey,
    author: Row,
    posts: Sequence[Row],
    copies: Sequence[Row],
    given: tuple[set[str], set[str]],
) -> Scrub:
    handle = str(author.get("handle", "")).removeprefix("@")
    words = {":".join(name), name[1], handle, str(author.get("url", ""))}
    for row in (*posts, *copies):
        words |= {row["url"], f"{row['platform']}:{row['external_id']}"}
    texts = [
        f"{row['title']}\n{row['text']}" if row.get("title") else row["text"] for row in (*posts, *copies)
    ]
    addresses_given, names_given = given
    names = {str(author.get("name", ""))} | names_given
    return Scrub(words=(words | addresses_given) - {""}, names=names - {""}, texts=texts)


def _copies(connection: Connection, name: AuthorKey, posts: Sequence[Row]) -> list[Row]:
    """The locked copies of what the account wrote, also of posts that retention forgot."""
    theirs = {(row["platform"], row["external_id"]) for row in posts}
    rows = connection.execute(select(EVIDENCE)).mappings()
    return [
        dict(row)
        for row in rows
        if row["author"] == ":".join(name) or (row["platform"], row["external_id"]) in theirs
    ]


def _answers(connection: Connection, author_id: int, now: datetime, *, by: str) -> tuple[int, int]:
    """Away with what the person answered and whom they brought, while the ledger still says their addresses."""
    ids = list(connection.scalars(select(ADVOCATE.c.id).where(ADVOCATE.c.author_id == author_id)))
    surveys = referrals = 0
    for address in sorted(addresses.given_by(connection, ids)):
        gone = addresses.forget(connection, address, now, by=by, reason="")
        surveys, referrals = surveys + gone[0], referrals + gone[1]
    return surveys, referrals


def _people(connection: Connection, author_id: int) -> tuple[int, int]:
    """Away with the programme's rows; how many advocates and consents."""
    ids = list(connection.scalars(select(ADVOCATE.c.id).where(ADVOCATE.c.author_id == author_id)))
    consents = connection.scalar(select(func.count()).where(CONSENT.c.advocate_id.in_(ids))) or 0
    for table in (CONSENT, STEP, JOURNEY):
        connection.execute(delete(table).where(table.c.advocate_id.in_(ids)))
    connection.execute(delete(ADVOCATE).where(ADVOCATE.c.id.in_(ids)))
    return len(ids), consents


def _posts(connection: Connection, author_id: int, post_ids: Sequence[int]) -> int:
    """Away with posts and mentions; the hours keep their counts. Returns how many mentions."""
    forgotten = 0
    theirs = select(*TALLIED, *TALLIED_TOO).where(MENTION.c.author_id == author_id, COUNTED)
    counted = [
        {"topic": topic, "hour": hour, "platform": platform, **counts}
        for (topic, hour, platform), counts in tally(connection.execute(theirs)).items()
    ]
    add(connection, ERASED, counted, key=["topic", "hour", "platform"])
    for some in chunks(post_ids):
        ids = list(connection.scalars(select(MENTION.c.id).where(MENTION.c.post_id.in_(some))))
        for batch in chunks(ids):
            connection.execute(delete(CORRECTION).where(CORRECTION.c.mention_id.in_(batch)))
            connection.execute(delete(MENTION).where(MENTION.c.id.in_(batch)))
        connection.execute(delete(READING).where(READING.c.post_id.in_(some)))
        connection.execute(delete(POST).where(POST.c.id.in_(some)))
        forgotten += len(ids)
    connection.execute(delete(AUTHOR).where(AUTHOR.c.id == author_id))
    return forgotten


def _evidence(connection: Connection, copies: Sequence[Row], scrub: Scrub, name: str) -> None:
    """The words stay as evidence, who wrote them goes. A copy that names its author gets a new checksum."""
    for row in copies:
        words = scrub.words(row["text"])
        words = words.replace(name, BLACK) if name else words
        changed: dict[str, Any] = {"author": "", "url": "", "external_id": "", "text": words}
        changed["sha256"] = hashlib.sha256(words.encode()).hexdigest()
        connection.execute(update(EVIDENCE).where(EVIDENCE.c.id == row["id"]).values(changed))


def _notifications(
    connection: Connection, name: AuthorKey, posts: Sequence[Row], scrub: Scrub
) -> dict[str, int]:
    """Messages about the account lose their words, and those not sent yet are not sent; by channel, those sent.

    A message about something else keeps its words but for the account's.
    """
    about = {f"/{':'.join(name)}/", *(f"/{row['platform']}:{row['external_id']}/" for row in posts)}
    told: dict[str, int] = {}
    sent, over = Delivery.SENT.value, {Delivery.SENT.value, Delivery.FAILED.value, Delivery.MUTED.value}
    columns = ("alert_key", "title", "payload", "error", "thread", "group")
    for row in connection.execute(select(NOTIFICATION)).mappings().all():
        changed: Row = {column: scrub.written(row[column]) for column in columns}
        if any(part in f"{row['alert_key']}/" for part in about):
            changed |= {"title": BLACK, "payload": ""}
            changed["alert_key"] = f"erased/{row['id']}"
            changed["thread"] = changed["group"] = ""
            changed["state"] = row["state"] if row["state"] in over else Delivery.MUTED.value
            changed["next_at"] = row["next_at"] if row["state"] in over else None
        if all(row[column] == value for column, value in changed.items()):
            continue
        if row["state"] == sent:
            told[row["channel"]] = told.get(row["channel"], 0) + 1
        connection.execute(update(NOTIFICATION).where(NOTIFICATION.c.id == row["id"]).values(changed))
    return told


def _clean(connection: Connection, table: Table, columns: Sequence[str], scrub: Scrub) -> None:
    keys = [column.name for column in table.primary_key]
    for row in connection.execute(select(table)).mappings().all():
        changed = {
            column: scrub.written(row[column]) if isinstance(row[column], str) else scrub.value(row[column])
            for column in columns
        }
        if any(row[column] != value for column, value in changed.items()):
            same = [table.c[column] == row[column] for column in keys]
            connection.execute(update(table).where(*same).values(changed))
