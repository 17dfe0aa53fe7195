"""Who brought whom, by what the referral tools say. `Store.referrals` is the door to it.

People are in it as salted digests. `advocate_id` is never stored: it is worked out at every read, from consents
that stand at that moment, so that it is gone as soon as a consent is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.sql.elements import ColumnElement

from storage import addresses, refusals
from storage.engine import Database
from storage.models_surveys import REFERRAL
from storage.once import Added, once
from storage.upsert import Row


class ReferralKind(StrEnum):
    """What happened: asked to refer, a link was followed, somebody came, somebody bought."""

    INVITED = "invited"
    CLICKED = "clicked"
    REFERRED = "referred"
    PURCHASED = "purchased"


CAME = (ReferralKind.REFERRED, ReferralKind.PURCHASED)


@dataclass(frozen=True, slots=True)
class Referral:
    """One event as stored.

    `referrer` is the account or e-mail digest, never a plain address; `customer` the pseudonymous key of the referred
    customer, "" before there is one. `value` is in `currency` (ISO 4217), None where nothing was bought.
    `advocate_id` only where a consent stands that lets us recognise the person by their address.
    """

    topic: str
    at: datetime
    kind: str
    referrer: str
    advocate_id: int | None
    customer: str
    value: float | None
    currency: str
    source: str
    external_id: str
    id: int | None = None


@dataclass(frozen=True, slots=True)
class ReferralGiven:
    """One event as a file or a tool tells it, not stored yet. `referrer` and `customer` are addresses or ids there."""

    at: datetime
    kind: ReferralKind
    referrer: str
    customer: str = ""
    value: float | None = None
    currency: str = ""
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class ReferralTotals:
    """Figures of a stretch of time.

    `referrers` brought at least one customer; `revenue` is by currency and never added up.
    """

    invited: int
    clicked: int
    referred: int
    purchased: int
    referrers: int
    customers: int
    buyers: int
    revenue: dict[str, float] = field(default_factory=dict)


class Referrals:
    """Referrals of all topics."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, topic: str, source: str, given: Sequence[ReferralGiven], now: datetime, *, dry: bool = False
    ) -> Added:
        """Store these events, all or nothing; what is there already stays, and erased people are left out.

        `dry` counts only: nothing is written.
        """
        with self._database.write(ingest=True) as connection:  # no erasure may come between
            salted = addresses.digester(connection)
            rows = [
                _row(topic, source, one, salted(one.referrer), salted(one.customer), now) for one in given
            ]
            ids = [one.external_id for one in given]
            return once(connection, REFERRAL, rows, ids, people=("referrer", "customer"), dry=dry)

    def between(
        self, topic: str | None, since: datetime, until: datetime, *, now: datetime | None = None
    ) -> list[Referral]:
        """From `since` up to, not including, `until`; the oldest first. `topic` None: of all topics.

        `now` is when consents are asked for (the clock of this machine when left out).
        """
        with self._database.read() as connection:
            return self._found(connection, _within(topic, since, until), now)

    def of_address(self, address: str, now: datetime) -> list[Referral]:
        """Everything about one address, as referrer or as customer."""
        with self._database.read() as connection:
            digest = refusals.hasher(connection)(addresses.name(address))
            if not digest:
                return []
            return self._found(
                connection, (REFERRAL.c.referrer == digest) | (REFERRAL.c.customer == digest), now
            )

    def totals(self, topic: str | None, since: datetime, until: datetime) -> ReferralTotals:
        within = _within(topic, since, until)
        came = REFERRAL.c.kind.in_([kind.value for kind in CAME])
        bought = REFERRAL.c.kind == ReferralKind.PURCHASED.value
        with self._database.read() as connection:
            counted = (
                select(REFERRAL.c.kind, func.count().label("number")).where(within).group_by(REFERRAL.c.kind)
            )
            kinds: dict[str, int] = {row.kind: row.number for row in connection.execute(counted)}
            money = select(REFERRAL.c.currency, func.sum(REFERRAL.c.value)).where(
                within, bought, REFERRAL.c.value.is_not(None)
            )
            revenue = connection.execute(money.group_by(REFERRAL.c.currency).order_by(REFERRAL.c.currency))
            return ReferralTotals(
                invited=kinds.get(ReferralKind.INVITED.value, 0),
                clicked=kinds.get(ReferralKind.CLICKED.value, 0),
                referred=kinds.get(ReferralKind.REFERRED.value, 0),
                purchased=kinds.get(ReferralKind.PURCHASED.value, 0),
                referrers=_distinct(connection, REFERRAL.c.referrer, within & came),
                customers=_distinct(connection, REFERRAL.c.customer, within & came),
                buyers=_distinct(connection, REFERRAL.c.customer, within & bought),
                revenue={currency: float(amount) for currency, amount in revenue},
            )

    def _found(
        self, connection: Connection, where: ColumnElement[bool], now: datetime | None
    ) -> list[Referral]:
        people = addresses.joined(connection, now or datetime.now(UTC))
        wanted: Select[tuple[object, ...]] = select(REFERRAL).where(where)
        rows = connection.execute(wanted.order_by(REFERRAL.c.at, REFERRAL.c.id)).mappings()
        names = [name for name in Referral.__dataclass_fields__ if name != "advocate_id"]
        return [
            Referral(
                **{name: row[name] for name in names},
                advocate_id=people.get((row["topic"], row["referrer"])),
            )
            for row in rows
        ]


def _within(topic: str | None, since: datetime, until: datetime) -> ColumnElement[bool]:
    within = (REFERRAL.c.at >= since) & (REFERRAL.c.at < until)
    return within if topic is None else within & (REFERRAL.c.topic == topic)


def _distinct(connection: Connection, column: ColumnElement[str], where: ColumnElement[bool]) -> int:
    """How many different people; events of nobody known are not counted."""
    return connection.scalar(select(func.count(column.distinct())).where(where, column != "")) or 0


def _row(topic: str, source: str, one: ReferralGiven, referrer: str, customer: str, now: datetime) -> Row:
    return {
        "topic": topic,
        "at": one.at,
        "kind": one.kind.value,
        "referrer": referrer,
        "customer": customer,
        "value": one.value,
        "currency": one.currency,
        "source": source,
        "imported_at": now,
    }
