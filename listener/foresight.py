"""Who may become an advocate: worked out once a day from what is stored, and kept as a setting of the topic.

What is kept names nobody: a prospect is the number of an advocate's row, so an erasure takes the person away from it
too. Whoever was contacted, opted out, was turned down or has arrived since is left out when it is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from alerts import journey
from alerts.advocacy import prospects
from alerts.advocacy.ahead import Missing
from alerts.advocacy.prospects import Backtest, Influence, Outlook, Prospect
from alerts.advocates import AdvocateSettings, qualifies
from storage.db import Store
from storage.types import Advocate, Mention, Reason, Stage, Topic

SETTING = "prospects:"
SPAN = timedelta(days=730)  # of history that is learned from
EVERYBODY = 100_000
OPEN = (Stage.CANDIDATE, Stage.REVIEWED)
_LONG_AGO = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Kept:
    """A prospect as it is kept: `advocate` is the row of who it is."""

    advocate: int
    probability: float | None
    low: float | None
    high: float | None
    influences: tuple[Influence, ...]
    missing: Missing
    evidence: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """A topic's outlook as it is kept; see `prospects.Outlook`."""

    topic: str
    at: datetime
    days: int
    made: int
    candidates: int
    fallback: Reason | None
    backtest: Backtest | None
    prospects: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A prospect with the row it names and the posts that show it, the newest first."""

    kept: Kept
    advocate: Advocate
    mentions: tuple[Mention, ...]


_BOARD = TypeAdapter(Board)


def outlook(
    store: Store, topic: Topic, settings: AdvocateSettings, now: datetime, *, limit: int = 100
) -> Outlook:
    """The topic's prospects as they stood at `now`. Writes nothing."""
    contacted = store.people.contacted_at(topic.name)
    people = store.authors_with_mentions(topic.name, now - SPAN, now)
    own = list(journey.organic_part(people, contacted))
    closed = {
        (one.author.platform, one.author.external_id): _LONG_AGO
        for one in store.advocates(topic.name, limit=EVERYBODY)
        if one.stage is Stage.LEFT
    }
    return prospects.outlook(topic, own, settings, now, contacted={**closed, **contacted}, limit=limit)


def refresh(store: Store, topic: Topic, settings: AdvocateSettings, now: datetime) -> Board | None:
    """Work out a topic's outlook and keep it; None while nobody was ranked yet, or when today's is there."""
    if not due(store, topic, now) or not store.advocates(topic.name, limit=1):
        return None
    found = outlook(store, topic, settings, now)
    rows = {_account(one): one.id or 0 for one in store.advocates(topic.name, limit=EVERYBODY)}
    listed = [(rows.get((one.author.platform, one.author.external_id)), one) for one in found.prospects]
    board = Board(
        found.topic, found.at, found.days, found.made, found.candidates, found.fallback, found.backtest,
        tuple(_kept(number, one) for number, one in listed if number is not None),
    )  # fmt: skip
    store.set_setting(SETTING + topic.name, _BOARD.dump_json(board).decode())
    return board


def due(store: Store, topic: Topic, now: datetime) -> bool:
    """Once a day of the topic's calendar."""
    board = kept(store, topic)
    zone = ZoneInfo(topic.timezone)
    return board is None or board.at.astimezone(zone).date() != now.astimezone(zone).date()


def kept(store: Store, topic: Topic) -> Board | None:
    """What was kept last; None when nothing was, or another version wrote it."""
    written = store.setting(SETTING + topic.name)
    try:
        return _BOARD.validate_json(written) if written else None
    except ValidationError:
        return None


def shown(store: Store, board: Board, settings: AdvocateSettings) -> list[Shown]:
    """Those of the board who are still nobody's: not contacted, not opted out, organic, not yet an advocate."""
    rows = {one.id: one for one in store.advocates(board.topic, limit=EVERYBODY)}
    journeys = store.people.journeys([one.advocate for one in board.prospects if one.advocate in rows])
    found = []
    for one in board.prospects:
        advocate, way = rows.get(one.advocate), journeys.get(one.advocate)
        if advocate is None or way is None or way.contacted_at is not None or way.opted_out_at is not None:
            continue
        if advocate.stage in OPEN and advocate.organic and not qualifies(advocate, settings):
            found.append((one, advocate))
    wanted = {mention for one, _ in found for mention in one.evidence}
    mentions = {one.id: one for one in store.mentions_by_id(wanted)}
    return [Shown(one, advocate, _those(one.evidence, mentions)) for one, advocate in found]


def _those(evidence: Sequence[int], mentions: dict[int | None, Mention]) -> tuple[Mention, ...]:
    return tuple(mentions[number] for number in evidence if number in mentions)


def _kept(number: int, one: Prospect) -> Kept:
    return Kept(number, one.probability, one.low, one.high, one.influences, one.missing, one.evidence)


def _account(advocate: Advocate) -> tuple[str, str]:
    return advocate.author.platform, advocate.author.external_id
