"""`Store`: the only door to the database. Values of `storage.types` go in and come out; rows never do.

Every method is one transaction (the exceptions say so) and may be called from any thread. Times must be
aware; they come back in UTC. Every method can raise `StoreError`, whose message carries the
remedy; a naive time raises ValueError.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from storage import (
    advocates,
    buckets,
    evidence,
    history,
    incidents,
    integrity,
    mentions,
    notifications,
    pages,
    retention,
    settings,
    silences,
    sources,
)
from storage.advocates import save as save_ranking
from storage.alerting import Alerting
from storage.casebook import Casebook
from storage.engine import Database
from storage.errors import StoreError
from storage.evidence import Evidence
from storage.handover import Handover
from storage.impact import Impact
from storage.judgements import Judgements
from storage.looks import Looks
from storage.mentions import Identity, MentionFilter
from storage.notices import Delivery, Notification, Silence
from storage.people import People
from storage.privacy import Privacy
from storage.pulses import Pulses
from storage.referrals import Referrals
from storage.segments import Segments
from storage.surveys import Surveys
from storage.testimonials import Testimonials
from storage.types import (
    Advocate,
    Author,
    Bucket,
    Fetch,
    History,
    Incident,
    IncidentState,
    Mention,
    Observation,
    Post,
    SourceState,
    Topic,
)

__all__ = ["Evidence", "Identity", "MentionFilter", "Store", "StoreError"]


class Store:
    """Open it with `Store.open`, share it between threads, close it at the end."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.alerting = Alerting(database)
        self.casebook = Casebook(database)
        self.handover = Handover(database)
        self.impact = Impact(database)
        self.judgements = Judgements(database)
        self.looks = Looks(database)
        self.people = People(database)
        self.privacy = Privacy(database)
        self.pulses = Pulses(database)
        self.referrals = Referrals(database)
        self.surveys = Surveys(database)
        self.segments = Segments(database)
        self.testimonials = Testimonials(database)

    @classmethod
    def open(cls, url: str) -> Store:
        """Connect, make the folder of a SQLite file, and bring the tables to this version.

        `url` is `sqlite:///path/to/file.db` or `postgresql+psycopg://user:password@host/name`.
        """
        return cls(Database.open(url))

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *reason: object) -> None:
        self.close()

    # ---------------------------------------------------------------- posts in

    def fresh(self, mentions_of: Sequence[tuple[Post, str]]) -> set[Identity]:
        """Which (post, topic) pairs need analysis: not stored yet, or stored with another text.

        Returns identities (platform, external id, topic). Posts older than the retention are never fresh.
        """
        with self._database.read() as connection:
            return mentions.fresh(connection, mentions_of)

    def save_page(
        self,
        *,
        source: str,
        kind: str,
        mentions: Sequence[Mention],
        seen: Sequence[Post],
        cursor: Mapping[str, Any],
        at: datetime,
    ) -> list[Mention]:
        """Store one page and move the source's cursor, all or nothing; calling it twice is calling it once.

        `mentions` are inserted, or replace what is stored under their identity. `seen` posts refresh
        engagement, rating and followers where they are stored, and are ignored where not. An unknown count
        never overwrites a known one, nor does a post fetched earlier than the stored one. Returns the stored
        mentions with their ids, one an identity, in the order given; those older than the retention are
        left out.
        """
        page = pages.Page(source, kind, tuple(mentions), tuple(seen), cursor, at)
        with self._database.write(ingest=True) as connection:
            return pages.save(connection, page)

    def record_fetch(self, fetch: Fetch, *, kind: str) -> None:
        """One row for the try, and the source's state after it (failures in a row, totals, next try)."""
        with self._database.write() as connection:
            sources.record_fetch(connection, fetch, kind=kind)

    def source(self, name: str) -> SourceState | None:
        """What we remember of a source; `None` when it was never read."""
        with self._database.read() as connection:
            return sources.one(connection, name)

    def sources(self) -> list[SourceState]:
        """Every source ever read, by name."""
        with self._database.read() as connection:
            return sources.every(connection)

    def fetches(self, source: str | None = None, limit: int = 100) -> list[Fetch]:
        """The latest tries, newest first; of every source when `source` is None."""
        with self._database.read() as connection:
            return sources.fetches(connection, source, limit)

    # ---------------------------------------------------------------- mentions out

    def mentions(self, where: MentionFilter, limit: int = 100, offset: int = 0) -> list[Mention]:
        """Newest first."""
        with self._database.read() as connection:
            return mentions.select_page(connection, where, limit, offset)

    def count(self, where: MentionFilter) -> int:
        with self._database.read() as connection:
            return mentions.count(connection, where)

    def mention(self, mention_id: int) -> Mention | None:
        found = self.mentions_by_id([mention_id])
        return found[0] if found else None

    def mentions_by_id(self, ids: Iterable[int]) -> list[Mention]:
        """In the order of `ids`; ids that are not stored (any more) are left out."""
        with self._database.read() as connection:
            return mentions.by_id(connection, list(ids))

    def stories(self, topic: str, since: datetime) -> list[int]:
        """The stories with a mention created at or after `since`, the most recently active first."""
        with self._database.read() as connection:
            return mentions.stories(connection, topic, since)

    def authors_with_mentions(
        self, topic: str, since: datetime, until: datetime, *, min_mentions: int = 1
    ) -> Iterator[tuple[Author, list[Mention]]]:
        """Every author with at least `min_mentions` mentions in [since, until), with these, oldest first.

        Streams: a few hundred authors are in memory at a time, and no connection is held between them.
        Mentions without a known author are left out, and so are accounts that opted out.
        """
        return self.privacy.allowed(mentions.by_author(self._database, topic, since, until, min_mentions))

    # ---------------------------------------------------------------- the history of a topic

    def buckets(self, topic: str, start: datetime, end: datetime) -> list[Bucket]:
        """One bucket an hour from the hour of `start` up to `end`, zeros included; from roll-ups only."""
        with self._database.read() as connection:
            return buckets.gapless(connection, topic, start, end)

    def totals(self, topic: str, start: datetime, end: datetime) -> Bucket:
        """The sum of `buckets`. `authors` and `reach` add up hours: an author counts once an hour."""
        with self._database.read() as connection:
            return buckets.totals(connection, topic, start, end)

    def platforms(self, topic: str, start: datetime, end: datetime) -> dict[str, Bucket]:
        """`totals` by platform, the largest volume first; from roll-ups only."""
        with self._database.read() as connection:
            return buckets.platforms(connection, topic, start, end)

    def history(self, topic: Topic, now: datetime, *, days: int = 56) -> History:
        """What detection reads: hourly buckets up to and including the hour of `now`, the last 48 h singly.

        Nothing created after `now` is in it. `since` is the start of the window, or the hour of the topic's
        first mention, or the moment of `begin_watch`: backfilled posts count as data.
        """
        with self._database.read() as connection:
            return history.history(connection, topic, now, days=days)

    def observations(self, topic: str, since: datetime, until: datetime) -> tuple[Observation, ...]:
        """The mentions created after `since` and up to `until` in the few fields detection needs, oldest first."""
        with self._database.read() as connection:
            return history.observations(connection, topic, since, until)

    def begin_watch(self, topic: str, now: datetime) -> datetime:
        """Remember when we began to watch a topic, once; returns that first moment.

        From then on an hour without mentions is a zero and not missing data.
        """
        with self._database.write() as connection:
            return settings.begin_watch(connection, topic, now)

    # ---------------------------------------------------------------- incidents

    def incidents(
        self, topic: str | None = None, state: IncidentState | None = None, limit: int = 100
    ) -> list[Incident]:
        """The latest opened first."""
        with self._database.read() as connection:
            return incidents.latest(connection, topic, (state,) if state else tuple(IncidentState), limit)

    def open_incidents(self, topic: str | None = None) -> list[Incident]:
        """Everything not resolved: open and acknowledged."""
        unresolved = (IncidentState.OPEN, IncidentState.ACKNOWLEDGED)
        with self._database.read() as connection:
            return incidents.latest(connection, topic, unresolved, None)

    def incident(self, incident_id: int) -> Incident | None:
        with self._database.read() as connection:
            return incidents.one(connection, incident_id)

    def save_incident(self, incident: Incident) -> Incident:
        """What detection says, stored under `incident.key`; returns the incident as it now stands.

        A person's word stays: see the table of transitions in `storage/incidents.py`. The texts of the
        evidence are copied and locked the first time they are named.
        """
        with self._database.write() as connection:
            return incidents.save(connection, incident)

    def acknowledge(self, incident_id: int, by: str, now: datetime) -> bool:
        """A person takes an open incident; False when it is not open (any more)."""
        with self._database.write() as connection:
            return incidents.acknowledge(connection, incident_id, by, now)

    def resolve(self, incident_id: int, by: str, now: datetime) -> bool:
        """A person closes an incident; False when it is already resolved or unknown."""
        with self._database.write() as connection:
            return incidents.resolve(connection, incident_id, by, now)

    def evidence(self, incident_id: int) -> list[Evidence]:
        """The locked copies: what each post said when it was first named, even after it is purged."""
        with self._database.read() as connection:
            return evidence.of_incident(connection, incident_id)

    # ---------------------------------------------------------------- advocates

    def save_advocates(self, topic: str, advocates: Sequence[Advocate], now: datetime) -> list[Advocate]:
        """The whole ranking of a topic, as of `now`; returns it with ids and stages.

        Stages survive. An advocate who is not in the ranking any more keeps id and stage with score 0.
        """
        with self._database.write(ingest=True) as connection:
            return save_ranking(connection, topic, advocates, now)

    def advocates(self, topic: str | None = None, min_score: float = 0, limit: int = 100) -> list[Advocate]:
        """Best first. Candidates who dropped out of the ranking are left out, and who opted out."""
        with self._database.read() as connection:
            return advocates.best(connection, topic, min_score, limit)

    def advocate(self, advocate_id: int) -> Advocate | None:
        with self._database.read() as connection:
            return advocates.one(connection, advocate_id)

    # ---------------------------------------------------------------- notifications and silences

    def begin_notification(self, notification: Notification) -> Notification | None:
        """Write the row (state as given: `SENDING`, or `MUTED`) and commit, BEFORE the attempt.

        None when this alert was begun on this channel before: (alert_key, channel) is unique for ever.
        """
        with self._database.write() as connection:
            return notifications.begin(connection, notification)

    def take_notification(self, notification_id: int, now: datetime) -> Notification | None:
        """Take a due retry: RETRY becomes SENDING and `attempts` grows by one, committed BEFORE the attempt.

        None when it is not waiting for a retry any more (another worker took it).
        """
        with self._database.write() as connection:
            return notifications.take(connection, notification_id, now)

    def finish_notification(
        self,
        notification_id: int,
        *,
        state: Delivery,
        now: datetime,
        error: str = "",
        next_at: datetime | None = None,
        remote_id: str = "",
    ) -> bool:
        """How the attempt ended. False when the row is already `SENT` (that is never taken back) or unknown.

        `SENDING` as the state counts as one more attempt.
        """
        with self._database.write() as connection:
            ending: dict[str, Any] = {"error": error, "next_at": next_at, "remote_id": remote_id}
            return notifications.finish(connection, notification_id, state=state, now=now, **ending)

    def due_notifications(self, now: datetime, limit: int = 100) -> list[Notification]:
        """Waiting for a retry whose time has come, the longest waiting first."""
        with self._database.read() as connection:
            return notifications.due(connection, now, limit)

    def reclaim(self, now: datetime) -> int:
        """At start: rows left `SENDING` by a dead process become `RETRY`, due `now`. Returns how many."""
        with self._database.write() as connection:
            return notifications.reclaim(connection, now)

    def notifications(self, limit: int = 100, topic: str | None = None) -> list[Notification]:
        """Newest first."""
        with self._database.read() as connection:
            return notifications.latest(connection, limit, topic)

    def add_silence(self, silence: Silence) -> Silence:
        with self._database.write() as connection:
            return silences.add(connection, silence)

    def silences(self, now: datetime) -> list[Silence]:
        """Those in force at `now`."""
        with self._database.read() as connection:
            return silences.active(connection, now)

    def end_silence(self, silence_id: int, now: datetime) -> bool:
        """False when it is over already or unknown."""
        with self._database.write() as connection:
            return silences.end(connection, silence_id, now)

    # ---------------------------------------------------------------- upkeep

    def purge(self, before: datetime) -> int:
        """Retention: forget mentions, posts and authors from before the hour of `before`; many transactions.

        Roll-ups stay, so do the mentions that are evidence of an incident and the authors who are advocates.
        Posts from before that hour are not stored again. Returns the number of mentions forgotten.
        """
        return retention.purge(self._database, before)

    def setting(self, name: str) -> str | None:
        with self._database.read() as connection:
            return settings.read(connection, name)

    def set_setting(self, name: str, value: str) -> None:
        with self._database.write() as connection:
            settings.write(connection, name, value)

    def integrity(self) -> list[str]:
        """What is wrong with the database, in English, one line a fault; empty when nothing is.

        Reads every mention: for `kikimimi check` and tests, not for a dashboard.
        """
        with self._database.read() as connection:
            return integrity.faults(connection)
